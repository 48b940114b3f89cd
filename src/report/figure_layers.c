/* How signals and gradients pass through the layers, before and during training: a column of panels
 * a variant, a line a layer. */
#include "base/stream.h"
#include "report/figures.h"

#include <math.h>

enum { COLUMNS_MAX = 4, MEASURES = 2, PLOT_HEIGHT = 180, PLOT_WIDTH = 260 };

static const char *const axes[MEASURES] = {"sd of activations", "norm of the kernel's gradient"};

/* Okabe and Ito's blues to reds in the order of the layers, each time around with other points; the
 * output is black. */
static struct stroke stroke_of(size_t layer, size_t layers) {
    enum { COLOURS = FIGURE_STROKES - 2, ROUNDS = 2 };
    static const int points[ROUNDS][COLOURS] = {{7, 5, 9, 13, 6, 4}, {11, 15, 8, 12, 2, 3}};
    if (layer == layers)
        return (struct stroke){"#000000", 1.5, 1, 7};
    struct stroke stroke = figure_strokes[(layer - 1) % COLOURS];
    stroke.point = points[(layer - 1) / COLOURS % ROUNDS][(layer - 1) % COLOURS];
    return stroke;
}

struct column {
    const struct group *group;
    struct table table; /* layer, epoch, then the mean of each measure */
    struct curve x;
    size_t layers;
};

struct sheet {
    const struct figure_source *source;
    struct column columns[COLUMNS_MAX];
    size_t columns_max, count, epochs, layers; /* layers: at most */
    struct range range[MEASURES], across;
};

enum { CELLS = 2 + MEASURES };

/* Means over the seeds that are done. */
static bool load(struct sheet *sheet, struct error *err) {
    static const char sql[] =
        "SELECT layer, epoch, avg(activation_sd), avg(gradient_norm) FROM trial_rows t "
        "CROSS JOIN member_rows m ON m.trial_id = t.id AND experiment = ?1 AND in_plan CROSS JOIN "
        "layer_rows l ON l.trial_id = t.id WHERE variant = ?2 AND state = 'done' GROUP BY layer, "
        "epoch ORDER BY layer, epoch";
    const struct figure_source *source = sheet->source;
    const struct group *const *ranked = figure_ranked(source);
    for (size_t g = 0; g < source->results->count && sheet->count < sheet->columns_max; g++) {
        struct column *column = &sheet->columns[sheet->count];
        *column = (struct column){.group = ranked[g]};
        struct sql_value cells[] = {sql_text(source->results->experiment),
                                    sql_text(column->group->variant)};
        if (!query_table(source->database, sql, cells, 2, source->arena, &column->table, err))
            return false;
        if (!column->table.rows)
            continue;
        if (!figure_x_load(source, column->group, &column->x, err))
            return false;
        column->layers = (size_t)column->table.cells[(column->table.rows - 1) * CELLS].integer;
        sheet->layers = column->layers > sheet->layers ? column->layers : sheet->layers;
        for (size_t i = 0; i < column->table.rows; i++) {
            size_t epoch = (size_t)column->table.cells[i * CELLS + 1].integer;
            sheet->epochs = epoch > sheet->epochs ? epoch : sheet->epochs;
        }
        sheet->count++;
    }
    return true;
}

static void find_ranges(struct sheet *sheet) {
    size_t rows = 0;
    sheet->across = (struct range){0, 0, false};
    for (size_t c = 0; c < sheet->count; c++) {
        struct range own = figure_x_range(sheet->source, &sheet->columns[c].x, 1);
        sheet->across.high = fmax(sheet->across.high, own.high);
    }
    for (size_t c = 0; c < sheet->count; c++)
        rows += sheet->columns[c].table.rows;
    double *values = arena_alloc(sheet->source->arena, rows, sizeof *values);
    for (size_t m = 0; m < MEASURES; m++) {
        size_t count = 0;
        for (size_t c = 0; c < sheet->count; c++)
            for (size_t i = 0; i < sheet->columns[c].table.rows; i++)
                values[count++] = sql_number(&sheet->columns[c].table.cells[i * CELLS + 2 + m]);
        sheet->range[m] = range_of(values, count, true, CUT_HIGH);
    }
}

/* A block a layer of each variant. */
static const char *data_of(const struct sheet *sheet) {
    struct arena *arena = sheet->source->arena;
    struct stream stream;
    FILE *out = stream_open(&stream);
    for (size_t c = 0; c < sheet->count; c++) {
        const struct column *column = &sheet->columns[c];
        int64_t layer = 0;
        for (size_t i = 0; i < column->table.rows; i++) {
            const struct sql_value *cells = &column->table.cells[i * CELLS];
            if (cells[0].integer != layer)
                fprintf(out, "%s# %s, layer %lld\n# %s\tactivation_sd\tgradient_norm\n",
                        c || layer ? "\n\n" : "",
                        gnuplot_plain(figure_label(sheet->source, column->group), arena),
                        (long long)cells[0].integer, sheet->source->x->name);
            layer = cells[0].integer;
            fprintf(out, "%s\t%s\t%s\n",
                    figure_number(figure_x_at(&column->x, (double)cells[1].integer), arena),
                    figure_number(sql_number(&cells[2]), arena),
                    figure_number(sql_number(&cells[3]), arena));
        }
    }
    return stream_text(&stream, arena);
}

