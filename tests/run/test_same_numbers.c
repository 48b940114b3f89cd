/* A trial's numbers are the same alone and in a cohort, with one worker and with two, and after any
 * interruption. Runs with the BLAS core as it comes, and again with others (tests/CMakeLists.txt).
 */
#include "nn/panel.h"
#include "run/training_state.h"
#include "session.h"
#include "synthetic.h"
#include "test.h"

#include <math.h>
#include <string.h>

/* Dense, or gathered as lists of what is not 0. */
enum images { DENSE, STROKES };

enum { SEEDS = SANITIZED ? 2 : 3 };

static const struct dataset *dataset_of(enum images images, size_t train_rows, size_t test_rows,
                                        struct arena *arena) {
    return images == STROKES ? synthetic_strokes(train_rows, test_rows, arena)
                             : synthetic_images(train_rows, test_rows, arena);
}

/* Three topologies, two optimizers, some seeds, two batch sizes; 393 training rows leave a short
 * last batch at 32 and at 100. In the third epoch only nets with sgd are left. */
static void add_mixed_sweep(struct session *session, enum images images, bool shared_order) {
    static const char *const topologies[] = {"topology: [20, 15]", "topology: [33]",
                                             "topology: [20, 15, 7]"};
    static const char *const methods[] = {"optimizer: adam",
                                          "optimizer: sgd(momentum=0.9, nesterov=true)"};
    static const char *const seeds[] = {"seed: 1", "seed: 2", "seed: 3"};
    static const char *const batches[] = {"batch_size: 32", "batch_size: 100"};
    const struct dataset *data = dataset_of(images, 437, 150, &session->arena);
    for (size_t b = 0; b < 2; b++)
        for (size_t t = 0; t < 3; t++)
            for (size_t o = 0; o < 2; o++)
                for (size_t s = 0; s < SEEDS; s++)
                    ADD(session, data, batches[b], topologies[t], methods[o], seeds[s],
                        o == 0 || s == SEEDS - 1 ? "epochs: 2" : "epochs: 3", "test_every: 2",
                        shared_order ? "order_seed: 5" : "order_seed: seed",
                        shared_order ? "split_seed: 5" : "split_seed: seed");
}

static void train_mixed_sweep(struct session *session, enum images images, bool shared_order,
                              size_t workers, enum fuse fuse) {
    add_mixed_sweep(session, images, shared_order);
    session_run(session, workers, fuse);
    for (size_t i = 0; i < session->count; i++)
        assert_int_equal(session->heard[i].outcome.state, TRIAL_DONE);
}

/* What one worker makes of the sweep in cohorts: trained for the first test that asks, kept for the
 * others. */
static struct session cohorts[2][2];

static const struct session *cohorts_of(enum images images, bool shared_order) {
    struct session *session = &cohorts[images][shared_order];
    if (session->count == 0)
        train_mixed_sweep(session, images, shared_order, 1, FUSE_AUTO);
    return session;
}

static int close_cohorts(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++)
        session_close(&cohorts[i / 2][i % 2]);
    return 0;
}

static void trials_of_a_cohort_equal_trials_alone(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        enum images images = i / 2 ? STROKES : DENSE;
        bool shared = i % 2 != 0;
        const struct session *one = cohorts_of(images, shared);
        static struct session alone, two;
        alone = two = (struct session){0};
        train_mixed_sweep(&alone, images, shared, 1, FUSE_OFF);
        train_mixed_sweep(&two, images, shared, 2, FUSE_AUTO);
        assert_same_results(&alone, one);
        assert_same_results(&alone, &two);
        assert_true(one->heard[0].outcome.cohort_size > 1);
        assert_int_equal(alone.heard[0].outcome.cohort_size, 1);
        session_close(&alone);
        session_close(&two);
    }
}

