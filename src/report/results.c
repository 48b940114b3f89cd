#include "report/results.h"

#include "report/declaration.h"
#include "store/views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns before the numbers. */
enum {
    COLUMN_VARIANT,
    COLUMN_TRIAL,
    COLUMN_STATE,
    COLUMN_SEED,
    COLUMN_ORDER_SEED,
    COLUMN_SPLIT_SEED,
    COLUMN_INIT_SEED,
    COLUMN_PARAMETERS,
    COLUMN_DATASET,
    COLUMN_LOSS,
    COLUMN_VALIDATION, /* which rows validate */
    COLUMN_FIRST,      /* the variant's place in the plan */
    COLUMN_NUMBERS,
};

static const char *const number_columns[RESULT_NUMBERS] = {
    [RESULT_VAL_ACCURACY] = "val_accuracy_at_best",
    [RESULT_VAL_LOSS] = "best_val_loss",
    [RESULT_TEST_ACCURACY] = "test_accuracy_at_best",
    [RESULT_TEST_LOSS] = "test_loss_at_best",
    [RESULT_TEST_MAE] = "test_mae_at_best",
    [RESULT_GAP_AT_BEST] = "gap_at_best",
    [RESULT_BEST_EPOCH] = "best_epoch",
    [RESULT_EPOCHS] = "epochs_done",
    [RESULT_WASTED_EPOCHS] = "wasted_epochs",
    [RESULT_WASTED_FRACTION] = "wasted_fraction",
    [RESULT_GAP] = "gap_at_end",
    [RESULT_FINAL_VAL_LOSS] = "final_val_loss",
    [RESULT_FINAL_VAL_ACCURACY] = "final_val_accuracy",
    [RESULT_FINAL_TEST_ACCURACY] = "final_test_accuracy",
    [RESULT_FINAL_TEST_LOSS] = "final_test_loss",
    [RESULT_FINAL_TEST_MAE] = "final_test_mae",
    [RESULT_TRAIN_SECONDS] = "train_seconds",
    [RESULT_LEARNED] = "learned",
    [RESULT_VALIDATION_ROWS] = "validation_rows",
    [RESULT_TEST_ROWS] = "test_rows",
    [RESULT_NAIVE_VAL] = "naive_val_score",
    [RESULT_NAIVE_TEST] = "naive_test_score",
};

/* Trials by the rank of their variant. */
static const char *results_sql(const char *scope, struct arena *arena) {
    const char *sql = arena_printf(
        arena,
        "SELECT t.variant, trial, state, seed, order_seed, split_seed, init_seed, parameters, "
        "dataset, loss, validation_split%s, first",
        knob_find("validation_from") ? " || ' (' || validation_from || ')'" : " || ''");
    for (size_t i = 0; i < RESULT_NUMBERS; i++)
        sql = arena_printf(arena, "%s, %s", sql, number_columns[i]);
    return arena_printf(
        arena,
        "WITH members AS (%s), ranked AS (SELECT variant, first, row_number() OVER (ORDER "
        "BY " VARIANT_RANKING
        ", first, variant) AS place FROM (SELECT variant, min(position) AS first, sum(state = "
        "'diverged') AS n_diverged, avg(CASE state WHEN 'done' THEN val_accuracy_at_best END) AS "
        "val_accuracy_at_best_mean, avg(CASE state WHEN 'done' THEN best_val_loss END) AS "
        "val_loss_at_best_mean FROM members JOIN trial_rows ON id = trial_id GROUP BY variant)) "
        "%s FROM members JOIN trial_rows t ON t.id = trial_id JOIN ranked r ON r.variant = "
        "t.variant ORDER BY place, position",
        scope, sql);
}

static const char confusion_sql[] =
    "SELECT sum(count), count(DISTINCT actual) FROM confusion_rows WHERE trial_id = (SELECT "
    "trial_id FROM member_rows JOIN trial_rows ON id = trial_id WHERE experiment = ?1 AND in_plan "
    "AND state = 'done' AND EXISTS (SELECT 1 FROM confusion_rows c WHERE c.trial_id = id) LIMIT 1)";

/* What no command writes is read as if it were empty. */
static const char *text_of(const struct sql_value *cell) {
    return cell->type == SQL_TEXT && cell->text ? cell->text : "";
}

bool result_is_done(const struct result *result) {
    return strcmp(result->state, "done") == 0;
}

