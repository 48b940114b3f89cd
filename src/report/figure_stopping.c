/* What early stopping would have saved and cost: a point a criterion, the mean over all trials. */
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CRITERIA_MAX = 24, PLOT_HEIGHT = 340 };

/* A criterion that stops some trial: epochs saved, and accuracy in percent won; both are 0 for the
 * trials that it does not stop. */
struct criterion {
    const char *name;
    size_t trials, stopped;
    struct moments saved, change;
    struct stroke stroke;
};

struct stopping {
    const struct figure_source *source;
    struct criterion criteria[CRITERIA_MAX];
    size_t count, trials;
    const char *metric; /* what the change is measured by */
    const char *idle;   /* `; up(strips=2) stops no trial`, or "" */
};

/* Criteria of one family, such as `patience(epochs=3)` and `patience(epochs=5)`, have one colour;
 * they stand side by side, since they are in the order of their names. */
static struct stroke next_stroke(const struct stopping *stopping, const char *name) {
    if (!stopping->count)
        return figure_strokes[0];
    const struct criterion *last = &stopping->criteria[stopping->count - 1];
    bool same = strncmp(name, last->name, strcspn(name, "(") + 1) == 0;
    size_t colour = 0, point = 0;
    while (strcmp(figure_strokes[colour].colour, last->stroke.colour) != 0)
        colour++;
    while (figure_strokes[point].point != last->stroke.point)
        point++;
    struct stroke stroke = figure_strokes[(colour + !same) % FIGURE_STROKES];
    stroke.point = figure_strokes[same ? (point + 1) % FIGURE_STROKES : 0].point;
    return stroke;
}

static void add_criterion(struct stopping *stopping, const struct table *table, size_t from,
                          size_t to) {
    struct arena *arena = stopping->source->arena;
    double *saved = arena_alloc(arena, to - from, sizeof *saved);
    double *change = arena_alloc(arena, to - from, sizeof *change);
    struct criterion criterion = {.name = table->cells[from * table->columns].text,
                                  .trials = to - from};
    for (size_t i = from; i < to; i++) {
        const struct sql_value *cells = &table->cells[i * table->columns];
        bool stops = cells[1].type != SQL_NULL;
        criterion.stopped += stops;
        saved[i - from] = stops ? sql_number(&cells[2]) : 0;
        change[i - from] = stops ? 100 * sql_number(&cells[3]) : 0;
        if (stops && cells[4].type == SQL_TEXT)
            stopping->metric = strcmp(cells[4].text, "test_accuracy") == 0 ? "test accuracy"
                                                                           : "validation accuracy";
    }
    if (!criterion.stopped) {
        stopping->idle = arena_printf(arena, "%s%s%s", stopping->idle, *stopping->idle ? ", " : "",
                                      criterion.name);
        return;
    }
    criterion.saved = moments_of(saved, to - from, 1);
    criterion.change = moments_of(change, to - from, 1);
    criterion.stroke = next_stroke(stopping, criterion.name);
    stopping->criteria[stopping->count++] = criterion;
}

static bool load(struct stopping *stopping, struct error *err) {
    static const char sql[] =
        "SELECT criterion, stop_epoch, epochs_saved, accuracy_change, accuracy_metric FROM "
        "member_rows m JOIN "
        "trial_rows t ON t.id = m.trial_id JOIN stopping_rows s ON s.trial_id = t.id WHERE "
        "experiment = ?1 AND in_plan AND state = 'done' AND (stop_epoch IS NULL OR accuracy_change "
        "IS NOT "
        "NULL) ORDER BY criterion";
    const struct figure_source *source = stopping->source;
    struct sql_value name = sql_text(source->results->experiment);
    struct table table;
    if (!query_table(source->database, sql, &name, 1, source->arena, &table, err))
        return false;
    for (size_t from = 0, to = 0; from < table.rows && stopping->count < CRITERIA_MAX; from = to) {
        const char *criterion = table.cells[from * table.columns].text;
        while (to < table.rows && strcmp(table.cells[to * table.columns].text, criterion) == 0)
            to++;
        add_criterion(stopping, &table, from, to);
        stopping->trials = to - from > stopping->trials ? to - from : stopping->trials;
    }
    return true;
}

static double half_of(const struct moments *m) {
    return isnan(m->half) ? 0 : m->half;
}

