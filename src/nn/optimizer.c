#include "nn/optimizer.h"

#include "base/cpu.h"

#include <math.h>

/* base^n by squaring: libm's pow changes bits between processors. */
static double power(double base, uint64_t n) {
    double result = 1;
    for (; n; n >>= 1) {
        if (n & 1)
            result *= base;
        base *= base;
    }
    return result;
}

enum sgd_argument { SGD_MOMENTUM, SGD_NESTEROV };

EVERY_ISA static void sgd_update(const struct optimizer_step *step, size_t n,
                                 float *restrict parameters, const float *restrict gradient,
                                 float *restrict state, size_t stride) {
    (void)stride;
    float rate = (float)step->learning_rate;
    float momentum = (float)step->arguments[SGD_MOMENTUM];
    bool nesterov = step->arguments[SGD_NESTEROV] != 0;
    for (size_t i = 0; i < n; i++) {
        float descent = rate * gradient[i];
        float velocity = momentum * state[i] - descent;
        state[i] = velocity;
        parameters[i] += nesterov ? momentum * velocity - descent : velocity;
    }
}

enum adam_argument { ADAM_BETA1, ADAM_BETA2, ADAM_EPSILON };

EVERY_ISA static void adam_pass(size_t n, float rate, float beta1, float beta2, float epsilon,
                                float *restrict parameters, const float *restrict gradient,
                                float *restrict first, float *restrict second) {
    float rest1 = 1.0F - beta1, rest2 = 1.0F - beta2;
    for (size_t i = 0; i < n; i++) {
        float g = gradient[i];
        float m = beta1 * first[i] + rest1 * g;
        float v = beta2 * second[i] + rest2 * g * g;
        first[i] = m;
        second[i] = v;
        parameters[i] -= rate * m / (sqrtf(v) + epsilon);
    }
}

static void adam_update(const struct optimizer_step *step, size_t n, float *parameters,
                        const float *gradient, float *state, size_t stride) {
    const double *a = step->arguments;
    double rate = step->learning_rate * sqrt(1 - power(a[ADAM_BETA2], step->t)) /
                  (1 - power(a[ADAM_BETA1], step->t));
    adam_pass(n, (float)rate, (float)a[ADAM_BETA1], (float)a[ADAM_BETA2], (float)a[ADAM_EPSILON],
              parameters, gradient, state, state + stride);
}

static const struct optimizer rows[] = {
    {{"sgd",
      "stochastic gradient descent",
      {{"momentum", "share of the last step that is taken again", ARGUMENT_NUMBER, 0, 1, 0, 0},
       {"nesterov", "looks ahead along the momentum", ARGUMENT_FLAG, 0, 1, 0, 0}}},
     0.01,
     1,
     sgd_update},
    {{"adam",
      "adaptive moments (Kingma and Ba 2014)",
      {{"beta1", "decay of the mean gradient", ARGUMENT_NUMBER, 0, 0.999999, 0.9, 0},
       {"beta2", "decay of the mean squared gradient", ARGUMENT_NUMBER, 0, 0.99999999, 0.999, 0},
       {"epsilon", "added to the root", ARGUMENT_NUMBER, 0, 1, 1e-7, 0}}},
     0.001,
     2,
     adam_update},
};

const struct registry optimizers = REGISTRY("optimizer", rows);

const struct optimizer *optimizer_of(const struct choice *choice) {
    return (const struct optimizer *)(const void *)choice->entry;
}
