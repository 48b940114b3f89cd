/* Rows of the tables against what Keras computes in double precision (golden/keras_values.py). */
#include "nn/activation.h"
#include "nn/loss.h"
#include "nn/normalization.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { ROWS_MAX = 128, COLUMNS_MAX = 64 };

struct section {
    char kind[32], text[96];
    size_t rows, columns[ROWS_MAX];
    double value[ROWS_MAX][COLUMNS_MAX];
};

static struct section section;

static void read_row(char *line) {
    assert_true(section.rows < ROWS_MAX);
    size_t *n = &section.columns[section.rows];
    *n = 0;
    for (char *end, *at = line; *n < COLUMNS_MAX; at = end) {
        double value = strtod(at, &end);
        if (end == at)
            break;
        section.value[section.rows][(*n)++] = value;
    }
    section.rows++;
}

/* Calls the body for each section of a kind, and returns how many there are. */
static size_t for_each_section(const char *kind, void (*body)(void)) {
    FILE *file = fopen(TESTS_DIR "/nn/golden/keras.txt", "r");
    assert_non_null(file);
    size_t count = 0;
    bool wanted = false;
    char line[8192];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        if (line[0] < 'a' || line[0] > 'z') {
            if (wanted)
                read_row(line);
            continue;
        }
        if (wanted)
            body();
        memset(&section, 0, sizeof section);
        size_t length = strcspn(line, " ");
        snprintf(section.kind, sizeof section.kind, "%.*s", (int)length, line);
        snprintf(section.text, sizeof section.text, "%s", line + length + 1);
        wanted = strcmp(section.kind, kind) == 0;
        count += wanted;
    }
    if (wanted)
        body();
    fclose(file);
    return count;
}

static void assert_near(double got, double expected, double relative, double absolute) {
    if (!(fabs(got - expected) <= relative * fabs(expected) + absolute))
        fail_msg("%s %s: %.9g, not %.9g", section.kind, section.text, got, expected);
}

static const double rate = 0.02;

static float gradient_at(size_t i, size_t t) {
    double noise = (double)((i * 7919 + t * 104729) % 2001) * 0.001 - 1;
    return (float)((noise + (double)i * 0.02) * (i % 5 == 0 ? 0.001 : 1));
}

/* A line of weights for each step. */
static void compare_optimizer(void) {
    enum { WEIGHTS_MAX = 16 };
    struct choice choice = inputs_choice(&optimizers, section.text);
    size_t n = section.columns[0];
    float w[WEIGHTS_MAX], g[WEIGHTS_MAX], state[OPTIMIZER_STATES_MAX * WEIGHTS_MAX] = {0};
    double carried = 0;
    for (size_t i = 0; i < n; i++)
        w[i] = (float)((double)i * 0.01 - 0.2);
    for (size_t t = 1; t <= section.rows; t++) {
        float coefficients[OPTIMIZER_COEFFICIENTS] = {0};
        struct optimizer_step step = {choice.arguments, rate, t, &carried};
        for (size_t i = 0; i < n; i++)
            g[i] = gradient_at(i, t);
        optimizer_of(&choice)->prepare(&step, coefficients);
        optimizer_of(&choice)->update(coefficients, true, n, w, g, state, n);
        for (size_t i = 0; i < n; i++)
            assert_near((double)w[i], section.value[t - 1][i], 1e-5, 1e-7);
    }
}

static void optimizers_step_as_keras_does(void **state) {
    (void)state;
    assert_true(for_each_section("optimizer", compare_optimizer) >= 13);
}

/* A line for each of 100 steps, ten an epoch. */
static void compare_schedule(void) {
    struct choice choice = inputs_choice(&schedules, section.text);
    for (uint64_t step = 1; step <= section.rows; step++) {
        struct schedule_time time = {step, 100, (step - 1) / 10};
        struct schedule_memory memory = {0};
        assert_near(schedule_rate(&choice, rate, &time, &memory), section.value[step - 1][0], 1e-5,
                    1e-12);
    }
}

static void schedules_follow_keras(void **state) {
    (void)state;
    assert_true(for_each_section("schedule", compare_schedule) >= 7);
}

