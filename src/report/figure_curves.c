/* Loss and accuracy by epoch: a panel a variant, in it training, probe, validation and test. */
#include "base/stream.h"
#include "report/figures.h"
#include "report/tiling.h"

#include <math.h>
#include <string.h>

enum { SERIES = 4, SERIES_TEST = 3, COLUMNS_MAX = 6 };

/* Widths and points tell the series apart without colour. */
static const struct {
    const char *title;
    struct stroke stroke;
    int point_alone; /* where there are too few epochs for a line */
} series[SERIES] = {
    {"training (while weights move)", {"#56B4E9", 1.5, 0, 1}, 6},
    {"probe (training rows, end of epoch)", {"#0072B2", 2.2, 0, 2}, 2},
    {"validation", {"#D55E00", 2, 7, 3}, 7},
    {"test", {"#000000", 1, 8, 4}, 8},
};

/* What the two figures differ in. */
struct subject {
    const char *name;           /* of the figure and its files */
    const char *metric[SERIES]; /* rows of metrics[] */
    const char *title, *axis;
    bool logarithmic;
};

struct sheet {
    const struct subject *subject;
    const struct figure_source *source;
    struct tiling tiling;
    struct curve curves[TILES_MAX][SERIES], x[TILES_MAX];
    bool has[SERIES];      /* some panel has the series */
    size_t epochs, tested; /* at most, of a panel */
    struct range range, across;
};

static bool load(struct sheet *sheet, struct error *err) {
    const struct figure_source *source = sheet->source;
    const char *expressions[SERIES + 1];
    struct curve loaded[SERIES + 1];
    for (size_t s = 0; s < SERIES; s++)
        expressions[s] =
            arena_printf(source->arena, "%g * %s", figure_scale(sheet->subject->metric[s]),
                         sheet->subject->metric[s]);
    expressions[SERIES] = source->x->expression;
    for (size_t t = 0; t < sheet->tiling.count; t++) {
        struct curve *curves = sheet->curves[t];
        if (!curves_load(source->database, source->results->experiment,
                         sheet->tiling.tiles[t].group, expressions, SERIES + 1, source->arena,
                         loaded, err))
            return false;
        memcpy(curves, loaded, sizeof sheet->curves[t]);
        sheet->x[t] = loaded[SERIES];
        sheet->epochs = curves->epochs > sheet->epochs ? curves->epochs : sheet->epochs;
        size_t tested = 0;
        for (size_t s = 0; s < SERIES; s++)
            for (size_t e = 0; e < curves[s].epochs; e++) {
                sheet->has[s] |= curves[s].at[e].n != 0;
                tested += s == SERIES_TEST && curves[s].at[e].n;
            }
        sheet->tested = tested > sheet->tested ? tested : sheet->tested;
    }
    sheet->across = figure_x_range(source, sheet->x, sheet->tiling.count);
    return true;
}

/* All panels have one scale. The first epoch may lie outside where it would flatten the rest, and
 * so may explosions. */
static void find_range(struct sheet *sheet) {
    bool logarithmic = sheet->subject->logarithmic;
    size_t most = sheet->tiling.count * SERIES * sheet->epochs * 3, count = 0;
    size_t skipped = sheet->epochs > 4 ? 1 : 0;
    double *values = arena_alloc(sheet->source->arena, most, sizeof *values);
    for (size_t t = 0; t < sheet->tiling.count; t++)
        for (size_t s = 0; s < SERIES; s++)
            for (size_t e = skipped; e < sheet->curves[t][s].epochs; e++) {
                const struct moments *m = &sheet->curves[t][s].at[e];
                double high = curve_high(m, sheet->tiling.tiles[t].group->count);
                values[count++] = m->mean;
                values[count++] = isnan(high) ? m->mean : high;
                if (sheet->epochs == 1 && m->n > 1)
                    values[count++] = curve_low(m, sheet->tiling.tiles[t].group->count);
            }
    struct range range = range_of(values, count, logarithmic, logarithmic ? CUT_HIGH : CUT_LOW);
    double length = logarithmic ? log(range.high / range.low) : range.high - range.low;
    struct range whole = range;
    for (size_t t = 0; t < sheet->tiling.count; t++)
        for (size_t s = 0; s < SERIES && skipped && sheet->curves[t][s].epochs; s++) {
            double first = sheet->curves[t][s].at[0].mean;
            if (!isfinite(first) || (logarithmic && first <= 0))
                continue;
            whole.low = fmin(whole.low, first);
            whole.high = fmax(whole.high, first);
        }
    if ((logarithmic ? log(whole.high / whole.low) : whole.high - whole.low) <= 1.7 * length)
        range = whole;
    else
        range.cut = true;
    if (!logarithmic && range.high > 100)
        range.high = 100 + 0.01 * (100 - range.low);
    sheet->range = range;
}

