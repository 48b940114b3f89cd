/* What each swept knob does: a column of panels a knob, error above loss, a dot a seed, the mean
 * and its interval, and a line for each combination of the other knobs, so that nothing is averaged
 * over them. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>

enum {
    AXES_MAX = 6,
    MEASURES = 2,
    LINES_NAMED = FIGURE_STROKES, /* more lines stay gray and without a name */
    PLOT_HEIGHT = 190,
    PLOT_WIDTH_LEAST = 150,
    TICK_WIDTH_MAX = 130,
    DOTS_MAX = 10000, /* of more, those that would hide another are left out */
    DOT_STEPS = 2 * PLOT_HEIGHT,
    VALUES_NAMED = 12, /* more numbers have ordinary ticks */
    NAME_WIDTH_MAX = 210,
};

/* What is drawn of classifiers and of regressions; each first on the test set, for want of one on
 * the validation rows. The axis' unit is that of the metric. */
static const struct {
    enum point_number number[2];
    const char *metric, *words[2];
} measures[2][MEASURES] = {
    {{{POINT_TEST_ERROR, POINT_VAL_ERROR}, "test_accuracy", {"test error", "validation error"}},
     {{POINT_TEST_LOSS, POINT_VAL_LOSS}, "test_loss", {"test loss", "validation loss"}}},
    {{{POINT_TEST_MAE, POINT_VAL_MAE},
      "test_mae",
      {"mean absolute test error", "mean absolute validation error"}},
     {{POINT_TEST_LOSS, POINT_VAL_LOSS}, "test_loss", {"test loss", "validation loss"}}},
};

struct axes {
    const struct figure_source *source;
    size_t *variants; /* [variant_count + 1] where each variant's points begin, and the end */
    size_t variant_count;
    size_t count;     /* of axes drawn */
    size_t across;    /* of them in a row */
    size_t kind, set; /* of measures; 0: test, 1: validation */
    struct range range[MEASURES];
    bool logarithmic[MEASURES];
};

/* One panel column: how its knob's values stand on the x axis, and the lines. */
struct column {
    size_t axis;
    int font;
    double name_width; /* at most, of a line's name */
    const struct knob_values *varied;
    bool numeric, logarithmic;
    size_t lines;        /* combinations of the other axes */
    size_t *line;        /* [variation->variants] */
    const char **labels; /* [lines] */
    struct range x;
    double room; /* right of the panel, for the lines' names */
    const char *ticks;
    double below; /* pixels from the panel down to the knob's name */
};

static double value_of(const struct axes *axes, size_t point, size_t measure) {
    return axes->source->points.at[point].values[measures[axes->kind][measure].number[axes->set]];
}

static struct moments moments_at(const struct axes *axes, size_t from, size_t to, size_t measure) {
    return points_moments(&axes->source->points, from, to,
                          measures[axes->kind][measure].number[axes->set]);
}

static void find_variants(struct axes *axes) {
    const struct points *points = &axes->source->points;
    axes->variants = arena_alloc(axes->source->arena, points->count + 1, sizeof *axes->variants);
    for (size_t p = 0; p < points->count; p = points_variant_end(points, p))
        axes->variants[axes->variant_count++] = p;
    axes->variants[axes->variant_count] = points->count;
    axes->set = 1;
    for (size_t p = 0; p < points->count; p++)
        for (size_t m = 0; m < MEASURES; m++)
            if (!isnan(points->at[p].values[measures[axes->kind][m].number[0]]))
                axes->set = 0;
}

/* All panels of a row have one scale, a logarithmic one where the values span a decade. */
static bool find_ranges(struct axes *axes) {
    size_t any = 0;
    double *values = arena_alloc(axes->source->arena, axes->source->points.count, sizeof *values);
    for (size_t m = 0; m < MEASURES; m++) {
        size_t count = 0;
        double low = (double)INFINITY, high = 0;
        for (size_t p = 0; p < axes->source->points.count; p++) {
            double value = value_of(axes, p, m);
            if (isnan(value))
                continue;
            values[count++] = value;
            low = fmin(low, value);
            high = fmax(high, value);
        }
        any += count;
        axes->logarithmic[m] = low > 0 && high > 8 * low;
        axes->range[m] = range_of(values, count, axes->logarithmic[m], CUT_HIGH);
    }
    return any != 0;
}

