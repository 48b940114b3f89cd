/* The generalization gap by epoch: a line a variant. */
#include "report/curve.h"
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 8 };

static const char *const colours[LINES_MAX] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                               "#E69F00", "#56B4E9", "#000000", "#F0E442"};

static void put_data(const struct group *group, const struct curve *curve, FILE *out) {
    fprintf(out, "# %s\n# epoch\tseeds\tgap\tlow\thigh\n",
            *group->label ? group->label : "all trials");
    for (size_t e = 0; e < curve->epochs; e++) {
        const struct moments *m = &curve->at[e];
        fprintf(out, "%zu\t%zu\t%g\t%g\t%g\n", e + 1, m->n, m->n ? m->mean : (double)NAN,
                curve_low(m, group->count), curve_high(m, group->count));
    }
    fputs("\n\n", out);
}

static void put_line(const struct group *group, size_t index, bool few, struct arena *arena,
                     FILE *out) {
    if (group->count > 1)
        fprintf(out,
                ", 'gap.tsv' index %zu using 1:4:5 with filledcurves fc rgb '%s' fs transparent "
                "solid 0.15 noborder notitle",
                index, colours[index]);
    fprintf(out,
            ", 'gap.tsv' index %zu using 1:3 with lines lw 1 dashtype 2 lc rgb '%s' notitle"
            ", '' index %zu using 1:($2 == %zu ? $3 : NaN) with %s lw 2 lc rgb '%s' %s",
            index, colours[index], index, group->count, few ? "linespoints pt 7 ps 0.5" : "lines",
            colours[index],
            *group->label ? arena_printf(arena, "title %s", gnuplot_quoted(group->label, arena))
                          : "notitle");
}

static void put_frame(const struct results *results, size_t lines, size_t epochs,
                      struct arena *arena, FILE *out) {
    size_t seeds = results->groups[0].count;
    const char *which =
        lines < results->count
            ? arena_printf(arena, ", the %zu best of %zu variants", lines, results->count)
            : "";
    const char *title =
        arena_printf(arena, "%s: generalization gap (%s, %zu seed%s%s%s)", results->experiment,
                     results->dataset, seeds, seeds == 1 ? "" : "s", curve_band_text(seeds), which);
    fprintf(out,
            "  set title %s font ',14'\n  set xlabel 'epoch'\n"
            "  set ylabel 'validation loss minus probe loss'\n"
            "  set xrange [%g:%zu]\n  set grid lc rgb '#D0D0D0'\n"
            "  set key top left samplen 2 Left reverse\n",
            gnuplot_quoted(title, arena), epochs > 1 ? 1.0 : 0.5, epochs > 1 ? epochs : 2);
}

bool figure_gap(struct query_database *database, const struct results *results, struct arena *arena,
                struct drawing *drawing, struct error *err) {
    static const char *const gap[] = {"val_loss - probe_loss"};
    struct curve curves[LINES_MAX];
    const struct group *groups[LINES_MAX];
    size_t lines = 0, epochs = 0, size;
    bool any = false;
    for (size_t g = 0; g < results->count && lines < LINES_MAX; g++) {
        if (!results->groups[g].count)
            continue;
        groups[lines] = &results->groups[g];
        if (!curves_load(database, results->experiment, groups[lines], gap, 1, arena,
                         &curves[lines], err))
            return false;
        epochs = curves[lines].epochs > epochs ? curves[lines].epochs : epochs;
        for (size_t e = 0; e < curves[lines].epochs; e++)
            any |= curves[lines].at[e].n != 0;
        lines++;
    }
    if (!any)
        return true; /* no validation rows */
    char *data = NULL, *body = NULL;
    FILE *out = open_memstream(&data, &size);
    for (size_t l = 0; l < lines; l++)
        put_data(groups[l], &curves[l], out);
    fclose(out);
    out = open_memstream(&body, &size);
    put_frame(results, lines, epochs, arena, out);
    fputs("  plot 0 with lines lc rgb '#404040' lw 1 notitle", out);
    for (size_t l = 0; l < lines; l++)
        put_line(groups[l], l, epochs < 3, arena, out);
    fputc('\n', out);
    fclose(out);
    drawing->data = arena_text(arena, data, strlen(data));
    drawing->body = arena_text(arena, body, strlen(body));
    drawing->width = 860;
    drawing->height = 540;
    free(data);
    free(body);
    return true;
}
