/* What the leader takes for what: a row a class of the test set, in percent of its rows. */
#include "base/stream.h"
#include "base/text.h"
#include "report/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_MAX = 100, CLASSES_WRITTEN = 20, CELL = 44, NAME_WIDTH_MAX = 130 };

struct confusion {
    const struct figure_source *source;
    const struct group *group;
    struct table table;   /* actual, predicted, count: sums over the seeds */
    const char **classes; /* [class_count] names, numbers in ascending order */
    size_t class_count;
    size_t *actual, *predicted; /* [table.rows] indices into classes */
};

static const char *class_text(const struct sql_value *cell, struct arena *arena) {
    if (cell->type == SQL_TEXT)
        return cell->text;
    return arena_printf(arena, "%lld", (long long)cell->integer);
}

/* Numbers before words, each in their order. */
static int compare_classes(const void *left, const void *right) {
    const char *a = *(const char *const *)left, *b = *(const char *const *)right;
    double x, y;
    bool is_x = text_to_number(a, strlen(a), &x), is_y = text_to_number(b, strlen(b), &y);
    if (is_x && is_y && x != y)
        return x < y ? -1 : 1;
    return is_x != is_y ? is_y - is_x : strcmp(a, b);
}

static size_t class_index(const struct confusion *confusion, const char *name) {
    size_t i = 0;
    while (i < confusion->class_count && strcmp(confusion->classes[i], name) != 0)
        i++;
    return i;
}

/* Notes one class more than can be drawn where there are too many. */
static void find_classes(struct confusion *confusion) {
    const struct table *table = &confusion->table;
    struct arena *arena = confusion->source->arena;
    confusion->classes = arena_alloc(arena, CLASSES_MAX + 1, sizeof *confusion->classes);
    for (size_t i = 0; i < table->rows; i++)
        for (size_t c = 0; c < 2 && confusion->class_count <= CLASSES_MAX; c++) {
            const char *name = class_text(&table->cells[3 * i + c], arena);
            if (class_index(confusion, name) == confusion->class_count)
                confusion->classes[confusion->class_count++] = name;
        }
    qsort(confusion->classes, confusion->class_count, sizeof *confusion->classes, compare_classes);
    confusion->actual = arena_alloc(arena, table->rows, sizeof(size_t));
    confusion->predicted = arena_alloc(arena, table->rows, sizeof(size_t));
    for (size_t i = 0; i < table->rows; i++) {
        confusion->actual[i] = class_index(confusion, class_text(&table->cells[3 * i], arena));
        confusion->predicted[i] =
            class_index(confusion, class_text(&table->cells[3 * i + 1], arena));
    }
}

static bool load(struct confusion *confusion, struct error *err) {
    static const char sql[] =
        "SELECT actual, predicted, sum(count) FROM trial_rows t CROSS JOIN member_rows m ON "
        "m.trial_id = t.id AND experiment = ?1 AND in_plan CROSS JOIN confusion_rows c ON "
        "c.trial_id = t.id WHERE variant = ?2 AND state = 'done' GROUP BY actual, predicted ORDER "
        "BY actual, predicted";
    const struct figure_source *source = confusion->source;
    struct sql_value cells[] = {sql_text(source->results->experiment),
                                sql_text(confusion->group->variant)};
    if (!query_table(source->database, sql, cells, 2, source->arena, &confusion->table, err))
        return false;
    find_classes(confusion);
    return true;
}

static double share_of(const struct confusion *confusion, size_t i) {
    const struct sql_value *cells = confusion->table.cells;
    double all = 0;
    for (size_t r = 0; r < confusion->table.rows; r++)
        if (confusion->actual[r] == confusion->actual[i])
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
    struct stream stream;
    FILE *out = stream_open(&stream);
    *most = 0;
    for (int diagonal = 0; diagonal < 2; diagonal++) {
        fprintf(out, "# %s\n# predicted\tactual\tpercent\ttext\trows\n",
                diagonal ? "right" : "wrong");
        if (!diagonal)
            fputs("NaN\tNaN\tNaN\t\t0\n", out);
        for (size_t i = 0; i < table->rows; i++) {
            const struct sql_value *cells = &table->cells[3 * i];
            double share = share_of(confusion, i);
            if (!cells[2].integer || (confusion->actual[i] == confusion->predicted[i]) != diagonal)
                continue;
            fprintf(out, "%zu\t%zu\t%g\t%s\t%lld\n", confusion->predicted[i], confusion->actual[i],
                    share, percent(share, arena), (long long)cells[2].integer);
            *most = diagonal ? *most : fmax(*most, share);
        }
        fputs("\n\n", out);
    }
    return stream_text(&stream, arena);
}

