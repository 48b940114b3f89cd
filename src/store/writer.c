#include "store/writer.h"

#include "base/thread.h"
#include "trial/kept_weights.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_MESSAGES = 16384,
};

static const double commit_seconds = 1;

enum message_kind {
    MESSAGE_CLAIM,
    MESSAGE_EPOCH,
    MESSAGE_LAYERS,
    MESSAGE_CHECKPOINT,
    MESSAGE_FINISH
};

/* A claim stands on the stack of the worker that waits for it. */
struct claim {
    const size_t *trials;
    size_t count;
    bool *granted;
    struct checkpoint *checkpoints;
    struct arena *arena;
    bool is_answered;
};

struct message {
    enum message_kind kind;
    size_t trial;
    struct claim *claim;
    struct epoch_record epoch;
    uint64_t epochs; /* that the checkpoint builds upon */
    void *bytes;     /* of a checkpoint, or layer records; owned */
    size_t size;
    struct finish *finish; /* owned */
};

struct finish {
    struct arena arena;
    struct outcome outcome;
    struct overfitting overfitting;
    size_t size; /* bytes of weights */
};

struct mailbox {
    struct message *messages;
    size_t count, room, bytes;
    bool is_urgent; /* somebody waits for the commit */
};

struct writer {
    struct record *record;
    atomic_int *stop;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived, drained, answered;
    struct mailbox mailbox;
    size_t *pending;  /* [trials] 1 + place of the checkpoint in the mailbox, 0: none */
    uint64_t *epochs; /* [trials] finished, as handed over */
    struct arena arena;
    bool is_closing, has_failed;
    struct error error;
};

static void free_message(struct message *message) {
    free(message->bytes);
    if (message->finish) {
        arena_close(&message->finish->arena);
        free(message->finish);
    }
}

static bool write_claim(const struct writer *writer, struct claim *claim, struct error *err) {
    bool ok = true;
    for (size_t i = 0; ok && i < claim->count; i++)
        ok = record_claim(writer->record, claim->trials[i], &claim->granted[i],
                          &claim->checkpoints[i], claim->arena, err);
    return ok;
}

static bool write_message(const struct writer *writer, const struct message *m, struct error *err) {
    switch (m->kind) {
    case MESSAGE_CLAIM:
        return write_claim(writer, m->claim, err);
    case MESSAGE_EPOCH:
        return record_epoch(writer->record, m->trial, &m->epoch, err);
    case MESSAGE_LAYERS:
        return record_layers(writer->record, m->trial, m->bytes,
                             m->size / sizeof(struct layer_record), err);
    case MESSAGE_CHECKPOINT:
        return record_checkpoint(writer->record, m->trial, m->epochs, m->bytes, m->size, err);
    case MESSAGE_FINISH:
        return record_finish(writer->record, m->trial, &m->finish->outcome, &m->finish->overfitting,
                             err);
    }
    return false;
}

static bool write_all(const struct writer *writer, const struct mailbox *mailbox,
                      struct error *err) {
    const struct database *database = writer->record->database;
    bool ok = database_begin(database, err);
    for (size_t i = 0; ok && i < mailbox->count; i++)
        ok = write_message(writer, &mailbox->messages[i], err);
    ok = ok && database_commit(database, err);
    if (!ok)
        database_rollback(database);
    return ok;
}

/* Retries once: another process may have freed space. */
static bool write_or_retry(const struct writer *writer, const struct mailbox *mailbox,
                           struct error *err) {
    if (write_all(writer, mailbox, err))
        return true;
    error_clear(err);
    nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    return write_all(writer, mailbox, err);
}

static struct timespec seconds_from_now(double seconds) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)seconds;
    return at;
}

/* Waits until there is something to commit and a second has passed, somebody waits, or it ends. */
static void wait_for_mail(struct writer *writer, const struct timespec *due) {
    while (!writer->is_closing && !writer->mailbox.is_urgent) {
        if (pthread_cond_timedwait(&writer->arrived, &writer->lock, due) != ETIMEDOUT)
            continue;
        if (writer->mailbox.count)
            return;
        struct timespec later = seconds_from_now(commit_seconds);
        pthread_cond_timedwait(&writer->arrived, &writer->lock, &later);
        return;
    }
}

