/* Each row of metrics[] reads a number of its own of struct epoch_record, and each of its numbers
 * has a row. */
#include "trial/metric.h"

#include <stdbool.h>
#include <string.h>

#include "test.h"

static void every_metric_is_found_by_its_name_and_by_no_other(void **state) {
    (void)state;
    for (size_t i = 0; i < metric_count; i++)
        assert_ptr_equal(metric_find(metrics[i].name), &metrics[i]);
    assert_null(metric_find("loss"));
    assert_null(metric_find(""));
}

static void every_metric_reads_a_number_of_its_own(void **state) {
    (void)state;
    struct epoch_record record;
    for (size_t i = 0; i < metric_count; i++) {
        memset(&record, 0, sizeof record);
        memcpy((char *)&record + metrics[i].offset, &(double){42}, sizeof(double));
        for (size_t j = 0; j < metric_count; j++)
            assert_true(metric_value(&metrics[j], &record) == (i == j ? 42 : 0));
        assert_int_equal(record.epoch, 0);
        assert_int_equal(record.updates, 0);
    }
}

/* A number of an epoch that no row tells of would be lost on its way to the database. */
static void every_number_of_an_epoch_is_a_metric(void **state) {
    (void)state;
    size_t numbers = (sizeof(struct epoch_record) - 2 * sizeof(uint64_t)) / sizeof(double);
    assert_int_equal(metric_count, numbers);
}

static void metrics_are_the_fields_of_their_name(void **state) {
    (void)state;
    const struct epoch_record record = {.val_loss = 1, .probe_accuracy = 2, .test_mae = 3, .lr = 4};
    assert_true(metric_value(metric_find("val_loss"), &record) == 1);
    assert_true(metric_value(metric_find("probe_accuracy"), &record) == 2);
    assert_true(metric_value(metric_find("test_mae"), &record) == 3);
    assert_true(metric_value(metric_find("lr"), &record) == 4);
}

static bool ends_with(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

static void losses_are_better_when_lower_and_accuracies_when_higher(void **state) {
    (void)state;
    for (size_t i = 0; i < metric_count; i++) {
        if (ends_with(metrics[i].name, "_loss") || ends_with(metrics[i].name, "_mae"))
            assert_int_equal(metrics[i].direction, LOWER_IS_BETTER);
        if (ends_with(metrics[i].name, "_accuracy"))
            assert_int_equal(metrics[i].direction, HIGHER_IS_BETTER);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_found_by_its_name_and_by_no_other),
        cmocka_unit_test(every_metric_reads_a_number_of_its_own),
        cmocka_unit_test(every_number_of_an_epoch_is_a_metric),
        cmocka_unit_test(metrics_are_the_fields_of_their_name),
        cmocka_unit_test(losses_are_better_when_lower_and_accuracies_when_higher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