static void put_cells(const struct confusion *confusion, double most, FILE *out) {
    fputs("  plot 'confusion.tsv' index 1 using 1:2:(0.49):(0.48) with boxxyerror fc rgb '#D9D9D9' "
          "fs solid 1 noborder, '' index 0 using 1:2:(0.49):(0.48):3 with boxxyerror lc palette fs "
          "solid 1 noborder",
          out);
    if (confusion->class_count <= CLASSES_WRITTEN)
        fprintf(out,
                ", '' index 1 using 1:2:4 with labels, '' index 0 using 1:($3 < %g ? $2 : NaN):4 "
                "with labels tc rgb '#FFFFFF', '' index 0 using 1:($3 >= %g ? $2 : NaN):4 with "
                "labels",
                most / 2, most / 2);
    fputc('\n', out);
}

static const char *caption_of(const struct confusion *confusion) {
    const struct figure_source *source = confusion->source;
    const char *label = source->variation->variants > 1
                            ? arena_printf(source->arena, "; the leader, %s",
                                           figure_label(source, confusion->group))
                            : "";
    return arena_printf(source->arena,
                        "%s%s; %s; percent of each class's rows; right "
                        "answers are gray",
                        figure_caption(source, &confusion->group, 1, false, ROOM_FOR_ONE), label,
                        figure_when(source));
}

static void put_body(const struct confusion *confusion, double most, struct drawing *drawing) {
    const struct figure_source *source = confusion->source;
    struct arena *arena = source->arena;
    double classes = (double)confusion->class_count, longest = 0;
    for (size_t i = 0; i < confusion->class_count; i++)
        longest = fmax(longest, font_text_width(confusion->classes[i], figure_font(source)));
    longest = fmin(longest, NAME_WIDTH_MAX);
    double left = 56 + longest;
    double side = fmin(fmin(classes * CELL, 700), source->width - left - 120);
    struct canvas canvas = figure_canvas(source, fmax(left + side + 120, 620));
    canvas_header(&canvas, figure_title(source, "confusion on the test set"),
                  caption_of(confusion));
    struct range range = {-0.5, classes - 0.5, false};
    struct range down = {range.high, range.low, false};
    struct range colours = {0, most > 0 ? most : 1, false};
    double top = canvas.height + 10 + figure_y_room(source);
    struct plot_area panel = {left, top, left + side, top + side};
    canvas_panel(&canvas, panel, "", "");
    fputs("  set border 0\n  unset grid\n", canvas.script.out);
    struct words_below below = canvas_words_below(confusion->classes, confusion->class_count, 0,
                                                  side, NAME_WIDTH_MAX, source->plain, arena);
    size_t step = 1 + (size_t)(classes * LINE_HEIGHT / (side + 1)); /* names need their height */
    const char *ticks = canvas_word_ticks(confusion->classes, confusion->class_count, 0, step,
                                          NAME_WIDTH_MAX, source->plain, arena);
    canvas_x(&canvas, panel, range, below.ticks, " ");
    canvas_y(&canvas, panel, down, ticks, " ", false);
    canvas_text(&canvas, left + side / 2, panel.bottom + below.depth, "center", "predicted class",
                "");
    canvas_y_name(&canvas, panel, 18, "actual class");
    canvas_palette(&canvas,
                   (struct plot_area){left + side + 24, panel.top, left + side + 38,
                                      panel.top + fmax(90, side)},
                   colours);
    put_cells(confusion, colours.high, canvas.script.out);
    canvas.height = fmax(canvas.height, panel.top + 90) + below.depth + 14;
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
    if (!confusion.table.rows || confusion.class_count > CLASSES_MAX)
        return true;
    double most;
    drawing->data = data_of(&confusion, &most);
    put_body(&confusion, most, drawing);
    return true;
}
