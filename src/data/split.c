#include "data/split.h"

#include "base/rng.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Rows of the probe where there is no validation to be its partner. */
enum { PROBE_ROWS = 10000 };

/* The fraction as it was written is its shortest decimal text: digits * 10^-scale. */
static void decimal_of(double fraction, uint64_t *digits, int *scale) {
    char text[TEXT_NUMBER_MAX];
    int exponent = 0;
    *digits = 0;
    *scale = 0;
    bool after_point = false;
    for (const char *at = text_from_number(fraction, text); *at; at++) {
        if (*at == 'e') {
            exponent = atoi(at + 1);
            break;
        }
        if (*at == '.')
            after_point = true;
        else {
            *digits = *digits * 10 + (uint64_t)(*at - '0');
            *scale += after_point;
        }
    }
    *scale -= exponent;
}

__extension__ typedef unsigned __int128 wide;

size_t split_training_rows(size_t rows, double fraction) {
    uint64_t digits;
    int scale;
    decimal_of(fraction, &digits, &scale);
    if (scale > 37) /* 17 digits at most: below 10^-20, less than a row of any file */
        return rows - (digits != 0);
    wide power = 1;
    for (int i = 0; i < scale; i++)
        power *= 10;
    wide kept = (wide)rows * digits;
    return rows - (size_t)((kept + power - 1) / power);
}

