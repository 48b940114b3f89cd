/* Where early stopping would have ended a trial, against a second implementation in Python
 * (golden/stopping.py); and that a training with the criterion ends at the same epoch. */
#include "trial/outcome.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { EPOCHS_MAX = 100, LINE = 256 };

static bool next_line(FILE *file, char line[LINE]) {
    do
        if (!fgets(line, LINE, file))
            return false;
    while (line[0] == '#');
    return true;
}

static void read_epoch(const char *line, uint64_t number, struct epoch_record *e) {
    *e = (struct epoch_record){.epoch = number};
    assert_int_equal(sscanf(line, "%lf %lf %lf %lf %lf", &e->val_loss, &e->probe_loss,
                            &e->val_accuracy, &e->test_accuracy, &e->epoch_seconds),
                     5);
}

static bool is_same(double a, double b) {
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12;
}

static void check_criterion(const char *line, size_t curve, const struct stopping *s) {
    char name[64], metric[32];
    unsigned long long stop, saved;
    double seconds, change;
    assert_int_equal(
        sscanf(line, "%63s %llu %llu %lf %lf %31s", name, &stop, &saved, &seconds, &change, metric),
        6);
    if (strcmp(s->criterion, name) != 0 || s->stop_epoch != stop || s->epochs_saved != saved ||
        !is_same(s->seconds_saved, seconds) || !is_same(s->accuracy_change, change) ||
        strcmp(s->accuracy_metric ? s->accuracy_metric : "-", metric) != 0)
        fail_msg("curve %zu: %s %llu %llu %g %g %s, not %s", curve, s->criterion,
                 (unsigned long long)s->stop_epoch, (unsigned long long)s->epochs_saved,
                 s->seconds_saved, s->accuracy_change, s->accuracy_metric, line);
}

/* golden/stopping.py is a second implementation. */
static void every_criterion_agrees_with_the_second_implementation(void **state) {
    (void)state;
    FILE *file = fopen(TESTS_DIR "/trial/golden/stopping.txt", "r");
    assert_non_null(file);
    char line[LINE];
    size_t count, curves = 0;
    static struct epoch_record epochs[EPOCHS_MAX];
    while (next_line(file, line)) {
        assert_int_equal(sscanf(line, "curve %zu", &count), 1);
        assert_true(count <= EPOCHS_MAX);
        for (size_t i = 0; i < count; i++) {
            assert_true(next_line(file, line));
            read_epoch(line, i + 1, &epochs[i]);
        }
        const struct choice loss = choice_default(&monitors, "val_loss");
        struct overfitting it = overfitting_measure(epochs, count, &loss);
        unsigned long long onset = 0;
        assert_true(next_line(file, line) && sscanf(line, "onset %llu", &onset) == 1);
        assert_int_equal(it.onset_epoch, onset);
        for (size_t c = 0; c < STOPPING_CRITERIA; c++) {
            assert_true(next_line(file, line));
            check_criterion(line, curves, &it.stopping[c]);
        }
        curves++;
    }
    fclose(file);
    assert_true(curves > 50);
}

/* A noisy curve that falls and then rises. */
static void make_curve(size_t number, struct epoch_record *epochs) {
    for (size_t t = 0; t < EPOCHS_MAX; t++) {
        double noise = (double)((t * 7919 + number * 104729) % 1009) / 1009 - 0.5;
        double x = (double)t / EPOCHS_MAX - 0.1 * (double)(number % 8);
        epochs[t] = (struct epoch_record){.epoch = t + 1,
                                          .val_loss = 0.5 + x * x + 0.05 * noise,
                                          .probe_loss = exp(-3.0 * (double)t / EPOCHS_MAX),
                                          .val_accuracy = 0.8,
                                          .test_accuracy = (double)NAN};
    }
}

/* The first epoch after which the criterion ends a training; EPOCHS_MAX: none before the last. */
static size_t online_stop(const char *criterion, const struct epoch_record *epochs) {
    struct choice choice = inputs_choice(&early_stoppings, criterion);
    struct choice monitor = choice_default(&monitors, "val_loss");
    size_t count = 1;
    while (count < EPOCHS_MAX && !stopping_is_due(&choice, &monitor, epochs, count))
        count++;
    return count;
}

static void trainings_stop_where_the_criteria_say(void **state) {
    (void)state;
    const struct choice loss = choice_default(&monitors, "val_loss");
    size_t stops = 0;
    for (size_t c = 0; c < 60; c++) {
        struct epoch_record epochs[EPOCHS_MAX];
        struct stopping criteria[STOPPING_CRITERIA];
        make_curve(c, epochs);
        stopping_measure(epochs, EPOCHS_MAX, &loss, criteria);
        for (size_t i = 0; i < STOPPING_CRITERIA; i++) {
            size_t online = online_stop(criteria[i].criterion, epochs);
            stops += criteria[i].stop_epoch != 0;
            assert_int_equal(criteria[i].stop_epoch, online < EPOCHS_MAX ? online : 0);
        }
    }
    assert_true(stops > 100);
}

static void stop_that_leaves_no_epoch_untrained_is_none(void **state) {
    (void)state;
    const struct choice loss = choice_default(&monitors, "val_loss");
    struct epoch_record epochs[4];
    for (size_t i = 0; i < 4; i++)
        epochs[i] = (struct epoch_record){.epoch = i + 1, .val_loss = i ? 2 : 1};
    struct stopping result[STOPPING_CRITERIA];
    stopping_measure(epochs, 4, &loss, result);
    assert_string_equal(result[0].criterion, "patience(epochs=3)");
    assert_int_equal(result[0].stop_epoch, 0);
    assert_int_equal(result[0].epochs_saved, 0);
    assert_true(result[0].accuracy_change == 0);
}

static void nothing_stops_without_validation(void **state) {
    (void)state;
    const struct choice loss = choice_default(&monitors, "val_loss");
    struct epoch_record epochs[40];
    for (size_t i = 0; i < 40; i++)
        epochs[i] = (struct epoch_record){
            .epoch = i + 1, .val_loss = (double)NAN, .val_accuracy = (double)NAN};
    struct stopping result[STOPPING_CRITERIA];
    stopping_measure(epochs, 40, &loss, result);
    for (size_t c = 0; c < STOPPING_CRITERIA; c++) {
        assert_int_equal(result[c].stop_epoch, 0);
        assert_true(result[c].accuracy_change == 0 && !result[c].accuracy_metric);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_criterion_agrees_with_the_second_implementation),
        cmocka_unit_test(trainings_stop_where_the_criteria_say),
        cmocka_unit_test(stop_that_leaves_no_epoch_untrained_is_none),
        cmocka_unit_test(nothing_stops_without_validation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