static struct column column_of(const struct figure_source *source, size_t axis) {
    const struct variation *variation = source->variation;
    struct column column = {
        .axis = axis,
        .font = figure_font(source),
        .name_width = fmin(NAME_WIDTH_MAX, 0.4 * source->width),
        .varied = variation_axis(variation, axis),
        .line = arena_alloc(source->arena, variation->variants, sizeof(size_t)),
        .labels = arena_alloc(source->arena, variation->variants, sizeof *column.labels)};
    size_t *first = arena_alloc(source->arena, variation->variants, sizeof *first);
    for (size_t v = 0; v < variation->variants; v++) {
        size_t line = 0;
        /* Beyond some hundred lines nothing is seen: each variant is then by itself. */
        while (line < column.lines &&
               (line > 200 || !variation_same(variation, first[line], v, (uint64_t)1 << axis)))
            line++;
        if (line == column.lines) {
            first[column.lines] = v;
            column.labels[column.lines++] =
                variation_label(variation, v, (uint64_t)1 << axis, source->arena);
        }
        column.line[v] = line;
    }
    const struct knob_values *varied = column.varied;
    double low = varied->numbers[0], high = varied->numbers[varied->count - 1];
    column.numeric = varied->numeric && isfinite(low) && isfinite(high);
    column.logarithmic = column.numeric && low > 0 && high >= 8 * low &&
                         median_of(varied->numbers, varied->count) < 0.25 * (low + high);
    double margin = column.logarithmic ? pow(high / low, 0.06) : 0.06 * (high - low);
    column.x = column.logarithmic ? (struct range){low / margin, high * margin, false}
               : column.numeric   ? (struct range){low - margin, high + margin, false}
                                  : (struct range){0.5, (double)varied->count + 0.5, false};
    return column;
}

static double x_of(const struct column *column, size_t value) {
    return column->numeric ? column->varied->numbers[value] : (double)value + 1;
}

/* Whether the lines have colours and names: there are few, and the names are short. */
static bool is_named(const struct column *column) {
    if (column->lines > LINES_NAMED)
        return false;
    for (size_t l = 0; l < column->lines; l++)
        if (font_text_width(column->labels[l], column->font) > column->name_width)
            return false;
    return true;
}

/* Where there is no order among the values, lines stand side by side. */
static double dodge_of(const struct column *column, size_t line) {
    if (column->numeric || !is_named(column))
        return 0;
    double step = fmin(0.1, 0.5 / (double)column->lines);
    return step * ((double)line - 0.5 * (double)(column->lines - 1));
}

/* The means of the variants that are in a line at one value of the knob, all but always one. */
static bool put_means(const struct axes *axes, const struct column *column, size_t m, size_t line,
                      size_t value, FILE *out) {
    struct arena *arena = axes->source->arena;
    bool any = false;
    for (size_t v = 0; v < axes->variant_count; v++) {
        size_t from = axes->variants[v], row = axes->source->points.at[from].row;
        if (column->line[row] != line ||
            variation_at(axes->source->variation, row, column->axis) != value)
            continue;
        struct moments moments = moments_at(axes, from, axes->variants[v + 1], m);
        if (!moments.n)
            continue;
        fprintf(out, "%g", x_of(column, value) + dodge_of(column, line));
        figure_put_moments(&moments, moments.n, arena, out);
        fprintf(out, "\t%zu\t%zu\n", moments.n, line);
        any = true;
    }
    return any;
}

/* Which of so many steps from the lower end of the panel to the upper a number is in. */
static size_t step_of(const struct axes *axes, size_t m, double number) {
    struct range range = axes->range[m];
    double part = axes->logarithmic[m] ? log(number / range.low) / log(range.high / range.low)
                                       : (number - range.low) / (range.high - range.low);
    return (size_t)(fmin(fmax(part, 0), 1) * (DOT_STEPS - 1));
}