static struct result read_result(const struct sql_value *row) {
    struct result result = {.trial = text_of(&row[COLUMN_TRIAL]),
                            .state = text_of(&row[COLUMN_STATE]),
                            .seed = row[COLUMN_SEED].integer,
                            .order_seed = row[COLUMN_ORDER_SEED].integer,
                            .split_seed = row[COLUMN_SPLIT_SEED].integer,
                            .init_seed = row[COLUMN_INIT_SEED].integer};
    for (size_t i = 0; i < RESULT_NUMBERS; i++)
        result.number[i] = sql_number(&row[COLUMN_NUMBERS + i]);
    return result;
}

static int64_t seed_of(const struct result *result, size_t which) {
    return which == 0 ? result->init_seed : which == 1 ? result->order_seed : result->split_seed;
}

/* Numbers the distinct values of one seed among the trials that are done; returns how many. */
static size_t number_seeds(struct group *group, size_t which, size_t *unit) {
    size_t distinct = 0;
    for (size_t i = 0; i < group->count; i++) {
        size_t before = 0;
        if (!result_is_done(&group->results[i]))
            continue;
        while (before < i &&
               (!result_is_done(&group->results[before]) ||
                seed_of(&group->results[before], which) != seed_of(&group->results[i], which)))
            before++;
        unit[i] = before < i ? unit[before] : distinct++;
    }
    return distinct;
}

/* Trials that share a seed that others do not share are alike: the seed that varies over the fewest
 * values says which are independent. */
static void find_units(struct group *group, struct arena *arena) {
    size_t *unit = arena_alloc(arena, group->count, sizeof *unit);
    struct result *results = group->results;
    size_t done = 0;
    for (size_t i = 0; i < group->count; i++)
        if (result_is_done(&results[i]))
            results[i].unit = done++;
    group->units = done;
    for (size_t which = 0; which < 3; which++) {
        size_t distinct = number_seeds(group, which, unit);
        if (distinct < 2 || distinct >= group->units)
            continue;
        group->units = distinct;
        for (size_t i = 0; i < group->count; i++)
            results[i].unit = unit[i];
    }
}

size_t group_values(const struct group *group, enum result_number number, double *values) {
    size_t n = 0;
    for (size_t u = 0; u < group->units; u++) {
        double sum = 0;
        size_t trials = 0;
        for (size_t i = 0; i < group->count; i++)
            if (group->results[i].unit == u && result_is_done(&group->results[i]) &&
                !isnan(group->results[i].number[number])) {
                sum += group->results[i].number[number];
                trials++;
            }
        if (trials)
            values[n++] = sum / (double)trials;
    }
    return n;
}

void group_summarize(struct group *group) {
    struct arena arena = {0};
    double *values = arena_alloc(&arena, group->count, sizeof *values);
    find_units(group, &arena);
    for (size_t n = 0; n < RESULT_NUMBERS; n++) {
        struct moments *m = &group->moments[n];
        *m = moments_of(values, group_values(group, (enum result_number)n, values), 1);
        for (size_t i = 0; i < group->count; i++)
            if (result_is_done(&group->results[i])) {
                m->minimum = fmin(m->minimum, group->results[i].number[n]);
                m->maximum = fmax(m->maximum, group->results[i].number[n]);
            }
    }
    arena_close(&arena);
}

/* A group with its leaderboard, while groups are put in order. */
struct ranked {
    struct group group;
    size_t board, place;
    int64_t first; /* the place in the plan of the first variant of its leaderboard */
};

/* Leaderboards in the order of the plan; within them variants keep their places. */
static int by_board(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->board != b->board)
        return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                    : (a->board > b->board) - (a->board < b->board);
    return (a->place > b->place) - (a->place < b->place);
}

/* The leaderboard that a row belongs to. Shapes: boards [rows], keys [rows]. */
static size_t board_of(const struct sql_value *row, bool has_classes, struct results *results,
                       const char **keys, struct arena *arena) {
    const char *loss = text_of(&row[COLUMN_LOSS]);
    const char *rows = text_of(&row[COLUMN_VALIDATION]);
    const char *key = arena_printf(arena, "%s %s %s", text_of(&row[COLUMN_DATASET]), rows,
                                   has_classes ? "" : loss);
    size_t b = 0;
    while (b < results->board_count && strcmp(keys[b], key) != 0)
        b++;
    struct leaderboard *board = &results->boards[b];
    if (b == results->board_count) {
        keys[results->board_count++] = key;
        *board = (struct leaderboard){.dataset = text_of(&row[COLUMN_DATASET]),
                                      .rows = rows,
                                      .has_classes = has_classes,
                                      .loss = loss};
    }
    if (board->loss && strcmp(board->loss, loss) != 0)
        board->loss = NULL;
    return b;
}

