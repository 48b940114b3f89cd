#include "nn/loss.h"

#include "nn/math.h"
#include "nn/reduce.h"

/* Softmax over the outputs of each sample, and the index and value of the largest output.
 *
 * Shapes: z [outputs x batch] -> p [outputs x batch], largest, total [batch], predicted [batch]. */
INLINE void softmax(size_t outputs, size_t batch, const float *restrict z, float *restrict p,
                    float *restrict largest, float *restrict total, int32_t *restrict predicted) {
    for (size_t i = 0; i < batch; i++) {
        largest[i] = z[i];
        predicted[i] = 0;
        total[i] = 0;
    }
    for (size_t k = 1; k < outputs; k++)
        for (size_t i = 0; i < batch; i++) {
            float value = z[k * batch + i];
            predicted[i] = value > largest[i] ? (int32_t)k : predicted[i];
            largest[i] = value > largest[i] ? value : largest[i];
        }
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++) {
            float e = math_exp(z[k * batch + i] - largest[i]);
            total[i] += e;
            if (p)
                p[k * batch + i] = e;
        }
}

INLINE double count_correct(const struct loss_target *target, const int32_t *predicted) {
    int64_t correct = 0;
    for (size_t i = 0; i < target->batch; i++)
        correct += predicted[i] == (int32_t)target->labels[i];
    return (double)correct;
}

EVERY_ISA static void cross_entropy(const struct loss_target *target, const float *restrict z,
                                    float *restrict delta, int32_t *restrict predicted,
                                    struct loss_sums *sums) {
    size_t batch = target->batch, outputs = target->outputs;
    float *restrict largest = target->scratch;
    float *restrict total = largest + batch;
    float *restrict loss = total + batch;
    softmax(outputs, batch, z, delta, largest, total, predicted);
    for (size_t i = 0; i < batch; i++)
        loss[i] = math_log(total[i]) + largest[i];
    for (size_t i = 0; i < batch; i++)
        loss[i] -= z[target->labels[i] * batch + i];
    sums->loss += (double)reduce_sum(loss, batch);
    sums->correct += count_correct(target, predicted);
    if (!delta)
        return;
    float share = 1.0F / (float)batch;
    for (size_t i = 0; i < batch; i++)
        total[i] = share / total[i];
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++)
            delta[k * batch + i] *= total[i];
    for (size_t i = 0; i < batch; i++)
        delta[target->labels[i] * batch + i] -= share;
}

/* Mean over the outputs of (p - y)^2, p the softmax, y one at the true class. With g = dL/dp the
 * gradient is dL/dz_j = p_j * (g_j - sum_k g_k p_k). */
INLINE void squares_of_classes(const struct loss_target *target, const float *restrict z,
                               float *restrict delta, int32_t *restrict predicted,
                               struct loss_sums *sums) {
    size_t batch = target->batch, outputs = target->outputs;
    float *restrict largest = target->scratch;
    float *restrict total = largest + batch;
    float *restrict loss = total + batch;
    float each = 1.0F / (float)outputs;
    softmax(outputs, batch, z, NULL, largest, total, predicted);
    float *restrict mixed = total; /* sum_k g_k p_k replaces the total sample by sample */
    for (size_t i = 0; i < batch; i++) {
        float squares = 0, mean = 0;
        for (size_t k = 0; k < outputs; k++) {
            float p = math_exp(z[k * batch + i] - largest[i]) / total[i];
            float difference = p - (k == target->labels[i] ? 1.0F : 0.0F);
            squares += difference * difference;
            mean += 2.0F * each * difference * p;
            if (delta)
                delta[k * batch + i] = p;
        }
        loss[i] = squares * each;
        mixed[i] = mean;
    }
    sums->loss += (double)reduce_sum(loss, batch);
    sums->correct += count_correct(target, predicted);
    if (!delta)
        return;
    float share = 1.0F / (float)batch;
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++) {
            float p = delta[k * batch + i];
            float g = 2.0F * each * (p - (k == target->labels[i] ? 1.0F : 0.0F));
            delta[k * batch + i] = p * (g - mixed[i]) * share;
        }
}

INLINE void squares_of_values(const struct loss_target *target, const float *restrict z,
                              float *restrict delta, int32_t *restrict predicted,
                              struct loss_sums *sums) {
    size_t batch = target->batch;
    float *restrict square = target->scratch;
    float *restrict absolute = square + batch;
    float share = 2.0F / (float)batch;
    for (size_t i = 0; i < batch; i++) {
        float difference = z[i] - target->targets[i];
        square[i] = difference * difference;
        absolute[i] = float_abs(difference);
        predicted[i] = 0;
        if (delta)
            delta[i] = difference * share;
    }
    sums->loss += (double)reduce_sum(square, batch);
    sums->absolute_error += (double)reduce_sum(absolute, batch);
}

EVERY_ISA static void mean_squared_error(const struct loss_target *target, const float *restrict z,
                                         float *restrict delta, int32_t *restrict predicted,
                                         struct loss_sums *sums) {
    if (target->labels)
        squares_of_classes(target, z, delta, predicted, sums);
    else
        squares_of_values(target, z, delta, predicted, sums);
}

static const struct loss rows[] = {
    {{"cross_entropy", "softmax and negative log-likelihood", {{0}}},
     true,
     false,
     "nats",
     cross_entropy},
    {{"mse", "mean over outputs of squared error", {{0}}},
     true,
     true,
     "the target's unit squared",
     mean_squared_error},
};

const struct registry losses = REGISTRY("loss", rows);

const struct loss *loss_of(const struct choice *choice) {
    return (const struct loss *)(const void *)choice->entry;
}