static const char *data_of(const struct stopping *stopping) {
    char *text;
    size_t size;
    FILE *out = figure_data_begin(&text, &size);
    fputs("# epochs saved: mean, low, high\taccuracy change: the same\ttrials stopped\ttrials\t"
          "criterion\n",
          out);
    for (size_t i = 0; i < stopping->count; i++) {
        const struct criterion *c = &stopping->criteria[i];
        const struct moments *x = &c->saved, *y = &c->change;
        fprintf(out, "%g\t%g\t%g\t%g\t%g\t%g\t%zu\t%zu\t%s\n", x->mean, x->mean - half_of(x),
                x->mean + half_of(x), y->mean, y->mean - half_of(y), y->mean + half_of(y),
                c->stopped, c->trials, gnuplot_plain(c->name, stopping->source->arena));
    }
    return figure_data_end(out, &text, stopping->source->arena);
}

/* The criteria beside the panel, each with its point. */
static void put_names(const struct stopping *stopping, struct plot_area panel,
                      struct canvas *canvas) {
    for (size_t i = 0; i < stopping->count; i++) {
        const struct criterion *c = &stopping->criteria[i];
        double y = panel.top + 8 + (LINE_HEIGHT + 1) * (double)i;
        fprintf(canvas->out,
                "  set label '' at screen %.1f/W, screen 1-%.1f/H point pt %d ps 0.9 lc rgb '%s' "
                "front\n",
                panel.right + 22, y, c->stroke.point, c->stroke.colour);
        canvas_text(canvas, panel.right + 34, y, "left",
                    arena_printf(canvas->arena, "%s (%zu of %zu)", c->name, c->stopped, c->trials),
                    "");
    }
}

static void put_panel(const struct stopping *stopping, struct plot_area panel,
                      struct canvas *canvas) {
    struct arena *arena = canvas->arena;
    double *x = arena_alloc(arena, 2 * stopping->count + 1, sizeof *x);
    double *y = arena_alloc(arena, 2 * stopping->count + 1, sizeof *y);
    size_t count = 1; /* 0 is shown in both */
    for (size_t i = 0; i < stopping->count; i++)
        for (int side = -1; side < 2; side += 2) {
            const struct criterion *c = &stopping->criteria[i];
            x[count] = c->saved.mean + side * half_of(&c->saved);
            y[count++] = c->change.mean + side * half_of(&c->change);
        }
    struct range across = range_of(x, count, false, 0), up = range_of(y, count, false, 0);
    canvas_panel(canvas, panel, "", "");
    canvas_x(canvas, panel, across, ticks_linear(across, 8, arena), "epochs saved");
    canvas_y(canvas, panel, up, ticks_linear(up, 6, arena),
             arena_printf(arena, "change of %s (points)", stopping->metric), false);
    put_names(stopping, panel, canvas);
    fputs("  plot 0 with lines lc rgb '#404040' lw 1", canvas->out);
    for (size_t i = 0; i < stopping->count; i++) {
        const struct stroke *stroke = &stopping->criteria[i].stroke;
        fprintf(
            canvas->out,
            ", 'stopping.tsv' every ::%zu::%zu using 2:4:($3 - $2):(0) with vectors nohead lw 1 "
            "lc rgb '%s', '' every ::%zu::%zu using 1:5:(0):($6 - $5) with vectors nohead lw 1 "
            "lc rgb '%s', '' every ::%zu::%zu using 1:4 with points pt %d ps 1 lc rgb '%s'",
            i, i, stroke->colour, i, i, stroke->colour, i, i, stroke->point, stroke->colour);
    }
    fputc('\n', canvas->out);
}

static void put_body(const struct stopping *stopping, struct drawing *drawing) {
    const struct figure_source *source = stopping->source;
    struct arena *arena = source->arena;
    double longest = 0;
    for (size_t i = 0; i < stopping->count; i++)
        longest = fmax(longest, canvas_text_width(stopping->criteria[i].name, FONT_SIZE));
    longest += 34 + canvas_text_width("(10000 of 10000)", FONT_SIZE);
    struct canvas canvas = canvas_begin(fmin(source->width, 560 + longest), arena);
    canvas_header(
        &canvas, figure_title(source, "what early stopping would have saved and cost"),
        arena_printf(arena,
                     "%s; mean over %zu trials and its 95 %% interval; in parentheses: trials that "
                     "stop; nothing was trained again%s%s",
                     figure_caption_all(source), stopping->trials,
                     *stopping->idle ? "; never stopping: " : "", stopping->idle));
    struct plot_area panel = {84, canvas.height + 10, canvas.width - longest - 14,
                              canvas.height + 10 + PLOT_HEIGHT};
    put_panel(stopping, panel, &canvas);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_stopping(const struct figure_source *source, struct drawing *drawing,
                     struct error *err) {
    struct stopping *stopping = arena_alloc(source->arena, 1, sizeof *stopping);
    stopping->source = source;
    stopping->idle = "";
    if (!load(stopping, err))
        return false;
    if (!stopping->metric)
        return true; /* nothing stops, or no accuracy to lose */
    drawing->data = data_of(stopping);
    put_body(stopping, drawing);
    return true;
}
