#include "nn/optimizer.h"

#include "nn/math.h"
#include "nn/root.h"

#include <math.h>

/* A moving average of decay beta goes the share 1 - beta of the way to each new value. The share is
 * rounded to a float, which is exact to 1e-7 for every beta, where beta itself would be rounded to
 * 3 % of 1 - beta near 1. What corrects a moving average for its start at 0 uses the same share. */
static float share(double beta) {
    return (float)(1 - beta);
}

/* 1 - beta^t with the beta that belongs to the rounded share. */
static double correction(double beta, uint64_t t) {
    return 1 - math_power(1 - (double)share(beta), t);
}

enum sgd_argument { SGD_MOMENTUM, SGD_NESTEROV };
enum { SGD_RATE = 2 };

static void sgd_prepare(const struct optimizer_step *step, float *c) {
    c[SGD_MOMENTUM] = (float)step->arguments[SGD_MOMENTUM];
    c[SGD_NESTEROV] = (float)step->arguments[SGD_NESTEROV];
    c[SGD_RATE] = (float)step->learning_rate;
}

EVERY_ISA static void sgd_update(const float *c, bool is_kernel, size_t n,
                                 float *restrict parameters, const float *restrict gradient,
                                 float *restrict state, size_t stride) {
    (void)is_kernel;
    (void)stride;
    float rate = c[SGD_RATE], momentum = c[SGD_MOMENTUM];
    bool nesterov = c[SGD_NESTEROV] != 0.0F;
    for (size_t i = 0; i < n; i++) {
        float descent = rate * gradient[i];
        float velocity = momentum * state[i] - descent;
        state[i] = velocity;
        parameters[i] += nesterov ? momentum * velocity - descent : velocity;
    }
}

/* Coefficients of rmsprop, adagrad and adadelta. */
enum { ADAPTIVE_RATE, ADAPTIVE_SHARE, ADAPTIVE_EPSILON, ADAPTIVE_FIRST, ADAPTIVE_INITIAL };

enum rmsprop_argument { RMSPROP_RHO, RMSPROP_EPSILON };

static void rmsprop_prepare(const struct optimizer_step *step, float *c) {
    c[ADAPTIVE_RATE] = (float)step->learning_rate;
    c[ADAPTIVE_SHARE] = share(step->arguments[RMSPROP_RHO]);
    c[ADAPTIVE_EPSILON] = (float)step->arguments[RMSPROP_EPSILON];
}

EVERY_ISA static void rmsprop_update(const float *c, bool is_kernel, size_t n,
                                     float *restrict parameters, const float *restrict gradient,
                                     float *restrict state, size_t stride) {
    (void)is_kernel;
    (void)stride;
    float rate = c[ADAPTIVE_RATE], to_new = c[ADAPTIVE_SHARE], epsilon = c[ADAPTIVE_EPSILON];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        float squares = state[i] + to_new * (g * g - state[i]);
        state[i] = squares;
        parameters[i] -= rate * g / sqrtf(squares + epsilon);
    }
}

enum adagrad_argument { ADAGRAD_INITIAL, ADAGRAD_EPSILON };

static void adagrad_prepare(const struct optimizer_step *step, float *c) {
    c[ADAPTIVE_RATE] = (float)step->learning_rate;
    c[ADAPTIVE_EPSILON] = (float)step->arguments[ADAGRAD_EPSILON];
    c[ADAPTIVE_FIRST] = step->t == 1 ? 1.0F : 0.0F;
    c[ADAPTIVE_INITIAL] = (float)step->arguments[ADAGRAD_INITIAL];
}

EVERY_ISA static void adagrad_update(const float *c, bool is_kernel, size_t n,
                                     float *restrict parameters, const float *restrict gradient,
                                     float *restrict state, size_t stride) {
    (void)is_kernel;
    (void)stride;
    float rate = c[ADAPTIVE_RATE], epsilon = c[ADAPTIVE_EPSILON];
    float initial = c[ADAPTIVE_FIRST] * c[ADAPTIVE_INITIAL];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        float squares = (state[i] + initial) + g * g;
        state[i] = squares;
        parameters[i] -= rate * g / sqrtf(squares + epsilon);
    }
}

