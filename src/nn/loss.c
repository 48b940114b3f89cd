#include "nn/loss.h"

#include "nn/math.h"
#include "nn/reduce.h"

/* What a softmax over the outputs of each sample leaves to be divided, and the index and value of
 * the largest output. exp goes over all of it in one loop: batches are short, and each loop of its
 * own would begin with its constants and end with a part of a vector.
 *
 * Shapes: z [outputs x batch] -> e, exp(z - largest) [outputs x batch], largest, their total
 *         [batch], predicted [batch]. */
INLINE void softmax(size_t outputs, size_t batch, const float *restrict z, float *restrict e,
                    float *restrict largest, float *restrict total, int32_t *restrict predicted) {
    for (size_t i = 0; i < batch; i++) {
        largest[i] = z[i];
        predicted[i] = 0;
        total[i] = 0;
    }
    for (size_t k = 1; k < outputs; k++)
        for (size_t i = 0; i < batch; i++) {
            float value = z[k * batch + i];
            int32_t larger = -(int32_t)(value > largest[i]); /* all bits, or none */
            predicted[i] = ((int32_t)k & larger) | (predicted[i] & ~larger);
            largest[i] = value > largest[i] ? value : largest[i];
        }
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++)
            e[k * batch + i] = z[k * batch + i] - largest[i];
    for (size_t j = 0; j < outputs * batch; j++)
        e[j] = math_exp(e[j]);
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++)
            total[i] += e[k * batch + i];
}

INLINE double count_correct(const struct loss_target *target, const int32_t *predicted) {
    int64_t correct = 0;
    for (size_t i = 0; i < target->batch; i++)
        correct += predicted[i] == (int32_t)target->labels[i];
    return (double)correct;
}

/* What the probability of the true class and of each other class should be. */
INLINE float off_target(const struct loss_target *target) {
    return target->smoothing / (float)target->outputs;
}

INLINE float on_target(const struct loss_target *target) {
    return 1.0F - target->smoothing + off_target(target);
}

/* Adds what label smoothing changes: smoothing * (z of the true class - mean z). */
INLINE void smooth(const struct loss_target *target, const float *restrict z,
                   float *restrict loss) {
    size_t batch = target->batch;
    for (size_t i = 0; i < batch; i++) {
        float sum = 0;
        for (size_t k = 0; k < target->outputs; k++)
            sum += z[k * batch + i];
        float mean = sum / (float)target->outputs;
        loss[i] += target->smoothing * (z[target->labels[i] * batch + i] - mean);
    }
}

EVERY_ISA static void cross_entropy(const double *arguments, const struct loss_target *target,
                                    const float *restrict z, float *restrict delta,
                                    int32_t *restrict predicted, struct loss_sums *sums) {
    (void)arguments;
    size_t batch = target->batch, outputs = target->outputs;
    float *restrict largest = target->scratch;
    float *restrict total = largest + batch;
    float *restrict loss = total + batch;
    softmax(outputs, batch, z, delta ? delta : loss + batch, largest, total, predicted);
    for (size_t i = 0; i < batch; i++)
        loss[i] = math_log(total[i]) + largest[i];
    for (size_t i = 0; i < batch; i++)
        loss[i] -= z[target->labels[i] * batch + i];
    if (target->smoothing != 0.0F)
        smooth(target, z, loss);
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
    float on = on_target(target) - off_target(target), off = off_target(target);
    for (size_t i = 0; i < outputs * batch && off != 0.0F; i++)
        delta[i] -= off * share;
    for (size_t i = 0; i < batch; i++)
        delta[target->labels[i] * batch + i] -= on * share;
}

/* The losses below are a function of the difference d between an output and what it should have
 * been, averaged over the outputs. Each is a pair of functions of (c, d), inlined into the loops,
 * with c the row's first argument. */
typedef float error_function(float c, float d);

/* Of classes d = p - y, p the softmax, y the target. With g = dL/dp the gradient is
 * dL/dz_j = p_j * (g_j - sum_k g_k p_k). */
INLINE void measure_classes(error_function *value, error_function *slope, float c,
                            const struct loss_target *target, const float *restrict z,
                            float *restrict delta, int32_t *restrict predicted,
                            struct loss_sums *sums) {
    size_t batch = target->batch, outputs = target->outputs;
    float *restrict largest = target->scratch;
    float *restrict total = largest + batch;
    float *restrict loss = total + batch;
    float *restrict p = delta ? delta : loss + batch;
    float each = 1.0F / (float)outputs, on = on_target(target), off = off_target(target);
    softmax(outputs, batch, z, p, largest, total, predicted);
    float *restrict mixed = total; /* sum_k g_k p_k replaces the total sample by sample */
    for (size_t i = 0; i < batch; i++) {
        float sum = 0, mean = 0;
        for (size_t k = 0; k < outputs; k++) {
            float of_class = p[k * batch + i] / total[i];
            float d = of_class - (k == target->labels[i] ? on : off);
            sum += value(c, d);
            mean += each * slope(c, d) * of_class;
            p[k * batch + i] = of_class;
        }
        loss[i] = sum * each;
        mixed[i] = mean;
    }
    sums->loss += (double)reduce_sum(loss, batch);
    sums->correct += count_correct(target, predicted);
    if (!delta)
        return;
    float share = 1.0F / (float)batch;
    for (size_t k = 0; k < outputs; k++)
        for (size_t i = 0; i < batch; i++) {
            float of_class = p[k * batch + i];
            float g = each * slope(c, of_class - (k == target->labels[i] ? on : off));
            p[k * batch + i] = of_class * (g - mixed[i]) * share;
        }
}

