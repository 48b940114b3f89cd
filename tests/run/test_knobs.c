/* Every training knob: it changes what is trained, and its numbers are the same alone, in a cohort
 * and resumed at any minibatch. */
#include "run/training_state.h"
#include "session.h"
#include "synthetic.h"
#include "test.h"

#include <math.h>
#include <string.h>

enum { SETTINGS_MAX = 4 };

/* Each beside the defaults. */
static const char *const settings[][SETTINGS_MAX] = {
    {NULL},
    {"activation: gelu"},
    {"activation: elu(alpha=0.5)"},
    {"optimizer: nadam"},
    {"optimizer: adamw(weight_decay=0.1)"},
    {"optimizer: adagrad"},
    {"loss: mae"},
    {"label_smoothing: 0.1"},
    {"class_weight: balanced"},
    {"l1: 0.001"},
    {"l2: 0.001"},
    {"dropout: 0.3"},
    {"input_dropout: 0.2"},
    {"input_noise: 0.2"},
    {"normalization: batch"},
    {"normalization: layer"},
    {"bias_initializer: constant(value=0.1)"},
    {"bias_initializer: normal"},
    {"schedule: cosine(warmup=9)"},
    {"schedule: plateau(patience=1, factor=0.1, min_delta=1000)", "learning_rate: 0.1"},
    {"clip_norm: 0.05"},
    {"max_updates: 20"},
    {"early_stopping: patience(epochs=1, min_delta=1000)"},
    {"early_stopping: gl(alpha=0)", "monitor: val_accuracy", "learning_rate: 0.03"},
    {"normalization: batch", "dropout: 0.5", "activation: mish", "optimizer: nadam"},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* Two seeds of each; four epochs of 13 minibatches, the last one short. */
static void add_all(struct session *session, bool strokes) {
    const struct dataset *data = strokes ? synthetic_strokes(450, 100, &session->arena)
                                         : synthetic_images(450, 100, &session->arena);
    for (size_t i = 0; i < SETTINGS; i++)
        for (int seed = 1; seed <= 2; seed++) {
            const char *all[SETTINGS_MAX + 6] = {"epochs: 4", seed == 1 ? "seed: 1" : "seed: 2",
                                                 "order_seed: 5", "split_seed: 5"};
            memcpy(all + 4, settings[i], sizeof settings[i]);
            session_add(session, data, all);
        }
}

static void train_all(struct session *session, bool strokes, size_t workers, enum fuse fuse) {
    add_all(session, strokes);
    session_run(session, workers, fuse);
    for (size_t i = 0; i < session->count; i++)
        assert_int_equal(session->heard[i].outcome.state, TRIAL_DONE);
}

/* In cohorts, by two workers: what the tests below compare with, trained once. */
static struct session trained[2];

static int train_both(void **state) {
    (void)state;
    for (int strokes = 0; strokes <= 1; strokes++)
        train_all(&trained[strokes], strokes, 2, FUSE_AUTO);
    return 0;
}

static int close_both(void **state) {
    (void)state;
    for (int strokes = 0; strokes <= 1; strokes++)
        session_close(&trained[strokes]);
    return 0;
}

static void numbers_are_the_same_alone_and_in_a_cohort(void **state) {
    (void)state;
    for (int strokes = 0; strokes <= 1; strokes++) {
        static struct session alone;
        alone = (struct session){0};
        train_all(&alone, strokes, 1, FUSE_OFF);
        assert_same_results(&alone, &trained[strokes]);
        assert_true(trained[strokes].heard[0].outcome.cohort_size > 1);
        session_close(&alone);
    }
}

static void numbers_are_the_same_when_resumed(void **state) {
    (void)state;
    static struct session parts;
    parts = (struct session){.stop_after = 301};
    add_all(&parts, true);
    session_run_in_parts(&parts);
    assert_same_results(&trained[true], &parts);
    session_close(&parts);
}

static void each_setting_trains_other_weights(void **state) {
    (void)state;
    const struct heard *heard = trained[true].heard;
    for (size_t i = 0; i < trained[true].count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(heard[i].outcome.weights_digest, heard[j].outcome.weights_digest) == 0)
                fail_msg("settings %zu and %zu end with the same weights", i / 2, j / 2);
}

/* The number of a setting whose first text this is. */
static const struct heard *heard_of(const struct session *session, const char *text) {
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i][0] && strcmp(settings[i][0], text) == 0)
            return &session->heard[2 * i];
    fail_msg("no setting %s", text);
    return NULL;
}

static void records_tell_of_their_knob(void **state) {
    (void)state;
    const struct session *session = &trained[false];
    const struct heard *plain = &session->heard[0];
    assert_true(plain->epochs[3].penalty == 0 && plain->epochs[3].lr == 0.001);
    const struct heard *it = heard_of(session, "l2: 0.001");
    double squares = pow(it->epochs[3].weight_norm, 2);
    assert_true(fabs(it->epochs[3].penalty - 0.001 * squares) < 1e-9 * squares);
    assert_true(it->epochs[3].weight_norm < plain->epochs[3].weight_norm);
    it = heard_of(session, "max_updates: 20");
    assert_int_equal(it->outcome.updates, 20);
    assert_int_equal(it->outcome.epochs_done, 2);
    assert_true(it->epochs[0].train_loss == plain->epochs[0].train_loss);
    it = heard_of(session, "schedule: cosine(warmup=9)");
    assert_true(it->epochs[3].lr < 1e-5 && it->epochs[0].lr > 9e-4);
    it = heard_of(session, "dropout: 0.3");
    assert_true(it->epochs[0].train_loss > plain->epochs[0].train_loss);
}

/* A training that is stopped has the epochs of one that is not. */
static void early_stopping_changes_no_epoch_before_it(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_images(600, 100, &session.arena);
    ADD(&session, data, "epochs: 15", "learning_rate: 0.05");
    ADD(&session, data, "epochs: 15", "learning_rate: 0.05", "early_stopping: patience(epochs=2)");
    session_run(&session, 1, FUSE_OFF);
    const struct heard *whole = &session.heard[0], *stopped = &session.heard[1];
    uint64_t end = stopped->outcome.epochs_done;
    assert_true(end > 2 && end < 15);
    assert_int_equal(stopped->outcome.best_epoch + 2, end);
    for (uint64_t e = 0; e < end; e++)
        assert_true(whole->epochs[e].val_loss == stopped->epochs[e].val_loss);
    session_close(&session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_same_alone_and_in_a_cohort),
        cmocka_unit_test(numbers_are_the_same_when_resumed),
        cmocka_unit_test(each_setting_trains_other_weights),
        cmocka_unit_test(records_tell_of_their_knob),
        cmocka_unit_test(early_stopping_changes_no_epoch_before_it),
    };
    return cmocka_run_group_tests(tests, train_both, close_both);
}