EVERY_ISA static void adadelta_update(const float *c, bool is_kernel, size_t n,
                                      float *restrict parameters, const float *restrict gradient,
                                      float *restrict state, size_t stride) {
    (void)is_kernel;
    float *restrict moves = state + stride;
    float rate = c[ADAPTIVE_RATE], to_new = c[ADAPTIVE_SHARE], epsilon = c[ADAPTIVE_EPSILON];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        float squares = state[i] + to_new * (g * g - state[i]);
        float move = g * sqrtf(moves[i] + epsilon) / sqrtf(squares + epsilon);
        state[i] = squares;
        moves[i] += to_new * (move * move - moves[i]);
        parameters[i] -= rate * move;
    }
}

enum adam_argument { ADAM_BETA1, ADAM_BETA2, ADAM_EPSILON, ADAM_DECAY };
enum { ADAM_RATE = 4 };

static void adam_prepare(const struct optimizer_step *step, float *c) {
    const double *a = step->arguments;
    c[ADAM_BETA1] = share(a[ADAM_BETA1]);
    c[ADAM_BETA2] = share(a[ADAM_BETA2]);
    c[ADAM_EPSILON] = (float)a[ADAM_EPSILON];
    c[ADAM_DECAY] = (float)(step->learning_rate * a[ADAM_DECAY]);
    c[ADAM_RATE] = (float)(step->learning_rate * sqrt(correction(a[ADAM_BETA2], step->t)) /
                           correction(a[ADAM_BETA1], step->t));
}

INLINE void adam_pass(const float *c, bool decays, size_t n, float *restrict parameters,
                      const float *restrict gradient, float *restrict first,
                      float *restrict second) {
    float share1 = c[ADAM_BETA1], share2 = c[ADAM_BETA2];
    float rate = c[ADAM_RATE], epsilon = c[ADAM_EPSILON], decay = c[ADAM_DECAY];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i], w = parameters[i];
        float m = first[i] + share1 * (g - first[i]);
        float v = second[i] + share2 * (g * g - second[i]);
        first[i] = m;
        second[i] = v;
        if (decays)
            w -= decay * w;
        parameters[i] = w - rate * m / (sqrtf(v) + epsilon);
    }
}

#if defined __x86_64__

/* The same operations, sixteen parameters at a time, and roots beside the divider. Returns how many
 * parameters it moved. */
ROOT_TARGET static size_t adam_with_roots(const float *c, bool decays, size_t n, float *parameters,
                                          const float *gradient, float *first, float *second) {
    __m512 share1 = _mm512_set1_ps(c[ADAM_BETA1]), share2 = _mm512_set1_ps(c[ADAM_BETA2]);
    __m512 rate = _mm512_set1_ps(c[ADAM_RATE]), epsilon = _mm512_set1_ps(c[ADAM_EPSILON]);
    __m512 decay = _mm512_set1_ps(c[ADAM_DECAY]);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m512 g = _mm512_loadu_ps(gradient + i), w = _mm512_loadu_ps(parameters + i);
        __m512 m = _mm512_loadu_ps(first + i), v = _mm512_loadu_ps(second + i);
        m = _mm512_add_ps(m, _mm512_mul_ps(share1, _mm512_sub_ps(g, m)));
        v = _mm512_add_ps(v, _mm512_mul_ps(share2, _mm512_sub_ps(_mm512_mul_ps(g, g), v)));
        _mm512_storeu_ps(first + i, m);
        _mm512_storeu_ps(second + i, v);
        if (decays)
            w = _mm512_sub_ps(w, _mm512_mul_ps(decay, w));
        __m512 divisor = _mm512_add_ps(root_of(v), epsilon);
        w = _mm512_sub_ps(w, _mm512_div_ps(_mm512_mul_ps(rate, m), divisor));
        _mm512_storeu_ps(parameters + i, w);
    }
    return i;
}

