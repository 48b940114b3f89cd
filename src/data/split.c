#include "data/split.h"

#include "base/rng.h"
#include "base/text.h"

#include <math.h>
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

bool split_make(const struct dataset *dataset, double validation_split, size_t train_rows,
                uint64_t split_seed, struct arena *arena, struct split *split, struct error *err) {
    const struct data_part *train = &dataset->train;
    bool own_file = dataset->validation.rows != 0;
    size_t rows = own_file ? train->rows : split_training_rows(train->rows, validation_split);
    size_t n = train_rows ? train_rows : rows;
    if (!rows)
        return error_set(err, ERROR_INVALID,
                         "%s: no row is left for training with validation_split %g (%zu rows)",
                         dataset->name, validation_split, train->rows);
    if (n > rows)
        return error_set(err, ERROR_INVALID, "%s: train_rows is %zu, but only %zu can be had",
                         dataset->name, n, rows);
    struct row_set rest = all_rows(train, rows, arena);
    split->train = choose(&rest, n, rng_stream(split_seed, RNG_TRAIN_ROWS), arena);
    if (own_file)
        split->validation = all_rows(&dataset->validation, dataset->validation.rows, arena);
    else {
        uint32_t *last = arena_alloc(arena, train->rows - rows, sizeof *last);
        for (size_t i = rows; i < train->rows; i++)
            last[i - rows] = (uint32_t)i;
        split->validation = (struct row_set){train, last, train->rows - rows};
    }
    size_t wanted = split->validation.count ? split->validation.count : PROBE_ROWS;
    split->probe =
        choose(&split->train, wanted < n ? wanted : n, rng_stream(split_seed, RNG_PROBE), arena);
    split->test = all_rows(&dataset->test, dataset->test.rows, arena);
    return true;
}
