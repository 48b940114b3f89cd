#include "report/leaderboard.h"

#include "report/curve.h"

#include <math.h>
#include <string.h>

/* What a cell is made from. */
struct row {
    const struct leaderboard *board;
    const struct group *group;
    const struct verdict *verdict;
    size_t rank; /* from 1 */
    struct arena *arena;
};

struct column {
    const char *name;
    bool (*shown)(const struct leaderboard *board);
    struct sql_value (*cell)(const struct row *row);
};

/* `0.9532 ±0.0021`; below six seeds `0.9532 (0.9511-0.9543)`, of one value nothing but that. */
static struct sql_value spread_cell(const struct moments *m, int digits, struct arena *arena) {
    if (!m->n)
        return sql_text("");
    const char *mean = arena_printf(arena, "%.*f", digits, m->mean);
    if (m->minimum == m->maximum)
        return sql_text(mean);
    if (m->n >= BAND_SEEDS)
        return sql_text(arena_printf(arena, "%s ±%.*f", mean, digits, m->half));
    return sql_text(arena_printf(arena, "%s (%.*f%s%.*f)", mean, digits, m->minimum,
                                 m->minimum < 0 ? " to " : "-", digits, m->maximum));
}

static struct sql_value number_cell(const struct row *row, enum result_number number, int digits) {
    return spread_cell(&row->group->moments[number], digits, row->arena);
}

/* The median of a number, or of its square root. */
static double median(const struct group *group, enum result_number number) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, group->count, sizeof *values);
    double result = median_of(values, group_values(group, number, values));
    arena_close(&arena);
    return result;
}

static bool always(const struct leaderboard *board) {
    (void)board;
    return true;
}
static bool is_validated(const struct leaderboard *board) {
    return board->is_validated;
}
static bool has_classes(const struct leaderboard *board) {
    return board->has_classes;
}
static bool has_values(const struct leaderboard *board) {
    return !board->has_classes;
}
static bool has_validated_classes(const struct leaderboard *board) {
    return board->is_validated && board->has_classes;
}
static bool has_validated_values(const struct leaderboard *board) {
    return board->is_validated && !board->has_classes;
}
static bool has_medians(const struct leaderboard *board) {
    bool some = false;
    for (size_t g = 0; g < board->count; g++)
        some |= board->groups[g].units > 2;
    return board->is_validated && some;
}
static bool has_mse(const struct leaderboard *board) {
    return !board->has_classes && board->loss && strcmp(board->loss, "mse") == 0;
}
static bool has_r2(const struct leaderboard *board) {
    return has_mse(board) && board->count && board->groups[0].moments[RESULT_NAIVE_TEST].n;
}

/* The test set is measured at the best epoch, without validation at the end. */
static enum result_number at_best(const struct row *row, enum result_number best,
                                  enum result_number end) {
    return row->board->is_validated ? best : end;
}

