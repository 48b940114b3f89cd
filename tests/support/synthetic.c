#include "synthetic.h"

#include "base/rng.h"
#include "data/nonzero.h"

#include <math.h>
#include <stdio.h>

enum { PIXELS = 784, CLASSES = 10, COLUMNS = 8 };

static struct data_part images(size_t rows, uint64_t seed, bool strokes, struct arena *arena) {
    struct rng rng = rng_stream(seed, RNG_ORDER), patterns = rng_stream(99, RNG_ORDER);
    uint8_t *pixels = arena_alloc(arena, rows * PIXELS, 1);
    uint16_t *labels = arena_alloc(arena, rows, sizeof *labels);
    for (size_t i = 0; i < rows; i++) {
        labels[i] = (uint16_t)(rng_hash(rng, (uint32_t)i, 1) % CLASSES);
        for (uint32_t j = 0; j < PIXELS; j++) {
            uint32_t stroke = rng_hash(patterns, labels[i], j) % 4 == 0;
            uint32_t noise = rng_hash(rng, (uint32_t)i, j + 7) % 160;
            bool dark = strokes && (!stroke || noise >= 128);
            pixels[i * PIXELS + j] = (uint8_t)(dark ? 0 : noise + (stroke ? 60 : 0));
        }
    }
    return (struct data_part){.rows = rows, .pixels = pixels, .labels = labels};
}

static struct dataset *create_images(size_t train_rows, size_t test_rows, bool strokes,
                                     struct arena *arena) {
    static const double classes[CLASSES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const names[CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    struct dataset *dataset = arena_alloc(arena, 1, sizeof *dataset);
    *dataset = (struct dataset){.name = "synthetic",
                                .task = TASK_CLASSIFICATION,
                                .inputs = PIXELS,
                                .classes = CLASSES,
                                .class_values = classes,
                                .class_names = names,
                                .train = images(train_rows, 1, strokes, arena),
                                .test = images(test_rows, 2, strokes, arena)};
    snprintf(dataset->digest, sizeof dataset->digest, "synthetic-images-%zu", train_rows);
    return dataset;
}

const struct dataset *synthetic_images(size_t train_rows, size_t test_rows, struct arena *arena) {
    return create_images(train_rows, test_rows, false, arena);
}

const struct dataset *synthetic_strokes(size_t train_rows, size_t test_rows, struct arena *arena) {
    struct dataset *dataset = create_images(train_rows, test_rows, true, arena);
    dataset_find_nonzero(dataset, arena);
    return dataset;
}

static struct data_part values(size_t rows, uint64_t seed, struct arena *arena) {
    struct rng rng = rng_stream(seed, RNG_ORDER);
    size_t *start = arena_alloc(arena, rows + 1, sizeof *start);
    struct csr_entry *entry = arena_alloc(arena, rows * COLUMNS, sizeof *entry);
    float *targets = arena_alloc(arena, rows, sizeof *targets);
    for (size_t i = 0; i < rows; i++) {
        start[i + 1] = start[i] + COLUMNS;
        for (uint32_t j = 0; j < COLUMNS; j++) {
            float value = rng_unit(rng_hash(rng, (uint32_t)i, j)) * 2 - 1;
            entry[i * COLUMNS + j] = (struct csr_entry){j, value};
        }
        targets[i] = sinf(2 * entry[i * COLUMNS].value) + entry[i * COLUMNS + 1].value;
    }
    return (struct data_part){
        .rows = rows, .csr = {rows, COLUMNS, start, entry}, .targets = targets};
}

const struct dataset *synthetic_values(size_t train_rows, size_t test_rows, struct arena *arena) {
    struct dataset *dataset = arena_alloc(arena, 1, sizeof *dataset);
    *dataset = (struct dataset){.name = "values",
                                .task = TASK_REGRESSION,
                                .inputs = COLUMNS,
                                .train = values(train_rows, 1, arena),
                                .test = values(test_rows, 2, arena)};
    snprintf(dataset->digest, sizeof dataset->digest, "synthetic-values-%zu", train_rows);
    return dataset;
}
