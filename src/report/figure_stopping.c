/* What early stopping would have saved and cost: a panel a variant, in it a point a criterion, the
 * mean over the seeds. */
#include "base/stream.h"
#include "report/figures.h"
#include "report/tiling.h"

#include <math.h>
#include <string.h>

enum { CRITERIA_MAX = 24, COLUMNS_MAX = 4 };

/* A criterion that stops some trial. Those of one family, such as `patience(epochs=3)` and
 * `patience(epochs=5)`, have one colour; no two have the same point, so that they can be told in
 * grey. */
struct criterion {
    const char *name;
    struct stroke stroke;
};

/* A criterion in a variant: what it saves, and the accuracy in percent that it wins; both are 0 for
 * the seeds that it does not stop. */
struct outcome {
    size_t seeds, stopped;
    struct moments saved, change;
};

struct stopping {
    const struct figure_source *source;
    struct tiling tiling;
    struct criterion criteria[CRITERIA_MAX];
    size_t count;
    struct outcome outcomes[TILES_MAX][CRITERIA_MAX];
    const char *metric; /* what the change is measured by; NULL: nothing stops */
    const char *idle;   /* `, up(strips=2)`: the criteria that stop no trial */
    struct range across, up;
};

enum { CELL_VARIANT, CELL_CRITERION, CELL_SAVED, CELL_CHANGE, CELL_METRIC, CELL_STOPS, CELLS };

/* Of the variants that have a panel. */
static bool read_rows(const struct stopping *stopping, struct table *table, struct error *err) {
    const struct figure_source *source = stopping->source;
    const char *variants = "[";
    for (size_t t = 0; t < stopping->tiling.count; t++)
        variants = arena_printf(source->arena, "%s%s\"%s\"", variants, t ? "," : "",
                                stopping->tiling.tiles[t].group->variant);
    const char *sql = arena_printf(
        source->arena,
        "SELECT variant, criterion, %s, 100 * accuracy_change, accuracy_metric, stop_epoch IS NOT "
        "NULL FROM json_each(?2) v CROSS JOIN trial_rows t ON t.variant = v.value CROSS JOIN "
        "member_rows m ON m.trial_id = t.id CROSS JOIN stopping_rows s ON s.trial_id = t.id WHERE "
        "experiment = ?1 AND in_plan AND state = 'done' AND (stop_epoch IS NULL OR accuracy_change "
        "IS NOT NULL) ORDER BY substr(criterion, 1, instr(criterion, '(')), length(criterion), "
        "criterion, variant",
        source->x->saved);
    struct sql_value cells[] = {sql_text(source->results->experiment),
                                sql_text(arena_printf(source->arena, "%s]", variants))};
    return query_table(source->database, sql, cells, 2, source->arena, table, err);
}

static bool same_family(const char *a, const char *b) {
    return strncmp(a, b, strcspn(a, "(") + 1) == 0;
}

/* Criteria of a family follow one another: they are in the order of their names. */
static void add_criterion(struct stopping *stopping, const char *name) {
    size_t family = 0, member = 0;
    for (size_t i = 0; i < stopping->count; i++) {
        bool same = same_family(name, stopping->criteria[i].name);
        member += same;
        family +=
            !same && (i + 1 == stopping->count ||
                      !same_family(stopping->criteria[i].name, stopping->criteria[i + 1].name));
    }
    static const int points[][3] = {{7, 6, 1}, {5, 4, 2}, {9, 8, 3}, {13, 12, 10}};
    enum { FAMILIES = sizeof points / sizeof *points, MEMBERS = sizeof *points / sizeof **points };
    struct stroke stroke = figure_strokes[family % FIGURE_STROKES];
    stroke.point = points[family % FAMILIES][member % MEMBERS];
    stopping->criteria[stopping->count++] = (struct criterion){name, stroke};
}

static size_t tile_of(const struct stopping *stopping, const char *variant) {
    size_t t = 0;
    while (t < stopping->tiling.count &&
           strcmp(stopping->tiling.tiles[t].group->variant, variant) != 0)
        t++;
    return t;
}

/* Rows from..to-1 of the table are one criterion's in one variant. */
static void add_outcome(struct stopping *stopping, size_t criterion, const struct table *table,
                        size_t from, size_t to) {
    struct arena *arena = stopping->source->arena;
    size_t t = tile_of(stopping, table->cells[from * CELLS + CELL_VARIANT].text);
    if (t == stopping->tiling.count)
        return;
    struct outcome *outcome = &stopping->outcomes[t][criterion];
    double *saved = arena_alloc(arena, to - from, sizeof *saved);
    double *change = arena_alloc(arena, to - from, sizeof *change);
    outcome->seeds = to - from;
    for (size_t i = from; i < to; i++) {
        const struct sql_value *cells = &table->cells[i * CELLS];
        bool stops = cells[CELL_STOPS].integer != 0;
        outcome->stopped += stops;
        saved[i - from] = stops ? sql_number(&cells[CELL_SAVED]) : 0;
        change[i - from] = stops ? sql_number(&cells[CELL_CHANGE]) : 0;
        if (stops && cells[CELL_METRIC].type == SQL_TEXT)
            stopping->metric = strcmp(cells[CELL_METRIC].text, "test_accuracy") == 0
                                   ? "test accuracy"
                                   : "validation accuracy";
    }
    outcome->saved = moments_of(saved, to - from, 1);
    outcome->change = moments_of(change, to - from, 1);
}

