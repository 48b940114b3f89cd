#include "run/runner.h"

#include "base/cpu.h"
#include "base/team.h"
#include "base/thread.h"
#include "nn/matrix.h"
#include "run/cohort.h"
#include "run/training_state.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

/* Everything but what is constant is guarded by the lock. */
struct queue {
    const struct work *work;
    const struct runner_options *options;
    const struct chunk *chunks;
    size_t chunk_count;
    struct worker *crew; /* [workers] */
    size_t workers;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a team was opened, or a chunk has ended */
    size_t next, training;  /* chunks: the first one that nobody took, and how many are trained */
};

struct worker {
    struct queue *queue;
    pthread_t thread;
    bool needs_token;
    struct team team;
    const struct chunk *chunk; /* what it trains as the team's leader, or NULL */
};

static bool is_stopped(const struct queue *queue) {
    const atomic_int *stop = queue->options->training.stop;
    return stop && atomic_load(stop) != 0;
}

static void tell_failure(const struct queue *queue, const size_t *indices, size_t count,
                         const struct error *cause) {
    struct outcome outcome = outcome_empty(TRIAL_FAILED);
    outcome.error = cause->first->text;
    for (size_t i = 0; i < count; i++) {
        struct overfitting none =
            overfitting_measure(NULL, 0, &queue->work[indices[i]].trial->monitor);
        observers_finish(&queue->options->training.observers, indices[i], &outcome, &none);
    }
}

/* Trials that were interrupted at different places cannot go in lock-step: takes those that stand
 * where the first one stands to the front and returns their number. */
static size_t same_position(const struct work *work, size_t *indices,
                            struct checkpoint *checkpoints, size_t count) {
    struct position first = training_state_position(&work[indices[0]], &checkpoints[0]);
    size_t same = 1;
    for (size_t i = 1; i < count; i++) {
        struct position at = training_state_position(&work[indices[i]], &checkpoints[i]);
        if (at.epoch != first.epoch || at.batch != first.batch)
            continue;
        size_t index = indices[i];
        struct checkpoint checkpoint = checkpoints[i];
        memmove(indices + same + 1, indices + same, (i - same) * sizeof *indices);
        memmove(checkpoints + same + 1, checkpoints + same, (i - same) * sizeof *checkpoints);
        indices[same] = index;
        checkpoints[same++] = checkpoint;
    }
    return same;
}

static void train_chunk(const struct queue *queue, const struct chunk *chunk, struct team *team) {
    struct arena arena = {0};
    bool *granted = arena_alloc(&arena, chunk->count, sizeof *granted);
    size_t *indices = arena_alloc(&arena, chunk->count, sizeof *indices);
    struct checkpoint *checkpoints = arena_alloc(&arena, chunk->count, sizeof *checkpoints);
    size_t count = 0;
    observers_claim(&queue->options->training.observers, chunk->trials, chunk->count, granted,
                    checkpoints, &arena);
    for (size_t i = 0; i < chunk->count; i++)
        if (granted[i]) {
            checkpoints[count] = checkpoints[i];
            indices[count++] = chunk->trials[i];
        }
    while (count) {
        struct error err = {0};
        size_t same = same_position(queue->work, indices, checkpoints, count);
        if (!training_loop_run(queue->work, indices, checkpoints, same, &queue->options->training,
                               team, &err))
            tell_failure(queue, indices, same, &err);
        error_clear(&err);
        indices += same;
        checkpoints += same;
        count -= same;
    }
    arena_close(&arena);
}

/* The team that gains most by one more member: that of the longest chunk, for its size. NULL: none
 * has room. */
static struct team *team_to_join(struct queue *queue) {
    struct team *best = NULL;
    double longest = 0;
    for (size_t w = 0; w < queue->workers; w++) {
        struct worker *worker = &queue->crew[w];
        if (!worker->chunk || !team_has_room(&worker->team))
            continue;
        double seconds = worker->chunk->seconds / (double)team_members(&worker->team);
        if (seconds > longest) {
            longest = seconds;
            best = &worker->team;
        }
    }
    return best;
}