/* Where a generator makes several data sets of an experiment, its arguments tell them apart. Trials
 * of one variant follow each other. */
static void name_datasets(const struct variation *variation, struct table *table) {
    size_t knob = (size_t)(knob_find("dataset") - knobs);
    const struct knob_values *varied = &variation->knobs[knob];
    const char *variant = NULL, *dataset = "";
    for (size_t i = 0; varied->count > 1 && i < table->rows; i++) {
        struct sql_value *row = &table->cells[i * table->columns];
        const char *own = text_of(&row[COLUMN_VARIANT]);
        if (!variant || strcmp(variant, own) != 0)
            dataset =
                varied->texts[variation->value[variation_row(variation, own) * knob_count + knob]];
        variant = own;
        row[COLUMN_DATASET] = sql_text(dataset);
    }
}

/* A data set has classes where one of its trials has an accuracy. */
static bool has_classes(const struct table *table, const char *dataset) {
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        if (strcmp(text_of(&row[COLUMN_DATASET]), dataset) == 0 &&
            (row[COLUMN_NUMBERS + RESULT_VAL_ACCURACY].type != SQL_NULL ||
             row[COLUMN_NUMBERS + RESULT_FINAL_TEST_ACCURACY].type != SQL_NULL))
            return true;
    }
    return false;
}

static void add_row(const struct sql_value *row, struct ranked *ranked, struct result *next,
                    struct results *results) {
    struct group *group = &ranked->group;
    group->planned++;
    struct result result = read_result(row);
    bool diverged = strcmp(result.state, "diverged") == 0;
    if (!diverged && !result_is_done(&result))
        return;
    *next = result;
    group->count++;
    group->diverged += diverged;
    results->done++;
}

/* `points, validation_split 0.2 (last)` where another leaderboard is of the same data. */
static const char *title_of(const struct results *results, const struct leaderboard *board,
                            struct arena *arena) {
    const char *title = board->dataset;
    bool rows = false, loss = false;
    for (size_t b = 0; b < results->board_count; b++) {
        const struct leaderboard *other = &results->boards[b];
        if (strcmp(other->dataset, board->dataset) != 0)
            continue;
        rows |= strcmp(other->rows, board->rows) != 0;
        loss |= board->loss && other->loss && strcmp(other->loss, board->loss) != 0;
    }
    if (rows)
        title = arena_printf(arena, "%s, validation_split %s", title, board->rows);
    return loss && !board->has_classes ? arena_printf(arena, "%s, loss %s", title, board->loss)
                                       : title;
}

/* Puts groups and leaderboards in the order of `ranked`. */
static void finish_boards(struct results *results, const struct ranked *ranked,
                          struct arena *arena) {
    struct leaderboard *ordered = arena_alloc(arena, results->board_count, sizeof *ordered);
    size_t count = 0;
    for (size_t g = 0; g < results->count; g++) {
        const struct moments *m = ranked[g].group.moments;
        results->groups[g] = ranked[g].group;
        if (g == 0 || ranked[g].board != ranked[g - 1].board) {
            ordered[count] = results->boards[ranked[g].board];
            ordered[count++].groups = &results->groups[g];
        }
        struct leaderboard *board = &ordered[count - 1];
        board->is_validated |= m[RESULT_BEST_EPOCH].n != 0;
        results->has_classes |= board->has_classes;
        if (m[RESULT_VALIDATION_ROWS].n)
            board->validation_rows = (int64_t)m[RESULT_VALIDATION_ROWS].mean;
        if (m[RESULT_TEST_ROWS].n)
            board->test_rows = (int64_t)m[RESULT_TEST_ROWS].mean;
    }
    results->boards = ordered;
    results->dataset = ordered[0].dataset;
    for (size_t b = 0; b < results->board_count; b++)
        ordered[b].title = title_of(results, &ordered[b], arena);
}

