#include "run/runner.h"

#include "base/cpu.h"
#include "base/thread.h"
#include "nn/matrix.h"
#include "run/cohort.h"
#include "run/training_state.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

struct queue {
    const struct work *work;
    const struct runner_options *options;
    const struct chunk *chunks;
    size_t chunk_count;
    atomic_size_t next;
};

struct worker {
    struct queue *queue;
    pthread_t thread;
    bool needs_token;
};

static bool is_stopped(const struct queue *queue) {
    const atomic_int *stop = queue->options->training.stop;
    return stop && atomic_load(stop) != 0;
}

static bool is_empty(struct queue *queue) {
    return atomic_load(&queue->next) >= queue->chunk_count;
}

static void tell_failure(const struct queue *queue, const size_t *indices, size_t count,
                         const struct error *cause) {
    struct outcome outcome = outcome_empty(TRIAL_FAILED);
    outcome.error = cause->first->text;
    struct overfitting none = overfitting_measure(NULL, 0);
    for (size_t i = 0; i < count; i++)
        observers_finish(&queue->options->training.observers, indices[i], &outcome, &none);
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

static void train_chunk(const struct queue *queue, const struct chunk *chunk) {
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
                               &err))
            tell_failure(queue, indices, same, &err);
        error_clear(&err);
        indices += same;
        checkpoints += same;
        count -= same;
    }
    arena_close(&arena);
}

static void take_chunk(struct queue *queue) {
    size_t c = atomic_fetch_add(&queue->next, 1);
    if (c < queue->chunk_count)
        train_chunk(queue, &queue->chunks[c]);
}

static void *run_worker(void *argument) {
    struct worker *worker = argument;
    struct queue *queue = worker->queue;
    const struct jobserver *server = &queue->options->jobserver;
    cpu_flush_denormals();
    matrix_use_one_thread();
    while (!is_empty(queue) && !is_stopped(queue)) {
        char token = 0;
        if (!worker->needs_token)
            take_chunk(queue);
        else if (jobserver_acquire(server, 100, &token)) {
            take_chunk(queue);
            jobserver_release(server, token);
        }
    }
    return NULL;
}

void runner_run(const struct work *work, size_t count, const struct runner_options *options) {
    struct arena arena = {0};
    struct queue queue = {.work = work, .options = options};
    struct chunk *chunks;
    queue.chunk_count =
        cohort_cut(work, count, options->workers, options->fuse == FUSE_AUTO, &arena, &chunks);
    queue.chunks = chunks;
    size_t workers = options->workers < queue.chunk_count ? options->workers : queue.chunk_count;
    if (workers && !matrix_reserve(workers))
        out_of_memory();
    struct worker *crew = arena_alloc(&arena, workers, sizeof *crew);
    /* Signals are the main thread's: workers see the flag that its handler sets. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    for (; started < workers; started++) {
        crew[started].queue = &queue;
        crew[started].needs_token = started > 0 && jobserver_is_open(&options->jobserver);
        if (thread_start(&crew[started].thread, run_worker, &crew[started]) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (workers && !started)
        run_worker(&(struct worker){.queue = &queue});
    for (size_t i = 0; i < started; i++)
        pthread_join(crew[i].thread, NULL);
    arena_close(&arena);
}
