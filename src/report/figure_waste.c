/* Best epoch against epochs run: a row a variant, a dot a seed. */
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 30 };

/* Two blocks: a line a variant, and a line a seed. Rows are numbered from the top. */
static void put_data(const struct group *const *groups, size_t rows, FILE *out) {
    fputs("# row\tbest_epoch\tepochs\tvariant\n", out);
    for (size_t r = 0; r < rows; r++) {
        const struct moments *m = groups[r]->moments;
        fprintf(out, "%zu\t%g\t%g\t%s\n", r + 1, m[RESULT_BEST_EPOCH].mean, m[RESULT_EPOCHS].mean,
                *groups[r]->label ? groups[r]->label : "all trials");
    }
    fputs("\n\n# row\tbest_epoch\tseed\n", out);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < groups[r]->count; i++) {
            double best = groups[r]->results[i].number[RESULT_BEST_EPOCH];
            /* Seeds with the same best epoch are spread over the row's height. */
            double at =
                (double)(r + 1) + 0.5 * (((double)i + 0.5) / (double)groups[r]->count - 0.5);
            if (!isnan(best))
                fprintf(out, "%g\t%g\t%lld\n", at, best, (long long)groups[r]->results[i].seed);
        }
}

static void put_body(const struct results *results, const struct group *const *groups, size_t rows,
                     struct arena *arena, FILE *out) {
    size_t seeds = results->groups[0].count, shown = 0;
    for (size_t g = 0; g < results->count; g++)
        shown += results->groups[g].count != 0;
    const char *which =
        rows < shown ? arena_printf(arena, ", the %zu best of %zu variants", rows, shown) : "";
    const char *title =
        arena_printf(arena, "%s: epochs up to the best, and after it (%s, %zu seed%s%s)",
                     results->experiment, results->dataset, seeds, seeds == 1 ? "" : "s", which);
    fprintf(out,
            "  set title %s font ',14'\n  set xlabel 'epoch'\n  set grid x lc rgb '#D0D0D0'\n"
            "  set yrange [%g:0.4]\n  set xrange [0:*]\n  set rmargin 6\n  set ytics () nomirror\n"
            "  set key tmargin center horizontal maxrows 1 width -2 samplen 2\n  set style fill "
            "solid 1 noborder\n",
            gnuplot_quoted(title, arena), (double)rows + 0.6);
    for (size_t r = 0; r < rows; r++)
        fprintf(out, "  set ytics add (%s %zu)\n",
                gnuplot_quoted(*groups[r]->label ? groups[r]->label : "all trials", arena), r + 1);
    fputs("  plot 'waste.tsv' index 0 using (0):1:(0):3:($1 - 0.35):($1 + 0.35) with boxxyerror fc "
          "rgb '#E8E8E8' title 'epochs run', '' index 0 using (0):1:(0):2:($1 - 0.35):($1 + 0.35) "
          "with boxxyerror fc rgb '#9ECAE1' title 'best epoch: mean', '' index 1 using "
          "2:1 with points pt 7 ps 0.6 lc rgb '#0072B2' title 'best epoch: each seed'\n",
          out);
}

bool figure_waste(struct query_database *database, const struct results *results,
                  struct arena *arena, struct drawing *drawing, struct error *err) {
    (void)database, (void)err;
    const struct group *groups[ROWS_MAX];
    size_t rows = 0, longest = 0, size;
    for (size_t g = 0; g < results->count && rows < ROWS_MAX; g++)
        if (results->groups[g].moments[RESULT_BEST_EPOCH].n)
            groups[rows++] = &results->groups[g];
    for (size_t r = 0; r < rows; r++)
        longest = strlen(groups[r]->label) > longest ? strlen(groups[r]->label) : longest;
    if (!rows)
        return true;
    char *data = NULL, *body = NULL;
    FILE *out = open_memstream(&data, &size);
    put_data(groups, rows, out);
    fclose(out);
    out = open_memstream(&body, &size);
    put_body(results, groups, rows, arena, out);
    fclose(out);
    drawing->data = arena_text(arena, data, strlen(data));
    drawing->body = arena_text(arena, body, strlen(body));
    drawing->width = 760 + 8 * (int)longest;
    drawing->height = 220 + 36 * (int)rows;
    free(data);
    free(body);
    return true;
}
