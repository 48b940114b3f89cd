/* Two axes against each other: a cell a variant with its mean over seeds, a panel for each
 * combination of the further axes, so that nothing is averaged over them. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>

enum {
    PANELS_MAX = 12,
    CELL_WIDTH = 64,
    CELL_HEIGHT = 30,
    DIGITS_MAX = 4,
    DECIMALS_MAX = 6,
    WORDS_ACROSS = 110,
    WORDS_DOWN = 160,
    BETWEEN = 28,
    BAR = 80
};

/* The first that has values is drawn. */
static const struct {
    enum point_number number;
    const char *metric, *words;
} measures[] = {
    {POINT_VAL_ACCURACY, "val_accuracy", "validation accuracy"},
    {POINT_TEST_ACCURACY, "test_accuracy", "test accuracy"},
    {POINT_VAL_LOSS, "val_loss", "validation loss"},
    {POINT_TEST_LOSS, "test_loss", "test loss"},
};
enum { MEASURES = sizeof measures / sizeof *measures };

struct heatmap {
    const struct figure_source *source;
    size_t measure;
    size_t across, down; /* axes */
    size_t count;        /* of panels drawn */
    size_t *first;       /* [all] a variant in each panel */
    size_t all;          /* panels that there would be */
    struct range range;
    int decimals;  /* of the cells */
    double widest; /* of their texts, in pixels */
};

static void choose_measure(struct heatmap *map) {
    map->measure = MEASURES;
    for (size_t m = MEASURES; m-- > 0;)
        for (size_t p = 0; p < map->source->points.count; p++)
            if (!isnan(map->source->points.at[p].values[measures[m].number]))
                map->measure = m;
}

/* The two axes with most values; the longer one across, in a terminal, which is longer than wide,
 * down. */
static void choose_axes(struct heatmap *map) {
    const struct variation *variation = map->source->variation;
    for (size_t a = 1; a < variation->axes; a++)
        if (variation_axis(variation, a)->count > variation_axis(variation, map->across)->count)
            map->across = a;
    map->down = map->across ? 0 : 1;
    for (size_t a = 0; a < variation->axes; a++)
        if (a != map->across &&
            variation_axis(variation, a)->count > variation_axis(variation, map->down)->count)
            map->down = a;
    if (map->source->plain) {
        size_t longer = map->across;
        map->across = map->down;
        map->down = longer;
    }
}

static uint64_t shown_axes(const struct heatmap *map) {
    return (uint64_t)1 << map->across | (uint64_t)1 << map->down;
}

/* The values of the further axes. */
static const char *panel_label(const struct heatmap *map, size_t panel) {
    return variation_label(map->source->variation, map->first[panel], shown_axes(map),
                           map->source->arena);
}

static bool same_panel(const struct heatmap *map, size_t a, size_t b) {
    return variation_same(map->source->variation, a, b,
                          (uint64_t)1 << map->across | (uint64_t)1 << map->down);
}

static void find_panels(struct heatmap *map) {
    size_t variants = map->source->variation->variants;
    map->first = arena_alloc(map->source->arena, variants, sizeof *map->first);
    for (size_t v = 0; v < variants; v++) {
        size_t panel = 0;
        while (panel < map->all && !same_panel(map, map->first[panel], v))
            panel++;
        if (panel == map->all)
            map->first[map->all++] = v;
    }
    map->count = map->all < PANELS_MAX ? map->all : PANELS_MAX;
}

/* Decimals that tell different cells apart; one is enough where the values spread over more than
 * DIGITS_MAX digits can show. Shapes: means [count], sorted. */
static int decimals_of(const double *means, size_t count) {
    double range = count ? means[count - 1] - means[0] : 0, least = range;
    if (!(range > 0))
        return 1;
    for (size_t i = 1; i < count; i++)
        if (means[i] > means[i - 1] + 1e-9 * range)
            least = fmin(least, means[i] - means[i - 1]);
    int enough = (int)ceil(-log10(least)), most = DIGITS_MAX - (int)ceil(log10(range));
    enough = enough < most ? enough : most;
    return enough < 1 ? 1 : enough > DECIMALS_MAX ? DECIMALS_MAX : enough;
}

static const char *cell_text(const struct heatmap *map, double value, struct arena *arena) {
    return fabs(value) < 1e5 ? arena_printf(arena, "%.*f", map->decimals, value)
                             : arena_printf(arena, "%.3g", value);
}

/* What a cell without a number says. */
static const char *state_text(const struct heatmap *map, size_t variant) {
    const struct group *group =
        results_group(map->source->results, map->source->variation->variant[variant]);
    return group && group->diverged ? "diverged" : "-";
}

