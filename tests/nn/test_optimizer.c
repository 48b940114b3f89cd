#include "nn/optimizer.h"

#include <math.h>
#include <string.h>

#include "test.h"

enum { PARAMETERS = 37, STATES_MAX = 4, STRIDE = 48, STEPS = 50 };

/* One parameter of the reference; states start at 0. */
struct scalar {
    double w, state[STATES_MAX];
};

static void sgd(const struct optimizer_step *step, double g, struct scalar *it) {
    double momentum = step->arguments[0], a = step->learning_rate;
    double *v = &it->state[0];
    *v = momentum * *v - a * g;
    it->w += step->arguments[1] != 0 ? momentum * *v - a * g : *v;
}

static void adam(const struct optimizer_step *step, double g, struct scalar *it) {
    double beta1 = step->arguments[0], beta2 = step->arguments[1], epsilon = step->arguments[2];
    double *m = &it->state[0], *v = &it->state[1], t = (double)step->t;
    *m = beta1 * *m + (1 - beta1) * g;
    *v = beta2 * *v + (1 - beta2) * g * g;
    it->w -= step->learning_rate * sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t)) * *m /
             (sqrt(*v) + epsilon);
}

/* numerics.md in double precision. */
static const struct {
    const char *name;
    void (*update)(const struct optimizer_step *step, double g, struct scalar *it);
} references[] = {{"sgd", sgd}, {"adam", adam}};

static struct choice parsed(const char *text) {
    struct choice choice;
    struct error err = {0};
    assert_ok(choice_parse(&optimizers, text, (struct place){0}, &choice, &err), err);
    return choice;
}

/* Gradients that change sign and size, with a mean of their own for each parameter. */
static float gradient_at(size_t i, size_t t) {
    float noise = (float)((i * 7919 + t * 104729) % 2001) * 0.001F - 1.0F;
    return (noise + (float)i * 0.02F) * (i % 5 == 0 ? 0.001F : 1.0F);
}

static float first_weight(size_t i) {
    return (float)i * 0.01F - 0.2F;
}

static void step_to(struct optimizer_step *step, const struct choice *choice, uint64_t t) {
    *step = (struct optimizer_step){choice->arguments, optimizer_of(choice)->learning_rate, t};
}

static void run(const struct choice *choice, float *w, float *state) {
    for (size_t t = 1; t <= STEPS; t++) {
        float gradient[PARAMETERS];
        struct optimizer_step step;
        step_to(&step, choice, t);
        for (size_t i = 0; i < PARAMETERS; i++)
            gradient[i] = gradient_at(i, t);
        optimizer_of(choice)->update(&step, PARAMETERS, w, gradient, state, STRIDE);
    }
}

static void assert_follows_its_formula(const struct choice *choice) {
    float w[STRIDE], state[STATES_MAX * STRIDE] = {0};
    struct scalar expected[PARAMETERS] = {0};
    size_t r = 0, count = sizeof references / sizeof *references;
    while (r < count && strcmp(references[r].name, choice->entry->name) != 0)
        r++;
    if (r == count)
        fail_msg("no reference for optimizer %s", choice->entry->name);
    for (size_t i = 0; i < PARAMETERS; i++)
        expected[i].w = (double)(w[i] = first_weight(i));
    run(choice, w, state);
    for (size_t i = 0; i < PARAMETERS; i++) {
        for (size_t t = 1; t <= STEPS; t++) {
            struct optimizer_step step;
            step_to(&step, choice, t);
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
        assert_follows_its_formula(&choice);
    }
}

static const char *const with_arguments[] = {
    "sgd(momentum=0.9)",  "sgd(momentum=0.9, nesterov=true)",
    "sgd(nesterov=true)", "adam(beta1=0.5, beta2=0.9)",
    "adam(beta1=0)",      "adam(epsilon=0.1)",
};
enum { WITH_ARGUMENTS = sizeof with_arguments / sizeof *with_arguments };

static void arguments_enter_the_formula(void **state) {
    (void)state;
    for (size_t i = 0; i < WITH_ARGUMENTS; i++) {
        struct choice choice = parsed(with_arguments[i]);
        assert_follows_its_formula(&choice);
    }
}

/* A net's parameters may lie anywhere in a longer array. */
static void step_of_a_parameter_has_the_same_bits_alone(void **state) {
    (void)state;
    for (size_t c = 0; c < WITH_ARGUMENTS; c++) {
        struct choice choice = parsed(with_arguments[c]);
        float w[STRIDE], together[STATES_MAX * STRIDE] = {0};
        for (size_t i = 0; i < PARAMETERS; i++)
            w[i] = first_weight(i);
        run(&choice, w, together);
        for (size_t i = 0; i < PARAMETERS; i++) {
            float alone = first_weight(i), own[STATES_MAX] = {0};
            for (size_t t = 1; t <= STEPS; t++) {
                float gradient = gradient_at(i, t);
                struct optimizer_step step;
                step_to(&step, &choice, t);
                optimizer_of(&choice)->update(&step, 1, &alone, &gradient, own, 1);
            }
            assert_memory_equal(&alone, &w[i], sizeof alone);
        }
    }
}

static void nothing_is_written_behind_the_parameters(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&optimizers, r)); r++) {
        struct choice choice = choice_default(&optimizers, entry->name);
        size_t states = optimizer_of(&choice)->states;
        float w[STRIDE], own[STATES_MAX * STRIDE];
        assert_true(states < STATES_MAX);
        for (size_t i = 0; i < STRIDE; i++)
            w[i] = 77;
        for (size_t i = 0; i < STATES_MAX * STRIDE; i++)
            own[i] = i < states * STRIDE && i % STRIDE < PARAMETERS ? 0 : 77;
        run(&choice, w, own);
        for (size_t i = PARAMETERS; i < STRIDE; i++)
            assert_true(w[i] == 77);
        for (size_t i = 0; i < STATES_MAX * STRIDE; i++)
            assert_true((i < states * STRIDE && i % STRIDE < PARAMETERS) || own[i] == 77);
    }
}

static void first_adam_step_is_the_learning_rate_whatever_the_gradient(void **state) {
    (void)state;
    struct choice choice = choice_default(&optimizers, "adam");
    for (float g = 1e-3F; g < 1e4F; g *= 10) {
        float w = 0, own[2] = {0};
        struct optimizer_step step = {choice.arguments, 0.001, 1};
        optimizer_of(&choice)->update(&step, 1, &w, &g, own, 1);
        assert_true(fabs((double)w + 0.001) < 5e-6); /* epsilon shows at the small end */
    }
}

/* Bias corrections at large t go through whole powers, and must come to 1. */
static void late_adam_steps_are_not_corrected_any_more(void **state) {
    (void)state;
    struct choice choice = choice_default(&optimizers, "adam");
    static const uint64_t late[] = {100000, UINT64_C(1) << 40};
    for (size_t i = 0; i < 2; i++) {
        float w = 0, g = 1, own[2] = {1, 1};
        struct optimizer_step step = {choice.arguments, 0.001, late[i]};
        optimizer_of(&choice)->update(&step, 1, &w, &g, own, 1);
        assert_true(fabs((double)w + 0.001) < 1e-8);
    }
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
        cmocka_unit_test(nothing_is_written_behind_the_parameters),
        cmocka_unit_test(first_adam_step_is_the_learning_rate_whatever_the_gradient),
        cmocka_unit_test(late_adam_steps_are_not_corrected_any_more),
        cmocka_unit_test(learning_rate_stands_for_itself_when_automatic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
