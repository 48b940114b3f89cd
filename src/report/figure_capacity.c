/* Error and loss against the number of parameters, on training rows, validation and test, a line a
 * depth: through the best variant of each size, with all others as dots. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 3, MEASURES = 2, DEPTHS_MAX = FIGURE_STROKES, PLOT_HEIGHT = 190, PLOT_WIDTH = 300 };

static const char *const sets[SETS] = {"probe (training rows)", "validation", "test"};

/* Of classifiers and of regressions: the three sets, and the axis. */
static const struct {
    enum point_number number[SETS];
    const char *words, *metric;
} measures[2][MEASURES] = {
    {{{POINT_PROBE_ERROR, POINT_VAL_ERROR, POINT_TEST_ERROR}, "error", "val_accuracy"},
     {{POINT_PROBE_LOSS, POINT_VAL_LOSS, POINT_TEST_LOSS}, "loss", "val_loss"}},
    {{{POINT_PROBE_MAE, POINT_VAL_MAE, POINT_TEST_MAE}, "mean absolute error", "val_mae"},
     {{POINT_PROBE_LOSS, POINT_VAL_LOSS, POINT_TEST_LOSS}, "loss", "val_loss"}},
};

/* A variant: its size, depth, and means over seeds. */
struct variant {
    size_t row, points;
    double parameters, depth, final_probe, epochs;
    struct moments moments[MEASURES][SETS];
    bool best; /* of its size and depth */
};

struct capacity {
    const struct figure_source *source;
    struct variant *variants; /* [count] by parameters */
    size_t count, depths, kind;
    double depth[DEPTHS_MAX];
    bool has[SETS];
    struct range range[MEASURES], x;
    bool logarithmic[MEASURES];
};

static int by_size(const void *left, const void *right) {
    const struct variant *a = left, *b = right;
    if (a->parameters != b->parameters)
        return a->parameters < b->parameters ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void find_variants(struct capacity *capacity) {
    const struct figure_source *source = capacity->source;
    const struct points *points = &source->points;
    capacity->variants = arena_alloc(source->arena, points->count, sizeof *capacity->variants);
    size_t dataset = (size_t)(knob_find("dataset") - knobs);
    size_t leader = variation_row(source->variation, source->results->groups[0].variant);
    for (size_t p = 0, end; p < points->count; p = end) {
        end = points_variant_end(points, p);
        /* Data sets are never compared: the first leaderboard's is drawn. */
        if (source->variation->value[points->at[p].row * knob_count + dataset] !=
            source->variation->value[leader * knob_count + dataset])
            continue;
        struct variant *variant = &capacity->variants[capacity->count++];
        *variant =
            (struct variant){.row = points->at[p].row,
                             .points = end - p,
                             .parameters = points->at[p].values[POINT_PARAMETERS],
                             .depth = points->at[p].values[POINT_DEPTH],
                             .final_probe = points_moments(points, p, end, POINT_FINAL_PROBE).mean,
                             .epochs = points_moments(points, p, end, POINT_EPOCHS).maximum};
        for (size_t m = 0; m < MEASURES; m++)
            for (size_t s = 0; s < SETS; s++) {
                variant->moments[m][s] =
                    points_moments(points, p, end, measures[capacity->kind][m].number[s]);
                capacity->has[s] |= variant->moments[m][s].n != 0;
            }
    }
    qsort(capacity->variants, capacity->count, sizeof *capacity->variants, by_size);
}

/* What variants of one size are chosen by: error on the validation rows, for want of them on the
 * training rows; never on the test set. */
static double score_of(const struct capacity *capacity, const struct variant *variant) {
    return variant->moments[0][capacity->has[1] ? 1 : 0].mean;
}

static void find_best(struct capacity *capacity) {
    for (size_t v = 0; v < capacity->count; v++) {
        struct variant *own = &capacity->variants[v];
        own->best = !isnan(score_of(capacity, own));
        for (size_t o = 0; o < capacity->count; o++) {
            const struct variant *other = &capacity->variants[o];
            double a = score_of(capacity, own), b = score_of(capacity, other);
            if (o != v && other->parameters == own->parameters && other->depth == own->depth &&
                (b < a || (b == a && o < v)))
                own->best = false;
        }
    }
}

static void find_depths(struct capacity *capacity) {
    for (size_t v = 0; v < capacity->count; v++) {
        double depth = capacity->variants[v].depth;
        size_t at = 0;
        while (at < capacity->depths && capacity->depth[at] < depth)
            at++;
        if ((at < capacity->depths && capacity->depth[at] == depth) ||
            capacity->depths == DEPTHS_MAX)
            continue;
        memmove(&capacity->depth[at + 1], &capacity->depth[at],
                (capacity->depths++ - at) * sizeof *capacity->depth);
        capacity->depth[at] = depth;
    }
}

static void find_ranges(struct capacity *capacity) {
    double *values =
        arena_alloc(capacity->source->arena, 3 * capacity->count * SETS, sizeof *values);
    for (size_t m = 0; m < MEASURES; m++) {
        size_t count = 0;
        double low = (double)INFINITY, high = 0;
        for (size_t v = 0; v < capacity->count; v++)
            for (size_t s = 0; s < SETS; s++) {
                const struct variant *variant = &capacity->variants[v];
                const struct moments *moments = &variant->moments[m][s];
                double mean = moments->mean;
                if (isnan(mean))
                    continue;
                values[count++] = mean;
                if (variant->best && variant->points > 1) {
                    values[count++] = curve_low(moments, variant->points);
                    values[count++] = curve_high(moments, variant->points);
                }
                low = fmin(low, mean);
                high = fmax(high, mean);
            }
        capacity->logarithmic[m] = low > 0 && high > 8 * low;
        capacity->range[m] = range_of(values, count, capacity->logarithmic[m], CUT_HIGH);
    }
    double low = capacity->variants[0].parameters;
    double high = capacity->variants[capacity->count - 1].parameters;
    double margin = pow(high / low, 0.06);
    capacity->x = (struct range){low / margin, high * margin, false};
}

/* A block a depth of the best variants, and one of all others. */
static const char *data_of(const struct capacity *capacity) {
    struct arena *arena = capacity->source->arena;
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t d = 0; d <= capacity->depths; d++) {
        bool others = d == capacity->depths;
        if (others)
            fputs("# other variants of these sizes\n", out);
        else
            fprintf(out, "# the best variant of each size, hidden layers: %g\n",
                    capacity->depth[d]);
        fputs("# parameters\tmean, low and high of error on probe, validation, test, then of "
              "loss\tseeds\tvariant\nNaN\n",
              out);
        for (size_t v = 0; v < capacity->count; v++) {
            const struct variant *variant = &capacity->variants[v];
            if (others ? variant->best : !variant->best || variant->depth != capacity->depth[d])
                continue;
            fprintf(out, "%g", variant->parameters);
            for (size_t m = 0; m < MEASURES; m++)
                for (size_t s = 0; s < SETS; s++)
                    figure_put_moments(&variant->moments[m][s], variant->points, arena, out);
            fprintf(
                out, "\t%zu\t%s\n", variant->points,
                gnuplot_plain(variation_label(capacity->source->variation, variant->row, 0, arena),
                              arena));
        }
        fputs("\n\n", out);
    }
    return stream_text(&stream, arena);
}