static struct moments cell_moments(const struct heatmap *map, size_t variant) {
    const struct points *points = &map->source->points;
    size_t from = points_variant_begin(points, variant);
    return points_moments(points, from, points_variant_end(points, from),
                          measures[map->measure].number);
}

/* Two blocks a panel: cells with a number, and those without. */
static void put_panel_data(const struct heatmap *map, size_t panel, FILE *out) {
    const struct variation *variation = map->source->variation;
    struct arena *arena = map->source->arena;
    for (int empty = 0; empty < 2; empty++) {
        fprintf(out, "# %s%s\n# column\trow\tmean\ttext\tseeds\nNaN\tNaN\tNaN\t\t0\n",
                gnuplot_plain(panel_label(map, panel), arena), empty ? " without a number" : "");
        for (size_t v = 0; v < variation->variants; v++) {
            if (!same_panel(map, map->first[panel], v))
                continue;
            struct moments m = cell_moments(map, v);
            if ((m.n == 0) != empty)
                continue;
            fprintf(out, "%zu\t%zu\t%s\t%s\t%zu\n", variation_at(variation, v, map->across) + 1,
                    variation_at(variation, v, map->down) + 1, figure_number(m.mean, arena),
                    m.n ? cell_text(map, m.mean, arena) : state_text(map, v), m.n);
        }
        fputs("\n\n", out);
    }
}

/* The colours and the digits of all panels. No value is left outside: a colour shows no arrow. */
static void find_scale(struct heatmap *map) {
    size_t variants = map->source->variation->variants, count = 0;
    double *means = arena_alloc(map->source->arena, variants, sizeof *means);
    for (size_t panel = 0; panel < map->count; panel++)
        for (size_t v = 0; v < variants; v++) {
            if (!same_panel(map, map->first[panel], v))
                continue;
            struct moments m = cell_moments(map, v);
            if (m.n)
                means[count++] = m.mean;
        }
    sort_ascending(means, count);
    map->decimals = decimals_of(means, count);
    if (count) {
        int font = figure_font(map->source);
        const char *first = cell_text(map, means[0], map->source->arena),
                   *last = cell_text(map, means[count - 1], map->source->arena);
        map->widest = fmax(font_text_width(first, font), font_text_width(last, font));
    }
    map->range = range_of(means, count, false, 0);
}

static double longest_of(const struct knob_values *varied, int font, double most) {
    double longest = 0;
    for (size_t i = 0; i < varied->count; i++)
        longest = fmax(longest, font_text_width(varied->shown[i], font));
    return fmin(longest, most);
}

/* Sizes in pixels that all panels share. */
struct layout {
    const struct knob_values *across, *down;
    double left, width, height;
    struct words_below below; /* the values across */
    bool written;             /* cells have room for their number */
    size_t columns;           /* of panels */
};

static struct layout layout_of(const struct heatmap *map) {
    const struct variation *variation = map->source->variation;
    struct layout layout = {.across = variation_axis(variation, map->across),
                            .down = variation_axis(variation, map->down)};
    layout.left = 54 + longest_of(layout.down, figure_font(map->source), WORDS_DOWN);
    double room = map->source->width - layout.left - BAR;
    /* Words of characters cannot be turned. */
    double wanted =
        map->source->plain ? longest_of(layout.across, FONT_OF_CHARACTERS, WORDS_ACROSS) + 14 : 0;
    double cell = fmin(fmax(CELL_WIDTH, wanted), (room - BETWEEN) / (double)layout.across->count);
    layout.written = cell >= map->widest + 4;
    layout.width = cell * (double)layout.across->count;
    layout.below = canvas_words_below(layout.across->shown, layout.across->count, 1, layout.width,
                                      WORDS_ACROSS, map->source->plain, map->source->arena);
    double down = (double)layout.down->count;
    /* At least as high as the name beside it is long. */
    layout.height = map->source->plain
                        ? 2 * GNUPLOT_CHARACTER_HEIGHT * down
                        : fmax(fmax(60, font_text_width(layout.down->name, FONT_SIZE)),
                               fmin(CELL_HEIGHT, 900.0 / down) * down);
    double columns = floor(room / (layout.width + BETWEEN));
    layout.columns = columns < 1 ? 1 : columns > (double)map->count ? map->count : (size_t)columns;
    return layout;
}