static void put_dots(const struct axes *axes, const struct column *column, size_t m, FILE *out) {
    const struct points *points = &axes->source->points;
    struct arena scratch = {0};
    size_t lines = is_named(column) ? column->lines : 1;
    bool thin = points->count > DOTS_MAX;
    bool *taken = arena_alloc(&scratch, thin ? column->varied->count * lines * DOT_STEPS : 1, 1);
    for (size_t p = 0; p < points->count; p++) {
        size_t row = points->at[p].row, line = column->line[row];
        size_t value = variation_at(axes->source->variation, row, column->axis);
        double number = value_of(axes, p, m);
        if (isnan(number))
            continue;
        bool *place = taken;
        if (thin)
            place +=
                (value * lines + (lines > 1 ? line : 0)) * DOT_STEPS + step_of(axes, m, number);
        if (!*place)
            fprintf(out, "%g\t%g\t%lld\t%zu\n", x_of(column, value) + dodge_of(column, line),
                    number, (long long)points->at[p].seed, line);
        *place = thin;
    }
    arena_close(&scratch);
}

/* Two blocks a panel: the means line by line, each ended by a blank line, and every seed. */
static void put_data(const struct axes *axes, const struct column *column, size_t m, FILE *out) {
    fprintf(out, "# %s\n# x\tmean\tlow\thigh\tseeds\tline\n", column->varied->name);
    for (size_t line = 0; line < column->lines; line++) {
        bool any = false;
        for (size_t value = 0; value < column->varied->count; value++)
            any |= put_means(axes, column, m, line, value, out);
        fputs(any ? "\n" : "NaN\tNaN\n\n", out);
    }
    fputs("\n# x\tvalue\tseed\tline\nNaN\tNaN\n", out);
    put_dots(axes, column, m, out);
    fputs("\n\n", out);
}

/* The value of each line at its right end. */
static void find_ends(const struct axes *axes, const struct column *column, size_t m,
                      double *ends) {
    const struct variation *variation = axes->source->variation;
    size_t *last = arena_alloc(axes->source->arena, column->lines, sizeof *last);
    for (size_t line = 0; line < column->lines; line++)
        ends[line] = (double)NAN;
    for (size_t p = 0, end; p < axes->source->points.count; p = end) {
        size_t row = axes->source->points.at[p].row, line = column->line[row];
        end = points_variant_end(&axes->source->points, p);
        size_t value = variation_at(variation, row, column->axis);
        struct moments moments = moments_at(axes, p, end, m);
        if (moments.n && value >= last[line]) {
            last[line] = value;
            ends[line] = moments.mean;
        }
    }
}

/* Ticks at the values themselves, as many as there is room for. */
static const char *number_ticks(const struct column *column, double width, struct arena *arena) {
    const struct knob_values *varied = column->varied;
    double shown = -(double)INFINITY;
    const char *list = "(";
    for (size_t i = 0; i < varied->count; i++) {
        const char *text = "";
        double x = x_of(column, i);
        double part = column->logarithmic
                          ? log(x / column->x.low) / log(column->x.high / column->x.low)
                          : (x - column->x.low) / (column->x.high - column->x.low);
        if (part * width - shown >= font_text_width(varied->shown[i], column->font) + 10) {
            text = varied->shown[i];
            shown = part * width;
        }
        list = arena_printf(arena, "%s%s%s %.10g", list, i ? ", " : "", gnuplot_quoted(text, arena),
                            x);
    }
    return arena_printf(arena, "%s)", list);
}

static void find_ticks(struct column *column, double width, bool plain, struct arena *arena) {
    const struct knob_values *varied = column->varied;
    size_t room = (size_t)(width / 60);
    column->below = 34;
    if (!column->numeric) {
        struct words_below below = canvas_words_below(varied->shown, varied->count, 1, width,
                                                      TICK_WIDTH_MAX, plain, arena);
        column->ticks = below.ticks;
        column->below = below.depth;
    } else if (varied->count <= VALUES_NAMED)
        column->ticks = number_ticks(column, width, arena);
    else
        column->ticks = column->logarithmic ? ticks_logarithmic(column->x, room, arena)
                                            : ticks_linear(column->x, room, arena);
}