/* The smallest net that learns its training rows by heart, or NULL. */
static const struct variant *smallest_full(const struct capacity *capacity) {
    for (size_t v = 0; v < capacity->count; v++)
        if (capacity->variants[v].final_probe >= 0.99)
            return &capacity->variants[v];
    return NULL;
}

static const char *setting_text(const struct variation *variation, size_t row, const char *name) {
    size_t k = (size_t)(knob_find(name) - knobs);
    return variation->knobs[k].texts[variation->value[row * knob_count + k]];
}

static const char *caption_of(const struct capacity *capacity) {
    const struct figure_source *source = capacity->source;
    struct arena *arena = source->arena;
    const struct variant *full = smallest_full(capacity);
    return arena_printf(
        arena, "%s%s%s; %s%s%s; lower is better%s%s", figure_caption_all(source),
        variation_common(source->variation, "dataset") ? "" : "; only of ",
        variation_common(source->variation, "dataset")
            ? ""
            : setting_text(source->variation, capacity->variants[0].row, "dataset"),
        figure_when(source), figure_bar(source->results, arena),
        capacity->has[1] ? "; coloured: of each size the variant with the least validation error"
                         : "; coloured: of each size the variant with the least probe error",
        full ? arena_printf(arena,
                            "; dotted: the smallest net with a final probe accuracy of at least 99 "
                            "%%, %.0f parameters (%s, %.0f epochs)",
                            full->parameters,
                            setting_text(source->variation, full->row, "optimizer"), full->epochs)
             : "",
        capacity->range[0].cut || capacity->range[1].cut ? "; some values lie outside the frame"
                                                         : "");
}

