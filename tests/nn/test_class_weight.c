/* Weights of classes against the formula of scikit-learn's compute_class_weight, and that they
 * multiply the gradient. */
#include "nn/class_weight.h"

#include <math.h>

#include "test.h"

enum { CLASSES = 4, ROWS = 10 };

static const uint16_t labels[ROWS] = {0, 0, 0, 0, 0, 0, 1, 1, 3, 3};

static void fit(const char *name, float weights[CLASSES]) {
    struct choice choice = choice_default(&class_weights, name);
    class_weight_fit(class_weight_of(&choice), labels, ROWS, CLASSES, weights);
}

/* 10 / (3 * 6), 10 / (3 * 2): what scikit-learn's compute_class_weight gives. */
static void balanced_weights_are_inverse_to_the_size_of_the_class(void **state) {
    (void)state;
    float weights[CLASSES];
    fit("balanced", weights);
    assert_true(fabs((double)weights[0] - 10.0 / 18) < 1e-7);
    assert_true(fabs((double)weights[1] - 10.0 / 6) < 1e-6);
    assert_true(weights[2] == 0);
    assert_true(weights[3] == weights[1]);
}

static void weights_sum_to_the_number_of_rows(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&class_weights, r)); r++) {
        float weights[CLASSES];
        double sum = 0;
        fit(entry->name, weights);
        for (size_t i = 0; i < ROWS; i++)
            sum += (double)weights[labels[i]];
        assert_true(fabs(sum - ROWS) < 1e-5);
    }
}

static void gradient_of_a_sample_is_multiplied_by_its_weight(void **state) {
    (void)state;
    static const float weights[CLASSES] = {0.5F, 2, 1, 3};
    float delta[2 * ROWS];
    struct loss_target target = {.outputs = 2, .batch = ROWS, .labels = labels};
    for (size_t i = 0; i < 2 * ROWS; i++)
        delta[i] = (float)i + 1;
    class_weight_apply(weights, &target, delta);
    for (size_t i = 0; i < 2 * ROWS; i++)
        assert_true(delta[i] == ((float)i + 1) * weights[labels[i % ROWS]]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced_weights_are_inverse_to_the_size_of_the_class),
        cmocka_unit_test(weights_sum_to_the_number_of_rows),
        cmocka_unit_test(gradient_of_a_sample_is_multiplied_by_its_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
