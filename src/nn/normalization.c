#include "nn/normalization.h"

#include "nn/reduce.h"

#include <math.h>

static const float EPSILON = 1e-3F;
static const float RUNNING_SHARE = 0.01F; /* 1 - momentum 0.99 */

/* Over the minibatch, unit by unit. */
EVERY_ISA static void batch_forward(const struct normalized *it, bool training, float *x) {
    size_t batch = it->batch;
    float *running_mean = it->statistics, *running_variance = it->statistics + it->units;
    for (size_t u = it->from; u < it->to; u++) {
        float *restrict row = x + u * batch, *restrict unit = it->unit + u * batch;
        float mean = running_mean[u], variance = running_variance[u];
        if (training) {
            double center = reduce_sum_double(row, batch) / (double)batch;
            mean = (float)center;
            variance = (float)(reduce_squared_distances(row, batch, center) / (double)batch);
            running_mean[u] += RUNNING_SHARE * (mean - running_mean[u]);
            running_variance[u] += RUNNING_SHARE * (variance - running_variance[u]);
        }
        float inverse = 1.0F / sqrtf(variance + EPSILON), scale = it->scale[u];
        it->inverse[u] = inverse;
        for (size_t i = 0; i < batch; i++) {
            unit[i] = (row[i] - mean) * inverse;
            row[i] = scale * unit[i];
        }
    }
}

EVERY_ISA static void batch_backward(const struct normalized *it, float *delta) {
    size_t batch = it->batch;
    for (size_t u = it->from; u < it->to; u++) {
        float *restrict row = delta + u * batch;
        const float *restrict unit = it->unit + u * batch;
        float sum = reduce_sum(row, batch), product = reduce_product(row, unit, batch);
        float factor = it->scale[u] * it->inverse[u], share = 1.0F / (float)batch;
        it->scale_gradient[u] = product;
        for (size_t i = 0; i < batch; i++)
            row[i] = factor * (row[i] - share * (sum + unit[i] * product));
    }
}

/* Over the units, sample by sample. Sums run over the units in order, for all samples at once. */
EVERY_ISA static void layer_forward(const struct normalized *it, bool training, float *x) {
    (void)training;
    size_t batch = it->batch, units = it->units;
    float *restrict mean = it->inverse + batch, *restrict inverse = it->inverse;
    float *restrict unit = it->unit;
    float share = 1.0F / (float)units;
    for (size_t i = 0; i < batch; i++)
        mean[i] = inverse[i] = 0;
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < batch; i++)
            mean[i] += share * x[u * batch + i];
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < batch; i++) {
            float distance = x[u * batch + i] - mean[i];
            unit[u * batch + i] = distance;
            inverse[i] += share * distance * distance;
        }
    for (size_t i = 0; i < batch; i++)
        inverse[i] = 1.0F / sqrtf(inverse[i] + EPSILON);
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < batch; i++) {
            unit[u * batch + i] *= inverse[i];
            x[u * batch + i] = it->scale[u] * unit[u * batch + i];
        }
}

EVERY_ISA static void layer_backward(const struct normalized *it, float *delta) {
    size_t batch = it->batch, units = it->units;
    float *restrict sum = it->inverse + batch, *restrict product = it->inverse + 2 * batch;
    const float *restrict inverse = it->inverse, *restrict unit = it->unit;
    float share = 1.0F / (float)units;
    for (size_t i = 0; i < batch; i++)
        sum[i] = product[i] = 0;
    for (size_t u = 0; u < units; u++) {
        float *restrict row = delta + u * batch;
        it->scale_gradient[u] = reduce_product(row, unit + u * batch, batch);
        for (size_t i = 0; i < batch; i++) {
            row[i] *= it->scale[u];
            sum[i] += row[i];
            product[i] += row[i] * unit[u * batch + i];
        }
    }
    for (size_t u = 0; u < units; u++)
        for (size_t i = 0; i < batch; i++) {
            float *at = &delta[u * batch + i];
            *at = inverse[i] * (*at - share * (sum[i] + unit[u * batch + i] * product[i]));
        }
}

static const struct normalization rows[] = {
    {{"none", "none", {{0}}}, false, true, NULL, NULL},
    {{"batch",
      "each unit over the minibatch (Ioffe and Szegedy 2015); running statistics at inference",
      {{0}}},
     true,
     true,
     batch_forward,
     batch_backward},
    {{"layer", "each sample over the layer's units (Ba, Kiros and Hinton 2016)", {{0}}},
     false,
     false,
     layer_forward,
     layer_backward},
};

const struct registry normalizations = REGISTRY("normalization", rows);

const struct normalization *normalization_of(const struct choice *choice) {
    return (const struct normalization *)(const void *)choice->entry;
}
