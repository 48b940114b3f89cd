#include "nn/class_weight.h"

#include "base/arena.h"

static double balanced(size_t rows, size_t classes, size_t count) {
    return (double)rows / ((double)classes * (double)count);
}

static const struct class_weight rows_of_table[] = {
    {{"none", "all samples count alike", {{0}}}, NULL},
    {{"balanced", "all classes count alike: rows / (classes * rows of the class)", {{0}}},
     balanced},
};

const struct registry class_weights = REGISTRY("class weight", rows_of_table);

const struct class_weight *class_weight_of(const struct choice *choice) {
    return (const struct class_weight *)(const void *)choice->entry;
}

void class_weight_fit(const struct class_weight *row, const uint16_t *labels, size_t rows,
                      size_t classes, float *weights) {
    struct arena arena = {0};
    size_t *counts = arena_alloc(&arena, classes, sizeof *counts), occurring = 0;
    for (size_t i = 0; i < rows; i++)
        occurring += counts[labels[i]]++ == 0;
    for (size_t c = 0; c < classes; c++)
        weights[c] = !counts[c]     ? 0.0F
                     : !row->weight ? 1.0F
                                    : (float)row->weight(rows, occurring, counts[c]);
    arena_close(&arena);
}

void class_weight_apply(const float *weights, const struct loss_target *target, float *delta) {
    for (size_t k = 0; k < target->outputs; k++)
        for (size_t i = 0; i < target->batch; i++)
            delta[k * target->batch + i] *= weights[target->labels[i]];
}