#endif

EVERY_ISA static void adam_each(const float *c, bool decays, size_t n, float *parameters,
                                const float *gradient, float *first, float *second) {
    if (decays)
        adam_pass(c, true, n, parameters, gradient, first, second);
    else
        adam_pass(c, false, n, parameters, gradient, first, second);
}

static void adam_step(const float *c, bool decays, size_t n, float *parameters,
                      const float *gradient, float *state, size_t stride) {
    size_t done = 0;
#if defined __x86_64__
    if (root_is_quicker())
        done = adam_with_roots(c, decays, n, parameters, gradient, state, state + stride);
#endif
    adam_each(c, decays, n - done, parameters + done, gradient + done, state + done,
              state + stride + done);
}

static void adam_update(const float *c, bool is_kernel, size_t n, float *parameters,
                        const float *gradient, float *state, size_t stride) {
    (void)is_kernel;
    adam_step(c, false, n, parameters, gradient, state, stride);
}

static void adamw_update(const float *c, bool is_kernel, size_t n, float *parameters,
                         const float *gradient, float *state, size_t stride) {
    adam_step(c, is_kernel, n, parameters, gradient, state, stride);
}

static void adamax_prepare(const struct optimizer_step *step, float *c) {
    const double *a = step->arguments;
    c[ADAM_BETA1] = share(a[ADAM_BETA1]);
    c[ADAM_BETA2] = (float)a[ADAM_BETA2];
    c[ADAM_EPSILON] = (float)a[ADAM_EPSILON];
    c[ADAM_RATE] = (float)(step->learning_rate / correction(a[ADAM_BETA1], step->t));
}

EVERY_ISA static void adamax_update(const float *c, bool is_kernel, size_t n,
                                    float *restrict parameters, const float *restrict gradient,
                                    float *restrict state, size_t stride) {
    (void)is_kernel;
    float *restrict largest = state + stride;
    float share1 = c[ADAM_BETA1], beta2 = c[ADAM_BETA2];
    float rate = c[ADAM_RATE], epsilon = c[ADAM_EPSILON];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i], size = g < 0.0F ? -g : g;
        float m = state[i] + share1 * (g - state[i]);
        float decayed = beta2 * largest[i];
        float u = size < decayed ? decayed : size;
        state[i] = m;
        largest[i] = u;
        parameters[i] -= rate * m / (u + epsilon);
    }
}

/* Nadam's gradient and momentum terms each have a rate of their own. `carried` is the product of
 * all momenta so far, less 1: so it begins at 0. */
enum { NADAM_GRADIENT = 3, NADAM_RATE = 4, NADAM_CORRECTION };

static double nadam_momentum(double beta1, uint64_t t) {
    return beta1 * (1 - 0.5 * math_power(0.96, t));
}

static void nadam_prepare(const struct optimizer_step *step, float *c) {
    const double *a = step->arguments;
    double now = nadam_momentum(a[ADAM_BETA1], step->t);
    double next = nadam_momentum(a[ADAM_BETA1], step->t + 1);
    double product = (1 + *step->carried) * now;
    *step->carried = product - 1;
    c[ADAM_BETA1] = share(a[ADAM_BETA1]);
    c[ADAM_BETA2] = share(a[ADAM_BETA2]);
    c[ADAM_EPSILON] = (float)a[ADAM_EPSILON];
    c[NADAM_GRADIENT] = (float)(step->learning_rate * (1 - now) / (1 - product));
    c[NADAM_RATE] = (float)(step->learning_rate * next / (1 - product * next));
    c[NADAM_CORRECTION] = (float)(1 / correction(a[ADAM_BETA2], step->t));
}

EVERY_ISA static void nadam_update(const float *c, bool is_kernel, size_t n,
                                   float *restrict parameters, const float *restrict gradient,
                                   float *restrict state, size_t stride) {
    (void)is_kernel;
    float *restrict second = state + stride;
    float share1 = c[ADAM_BETA1], share2 = c[ADAM_BETA2], epsilon = c[ADAM_EPSILON];
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        float m = state[i] + share1 * (g - state[i]);
        float v = second[i] + share2 * (g * g - second[i]);
        state[i] = m;
        second[i] = v;
        parameters[i] -= (c[NADAM_RATE] * m + c[NADAM_GRADIENT] * g) /
                         (sqrtf(v * c[NADAM_CORRECTION]) + epsilon);
    }
}