INLINE void measure_values(error_function *value, error_function *slope, float c,
                           const struct loss_target *target, const float *restrict z,
                           float *restrict delta, int32_t *restrict predicted,
                           struct loss_sums *sums) {
    size_t batch = target->batch;
    float *restrict loss = target->scratch;
    float *restrict absolute = loss + batch;
    float share = 1.0F / (float)batch;
    for (size_t i = 0; i < batch; i++) {
        float d = z[i] - target->targets[i];
        loss[i] = value(c, d);
        absolute[i] = float_abs(d);
        predicted[i] = 0;
        if (delta)
            delta[i] = slope(c, d) * share;
    }
    sums->loss += (double)reduce_sum(loss, batch);
    sums->absolute_error += (double)reduce_sum(absolute, batch);
}

/* Defines the measure NAME from the functions NAME_value and NAME_slope. */
#define ERROR_LOSS(name)                                                                           \
    EVERY_ISA static void name(const double *arguments, const struct loss_target *target,          \
                               const float *restrict z, float *restrict delta,                     \
                               int32_t *restrict predicted, struct loss_sums *sums) {              \
        float c = (float)arguments[0];                                                             \
        if (target->labels)                                                                        \
            measure_classes(name##_value, name##_slope, c, target, z, delta, predicted, sums);     \
        else                                                                                       \
            measure_values(name##_value, name##_slope, c, target, z, delta, predicted, sums);      \
    }

INLINE float mse_value(float c, float d) {
    (void)c;
    return d * d;
}

INLINE float mse_slope(float c, float d) {
    (void)c;
    return 2.0F * d;
}

INLINE float mae_value(float c, float d) {
    (void)c;
    return float_abs(d);
}

INLINE float mae_slope(float c, float d) {
    (void)c;
    return d > 0.0F ? 1.0F : d < 0.0F ? -1.0F : 0.0F;
}

INLINE float huber_value(float c, float d) {
    float size = float_abs(d);
    return size <= c ? 0.5F * d * d : c * (size - 0.5F * c);
}

INLINE float huber_slope(float c, float d) {
    float low = d < -c ? -c : d;
    return low > c ? c : low;
}

ERROR_LOSS(mse)
ERROR_LOSS(mae)
ERROR_LOSS(huber)

static const struct loss rows[] = {
    {{"cross_entropy", "softmax and negative log-likelihood", {{0}}},
     true,
     false,
     "nats",
     0,
     cross_entropy},
    {{"mse", "mean over outputs of squared error", {{0}}},
     true,
     true,
     "target units squared",
     2,
     mse},
    {{"mae", "mean over outputs of absolute error", {{0}}}, true, true, "target units", 1, mae},
    {{"huber",
      "mean over outputs of half the squared error, linear beyond delta",
      {{"delta", "error from which on it is linear", ARGUMENT_NUMBER, 1e-6, 1e6, 1, 0}}},
     true,
     true,
     "target units squared",
     2, /* huber of d / s, times s^2, is huber of d with delta * s */
     huber},
};

static const struct synonym synonyms[] = {
    {"mean_squared_error", "mse"},
    {"l2", "mse"},
    {"ce", "cross_entropy"},
    {"nll", "cross_entropy"},
    {"log_loss", "cross_entropy"},
    {"softmax", "cross_entropy"},
    {"categorical_crossentropy", "cross_entropy"},
    {"sparse_categorical_crossentropy", "cross_entropy"},
    {"mean_absolute_error", "mae"},
    {"l1", "mae"},
    {"rmse", NULL},
    {"mape", NULL},
    {"msle", NULL},
    {"binary_crossentropy", NULL},
};

const struct registry losses = REGISTRY_WITH("loss", rows, SYNONYMS(synonyms));

const struct loss *loss_of(const struct choice *choice) {
    return (const struct loss *)(const void *)choice->entry;
}

void loss_measure(const struct choice *choice, const struct loss_target *target, const float *z,
                  float *delta, int32_t *predicted, struct loss_sums *sums) {
    loss_of(choice)->measure(choice->arguments, target, z, delta, predicted, sums);
}