static void put_panel(const struct heatmap *map, const struct layout *layout, size_t p,
                      struct plot_area panel, struct canvas *canvas) {
    struct arena *arena = canvas->arena;
    bool lowest = p + layout->columns >= map->count, leftmost = p % layout->columns == 0;
    canvas_panel(canvas, panel, panel_label(map, p), "");
    fputs("  set border 0\n  unset grid\n", canvas->script.out);
    canvas_x(canvas, panel, (struct range){0.5, (double)layout->across->count + 0.5, false},
             layout->below.ticks, lowest ? " " : "");
    canvas_y(canvas, panel, (struct range){(double)layout->down->count + 0.5, 0.5, false},
             canvas_word_ticks(layout->down->shown, layout->down->count, 1, 1, WORDS_DOWN,
                               map->source->plain, arena),
             leftmost ? " " : "", false);
    if (lowest)
        canvas_text(canvas, (panel.left + panel.right) / 2, panel.bottom + layout->below.depth,
                    "center", layout->across->name, "");
    if (leftmost)
        canvas_y_name(canvas, panel, 20, layout->down->name);
    double bar = layout->left + (layout->width + BETWEEN) * (double)layout->columns;
    if (p == 0)
        canvas_palette(
            canvas,
            (struct plot_area){bar, panel.top, bar + 14, fmax(panel.bottom, panel.top + 90)},
            map->range);
    else
        fputs("  unset colorbox\n", canvas->script.out);
    double middle = (map->range.low + map->range.high) / 2;
    fprintf(
        canvas->script.out,
        "  plot 'heatmap.tsv' index %zu using 1:2:(0.49):(0.48):3 with boxxyerror lc palette fs "
        "solid 1 noborder, '' index %zu using 1:2:4 with labels tc rgb '#505050'",
        2 * p, 2 * p + 1);
    if (layout->written)
        fprintf(canvas->script.out,
                ", '' index %zu using 1:($3 < %.10g ? $2 : NaN):4 with labels tc rgb '#FFFFFF', '' "
                "index %zu using 1:($3 >= %.10g ? $2 : NaN):4 with labels",
                2 * p, middle, 2 * p, middle);
    fputc('\n', canvas->script.out);
}

static void put_body(const struct heatmap *map, struct drawing *drawing) {
    const struct figure_source *source = map->source;
    struct arena *arena = source->arena;
    struct layout layout = layout_of(map);
    struct canvas canvas = figure_canvas(
        source, fmax(620, layout.left + (layout.width + BETWEEN) * (double)layout.columns + BAR));
    const char *axis =
        figure_axis(source, measures[map->measure].words, measures[map->measure].metric);
    canvas_header(
        &canvas,
        figure_title(source, arena_printf(arena, "%s by %s and %s", axis, layout.down->name,
                                          layout.across->name)),
        arena_printf(arena, "%s; mean over seeds %s; %s%s", figure_caption_all(source),
                     figure_when(source), figure_direction(measures[map->measure].metric),
                     map->all > map->count
                         ? arena_printf(arena, "; the first %d panels, more do not fit", PANELS_MAX)
                         : ""));
    double top = canvas.height + 6;
    double head = 0;
    for (size_t p = 0; p < map->count; p++)
        head = fmax(head,
                    canvas_panel_head(panel_label(map, p), "", layout.width, source->plain, arena));
    canvas.head = head;
    for (size_t p = 0; p < map->count; p++) {
        double x = layout.left + (layout.width + BETWEEN) * (double)(p % layout.columns);
        size_t row = p / layout.columns;
        double y = top + (head + layout.height + 30) * (double)row + head;
        put_panel(map, &layout, p, (struct plot_area){x, y, x + layout.width, y + layout.height},
                  &canvas);
    }
    canvas.height += layout.below.depth + 18;
    canvas_end(&canvas, drawing);
}

bool figure_heatmap(const struct figure_source *source, struct drawing *drawing,
                    struct error *err) {
    struct heatmap *map = arena_alloc(source->arena, 1, sizeof *map);
    (void)err;
    map->source = source;
    if (source->variation->axes < 2)
        return true;
    choose_measure(map);
    choose_axes(map);
    find_panels(map);
    /* A random search gives each variant a row and a column of its own: that is no table. */
    size_t cells = map->all * variation_axis(source->variation, map->across)->count *
                   variation_axis(source->variation, map->down)->count;
    if (map->measure == MEASURES || cells > 4 * source->variation->variants)
        return true;
    struct stream stream;
    FILE *out = stream_open(&stream);
    find_scale(map);
    for (size_t panel = 0; panel < map->count; panel++)
        put_panel_data(map, panel, out);
    drawing->data = stream_text(&stream, source->arena);
    put_body(map, drawing);
    return true;
}
