/* The generalization gap by epoch: a line a variant, named at its end. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>

enum { LINES_MAX = FIGURE_STROKES, PLOT_HEIGHT = 380 };

struct gap {
    const struct figure_source *source;
    const struct group *groups[LINES_MAX];
    struct curve curves[LINES_MAX], x[LINES_MAX];
    size_t count, epochs;
    struct range range, across;
};

static bool load(struct gap *gap, struct error *err) {
    const struct figure_source *source = gap->source;
    const char *expressions[] = {"val_loss - probe_loss", source->x->expression};
    const struct group *const *ranked = figure_ranked(source);
    for (size_t g = 0; g < source->results->count && gap->count < LINES_MAX; g++) {
        const struct group *group = ranked[g];
        struct curve *curve = &gap->curves[gap->count], loaded[2];
        bool any = false;
        if (!group->count)
            continue;
        if (!curves_load(source->database, source->results->experiment, group, expressions, 2,
                         source->arena, loaded, err))
            return false;
        *curve = loaded[0];
        gap->x[gap->count] = loaded[1];
        for (size_t e = 0; e < curve->epochs; e++)
            any |= curve->at[e].n != 0;
        if (!any)
            continue; /* no validation rows, or diverged at once */
        gap->groups[gap->count++] = group;
        gap->epochs = curve->epochs > gap->epochs ? curve->epochs : gap->epochs;
    }
    return true;
}

static void find_range(struct gap *gap) {
    double *values =
        arena_alloc(gap->source->arena, gap->count * gap->epochs * 3 + 1, sizeof *values);
    size_t count = 0;
    values[count++] = 0;
    for (size_t l = 0; l < gap->count; l++)
        for (size_t e = gap->epochs > 4 ? 1 : 0; e < gap->curves[l].epochs; e++) {
            const struct moments *m = &gap->curves[l].at[e];
            values[count++] = m->mean;
            if (gap->groups[l]->count > 1) {
                values[count++] = curve_low(m, gap->groups[l]->count);
                values[count++] = curve_high(m, gap->groups[l]->count);
            }
        }
    gap->range = range_of(values, count, false, CUT_LOW | CUT_HIGH);
    for (size_t l = 0; l < gap->count; l++) {
        double first = gap->curves[l].at[0].mean;
        gap->range.cut |= first < gap->range.low || first > gap->range.high;
    }
}

static void put_data(const struct gap *gap, size_t l, FILE *out) {
    const struct group *group = gap->groups[l];
    fprintf(out, "# %s\n# %s\tseeds\tgap\tlow\thigh\n",
            gnuplot_plain(figure_label(gap->source, group), gap->source->arena),
            gap->source->x->name);
    for (size_t e = 0; e < gap->curves[l].epochs; e++) {
        const struct moments *m = &gap->curves[l].at[e];
        fprintf(out, "%s\t%zu", figure_number(gap->x[l].at[e].mean, gap->source->arena), m->n);
        figure_put_moments(m, group->count, gap->source->arena, out);
        fputc('\n', out);
    }
    fputs("\n\n", out);
}

/* How far a line is moved aside where there is but one epoch: bars would hide each other. */
static double aside(const struct gap *gap, size_t l) {
    return gap->epochs == 1 ? 0.03 * ((double)l - 0.5 * ((double)gap->count - 1)) *
                                  (gap->across.high - gap->across.low)
                            : 0;
}

static void put_band(const struct gap *gap, size_t l, FILE *out) {
    const char *colour = figure_strokes[l].colour;
    if (gap->epochs == 1)
        fprintf(out,
                ", 'gap.tsv' index %zu using ($1 + %g):(cut($4)):(0):(cut($5) - cut($4)) with "
                "vectors nohead lc rgb '%s'",
                l, aside(gap, l), colour);
    else
        fprintf(out,
                ", 'gap.tsv' index %zu using 1:(band($4)):(band($5)) with filledcurves fc rgb "
                "'%s' fs transparent solid %g noborder",
                l, colour, gap->count > 4 ? 0.08 : 0.15);
}

