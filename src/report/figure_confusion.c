/* What the leader takes for what: a row a class of the test set, in percent of its rows. */
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 100, CLASSES_WRITTEN = 20, CELL = 44 };

struct confusion {
    const struct figure_source *source;
    const struct group *group;
    struct table table; /* actual, predicted, count: sums over the seeds */
    int64_t low, high;  /* classes */
};

static bool load(struct confusion *confusion, struct error *err) {
    static const char sql[] =
        "SELECT actual, predicted, sum(count) FROM member_rows m JOIN trial_rows t ON t.id = "
        "m.trial_id JOIN confusion_rows c ON c.trial_id = t.id WHERE experiment = ?1 AND variant = "
        "?2 AND in_plan AND state = 'done' GROUP BY actual, predicted ORDER BY actual, predicted";
    const struct figure_source *source = confusion->source;
    struct sql_value cells[] = {sql_text(source->results->experiment),
                                sql_text(confusion->group->variant)};
    if (!query_table(source->database, sql, cells, 2, source->arena, &confusion->table, err))
        return false;
    confusion->low = INT64_MAX;
    confusion->high = INT64_MIN;
    for (size_t i = 0; i < confusion->table.rows; i++)
        for (size_t c = 0; c < 2; c++) {
            int64_t class = confusion->table.cells[3 * i + c].integer;
            confusion->low = class < confusion->low ? class : confusion->low;
            confusion->high = class > confusion->high ? class : confusion->high;
        }
    return true;
}

static double share_of(const struct confusion *confusion, size_t i) {
    const struct sql_value *cells = confusion->table.cells;
    double all = 0;
    for (size_t r = 0; r < confusion->table.rows; r++)
        if (cells[3 * r].integer == cells[3 * i].integer)
            all += (double)cells[3 * r + 2].integer;
    return 100 * (double)cells[3 * i + 2].integer / all;
}

static const char *percent(double share, struct arena *arena) {
    return share >= 9.95 ? arena_printf(arena, "%.0f", share) : arena_printf(arena, "%.1f", share);
}

/* Two blocks: the errors, and the diagonal, whose large shares would leave all errors one colour.
 * *most: the largest share of an error. */
static const char *data_of(const struct confusion *confusion, double *most) {
    struct arena *arena = confusion->source->arena;
    const struct table *table = &confusion->table;
    char *text;
    size_t size;
    FILE *out = figure_data_begin(&text, &size);
    *most = 0;
    for (int diagonal = 0; diagonal < 2; diagonal++) {
        fprintf(out, "# %s\n# predicted\tactual\tpercent\ttext\trows\n",
                diagonal ? "right" : "wrong");
        if (!diagonal)
            fputs("NaN\tNaN\tNaN\t\t0\n", out);
        for (size_t i = 0; i < table->rows; i++) {
            const struct sql_value *cells = &table->cells[3 * i];
            double share = share_of(confusion, i);
            if (!cells[2].integer || (cells[0].integer == cells[1].integer) != diagonal)
                continue;
            fprintf(out, "%lld\t%lld\t%g\t%s\t%lld\n", (long long)cells[1].integer,
                    (long long)cells[0].integer, share, percent(share, arena),
                    (long long)cells[2].integer);
            *most = diagonal ? *most : fmax(*most, share);
        }
        fputs("\n\n", out);
    }
    return figure_data_end(out, &text, arena);
}

static void put_body(const struct confusion *confusion, double most, struct drawing *drawing) {
    const struct figure_source *source = confusion->source;
    struct arena *arena = source->arena;
    double classes = (double)(confusion->high - confusion->low + 1);
    double side = fmin(fmin(classes * CELL, 700), source->width - 204);
    struct canvas canvas = canvas_begin(fmin(fmax(84 + side + 120, 620), source->width), arena);
    const char *label = source->settings->variants > 1
                            ? arena_printf(arena, "; the leader, %s", confusion->group->label)
                            : "";
    canvas_header(&canvas, figure_title(source, "confusion on the test set"),
                  arena_printf(arena,
                               "%s%s; at the lowest validation loss; percent of each class's rows; "
                               "right answers are gray",
                               figure_caption(source, &confusion->group, 1, false, ROOM_FOR_ONE),
                               label));
    struct range range = {(double)confusion->low - 0.5, (double)confusion->high + 0.5, false};
    struct range down = {range.high, range.low, false};
    struct range colours = {0, most > 0 ? most : 1, false};
    struct panel panel = {84, canvas.height + 10, 84 + side, canvas.height + 10 + side};
    canvas_panel(&canvas, panel, "", "");
    fputs("  set border 0\n  unset grid\n", canvas.out);
    const char *ticks =
        ticks_whole(range, classes <= CLASSES_WRITTEN ? (size_t)classes : 12, arena);
    canvas_x(&canvas, panel, range, ticks, "predicted class");
    canvas_y(&canvas, panel, down, ticks, "actual class", false);
    canvas_palette(
        &canvas,
        (struct panel){84 + side + 24, panel.top, 84 + side + 38, panel.top + fmax(90, side)},
        colours);
    bool written = classes <= CLASSES_WRITTEN;
    fprintf(
        canvas.out,
        "  plot 'confusion.tsv' index 1 using 1:2:(0.49):(0.48) with boxxyerror fc rgb "
        "'#D9D9D9' fs solid 1 noborder, '' index 0 using 1:2:(0.49):(0.48):3 with boxxyerror lc "
        "palette fs solid 1 noborder");
    if (written)
        fprintf(canvas.out,
                ", '' index 1 using 1:2:4 with labels, '' index 0 using 1:($3 < %g ? $2 : NaN):4 "
                "with labels tc rgb '#FFFFFF', '' index 0 using 1:($3 >= %g ? $2 : NaN):4 with "
                "labels",
                colours.high / 2, colours.high / 2);
    fputc('\n', canvas.out);
    canvas.height += 50;
    canvas_end(&canvas, drawing);
}

bool figure_confusion(const struct figure_source *source, struct drawing *drawing,
                      struct error *err) {
    struct confusion confusion = {.source = source};
    for (size_t g = source->results->count; g-- > 0;)
        if (source->results->groups[g].count > source->results->groups[g].diverged)
            confusion.group = &source->results->groups[g];
    if (!confusion.group)
        return true;
    if (!load(&confusion, err))
        return false;
    if (!confusion.table.rows || confusion.high - confusion.low >= CLASSES_MAX)
        return true;
    double most;
    drawing->data = data_of(&confusion, &most);
    put_body(&confusion, most, drawing);
    return true;
}
