/* What is guessed without looking at the inputs, on eight rows by hand, and from where on a net
 * counts as having learned. */
#include "trial/naive.h"

#include <math.h>

#include "test.h"

enum { ROWS = 8 };

static const uint16_t labels[ROWS] = {0, 1, 1, 1, 0, 2, 2, 1};
static const float targets[ROWS] = {1, 2, 3, 6, 0, 3, 4, 5};
static const uint32_t first[] = {0, 1, 2, 3}, rest[] = {4, 5, 6, 7};

/* Rows 0 to 3 train, rows 4 to 7 validate. */
struct data {
    struct dataset dataset;
    struct split split;
};

static void fill(struct data *data, enum task task) {
    bool classes = task == TASK_CLASSIFICATION;
    *data = (struct data){.dataset = {.task = task, .classes = classes ? 3 : 0, .inputs = 1}};
    data->dataset.train = (struct data_part){
        .rows = ROWS, .labels = classes ? labels : NULL, .targets = classes ? NULL : targets};
    data->split.train = (struct row_set){&data->dataset.train, first, 4};
    data->split.validation = (struct row_set){&data->dataset.train, rest, 4};
}

static struct choice choice(const char *loss) {
    return (struct choice){.entry = registry_find(&losses, loss)};
}

static void classes_are_guessed_as_the_largest_of_the_rows(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_CLASSIFICATION);
    struct choice loss = choice("cross_entropy");
    assert_true(naive_score(&data.dataset, &data.split, &data.split.validation, &loss) == 0.5);
    assert_true(naive_score(&data.dataset, &data.split, &data.split.train, &loss) == 0.75);
}

/* The training mean is 3; targets there are 0, 3, 4, 5. */
static void values_are_guessed_as_the_training_mean(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_REGRESSION);
    struct choice loss = choice("mse");
    double score = naive_score(&data.dataset, &data.split, &data.split.validation, &loss);
    assert_true(fabs(score - (9 + 0 + 1 + 4) / 4.0) < 1e-6);
}

static void nothing_is_guessed_without_rows(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_CLASSIFICATION);
    struct choice loss = choice("cross_entropy");
    struct row_set none = {0};
    assert_true(isnan(naive_score(&data.dataset, &data.split, &none, &loss)));
    struct epoch_record epoch = {.epoch = 1, .val_loss = (double)NAN};
    assert_true(isnan(has_learned(&data.dataset, &epoch, 1, (double)NAN, 0)));
}

/* 0.5 of 100 rows has a standard error of 0.05. */
static void classifier_has_learned_two_standard_errors_above_the_majority(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_CLASSIFICATION);
    struct epoch_record epochs[] = {
        {.val_accuracy = 0.5}, {.val_accuracy = 0.6}, {.val_accuracy = 0.4}};
    assert_true(has_learned(&data.dataset, epochs, 3, 0.5, 100) == 0);
    epochs[1].val_accuracy = 0.61;
    assert_true(has_learned(&data.dataset, epochs, 3, 0.5, 100) == 1);
    epochs[1].val_accuracy = (double)NAN;
    assert_true(has_learned(&data.dataset, epochs, 3, 0.5, 100) == 0);
}

static void net_at_96_percent_of_two_classes_has_learned(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_CLASSIFICATION);
    struct epoch_record epoch = {.val_accuracy = 0.96};
    assert_true(has_learned(&data.dataset, &epoch, 1, 0.52, 1000) == 1);
}

static void regression_has_learned_below_the_loss_of_the_mean(void **state) {
    (void)state;
    struct data data;
    fill(&data, TASK_REGRESSION);
    struct epoch_record epochs[] = {{.val_loss = 4}, {.val_loss = 3.5}, {.val_loss = (double)NAN}};
    assert_true(has_learned(&data.dataset, epochs, 3, 3.5, 4) == 0);
    epochs[1].val_loss = 3.49;
    assert_true(has_learned(&data.dataset, epochs, 3, 3.5, 4) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_guessed_as_the_largest_of_the_rows),
        cmocka_unit_test(values_are_guessed_as_the_training_mean),
        cmocka_unit_test(nothing_is_guessed_without_rows),
        cmocka_unit_test(classifier_has_learned_two_standard_errors_above_the_majority),
        cmocka_unit_test(net_at_96_percent_of_two_classes_has_learned),
        cmocka_unit_test(regression_has_learned_below_the_loss_of_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
