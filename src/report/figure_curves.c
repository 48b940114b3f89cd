/* Loss and accuracy by epoch: a panel a variant, in it training, probe and validation. */
#include "report/curve.h"
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES = 3, PANELS_MAX = 12 };

/* Okabe and Ito's palette, which colour-blind readers tell apart. */
static const struct {
    const char *title, *colour;
} series[SERIES] = {
    {"training (while weights move)", "#56B4E9"},
    {"probe (training rows)", "#0072B2"},
    {"validation", "#D55E00"},
};

/* 1, 2, 5 of every decade: gnuplot's own are too few for a loss. */
static const char logarithmic_ticks[] =
    "  set logscale y\n"
    "  set ytics (1e-7, 1e-6, 1e-5, 1e-4, 2e-4, 5e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, "
    "0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1e3, 1e4, 1e5)\n";

/* What the two figures differ in. */
struct subject {
    const char *name;               /* of the figure and its files */
    const char *expression[SERIES]; /* SQL */
    const char *title, *axis;
    bool logarithmic;
};

static void put_panel_data(const struct group *group, const struct curve curves[SERIES],
                           FILE *out) {
    fprintf(out, "# %s\n# epoch\tseeds\ttrain\tlow\thigh\tprobe\tlow\thigh\tval\tlow\thigh\n",
            *group->label ? group->label : "all trials");
    for (size_t e = 0; e < curves[0].epochs; e++) {
        fprintf(out, "%zu\t%zu", e + 1, curves[0].at[e].n);
        for (size_t s = 0; s < SERIES; s++) {
            const struct moments *m = &curves[s].at[e];
            fprintf(out, "\t%g\t%g\t%g", m->n ? m->mean : (double)NAN, curve_low(m, group->count),
                    curve_high(m, group->count));
        }
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

/* A mean is drawn solid only where all seeds are still there. */
static void put_panel(const struct subject *subject, const struct group *group, size_t index,
                      bool with_key, bool few, struct arena *arena, FILE *out) {
    const struct moments *best = &group->moments[RESULT_BEST_EPOCH];
    const char *style = few ? "linespoints pt 7 ps 0.5" : "lines";
    if (*group->label)
        fprintf(out, "  set title %s\n", gnuplot_quoted(group->label, arena));
    fputs("  unset arrow\n  unset label\n", out);
    if (best->n) {
        bool right = best->mean > 0.7 * group->moments[RESULT_EPOCHS].mean;
        fprintf(out,
                "  set arrow from %g, graph 0 to %g, graph 1 nohead dashtype 3 lc rgb '#404040'\n"
                "  set label 'best epoch %.3g' at %g, graph %g %s offset %s,0 front\n",
                best->mean, best->mean, best->mean, best->mean, subject->logarithmic ? 0.06 : 0.33,
                right ? "right" : "left", right ? "-0.5" : "0.5");
    }
    fputs(with_key ? "  set key on\n  plot" : "  set key off\n  plot", out);
    for (size_t s = 0; s < SERIES && group->count > 1; s++)
        fprintf(out,
                " '%s.tsv' index %zu using 1:%zu:%zu with filledcurves fc rgb '%s' fs transparent "
                "solid 0.2 noborder notitle,",
                subject->name, index, 4 + 3 * s, 5 + 3 * s, series[s].colour);
    for (size_t s = 0; s < SERIES; s++)
        fprintf(out,
                "%s '%s.tsv' index %zu using 1:%zu with lines lw 1 dashtype 2 lc rgb '%s' notitle, "
                "'' index %zu using 1:($2 == %zu ? $%zu : NaN) with %s lw 2 lc rgb '%s' title '%s'",
                s ? "," : "", subject->name, index, 3 + 3 * s, series[s].colour, index,
                group->count, 3 + 3 * s, style, series[s].colour, series[s].title);
    fputc('\n', out);
}

static void put_frame(const struct subject *subject, const struct results *results, size_t panels,
                      size_t columns, struct arena *arena, FILE *out) {
    size_t seeds = results->groups[0].count, rows = (panels + columns - 1) / columns;
    const char *which =
        panels < results->count
            ? arena_printf(arena, ", the %zu best of %zu variants", panels, results->count)
            : "";
    const char *title =
        arena_printf(arena, "%s: %s (%s, %zu seed%s%s%s)", results->experiment, subject->title,
                     results->dataset, seeds, seeds == 1 ? "" : "s", curve_band_text(seeds), which);
    fprintf(out, "  set multiplot layout %zu,%zu title %s font ',14'\n", rows, columns,
            gnuplot_quoted(title, arena));
    fprintf(out,
            "  set xlabel 'epoch'\n  set ylabel '%s'\n%s  set grid lc rgb '#D0D0D0'\n"
            "  set key %s samplen 2 spacing 1.1 width -2\n",
            subject->axis, subject->logarithmic ? logarithmic_ticks : "",
            subject->logarithmic ? "top right" : "bottom right");
}

/* All panels have one scale, without the band of the first epoch, which would flatten the rest. */
static void put_range(struct curve (*curves)[SERIES], size_t panels, bool logarithmic, FILE *out) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    size_t epochs = 0;
    for (size_t p = 0; p < panels; p++)
        for (size_t s = 0; s < SERIES; s++)
            for (size_t e = 0; e < curves[p][s].epochs; e++) {
                const struct moments *m = &curves[p][s].at[e];
                epochs = curves[p][s].epochs > epochs ? curves[p][s].epochs : epochs;
                if (isnan(m->mean) || (logarithmic && m->mean <= 0))
                    continue;
                low = m->mean < low ? m->mean : low;
                high = m->mean > high ? m->mean : high;
            }
    fprintf(out, "  set xrange [%g:%zu]\n", epochs > 1 ? 1.0 : 0.5, epochs > 1 ? epochs : 2);
    if (!(low <= high))
        return;
    if (logarithmic)
        fprintf(out, "  set yrange [%g:%g]\n", low * 0.8, high * 1.15);
    else
        fprintf(out, "  set yrange [%g:%g]\n", low - 0.05 * (high - low) - 0.1,
                high + 0.05 * (high - low) + 0.1);
}

static bool compose(const struct subject *subject, struct query_database *database,
                    const struct results *results, struct arena *arena, struct drawing *drawing,
                    struct error *err) {
    size_t panels = 0, columns = 1, size;
    struct curve curves[PANELS_MAX][SERIES];
    const struct group *groups[PANELS_MAX];
    for (size_t g = 0; g < results->count && panels < PANELS_MAX; g++) {
        const struct group *group = &results->groups[g];
        if (!group->count)
            continue;
        groups[panels] = group;
        if (!curves_load(database, results->experiment, group, subject->expression, SERIES, arena,
                         curves[panels++], err))
            return false;
    }
    if (!panels)
        return true;
    while (columns * columns < panels && columns < 3)
        columns++;
    char *data = NULL, *body = NULL;
    FILE *out = open_memstream(&data, &size);
    for (size_t p = 0; p < panels; p++)
        put_panel_data(groups[p], curves[p], out);
    fclose(out);
    out = open_memstream(&body, &size);
    put_frame(subject, results, panels, columns, arena, out);
    put_range(curves, panels, subject->logarithmic, out);
    for (size_t p = 0; p < panels; p++)
        put_panel(subject, groups[p], p, p == 0, curves[p][0].epochs < 3, arena, out);
    fputs("  unset multiplot\n", out);
    fclose(out);
    drawing->data = arena_text(arena, data, strlen(data));
    drawing->body = arena_text(arena, body, strlen(body));
    size_t rows = (panels + columns - 1) / columns;
    drawing->width = panels == 1 ? 860 : (int)columns * 520;
    drawing->height = panels == 1 ? 540 : (int)rows * 380 + 40;
    free(data);
    free(body);
    return true;
}

bool figure_curves(struct query_database *database, const struct results *results,
                   struct arena *arena, struct drawing *drawing, struct error *err) {
    static const struct subject loss = {.name = "curves",
                                        .expression = {"train_loss", "probe_loss", "val_loss"},
                                        .title = "loss by epoch",
                                        .axis = "loss, log scale (cross entropy: nats)",
                                        .logarithmic = true};
    return compose(&loss, database, results, arena, drawing, err);
}

bool figure_accuracy(struct query_database *database, const struct results *results,
                     struct arena *arena, struct drawing *drawing, struct error *err) {
    static const struct subject accuracy = {
        .name = "accuracy",
        .expression = {"100 * train_accuracy", "100 * probe_accuracy", "100 * val_accuracy"},
        .title = "accuracy by epoch",
        .axis = "accuracy (% of rows)"};
    return !results->has_classes || compose(&accuracy, database, results, arena, drawing, err);
}