/* A line of z, a line of f(z). */
static void compare_activation(void) {
    struct choice choice = inputs_choice(&activations, section.text);
    size_t n = section.columns[0];
    float a[COLUMNS_MAX], z[COLUMNS_MAX];
    const float none = 0;
    for (size_t i = 0; i < n; i++)
        a[i] = (float)section.value[0][i];
    activation_of(&choice)->forward(choice.arguments, 1, n, &none, z, a);
    for (size_t i = 0; i < n; i++)
        assert_near((double)a[i], section.value[1][i], 1e-6, 2e-7);
}

static void every_activation_is_that_of_keras(void **state) {
    (void)state;
    assert_int_equal(for_each_section("activation", compare_activation), activations.count);
}

/* One row of the batch: its loss. */
static double loss_of_row(const struct choice *choice, struct loss_target target, const float *z) {
    float scratch[LOSS_SCRATCH + 16];
    int32_t predicted;
    struct loss_sums sums = {0};
    assert_true(target.outputs <= 16);
    target.batch = 1;
    target.scratch = scratch;
    loss_measure(choice, &target, z, NULL, &predicted, &sums);
    return sums.loss;
}

/* The outputs, a row a line, then a line of losses; the text ends with the label smoothing. */
static void compare_classes(void) {
    char *space = strrchr(section.text, ' ');
    float smoothing = strtof(space + 1, NULL), z[COLUMNS_MAX];
    *space = '\0';
    struct choice choice = inputs_choice(&losses, section.text);
    size_t batch = section.rows - 1, outputs = section.columns[0];
    for (size_t i = 0; i < batch; i++) {
        uint16_t label = (uint16_t)(i % outputs);
        for (size_t k = 0; k < outputs; k++)
            z[k] = (float)section.value[i][k];
        struct loss_target target = {.outputs = outputs, .labels = &label, .smoothing = smoothing};
        assert_near(loss_of_row(&choice, target, z), section.value[batch][i], 1e-6, 1e-7);
    }
}

/* A line of outputs, one of targets, one of losses. */
static void compare_values(void) {
    struct choice choice = inputs_choice(&losses, section.text);
    for (size_t i = 0; i < section.columns[0]; i++) {
        float z = (float)section.value[0][i], y = (float)section.value[1][i];
        struct loss_target target = {.outputs = 1, .targets = &y};
        assert_near(loss_of_row(&choice, target, &z), section.value[2][i], 1e-6, 1e-7);
    }
}

static void losses_are_those_of_keras(void **state) {
    (void)state;
    assert_true(for_each_section("classes", compare_classes) >= losses.count);
    assert_true(for_each_section("values", compare_values) >= 3);
}

enum { SAMPLES = 6, UNITS = 3 };

/* Samples are lines from `from` on; ours are [units x batch]. */
static void load_samples(float *x) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t u = 0; u < UNITS; u++)
            x[u * SAMPLES + i] = (float)section.value[i][u];
}

static void assert_samples(const float *x, size_t from) {
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t u = 0; u < UNITS; u++)
            assert_near((double)x[u * SAMPLES + i], section.value[from + i][u], 1e-5, 1e-6);
}

/* A batch and what becomes of it; batch normalization: running statistics after it, and inference.
 */
static void compare_normalization(void) {
    struct choice choice = inputs_choice(&normalizations, section.text);
    const struct normalization *row = normalization_of(&choice);
    float x[SAMPLES * UNITS], unit[SAMPLES * UNITS], inverse[3 * SAMPLES];
    float statistics[2 * UNITS] = {0, 0, 0, 1, 1, 1}, scale_gradient[UNITS];
    static const float scale[UNITS] = {1, 1, 1};
    struct normalized it = {UNITS, SAMPLES, 0,          UNITS,         scale,
                            unit,  inverse, statistics, scale_gradient};
    load_samples(x);
    row->forward(&it, true, x);
    assert_samples(x, SAMPLES);
    if (!row->has_statistics)
        return;
    for (size_t u = 0; u < 2 * UNITS; u++)
        assert_near((double)statistics[u], section.value[2 * SAMPLES + u / UNITS][u % UNITS], 1e-6,
                    1e-7);
    load_samples(x);
    row->forward(&it, false, x);
    assert_samples(x, 2 * SAMPLES + 2);
}

static void normalizations_are_those_of_keras(void **state) {
    (void)state;
    assert_int_equal(for_each_section("normalization", compare_normalization), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers_step_as_keras_does),
        cmocka_unit_test(schedules_follow_keras),
        cmocka_unit_test(every_activation_is_that_of_keras),
        cmocka_unit_test(losses_are_those_of_keras),
        cmocka_unit_test(normalizations_are_those_of_keras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