static void group_rows(const struct table *table, struct arena *arena, struct results *results) {
    struct result *all = arena_alloc(arena, table->rows, sizeof *all);
    struct ranked *ranked = arena_alloc(arena, table->rows, sizeof *ranked);
    const char **keys = arena_alloc(arena, table->rows, sizeof *keys);
    int64_t *firsts = arena_alloc(arena, table->rows, sizeof *firsts);
    const char *dataset = NULL;
    bool classes = false;
    results->boards = arena_alloc(arena, table->rows, sizeof *results->boards);
    for (size_t i = 0; i < table->rows; i++) {
        const struct sql_value *row = &table->cells[i * table->columns];
        if (!i ||
            strcmp(text_of(&row[COLUMN_VARIANT]), ranked[results->count - 1].group.variant) != 0) {
            size_t g = results->count++;
            if (!dataset || strcmp(dataset, text_of(&row[COLUMN_DATASET])) != 0)
                classes = has_classes(table, text_of(&row[COLUMN_DATASET]));
            dataset = text_of(&row[COLUMN_DATASET]);
            ranked[g] = (struct ranked){.group = {.variant = text_of(&row[COLUMN_VARIANT]),
                                                  .results = &all[results->done],
                                                  .parameters = row[COLUMN_PARAMETERS].integer},
                                        .board = board_of(row, classes, results, keys, arena),
                                        .place = g,
                                        .first = row[COLUMN_FIRST].integer};
            int64_t *first = &firsts[ranked[g].board];
            if (!results->boards[ranked[g].board].count++ || ranked[g].first < *first)
                *first = ranked[g].first;
        }
        add_row(row, &ranked[results->count - 1], &all[results->done], results);
    }
    results->trials = table->rows;
    results->groups = arena_alloc(arena, results->count, sizeof *results->groups);
    for (size_t g = 0; g < results->count; g++)
        group_summarize(&ranked[g].group);
    for (size_t g = 0; g < results->count; g++)
        ranked[g].first = firsts[ranked[g].board];
    qsort(ranked, results->count, sizeof *ranked, by_board);
    finish_boards(results, ranked, arena);
}

/* Within a leaderboard the data set is the same and needs no mention. */
static void label_groups(struct results *results, struct arena *arena) {
    uint64_t without = 0;
    const struct variation *variation = &results->variation;
    for (size_t a = 0; a < variation->axes && a < 64; a++)
        if (variation_axis(variation, a)->knob->type == KNOB_DATASET)
            without |= (uint64_t)1 << a;
    for (size_t g = 0; g < results->count; g++) {
        size_t row = variation_row(variation, results->groups[g].variant);
        const char *label = variation_label(variation, row, without, arena);
        results->groups[g].label = *label ? label : variation_text(variation, row, arena);
    }
}

bool results_load_scope(struct query_database *database, const char *name,
                        const struct trial_scope *scope, struct arena *arena,
                        struct results *results, struct error *err) {
    struct table table;
    *results = (struct results){.experiment = name};
    if (!query_table(database, results_sql(scope->members, arena), scope->parameters, scope->count,
                     arena, &table, err) ||
        !variation_load(database, scope, arena, &results->variation, err))
        return false;
    if (table.rows) {
        name_datasets(&results->variation, &table);
        group_rows(&table, arena, results);
        label_groups(results, arena);
    }
    return true;
}

bool results_load(struct query_database *database, const char *experiment, struct arena *arena,
                  struct results *results, struct error *err) {
    struct trial_scope scope = scope_of_experiment(experiment);
    struct declaration declaration;
    struct sql_value name = sql_text(experiment);
    struct table sizes;
    if (!results_load_scope(database, experiment, &scope, arena, results, err))
        return false;
    if (!results->trials)
        return error_set(err, ERROR_FAILED,
                         "the database has no experiment '%s' (mlpsweep run trains it)",
                         experiment);
    if (!query_table(database, confusion_sql, &name, 1, arena, &sizes, err) ||
        !declaration_load(database, experiment, &results->variation, arena, &declaration, err))
        return false;
    results->question = declaration.question;
    results->baseline = declaration.baseline;
    results->figures = declaration.figures;
    if (sizes.rows) {
        results->test_rows = sizes.cells[0].integer;
        results->classes = sizes.cells[1].integer;
    }
    return true;
}

bool results_experiments(struct query_database *database, struct arena *arena, const char ***names,
                         size_t *count, struct error *err) {
    struct table table;
    if (!query_table(database,
                     "SELECT DISTINCT experiment FROM member_rows WHERE in_plan ORDER BY 1", NULL,
                     0, arena, &table, err))
        return false;
    *count = table.rows;
    *names = arena_alloc(arena, table.rows, sizeof **names);
    for (size_t i = 0; i < table.rows; i++)
        (*names)[i] = text_of(&table.cells[i]);
    return true;
}