static void put_panel(const struct sheet *sheet, size_t c, size_t m, size_t block,
                      struct plot_area panel, struct canvas *canvas) {
    const struct column *column = &sheet->columns[c];
    struct arena *arena = canvas->arena;
    bool named = !m && sheet->source->variation->variants > 1;
    canvas_panel(canvas, panel, named ? figure_label(sheet->source, column->group) : "", "");
    canvas_x(canvas, panel, sheet->across,
             figure_x_ticks(sheet->source, sheet->across, panel.right - panel.left),
             m + 1 == MEASURES ? sheet->source->x->label : "");
    canvas_y(canvas, panel, sheet->range[m],
             ticks_logarithmic(sheet->range[m], PLOT_HEIGHT / 20, arena), c ? "" : axes[m], true);
    fputs("  plot", canvas->script.out);
    for (size_t layer = 1; layer <= column->layers; layer++) {
        struct stroke stroke = stroke_of(layer, column->layers);
        fprintf(canvas->script.out,
                "%s 'layers.tsv' index %zu using 1:%zu with linespoints lt %d pt %d ps 0.5 pi %zu "
                "lw %g lc rgb '%s'",
                layer > 1 ? "," : "", block + layer - 1, 2 + m, stroke.pen, stroke.point,
                1 + sheet->epochs / 8, stroke.width, stroke.colour);
    }
    fputc('\n', canvas->script.out);
}

static void put_body(const struct sheet *sheet, struct drawing *drawing) {
    const struct figure_source *source = sheet->source;
    struct arena *arena = source->arena;
    struct legend_entry *entries = arena_alloc(arena, sheet->layers, sizeof *entries);
    const struct group *groups[COLUMNS_MAX];
    double width = fmin(sheet->count == 1 ? 560 : PLOT_WIDTH,
                        (source->width - 100) / (double)sheet->count - 22),
           y_room = figure_y_room(source), head = 8 + y_room;
    struct canvas canvas =
        figure_canvas(source, fmax(480, 100 + (width + 22) * (double)sheet->count));
    for (size_t c = 0; c < sheet->count; c++) {
        groups[c] = sheet->columns[c].group;
        if (source->variation->variants > 1)
            head = fmax(head, canvas_panel_head(figure_label(source, groups[c]), "", width,
                                                source->plain, arena));
    }
    canvas_header(
        &canvas, figure_title(source, "activations and gradients by layer"),
        arena_printf(arena,
                     "%s; mean over seeds; activations on the probe's rows, gradients of "
                     "the epoch's last minibatch; %s: before training",
                     figure_caption(source, groups, sheet->count, false,
                                    sheet->count == sheet->columns_max ? ROOM_FULL : ROOM_LEFT),
                     source->x == curve_xs ? "epoch 0" : "0"));
    for (size_t l = 1; l < sheet->layers; l++)
        entries[l - 1] = (struct legend_entry){arena_printf(arena, "layer %zu", l),
                                               stroke_of(l, sheet->layers), false};
    entries[sheet->layers - 1] = (struct legend_entry){
        "output, before the softmax", stroke_of(sheet->layers, sheet->layers), false};
    if (!source->results->has_classes)
        entries[sheet->layers - 1].text = "output";
    canvas_legend(&canvas, entries, sheet->layers);
    double top = canvas.height + 6 + head;
    canvas.head = head;
    for (size_t m = 0; m < MEASURES; m++, top += PLOT_HEIGHT + 22 + y_room, canvas.head = 0)
        for (size_t c = 0, block = 0; c < sheet->count; block += sheet->columns[c++].layers) {
            double left = 84 + (width + 22) * (double)c;
            put_panel(sheet, c, m, block,
                      (struct plot_area){left, top, left + width, top + PLOT_HEIGHT}, &canvas);
        }
    canvas.height += 46;
    canvas_end(&canvas, drawing);
}

bool figure_layers(const struct figure_source *source, struct drawing *drawing, struct error *err) {
    struct sheet *sheet = arena_alloc(source->arena, 1, sizeof *sheet);
    sheet->source = source;
    sheet->columns_max = figure_columns(source, COLUMNS_MAX);
    if (!load(sheet, err))
        return false;
    if (!sheet->count)
        return true;
    find_ranges(sheet);
    drawing->data = data_of(sheet);
    put_body(sheet, drawing);
    return true;
}
