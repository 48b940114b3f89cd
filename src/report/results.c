#include "report/results.h"

#include "base/digest.h"
#include "base/stream.h"
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
    COLUMN_LOSS_ARGUMENTS,
    COLUMN_VALIDATION, /* which rows validate */
    COLUMN_POSITION,
    COLUMN_ID,
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

/* In whatever order they come fastest. */
static const char *results_sql(const char *scope, struct arena *arena) {
    const char *sql = arena_printf(
        arena,
        "SELECT variant, trial, state, seed, order_seed, split_seed, init_seed, parameters, "
        "dataset, loss, loss_arguments, validation_split%s, position, id",
        knob_find("validation_from") ? " || ' (' || validation_from || ')'" : " || ''");
    for (size_t i = 0; i < RESULT_NUMBERS; i++)
        sql = arena_printf(arena, "%s, %s", sql, number_columns[i]);
    return arena_printf(arena, "%s FROM (%s) CROSS JOIN trial_rows ON id = trial_id", sql, scope);
}

/* Variants by their rank, and equal ones in the order of the plan. */
static const char *ranking_sql(const char *scope, struct arena *arena) {
    return arena_printf(
        arena,
        "SELECT variant FROM (SELECT variant, min(position) AS first, sum(state = 'diverged') AS "
        "n_diverged, avg(CASE state WHEN 'done' THEN val_accuracy_at_best END) AS "
        "val_accuracy_at_best_mean, avg(CASE state WHEN 'done' THEN best_val_loss END) AS "
        "val_loss_at_best_mean FROM (%s) CROSS JOIN trial_rows ON id = trial_id GROUP BY variant) "
        "ORDER BY " VARIANT_RANKING ", first, variant",
        scope);
}

/* A variant while groups are put in order. */
struct ranked {
    struct group group;
    const char *dataset, *loss, *rows; /* rows: which validate */
    bool has_accuracy;                 /* of some trial */
    size_t board, place;
    int64_t first;    /* its place in the plan, then that of its leaderboard's first variant */
    int64_t first_id; /* of the trial there */
};

/* Leaderboards in the order of the plan; within them variants keep their places. */
static int by_board(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->board != b->board)
        return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                    : (a->board > b->board) - (a->board < b->board);
    return (a->place > b->place) - (a->place < b->place);
}

/* The leaderboard that a variant belongs to. Shapes: boards, keys [variants]. */
static size_t board_of(const struct ranked *variant, bool has_classes, struct results *results,
                       const char **keys, struct arena *arena) {
    const char *key = arena_printf(arena, "%s %s %s", variant->dataset, variant->rows,
                                   has_classes ? "" : variant->loss);
    size_t b = 0;
    while (b < results->board_count && strcmp(keys[b], key) != 0)
        b++;
    struct leaderboard *board = &results->boards[b];
    if (b == results->board_count) {
        keys[results->board_count++] = key;
        *board = (struct leaderboard){.dataset = variant->dataset,
                                      .rows = variant->rows,
                                      .has_classes = has_classes,
                                      .loss = variant->loss};
    }
    if (board->loss && strcmp(board->loss, variant->loss) != 0)
        board->loss = NULL;
    return b;
}

/* Where a generator makes several data sets of an experiment, its arguments tell them apart. */
static void name_datasets(const struct variation *variation, struct ranked *ranked, size_t count) {
    size_t knob = (size_t)(knob_find("dataset") - knobs);
    const struct knob_values *varied = &variation->knobs[knob];
    for (size_t g = 0; varied->count > 1 && g < count; g++) {
        size_t row = variation_row(variation, ranked[g].group.variant);
        ranked[g].dataset = varied->texts[variation->value[row * knob_count + knob]];
    }
}

/* What each variant monitors. */
static void name_monitors(const struct variation *variation, struct ranked *ranked, size_t count) {
    size_t knob = (size_t)(knob_find("monitor") - knobs);
    for (size_t g = 0; g < count; g++) {
        size_t row = variation_row(variation, ranked[g].group.variant);
        ranked[g].group.monitor =
            variation->knobs[knob].texts[variation->value[row * knob_count + knob]];
    }
}

/* A data set has classes where one of its trials has an accuracy. */
static bool has_classes(const struct ranked *ranked, size_t count, const char *dataset) {
    for (size_t g = 0; g < count; g++)
        if (ranked[g].has_accuracy && strcmp(ranked[g].dataset, dataset) == 0)
            return true;
    return false;
}

/* A trial that is done or diverged. */
struct read_trial {
    size_t variant;
    int64_t position;
    struct result result;
};

/* What is read, trial by trial; variants are found by a table of hashes. */
struct reading {
    struct arena *arena, *scratch;
    struct ranked *variants; /* [count] */
    size_t count, room;
    size_t *slots; /* [slot_count], a power of two: index + 1, 0: empty */
    size_t slot_count;
    struct read_trial *trials; /* [trial_count] */
    size_t trial_count, trial_room;
    size_t rows, ranked; /* trials; variants whose place is known */
};