/* Waits until there is something to do. False: there will be nothing any more. */
static bool wait_for_work(struct queue *queue) {
    bool is_there = false;
    pthread_mutex_lock(&queue->lock);
    while (!is_stopped(queue)) {
        is_there = queue->next < queue->chunk_count || team_to_join(queue);
        if (is_there || queue->training == 0)
            break;
        pthread_cond_wait(&queue->changed, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
    return is_there;
}

/* Takes the next chunk, if there is one, and opens a team for it. */
static bool begin_chunk(struct worker *worker) {
    struct queue *queue = worker->queue;
    pthread_mutex_lock(&queue->lock);
    bool taken = queue->next < queue->chunk_count;
    if (taken) {
        worker->chunk = &queue->chunks[queue->next++];
        queue->training++;
        team_open(&worker->team, worker->chunk->members);
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return taken;
}

static void end_chunk(struct worker *worker) {
    struct queue *queue = worker->queue;
    team_close(&worker->team);
    pthread_mutex_lock(&queue->lock);
    worker->chunk = NULL;
    queue->training--;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void help(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    struct team *team = team_to_join(queue);
    pthread_mutex_unlock(&queue->lock);
    if (team)
        team_help(team);
}

static void work_once(struct worker *worker) {
    if (begin_chunk(worker)) {
        train_chunk(worker->queue, worker->chunk, &worker->team);
        end_chunk(worker);
    } else
        help(worker->queue);
}

static void *run_worker(void *argument) {
    struct worker *worker = argument;
    const struct jobserver *server = &worker->queue->options->jobserver;
    cpu_flush_denormals();
    matrix_use_one_thread();
    while (wait_for_work(worker->queue)) {
        char token = 0;
        if (!worker->needs_token)
            work_once(worker);
        else if (jobserver_acquire(server, 100, &token)) {
            work_once(worker);
            jobserver_release(server, token);
        }
    }
    return NULL;
}

/* Chunks and their teams have work for so many threads. */
static size_t threads_for(const struct chunk *chunks, size_t count, size_t workers) {
    size_t threads = 0;
    for (size_t c = 0; c < count && threads < workers; c++)
        threads += chunks[c].members;
    return threads < workers ? threads : workers;
}

/* More members than cores would wait for each other. */
static void limit_members(struct chunk *chunks, size_t count, size_t cores) {
    for (size_t c = 0; c < count; c++)
        if (cores && chunks[c].members > cores)
            chunks[c].members = cores;
}

static void run_crew(struct queue *queue) {
    /* Signals are the main thread's: workers see the flag that its handler sets. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    for (; started < queue->workers; started++)
        if (thread_start(&queue->crew[started].thread, run_worker, &queue->crew[started]) != 0)
            break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (queue->workers && !started)
        run_worker(&queue->crew[0]);
    for (size_t i = 0; i < started; i++)
        pthread_join(queue->crew[i].thread, NULL);
}

void runner_run(const struct work *work, size_t count, const struct runner_options *options) {
    struct arena arena = {0};
    struct queue queue = {.work = work, .options = options};
    struct chunk *chunks;
    queue.chunk_count =
        cohort_cut(work, count, options->workers, options->fuse == FUSE_AUTO, &arena, &chunks);
    limit_members(chunks, queue.chunk_count, options->cores);
    queue.chunks = chunks;
    queue.workers = threads_for(chunks, queue.chunk_count, options->workers);
    if (queue.workers && !matrix_reserve(queue.workers))
        out_of_memory();
    queue.crew = arena_alloc(&arena, queue.workers, sizeof *queue.crew);
    pthread_mutex_init(&queue.lock, NULL);
    pthread_cond_init(&queue.changed, NULL);
    for (size_t i = 0; i < queue.workers; i++) {
        queue.crew[i].queue = &queue;
        queue.crew[i].needs_token = i > 0 && jobserver_is_open(&options->jobserver);
        team_create(&queue.crew[i].team);
    }
    run_crew(&queue);
    for (size_t i = 0; i < queue.workers; i++)
        team_destroy(&queue.crew[i].team);
    pthread_cond_destroy(&queue.changed);
    pthread_mutex_destroy(&queue.lock);
    arena_close(&arena);
}