#define RHO(value)                                                                                 \
    { "rho", "decay of the mean squared gradient", ARGUMENT_NUMBER, 0, 0.999999, value, 0 }
#define EPSILON                                                                                    \
    { "epsilon", "keeps the divisor above 0", ARGUMENT_NUMBER, 0, 1, 1e-7, 0 }
#define BETA1                                                                                      \
    { "beta1", "decay of the mean gradient", ARGUMENT_NUMBER, 0, 0.999999, 0.9, 0 }
#define BETA2                                                                                      \
    { "beta2", "decay of the mean squared gradient", ARGUMENT_NUMBER, 0, 0.99999999, 0.999, 0 }

static const struct optimizer rows[] = {
    {{"sgd",
      "stochastic gradient descent",
      {{"momentum", "momentum coefficient", ARGUMENT_NUMBER, 0, 1, 0, 0},
       {"nesterov", "Nesterov's form of momentum", ARGUMENT_FLAG, 0, 1, 0, 0}}},
     0.01,
     1,
     sgd_prepare,
     sgd_update},
    {{"rmsprop", "by the root of the mean squared gradient", {RHO(0.9), EPSILON}},
     0.001,
     1,
     rmsprop_prepare,
     rmsprop_update},
    {{"adagrad",
      "by the root of the sum of squared gradients (Duchi 2011)",
      {{"initial", "the sum before the first step", ARGUMENT_NUMBER, 0, 1e6, 0.1, 0}, EPSILON}},
     0.001,
     1,
     adagrad_prepare,
     adagrad_update},
    {{"adadelta",
      "by the ratio of root mean squares of steps and gradients (Zeiler 2012)",
      {RHO(0.95), EPSILON}},
     0.001,
     2,
     rmsprop_prepare,
     adadelta_update},
    {{"adam", "adaptive moments (Kingma and Ba 2014)", {BETA1, BETA2, EPSILON}},
     0.001,
     2,
     adam_prepare,
     adam_update},
    {{"adamw",
      "adam with decoupled weight decay of the kernels (Loshchilov and Hutter 2017)",
      {BETA1,
       BETA2,
       EPSILON,
       {"weight_decay", "share of a kernel that a step of rate 1 takes off", ARGUMENT_NUMBER, 0, 1,
        0.004, 0}}},
     0.001,
     2,
     adam_prepare,
     adamw_update},
    {{"adamax",
      "adam with the largest gradient in place of the mean squared one (Kingma and Ba 2014)",
      {BETA1,
       {"beta2", "decay of the largest gradient", ARGUMENT_NUMBER, 0, 0.999999, 0.999, 0},
       EPSILON}},
     0.001,
     2,
     adamax_prepare,
     adamax_update},
    {{"nadam", "adam with Nesterov's momentum (Dozat 2016)", {BETA1, BETA2, EPSILON}},
     0.001,
     2,
     nadam_prepare,
     nadam_update},
};

static const struct synonym synonyms[] = {
    {"gradient_descent", "sgd"},
    {"radam", NULL},
};

static const char *contradiction(const struct choice *choice) {
    bool is_sgd = optimizer_of(choice)->prepare == sgd_prepare;
    bool without = choice->arguments[SGD_MOMENTUM] == 0;
    return is_sgd && choice->arguments[SGD_NESTEROV] != 0 && without
               ? "nesterov does nothing without momentum"
               : NULL;
}

const struct registry optimizers =
    REGISTRY_WITH("optimizer", rows, SYNONYMS(synonyms), .contradiction = contradiction);

const struct optimizer *optimizer_of(const struct choice *choice) {
    return (const struct optimizer *)(const void *)choice->entry;
}
