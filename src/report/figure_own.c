#include "report/figure_own.h"
#include "base/stream.h"

#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Views that a figure may take columns from, from one row a trial to many. */
static const char *const views[] = {"trials", "overfitting", "epochs",
                                    "layers", "stopping",    "confusion"};
enum { VIEWS = sizeof views / sizeof *views, ROWS_MAX = 200000, DOTS_MAX = 2000 };
enum { LEFT = 84, RIGHT = 24, WORD_WIDTH_MAX = 150 }; /* pixels */

struct columns {
    struct table of[VIEWS]; /* no rows: the names alone */
    bool joined[VIEWS];
};

static bool has(const struct columns *columns, size_t view, const char *name) {
    for (size_t i = 0; i < columns->of[view].columns; i++)
        if (strcmp(columns->of[view].names[i], name) == 0)
            return true;
    return false;
}

/* How many views have the column, and the first of them. */
static size_t find(const struct columns *columns, const char *name, size_t *first) {
    size_t count = 0;
    for (size_t v = VIEWS; v-- > 0;)
        if (has(columns, v, name)) {
            *first = v;
            count++;
        }
    return count;
}

/* Names of columns in use: x, y, by, and what looks like one in the condition. */
struct names_used {
    const char *list[64];
    size_t count;
};

static void use(struct names_used *used, const char *name) {
    for (size_t i = 0; i < used->count; i++)
        if (strcmp(used->list[i], name) == 0)
            return;
    if (used->count < sizeof used->list / sizeof *used->list)
        used->list[used->count++] = name;
}

static void use_words(struct names_used *used, const struct columns *columns, const char *where,
                      struct arena *arena) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    while (*where) {
        size_t length = strspn(where, letters), first;
        if (*where == '\'') { /* a text */
            where += 1 + strcspn(where + 1, "'");
            where += *where == '\'';
        } else if (length) {
            const char *word = arena_text(arena, where, length);
            if (find(columns, word, &first))
                use(used, word);
            where += length;
        } else {
            where++;
        }
    }
}

/* Columns of one view alone say which views are joined; those of several are taken from a joined
 * one, the most detailed. */
static void join_views(struct columns *columns, const struct names_used *used) {
    size_t first = 0;
    for (size_t i = 0; i < used->count; i++)
        if (find(columns, used->list[i], &first) == 1)
            columns->joined[first] = true;
    for (size_t i = 0; i < used->count; i++) {
        bool there = false;
        find(columns, used->list[i], &first);
        for (size_t v = 0; v < VIEWS; v++)
            there |= columns->joined[v] && has(columns, v, used->list[i]);
        columns->joined[first] |= !there;
    }
}

static const char *query_of(const struct figure_decl *decl, const struct columns *columns,
                            const struct names_used *used, struct arena *arena) {
    const char *inner = "SELECT r.variant AS variant_", *joins = "";
    for (size_t i = 0; i < used->count; i++) {
        size_t view = VIEWS;
        while (view-- > 0 && !(columns->joined[view] && has(columns, view, used->list[i])))
            ;
        inner = arena_printf(arena, "%s, %s.%s AS %s", inner, views[view], used->list[i],
                             used->list[i]);
    }
    bool epochs = columns->joined[2], layers = columns->joined[3];
    for (size_t v = 0; v < VIEWS; v++)
        if (columns->joined[v])
            joins =
                arena_printf(arena, "%s JOIN %s ON %s.trial = r.trial%s", joins, views[v], views[v],
                             v == 3 && epochs && layers ? " AND layers.epoch = epochs.epoch" : "");
    return arena_printf(
        arena,
        "SELECT %s, %s, %s FROM (%s FROM member_rows m JOIN trial_rows r ON r.id = "
        "m.trial_id%s WHERE m.experiment = ?1 AND m.in_plan AND r.state IN ('done', "
        "'diverged')) WHERE (%s) AND %s IS NOT NULL AND %s IS NOT NULL LIMIT %d",
        decl->x, decl->y,
        !decl->by                          ? "''"
        : strcmp(decl->by, "variant") == 0 ? "variant_"
                                           : decl->by,
        inner, joins, decl->where ? decl->where : "1", decl->x, decl->y, ROWS_MAX);
}

static bool refuse(const struct figure_decl *decl, const char *name, struct error *err) {
    return error_set(err, ERROR_FAILED,
                     "figure %s: no view has a column '%s' (see docs/database.md)", decl->name,
                     name);
}