/* The block of a panel's series in the data; epochs with a test have one of their own. */
static size_t block_of(const struct sheet *sheet, size_t t, size_t s) {
    return sheet->has[SERIES_TEST] ? 2 * t + (s == SERIES_TEST) : t;
}

/* Every epoch, and after it those alone that have test results, so that lines join them. */
static void put_data(const struct sheet *sheet, size_t t, bool tested, FILE *out) {
    const struct curve *curves = sheet->curves[t];
    const struct group *group = sheet->tiling.tiles[t].group;
    fprintf(out,
            "# %s%s\n# %s\tseeds\ttrain\tlow\thigh\tprobe\tlow\thigh\tval\tlow\thigh\ttest\tlow"
            "\thigh\n",
            gnuplot_plain(figure_label(sheet->source, group), sheet->source->arena),
            tested ? ", epochs with a test" : "", sheet->source->x->name);
    /* Without a row gnuplot would not count the block. */
    if (!curves[0].epochs || tested)
        fputs("NaN\t0\n", out);
    for (size_t e = 0; e < curves[0].epochs; e++) {
        if (tested && !curves[SERIES_TEST].at[e].n)
            continue;
        fprintf(out, "%s\t%zu", figure_number(sheet->x[t].at[e].mean, sheet->source->arena),
                curves[tested ? SERIES_TEST : 0].at[e].n);
        for (size_t s = 0; s < SERIES; s++)
            figure_put_moments(&curves[s].at[e], group->count, sheet->source->arena, out);
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

/* `lowest validation loss at epoch 9 (median; 7 to 12)`, and what became of the seeds. */
static const char *note_of(const struct figure_source *source, const struct group *group) {
    struct arena *arena = source->arena;
    const char *note = "";
    if (group->moments[RESULT_BEST_EPOCH].n)
        note = arena_printf(arena, "%s at epoch %s", figure_best_words(source),
                            figure_best_epoch(group, arena));
    if (group->diverged)
        note = arena_printf(arena, "%s%s%zu of %zu seed%s diverged", note, *note ? "; " : "",
                            group->diverged, group->count, group->count == 1 ? "" : "s");
    return note;
}

/* The best epochs of all seeds as a band, their median as a line. */
static void put_best_epoch(const struct sheet *sheet, size_t t, FILE *out) {
    const struct group *group = sheet->tiling.tiles[t].group;
    const struct moments *best = &group->moments[RESULT_BEST_EPOCH];
    double median = figure_x_at(&sheet->x[t], figure_median(group, RESULT_BEST_EPOCH));
    double low = figure_x_at(&sheet->x[t], best->minimum);
    double high = figure_x_at(&sheet->x[t], best->maximum);
    if (low < high)
        fprintf(out,
                "  if (!plain) { set object rectangle from %.10g, graph 0 to %.10g, graph 1 behind "
                "fc rgb "
                "'#EEEEEE' fs solid 1 noborder }\n",
                low, high);
    if (!isnan(median))
        fprintf(out,
                "  set arrow from %.10g, graph 0 to %.10g, graph 1 nohead dashtype 3 lc rgb "
                "'#404040'\n",
                median, median);
}

/* How far a series is moved aside where there is but one epoch: bars would hide each other. */
static double aside(const struct sheet *sheet, size_t s) {
    return sheet->epochs == 1 ? 0.04 * ((double)s - 1.5) * (sheet->across.high - sheet->across.low)
                              : 0;
}

static void put_bands(const struct sheet *sheet, size_t t, FILE *out) {
    for (size_t s = 0; s < SERIES; s++)
        if (sheet->has[s] && sheet->epochs == 1) /* a band of one epoch has no width */
            fprintf(
                out,
                " '%s.tsv' index %zu using ($1 + %g):(cut($%zu)):(0):(cut($%zu) - cut($%zu)) with "
                "vectors nohead lc rgb '%s',",
                sheet->subject->name, block_of(sheet, t, s), aside(sheet, s), 4 + 3 * s, 5 + 3 * s,
                4 + 3 * s, series[s].stroke.colour);
        else if (sheet->has[s])
            fprintf(
                out,
                " '%s.tsv' index %zu using 1:(band($%zu)):(band($%zu)) with filledcurves fc rgb "
                "'%s' fs transparent solid 0.18 noborder,",
                sheet->subject->name, block_of(sheet, t, s), 4 + 3 * s, 5 + 3 * s,
                series[s].stroke.colour);
}

/* A line of one or two points is seen by its points alone. */
static struct stroke stroke_of(const struct sheet *sheet, size_t s) {
    struct stroke stroke = series[s].stroke;
    if (sheet->epochs < 3)
        stroke.point = series[s].point_alone;
    return stroke;
}

static const char *style_of(const struct stroke *stroke, size_t every, struct arena *arena) {
    return stroke->point
               ? arena_printf(arena, "linespoints pt %d ps 0.6 pi %zu", stroke->point, every)
               : "lines";
}

/* Every how many rows of the data a point stands: tests, which may be few, have more of them. */
static size_t points_every(const struct sheet *sheet, size_t s) {
    return s == SERIES_TEST && sheet->tested ? 1 + (sheet->tested - 1) / 40
                                             : 1 + (sheet->epochs - 1) / 8;
}

/* A mean is drawn solid only where all seeds are still there. */
static void put_lines(const struct sheet *sheet, size_t t, FILE *out) {
    const struct group *group = sheet->tiling.tiles[t].group;
    bool dashed = figure_thins_out(group);
    const char *name = sheet->subject->name, *separator = "";
    for (size_t s = 0; s < SERIES; s++) {
        struct stroke stroke = stroke_of(sheet, s);
        size_t index = block_of(sheet, t, s), column = 3 + 3 * s;
        if (!sheet->has[s])
            continue;
        if (dashed)
            fprintf(out,
                    "%s '%s.tsv' index %zu using 1:%zu with lines lw 1 dashtype 2 lt %d lc rgb "
                    "'%s'",
                    separator, name, index, column, stroke.pen, stroke.colour);
        fprintf(
            out,
            "%s '%s.tsv' index %zu using ($1 + %g):($2 == %zu ? $%zu : NaN) with %s lt %d lw %g lc "
            "rgb '%s'",
            dashed ? "," : separator, name, index, aside(sheet, s), group->count, column,
            style_of(&stroke, points_every(sheet, s), sheet->source->arena), stroke.pen,
            stroke.width, stroke.colour);
        separator = ",";
    }
    fputc('\n', out);
}

/* Whether some mean of the panel lies in the frame. */
static bool is_seen(const struct sheet *sheet, size_t t) {
    for (size_t s = 0; s < SERIES; s++)
        for (size_t e = 0; e < sheet->curves[t][s].epochs; e++) {
            double mean = sheet->curves[t][s].at[e].mean;
            if (mean >= sheet->range.low && mean <= sheet->range.high)
                return true;
        }
    return false;
}

/* The numbers of an axis mean nothing where no panel shows any. */
static const char *ticks_up(const struct sheet *sheet, size_t room) {
    struct arena *arena = sheet->source->arena;
    for (size_t t = 0; t < sheet->tiling.count; t++)
        if (is_seen(sheet, t))
            return sheet->subject->logarithmic ? ticks_logarithmic(sheet->range, room, arena)
                                               : ticks_linear(sheet->range, room / 2 + 1, arena);
    return "";
}

static const char *why_empty(const struct group *group) {
    return group->diverged ? "diverged" : group->count ? "outside the frame" : "not trained yet";
}

static void put_panel(const struct sheet *sheet, struct canvas *canvas, size_t t, double top,
                      double head) {
    const struct tile *tile = &sheet->tiling.tiles[t];
    struct plot_area panel = tiling_area(canvas, &sheet->tiling, t, top, head);
    const char *title =
        sheet->source->variation->variants > 1 ? figure_label(sheet->source, tile->group) : "";
    canvas_panel(canvas, panel, title, note_of(sheet->source, tile->group));
    canvas_x(canvas, panel, sheet->across,
             figure_x_ticks(sheet->source, sheet->across, panel.right - panel.left),
             tiling_is_lowest(&sheet->tiling, t) ? sheet->source->x->label : "");
    size_t room = (size_t)((panel.bottom - panel.top) / 20);
    canvas_y(canvas, panel, sheet->range, ticks_up(sheet, room),
             tile->column
                 ? ""
                 : figure_axis(sheet->source, sheet->subject->axis, sheet->subject->metric[0]),
             sheet->subject->logarithmic);
    if (!is_seen(sheet, t)) {
        canvas_empty(canvas, panel, why_empty(tile->group));
        return;
    }
    put_best_epoch(sheet, t, canvas->script.out);
    canvas_cut(canvas, sheet->range);
    fputs("  plot", canvas->script.out);
    if (tile->group->count > 1)
        put_bands(sheet, t, canvas->script.out);
    put_lines(sheet, t, canvas->script.out);
}

static void put_body(struct sheet *sheet, struct drawing *drawing) {
    const struct figure_source *source = sheet->source;
    const struct tiling *tiling = &sheet->tiling;
    struct legend_entry entries[SERIES];
    const struct group *groups[TILES_MAX];
    size_t legend = 0;
    double head = 0;
    struct canvas canvas = figure_canvas(source, tiling_width(tiling, source->width));
    for (size_t t = 0; t < tiling->count; t++)
        groups[t] = tiling->tiles[t].group;
    canvas_header(&canvas,
                  figure_title(source, arena_printf(source->arena, "%s by %s",
                                                    sheet->subject->title, source->x->name)),
                  arena_printf(source->arena, "%s; %s%s",
                               figure_caption(source, groups, tiling->count,
                                              !source->plain || sheet->epochs == 1, ROOM_FULL),
                               figure_direction(sheet->subject->metric[0]),
                               sheet->range.cut ? "; some epochs lie outside the frame" : ""));
    for (size_t s = 0; s < SERIES; s++)
        if (sheet->has[s])
            entries[legend++] = (struct legend_entry){series[s].title, stroke_of(sheet, s), false};
    canvas_legend(&canvas, entries, legend);
    double top = canvas.height + 6;
    for (size_t t = 0; t < tiling->count; t++) {
        struct plot_area panel = tiling_area(&canvas, tiling, t, top, 0);
        head =
            fmax(head, canvas_panel_head(
                           source->variation->variants > 1 ? figure_label(source, groups[t]) : "",
                           note_of(source, groups[t]), panel.right - panel.left, source->plain,
                           source->arena));
    }
    canvas.head = head;
    for (size_t t = 0; t < tiling->count; t++)
        put_panel(sheet, &canvas, t, top, head);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

static bool compose(const struct subject *subject, const struct figure_source *source,
                    struct drawing *drawing, struct error *err) {
    struct sheet *sheet = arena_alloc(source->arena, 1, sizeof *sheet);
    size_t across = figure_columns(source, COLUMNS_MAX);
    *sheet = (struct sheet){
        subject, source,
        tiling_of(source->results, source->variation, figure_ranked(source), across), .epochs = 0};
    if (!load(sheet, err))
        return false;
    if (!sheet->epochs)
        return true;
    find_range(sheet);
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t t = 0; t < sheet->tiling.count; t++) {
        put_data(sheet, t, false, out);
        if (sheet->has[SERIES_TEST])
            put_data(sheet, t, true, out);
    }
    drawing->data = stream_text(&stream, source->arena);
    put_body(sheet, drawing);
    return true;
}

bool figure_curves(const struct figure_source *source, struct drawing *drawing, struct error *err) {
    static const struct subject loss = {
        .name = "curves",
        .metric = {"train_loss", "probe_loss", "val_loss", "test_loss"},
        .title = "loss",
        .axis = "loss",
        .logarithmic = true};
    return compose(&loss, source, drawing, err);
}

bool figure_accuracy(const struct figure_source *source, struct drawing *drawing,
                     struct error *err) {
    static const struct subject accuracy = {
        .name = "accuracy",
        .metric = {"train_accuracy", "probe_accuracy", "val_accuracy", "test_accuracy"},
        .title = "accuracy",
        .axis = "accuracy"};
    return !source->results->has_classes || compose(&accuracy, source, drawing, err);
}
