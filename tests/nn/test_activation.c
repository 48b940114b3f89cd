/* Activations against their formulas in double precision, and backward against finite differences
 * of these, with the default arguments. Against Keras: test_keras.c. */
#include "nn/activation.h"

#include <math.h>
#include <string.h>

#include "test.h"

static double relu(double z) {
    return z > 0 ? z : 0;
}

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

static double linear(double z) {
    return z;
}

static double leaky_relu(double z) {
    return z > 0 ? z : 0.2 * z;
}

static double elu(double z) {
    return z > 0 ? z : expm1(z);
}

static double selu(double z) {
    return 1.05070098 * (z > 0 ? z : 1.67326324 * expm1(z));
}

static double gelu(double z) {
    return 0.5 * z * erfc(-z / sqrt(2));
}

static double silu(double z) {
    return z / (1 + exp(-z));
}

static double softplus(double z) {
    return log1p(exp(z));
}

static double mish(double z) {
    return z * tanh(softplus(z));
}

static double hard_sigmoid(double z) {
    return fmin(fmax(z + 3, 0), 6) / 6;
}

static double softsign(double z) {
    return z / (1 + fabs(z));
}

/* numerics.md in double precision. */
static const struct {
    const char *name;
    double (*value)(double z);
} references[] = {{"relu", relu},         {"leaky_relu", leaky_relu},
                  {"elu", elu},           {"selu", selu},
                  {"gelu", gelu},         {"silu", silu},
                  {"mish", mish},         {"tanh", tanh},
                  {"sigmoid", sigmoid},   {"hard_sigmoid", hard_sigmoid},
                  {"softplus", softplus}, {"softsign", softsign},
                  {"linear", linear}};

static double (*reference_of(const char *name))(double) {
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (strcmp(references[i].name, name) == 0)
            return references[i].value;
    fail_msg("no reference for activation %s", name);
    return NULL;
}

/* Row i with its default arguments; false after the last. */
static bool row_at(size_t i, struct choice *choice) {
    const struct entry *entry = registry_row(&activations, i);
    if (!entry)
        return false;
    *choice = choice_default(&activations, entry->name);
    return true;
}

/* gelu(z) = z * P(x < z), and a P near 0 is 0.5 minus nearly as much. */
static const double ABSOLUTE_TOLERANCE = 2e-7;

enum { UNITS = 3, BATCH_MAX = 257, SIZE = UNITS * BATCH_MAX };

static const size_t batches[] = {1, 7, 16, 33, 256, 257};
enum { BATCHES = sizeof batches / sizeof *batches };

static const float bias[UNITS] = {0.375F, -1.25F, 3.0F};

/* Values before the bias: from -6 to 6, in no order. */
static void fill(float *a, size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = (float)((i * 7919) % 1201) * 0.01F - 6.0F;
}

static void forward_is_the_function_of_the_sum_with_the_bias(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++)
        for (size_t b = 0; b < BATCHES; b++) {
            double (*reference)(double) = reference_of(choice.entry->name);
            float before[SIZE], a[SIZE], z[SIZE];
            fill(before, SIZE);
            memcpy(a, before, sizeof a);
            activation_of(&choice)->forward(choice.arguments, UNITS, batches[b], bias, z, a);
            for (size_t i = 0; i < UNITS * batches[b]; i++) {
                double expected = reference((double)(before[i] + bias[i / batches[b]]));
                if (!(fabs((double)a[i] - expected) <= 4e-7 * fabs(expected) + ABSOLUTE_TOLERANCE))
                    fail_msg("%s: %g, not %g", choice.entry->name, (double)a[i], expected);
            }
        }
}

static double forward_of_one(const struct choice *choice, double z) {
    const float none = 0;
    float a = (float)z, kept;
    activation_of(choice)->forward(choice->arguments, 1, 1, &none, &kept, &a);
    return (double)a;
}

/* Two-sided difference of the reference; NaN at a kink, where the two sides differ. */
static double slope_of(double (*reference)(double), double z) {
    const double h = 1e-5;
    double low = reference(z - h), here = reference(z), high = reference(z + h);
    return fabs((high - here) - (here - low)) > 0.01 * h ? (double)NAN : (high - low) / (2 * h);
}