static void answer(struct writer *writer, struct mailbox *mailbox, bool ok) {
    for (size_t i = 0; i < mailbox->count; i++) {
        struct claim *claim = mailbox->messages[i].claim;
        if (claim && !ok)
            memset(claim->granted, false, claim->count * sizeof *claim->granted);
        if (claim)
            claim->is_answered = true;
        free_message(&mailbox->messages[i]);
    }
    free(mailbox->messages);
    pthread_cond_broadcast(&writer->answered);
}

static void *work(void *argument) {
    struct writer *writer = argument;
    struct timespec due = seconds_from_now(commit_seconds);
    pthread_mutex_lock(&writer->lock);
    while (!writer->is_closing || writer->mailbox.count) {
        wait_for_mail(writer, &due);
        struct mailbox mailbox = writer->mailbox;
        writer->mailbox = (struct mailbox){0};
        for (size_t i = 0; i < mailbox.count; i++)
            writer->pending[mailbox.messages[i].trial] = 0;
        pthread_cond_broadcast(&writer->drained);
        if (!mailbox.count)
            continue;
        bool ok = !writer->has_failed;
        pthread_mutex_unlock(&writer->lock);
        struct error err = {0};
        ok = ok && write_or_retry(writer, &mailbox, &err);
        due = seconds_from_now(commit_seconds);
        pthread_mutex_lock(&writer->lock);
        if (!ok && !writer->has_failed) {
            writer->has_failed = true;
            error_move(&writer->error, &err);
            atomic_store(writer->stop, 1);
        }
        error_clear(&err);
        answer(writer, &mailbox, ok);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

bool writer_start(struct record *record, size_t count, atomic_int *stop, struct writer **result,
                  struct error *err) {
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        out_of_memory();
    *result = writer;
    writer->record = record;
    writer->stop = stop;
    writer->pending = arena_alloc(&writer->arena, count, sizeof *writer->pending);
    writer->epochs = arena_alloc(&writer->arena, count, sizeof *writer->epochs);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->arrived, &monotonic);
    pthread_cond_init(&writer->drained, NULL);
    pthread_cond_init(&writer->answered, NULL);
    pthread_condattr_destroy(&monotonic);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = thread_start(&writer->thread, work, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status == 0)
        return true;
    arena_close(&writer->arena);
    free(writer);
    *result = NULL;
    return error_set(err, ERROR_FAILED, "cannot start a thread: %s", strerror(status));
}

/* The place of a new message, which the caller fills in under the lock. */
static struct message *append(struct writer *writer, enum message_kind kind, size_t trial) {
    struct mailbox *mailbox = &writer->mailbox;
    if (mailbox->count == mailbox->room) {
        mailbox->room = mailbox->room ? 2 * mailbox->room : 64;
        mailbox->messages = realloc(mailbox->messages, mailbox->room * sizeof *mailbox->messages);
        if (!mailbox->messages)
            out_of_memory();
    }
    struct message *message = &mailbox->messages[mailbox->count++];
    *message = (struct message){.kind = kind, .trial = trial};
    pthread_cond_signal(&writer->arrived);
    return message;
}

static void lock_with_room(struct writer *writer, size_t bytes) {
    pthread_mutex_lock(&writer->lock);
    while (writer->mailbox.count >= QUEUE_MESSAGES ||
           (writer->mailbox.bytes && writer->mailbox.bytes + bytes > CHECKPOINT_QUEUE_BYTES)) {
        writer->mailbox.is_urgent = true;
        pthread_cond_signal(&writer->arrived);
        pthread_cond_wait(&writer->drained, &writer->lock);
    }
}

static void on_claim(void *context, const size_t *trials, size_t count, bool *granted,
                     struct checkpoint *checkpoints, struct arena *arena) {
    struct writer *writer = context;
    struct claim claim = {trials, count, granted, checkpoints, arena, false};
    lock_with_room(writer, 0);
    append(writer, MESSAGE_CLAIM, trials[0])->claim = &claim;
    writer->mailbox.is_urgent = true;
    while (!claim.is_answered)
        pthread_cond_wait(&writer->answered, &writer->lock);
    for (size_t i = 0; i < count; i++)
        writer->epochs[trials[i]] = checkpoints[i].epoch_count;
    pthread_mutex_unlock(&writer->lock);
}

static void on_epoch(void *context, size_t trial, const struct epoch_record *epoch) {
    struct writer *writer = context;
    lock_with_room(writer, 0);
    append(writer, MESSAGE_EPOCH, trial)->epoch = *epoch;
    writer->epochs[trial] = epoch->epoch;
    pthread_mutex_unlock(&writer->lock);
}

static void on_layers(void *context, size_t trial, const struct layer_record *records,
                      size_t count) {
    struct writer *writer = context;
    size_t size = count * sizeof *records;
    void *copy = malloc(size);
    if (!copy)
        out_of_memory();
    memcpy(copy, records, size);
    lock_with_room(writer, 0);
    struct message *message = append(writer, MESSAGE_LAYERS, trial);
    message->bytes = copy;
    message->size = size;
    pthread_mutex_unlock(&writer->lock);
}

static void on_checkpoint(void *context, size_t trial, const void *bytes, size_t size) {
    struct writer *writer = context;
    void *copy = malloc(size);
    if (!copy)
        out_of_memory();
    memcpy(copy, bytes, size);
    lock_with_room(writer, size);
    struct mailbox *mailbox = &writer->mailbox;
    struct message *message = writer->pending[trial]
                                  ? &mailbox->messages[writer->pending[trial] - 1]
                                  : append(writer, MESSAGE_CHECKPOINT, trial);
    writer->pending[trial] = (size_t)(message - mailbox->messages) + 1;
    mailbox->bytes += size - message->size;
    free(message->bytes);
    message->bytes = copy;
    message->size = size;
    message->epochs = writer->epochs[trial];
    pthread_mutex_unlock(&writer->lock);
}

static void *copy_of(struct arena *arena, const void *bytes, size_t size) {
    void *copy = arena_alloc(arena, size, 1);
    memcpy(copy, bytes, size);
    return copy;
}

static struct weights copy_weights(struct arena *arena, struct weights weights) {
    if (weights.values)
        weights.values = copy_of(arena, weights.values, weights.count * sizeof *weights.values);
    return weights;
}

static struct scale copy_scale(struct arena *arena, struct scale scale, size_t inputs) {
    if (scale.shifts) {
        scale.shifts = copy_of(arena, scale.shifts, inputs * sizeof *scale.shifts);
        scale.factors = copy_of(arena, scale.factors, inputs * sizeof *scale.factors);
    }
    return scale;
}

static void on_finish(void *context, size_t trial, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    struct writer *writer = context;
    struct finish *finish = calloc(1, sizeof *finish);
    if (!finish)
        out_of_memory();
    finish->outcome = *outcome;
    finish->overfitting = *overfitting;
    struct outcome *own = &finish->outcome;
    const struct kept_weights *keep =
        kept_weights_of(&writer->record->work[trial].trial->keep_weights);
    bool no_best = !outcome->best.values;
    own->best = keep->best ? copy_weights(&finish->arena, outcome->best) : (struct weights){0};
    own->last = keep->last || (keep->best && no_best) ? copy_weights(&finish->arena, outcome->last)
                                                      : (struct weights){0};
    own->scale =
        copy_scale(&finish->arena, outcome->scale, writer->record->work[trial].dataset->inputs);
    finish->size = (own->best.count + own->last.count) * sizeof(float);
    if (outcome->confusion)
        own->confusion = copy_of(&finish->arena, outcome->confusion,
                                 outcome->confusion_count * sizeof *outcome->confusion);
    if (outcome->error)
        own->error = arena_text(&finish->arena, outcome->error, strlen(outcome->error));
    lock_with_room(writer, finish->size);
    append(writer, MESSAGE_FINISH, trial)->finish = finish;
    writer->mailbox.bytes += finish->size;
    pthread_mutex_unlock(&writer->lock);
}

struct observer writer_observer(struct writer *writer) {
    return (struct observer){.context = writer,
                             .claim = on_claim,
                             .epoch = on_epoch,
                             .layers = on_layers,
                             .checkpoint = on_checkpoint,
                             .finish = on_finish};
}

bool writer_stop(struct writer *writer, struct error *err) {
    pthread_mutex_lock(&writer->lock);
    writer->is_closing = true;
    pthread_cond_signal(&writer->arrived);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    bool ok = !writer->has_failed;
    error_move(err, &writer->error);
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->arrived);
    pthread_cond_destroy(&writer->drained);
    pthread_cond_destroy(&writer->answered);
    arena_close(&writer->arena);
    free(writer);
    return ok;
}
