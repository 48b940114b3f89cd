/* Fifty steps of every optimizer against its formula in double precision; and that a parameter's
 * step has the same bits alone and among others. Against Keras: test_keras.c. */
#include "nn/optimizer.h"

#include <math.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { PARAMETERS = 37, STATES_MAX = 4, STRIDE = 48, STEPS = 50 };

/* One parameter of the reference; states start at 0. */
struct scalar {
    double w, state[STATES_MAX];
    bool is_kernel;
};

static void sgd(const struct optimizer_step *step, double g, struct scalar *it) {
    double momentum = step->arguments[0], a = step->learning_rate;
    double *v = &it->state[0];
    *v = momentum * *v - a * g;
    it->w += step->arguments[1] != 0 ? momentum * *v - a * g : *v;
}

static void rmsprop(const struct optimizer_step *step, double g, struct scalar *it) {
    double rho = step->arguments[0], epsilon = step->arguments[1], *s = &it->state[0];
    *s = rho * *s + (1 - rho) * g * g;
    it->w -= step->learning_rate * g / sqrt(*s + epsilon);
}

static void adagrad(const struct optimizer_step *step, double g, struct scalar *it) {
    double initial = step->arguments[0], epsilon = step->arguments[1], *s = &it->state[0];
    *s = (step->t == 1 ? initial : *s) + g * g;
    it->w -= step->learning_rate * g / sqrt(*s + epsilon);
}

static void adadelta(const struct optimizer_step *step, double g, struct scalar *it) {
    double rho = step->arguments[0], epsilon = step->arguments[1];
    double *s = &it->state[0], *x = &it->state[1];
    *s = rho * *s + (1 - rho) * g * g;
    double move = sqrt(*x + epsilon) / sqrt(*s + epsilon) * g;
    *x = rho * *x + (1 - rho) * move * move;
    it->w -= step->learning_rate * move;
}

static void adam(const struct optimizer_step *step, double g, struct scalar *it) {
    double beta1 = step->arguments[0], beta2 = step->arguments[1], epsilon = step->arguments[2];
    double *m = &it->state[0], *v = &it->state[1], t = (double)step->t;
    *m = beta1 * *m + (1 - beta1) * g;
    *v = beta2 * *v + (1 - beta2) * g * g;
    it->w -= step->learning_rate * sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t)) * *m /
             (sqrt(*v) + epsilon);
}

static void adamw(const struct optimizer_step *step, double g, struct scalar *it) {
    if (it->is_kernel)
        it->w -= step->learning_rate * step->arguments[3] * it->w;
    adam(step, g, it);
}

static void adamax(const struct optimizer_step *step, double g, struct scalar *it) {
    double beta1 = step->arguments[0], beta2 = step->arguments[1], epsilon = step->arguments[2];
    double *m = &it->state[0], *u = &it->state[1];
    *m = beta1 * *m + (1 - beta1) * g;
    *u = fmax(beta2 * *u, fabs(g));
    it->w -= step->learning_rate / (1 - pow(beta1, (double)step->t)) * *m / (*u + epsilon);
}

static void nadam(const struct optimizer_step *step, double g, struct scalar *it) {
    double beta1 = step->arguments[0], beta2 = step->arguments[1], epsilon = step->arguments[2];
    double *m = &it->state[0], *v = &it->state[1], t = (double)step->t;
    double now = beta1 * (1 - 0.5 * pow(0.96, t)), next = beta1 * (1 - 0.5 * pow(0.96, t + 1));
    double product = 1;
    for (double i = 1; i <= t; i++)
        product *= beta1 * (1 - 0.5 * pow(0.96, i));
    *m = beta1 * *m + (1 - beta1) * g;
    *v = beta2 * *v + (1 - beta2) * g * g;
    double mean = next * *m / (1 - product * next) + (1 - now) * g / (1 - product);
    it->w -= step->learning_rate * mean / (sqrt(*v / (1 - pow(beta2, t))) + epsilon);
}

/* numerics.md in double precision. */
static const struct {
    const char *name;
    void (*update)(const struct optimizer_step *step, double g, struct scalar *it);
} references[] = {{"sgd", sgd},           {"rmsprop", rmsprop}, {"adagrad", adagrad},
                  {"adadelta", adadelta}, {"adam", adam},       {"adamw", adamw},
                  {"adamax", adamax},     {"nadam", nadam}};

/* Gradients that change sign and size, with a mean of their own for each parameter. */
static float gradient_at(size_t i, size_t t) {
    float noise = (float)((i * 7919 + t * 104729) % 2001) * 0.001F - 1.0F;
    return (noise + (float)i * 0.02F) * (i % 5 == 0 ? 0.001F : 1.0F);
}

