/* Teams of real threads: no piece of a job is left out or computed twice, and no member computes
 * two at a time. Runs under ThreadSanitizer as well, which looks for races. */
#include "base/team.h"

#include "base/thread.h"
#include "test.h"

#include <sched.h>

enum { PIECES = 37, HELPERS = 3, JOBS = 3000 };

/* How often each piece of a job was computed, and who computes now. */
struct job {
    atomic_int computed[PIECES];
    atomic_int at_work[TEAM_MAX];
    size_t pieces, size;
};

static void compute(void *context, size_t piece, size_t member) {
    struct job *job = context;
    assert_true(piece < job->pieces && member < job->size);
    assert_int_equal(atomic_fetch_add(&job->at_work[member], 1), 0);
    atomic_fetch_add(&job->computed[piece], 1);
    atomic_fetch_sub(&job->at_work[member], 1);
}

static void assert_each_piece_once(const struct job *job) {
    for (size_t i = 0; i < PIECES; i++)
        assert_int_equal(atomic_load(&job->computed[i]), i < job->pieces);
}

static void without_helpers_the_leader_computes_all_pieces(void **state) {
    (void)state;
    struct team team;
    team_create(&team);
    team_open(&team, 4);
    struct job job = {.pieces = PIECES, .size = 1};
    team_run(&team, job.pieces, compute, &job);
    assert_each_piece_once(&job);
    struct job alone = {.pieces = PIECES, .size = 1};
    team_run(NULL, alone.pieces, compute, &alone);
    assert_each_piece_once(&alone);
    assert_int_equal(team_members(NULL), 1);
    assert_int_equal(team_members(&team), 1);
    team_close(&team);
    team_destroy(&team);
}

static void *help(void *team) {
    return team_help(team) ? team : NULL;
}

static void start_team(struct team *team, pthread_t helper[HELPERS]) {
    team_create(team);
    team_open(team, 1 + HELPERS);
    for (size_t i = 0; i < HELPERS; i++)
        assert_int_equal(thread_start(&helper[i], help, team), 0);
}

/* All helpers have helped. */
static void end_team(struct team *team, pthread_t helper[HELPERS]) {
    team_close(team);
    assert_int_equal(team_members(team), 1);
    for (size_t i = 0; i < HELPERS; i++) {
        void *helped;
        pthread_join(helper[i], &helped);
        assert_ptr_equal(helped, team);
    }
    team_destroy(team);
}

static void wait_for_all(struct team *team) {
    while (team_members(team) < 1 + HELPERS)
        sched_yield();
}

/* Jobs of few pieces and of many, one after another, and now and then time for all to fall asleep.
 */
static void each_piece_of_each_job_is_computed_once(void **state) {
    (void)state;
    struct team team;
    pthread_t helper[HELPERS];
    start_team(&team, helper);
    for (size_t j = 0; j < JOBS; j++) {
        struct job job = {.pieces = j % (PIECES + 1), .size = 1 + HELPERS};
        team_run(&team, job.pieces, compute, &job);
        assert_each_piece_once(&job);
        struct timespec pause = {0, 2000000};
        if (j % 300 == 0)
            nanosleep(&pause, NULL);
    }
    wait_for_all(&team);
    end_team(&team, helper);
}

/* Jobs of few pieces and of many, some of them none, side by side. */
static void each_piece_of_jobs_side_by_side_is_computed_once(void **state) {
    (void)state;
    struct team team;
    pthread_t helper[HELPERS];
    start_team(&team, helper);
    wait_for_all(&team);
    for (size_t j = 0; j < JOBS; j++) {
        struct job job[3] = {{.pieces = j % (PIECES + 1), .size = 1 + HELPERS},
                             {.pieces = j % 2, .size = 1 + HELPERS},
                             {.pieces = j % 5, .size = 1 + HELPERS}};
        struct team_job jobs[3];
        for (size_t i = 0; i < 3; i++)
            jobs[i] = (struct team_job){compute, &job[i], job[i].pieces};
        team_run_all(&team, jobs, 3);
        for (size_t i = 0; i < 3; i++)
            assert_each_piece_once(&job[i]);
    }
    end_team(&team, helper);
}

static size_t next_piece;

/* Pieces of all jobs come one after another: this job's first has this number. */
static void count_in_order(void *context, size_t piece, size_t member) {
    const size_t *first = context;
    assert_int_equal(member, 0);
    assert_int_equal(*first + piece, next_piece++);
}

static void without_helpers_jobs_are_computed_in_their_order(void **state) {
    (void)state;
    size_t first[3] = {0, 4, 4};
    const struct team_job jobs[3] = {{count_in_order, &first[0], 4},
                                     {count_in_order, &first[1], 0},
                                     {count_in_order, &first[2], 3}};
    team_run_all(NULL, jobs, 3);
    assert_int_equal(next_piece, 7);
}

struct meeting {
    atomic_int there;
};

/* Returns when as many pieces are computed at the same time: so none is left by its own member. */
static void meet(void *context, size_t piece, size_t member) {
    struct meeting *meeting = context;
    assert_int_equal(piece, member);
    atomic_fetch_add(&meeting->there, 1);
    while (atomic_load(&meeting->there) < 1 + HELPERS)
        sched_yield();
}

static void all_members_begin_at_the_same_time_each_with_its_own_piece(void **state) {
    (void)state;
    struct team team;
    pthread_t helper[HELPERS];
    start_team(&team, helper);
    wait_for_all(&team);
    struct meeting meeting = {0};
    team_run(&team, 1 + HELPERS, meet, &meeting);
    end_team(&team, helper);
}

static void nobody_joins_a_team_that_is_closed_or_full(void **state) {
    (void)state;
    struct team team;
    pthread_t helper;
    team_create(&team);
    assert_false(team_has_room(&team));
    assert_false(team_help(&team));
    team_open(&team, 1);
    assert_false(team_has_room(&team));
    assert_false(team_help(&team));
    team_close(&team);
    team_open(&team, 2);
    assert_true(team_has_room(&team));
    assert_int_equal(thread_start(&helper, help, &team), 0);
    while (team_members(&team) < 2)
        sched_yield();
    assert_false(team_has_room(&team));
    assert_false(team_help(&team));
    team_close(&team);
    pthread_join(helper, NULL);
    assert_false(team_has_room(&team));
    team_destroy(&team);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_helpers_the_leader_computes_all_pieces),
        cmocka_unit_test(each_piece_of_each_job_is_computed_once),
        cmocka_unit_test(all_members_begin_at_the_same_time_each_with_its_own_piece),
        cmocka_unit_test(each_piece_of_jobs_side_by_side_is_computed_once),
        cmocka_unit_test(without_helpers_jobs_are_computed_in_their_order),
        cmocka_unit_test(nobody_joins_a_team_that_is_closed_or_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
