/* Which trials share minibatches, and how they are cut into chunks. That company changes no number
 * of a trial: test_same_numbers.c. */
#include "run/cohort.h"

#include "session.h"
#include "synthetic.h"
#include "test.h"

static void jobs_of_a_cohort_see_the_same_minibatches(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    const struct dataset *data = synthetic_images(100, 10, &s.arena);
    ADD(&s, data, "seed: 1");
    /* what a cohort may differ in */
    ADD(&s, data, "seed: 1", "init_seed: 9", "topology: [5]", "optimizer: sgd", "epochs: 3",
        "activation: tanh", "initializer: he_normal", "learning_rate: 0.1", "test_every: 1");
    /* what it may not */
    static const char *const apart[] = {"batch_size: 7",  "order_seed: 2",         "split_seed: 2",
                                        "train_rows: 50", "validation_split: 0.2", "scale: none"};
    enum { APART = sizeof apart / sizeof *apart };
    for (size_t i = 0; i < APART; i++)
        ADD(&s, data, "seed: 1", apart[i]);
    size_t cohorts[SESSION_JOBS];
    assert_int_equal(cohort_number(s.jobs, s.count, cohorts), 1 + APART);
    assert_int_equal(cohorts[0], cohorts[1]);
    for (size_t i = 0; i < APART; i++)
        assert_int_not_equal(cohorts[0], cohorts[2 + i]);
    session_close(&s);
}

static void assert_each_job_once(const struct chunk *chunks, size_t count, size_t jobs) {
    bool seen[SESSION_JOBS] = {false};
    size_t total = 0;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < chunks[c].count; i++) {
            assert_false(seen[chunks[c].trials[i]]);
            seen[chunks[c].trials[i]] = true;
            total++;
        }
    assert_int_equal(total, jobs);
}

static void every_job_is_in_one_chunk_and_the_longest_comes_first(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    static const char *const widths[] = {"topology: [20]", "topology: [150, 10]", "topology: []",
                                         "topology: [900]"};
    const struct dataset *data = synthetic_images(100, 10, &s.arena);
    for (size_t i = 0; i < 40; i++)
        ADD(&s, data, widths[i % 4], i % 3 ? "order_seed: 1" : "order_seed: 2", "split_seed: 1");
    for (size_t workers = 1; workers <= 9; workers++)
        for (int together = 0; together < 2; together++) {
            struct chunk *chunks;
            size_t n = cohort_cut(s.jobs, s.count, workers, together, &s.arena, &chunks);
            assert_each_job_once(chunks, n, s.count);
            for (size_t c = 0; c < n; c++) {
                assert_true(c == 0 || chunks[c].seconds <= chunks[c - 1].seconds);
                assert_true(together || chunks[c].count == 1);
                for (size_t i = 1; i < chunks[c].count; i++)
                    assert_true(
                        cohort_same(&s.jobs[chunks[c].trials[0]], &s.jobs[chunks[c].trials[i]]));
            }
        }
    session_close(&s);
}

static void cohort_is_cut_so_that_no_worker_idles(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    const struct dataset *data = synthetic_images(100, 10, &s.arena);
    for (size_t i = 0; i < 8; i++)
        ADD(&s, data, i % 2 ? "seed: 1" : "seed: 2", "order_seed: 1", "split_seed: 1");
    for (size_t workers = 1; workers <= 4; workers *= 2) {
        struct chunk *chunks;
        assert_int_equal(cohort_cut(s.jobs, s.count, workers, true, &s.arena, &chunks), workers);
    }
    session_close(&s);
}

/* A chunk's nets are in memory all at once. */
static void nets_with_large_later_layers_train_apart(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    const struct dataset *data = synthetic_images(100, 10, &s.arena);
    for (size_t i = 0; i < 8; i++)
        ADD(&s, data, i % 2 ? "seed: 1" : "seed: 2", "order_seed: 1", "split_seed: 1",
            "topology: [16, 2000, 2000]");
    struct chunk *chunks;
    assert_int_equal(cohort_cut(s.jobs, s.count, 1, true, &s.arena, &chunks), 8);
    session_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_a_cohort_see_the_same_minibatches),
        cmocka_unit_test(every_job_is_in_one_chunk_and_the_longest_comes_first),
        cmocka_unit_test(cohort_is_cut_so_that_no_worker_idles),
        cmocka_unit_test(nets_with_large_later_layers_train_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
