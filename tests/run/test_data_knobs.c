/* Knobs that say which rows are trained on and with which targets: validation_from, train_rows,
 * label_noise, target_scale. */
#include "session.h"
#include "synthetic.h"
#include "test.h"

#include <math.h>

static void add_all(struct session *session) {
    const struct dataset *data = synthetic_images(700, 200, &session->arena);
    static const char *const sources[] = {"validation_from: last", "validation_from: random",
                                          "validation_from: stratified"};
    static const char *const noises[] = {"label_noise: 0", "label_noise: 0.3"};
    static const char *const rows[] = {"train_rows: all", "train_rows: 150"};
    for (size_t s = 0; s < 3; s++)
        for (size_t n = 0; n < 2; n++)
            for (size_t r = 0; r < 2; r++)
                for (size_t t = 0; t < 2; t++)
                    ADD(session, data, sources[s], noises[n], rows[r], "epochs: 2",
                        t ? "topology: [20]" : "topology: [11, 5]", "validation_split: 0.2");
    const struct dataset *values = synthetic_values(300, 100, &session->arena);
    for (size_t t = 0; t < 2; t++)
        ADD(session, values, "target_scale: standard", "epochs: 2", "validation_from: random",
            t ? "topology: [20]" : "topology: [11, 5]");
}

static void trials_of_a_cohort_equal_trials_alone(void **state) {
    (void)state;
    static struct session alone, together;
    alone = together = (struct session){0};
    add_all(&alone);
    add_all(&together);
    session_run(&alone, 1, FUSE_OFF);
    session_run(&together, 2, FUSE_AUTO);
    assert_same_results(&alone, &together);
    assert_true(together.heard[0].outcome.cohort_size > 1);
    for (size_t i = 0; i < alone.count; i++) /* any two differ */
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(alone.heard[i].outcome.weights_digest,
                                    alone.heard[j].outcome.weights_digest);
    session_close(&alone);
    session_close(&together);
}

static void interrupted_trials_equal_whole_ones(void **state) {
    (void)state;
    static struct session whole, pieces;
    whole = pieces = (struct session){0};
    add_all(&whole);
    add_all(&pieces);
    session_run(&whole, 1, FUSE_AUTO);
    for (int i = 0; i < 3; i++) {
        pieces.stop_after = 150;
        session_run(&pieces, 1, FUSE_AUTO);
    }
    pieces.stop_after = 0;
    session_run(&pieces, 1, FUSE_AUTO);
    assert_same_results(&whole, &pieces);
    session_close(&whole);
    session_close(&pieces);
}

/* Mean and deviation of the first `count` targets, and all targets scaled by them. */
static struct dataset scaled_by_hand(const struct dataset *dataset, size_t count, double *deviation,
                                     struct arena *arena) {
    struct dataset scaled = *dataset;
    struct data_part *parts[] = {&scaled.train, &scaled.test};
    double mean = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        mean += (double)dataset->train.targets[i];
    mean /= (double)count;
    for (size_t i = 0; i < count; i++)
        squares += pow((double)dataset->train.targets[i] - mean, 2);
    *deviation = sqrt(squares / (double)count);
    for (size_t p = 0; p < 2; p++) {
        float *targets = arena_alloc(arena, parts[p]->rows, sizeof *targets);
        for (size_t i = 0; i < parts[p]->rows; i++)
            targets[i] = (float)(((double)parts[p]->targets[i] - mean) / *deviation);
        parts[p]->targets = targets;
    }
    return scaled;
}

static void assert_near(double actual, double expected) {
    if (!(fabs(actual - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g, not %.17g", actual, expected);
}

/* The same training as with targets that were scaled beforehand; losses in the units of the file.
 */
static void standard_targets_train_as_if_scaled_by_hand(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    struct dataset far = *synthetic_values(300, 100, &session.arena);
    struct data_part *parts[] = {&far.train, &far.test};
    for (size_t p = 0; p < 2; p++) {
        float *targets = arena_alloc(&session.arena, parts[p]->rows, sizeof *targets);
        for (size_t i = 0; i < parts[p]->rows; i++)
            targets[i] = 250000 + 40000 * parts[p]->targets[i];
        parts[p]->targets = targets;
    }
    double deviation;
    struct dataset scaled = scaled_by_hand(&far, 270, &deviation, &session.arena);
    static const char *const losses[] = {"loss: mse", "loss: mae"};
    for (size_t l = 0; l < 2; l++) {
        ADD(&session, &far, losses[l], "target_scale: standard", "epochs: 3");
        ADD(&session, &scaled, losses[l], "epochs: 3");
    }
    session_run(&session, 1, FUSE_AUTO);
    for (size_t l = 0; l < 2; l++) {
        const struct heard *own = &session.heard[2 * l], *hand = &session.heard[2 * l + 1];
        double unit = l ? deviation : deviation * deviation;
        assert_string_equal(own->outcome.weights_digest, hand->outcome.weights_digest);
        assert_near(own->outcome.final_test_loss, hand->outcome.final_test_loss * unit);
        assert_near(own->outcome.final_test_mae, hand->outcome.final_test_mae * deviation);
        for (size_t e = 0; e < 3; e++) {
            assert_near(own->epochs[e].train_loss, hand->epochs[e].train_loss * unit);
            assert_near(own->epochs[e].val_loss, hand->epochs[e].val_loss * unit);
            assert_near(own->epochs[e].probe_mae, hand->epochs[e].probe_mae * deviation);
        }
    }
    session_close(&session);
}

/* Few rows and many units: in the end every label is learned by heart, wrong ones too. */
static void noisy_fit_is_the_share_of_wrong_labels_that_are_learned(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_images(400, 50, &session.arena);
    ADD(&session, data, "label_noise: 0.4", "train_rows: 60", "topology: [200]", "epochs: 16",
        "batch_size: 2", "learning_rate: 0.003");
    ADD(&session, data, "train_rows: 60", "topology: [5]", "epochs: 2");
    session_run(&session, 1, FUSE_AUTO);
    const struct heard *noisy = &session.heard[0];
    assert_true(noisy->epochs[0].noisy_fit < 0.5);
    assert_true(noisy->epochs[15].probe_accuracy == 1);
    assert_true(noisy->epochs[15].noisy_fit == 1);
    assert_true(noisy->epochs[15].val_accuracy < 1); /* with their own labels */
    assert_true(isnan(session.heard[1].epochs[1].noisy_fit));
    session_close(&session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_of_a_cohort_equal_trials_alone),
        cmocka_unit_test(interrupted_trials_equal_whole_ones),
        cmocka_unit_test(standard_targets_train_as_if_scaled_by_hand),
        cmocka_unit_test(noisy_fit_is_the_share_of_wrong_labels_that_are_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