static void layers_are_told_before_training_and_after_each_epoch(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_images(400, 50, &session.arena);
    ADD(&session, data, "epochs: 2", "topology: [12, 7]");
    session_run(&session, 1, FUSE_AUTO);
    for (size_t e = 0; e <= 2; e++)
        for (size_t l = 0; l < 3; l++) {
            const struct layer_record *it = &session.heard[0].layers[e][l];
            assert_int_equal(it->layer, l + 1);
            assert_true(it->activation_sd > 0 && it->gradient_norm > 0);
            assert_int_equal(isnan(it->dead_units) != 0, l == 2);
        }
    session_close(&session);
}

/* Seeds 1 and 2 of a trial must not come out the same, or the test above could not fail. */
static void seeds_give_different_weights(void **state) {
    (void)state;
    const struct session *session = cohorts_of(STROKES, true);
    for (size_t i = 0; i < session->count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(session->heard[i].outcome.weights_digest,
                                    session->heard[j].outcome.weights_digest);
}

/* A linear model has no layer of BLAS's: its weights are these on every processor with fused
 * multiply-add, and these on every one without. Other weights are another numerics version. */
static void linear_models_have_these_weights(void **state) {
    (void)state;
    static const struct {
        const char *optimizer;
        enum images images;
        const char *fused, *unfused;
    } golden[] = {
        {"optimizer: adam", DENSE, "1516fded51e2c9fa6f4feaaba07fe305",
         "dcdf087bc936fe0ff8a7b2fba27ed495"},
        {"optimizer: adam", STROKES, "fd4aafaefa30393dcd5233e1a94f0261",
         "4e26770ee4f32fdf937a98ddc35f8b27"},
        {"optimizer: sgd(momentum=0.9)", STROKES, "44dddf893a1ffcb782af64539b9cfe41",
         "acb07264fab1661d4ff6c969bafa722f"},
    };
    for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
        static struct session session;
        session = (struct session){0};
        const struct dataset *data = dataset_of(golden[g].images, 500, 50, &session.arena);
        ADD(&session, data, "epochs: 2", "topology: []", golden[g].optimizer);
        session_run(&session, 1, FUSE_AUTO);
        const char *digest = session.heard[0].outcome.weights_digest;
        const char *want = panel_kernel_here()->is_fused ? golden[g].fused : golden[g].unfused;
        if (strcmp(digest, want) != 0)
            fail_msg("training %zu: %s, not %s", g, digest, want);
        session_close(&session);
    }
}

/* Stops after so many checkpoints, that is in the middle of epochs, again and again. */
static void assert_resumes(enum images images) {
#if SANITIZED
    static const int steps[] = {131};
#else
    static const int steps[] = {47, 131, 397};
#endif
    static struct session parts;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        parts = (struct session){.stop_after = steps[i]};
        add_mixed_sweep(&parts, images, true);
        session_run_in_parts(&parts);
        assert_same_results(cohorts_of(images, true), &parts);
        session_close(&parts);
    }
}

static void resumed_trial_equals_uninterrupted_trial(void **state) {
    (void)state;
    assert_resumes(DENSE);
    assert_resumes(STROKES);
}

static void checkpoint_of_another_trial_is_not_taken(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){.stop_after = 3};
    const struct dataset *data = synthetic_images(500, 50, &session.arena);
    ADD(&session, data, "epochs: 2", "topology: [9]");
    session_run(&session, 1, FUSE_AUTO);
    assert_non_null(session.heard[0].checkpoint);
    struct checkpoint checkpoint = {session.heard[0].checkpoint, session.heard[0].checkpoint_size,
                                    NULL, 0};
    struct position at = training_state_position(&session.jobs[0], &checkpoint);
    assert_true(at.epoch || at.batch);
    ADD(&session, data, "epochs: 2", "topology: [10]");
    at = training_state_position(&session.jobs[1], &checkpoint);
    assert_true(at.epoch == 0 && at.batch == 0);
    checkpoint.size -= 1;
    at = training_state_position(&session.jobs[0], &checkpoint);
    assert_true(at.epoch == 0 && at.batch == 0);
    session_close(&session);
}

