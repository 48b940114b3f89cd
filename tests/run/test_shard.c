/* Shards: each trial in one of them, cohorts kept together, about equally long. */
#include "run/shard.h"

#include "run/cohort.h"
#include "session.h"
#include "synthetic.h"
#include "test.h"
#include "trial/knob.h"

/* Trials of `cohorts` cohorts, `nets` each. */
static void plan(struct session *s, const struct dataset *dataset, size_t cohorts, size_t nets) {
    char seed[32], rate[48];
    for (size_t c = 0; c < cohorts; c++)
        for (size_t i = 0; i < nets; i++) {
            snprintf(seed, sizeof seed, "seed: %zu", c + 1);
            snprintf(rate, sizeof rate, "learning_rate: %g", 0.001 * (double)(i + 1));
            ADD(s, dataset, seed, rate, "topology: [20, 15]");
        }
}

static size_t count_in(const struct session *s, const bool *is_in) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += is_in[i];
    return n;
}

static void each_trial_is_in_one_shard(void **state) {
    (void)state;
    static const size_t shards[] = {1, 2, 3, 7, 100};
    static struct session s;
    s = (struct session){0};
    const struct dataset *dataset = synthetic_images(100, 10, &s.arena);
    plan(&s, dataset, 4, 5);
    for (size_t k = 0; k < sizeof shards / sizeof *shards; k++) {
        size_t seen[SESSION_JOBS] = {0};
        for (size_t i = 0; i < shards[k]; i++) {
            bool is_in[SESSION_JOBS];
            shard_select(s.jobs, s.count, i, shards[k], is_in);
            for (size_t t = 0; t < s.count; t++)
                seen[t] += is_in[t];
        }
        for (size_t t = 0; t < s.count; t++)
            assert_int_equal(seen[t], 1);
    }
    session_close(&s);
}

static void cohorts_stay_together_where_there_are_enough(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    const struct dataset *dataset = synthetic_images(100, 10, &s.arena);
    plan(&s, dataset, 4, 5);
    for (size_t i = 0; i < 2; i++) {
        bool is_in[SESSION_JOBS];
        shard_select(s.jobs, s.count, i, 2, is_in);
        assert_int_equal(count_in(&s, is_in), 10);
        for (size_t t = 0; t < s.count; t++)
            assert_int_equal(is_in[t], is_in[t / 5 * 5]);
    }
    session_close(&s);
}

static void one_large_cohort_is_cut_for_several_shards(void **state) {
    (void)state;
    static struct session s;
    s = (struct session){0};
    const struct dataset *dataset = synthetic_images(100, 10, &s.arena);
    plan(&s, dataset, 1, 40);
    for (size_t i = 0; i < 4; i++) {
        bool is_in[SESSION_JOBS];
        shard_select(s.jobs, s.count, i, 4, is_in);
        assert_int_equal(count_in(&s, is_in), 10);
    }
    session_close(&s);
}

/* 400 cohorts of 50 nets that differ much in size. */
static void thousand_shards_of_a_large_plan_take_about_equally_long(void **state) {
    (void)state;
    static const struct data_source source = {.name = "images"};
    enum { COHORTS = 400, NETS = 50, COUNT = COHORTS * NETS, SHARDS = 1000 };
    struct arena arena = {0};
    const struct dataset *dataset = synthetic_images(100, 10, &arena);
    struct trial *trials = arena_alloc(&arena, COUNT, sizeof *trials);
    struct work *work = arena_alloc(&arena, COUNT, sizeof *work);
    size_t *shard = arena_alloc(&arena, COUNT, sizeof *shard);
    double *seconds = arena_alloc(&arena, SHARDS, sizeof *seconds), sum = 0, longest = 0;
    for (size_t i = 0; i < COUNT; i++) {
        trials[i] = trial_default();
        trials[i].dataset = &source;
        trials[i].seed = i / NETS;
        trials[i].topology = (struct topology){1, {(uint32_t)(5 + 7 * (i % NETS) % 60)}};
        trial_resolve(&trials[i]);
        work[i] = (struct work){.trial = &trials[i], .dataset = dataset};
    }
    shard_assign(work, COUNT, SHARDS, shard);
    for (size_t i = 0; i < COUNT; i++) {
        assert_in_range(shard[i], 0, SHARDS - 1);
        seconds[shard[i]] += cohort_estimate(&work[i]);
        sum += cohort_estimate(&work[i]);
    }
    for (size_t s = 0; s < SHARDS; s++) {
        longest = seconds[s] > longest ? seconds[s] : longest;
        assert_true(seconds[s] > 0);
    }
    assert_true(longest < 1.5 * sum / SHARDS);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_trial_is_in_one_shard),
        cmocka_unit_test(cohorts_stay_together_where_there_are_enough),
        cmocka_unit_test(one_large_cohort_is_cut_for_several_shards),
        cmocka_unit_test(thousand_shards_of_a_large_plan_take_about_equally_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
