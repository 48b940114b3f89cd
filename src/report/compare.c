#include "report/compare.h"

#include "report/discordant.h"
#include "report/sentences.h"

#include <math.h>
#include <string.h>

/* The numbers that two variants are compared in. */
static const struct {
    enum result_number number;
    const char *name;
} numbers[] = {
    {RESULT_VAL_ACCURACY, "val_accuracy"},
    {RESULT_VAL_LOSS, "val_loss"},
    {RESULT_TEST_ACCURACY, "test_accuracy"},
    {RESULT_TEST_LOSS, "test_loss"},
    {RESULT_TEST_MAE, "test_mae"},
    {RESULT_FINAL_TEST_ACCURACY, "final_test_accuracy"},
    {RESULT_FINAL_TEST_LOSS, "final_test_loss"},
    {RESULT_BEST_EPOCH, "best_epoch"},
    {RESULT_WASTED_FRACTION, "wasted_fraction"},
    {RESULT_GAP, "gap_at_end"},
    {RESULT_TRAIN_SECONDS, "train_seconds"},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const char *number_name(enum result_number number) {
    for (size_t i = 0; i < NUMBERS; i++)
        if (numbers[i].number == number)
            return numbers[i].name;
    return "";
}

static struct table table_of(const char *const *names, size_t columns, size_t rows,
                             struct arena *arena) {
    struct table table = {0, columns, arena_alloc(arena, columns, sizeof *table.names),
                          arena_alloc(arena, rows * columns, sizeof *table.cells)};
    memcpy(table.names, names, columns * sizeof *names);
    return table;
}

static void add_row(struct table *table, const struct sql_value *cells) {
    memcpy(&table->cells[table->rows++ * table->columns], cells, table->columns * sizeof *cells);
}

static const char *const side_columns[] = {"knob", "A", "B"};

static struct table knobs_of_variants(const struct variation *variation, const char *a,
                                      const char *b, struct arena *arena) {
    struct table table = table_of(side_columns, 3, knob_count, arena);
    size_t rows[2] = {variation_row(variation, a), variation_row(variation, b)};
    for (size_t k = 0; k < knob_count; k++) {
        const struct knob_values *varied = &variation->knobs[k];
        size_t x = variation->value[rows[0] * knob_count + k];
        size_t y = variation->value[rows[1] * knob_count + k];
        if (varied->count < 2 || x == y)
            continue;
        add_row(&table, (struct sql_value[]){sql_text(knobs[k].name), sql_text(varied->texts[x]),
                                             sql_text(varied->texts[y])});
    }
    return table;
}

static const struct group *group_of(const struct results *results, const char *variant,
                                    const struct leaderboard **board) {
    for (size_t b = 0; b < results->board_count; b++)
        for (size_t g = 0; g < results->boards[b].count; g++)
            if (strcmp(results->boards[b].groups[g].variant, variant) == 0) {
                *board = &results->boards[b];
                return &results->boards[b].groups[g];
            }
    return NULL;
}

static const char *comparison_words(const struct leaderboard *board,
                                    const struct comparison *comparisons, size_t count,
                                    struct arena *arena) {
    for (size_t i = 0; i < count; i++)
        if (comparisons[i].number == board_number(board)) {
            struct subject subject = {.board = board,
                                      .group = comparisons[i].b,
                                      .comparison = &comparisons[i],
                                      .comparisons = comparisons,
                                      .comparison_count = 1,
                                      .compared = 1,
                                      .arena = arena};
            return sentences_about(&subject, SENTENCE_OF_COMPARISON);
        }
    return "";
}

static bool load_variants(struct query_database *database, const struct compared sides[2],
                          struct arena *arena, struct compare *compare, struct error *err) {
    struct trial_scope scope = {
        "SELECT id AS trial_id, id AS position FROM trial_rows WHERE variant IN (?1, ?2)",
        {sql_text(sides[0].variant), sql_text(sides[1].variant)},
        2};
    struct results *results = arena_alloc(arena, 1, sizeof *results);
    struct comparison *comparisons = arena_alloc(arena, NUMBERS, sizeof *comparisons);
    const struct leaderboard *boards[2] = {NULL, NULL};
    if (strcmp(sides[0].variant, sides[1].variant) == 0)
        return error_set(err, ERROR_USAGE, "both are the same variant, %s", sides[0].variant);
    if (!results_load_scope(database, "", &scope, arena, results, err))
        return false;
    const struct group *a = group_of(results, sides[0].variant, &boards[0]);
    const struct group *b = group_of(results, sides[1].variant, &boards[1]);
    if (!a || !b)
        return error_set(err, ERROR_FAILED, "a variant left the database");
    compare->knobs = knobs_of_variants(&results->variation, a->variant, b->variant, arena);
    if (strcmp(boards[0]->dataset, boards[1]->dataset) != 0) {
        compare->verdict = "They are of different data sets: there is nothing to compare.";
        return true;
    }
    bool same_rows = boards[0] == boards[1];
    for (size_t i = 0; i < NUMBERS; i++) {
        bool of_test = strstr(numbers[i].name, "test") || numbers[i].number == RESULT_TRAIN_SECONDS;
        if ((same_rows || of_test) && a->moments[numbers[i].number].n &&
            b->moments[numbers[i].number].n)
            comparisons[compare->count++] = comparison_of(a, b, numbers[i].number, arena);
    }
    compare->comparisons = comparisons;
    compare->verdict =
        same_rows ? comparison_words(boards[0], comparisons, compare->count, arena)
                  : "They validate on other rows or by another loss: only the test set compares.";
    return true;
}

static const char *p_verdict(double least, double most) {
    return most <= COMPARISON_SIGNIFICANT   ? "they differ by more than these rows explain"
           : least > COMPARISON_SIGNIFICANT ? "not to be told apart"
                                            : "their answers row by row would decide";
}

static const char *exact_words(const struct discordant *rows, struct arena *arena) {
    double p = mcnemar_p(rows->only_a, rows->only_b);
    return arena_printf(
        arena,
        "Two single networks, by their %zu test rows at the best epoch: A alone has "
        "%zu right, B alone %zu; McNemar's exact p is %.2g: %s. Another seed of "
        "either could turn out otherwise.",
        rows->rows, rows->only_a, rows->only_b, p, p_verdict(p, p));
}

/* What the numbers of right answers leave open. Shapes: trials of test_accuracy_at_best and
 * test_rows, a row a side. */
static const char *bounded_words(const struct table *trials, struct arena *arena) {
    double accuracy[2], rows[2];
    for (size_t i = 0; i < 2; i++) {
        accuracy[i] = sql_number(&trials->cells[i * trials->columns]);
        rows[i] = sql_number(&trials->cells[i * trials->columns + 1]);
    }
    if (!(rows[0] > 0) || rows[0] != rows[1] || isnan(accuracy[0]) || isnan(accuracy[1]))
        return "Two single networks: another seed of either could turn out otherwise.";
    double right[2] = {round(accuracy[0] * rows[0]), round(accuracy[1] * rows[1])};
    size_t difference = (size_t)fabs(right[0] - right[1]);
    size_t wrong = (size_t)(2 * rows[0] - right[0] - right[1]);
    size_t most = (size_t)fmin((double)wrong, rows[0]), half = (most - difference) / 2;
    double least_p = mcnemar_p(difference, 0), most_p = mcnemar_p(difference + half, half);
    return arena_printf(arena,
                        "Two single networks, by their %zu test rows: they differ in %zu right "
                        "answers. Which rows they have right is not known here (kept weights and a "
                        "built-in data set tell); McNemar's p lies between %.2g and %.2g: %s. "
                        "Another seed of either could turn out otherwise.",
                        (size_t)rows[0], difference, least_p, most_p, p_verdict(least_p, most_p));
}

/* A column of both views is shown once. */
static bool is_named_before(const struct table *table, size_t column) {
    for (size_t c = 0; c < column; c++)
        if (strcmp(table->names[c], table->names[column]) == 0)
            return true;
    return false;
}

static bool load_trials(struct query_database *database, const struct compared sides[2],
                        struct arena *arena, struct compare *compare, struct error *err) {
    static const char *const columns[] = {"number", "A", "B", "B - A"};
    struct sql_value ids[] = {sql_text(sides[0].trial), sql_text(sides[1].trial)};
    struct table all, accuracy;
    if (strcmp(sides[0].trial, sides[1].trial) == 0)
        return error_set(err, ERROR_USAGE, "both are the same trial, %s", sides[0].trial);
    if (!query_table(database,
                     "SELECT t.*, o.* FROM trials t LEFT JOIN overfitting o ON o.trial = t.trial "
                     "WHERE t.trial IN (?1, ?2) ORDER BY t.trial = ?2",
                     ids, 2, arena, &all, err) ||
        !query_table(database,
                     "SELECT test_accuracy_at_best, test_rows FROM trials WHERE trial IN (?1, ?2) "
                     "ORDER BY trial = ?2",
                     ids, 2, arena, &accuracy, err))
        return false;
    if (all.rows != 2 || accuracy.rows != 2)
        return error_set(err, ERROR_FAILED, "a trial left the database");
    compare->knobs = table_of(side_columns, 3, all.columns, arena);
    compare->trials = table_of(columns, 4, all.columns, arena);
    for (size_t c = 0; c < all.columns; c++) {
        const struct sql_value *a = &all.cells[c], *b = &all.cells[all.columns + c];
        const char *name = all.names[c], *arguments = strstr(name, "_arguments");
        size_t length = arguments ? (size_t)(arguments - name) : strlen(name);
        bool differs = strcmp(table_value_text(a, arena), table_value_text(b, arena)) != 0;
        double x = sql_number(a), y = sql_number(b);
        if (knob_find(arena_text(arena, name, length))) {
            if (differs)
                add_row(&compare->knobs, (struct sql_value[]){sql_text(name), *a, *b});
        } else if (!isnan(x) && !isnan(y) && strcmp(name, "session") != 0 &&
                   !is_named_before(&all, c))
            add_row(&compare->trials,
                    (struct sql_value[]){sql_text(name), *a, *b, sql_real(y - x)});
    }
    const char *trials[2] = {sides[0].trial, sides[1].trial};
    struct discordant rows = discordant_rows(database, trials, arena);
    compare->verdict = rows.is_known ? exact_words(&rows, arena) : bounded_words(&accuracy, arena);
    return true;
}

bool compare_load(struct query_database *database, const struct compared sides[2],
                  const char *const names[2], struct arena *arena, struct compare *compare,
                  struct error *err) {
    *compare = (struct compare){.names = {names[0], names[1]}};
    return sides[0].trial && sides[1].trial ? load_trials(database, sides, arena, compare, err)
                                            : load_variants(database, sides, arena, compare, err);
}

/* The comparisons of one leaderboard or of two variants, with all their numbers. Owns: the arena.
 */
static struct table compare_table(const struct comparison *comparisons, size_t count,
                                  struct arena *arena) {
    static const char *const columns[] = {"number",    "a",          "b",   "pairs", "a_mean",
                                          "b_mean",    "difference", "low", "high",  "r",
                                          "welch_low", "welch_high", "p",   "p_holm"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    struct table table = table_of(columns, COLUMNS, count, arena);
    for (size_t i = 0; i < count; i++) {
        const struct comparison *c = &comparisons[i];
        struct interval interval = interval_of(&c->paired);
        add_row(&table,
                (struct sql_value[]){
                    sql_text(number_name(c->number)), sql_text(c->a->label), sql_text(c->b->label),
                    sql_integer((int64_t)c->pairs), sql_real(c->a->moments[c->number].mean),
                    sql_real(c->b->moments[c->number].mean), sql_real(interval.mean),
                    sql_real(interval.low), sql_real(interval.high), sql_real(c->r),
                    sql_real(c->welch.low), sql_real(c->welch.high), sql_real(c->p),
                    sql_real(c->adjusted)});
    }
    return table;
}

/* `-0.0041 to +0.0012`; of fewer than six pairs nothing. */
static struct sql_value interval_cell(double low, double high, bool shown, struct arena *arena) {
    return shown && !isnan(low) ? sql_text(arena_printf(arena, "%+.4g to %+.4g", low, high))
                                : sql_text("");
}

static struct sql_value short_number(double x, const char *format, struct arena *arena) {
    char text[40];
    snprintf(text, sizeof text, "%.4g", x);
    if (isnan(x))
        return sql_text("");
    return sql_text(*format ? arena_printf(arena, "%+.4g", x)
                            : arena_text(arena, text, strlen(text)));
}

/* What people read of compare_table: of one number of many variants, or many numbers of two. */
static struct table readable(const struct comparison *comparisons, size_t count, bool by_number,
                             struct arena *arena) {
    const char *columns[] = {by_number ? "number" : "variant",
                             "A",
                             "B",
                             "B - A",
                             "pairs",
                             "95 % interval",
                             "r",
                             "unpaired interval",
                             by_number ? "p" : "p (Holm)"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    struct table table = table_of(columns, COLUMNS, count, arena);
    for (size_t i = 0; i < count; i++) {
        const struct comparison *c = &comparisons[i];
        struct interval interval = interval_of(&c->paired);
        bool enough = c->pairs >= COMPARISON_PAIRS_MIN;
        add_row(&table, (struct sql_value[]){
                            sql_text(by_number ? number_name(c->number) : c->b->label),
                            short_number(c->a->moments[c->number].mean, "", arena),
                            short_number(c->b->moments[c->number].mean, "", arena),
                            short_number(interval.mean, "+", arena), sql_integer((int64_t)c->pairs),
                            interval_cell(interval.low, interval.high, enough, arena),
                            enough ? short_number(c->r, "", arena) : sql_text(""),
                            interval_cell(c->welch.low, c->welch.high, enough, arena),
                            short_number(by_number ? c->p : c->adjusted, "", arena)});
    }
    return table;
}

/* A row a seed, a column a number. */
static void write_seeds(const struct compare *compare, size_t room, struct arena *arena,
                        FILE *out) {
    const struct group *a = compare->comparisons[0].a, *b = compare->comparisons[0].b;
    const char **names = arena_alloc(arena, compare->count + 1, sizeof *names);
    struct sql_value *cells = arena_alloc(arena, compare->count + 1, sizeof *cells);
    names[0] = "seed";
    for (size_t c = 0; c < compare->count; c++)
        names[c + 1] = number_name(compare->comparisons[c].number);
    struct table table = table_of(names, compare->count + 1, a->count, arena);
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++) {
            if (!result_is_pair(&a->results[i], &b->results[j]))
                continue;
            cells[0] = sql_integer(a->results[i].seed);
            for (size_t c = 0; c < compare->count; c++) {
                enum result_number n = compare->comparisons[c].number;
                double difference = b->results[j].number[n] - a->results[i].number[n];
                cells[c + 1] = short_number(difference, "+", arena);
            }
            add_row(&table, cells);
        }
    if (!table.rows)
        return;
    fputs("\nB - A by seed\n", out);
    table_write_text(&table, room, 1, out);
}

void compare_write(const struct compare *compare, enum table_format format, size_t room,
                   struct arena *arena, FILE *out) {
    struct table table = compare->trials.rows
                             ? compare->trials
                             : compare_table(compare->comparisons, compare->count, arena);
    if (format != TABLE_TEXT) {
        table_write(&table, format, out);
        return;
    }
    sentences_write(arena_printf(arena, "A: %s", compare->names[0]), room, 0, 3, out);
    sentences_write(arena_printf(arena, "B: %s", compare->names[1]), room, 0, 3, out);
    fputc('\n', out);
    if (compare->knobs.rows)
        table_write_text(&compare->knobs, room, 1, out);
    if (compare->trials.rows) {
        fputc('\n', out);
        table_write_text(&compare->trials, room, 1, out);
    } else if (compare->count) {
        struct table numbers_table = readable(compare->comparisons, compare->count, true, arena);
        fputc('\n', out);
        table_write_text(&numbers_table, room, 1, out);
        fputs("\np: exact sign flips, each as if it were the only comparison.\n", out);
        write_seeds(compare, room, arena, out);
    }
    if (*compare->verdict) {
        fputc('\n', out);
        sentences_write(compare->verdict, room, 0, 0, out);
    }
}

/* The comparisons of all leaderboards in one table, for other tools. */
static void write_all(const struct results *results, enum table_format format, struct arena *arena,
                      FILE *out) {
    struct comparison *all = arena_alloc(arena, results->count, sizeof *all);
    size_t count = 0;
    for (size_t b = 0; b < results->board_count; b++) {
        const struct leaderboard *board = &results->boards[b];
        size_t own;
        struct comparison *comparisons =
            comparisons_of(board, board_reference(board, results->baseline), &own, arena);
        memcpy(all + count, comparisons, own * sizeof *all);
        count += own;
    }
    struct table table = compare_table(all, count, arena);
    table_write(&table, format, out);
}

static void write_board(const struct results *results, const struct leaderboard *board, size_t room,
                        struct arena *arena, FILE *out) {
    size_t count;
    const struct group *reference = board_reference(board, results->baseline);
    struct comparison *comparisons = comparisons_of(board, reference, &count, arena);
    struct subject subject = {.board = board, .arena = arena};
    struct table table = readable(comparisons, count, false, arena);
    sentences_write(arena_printf(arena, "%s (%s), A: %s, in %s", results->experiment, board->title,
                                 reference->label, number_name(board_number(board))),
                    room, 0, 0, out);
    fputc('\n', out);
    if (!count || !board->is_validated) {
        sentences_write(!count           ? "There is no other variant."
                        : !results->done ? "No trial is done yet."
                                         : "No variant has numbers of validation rows; `mlpsweep "
                                           "compare A B` tells two of them apart by the test set.",
                        room, 0, 0, out);
        return;
    }
    table_write_text(&table, room, 1, out);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++)
        subject.compared += comparisons[i].pairs > 0;
    for (size_t i = 0; i < count; i++) {
        subject.comparison = &comparisons[i];
        const char *text = sentences_about(&subject, SENTENCE_OF_COMPARISON);
        if (*text)
            sentences_write(text, room, 0, 2, out);
    }
}

void compare_write_results(const struct results *results, enum table_format format, size_t room,
                           struct arena *arena, FILE *out) {
    if (format != TABLE_TEXT) {
        write_all(results, format, arena, out);
        return;
    }
    for (size_t b = 0; b < results->board_count; b++) {
        if (b)
            fputc('\n', out);
        write_board(results, &results->boards[b], room, arena, out);
    }
}