static float first_weight(size_t i) {
    return (float)i * 0.01F - 0.2F;
}

static struct optimizer_step step_of(const struct choice *choice, uint64_t t, double *carried) {
    const double rate = 20 * optimizer_of(choice)->learning_rate; /* adadelta's steps are small */
    return (struct optimizer_step){choice->arguments, rate, t, carried};
}

/* STEPS steps of n parameters from number `from` on, all of them kernels, or none. */
static void run(const struct choice *choice, bool is_kernel, size_t from, size_t n, float *w,
                float *state, size_t stride) {
    double carried = 0;
    for (size_t t = 1; t <= STEPS; t++) {
        float gradient[PARAMETERS], coefficients[OPTIMIZER_COEFFICIENTS] = {0};
        struct optimizer_step step = step_of(choice, t, &carried);
        for (size_t i = 0; i < n; i++)
            gradient[i] = gradient_at(from + i, t);
        optimizer_of(choice)->prepare(&step, coefficients);
        optimizer_of(choice)->update(coefficients, is_kernel, n, w, gradient, state, stride);
    }
}

static void assert_follows_its_formula(const struct choice *choice, bool is_kernel) {
    float w[STRIDE], state[STATES_MAX * STRIDE] = {0};
    struct scalar expected[PARAMETERS] = {0};
    size_t r = 0, count = sizeof references / sizeof *references;
    while (r < count && strcmp(references[r].name, choice->entry->name) != 0)
        r++;
    if (r == count)
        fail_msg("no reference for optimizer %s", choice->entry->name);
    for (size_t i = 0; i < PARAMETERS; i++) {
        expected[i].w = (double)(w[i] = first_weight(i));
        expected[i].is_kernel = is_kernel;
    }
    run(choice, is_kernel, 0, PARAMETERS, w, state, STRIDE);
    for (size_t i = 0; i < PARAMETERS; i++) {
        for (size_t t = 1; t <= STEPS; t++) {
            struct optimizer_step step = step_of(choice, t, NULL);
            references[r].update(&step, (double)gradient_at(i, t), &expected[i]);
        }
        double moved = fabs(expected[i].w - (double)first_weight(i));
        assert_true(moved > 1e-6); /* else the next line tells nothing */
        if (!(fabs((double)w[i] - expected[i].w) <= 1e-4 * moved + 2e-6))
            fail_msg("%s: %.9g, not %.9g", choice->entry->name, (double)w[i], expected[i].w);
    }
}

static void every_row_follows_its_formula_for_50_steps(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t i = 0; (entry = registry_row(&optimizers, i)); i++) {
        struct choice choice = choice_default(&optimizers, entry->name);
        assert_follows_its_formula(&choice, true);
        assert_follows_its_formula(&choice, false);
    }
}

static const char *const with_arguments[] = {
    "sgd(momentum=0.9)",
    "sgd(momentum=0.9, nesterov=true)",
    "sgd(nesterov=true)",
    "adam(beta1=0.5, beta2=0.9)",
    "adam(beta1=0)",
    "adam(epsilon=0.1)",
    "rmsprop(rho=0.5, epsilon=0.1)",
    "adagrad(initial=1, epsilon=0.01)",
    "adagrad(initial=0)",
    "adadelta(rho=0.5, epsilon=0.001)",
    "adamw(weight_decay=0.5)",
    "adamax(beta2=0.5)",
    "nadam(beta1=0.5)",
    /* where 1 - beta would be off by 3 % if beta were rounded to a float */
    "adam(beta1=0.999999, beta2=0.99999999)",
    "adam(beta2=0.999999)",
    "rmsprop(rho=0.999999)",
};
enum { WITH_ARGUMENTS = sizeof with_arguments / sizeof *with_arguments };

static void arguments_enter_the_formula(void **state) {
    (void)state;
    for (size_t i = 0; i < WITH_ARGUMENTS; i++) {
        struct choice choice = inputs_choice(&optimizers, with_arguments[i]);
        assert_follows_its_formula(&choice, true);
        assert_follows_its_formula(&choice, false);
    }
}

/* A net's parameters may lie anywhere in a longer array. */
static void step_of_a_parameter_has_the_same_bits_alone(void **state) {
    (void)state;
    for (size_t c = 0; c < WITH_ARGUMENTS; c++) {
        struct choice choice = inputs_choice(&optimizers, with_arguments[c]);
        float w[STRIDE], together[STATES_MAX * STRIDE] = {0};
        for (size_t i = 0; i < PARAMETERS; i++)
            w[i] = first_weight(i);
        run(&choice, true, 0, PARAMETERS, w, together, STRIDE);
        for (size_t i = 0; i < PARAMETERS; i++) {
            float alone = first_weight(i), own[STATES_MAX] = {0};
            run(&choice, true, i, 1, &alone, own, 1);
            assert_memory_equal(&alone, &w[i], sizeof alone);
        }
    }
}

