/* Best epoch against epochs run: a row a variant, a dot a seed. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>
#include <string.h>

enum { ROWS_MAX = 30, ROW_HEIGHT = 30 };

/* What became of the epochs after the best one. */
enum rest { REST_IDLE, REST_ROSE, REST_FAILED };

static const struct legend_entry legend[] = {
    {"up to the best epoch (median)", {"#6BA6CF", 0, 0, 1}, true},
    {"after it, validation accuracy no higher at the end", {"#E2E2E2", 0, 0, 7}, true},
    {"after it, validation accuracy still rose", {"#E9BE85", 0, 0, 2}, true},
    {"best epoch of each seed", {"#003A5C", 0, 7, 0}, false},
};
static const char *const rest_colours[] = {"#E2E2E2", "#E9BE85", "#FFFFFF"};

/* Epochs after the best are called idle only where they did not help accuracy, and a net that never
 * learned or diverged has no best epoch worth the name. */
static enum rest rest_of(const struct results *results, const struct group *group) {
    const struct moments *m = group->moments;
    if (group->diverged == group->count || !m[RESULT_BEST_EPOCH].n)
        return REST_FAILED;
    if (m[RESULT_LEARNED].mean < 0.5)
        return REST_FAILED;
    if (!results->has_classes)
        return REST_IDLE;
    return m[RESULT_FINAL_VAL_ACCURACY].mean > m[RESULT_VAL_ACCURACY].mean ? REST_ROSE : REST_IDLE;
}

struct waste {
    const struct figure_source *source;
    const struct group *groups[ROWS_MAX];
    enum rest rest[ROWS_MAX];
    const char *labels[ROWS_MAX];
    struct curve x[ROWS_MAX];
    size_t count;
    bool above; /* names stand above their bars, for want of room beside them */
};

static bool find_rows(struct waste *waste, struct error *err) {
    const struct results *results = waste->source->results;
    const struct group *const *ranked = figure_ranked(waste->source);
    bool validated = false;
    for (size_t g = 0; g < results->count; g++)
        validated |= results->groups[g].moments[RESULT_BEST_EPOCH].n != 0;
    for (size_t g = 0; validated && g < results->count && waste->count < ROWS_MAX; g++) {
        const struct group *group = ranked[g];
        if (!group->count)
            continue;
        waste->groups[waste->count] = group;
        waste->labels[waste->count] = figure_label(waste->source, group);
        waste->rest[waste->count] = rest_of(results, group);
        if (!figure_x_load(waste->source, group, &waste->x[waste->count++], err))
            return false;
    }
    return true;
}

/* Where the median best epoch of a row, and its last epoch, stand on the x axis. */
static double best_of(const struct waste *waste, size_t r) {
    return figure_x_at(&waste->x[r], figure_median(waste->groups[r], RESULT_BEST_EPOCH));
}
static double end_of(const struct waste *waste, size_t r) {
    return figure_x_at(&waste->x[r], waste->groups[r]->moments[RESULT_EPOCHS].mean);
}

/* A bar stands in the middle: of characters, on a line of its own. */
static double row_height(const struct figure_source *source) {
    return source->plain ? 2 * GNUPLOT_CHARACTER_HEIGHT : ROW_HEIGHT;
}

/* Two blocks: a line a variant, and a line a seed. Rows are numbered from the top. */
static void put_data(const struct waste *waste, FILE *out) {
    struct arena *arena = waste->source->arena;
    const char *x = waste->source->x->name;
    double spread = waste->source->plain ? 0 : 0.5;
    fprintf(out, "# row\t%s of the best epoch\t%s of the last\trest\tvariant\n", x, x);
    for (size_t r = 0; r < waste->count; r++) {
        static const char *const words[] = {"idle", "rose", "failed"};
        double best = waste->rest[r] == REST_FAILED ? (double)NAN : best_of(waste, r);
        fprintf(out, "%zu\t%s\t%s\t%s\t%s\n", r + 1, figure_number(best, arena),
                figure_number(end_of(waste, r), arena), words[waste->rest[r]],
                gnuplot_plain(waste->labels[r], arena));
    }
    fprintf(out, "\n\n# row\t%s of the best epoch\tseed\nNaN\tNaN\n", x);
    for (size_t r = 0; r < waste->count; r++)
        for (size_t i = 0; waste->rest[r] != REST_FAILED && i < waste->groups[r]->count; i++) {
            const struct result *result = &waste->groups[r]->results[i];
            /* Seeds with the same best epoch are spread over the row's height. */
            double at = (double)(r + 1) +
                        spread * (((double)i + 0.5) / (double)waste->groups[r]->count - 0.5);
            if (!isnan(result->number[RESULT_BEST_EPOCH]) && strcmp(result->state, "done") == 0)
                fprintf(out, "%g\t%s\t%lld\n", at,
                        figure_number(figure_x_at(&waste->x[r], result->number[RESULT_BEST_EPOCH]),
                                      arena),
                        (long long)result->seed);
        }
}

static const char *failure_text(const struct group *group, struct arena *arena) {
    if (!group->diverged)
        return "did not learn";
    return arena_printf(arena, "%zu of %zu seed%s diverged", group->diverged, group->count,
                        group->count == 1 ? "" : "s");
}

