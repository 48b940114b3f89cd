#include "trial/naive.h"

#include "base/statistics.h"
#include "data/batch.h"

#include <math.h>

static double largest_share(const struct row_set *rows, size_t classes) {
    struct arena arena = {0};
    uint16_t *labels = arena_alloc(&arena, rows->count, sizeof *labels);
    size_t *counts = arena_alloc(&arena, classes, sizeof *counts), largest = 0;
    batch_labels(rows->part, rows->rows, rows->count, labels);
    for (size_t i = 0; i < rows->count; i++) {
        size_t n = ++counts[labels[i]];
        largest = n > largest ? n : largest;
    }
    arena_close(&arena);
    return (double)largest / (double)rows->count;
}

static float *targets_of(const struct row_set *rows, struct arena *arena) {
    float *targets = arena_alloc(arena, rows->count, sizeof *targets);
    batch_targets(rows->part, (struct target_scale){0, 1}, rows->rows, rows->count, targets);
    return targets;
}

static double loss_of_mean(const struct row_set *train, const struct row_set *rows,
                           const struct choice *loss) {
    struct arena arena = {0};
    const float *trained = targets_of(train, &arena);
    float *predicted = arena_alloc(&arena, rows->count, sizeof *predicted);
    double sum = 0;
    for (size_t i = 0; i < train->count; i++)
        sum += (double)trained[i];
    for (size_t i = 0; i < rows->count; i++)
        predicted[i] = (float)(sum / (double)train->count);
    struct loss_target target = {
        .outputs = 1,
        .batch = rows->count,
        .targets = targets_of(rows, &arena),
        .scratch = arena_alloc(&arena, rows->count * (LOSS_SCRATCH + 1), sizeof(float))};
    struct loss_sums sums = {0};
    loss_measure(loss, &target, predicted, NULL, arena_alloc(&arena, rows->count, sizeof(int32_t)),
                 &sums);
    arena_close(&arena);
    return sums.loss / (double)rows->count;
}

double naive_score(const struct dataset *dataset, const struct split *split,
                   const struct row_set *rows, const struct choice *loss) {
    if (!rows->count)
        return (double)NAN;
    return dataset->task == TASK_CLASSIFICATION ? largest_share(rows, dataset->classes)
                                                : loss_of_mean(&split->train, rows, loss);
}

double has_learned(const struct dataset *dataset, const struct epoch_record *epochs, size_t count,
                   double naive, size_t rows) {
    bool classes = dataset->task == TASK_CLASSIFICATION, learned = false;
    if (isnan(naive) || !count)
        return (double)NAN;
    double bar = classes ? naive + 2 * binomial_error(naive, rows) : naive;
    for (size_t i = 0; i < count; i++)
        learned |= classes ? epochs[i].val_accuracy > bar : epochs[i].val_loss < bar;
    return learned;
}