static struct row_set all_rows(const struct data_part *part, size_t count, struct arena *arena) {
    uint32_t *rows = arena_alloc(arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = (uint32_t)i;
    return (struct row_set){part, rows, count};
}

struct ranked {
    uint32_t rank[2], row;
};

static int compare_ranks(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    for (int i = 0; i < 2; i++)
        if (a->rank[i] != b->rank[i])
            return a->rank[i] < b->rank[i] ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int compare_rows(const void *left, const void *right) {
    uint32_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

/* The first n rows of the permutation that ranks each row by its own draw, ascending. Sets of one
 * stream nest. */
static struct row_set choose(const struct row_set *from, size_t n, struct rng rng,
                             struct arena *arena) {
    if (n == from->count)
        return *from;
    struct arena scratch = {0};
    struct ranked *ranked = arena_alloc(&scratch, from->count, sizeof *ranked);
    for (size_t i = 0; i < from->count; i++) {
        struct rng_words words = rng_draw(rng, from->rows[i], 0, 0, 0);
        ranked[i] = (struct ranked){{words.word[0], words.word[1]}, from->rows[i]};
    }
    qsort(ranked, from->count, sizeof *ranked, compare_ranks);
    uint32_t *rows = arena_alloc(arena, n, sizeof *rows);
    for (size_t i = 0; i < n; i++)
        rows[i] = ranked[i].row;
    qsort(rows, n, sizeof *rows, compare_rows);
    arena_close(&scratch);
    return (struct row_set){from->part, rows, n};
}

/* Marks `count` rows of the training file for validation. */
struct validation_source {
    struct entry entry;
    void (*mark)(const struct data_part *train, size_t classes, size_t count, struct rng rng,
                 bool *marked);
};

static void mark_last(const struct data_part *train, size_t classes, size_t count, struct rng rng,
                      bool *marked) {
    (void)classes;
    (void)rng;
    memset(marked + train->rows - count, true, count * sizeof *marked);
}

static void mark_chosen(const struct row_set *from, size_t count, struct rng rng, bool *marked) {
    struct arena scratch = {0};
    struct row_set chosen = choose(from, count, rng, &scratch);
    for (size_t i = 0; i < count; i++)
        marked[chosen.rows[i]] = true;
    arena_close(&scratch);
}

static void mark_random(const struct data_part *train, size_t classes, size_t count, struct rng rng,
                        bool *marked) {
    struct arena scratch = {0};
    struct row_set all = all_rows(train, train->rows, &scratch);
    (void)classes;
    mark_chosen(&all, count, rng, marked);
    arena_close(&scratch);
}

/* How much of a row is left over when a class gives its share. */
struct remainder {
    uint64_t parts; /* of train->rows */
    uint32_t class;
};

static int largest_remainder_first(const void *left, const void *right) {
    const struct remainder *a = left, *b = right;
    if (a->parts != b->parts)
        return a->parts > b->parts ? -1 : 1;
    return (a->class > b->class) - (a->class < b->class);
}

/* Each class gives rows * count / all, rounded down; what is missing comes from the classes with
 * the largest remainders, one row each (Hamilton's method).
 *
 * Shapes: rows_of, quotas [classes]. */
static void find_quotas(const size_t *rows_of, size_t classes, size_t all, size_t count,
                        size_t *quotas) {
    struct arena scratch = {0};
    struct remainder *remainders = arena_alloc(&scratch, classes, sizeof *remainders);
    size_t given = 0;
    for (size_t c = 0; c < classes; c++) {
        uint64_t parts = (uint64_t)rows_of[c] * count; /* both below 2^32 */
        quotas[c] = (size_t)(parts / all);
        remainders[c] = (struct remainder){parts % all, (uint32_t)c};
        given += quotas[c];
    }
    qsort(remainders, classes, sizeof *remainders, largest_remainder_first);
    for (size_t i = 0; given < count; i++, given++)
        quotas[remainders[i].class]++;
    arena_close(&scratch);
}

static void mark_stratified(const struct data_part *train, size_t classes, size_t count,
                            struct rng rng, bool *marked) {
    if (train->rows == 0)
        return;
    struct arena scratch = {0};
    size_t *rows_of = arena_alloc(&scratch, classes, sizeof *rows_of);
    size_t *quotas = arena_alloc(&scratch, classes, sizeof *quotas);
    size_t *begin = arena_alloc(&scratch, classes + 1, sizeof *begin);
    uint32_t *by_class = arena_alloc(&scratch, train->rows, sizeof *by_class);
    for (size_t i = 0; i < train->rows; i++)
        rows_of[train->labels[i]]++;
    find_quotas(rows_of, classes, train->rows, count, quotas);
    for (size_t c = 0; c < classes; c++)
        begin[c + 1] = begin[c] + rows_of[c];
    for (size_t i = 0; i < train->rows; i++)
        by_class[begin[train->labels[i]]++] = (uint32_t)i;
    for (size_t c = 0; c < classes; c++) {
        struct row_set own = {train, by_class + begin[c] - rows_of[c], rows_of[c]};
        mark_chosen(&own, quotas[c], rng, marked);
    }
    arena_close(&scratch);
}

static const struct validation_source sources[] = {
    {{"last", "the last rows, as Keras does", {{0}}}, mark_last},
    {{"random", "rows at random, by split_seed", {{0}}}, mark_random},
    {{"stratified", "as random, with each class's share of the file", {{0}}}, mark_stratified},
};

const struct registry validation_sources = REGISTRY("source of validation rows", sources);

/* Rows that are marked, or those that are not. */
static struct row_set rows_where(const struct data_part *part, const bool *marked, bool wanted,
                                 size_t count, struct arena *arena) {
    uint32_t *rows = arena_alloc(arena, count, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < part->rows; i++)
        if (marked[i] == wanted)
            rows[n++] = (uint32_t)i;
    return (struct row_set){part, rows, n};
}

/* The training part with another class as the label of some rows: those whose own draw is below the
 * fraction. Which class does not depend on the fraction. */
static const struct data_part *add_noise(const struct dataset *dataset,
                                         const struct split_options *options, struct arena *arena) {
    const struct data_part *train = &dataset->train;
    struct data_part *noisy = arena_alloc(arena, 1, sizeof *noisy);
    uint16_t *labels = arena_alloc(arena, train->rows, sizeof *labels);
    struct rng rng = rng_stream(options->seed, RNG_LABEL_NOISE);
    size_t others = dataset->classes - 1;
    for (size_t i = 0; i < train->rows; i++) {
        struct rng_words words = rng_draw(rng, (uint32_t)i, 0, 0, 0);
        size_t step = 1 + (size_t)((uint64_t)words.word[1] * others >> 32);
        bool is_noisy = (double)words.word[0] < options->label_noise * 0x1p32;
        labels[i] = train->labels[i];
        if (is_noisy)
            labels[i] = (uint16_t)((train->labels[i] + step) % dataset->classes);
    }
    *noisy = *train;
    noisy->labels = labels;
    return noisy;
}

/* Shapes: rest, the rows of the training file that are not validation rows, with their true labels.
 */
static void choose_training_rows(const struct dataset *dataset, const struct split_options *options,
                                 struct row_set rest, struct arena *arena, struct split *split) {
    size_t n = options->train_rows ? options->train_rows : rest.count;
    if (options->label_noise > 0) {
        rest.part = add_noise(dataset, options, arena);
        split->true_labels = dataset->train.labels;
    }
    split->train = choose(&rest, n, rng_stream(options->seed, RNG_TRAIN_ROWS), arena);
    size_t wanted = split->validation.count ? split->validation.count : PROBE_ROWS;
    split->probe =
        choose(&split->train, wanted < n ? wanted : n, rng_stream(options->seed, RNG_PROBE), arena);
}

bool split_make(const struct dataset *dataset, const struct split_options *options,
                struct arena *arena, struct split *split, struct error *err) {
    char number[TEXT_NUMBER_MAX];
    const struct data_part *train = &dataset->train, *own_file = &dataset->validation;
    size_t rows =
        own_file->rows ? train->rows : split_training_rows(train->rows, options->validation_split);
    *split = (struct split){.test = all_rows(&dataset->test, dataset->test.rows, arena)};
    if (!rows)
        return error_set(err, ERROR_INVALID,
                         "%s: no row is left for training with validation_split %s (%zu rows)",
                         dataset->name, text_from_number(options->validation_split, number),
                         train->rows);
    if (options->train_rows > rows)
        return error_set(err, ERROR_INVALID, "%s: train_rows is %zu, but only %zu can be had",
                         dataset->name, options->train_rows, rows);
    struct arena scratch = {0};
    bool *marked = arena_alloc(&scratch, train->rows, sizeof *marked);
    ((const struct validation_source *)options->validation_from)
        ->mark(train, dataset->classes, train->rows - rows,
               rng_stream(options->seed, RNG_VALIDATION), marked);
    split->validation = own_file->rows ? all_rows(own_file, own_file->rows, arena)
                                       : rows_where(train, marked, true, train->rows - rows, arena);
    choose_training_rows(dataset, options, rows_where(train, marked, false, rows, arena), arena,
                         split);
    arena_close(&scratch);
    return true;
}