static void backward_is_the_slope_of_forward(void **state) {
    (void)state;
    enum { BATCH = 100 };
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++) {
        float before[UNITS * BATCH], a[UNITS * BATCH], delta[UNITS * BATCH], sums[UNITS];
        float z[UNITS * BATCH];
        size_t compared = 0;
        fill(before, UNITS * BATCH);
        memcpy(a, before, sizeof a);
        activation_of(&choice)->forward(choice.arguments, UNITS, BATCH, bias, z, a);
        for (size_t i = 0; i < UNITS * BATCH; i++)
            delta[i] = i % 2 ? 2.0F : -0.5F;
        activation_of(&choice)->backward(choice.arguments, UNITS, BATCH, z, a, delta, sums);
        for (size_t i = 0; i < UNITS * BATCH; i++) {
            double slope =
                slope_of(reference_of(choice.entry->name), (double)(before[i] + bias[i / BATCH]));
            double expected = slope * (i % 2 ? 2.0 : -0.5);
            compared += isnan(slope) ? 0 : 1;
            if (fabs((double)delta[i] - expected) > 4e-6)
                fail_msg("%s: %g, not %g", choice.entry->name, (double)delta[i], expected);
        }
        assert_true(compared > UNITS * BATCH * 9 / 10);
    }
}

static void bias_gradient_is_the_row_sum_of_delta(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++)
        for (size_t b = 0; b < BATCHES; b++) {
            size_t batch = batches[b];
            float z[SIZE], a[SIZE], delta[SIZE], sums[UNITS] = {99, 99, 99};
            fill(a, UNITS * batch);
            activation_of(&choice)->forward(choice.arguments, UNITS, batch, bias, z, a);
            fill(delta, UNITS * batch);
            activation_of(&choice)->backward(choice.arguments, UNITS, batch, z, a, delta, sums);
            for (size_t u = 0; u < UNITS; u++) {
                double sum = 0, size = 0;
                for (size_t i = u * batch; i < (u + 1) * batch; i++) {
                    sum += (double)delta[i];
                    size += fabs((double)delta[i]);
                }
                if (!(fabs((double)sums[u] - sum) <= 1e-6 * size))
                    fail_msg("%s: %g, not %g", choice.entry->name, (double)sums[u], sum);
            }
        }
}

/* Rows that do not ask for z are given none. */
static void z_is_kept_only_where_it_is_needed(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++) {
        float a = 0.5F, z = 77, zero = 0.25F;
        activation_of(&choice)->forward(choice.arguments, 1, 1, &zero, &z, &a);
        assert_true(z == (activation_of(&choice)->needs_z ? 0.75F : 77.0F));
    }
}

static void nan_is_not_swallowed(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++)
        assert_true(isnan(forward_of_one(&choice, (double)NAN)));
}

static void large_values_stay_numbers(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++)
        for (int sign = -1; sign <= 1; sign += 2)
            for (double z = 1; z < 1e38; z *= 10) {
                float a = (float)forward_of_one(&choice, sign * z), delta = 1, sum;
                float kept = (float)(sign * z);
                activation_of(&choice)->backward(choice.arguments, 1, 1, &kept, &a, &delta, &sum);
                assert_true(isfinite(a) && isfinite(delta) && isfinite(sum));
            }
}

/* That a unit can die is what dead_units counts. */
static void rows_that_say_so_are_0_for_negative_sums(void **state) {
    (void)state;
    struct choice choice;
    for (size_t r = 0; row_at(r, &choice); r++) {
        bool dead = forward_of_one(&choice, -1) == 0 && forward_of_one(&choice, -30) == 0;
        assert_int_equal(activation_of(&choice)->has_dead_units, dead);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_is_the_function_of_the_sum_with_the_bias),
        cmocka_unit_test(backward_is_the_slope_of_forward),
        cmocka_unit_test(bias_gradient_is_the_row_sum_of_delta),
        cmocka_unit_test(z_is_kept_only_where_it_is_needed),
        cmocka_unit_test(nan_is_not_swallowed),
        cmocka_unit_test(large_values_stay_numbers),
        cmocka_unit_test(rows_that_say_so_are_0_for_negative_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