static size_t find_slot(const struct reading *reading, const char *variant) {
    size_t at = (size_t)digest64(variant, strlen(variant)) & (reading->slot_count - 1);
    while (reading->slots[at] &&
           strcmp(reading->variants[reading->slots[at] - 1].group.variant, variant) != 0)
        at = (at + 1) & (reading->slot_count - 1);
    return at;
}

static void grow_slots(struct reading *reading) {
    reading->slot_count = reading->slot_count ? 2 * reading->slot_count : 64;
    reading->slots = arena_alloc(reading->scratch, reading->slot_count, sizeof *reading->slots);
    for (size_t v = 0; v < reading->count; v++)
        reading->slots[find_slot(reading, reading->variants[v].group.variant)] = v + 1;
}

static const char *copy_text(const struct sql_value *cell, struct arena *arena) {
    const char *text = sql_text_or_empty(cell);
    return arena_text(arena, text, strlen(text));
}

/* With its arguments: two hubers with other deltas are two losses. */
static const char *copy_loss(const struct sql_value *row, struct arena *arena) {
    const char *text =
        knob_column_text(knob_find("loss"), &row[COLUMN_LOSS], &row[COLUMN_LOSS_ARGUMENTS], arena);
    return arena_text(arena, text, strlen(text));
}

static struct ranked *find_variant(struct reading *reading, const struct sql_value *row) {
    struct arena *arena = reading->arena;
    if (2 * reading->count >= reading->slot_count)
        grow_slots(reading);
    size_t slot = find_slot(reading, sql_text_or_empty(&row[COLUMN_VARIANT]));
    if (reading->slots[slot])
        return &reading->variants[reading->slots[slot] - 1];
    reading->variants = arena_grow(reading->scratch, reading->variants, reading->count,
                                   &reading->room, sizeof *reading->variants);
    struct ranked *variant = &reading->variants[reading->count++];
    reading->slots[slot] = reading->count;
    *variant = (struct ranked){.group = {.variant = copy_text(&row[COLUMN_VARIANT], arena),
                                         .parameters = row[COLUMN_PARAMETERS].integer},
                               .dataset = copy_text(&row[COLUMN_DATASET], arena),
                               .loss = copy_loss(row, arena),
                               .rows = copy_text(&row[COLUMN_VALIDATION], arena),
                               .first = row[COLUMN_POSITION].integer};
    return variant;
}

static bool visit(void *context, const struct table *table) {
    struct reading *reading = context;
    const struct sql_value *row = table->cells;
    if (!table->rows)
        return true;
    struct ranked *variant = find_variant(reading, row);
    const char *state = sql_text_or_empty(&row[COLUMN_STATE]);
    bool diverged = strcmp(state, "diverged") == 0, done = strcmp(state, "done") == 0;
    int64_t position = row[COLUMN_POSITION].integer;
    struct result result = {.trial = "",
                            .state = diverged ? "diverged" : "done",
                            .id = row[COLUMN_ID].integer,
                            .seed = row[COLUMN_SEED].integer,
                            .order_seed = row[COLUMN_ORDER_SEED].integer,
                            .split_seed = row[COLUMN_SPLIT_SEED].integer,
                            .init_seed = row[COLUMN_INIT_SEED].integer};
    for (size_t i = 0; i < RESULT_NUMBERS; i++)
        result.number[i] = sql_number(&row[COLUMN_NUMBERS + i]);
    if (position <= variant->first) {
        variant->first = position;
        variant->first_id = result.id;
    }
    variant->has_accuracy |= !isnan(result.number[RESULT_VAL_ACCURACY]) ||
                             !isnan(result.number[RESULT_FINAL_TEST_ACCURACY]);
    variant->group.planned++;
    reading->rows++;
    if (!diverged && !done)
        return true;
    variant->group.count++;
    variant->group.diverged += diverged;
    result.trial = copy_text(&row[COLUMN_TRIAL], reading->arena);
    reading->trials = arena_grow(reading->scratch, reading->trials, reading->trial_count,
                                 &reading->trial_room, sizeof *reading->trials);
    reading->trials[reading->trial_count++] =
        (struct read_trial){(size_t)(variant - reading->variants), position, result};
    return true;
}

/* Takes the variants in the order of their rank. */
static bool take_place(void *context, const struct table *table) {
    struct reading *reading = context;
    if (!table->rows)
        return true;
    size_t slot = reading->slots[find_slot(reading, sql_text_or_empty(table->cells))];
    if (slot)
        reading->variants[slot - 1].place = reading->ranked++;
    return true;
}

static int by_plan(const void *left, const void *right) {
    const struct ranked *a = *(const struct ranked *const *)left;
    const struct ranked *b = *(const struct ranked *const *)right;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : strcmp(a->group.variant, b->group.variant);
}