static struct sql_value rank_cell(const struct row *row) {
    return sql_integer((int64_t)row->rank);
}
static struct sql_value variant_cell(const struct row *row) {
    return sql_text(row->group->label);
}
static struct sql_value seeds_cell(const struct row *row) {
    const struct group *group = row->group;
    size_t done = group->count - group->diverged;
    const char *text = group->count == group->planned
                           ? arena_printf(row->arena, "%zu", group->count)
                           : arena_printf(row->arena, "%zu of %zu", group->count, group->planned);
    if (group->units < done)
        text = arena_printf(row->arena, "%s, %zu independent", text, group->units);
    if (group->diverged)
        text = arena_printf(row->arena, "%s, %zu diverged", text, group->diverged);
    return sql_text(text);
}
static struct sql_value val_accuracy_cell(const struct row *row) {
    return number_cell(row, RESULT_VAL_ACCURACY, 4);
}
static struct sql_value val_loss_cell(const struct row *row) {
    return number_cell(row, RESULT_VAL_LOSS, 4);
}
static struct sql_value median_cell(const struct row *row) {
    double m = median(row->group, row->board->has_classes ? RESULT_VAL_ACCURACY : RESULT_VAL_LOSS);
    return isnan(m) ? sql_text("") : sql_text(arena_printf(row->arena, "%.4f", m));
}
static struct sql_value test_accuracy_cell(const struct row *row) {
    return number_cell(row, at_best(row, RESULT_TEST_ACCURACY, RESULT_FINAL_TEST_ACCURACY), 4);
}
static struct sql_value test_loss_cell(const struct row *row) {
    return number_cell(row, at_best(row, RESULT_TEST_LOSS, RESULT_FINAL_TEST_LOSS), 4);
}
static struct sql_value test_mae_cell(const struct row *row) {
    return number_cell(row, at_best(row, RESULT_TEST_MAE, RESULT_FINAL_TEST_MAE), 4);
}
static struct sql_value rmse_cell(const struct row *row) {
    const struct moments *m =
        &row->group->moments[at_best(row, RESULT_TEST_LOSS, RESULT_FINAL_TEST_LOSS)];
    return m->n ? sql_text(arena_printf(row->arena, "%.4f", sqrt(m->mean))) : sql_text("");
}
static struct sql_value r2_cell(const struct row *row) {
    const struct moments *m =
        &row->group->moments[at_best(row, RESULT_TEST_LOSS, RESULT_FINAL_TEST_LOSS)];
    const struct moments *naive = &row->group->moments[RESULT_NAIVE_TEST];
    return m->n && naive->mean > 0
               ? sql_text(arena_printf(row->arena, "%.4f", 1 - m->mean / naive->mean))
               : sql_text("");
}
static struct sql_value best_epoch_cell(const struct row *row) {
    const struct moments *m = &row->group->moments[RESULT_BEST_EPOCH];
    if (!m->n)
        return sql_text("");
    if (m->minimum == m->maximum)
        return sql_text(arena_printf(row->arena, "%.0f", m->mean));
    return sql_text(arena_printf(row->arena, "%.1f (%.0f-%.0f)", m->mean, m->minimum, m->maximum));
}
static struct sql_value after_best_cell(const struct row *row) {
    const struct moments *m = &row->group->moments[RESULT_WASTED_FRACTION];
    return m->n ? sql_text(arena_printf(row->arena, "%.0f %%", m->mean * 100)) : sql_text("");
}
static struct sql_value gap_cell(const struct row *row) {
    return number_cell(row, RESULT_GAP, 3);
}
static struct sql_value verdict_cell(const struct row *row) {
    return sql_text(row->group->diverged && row->group->diverged == row->group->count
                        ? "diverged"
                        : verdict_name(row->verdict->kind));
}