/* A square table of them would take 4 * 12,000^2 bytes. */
static void confusion_counts_the_pairs_that_there_are(void **state) {
    (void)state;
    enum { CLASSES = 12000, ROWS = 40 };
    static struct session session;
    session = (struct session){0};
    struct dataset *data = arena_alloc(&session.arena, 1, sizeof *data);
    *data = *synthetic_images(400, ROWS, &session.arena);
    uint16_t *labels = arena_alloc(&session.arena, ROWS, sizeof *labels);
    for (size_t i = 0; i < ROWS; i++)
        labels[i] = i % 2 ? 11999 : 3;
    data->classes = CLASSES;
    data->test.labels = labels;
    ADD(&session, data, "epochs: 1", "topology: []");
    session_run(&session, 1, FUSE_AUTO);
    const struct heard *heard = &session.heard[0];
    assert_int_equal(heard->outcome.state, TRIAL_DONE);
    size_t rows = 0, last = heard->confusion_count - 1;
    for (size_t i = 0; i <= last; i++) {
        assert_true(heard->confusion[i].actual == 3 || heard->confusion[i].actual == 11999);
        assert_true(heard->confusion[i].predicted < CLASSES);
        assert_true(i == 0 || heard->confusion[i].actual >= heard->confusion[i - 1].actual);
        rows += heard->confusion[i].count;
    }
    assert_int_equal(rows, ROWS);
    assert_int_equal(heard->confusion[0].actual, 3);
    assert_int_equal(heard->confusion[last].actual, 11999);
    session_close(&session);
}

static void diverged_trial_ends_and_the_others_go_on(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_values(400, 100, &session.arena);
    ADD(&session, data, "epochs: 6", "order_seed: 1", "split_seed: 1", "optimizer: sgd",
        "learning_rate: 1e5", "activation: linear");
    ADD(&session, data, "epochs: 6", "order_seed: 1", "split_seed: 1");
    session_run(&session, 1, FUSE_AUTO);
    assert_int_equal(session.heard[0].outcome.state, TRIAL_DIVERGED);
    assert_true(session.heard[0].epoch_count < 6);
    assert_int_equal(session.heard[1].outcome.state, TRIAL_DONE);
    assert_int_equal(session.heard[1].epoch_count, 6);
    assert_true(session.heard[1].epochs[5].val_loss < session.heard[1].epochs[0].val_loss);
    assert_true(isnan(session.heard[1].epochs[5].val_accuracy));
    assert_true(!isnan(session.heard[1].epochs[5].val_mae));
    session_close(&session);
}

static void split_that_leaves_no_row_fails_and_says_why(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_images(50, 10, &session.arena);
    ADD(&session, data, "epochs: 1", "train_rows: 51");
    ADD(&session, data, "epochs: 1");
    session_run(&session, 2, FUSE_AUTO);
    assert_int_equal(session.heard[0].outcome.state, TRIAL_FAILED);
    assert_int_equal(session.heard[1].outcome.state, TRIAL_DONE);
    session_close(&session);
}

/* All tests, or those that a pattern names. */
int main(int argc, char **argv) {
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_of_a_cohort_equal_trials_alone),
        cmocka_unit_test(layers_are_told_before_training_and_after_each_epoch),
        cmocka_unit_test(seeds_give_different_weights),
        cmocka_unit_test(linear_models_have_these_weights),
        cmocka_unit_test(resumed_trial_equals_uninterrupted_trial),
        cmocka_unit_test(checkpoint_of_another_trial_is_not_taken),
        cmocka_unit_test(confusion_counts_the_pairs_that_there_are),
        cmocka_unit_test(diverged_trial_ends_and_the_others_go_on),
        cmocka_unit_test(split_that_leaves_no_row_fails_and_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, close_cohorts);
}