/* The first trial of each variant, which has the knobs of all others. */
static struct trial_scope scope_of_firsts(const struct reading *reading) {
    struct arena *arena = reading->scratch;
    const struct ranked **order = arena_alloc(arena, reading->count, sizeof *order);
    struct stream list;
    for (size_t v = 0; v < reading->count; v++)
        order[v] = &reading->variants[v];
    qsort(order, reading->count, sizeof *order, by_plan);
    FILE *out = stream_open(&list);
    for (size_t v = 0; v < reading->count; v++)
        fprintf(out, "%c%lld", v ? ',' : '[', (long long)order[v]->first_id);
    fputs(reading->count ? "]" : "[]", out);
    return (struct trial_scope){"SELECT value AS trial_id, key AS position FROM json_each(?1)",
                                {sql_text(stream_text(&list, arena))},
                                1};
}

static int by_place(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    return (a->place > b->place) - (a->place < b->place);
}

static int by_position(const void *left, const void *right) {
    const struct read_trial *a = *(const struct read_trial *const *)left;
    const struct read_trial *b = *(const struct read_trial *const *)right;
    if (a->variant != b->variant)
        return a->variant < b->variant ? -1 : 1;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return (a->result.id > b->result.id) - (a->result.id < b->result.id);
}

/* Gives each variant its results, in the order of the plan, and puts the variants in theirs. */
static void order_variants(struct reading *reading) {
    size_t count = reading->trial_count, from = 0;
    const struct read_trial **order = arena_alloc(reading->scratch, count, sizeof *order);
    struct result *results = arena_alloc(reading->arena, count, sizeof *results);
    for (size_t i = 0; i < count; i++)
        order[i] = &reading->trials[i];
    qsort(order, count, sizeof *order, by_position);
    for (size_t i = 0; i < count; i++)
        results[i] = order[i]->result;
    for (size_t v = 0; v < reading->count; v++) {
        struct ranked *variant = &reading->variants[v];
        variant->group.results = results + from;
        from += variant->group.count;
    }
    qsort(reading->variants, reading->count, sizeof *reading->variants, by_place);
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

static void group_rows(struct reading *reading, struct results *results) {
    struct arena *arena = reading->arena;
    struct ranked *ranked = reading->variants;
    size_t count = reading->count;
    const char **keys = arena_alloc(arena, count, sizeof *keys);
    int64_t *firsts = arena_alloc(arena, count, sizeof *firsts);
    const char *dataset = NULL;
    bool classes = false;
    order_variants(reading);
    name_datasets(&results->variation, ranked, count);
    name_monitors(&results->variation, ranked, count);
    results->boards = arena_alloc(arena, count, sizeof *results->boards);
    for (size_t g = 0; g < count; g++) {
        if (!dataset || strcmp(dataset, ranked[g].dataset) != 0)
            classes = has_classes(ranked, count, ranked[g].dataset);
        dataset = ranked[g].dataset;
        ranked[g].board = board_of(&ranked[g], classes, results, keys, arena);
        int64_t *first = &firsts[ranked[g].board];
        if (!results->boards[ranked[g].board].count++ || ranked[g].first < *first)
            *first = ranked[g].first;
        group_summarize(&ranked[g].group);
    }
    for (size_t g = 0; g < count; g++)
        ranked[g].first = firsts[ranked[g].board];
    qsort(ranked, count, sizeof *ranked, by_board);
    results->count = count;
    results->trials = reading->rows;
    results->done = reading->trial_count;
    results->groups = arena_alloc(arena, count, sizeof *results->groups);
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
    struct arena scratch = {0};
    struct reading reading = {.arena = arena, .scratch = &scratch};
    *results = (struct results){.experiment = name};
    bool ok = query_rows(database, results_sql(scope->members, &scratch), scope->parameters,
                         scope->count, visit, &reading, err) &&
              query_rows(database, ranking_sql(scope->members, &scratch), scope->parameters,
                         scope->count, take_place, &reading, err);
    if (ok) {
        struct trial_scope firsts = scope_of_firsts(&reading);
        ok = variation_load(database, &firsts, arena, &results->variation, err);
    }
    if (ok && reading.rows) {
        group_rows(&reading, results);
        label_groups(results, arena);
    }
    arena_close(&scratch);
    return ok;
}

bool results_load(struct query_database *database, const char *experiment, struct arena *arena,
                  struct results *results, struct error *err) {
    struct trial_scope scope = scope_of_experiment(experiment);
    struct declaration declaration;
    if (!results_load_scope(database, experiment, &scope, arena, results, err))
        return false;
    if (!results->trials)
        return error_set(err, ERROR_FAILED,
                         "the database has no experiment '%s' (mlpsweep run trains it)",
                         experiment);
    if (!declaration_load(database, experiment, &results->variation, arena, &declaration, err))
        return false;
    results->question = declaration.question;
    results->baseline = declaration.baseline;
    results->figures = declaration.figures;
    return true;
}

const struct group *results_group(const struct results *results, const char *variant) {
    for (size_t g = 0; g < results->count; g++)
        if (strcmp(results->groups[g].variant, variant) == 0)
            return &results->groups[g];
    return NULL;
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
        (*names)[i] = sql_text_or_empty(&table.cells[i]);
    return true;
}