static void put_line(const struct gap *gap, size_t l, FILE *out) {
    const struct stroke *stroke = &figure_strokes[l];
    const struct group *group = gap->groups[l];
    if (figure_thins_out(group))
        fprintf(out, ", 'gap.tsv' index %zu using 1:3 with lines lw 1 dashtype 2 lt %d lc rgb '%s'",
                l, stroke->pen, stroke->colour);
    fprintf(
        out,
        ", 'gap.tsv' index %zu using ($1 + %g):($2 == %zu ? $3 : NaN) with linespoints lt %d pt %d "
        "ps 0.6 pi %zu lw 2 lc rgb '%s'",
        l, aside(gap, l), group->count, stroke->pen, stroke->point, 1 + (gap->epochs - 1) / 10,
        stroke->colour);
}

static double end_of(const struct curve *curve) {
    double end = (double)NAN;
    for (size_t e = 0; e < curve->epochs; e++)
        end = isnan(curve->at[e].mean) ? end : curve->at[e].mean;
    return end;
}

static void put_body(struct gap *gap, struct drawing *drawing) {
    const struct figure_source *source = gap->source;
    struct arena *arena = source->arena;
    struct legend_entry entries[LINES_MAX];
    double longest = 0, ends[LINES_MAX];
    for (size_t l = 0; l < gap->count; l++) {
        const char *label = figure_label(source, gap->groups[l]);
        ends[l] = end_of(&gap->curves[l]);
        entries[l] = (struct legend_entry){label, figure_strokes[l], false};
        longest = fmax(longest, font_text_width(label, figure_font(source)));
    }
    bool named = source->variation->variants > 1 && longest < fmin(260, 0.4 * source->width);
    struct canvas canvas = figure_canvas(source, 760 + (named ? longest : 0));
    canvas_header(
        &canvas,
        figure_title(source, arena_printf(arena, "generalization gap by %s", source->x->name)),
        arena_printf(arena, "%s%s",
                     figure_caption(source, gap->groups, gap->count,
                                    !source->plain || gap->epochs == 1,
                                    gap->count == LINES_MAX ? ROOM_FULL : ROOM_LEFT),
                     gap->range.cut ? "; some epochs lie outside the frame" : ""));
    if (!named && source->variation->variants > 1)
        canvas_legend(&canvas, entries, gap->count);
    double top = canvas.height + 10 + figure_y_room(source);
    struct plot_area panel = {84, top, canvas.width - (named ? longest + 46 : 20),
                              top + PLOT_HEIGHT};
    canvas_panel(&canvas, panel, "", "");
    if (named) /* the lines are fewer than the panel is high */
        canvas_end_labels(&canvas, panel, gap->range, false, ends, entries, gap->count);
    gap->across = figure_x_range(source, gap->x, gap->count);
    canvas_x(&canvas, panel, gap->across,
             figure_x_ticks(source, gap->across, panel.right - panel.left), source->x->label);
    canvas_y(&canvas, panel, gap->range, ticks_linear(gap->range, PLOT_HEIGHT / 40, arena),
             figure_axis(source, "validation minus probe loss", "val_loss"), false);
    canvas_cut(&canvas, gap->range);
    fputs("  plot 0 with lines lc rgb '#404040' lw 1", canvas.script.out);
    for (size_t l = 0; l < gap->count; l++)
        if (gap->groups[l]->count > 1)
            put_band(gap, l, canvas.script.out);
    for (size_t l = 0; l < gap->count; l++)
        put_line(gap, l, canvas.script.out);
    fputc('\n', canvas.script.out);
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_gap(const struct figure_source *source, struct drawing *drawing, struct error *err) {
    struct gap *gap = arena_alloc(source->arena, 1, sizeof *gap);
    gap->source = source;
    if (!load(gap, err))
        return false;
    if (!gap->count)
        return true;
    find_range(gap);
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t l = 0; l < gap->count; l++)
        put_data(gap, l, out);
    drawing->data = stream_text(&stream, source->arena);
    put_body(gap, drawing);
    return true;
}