/* A terminal fills no rectangles but those of a plot. */
static void put_bars_of_characters(FILE *out) {
    static const char *const rests[] = {"idle", "rose"};
    fprintf(out,
            "  plot 'waste.tsv' index 0 using (0.5 * $2):1:(0.5 * $2):(0.001) with boxxyerror lt "
            "%d lc rgb '%s' fs solid 1 noborder",
            legend[0].stroke.pen, legend[0].stroke.colour);
    for (size_t i = 0; i < 2; i++)
        fprintf(out,
                ", '' index 0 using (strcol(4) eq '%s' ? 0.5 * ($2 + $3) : NaN):1:(0.5 * ($3 - "
                "$2)):(0.001) with boxxyerror lt %d lc rgb '%s' fs solid 1 noborder",
                rests[i], legend[1 + i].stroke.pen, legend[1 + i].stroke.colour);
    fprintf(out, ", '' index 1 using 2:1 with points pt 7 lc rgb '%s'\n", legend[3].stroke.colour);
}

static void put_rows(const struct waste *waste, struct canvas *canvas, struct plot_area panel) {
    struct arena *arena = waste->source->arena;
    bool any = false;
    for (size_t r = 0; r < waste->count; r++) {
        double middle = panel.top + ((double)r + 0.5) * row_height(waste->source),
               low = (double)r + 0.65;
        double best = best_of(waste, r);
        const char *line = "";
        font_wrap(waste->labels[r], figure_font(waste->source),
                  waste->above ? panel.right - panel.left : panel.left - 22, 1, &line, arena);
        if (waste->above)
            canvas_text(canvas, panel.left + 8, middle - GNUPLOT_CHARACTER_HEIGHT, "left", line,
                        "");
        else
            canvas_text(canvas, panel.left - 10, middle, "right", line, "");
        if (waste->rest[r] == REST_FAILED) {
            canvas_text(canvas, panel.left + 8, middle, "left",
                        failure_text(waste->groups[r], arena), "tc rgb '#505050'");
            continue;
        }
        any = true;
        if (canvas->plain)
            continue;
        fprintf(
            canvas->script.out,
            "  set object rectangle from 0, %g to %g, %g back fc rgb '#6BA6CF' fs solid 1 "
            "noborder\n"
            "  set object rectangle from %g, %g to %g, %g back fc rgb '%s' fs solid 1 noborder\n",
            low, best, low + 0.7, best, low, end_of(waste, r), low + 0.7,
            rest_colours[waste->rest[r]]);
    }
    if (any && canvas->plain)
        put_bars_of_characters(canvas->script.out);
    else if (any)
        fputs("  plot 'waste.tsv' index 1 using 2:1 with points pt 7 ps 0.6 lc rgb '#003A5C'\n",
              canvas->script.out);
    else
        fputs("  plot NaN\n", canvas->script.out);
}

static void put_body(struct waste *waste, struct drawing *drawing) {
    const struct figure_source *source = waste->source;
    struct legend_entry entries[sizeof legend / sizeof *legend];
    double longest = 40;
    size_t count = 0;
    bool rose = false, idle = false;
    for (size_t r = 0; r < waste->count; r++) {
        bool rest = best_of(waste, r) < end_of(waste, r);
        longest = fmax(longest, font_text_width(waste->labels[r], figure_font(source)));
        rose |= rest && waste->rest[r] == REST_ROSE;
        idle |= rest && waste->rest[r] == REST_IDLE;
    }
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++) {
        if ((i == 1 && !idle) || (i == 2 && !rose))
            continue;
        entries[count] = legend[i];
        if (i == 1 && !source->results->has_classes)
            entries[count].text = "after it";
        count++;
    }
    longest = fmin(longest, 520);
    waste->above = source->plain && longest > 0.45 * source->width;
    if (waste->above)
        longest = 0;
    struct canvas canvas = figure_canvas(source, 700 + longest);
    canvas_header(
        &canvas,
        figure_title(source,
                     source->x == curve_xs
                         ? "best epoch against epochs run"
                         : arena_printf(source->arena, "best epoch against epochs run, in %s",
                                        source->x->name)),
        arena_printf(source->arena, "%s; best epoch: the %s",
                     figure_caption(source, waste->groups, waste->count, false, ROOM_FULL),
                     figure_best_words(source)));
    canvas_legend(&canvas, entries, count);
    struct plot_area panel = {longest + 26, canvas.height + 8, canvas.width - 24,
                              canvas.height + 8 + row_height(source) * (double)waste->count};
    canvas_panel(&canvas, panel, "", "");
    struct range x = figure_x_range(source, waste->x, waste->count);
    x = (struct range){0, x.high * 1.02, false};
    canvas_x(&canvas, panel, x, figure_x_ticks(source, x, panel.right - panel.left),
             source->x->label);
    fputs("  unset grid\n  if (!plain) { set grid x lt 1 lw 0.5 lc rgb '#DCDCDC' }\n",
          canvas.script.out);
    canvas_y(&canvas, panel, (struct range){(double)waste->count + 0.5, 0.5, false}, "", "", false);
    put_rows(waste, &canvas, panel);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_waste(const struct figure_source *source, struct drawing *drawing, struct error *err) {
    struct waste *waste = arena_alloc(source->arena, 1, sizeof *waste);
    waste->source = source;
    if (!find_rows(waste, err))
        return false;
    if (!waste->count)
        return true;
    struct stream stream;
    FILE *out = stream_open(&stream);
    put_data(waste, out);
    drawing->data = stream_text(&stream, source->arena);
    put_body(waste, drawing);
    return true;
}