static void put_plot(const struct axes *axes, const struct column *column, size_t block,
                     FILE *out) {
    bool named = is_named(column);
    fputs("  plot", out);
    for (size_t line = 0; line < (named ? column->lines : 1); line++) {
        const char *colour = named ? figure_strokes[line].colour : "#B0B0B0";
        fprintf(out,
                "%s 'axis.tsv' index %zu using 1:($4 == %zu || %d ? $2 : NaN) with points pt 7 ps "
                "0.3 lc rgb '%s'",
                line ? "," : "", block + 1, line, !named, colour);
    }
    for (size_t line = 0; line < (named ? column->lines : 1); line++) {
        const char *colour = named ? figure_strokes[line].colour : "#909090";
        const char *every =
            named ? arena_printf(axes->source->arena, "every :::%zu::%zu ", line, line) : "";
        if (named)
            fprintf(out,
                    ", 'axis.tsv' index %zu %susing 1:(cut($3)):(0):(cut($4) - cut($3)) with "
                    "vectors nohead lw 1 lc "
                    "rgb '%s'",
                    block, every, colour);
        fprintf(out,
                ", 'axis.tsv' index %zu %susing 1:2 with linespoints lt %d pt %d ps 0.7 lw %g lc "
                "rgb '%s'",
                block, every, figure_strokes[line].pen, named ? figure_strokes[line].point : 7,
                named ? 1.5 : 0.7, colour);
    }
    fputc('\n', out);
}

static double room_of(const struct column *column) {
    double room = 24;
    for (size_t l = 0; column->lines > 1 && is_named(column) && l < column->lines; l++)
        room = fmax(room, 38 + font_text_width(column->labels[l], column->font));
    return room;
}

static void put_names(const struct axes *axes, const struct column *column, size_t m,
                      struct plot_area panel, struct canvas *canvas) {
    struct legend_entry entries[LINES_NAMED];
    double ends[LINES_NAMED];
    if (column->lines < 2 || !is_named(column))
        return;
    find_ends(axes, column, m, ends);
    size_t count = 0;
    for (size_t l = 0; l < column->lines; l++)
        if (!isnan(ends[l])) {
            entries[count] = (struct legend_entry){column->labels[l], figure_strokes[l], false};
            ends[count++] = ends[l];
        }
    /* They always fit: eight lines of text are not as high as the panel. */
    canvas_end_labels(canvas, panel, axes->range[m], axes->logarithmic[m], ends, entries, count);
}

static void put_panel(const struct axes *axes, const struct column *columns, size_t a, size_t m,
                      struct plot_area panel, struct canvas *canvas) {
    const struct column *column = &columns[a];
    const struct knob *knob = column->varied->knob;
    struct arena *arena = canvas->arena;
    bool last = m + 1 == MEASURES;
    canvas_panel(canvas, panel, "", "");
    canvas_x(canvas, panel, column->x, column->ticks, last ? " " : "");
    if (last)
        canvas_text(canvas, (panel.left + panel.right) / 2, panel.bottom + column->below, "center",
                    knob->unit ? arena_printf(arena, "%s (%s)", column->varied->name, knob->unit)
                               : column->varied->name,
                    "");
    if (column->logarithmic)
        fputs("  set logscale x\n", canvas->script.out);
    canvas_y(canvas, panel, axes->range[m],
             axes->logarithmic[m] ? ticks_logarithmic(axes->range[m], PLOT_HEIGHT / 20, arena)
                                  : ticks_linear(axes->range[m], PLOT_HEIGHT / 35, arena),
             a % axes->across ? ""
                              : figure_axis(axes->source, measures[axes->kind][m].words[axes->set],
                                            measures[axes->kind][m].metric),
             axes->logarithmic[m]);
    put_names(axes, column, m, panel, canvas);
    canvas_cut(canvas, axes->range[m]);
    put_plot(axes, column, 2 * (m * axes->count + a), canvas->script.out);
}

