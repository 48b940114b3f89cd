/* A trial that several threads train together has the numbers of one that a single thread trains,
 * with any number of threads and after any interruption. Runs with the BLAS core as it comes, and
 * again with others (tests/CMakeLists.txt). */
#include "run/cohort.h"
#include "session.h"
#include "synthetic.h"
#include "test.h"

#include <unistd.h>

/* Nets whose steps are long enough to be shared, in all the ways that a layer can be: 460 training
 * rows leave a short last batch. */
static void add_large_nets(struct session *session) {
    const struct dataset *dense = synthetic_images(512, 300, &session->arena);
    const struct dataset *sparse = synthetic_strokes(512, 300, &session->arena);
    const struct dataset *values = synthetic_values(512, 300, &session->arena);
    ADD(session, dense, "topology: [200, 150]", "batch_size: 100", "epochs: 2");
    ADD(session, sparse, "topology: [200, 150]", "batch_size: 100", "epochs: 2", "dropout: 0.2",
        "optimizer: adamw", "label_smoothing: 0.1");
    ADD(session, dense, "topology: [210, 130, 170]", "batch_size: 128", "epochs: 2",
        "normalization: batch", "activation: gelu", "l2: 0.001", "clip_norm: 1");
    ADD(session, sparse, "topology: [333, 100]", "batch_size: 90", "epochs: 2",
        "normalization: layer", "input_dropout: 0.1", "optimizer: nadam", "class_weight: balanced");
    ADD(session, sparse, "topology: [30, 900, 300]", "batch_size: 110", "epochs: 2",
        "activation: tanh", "l1: 0.001");
    ADD(session, values, "topology: [500, 400]", "batch_size: 100", "epochs: 2");
    ADD(session, dense, "topology: [700]", "batch_size: 64", "epochs: 2", "input_noise: 0.1");
}

static void steps_of_large_nets_are_shared(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    add_large_nets(&session);
    struct chunk *chunks;
    size_t n = cohort_cut(session.jobs, session.count, 8, true, &session.arena, &chunks);
    assert_int_equal(n, session.count);
    for (size_t c = 0; c < n; c++)
        assert_in_range(chunks[c].members, 2, 8);
    n = cohort_cut(session.jobs, session.count, 1, true, &session.arena, &chunks);
    for (size_t c = 0; c < n; c++)
        assert_int_equal(chunks[c].members, 1);
    session_close(&session);
}

static void steps_of_small_nets_are_not_shared(void **state) {
    (void)state;
    static struct session session;
    session = (struct session){0};
    const struct dataset *data = synthetic_images(100, 10, &session.arena);
    ADD(&session, data, "topology: [20, 15]", "batch_size: 100");
    struct chunk *chunks;
    assert_int_equal(cohort_cut(session.jobs, 1, 8, true, &session.arena, &chunks), 1);
    assert_int_equal(chunks[0].members, 1);
    session_close(&session);
}

static void shared_trials_equal_trials_of_one_thread(void **state) {
    (void)state;
#if SANITIZED /* eight of them give their tokens back below */
    static const size_t workers[] = {3};
#else
    static const size_t workers[] = {2, 3, 8};
#endif
    static struct session one, many;
    one = (struct session){0};
    add_large_nets(&one);
    session_run(&one, 1, FUSE_AUTO);
    for (size_t i = 0; i < sizeof workers / sizeof *workers; i++) {
        many = (struct session){0};
        add_large_nets(&many);
        session_run(&many, workers[i], FUSE_AUTO);
        assert_same_results(&one, &many);
        session_close(&many);
    }
    session_close(&one);
}

static void resumed_shared_trial_equals_uninterrupted_trial(void **state) {
    (void)state;
    static struct session whole, parts;
    whole = (struct session){0};
    add_large_nets(&whole);
    session_run(&whole, 1, FUSE_AUTO);
    parts = (struct session){.stop_after = 9, .workers = 3};
    add_large_nets(&parts);
    session_run_in_parts(&parts);
    assert_same_results(&whole, &parts);
    session_close(&parts);
    session_close(&whole);
}

/* Five nets of one cohort are trained in lock-step by one thread, and by a team. */
static void shared_cohort_equals_trials_alone(void **state) {
    (void)state;
    static const char *const seeds[] = {"init_seed: 1", "init_seed: 2", "init_seed: 3",
                                        "init_seed: 4", "init_seed: 5"};
    static struct session alone, together;
    alone = together = (struct session){0};
    for (int i = 0; i < 2; i++) {
        struct session *session = i ? &together : &alone;
        const struct dataset *data = synthetic_strokes(512, 300, &session->arena);
        for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++)
            ADD(session, data, seeds[s], "topology: [64, 80]", "batch_size: 200", "epochs: 2");
    }
    session_run(&alone, 1, FUSE_OFF);
    session_run(&together, 2, FUSE_AUTO);
    assert_same_results(&alone, &together);
    assert_true(together.heard[0].outcome.cohort_size > 1);
    session_close(&together);
    session_close(&alone);
}

/* A helper holds a token of make's while it helps, and gives it back. */
static void helpers_give_their_tokens_back(void **state) {
    (void)state;
    int ends[2];
    char flags[80], back[3] = "";
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "xy", 2), 2);
    snprintf(flags, sizeof flags, "-j3 --jobserver-auth=%d,%d", ends[0], ends[1]);
    static struct session session;
    session = (struct session){0};
    struct jobserver server = jobserver_open(flags);
    session.jobserver = &server;
    add_large_nets(&session);
    session_run(&session, 8, FUSE_AUTO);
    assert_int_equal(read(ends[0], back, 3), 2);
    assert_true((back[0] == 'x' && back[1] == 'y') || (back[0] == 'y' && back[1] == 'x'));
    jobserver_close(&server);
    session_close(&session);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_large_nets_are_shared),
        cmocka_unit_test(steps_of_small_nets_are_not_shared),
        cmocka_unit_test(shared_trials_equal_trials_of_one_thread),
        cmocka_unit_test(resumed_shared_trial_equals_uninterrupted_trial),
        cmocka_unit_test(shared_cohort_equals_trials_alone),
        cmocka_unit_test(helpers_give_their_tokens_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