/* Whether a criterion stops a trial of some variant that has a panel. */
static bool is_active(const struct stopping *stopping, size_t criterion) {
    for (size_t t = 0; t < stopping->tiling.count; t++)
        if (stopping->outcomes[t][criterion].stopped)
            return true;
    return false;
}

static bool load(struct stopping *stopping, struct error *err) {
    struct table table;
    if (!read_rows(stopping, &table, err))
        return false;
    for (size_t from = 0, to = 0; from < table.rows && stopping->count < CRITERIA_MAX; from = to) {
        const char *name = table.cells[from * CELLS + CELL_CRITERION].text;
        size_t criterion = stopping->count;
        for (size_t t = 0; t < TILES_MAX; t++)
            stopping->outcomes[t][criterion] = (struct outcome){0};
        while (to < table.rows &&
               strcmp(table.cells[to * CELLS + CELL_CRITERION].text, name) == 0) {
            size_t first = to;
            const char *variant = table.cells[first * CELLS + CELL_VARIANT].text;
            while (to < table.rows &&
                   strcmp(table.cells[to * CELLS + CELL_CRITERION].text, name) == 0 &&
                   strcmp(table.cells[to * CELLS + CELL_VARIANT].text, variant) == 0)
                to++;
            add_outcome(stopping, criterion, &table, first, to);
        }
        if (is_active(stopping, criterion))
            add_criterion(stopping, name);
        else
            stopping->idle = arena_printf(stopping->source->arena, "%s, %s", stopping->idle, name);
    }
    return true;
}

/* All panels have one scale, in which 0 lies. */
static void find_ranges(struct stopping *stopping) {
    size_t most = 1 + 2 * stopping->tiling.count * stopping->count, count = 1;
    double *x = arena_alloc(stopping->source->arena, most, sizeof *x);
    double *y = arena_alloc(stopping->source->arena, most, sizeof *y);
    x[0] = y[0] = 0;
    for (size_t t = 0; t < stopping->tiling.count; t++)
        for (size_t i = 0; i < stopping->count; i++) {
            const struct outcome *o = &stopping->outcomes[t][i];
            if (!o->stopped)
                continue;
            x[count] = curve_low(&o->saved, o->seeds);
            y[count++] = curve_low(&o->change, o->seeds);
            x[count] = curve_high(&o->saved, o->seeds);
            y[count++] = curve_high(&o->change, o->seeds);
        }
    stopping->across = range_of(x, count, false, 0);
    stopping->up = range_of(y, count, false, 0);
}

/* A block a variant, a line a criterion. */
static const char *data_of(const struct stopping *stopping) {
    struct arena *arena = stopping->source->arena;
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t t = 0; t < stopping->tiling.count; t++) {
        fprintf(
            out,
            "# %s\n# point\t%s saved: mean\tlow\thigh\tchange of accuracy: mean\tlow\thigh\t"
            "seeds stopped\tseeds\tcriterion\nNaN\n",
            gnuplot_plain(figure_label(stopping->source, stopping->tiling.tiles[t].group), arena),
            stopping->source->x->name);
        for (size_t i = 0; i < stopping->count; i++) {
            const struct outcome *o = &stopping->outcomes[t][i];
            if (!o->stopped)
                continue;
            fprintf(out, "%zu", i);
            figure_put_moments(&o->saved, o->seeds, arena, out);
            figure_put_moments(&o->change, o->seeds, arena, out);
            fprintf(out, "\t%zu\t%zu\t%s\n", o->stopped, o->seeds,
                    gnuplot_plain(stopping->criteria[i].name, arena));
        }
        fputs("\n\n", out);
    }
    return stream_text(&stream, arena);
}

static void put_points(const struct stopping *stopping, size_t t, FILE *out) {
    fputs("  plot 0 with lines lc rgb '#404040' lw 1", out);
    for (size_t i = 0; i < stopping->count; i++) {
        const struct outcome *o = &stopping->outcomes[t][i];
        const struct stroke *stroke = &stopping->criteria[i].stroke;
        if (!o->stopped)
            continue;
        if (o->seeds > 1)
            fprintf(out,
                    ", 'stopping.tsv' index %zu using ($1 == %zu ? $3 : NaN):5:($4 - $3):(0) with "
                    "vectors nohead lw 1 lc rgb '%s', '' index %zu using ($1 == %zu ? $2 : "
                    "NaN):6:(0):($7 - $6) with vectors nohead lw 1 lc rgb '%s'",
                    t, i, stroke->colour, t, i, stroke->colour);
        fprintf(out,
                ", 'stopping.tsv' index %zu using ($1 == %zu ? $2 : NaN):5 with points pt %d ps 1 "
                "lc rgb '%s'",
                t, i, stroke->point, stroke->colour);
    }
    fputc('\n', out);
}