static bool read_rows(const struct figure_source *source, const struct figure_decl *decl,
                      struct table *rows, struct error *err) {
    struct arena *arena = source->arena;
    struct columns *columns = arena_alloc(arena, 1, sizeof *columns);
    struct names_used used = {.count = 0};
    struct sql_value experiment = sql_text(source->results->experiment);
    struct error own = {0};
    size_t first;
    for (size_t v = 0; v < VIEWS; v++)
        if (!query_table(source->database,
                         arena_printf(arena, "SELECT * FROM %s LIMIT 0", views[v]), NULL, 0, arena,
                         &columns->of[v], err))
            return false;
    if (!find(columns, decl->x, &first))
        return refuse(decl, decl->x, err);
    if (!find(columns, decl->y, &first))
        return refuse(decl, decl->y, err);
    if (decl->by && !find(columns, decl->by, &first))
        return refuse(decl, decl->by, err);
    use(&used, decl->x);
    use(&used, decl->y);
    if (decl->by)
        use(&used, decl->by);
    use_words(&used, columns, decl->where ? decl->where : "", arena);
    join_views(columns, &used);
    if (query_table(source->database, query_of(decl, columns, &used, arena), &experiment, 1, arena,
                    rows, &own))
        return true;
    error_set(err, ERROR_FAILED, "figure %s: %s", decl->name, own.first->text);
    error_clear(&own);
    return false;
}

/* A row of the figure. */
struct dot {
    double x, y;
    size_t series;
};

struct own {
    const struct figure_source *source;
    const struct figure_decl *decl;
    struct dot *dots; /* [count] by series, then x */
    size_t count;
    const char **series; /* [series_count] */
    size_t series_count, all_series;
    const char **words; /* [word_count] values of x where they are no numbers */
    size_t word_count;
    bool whole; /* all x are whole numbers */
    bool lines; /* there are several values at most x, or x is time */
    struct range x, y;
    bool x_logarithmic, y_logarithmic;
};

static const char *cell_text(const struct sql_value *cell, struct arena *arena) {
    if (cell->type == SQL_TEXT)
        return cell->text;
    return cell->type == SQL_NULL ? "none" : ticks_number(sql_number(cell), arena);
}

static size_t index_of(const char **list, size_t *count, const char *text) {
    size_t i = 0;
    while (i < *count && strcmp(list[i], text) != 0)
        i++;
    if (i == *count)
        list[(*count)++] = text;
    return i;
}

static const char *series_text(const struct own *own, const struct sql_value *cell) {
    const char *text = cell_text(cell, own->source->arena);
    bool is_variant = strcmp(own->decl->by, "variant") == 0;
    const struct group *group = is_variant ? results_group(own->source->results, text) : NULL;
    return group ? group->label : text;
}

static int by_series(const void *left, const void *right) {
    const struct dot *a = left, *b = right;
    if (a->series != b->series)
        return a->series < b->series ? -1 : 1;
    return (a->x > b->x) - (a->x < b->x);
}

static void take_rows(struct own *own, const struct table *rows) {
    struct arena *arena = own->source->arena;
    double scale = figure_scale(own->decl->y);
    bool words = false;
    own->dots = arena_alloc(arena, rows->rows, sizeof *own->dots);
    own->series = arena_alloc(arena, rows->rows + 1, sizeof *own->series);
    own->words = arena_alloc(arena, rows->rows, sizeof *own->words);
    for (size_t i = 0; i < rows->rows; i++)
        words |= rows->cells[3 * i].type == SQL_TEXT;
    for (size_t i = 0; i < rows->rows; i++) {
        const struct sql_value *cells = &rows->cells[3 * i];
        struct dot dot = {.y = scale * sql_number(&cells[1])};
        if (!isfinite(dot.y))
            continue;
        dot.series = own->decl->by
                         ? index_of(own->series, &own->all_series, series_text(own, &cells[2]))
                         : 0;
        dot.x =
            words ? (double)index_of(own->words, &own->word_count, cell_text(&cells[0], arena)) + 1
                  : sql_number(&cells[0]);
        if (dot.series < FIGURE_STROKES && isfinite(dot.x))
            own->dots[own->count++] = dot;
    }
    if (!own->decl->by)
        own->all_series = 1;
    own->series_count = own->all_series < FIGURE_STROKES ? own->all_series : FIGURE_STROKES;
    qsort(own->dots, own->count, sizeof *own->dots, by_series);
}

/* The end of the dots from `from` on with the same series and x. */
static size_t same_place(const struct own *own, size_t from) {
    size_t to = from;
    while (to < own->count && by_series(&own->dots[from], &own->dots[to]) == 0)
        to++;
    return to;
}

/* Of the dots from..to-1. */
static struct moments moments_at(const struct own *own, size_t from, size_t to) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, to - from, sizeof *values);
    for (size_t i = from; i < to; i++)
        values[i - from] = own->dots[i].y;
    struct moments moments = moments_of(values, to - from, 1);
    arena_close(&arena);
    return moments;
}