static void put_panel(const struct capacity *capacity, size_t m, size_t s, bool first, bool last,
                      struct plot_area panel, struct canvas *canvas) {
    const struct variant *full = smallest_full(capacity);
    struct arena *arena = canvas->arena;
    size_t column = 2 + 3 * (m * SETS + s);
    canvas_panel(canvas, panel, m ? "" : sets[s], "");
    canvas_x(canvas, panel, capacity->x,
             ticks_logarithmic(capacity->x, (size_t)((panel.right - panel.left) / 50), arena),
             last ? "parameters" : "");
    fputs("  set logscale x\n", canvas->script.out);
    canvas_y(canvas, panel, capacity->range[m],
             capacity->logarithmic[m]
                 ? ticks_logarithmic(capacity->range[m], PLOT_HEIGHT / 20, arena)
                 : ticks_linear(capacity->range[m], PLOT_HEIGHT / 35, arena),
             first ? figure_axis(capacity->source, measures[capacity->kind][m].words,
                                 measures[capacity->kind][m].metric)
                   : "",
             capacity->logarithmic[m]);
    if (full && s == 0)
        fprintf(canvas->script.out,
                "  set arrow from %g, graph 0 to %g, graph 1 nohead dashtype 3 lc rgb '#404040'\n",
                full->parameters, full->parameters);
    canvas_cut(canvas, capacity->range[m]);
    fprintf(canvas->script.out,
            "  plot 'capacity.tsv' index %zu using 1:%zu with points pt 7 ps 0.3 lc rgb '#B0B0B0'",
            capacity->depths, column);
    for (size_t d = 0; d < capacity->depths; d++)
        fprintf(
            canvas->script.out,
            ", '' index %zu using 1:(cut($%zu)):(0):(cut($%zu) - cut($%zu)) with vectors "
            "nohead lw 1 lc rgb "
            "'%s', '' index %zu using 1:%zu with linespoints lt %d pt %d ps 0.7 lw 1.5 lc rgb '%s'",
            d, column + 1, column + 2, column + 1, figure_strokes[d].colour, d, column,
            figure_strokes[d].pen, figure_strokes[d].point, figure_strokes[d].colour);
    fputc('\n', canvas->script.out);
}

static void put_body(const struct capacity *capacity, struct drawing *drawing) {
    const struct figure_source *source = capacity->source;
    struct arena *arena = source->arena;
    struct legend_entry entries[DEPTHS_MAX + 1];
    size_t columns = 0, legend = 0;
    for (size_t s = 0; s < SETS; s++)
        columns += capacity->has[s];
    double width = fmin(PLOT_WIDTH, (source->width - 110) / (double)columns - 22);
    struct canvas canvas = figure_canvas(source, fmax(480, 100 + (width + 22) * (double)columns));
    canvas_header(&canvas, figure_title(source, "error and loss by capacity"),
                  caption_of(capacity));
    for (size_t d = 0; d < capacity->depths; d++)
        entries[legend++] =
            (struct legend_entry){arena_printf(arena, "%g hidden layer%s", capacity->depth[d],
                                               capacity->depth[d] == 1 ? "" : "s"),
                                  figure_strokes[d], false};
    for (size_t v = 0; v < capacity->count && legend == capacity->depths; v++)
        if (!capacity->variants[v].best)
            entries[legend++] =
                (struct legend_entry){"other variants of these sizes", {"#B0B0B0", 0, 7, 0}, false};
    canvas_legend(&canvas, entries, legend);
    double y_room = figure_y_room(source), head = 0;
    for (size_t s = 0; s < SETS; s++)
        if (capacity->has[s])
            head = fmax(head, canvas_panel_head(sets[s], "", width, source->plain, arena));
    double top = canvas.height + 2 + head;
    for (size_t m = 0; m < MEASURES; m++, top += PLOT_HEIGHT + 22 + y_room)
        for (size_t s = 0, column = 0; s < SETS; s++) {
            double left = 84 + (width + 22) * (double)column;
            if (!capacity->has[s])
                continue;
            put_panel(capacity, m, s, column++ == 0, m + 1 == MEASURES,
                      (struct plot_area){left, top, left + width, top + PLOT_HEIGHT}, &canvas);
        }
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_capacity(const struct figure_source *source, struct drawing *drawing,
                     struct error *err) {
    struct capacity *capacity = arena_alloc(source->arena, 1, sizeof *capacity);
    (void)err;
    capacity->source = source;
    capacity->kind = source->results->has_classes ? 0 : 1;
    if (source->variation->variants < 2)
        return true;
    find_variants(capacity);
    if (!capacity->count ||
        capacity->variants[0].parameters == capacity->variants[capacity->count - 1].parameters)
        return true; /* one size */
    find_best(capacity);
    find_depths(capacity);
    find_ranges(capacity);
    drawing->data = data_of(capacity);
    put_body(capacity, drawing);
    return true;
}
