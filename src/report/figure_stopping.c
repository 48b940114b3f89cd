/* What early stopping would have saved and cost: a point a criterion, the middle half of all trials
 * as bars. */
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CRITERIA_MAX = 24, PLOT_HEIGHT = 340 };

/* A criterion, and of epochs saved and of the change in accuracy: quartiles and median. */
struct criterion {
    const char *name;
    size_t trials, stopped;
    double saved[3], change[3];
};

struct stopping {
    const struct figure_source *source;
    struct criterion criteria[CRITERIA_MAX];
    size_t count, trials;
    const char *metric; /* what the change is measured by */
};

static int ascending(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* First quartile, median and third quartile by linear interpolation. Sorts the values. */
static void quartiles_of(double *values, size_t count, double quartiles[3]) {
    qsort(values, count, sizeof *values, ascending);
    for (size_t q = 0; q < 3; q++) {
        double at = 0.25 * (double)(q + 1) * (double)(count - 1);
        size_t below = (size_t)at;
        double part = at - (double)below;
        quartiles[q] =
            part > 0 ? values[below] + part * (values[below + 1] - values[below]) : values[below];
    }
}

static void add_criterion(struct stopping *stopping, const struct table *table, size_t from,
                          size_t to) {
    struct arena *arena = stopping->source->arena;
    double *saved = arena_alloc(arena, to - from, sizeof *saved);
    double *change = arena_alloc(arena, to - from, sizeof *change);
    struct criterion *criterion = &stopping->criteria[stopping->count++];
    *criterion =
        (struct criterion){.name = table->cells[from * table->columns].text, .trials = to - from};
    for (size_t i = from; i < to; i++) {
        const struct sql_value *cells = &table->cells[i * table->columns];
        bool stops = cells[1].type != SQL_NULL;
        criterion->stopped += stops;
        saved[i - from] = stops ? sql_number(&cells[2]) : 0;
        change[i - from] = stops ? 100 * sql_number(&cells[3]) : 0;
        if (stops && cells[4].type == SQL_TEXT)
            stopping->metric = cells[4].text;
    }
    quartiles_of(saved, to - from, criterion->saved);
    quartiles_of(change, to - from, criterion->change);
}

static bool load(struct stopping *stopping, struct error *err) {
    static const char sql[] =
        "SELECT criterion, stop_epoch, epochs_saved, cost, cost_metric FROM member_rows m JOIN "
        "trial_rows t ON t.id = m.trial_id JOIN stopping_rows s ON s.trial_id = t.id WHERE "
        "experiment = ?1 AND in_plan AND state = 'done' AND (stop_epoch IS NULL OR cost IS NOT "
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

static const char *data_of(const struct stopping *stopping) {
    char *text;
    size_t size;
    FILE *out = figure_data_begin(&text, &size);
    fputs("# epochs saved: median, first and third quartile\taccuracy change: the same\ttrials "
          "stopped\ttrials\tcriterion\n",
          out);
    for (size_t i = 0; i < stopping->count; i++) {
        const struct criterion *c = &stopping->criteria[i];
        fprintf(out, "%g\t%g\t%g\t%g\t%g\t%g\t%zu\t%zu\t%s\n", c->saved[1], c->saved[0],
                c->saved[2], c->change[1], c->change[0], c->change[2], c->stopped, c->trials,
                gnuplot_plain(c->name, stopping->source->arena));
    }
    return figure_data_end(out, &text, stopping->source->arena);
}

/* Criteria of one family, such as `patience(epochs=3)` and `patience(epochs=5)`, have one colour;
 * they stand side by side, since they are in the order of their names. */
static size_t family_of(const struct stopping *stopping, size_t i) {
    size_t family = 0;
    for (size_t o = 1; o <= i; o++) {
        const char *name = stopping->criteria[o].name;
        family += strncmp(name, stopping->criteria[o - 1].name, strcspn(name, "(") + 1) != 0;
    }
    return family % FIGURE_STROKES;
}

static void put_panel(const struct stopping *stopping, struct panel panel, struct canvas *canvas) {
    struct arena *arena = canvas->arena;
    struct legend_entry entries[CRITERIA_MAX];
    double ends[CRITERIA_MAX], *x = arena_alloc(arena, 2 * stopping->count + 1, sizeof *x);
    double *y = arena_alloc(arena, 2 * stopping->count + 1, sizeof *y);
    size_t count = 1; /* 0 is shown in both */
    for (size_t i = 0; i < stopping->count; i++) {
        const struct criterion *c = &stopping->criteria[i];
        x[count] = c->saved[0];
        y[count++] = c->change[0];
        x[count] = c->saved[2];
        y[count++] = c->change[2];
        entries[i] = (struct legend_entry){
            arena_printf(arena, "%s (%zu of %zu)", c->name, c->stopped, c->trials),
            figure_strokes[family_of(stopping, i)], false};
        ends[i] = c->change[1];
    }
    struct range across = range_of(x, count, false, 0), up = range_of(y, count, false, 0);
    canvas_panel(canvas, panel, "", "");
    canvas_x(canvas, panel, across, ticks_whole(across, 8, arena), "epochs saved");
    canvas_y(canvas, panel, up, ticks_linear(up, 6, arena),
             arena_printf(arena, "change of %s (points)", stopping->metric), false);
    canvas_end_labels(canvas, panel, up, false, ends, entries, stopping->count);
    fputs("  plot 0 with lines lc rgb '#404040' lw 1", canvas->out);
    for (size_t i = 0; i < stopping->count; i++) {
        const struct stroke *stroke = &entries[i].stroke;
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
        longest = fmax(longest, canvas_text_width(stopping->criteria[i].name, FONT_SIZE) + 100);
    struct canvas canvas = canvas_begin(fmin(source->width, 560 + longest), arena);
    canvas_header(
        &canvas, figure_title(source, "what early stopping would have saved and cost"),
        arena_printf(arena,
                     "%s; %zu trials of all variants; a point a criterion: medians, bars: "
                     "first to third quartile; beside a name: trials that it stops; "
                     "nothing was trained again",
                     figure_caption_all(source), stopping->trials));
    struct panel panel = {84, canvas.height + 10, canvas.width - longest - 14,
                          canvas.height + 10 + PLOT_HEIGHT};
    put_panel(stopping, panel, &canvas);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_stopping(const struct figure_source *source, struct drawing *drawing,
                     struct error *err) {
    struct stopping *stopping = arena_alloc(source->arena, 1, sizeof *stopping);
    stopping->source = source;
    if (!load(stopping, err))
        return false;
    if (!stopping->metric)
        return true; /* nothing stops, or no accuracy to lose */
    drawing->data = data_of(stopping);
    put_body(stopping, drawing);
    return true;
}
