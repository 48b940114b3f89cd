#include "nn/activation.h"

#include "nn/math.h"
#include "nn/reduce.h"

/* Defines NAME_forward and NAME_backward from f(z) and from f'(z), both with the row's first
 * argument c. `keeps_z` is a constant: f' is an expression of z and a where it is true, else of
 * a = f(z) alone. */
#define ACTIVATION(name, keeps_z, value, slope)                                                    \
    enum { name##_needs_z = (keeps_z) };                                                           \
    EVERY_ISA static void name##_forward(const double *arguments, size_t units, size_t batch,      \
                                         const float *restrict bias, float *restrict kept,         \
                                         float *restrict a) {                                      \
        float c = (float)arguments[0];                                                             \
        (void)c;                                                                                   \
        for (size_t u = 0; u < units; u++)                                                         \
            for (size_t i = u * batch; i < (u + 1) * batch; i++) {                                 \
                float z = a[i] + bias[u];                                                          \
                if (keeps_z)                                                                       \
                    kept[i] = z;                                                                   \
                a[i] = (value);                                                                    \
            }                                                                                      \
    }                                                                                              \
    EVERY_ISA static void name##_backward(                                                         \
        const double *arguments, size_t units, size_t batch, const float *restrict kept,           \
        const float *restrict output, float *restrict delta, float *restrict bias_gradient) {      \
        float c = (float)arguments[0];                                                             \
        (void)c;                                                                                   \
        for (size_t u = 0; u < units; u++) {                                                       \
            for (size_t i = u * batch; i < (u + 1) * batch; i++) {                                 \
                float a = output[i], z = (keeps_z) ? kept[i] : 0.0F;                               \
                (void)a;                                                                           \
                (void)z;                                                                           \
                delta[i] *= (slope);                                                               \
            }                                                                                      \
            bias_gradient[u] = reduce_sum(delta + u * batch, batch);                               \
        }                                                                                          \
    }

static const float SELU_SCALE = 1.05070098F, SELU_ALPHA = 1.67326324F;

/* Between 0 and 1, NaN included. */
INLINE float clamped(float x) {
    float low = x < 0.0F ? 0.0F : x;
    return low > 1.0F ? 1.0F : low;
}

INLINE float softplus(float z) {
    return (z > 0.0F ? z : 0.0F) + math_log1p_small(math_exp(-float_abs(z)));
}

/* Distribution function of the standard normal. */
INLINE float normal_below(float z) {
    return 0.5F * (1.0F + math_erf(z * 0.707106781F));
}

INLINE float gelu_slope(float z) {
    return normal_below(z) + z * (0.398942280F * math_exp(-0.5F * z * z));
}

INLINE float silu_slope(float z) {
    float s = math_sigmoid(z);
    return s * (1.0F + z * (1.0F - s));
}

/* tanh(softplus(z)) = w / (w + 2) with w = e^z * (e^z + 2); beyond 20 it is 1. */
INLINE float mish(float z) {
    float e = math_exp(z > 20.0F ? 20.0F : z), w = e * (e + 2.0F);
    return z * (w / (w + 2.0F));
}

INLINE float mish_slope(float z) {
    float e = math_exp(z > 20.0F ? 20.0F : z), w = e * (e + 2.0F);
    float t = w / (w + 2.0F), rest = 2.0F / (w + 2.0F) * (1.0F + t); /* 1 - t^2 */
    return z > 20.0F ? 1.0F : t + z * rest * (e / (1.0F + e));
}

/* !(z <= 0): NaN stays NaN and is noticed as divergence */
ACTIVATION(relu, false, !(z <= 0.0F) ? z : 0.0F, a > 0.0F ? 1.0F : 0.0F)
ACTIVATION(leaky_relu, false, z > 0.0F ? z : c * z, a > 0.0F ? 1.0F : c)
ACTIVATION(elu, false, z > 0.0F ? z : c * math_expm1_negative(z), a > 0.0F ? 1.0F : a + c)
ACTIVATION(selu, false, SELU_SCALE *(z > 0.0F ? z : SELU_ALPHA * math_expm1_negative(z)),
           a > 0.0F ? SELU_SCALE : a + SELU_SCALE * SELU_ALPHA)
ACTIVATION(gelu, true, z *normal_below(z), gelu_slope(z))
ACTIVATION(silu, true, z *math_sigmoid(z), silu_slope(z))
ACTIVATION(mish, true, mish(z), mish_slope(z))
ACTIVATION(tanh, false, math_tanh(z), 1.0F - a * a)
ACTIVATION(sigmoid, false, math_sigmoid(z), a *(1.0F - a))
ACTIVATION(hard_sigmoid, false, clamped((z + 3.0F) * (1.0F / 6.0F)),
           a > 0.0F && a < 1.0F ? 1.0F / 6.0F : 0.0F)
ACTIVATION(softplus, false, softplus(z), -math_expm1_negative(-a))
ACTIVATION(softsign, false, z / (1.0F + float_abs(z)),
           (1.0F - float_abs(a)) * (1.0F - float_abs(a)))
ACTIVATION(linear, false, z, 1.0F)

#define FUNCTIONS(name) name##_needs_z, name##_forward, name##_backward

static const struct activation rows[] = {
    {{"relu", "max(0, z)", {{0}}}, true, FUNCTIONS(relu)},
    {{"leaky_relu",
      "z, or slope * z below 0",
      {{"slope", "slope below 0", ARGUMENT_NUMBER, 0, 1, 0.2, 0}}},
     false,
     FUNCTIONS(leaky_relu)},
    {{"elu",
      "z, or alpha * (exp(z) - 1) below 0",
      {{"alpha", "where it ends for large negative z", ARGUMENT_NUMBER, 0, 100, 1, 0}}},
     false,
     FUNCTIONS(elu)},
    {{"selu", "elu scaled so that layers keep mean 0 and variance 1 (Klambauer 2017)", {{0}}},
     false,
     FUNCTIONS(selu)},
    {{"gelu", "z * P(standard normal < z), exact", {{0}}}, false, FUNCTIONS(gelu)},
    {{"silu", "z * sigmoid(z), also called swish", {{0}}}, false, FUNCTIONS(silu)},
    {{"mish", "z * tanh(softplus(z))", {{0}}}, false, FUNCTIONS(mish)},
    {{"tanh", "hyperbolic tangent", {{0}}}, false, FUNCTIONS(tanh)},
    {{"sigmoid", "1 / (1 + exp(-z))", {{0}}}, false, FUNCTIONS(sigmoid)},
    {{"hard_sigmoid", "min(max(0, z + 3), 6) / 6", {{0}}}, false, FUNCTIONS(hard_sigmoid)},
    {{"softplus", "log(1 + exp(z))", {{0}}}, false, FUNCTIONS(softplus)},
    {{"softsign", "z / (1 + |z|)", {{0}}}, false, FUNCTIONS(softsign)},
    {{"linear", "z", {{0}}}, false, FUNCTIONS(linear)},
};

static const struct synonym synonyms[] = {
    {"logistic", "sigmoid"}, {"identity", "linear"},  {"none", "linear"},
    {"swish", "silu"},       {"lrelu", "leaky_relu"}, {"hard_swish", NULL},
    {"celu", NULL},          {"prelu", NULL},         {"relu6", NULL},
};

const struct registry activations = REGISTRY_WITH("activation", rows, SYNONYMS(synonyms));

const struct activation *activation_of(const struct choice *choice) {
    return (const struct activation *)(const void *)choice->entry;
}