static const struct column columns[] = {
    {"rank", is_validated, rank_cell},
    {"variant", always, variant_cell},
    {"seeds", always, seeds_cell},
    {"val accuracy", has_validated_classes, val_accuracy_cell},
    {"val loss", has_validated_values, val_loss_cell},
    {"median", has_medians, median_cell},
    {"test accuracy", has_classes, test_accuracy_cell},
    {"test loss", has_values, test_loss_cell},
    {"test rmse", has_mse, rmse_cell},
    {"test R2", has_r2, r2_cell},
    {"test mae", has_values, test_mae_cell},
    {"best epoch", is_validated, best_epoch_cell},
    {"after best", is_validated, after_best_cell},
    {"gap", is_validated, gap_cell},
    {"verdict", is_validated, verdict_cell},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct table leaderboard_table(const struct leaderboard *board, const struct verdict *verdicts,
                               struct arena *arena) {
    struct table table = {.rows = board->count,
                          .names = arena_alloc(arena, COLUMNS, sizeof *table.names),
                          .cells = arena_alloc(arena, board->count * COLUMNS, sizeof *table.cells)};
    for (size_t c = 0; c < COLUMNS; c++)
        if (columns[c].shown(board))
            table.names[table.columns++] = columns[c].name;
    struct sql_value *cell = table.cells;
    for (size_t g = 0; g < board->count; g++) {
        struct row row = {board, &board->groups[g], &verdicts[g], g + 1, arena};
        for (size_t c = 0; c < COLUMNS; c++)
            if (columns[c].shown(board))
                *cell++ = columns[c].cell(&row);
    }
    return table;
}

/* The numbers of leaderboard_numbers, by the names of the view `variants`. */
static const struct {
    enum result_number number;
    const char *name;
} summarized[] = {
    {RESULT_VAL_ACCURACY, "val_accuracy_at_best"},
    {RESULT_VAL_LOSS, "val_loss_at_best"},
    {RESULT_FINAL_VAL_ACCURACY, "val_accuracy_at_end"},
    {RESULT_FINAL_VAL_LOSS, "val_loss_at_end"},
    {RESULT_TEST_ACCURACY, "test_accuracy_at_best"},
    {RESULT_TEST_LOSS, "test_loss_at_best"},
    {RESULT_TEST_MAE, "test_mae_at_best"},
    {RESULT_FINAL_TEST_ACCURACY, "test_accuracy_at_end"},
    {RESULT_FINAL_TEST_LOSS, "test_loss_at_end"},
    {RESULT_BEST_EPOCH, "best_epoch"},
    {RESULT_WASTED_EPOCHS, "wasted_epochs"},
    {RESULT_WASTED_FRACTION, "wasted_fraction"},
    {RESULT_GAP, "gap_at_end"},
    {RESULT_TRAIN_SECONDS, "train_seconds"},
};
enum { SUMMARIZED = sizeof summarized / sizeof *summarized, STATISTICS = 5 };

static void put_numbers(const struct group *group, struct sql_value *cell) {
    for (size_t i = 0; i < SUMMARIZED; i++) {
        const struct moments *m = &group->moments[summarized[i].number];
        double values[STATISTICS] = {m->mean, m->sd, m->mean - m->half, m->mean + m->half,
                                     median(group, summarized[i].number)};
        for (size_t v = 0; v < STATISTICS; v++)
            *cell++ = sql_real(values[v]);
    }
}

struct table leaderboard_numbers(const struct results *results, const struct verdict *verdicts,
                                 struct arena *arena) {
    static const char *const first[] = {"experiment", "dataset",     "rank",       "variant",
                                        "label",      "trials_done", "n_diverged", "n",
                                        "parameters", "verdict"};
    static const char *const statistics[STATISTICS] = {"mean", "sd", "low", "high", "median"};
    enum { FIRST = sizeof first / sizeof *first, ALL = FIRST + SUMMARIZED * STATISTICS };
    struct table table = {results->count, ALL, arena_alloc(arena, ALL, sizeof *table.names),
                          arena_alloc(arena, results->count * ALL, sizeof *table.cells)};
    memcpy(table.names, first, sizeof first);
    for (size_t i = 0; i < SUMMARIZED * STATISTICS; i++)
        table.names[FIRST + i] = arena_printf(arena, "%s_%s", summarized[i / STATISTICS].name,
                                              statistics[i % STATISTICS]);
    size_t done = 0;
    for (size_t b = 0; b < results->board_count; b++)
        for (size_t g = 0; g < results->boards[b].count; g++, done++) {
            const struct leaderboard *board = &results->boards[b];
            const struct group *group = &board->groups[g];
            struct row row = {board, group, &verdicts[done], g + 1, arena};
            struct sql_value *cells = &table.cells[done * ALL];
            struct sql_value own[FIRST] = {
                sql_text(results->experiment),
                sql_text(board->dataset),
                board->is_validated ? sql_integer((int64_t)g + 1) : sql_null(),
                sql_text(group->variant),
                sql_text(group->label),
                sql_integer((int64_t)group->count),
                sql_integer((int64_t)group->diverged),
                sql_integer((int64_t)group->units),
                sql_integer(group->parameters),
                verdict_cell(&row),
            };
            memcpy(cells, own, sizeof own);
            put_numbers(group, cells + FIRST);
        }
    return table;
}