/* Why a panel has no points, or "". */
static const char *why_empty(const struct stopping *stopping, size_t t) {
    const struct group *group = stopping->tiling.tiles[t].group;
    for (size_t i = 0; i < stopping->count; i++)
        if (stopping->outcomes[t][i].stopped)
            return "";
    return !group->count                     ? "not trained yet"
           : group->diverged == group->count ? "diverged"
                                             : "nothing stops";
}

static const char *title_of(const struct stopping *stopping, size_t t) {
    return stopping->source->variation->variants > 1
               ? figure_label(stopping->source, stopping->tiling.tiles[t].group)
               : "";
}

static void put_panel(const struct stopping *stopping, size_t t, double top, double head,
                      struct canvas *canvas) {
    struct arena *arena = canvas->arena;
    struct plot_area panel = tiling_area(canvas, &stopping->tiling, t, top, head);
    double width = panel.right - panel.left, height = panel.bottom - panel.top;
    canvas_panel(canvas, panel, title_of(stopping, t), "");
    canvas_x(canvas, panel, stopping->across,
             ticks_linear(stopping->across, (size_t)(width / 60), arena),
             tiling_is_lowest(&stopping->tiling, t) ? stopping->source->x->saved_label : "");
    canvas_y(canvas, panel, stopping->up,
             ticks_linear(stopping->up, (size_t)(height / 35) + 1, arena),
             stopping->tiling.tiles[t].column
                 ? ""
                 : arena_printf(arena, "change of %s (percentage points)", stopping->metric),
             false);
    const char *why = why_empty(stopping, t);
    if (*why)
        canvas_empty(canvas, panel, why);
    else
        put_points(stopping, t, canvas->script.out);
}

static const char *caption_of(const struct stopping *stopping, const struct group *const *groups) {
    const struct figure_source *source = stopping->source;
    return arena_printf(source->arena,
                        "%s%s, with 0 for seeds that it does not stop; in parentheses: trials that "
                        "it stops; nothing was trained again%s%s",
                        figure_caption(source, groups, stopping->tiling.count, false, ROOM_FULL),
                        figure_bar(source->results, source->arena),
                        *stopping->idle ? "; criteria that stop no seed: " : "",
                        *stopping->idle ? stopping->idle + 2 : "");
}

/* `gl(alpha=2) (5 of 12)`: of the trials in the panels, those that it stops. */
static const char *words_of(const struct stopping *stopping, size_t criterion) {
    size_t stopped = 0, trials = 0;
    for (size_t t = 0; t < stopping->tiling.count; t++) {
        stopped += stopping->outcomes[t][criterion].stopped;
        trials += stopping->outcomes[t][criterion].seeds;
    }
    return arena_printf(stopping->source->arena, "%s (%zu of %zu)",
                        stopping->criteria[criterion].name, stopped, trials);
}

static void put_body(const struct stopping *stopping, struct drawing *drawing) {
    const struct figure_source *source = stopping->source;
    const struct tiling *tiling = &stopping->tiling;
    struct legend_entry entries[CRITERIA_MAX];
    const struct group *groups[TILES_MAX];
    double head = 0;
    struct canvas canvas = figure_canvas(source, tiling_width(tiling, source->width));
    for (size_t t = 0; t < tiling->count; t++)
        groups[t] = tiling->tiles[t].group;
    canvas_header(&canvas, figure_title(source, "what early stopping would have saved and cost"),
                  caption_of(stopping, groups));
    for (size_t i = 0; i < stopping->count; i++) {
        struct stroke point = stopping->criteria[i].stroke;
        point.width = 0;
        point.pen = 0;
        entries[i] = (struct legend_entry){words_of(stopping, i), point, false};
    }
    canvas_legend(&canvas, entries, stopping->count);
    double top = canvas.height + 10;
    for (size_t t = 0; t < tiling->count; t++) {
        struct plot_area panel = tiling_area(&canvas, tiling, t, top, 0);
        head = fmax(head, canvas_panel_head(title_of(stopping, t), "", panel.right - panel.left,
                                            source->plain, source->arena));
    }
    canvas.head = head;
    for (size_t t = 0; t < tiling->count; t++)
        put_panel(stopping, t, top, head, &canvas);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_stopping(const struct figure_source *source, struct drawing *drawing,
                     struct error *err) {
    struct stopping *stopping = arena_alloc(source->arena, 1, sizeof *stopping);
    stopping->source = source;
    stopping->idle = "";
    stopping->tiling = tiling_of(source->results, source->variation, figure_ranked(source),
                                 figure_columns(source, COLUMNS_MAX));
    if (!load(stopping, err))
        return false;
    if (!stopping->metric)
        return true; /* nothing stops, or no accuracy to lose */
    find_ranges(stopping);
    drawing->data = data_of(stopping);
    put_body(stopping, drawing);
    return true;
}
