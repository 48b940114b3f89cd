#include "base/team.h"

#include "base/clock.h"

#include <sched.h>

/* How long who waits spins: longer than what lies between two jobs of a minibatch. After some
 * microseconds it lets other threads have the core at each turn. */
static const double SPIN_SECONDS = 200e-6, ALONE_SECONDS = 20e-6;

static void relax(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Waits until is_true(team). Whoever makes it true calls wake afterwards. */
static void wait_until(struct team *team, bool (*is_true)(struct team *)) {
    double begin = clock_seconds();
    for (double now = begin; now < begin + SPIN_SECONDS; now = clock_seconds()) {
        if (is_true(team))
            return;
        if (now < begin + ALONE_SECONDS)
            relax();
        else
            sched_yield();
    }
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (!is_true(team))
        pthread_cond_wait(&team->changed, &team->lock);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->lock);
}

/* A sleeper counts itself before it looks whether it may go on, and who wakes it looks after it has
 * made that true: one of the two sees the other. */
static void wake(struct team *team) {
    if (atomic_load(&team->sleepers) == 0)
        return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

void team_create(struct team *team) {
    *team = (struct team){.size = 1};
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->changed, NULL);
}

void team_destroy(struct team *team) {
    pthread_cond_destroy(&team->changed);
    pthread_mutex_destroy(&team->lock);
}

void team_open(struct team *team, size_t size) {
    pthread_mutex_lock(&team->lock);
    team->size = size < TEAM_MAX ? size : (size_t)TEAM_MAX;
    atomic_store(&team->is_open, true);
    pthread_mutex_unlock(&team->lock);
}

static bool is_deserted(struct team *team) {
    return atomic_load(&team->helpers) == 0;
}

void team_close(struct team *team) {
    pthread_mutex_lock(&team->lock);
    atomic_store(&team->is_open, false);
    pthread_mutex_unlock(&team->lock);
    wake(team);
    wait_until(team, is_deserted);
}

bool team_has_room(struct team *team) {
    pthread_mutex_lock(&team->lock);
    bool room = atomic_load(&team->is_open) && atomic_load(&team->helpers) + 1 < team->size;
    pthread_mutex_unlock(&team->lock);
    return room;
}

size_t team_size(const struct team *team) {
    return team ? team->size : 1;
}

size_t team_members(const struct team *team) {
    return team ? atomic_load(&team->helpers) + 1 : 1;
}

/* Pieces of a job that slot number `slot` of so many has. */
static size_t pieces_of_slot(const struct team_job *job, size_t slot, size_t slots) {
    return job->pieces * (slot + 1) / slots - job->pieces * slot / slots;
}

/* Whether this slot has pieces left of jobs number `number`. */
static bool has_pieces(uint_fast64_t turn, uint32_t number) {
    return turn >> 32 == number && (uint32_t)turn != 0;
}

/* The leader changes the jobs only after the last piece of those before was taken. So whoever takes
 * a piece while the slot is what it was has read the jobs that the piece is of. */
static bool take(struct team *team, size_t slot, uint32_t number, const struct team_job **job,
                 size_t *piece) {
    uint_fast64_t turn = atomic_load(&team->slot[slot].turn);
    size_t slots, count;
    do {
        if (!has_pieces(turn, number))
            return false;
        *job = atomic_load_explicit(&team->jobs, memory_order_relaxed);
        count = atomic_load_explicit(&team->count, memory_order_relaxed);
        slots = atomic_load_explicit(&team->slots, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak(&team->slot[slot].turn, &turn, turn - 1));
    size_t left = (uint32_t)turn, pieces;
    *job += count - 1;
    for (; left > (pieces = pieces_of_slot(*job, slot, slots)); (*job)--)
        left -= pieces;
    *piece = (*job)->pieces * (slot + 1) / slots - left;
    return true;
}

static bool is_done(struct team *team) {
    return atomic_load(&team->done) == team->pieces;
}

/* First what is in this member's slot, then what others have left. */
static void compute(struct team *team, size_t member) {
    const struct team_job *job;
    uint32_t number = atomic_load(&team->number);
    size_t piece, slots = atomic_load(&team->slots);
    for (size_t i = 0; i < slots; i++)
        while (take(team, (member + i) % slots, number, &job, &piece)) {
            job->work(job->context, piece, member);
            atomic_fetch_add(&team->done, 1);
        }
}

void team_run_all(struct team *team, const struct team_job *jobs, size_t count) {
    size_t pieces = 0, slots = team_members(team);
    for (size_t i = 0; i < count; i++)
        pieces += jobs[i].pieces;
    if (pieces < 2 || slots == 1) {
        for (size_t i = 0; i < count; i++)
            for (size_t piece = 0; piece < jobs[i].pieces; piece++)
                jobs[i].work(jobs[i].context, piece, 0);
        return;
    }
    team->pieces = pieces;
    atomic_store_explicit(&team->jobs, jobs, memory_order_relaxed);
    atomic_store_explicit(&team->count, count, memory_order_relaxed);
    atomic_store(&team->slots, slots);
    atomic_store(&team->done, 0);
    uint32_t number = atomic_load(&team->number) + 1;
    for (size_t slot = 0; slot < slots; slot++) {
        size_t own = 0;
        for (size_t i = 0; i < count; i++)
            own += pieces_of_slot(&jobs[i], slot, slots);
        atomic_store(&team->slot[slot].turn, (uint_fast64_t)number << 32 | own);
    }
    atomic_store(&team->number, number); /* now all slots are there: nobody skips its own */
    wake(team);
    compute(team, 0);
    wait_until(team, is_done);
}

void team_run(struct team *team, size_t pieces, team_work *work, void *context) {
    team_run_all(team, &(struct team_job){work, context, pieces}, 1);
}

static bool has_work(struct team *team) {
    uint32_t number = atomic_load(&team->number);
    size_t slots = atomic_load(&team->slots);
    for (size_t slot = 0; slot < slots; slot++)
        if (has_pieces(atomic_load(&team->slot[slot].turn), number))
            return true;
    return !atomic_load(&team->is_open);
}

/* The number of a new helper, or 0: there is no room. */
static size_t join(struct team *team) {
    size_t member = 0;
    pthread_mutex_lock(&team->lock);
    for (size_t i = 1; i < team->size && atomic_load(&team->is_open) && !member; i++)
        member = team->taken[i] ? 0 : i;
    if (member) {
        team->taken[member] = true;
        atomic_fetch_add(&team->helpers, 1);
    }
    pthread_mutex_unlock(&team->lock);
    return member;
}

static void leave(struct team *team, size_t member) {
    pthread_mutex_lock(&team->lock);
    team->taken[member] = false;
    atomic_fetch_sub(&team->helpers, 1);
    pthread_cond_broadcast(&team->changed);
    pthread_mutex_unlock(&team->lock);
}

bool team_help(struct team *team) {
    size_t member = join(team);
    if (!member)
        return false;
    while (atomic_load(&team->is_open)) {
        compute(team, member);
        wake(team);
        wait_until(team, has_work);
    }
    leave(team, member);
    return true;
}
