#include "base/team.h"

#include "base/clock.h"

/* How long who waits spins: longer than what lies between two jobs of a minibatch, shorter than
 * what matters where there are more threads than cores. */
static const double SPIN_SECONDS = 50e-6;

static void relax(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* Waits until is_true(team). Whoever makes it true calls wake afterwards. */
static void wait_until(struct team *team, bool (*is_true)(struct team *)) {
    for (double end = clock_seconds() + SPIN_SECONDS; clock_seconds() < end; relax())
        if (is_true(team))
            return;
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

/* The leader changes the job only after the last piece of the one before was taken. So whoever
 * takes a piece while the turn is what it was has read the function and the context of that job. */
static bool take(struct team *team, team_work **work, void **context, size_t *piece) {
    uint_fast64_t turn = atomic_load(&team->turn);
    do {
        if ((uint32_t)turn == 0)
            return false;
        *work = atomic_load_explicit(&team->work, memory_order_relaxed);
        *context = atomic_load_explicit(&team->context, memory_order_relaxed);
    } while (!atomic_compare_exchange_weak(&team->turn, &turn, turn - 1));
    *piece = (uint32_t)turn - 1;
    return true;
}

static bool is_done(struct team *team) {
    return atomic_load(&team->done) == team->pieces;
}

static void compute(struct team *team, size_t member) {
    team_work *work;
    void *context;
    size_t piece;
    while (take(team, &work, &context, &piece)) {
        work(context, piece, member);
        atomic_fetch_add(&team->done, 1);
    }
}

void team_run(struct team *team, size_t pieces, team_work *work, void *context) {
    if (pieces < 2 || team_members(team) == 1) {
        for (size_t i = 0; i < pieces; i++)
            work(context, i, 0);
        return;
    }
    team->pieces = pieces;
    atomic_store_explicit(&team->work, work, memory_order_relaxed);
    atomic_store_explicit(&team->context, context, memory_order_relaxed);
    atomic_store(&team->done, 0);
    uint_fast64_t job = (atomic_load(&team->turn) >> 32) + 1;
    atomic_store(&team->turn, job << 32 | pieces);
    wake(team);
    compute(team, 0);
    wait_until(team, is_done);
}

static bool has_work(struct team *team) {
    return (uint32_t)atomic_load(&team->turn) != 0 || !atomic_load(&team->is_open);
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