static void weight_decay_takes_from_kernels_alone(void **state) {
    (void)state;
    struct choice decaying = inputs_choice(&optimizers, "adamw(weight_decay=0.5)"),
                  plain = inputs_choice(&optimizers, "adam");
    float kernel = 1, bias = 1, without = 1, own[3][STATES_MAX] = {0};
    run(&decaying, true, 0, 1, &kernel, own[0], 1);
    run(&decaying, false, 0, 1, &bias, own[1], 1);
    run(&plain, true, 0, 1, &without, own[2], 1);
    assert_true(bias == without);
    assert_true(kernel < without - 0.01F);
}

static void nothing_is_written_behind_the_parameters(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&optimizers, r)); r++) {
        struct choice choice = choice_default(&optimizers, entry->name);
        size_t states = optimizer_of(&choice)->states;
        float w[STRIDE], own[STATES_MAX * STRIDE];
        assert_true(states <= OPTIMIZER_STATES_MAX);
        for (size_t i = 0; i < STRIDE; i++)
            w[i] = 77;
        for (size_t i = 0; i < STATES_MAX * STRIDE; i++)
            own[i] = i < states * STRIDE && i % STRIDE < PARAMETERS ? 0 : 77;
        run(&choice, true, 0, PARAMETERS, w, own, STRIDE);
        for (size_t i = PARAMETERS; i < STRIDE; i++)
            assert_true(w[i] == 77);
        for (size_t i = 0; i < STATES_MAX * STRIDE; i++)
            assert_true((i < states * STRIDE && i % STRIDE < PARAMETERS) || own[i] == 77);
    }
}

/* One step of one parameter from 0, with these states. */
static double step_from(const struct choice *choice, uint64_t t, float g, float state_before) {
    float w = 0, own[2] = {state_before, state_before}, coefficients[OPTIMIZER_COEFFICIENTS] = {0};
    double carried = 0;
    struct optimizer_step step = {choice->arguments, 0.001, t, &carried};
    optimizer_of(choice)->prepare(&step, coefficients);
    optimizer_of(choice)->update(coefficients, true, 1, &w, &g, own, 1);
    return (double)w;
}

static void first_adam_step_is_the_learning_rate_whatever_the_gradient(void **state) {
    (void)state;
    static const char *const adams[] = {"adam", "adam(beta2=0.999999)", "adam(beta2=0.99999999)",
                                        "adam(beta1=0.999999)"};
    for (size_t i = 0; i < sizeof adams / sizeof *adams; i++) {
        struct choice choice = inputs_choice(&optimizers, adams[i]);
        choice.arguments[2] = 0; /* epsilon */
        for (float g = 1e-3F; g < 1e4F; g *= 10)
            assert_true(fabs(step_from(&choice, 1, g, 0) + 0.001) < 1e-9);
    }
}

/* Bias corrections at large t go through whole powers, and must come to 1. */
static void late_adam_steps_are_not_corrected_any_more(void **state) {
    (void)state;
    struct choice choice = choice_default(&optimizers, "adam");
    assert_true(fabs(step_from(&choice, 100000, 1, 1) + 0.001) < 1e-8);
    assert_true(fabs(step_from(&choice, UINT64_C(1) << 40, 1, 1) + 0.001) < 1e-8);
}

static void learning_rate_stands_for_itself_when_automatic(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t i = 0; (entry = registry_row(&optimizers, i)); i++) {
        struct choice choice = choice_default(&optimizers, entry->name);
        double expected = strcmp(entry->name, "sgd") == 0 ? 0.01 : 0.001;
        assert_true(optimizer_of(&choice)->learning_rate == expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_follows_its_formula_for_50_steps),
        cmocka_unit_test(arguments_enter_the_formula),
        cmocka_unit_test(step_of_a_parameter_has_the_same_bits_alone),
        cmocka_unit_test(weight_decay_takes_from_kernels_alone),
        cmocka_unit_test(nothing_is_written_behind_the_parameters),
        cmocka_unit_test(first_adam_step_is_the_learning_rate_whatever_the_gradient),
        cmocka_unit_test(late_adam_steps_are_not_corrected_any_more),
        cmocka_unit_test(learning_rate_stands_for_itself_when_automatic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