static void find_scales(struct own *own) {
    struct arena *arena = own->source->arena;
    double *xs = arena_alloc(arena, own->count, sizeof *xs);
    double *ys = arena_alloc(arena, 3 * own->count, sizeof *ys);
    double low[2] = {(double)INFINITY, (double)INFINITY}, high[2] = {0, 0};
    size_t places = 0;
    for (size_t i = 0; i < own->count; i = same_place(own, i))
        places++;
    own->lines = 2 * own->count >= 3 * places || strcmp(own->decl->x, "epoch") == 0;
    own->whole = true;
    for (size_t i = 0; i < own->count; i++) {
        own->whole &= own->dots[i].x == floor(own->dots[i].x);
        xs[i] = own->dots[i].x;
        ys[i] = own->dots[i].y;
        low[0] = fmin(low[0], xs[i]);
        high[0] = fmax(high[0], xs[i]);
        low[1] = fmin(low[1], ys[i]);
        high[1] = fmax(high[1], ys[i]);
    }
    own->x_logarithmic = !own->word_count && low[0] > 0 && high[0] > 60 * low[0] &&
                         strcmp(own->decl->x, "epoch") != 0;
    own->y_logarithmic = low[1] > 0 && high[1] > 20 * low[1];
    own->x = own->word_count ? (struct range){0.5, (double)own->word_count + 0.5, false}
                             : range_of(xs, own->count, own->x_logarithmic, 0);
    size_t count = own->count;
    for (size_t i = 0, end; own->lines && i < own->count; i = end) {
        end = same_place(own, i);
        struct moments m = moments_at(own, i, end);
        ys[count++] = curve_low(&m, m.n);
        ys[count++] = curve_high(&m, m.n);
    }
    own->y = range_of(ys, count, own->y_logarithmic, CUT_HIGH);
}

/* Two blocks a series: means by x, and every row. */
static const char *data_of(const struct own *own) {
    struct arena *arena = own->source->arena;
    struct stream stream;
    size_t next = 0;
    FILE *out = stream_open(&stream);
    for (size_t s = 0; s < own->series_count; s++) {
        size_t from = next;
        while (next < own->count && own->dots[next].series == s)
            next++;
        fprintf(out, "# %s\n# %s\tmean of %s\tlow\thigh\trows\nNaN\tNaN\tNaN\tNaN\t0\n",
                own->decl->by ? gnuplot_plain(own->series[s], arena) : "", own->decl->x,
                own->decl->y);
        for (size_t i = from, end; i < next; i = end) {
            end = same_place(own, i);
            struct moments m = moments_at(own, i, end);
            fprintf(out, "%.8g", own->dots[i].x);
            figure_put_moments(&m, m.n, arena, out);
            fprintf(out, "\t%zu\n", m.n);
        }
        fputs("\n\n# every row\nNaN\tNaN\n", out);
        for (size_t i = from; i < next; i++)
            fprintf(out, "%.8g\t%.8g\n", own->dots[i].x, own->dots[i].y);
        fputs("\n\n", out);
    }
    return stream_text(&stream, arena);
}

/* A column's name with its unit. */
static const char *axis_of(const struct figure_source *source, const char *column) {
    const struct knob *knob = knob_find(column);
    if (knob)
        return knob->unit ? arena_printf(source->arena, "%s (%s)", column, knob->unit) : column;
    return figure_axis(source, column, column);
}

/* Where there is no order among the values of x, series stand side by side. */
static double dodge_of(const struct own *own, size_t series) {
    double step = fmin(0.08, 0.6 / (double)own->series_count);
    return own->word_count ? step * ((double)series - 0.5 * (double)(own->series_count - 1)) : 0;
}