static const char *caption_of(const struct axes *axes, bool named) {
    struct arena *arena = axes->source->arena;
    return arena_printf(
        arena, "%s; %s; a dot a seed%s%s; lower is better%s%s", figure_caption_all(axes->source),
        figure_when(axes->source),
        axes->source->points.count > DOTS_MAX ? ", one where they coincide" : "",
        named ? figure_bar(axes->source->results, arena)
              : "; line: the mean for one combination of the other knobs",
        axes->count < axes->source->variation->axes
            ? arena_printf(arena, "; %d of %zu knobs", AXES_MAX, axes->source->variation->axes)
            : "",
        axes->range[0].cut || axes->range[1].cut ? "; some seeds lie outside the frame" : "");
}

/* Room for names that the widest row needs. */
static double names_of(const struct axes *axes, const struct column *columns, size_t across) {
    double widest = 0, row = 0;
    for (size_t a = 0; a < axes->count; a++) {
        row = columns[a].room + (a % across ? row : 0);
        widest = fmax(widest, row);
    }
    return widest;
}

/* As many panels in a row as leave each a width at which its values can be told. */
static double choose_across(struct axes *axes, const struct column *columns, double width) {
    for (axes->across = axes->count;; axes->across--) {
        double room = axes->source->width - 84 - names_of(axes, columns, axes->across);
        double each = fmin(width, room / (double)axes->across);
        if (each >= PLOT_WIDTH_LEAST || axes->across == 1)
            return each;
    }
}

static void put_body(struct axes *axes, struct column *columns, struct drawing *drawing) {
    double below = 0, width = axes->count == 1 ? 560 : 300, y_room = figure_y_room(axes->source);
    bool named = false; /* lines without a name have no bars */
    for (size_t a = 0; a < axes->count; a++) {
        named |= is_named(&columns[a]);
        columns[a].room = room_of(&columns[a]);
        if (!columns[a].numeric)
            width = fmax(width, canvas_words_width(columns[a].varied->count));
    }
    width = choose_across(axes, columns, width);
    struct canvas canvas = figure_canvas(axes->source, 84 + names_of(axes, columns, axes->across) +
                                                           width * (double)axes->across);
    canvas_header(&canvas, figure_title(axes->source, "what each knob does"),
                  caption_of(axes, named));
    double top = canvas.height + 12 + y_room;
    for (size_t a = 0; a < axes->count; a++) {
        find_ticks(&columns[a], width, axes->source->plain, axes->source->arena);
        below = fmax(below, columns[a].below + 14);
    }
    for (size_t first = 0; first < axes->count; first += axes->across, top += below)
        for (size_t m = 0; m < MEASURES; m++, top += PLOT_HEIGHT + 22 + y_room)
            for (size_t a = first, left = 84; a < axes->count && a < first + axes->across;
                 left += (size_t)(width + columns[a++].room))
                put_panel(
                    axes, columns, a, m,
                    (struct plot_area){(double)left, top, (double)left + width, top + PLOT_HEIGHT},
                    &canvas);
    canvas.height += below;
    canvas_end(&canvas, drawing);
}

bool figure_axis_values(const struct figure_source *source, struct drawing *drawing,
                        struct error *err) {
    struct axes *axes = arena_alloc(source->arena, 1, sizeof *axes);
    (void)err;
    axes->source = source;
    axes->count = source->variation->axes < AXES_MAX ? source->variation->axes : AXES_MAX;
    if (!axes->count)
        return true;
    axes->kind = source->results->has_classes ? 0 : 1;
    find_variants(axes);
    if (!find_ranges(axes))
        return true;
    struct column *columns = arena_alloc(source->arena, axes->count, sizeof *columns);
    for (size_t a = 0; a < axes->count; a++)
        columns[a] = column_of(source, a);
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t m = 0; m < MEASURES; m++)
        for (size_t a = 0; a < axes->count; a++)
            put_data(axes, &columns[a], m, out);
    drawing->data = stream_text(&stream, source->arena);
    put_body(axes, columns, drawing);
    return true;
}
