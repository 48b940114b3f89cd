#include "nn/activation.h"

#include "nn/math.h"
#include "nn/reduce.h"

/* Defines NAME_forward and NAME_backward from f(z) and from f'(z) as an expression of a = f(z). */
#define ACTIVATION(name, value, slope)                                                             \
    EVERY_ISA static void name##_forward(const double *arguments, size_t units, size_t batch,      \
                                         const float *bias, float *a) {                            \
        (void)arguments;                                                                           \
        for (size_t u = 0; u < units; u++)                                                         \
            for (size_t i = u * batch; i < (u + 1) * batch; i++) {                                 \
                float z = a[i] + bias[u];                                                          \
                a[i] = (value);                                                                    \
            }                                                                                      \
    }                                                                                              \
    EVERY_ISA static void name##_backward(const double *arguments, size_t units, size_t batch,     \
                                          const float *restrict output, float *restrict delta,     \
                                          float *restrict bias_gradient) {                         \
        (void)arguments;                                                                           \
        for (size_t u = 0; u < units; u++) {                                                       \
            for (size_t i = u * batch; i < (u + 1) * batch; i++) {                                 \
                float a = output[i];                                                               \
                (void)a;                                                                           \
                delta[i] *= (slope);                                                               \
            }                                                                                      \
            bias_gradient[u] = reduce_sum(delta + u * batch, batch);                               \
        }                                                                                          \
    }

/* !(z <= 0): NaN stays NaN and is noticed as divergence */
ACTIVATION(relu, !(z <= 0.0F) ? z : 0.0F, a > 0.0F ? 1.0F : 0.0F)
ACTIVATION(tanh, math_tanh(z), 1.0F - a * a)
ACTIVATION(sigmoid, math_sigmoid(z), a *(1.0F - a))
ACTIVATION(linear, z, 1.0F)

static const struct activation rows[] = {
    {{"relu", "max(0, z)", {{0}}}, true, relu_forward, relu_backward},
    {{"tanh", "hyperbolic tangent", {{0}}}, false, tanh_forward, tanh_backward},
    {{"sigmoid", "1 / (1 + exp(-z))", {{0}}}, false, sigmoid_forward, sigmoid_backward},
    {{"linear", "z", {{0}}}, false, linear_forward, linear_backward},
};

const struct registry activations = REGISTRY("activation", rows);

const struct activation *activation_of(const struct choice *choice) {
    return (const struct activation *)(const void *)choice->entry;
}