static void put_plot(const struct own *own, FILE *out) {
    const char *name = own->decl->name, *separator = "  plot";
    for (size_t s = 0; s < own->series_count; s++) {
        const struct stroke *stroke = &figure_strokes[s];
        if (own->lines && !own->word_count)
            fprintf(out,
                    "%s '%s.tsv' index %zu using 1:(band($3)):(band($4)) with filledcurves fc rgb "
                    "'%s' fs transparent solid 0.15 noborder",
                    separator, name, 2 * s, stroke->colour);
        else
            fprintf(out,
                    "%s '%s.tsv' index %zu using ($1 + %g):(cut($3)):(0):(cut($4) - cut($3)) with "
                    "vectors nohead lw 1 lc rgb '%s'",
                    separator, name, 2 * s, dodge_of(own, s), stroke->colour);
        separator = ",";
    }
    for (size_t s = 0; s < own->series_count; s++) {
        const struct stroke *stroke = &figure_strokes[s];
        if (!own->lines || (own->count <= DOTS_MAX && strcmp(own->decl->x, "epoch") != 0))
            fprintf(out,
                    ", '%s.tsv' index %zu using ($1 + %g):2 with points pt %d ps %g lc rgb '%s'",
                    name, 2 * s + 1, dodge_of(own, s), own->lines ? 7 : stroke->point,
                    own->lines ? 0.3 : 0.6, stroke->colour);
        if (own->lines)
            fprintf(out,
                    ", '%s.tsv' index %zu using ($1 + %g):2 with linespoints lt %d pt %d ps 0.6 pi "
                    "%d lw 2 lc rgb '%s'",
                    name, 2 * s, dodge_of(own, s), stroke->pen, stroke->point,
                    strcmp(own->decl->x, "epoch") == 0 ? 3 : 1, stroke->colour);
    }
    fputc('\n', out);
}

static void put_body(const struct own *own, struct drawing *drawing) {
    const struct figure_source *source = own->source;
    struct arena *arena = source->arena;
    struct legend_entry entries[FIGURE_STROKES];
    for (size_t s = 0; own->decl->by && s < own->series_count; s++)
        entries[s] =
            (struct legend_entry){strcmp(own->decl->by, "variant") == 0
                                      ? own->series[s]
                                      : arena_printf(arena, "%s=%s", own->decl->by, own->series[s]),
                                  figure_strokes[s], false};
    for (size_t s = 0; !own->lines && s < own->series_count; s++)
        entries[s].stroke.pen = 0; /* points alone */
    double wanted = fmax(860, LEFT + RIGHT + canvas_words_width(own->word_count));
    struct canvas canvas = figure_canvas(source, wanted);
    canvas_header(
        &canvas, figure_title(source, arena_printf(arena, "%s by %s", own->decl->y, own->decl->x)),
        arena_printf(arena, "%s%s%s; %zu rows%s%s%s", figure_caption_all(source),
                     own->decl->where ? "; where " : "", own->decl->where ? own->decl->where : "",
                     own->count,
                     !own->lines ? ""
                     : source->plain && !own->word_count
                         ? "; line: mean"
                         : "; line: mean; band or bar: minimum to maximum below 6 rows, else "
                           "the 95 % interval",
                     own->all_series > own->series_count
                         ? arena_printf(arena, "; the first %zu of %zu lines, more do not fit",
                                        own->series_count, own->all_series)
                         : "",
                     own->y.cut ? "; some rows lie outside the frame" : ""));
    if (own->decl->by)
        canvas_legend(&canvas, entries, own->series_count);
    double top = canvas.height + 10 + figure_y_room(source);
    struct plot_area panel = {LEFT, top, canvas.width - RIGHT, top + 380};
    canvas_panel(&canvas, panel, "", "");
    double width = panel.right - panel.left;
    struct words_below below = {.depth = 34};
    if (own->word_count)
        below = canvas_words_below(own->words, own->word_count, 1, width, WORD_WIDTH_MAX,
                                   source->plain, arena);
    canvas_x(&canvas, panel, own->x,
             own->word_count      ? below.ticks
             : own->x_logarithmic ? ticks_logarithmic(own->x, (size_t)(width / 70), arena)
             : own->whole         ? ticks_whole(own->x, (size_t)(width / 70), arena)
                                  : ticks_linear(own->x, (size_t)(width / 70), arena),
             " ");
    canvas_text(&canvas, (panel.left + panel.right) / 2, panel.bottom + below.depth, "center",
                axis_of(source, own->decl->x), "");
    if (own->x_logarithmic)
        fputs("  set logscale x\n", canvas.script.out);
    canvas_y(&canvas, panel, own->y,
             own->y_logarithmic ? ticks_logarithmic(own->y, 12, arena)
                                : ticks_linear(own->y, 8, arena),
             axis_of(source, own->decl->y), own->y_logarithmic);
    canvas_cut(&canvas, own->y);
    put_plot(own, canvas.script.out);
    canvas.height += below.depth + 12;
    canvas_end(&canvas, drawing);
}

bool figure_own(const struct figure_source *source, const struct figure_decl *decl,
                struct drawing *drawing, struct error *err) {
    struct own own = {.source = source, .decl = decl};
    struct table rows;
    if (!read_rows(source, decl, &rows, err))
        return false;
    take_rows(&own, &rows);
    if (!own.count)
        return true;
    find_scales(&own);
    drawing->data = data_of(&own);
    put_body(&own, drawing);
    return true;
}
