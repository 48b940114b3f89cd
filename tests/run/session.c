#include "session.h"

#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void session_add(struct session *session, const struct dataset *dataset,
                 const char *const *settings) {
    static const struct data_source images = {.name = "synthetic", .task = TASK_CLASSIFICATION};
    static const struct data_source values = {.name = "values", .task = TASK_REGRESSION};
    struct trial *trial = &session->trials[session->count];
    *trial = trial_default();
    trial->dataset = dataset->task == TASK_CLASSIFICATION ? &images : &values;
    for (size_t i = 0; settings[i]; i++) {
        char name[64];
        size_t length = strcspn(settings[i], ":");
        snprintf(name, sizeof name, "%.*s", (int)length, settings[i]);
        struct error err = {0};
        assert_ok(knob_parse(knob_find(name), settings[i] + length + 2, (struct place){0}, NULL,
                             trial, &err),
                  err);
    }
    trial_resolve(trial);
    session->jobs[session->count++] = (struct work){.trial = trial, .dataset = dataset};
}

static void on_claim(void *context, const size_t *jobs, size_t count, bool *granted,
                     struct checkpoint *checkpoints, struct arena *arena) {
    (void)arena;
    struct session *session = context;
    for (size_t i = 0; i < count; i++) {
        struct heard *heard = &session->heard[jobs[i]];
        granted[i] = heard->finishes == 0;
        heard->claims++;
        if (!heard->checkpoint)
            continue;
        checkpoints[i] = (struct checkpoint){heard->checkpoint, heard->checkpoint_size,
                                             heard->epochs, heard->checkpoint_epochs};
    }
}

static void on_epoch(void *context, size_t job, const struct epoch_record *record) {
    struct heard *heard = &((struct session *)context)->heard[job];
    heard->epochs[record->epoch - 1] = *record;
    heard->epoch_count = record->epoch;
}

static void on_layers(void *context, size_t job, const struct layer_record *records, size_t count) {
    struct heard *heard = &((struct session *)context)->heard[job];
    assert_true(count <= SESSION_LAYERS);
    memcpy(heard->layers[records[0].epoch], records, count * sizeof *records);
}

static void on_checkpoint(void *context, size_t job, const void *bytes, size_t size) {
    struct session *session = context;
    struct heard *heard = &session->heard[job];
    free(heard->checkpoint);
    heard->checkpoint = malloc(size);
    memcpy(heard->checkpoint, bytes, size);
    heard->checkpoint_size = size;
    heard->checkpoint_epochs = heard->epoch_count;
    if (session->stop_after &&
        atomic_fetch_add(&session->checkpoints, 1) + 1 >= session->stop_after)
        atomic_store(&session->stop, 1);
}

static void on_finish(void *context, size_t job, const struct outcome *outcome,
                      const struct overfitting *overfitting) {
    (void)overfitting;
    struct heard *heard = &((struct session *)context)->heard[job];
    heard->finishes += outcome->state != TRIAL_INTERRUPTED;
    heard->outcome = *outcome;
    heard->confusion_count = outcome->confusion_count;
    for (size_t i = 0; i < outcome->confusion_count && i < SESSION_PAIRS; i++)
        heard->confusion[i] = outcome->confusion[i];
}

void session_run(struct session *session, size_t workers, enum fuse fuse) {
    struct observer observer = {.context = session,
                                .claim = on_claim,
                                .epoch = on_epoch,
                                .layers = on_layers,
                                .checkpoint = on_checkpoint,
                                .finish = on_finish};
    struct runner_options options = {
        .workers = workers,
        .jobserver = session->jobserver ? *session->jobserver : (struct jobserver){-1, -1},
        .fuse = fuse,
        .training = {.checkpoint_seconds = session->stop_after ? 0 : 1e9,
                     .stop = &session->stop,
                     .observers = {&observer, 1}}};
    atomic_store(&session->stop, 0);
    atomic_store(&session->checkpoints, 0);
    runner_run(session->jobs, session->count, &options);
}

static bool all_finished(const struct session *session) {
    for (size_t i = 0; i < session->count; i++)
        if (!session->heard[i].finishes)
            return false;
    return true;
}

void session_run_in_parts(struct session *session) {
    size_t runs = 0;
    for (; !all_finished(session) && runs < 1000; runs++)
        session_run(session, session->workers ? session->workers : 1 + runs % 2,
                    runs % 3 ? FUSE_AUTO : FUSE_OFF);
    assert_true(runs > 1 && runs < 1000);
}

void session_close(struct session *session) {
    for (size_t i = 0; i < session->count; i++)
        free(session->heard[i].checkpoint);
    arena_close(&session->arena);
}

/* Bits, so that NaN equals itself. */
static bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void assert_same_layers(const struct heard *a, const struct heard *b, size_t job) {
    for (size_t e = 0; e <= a->epoch_count; e++)
        for (size_t l = 0; l < SESSION_LAYERS; l++) {
            const struct layer_record *x = &a->layers[e][l], *y = &b->layers[e][l];
            if (x->layer != y->layer || !same_bits(x->activation_sd, y->activation_sd) ||
                !same_bits(x->gradient_norm, y->gradient_norm) ||
                !same_bits(x->dead_units, y->dead_units))
                fail_msg("job %zu, epoch %zu: layer %zu differs", job, e, l + 1);
        }
}

static void assert_same_records(const struct heard *a, const struct heard *b, size_t job) {
    assert_int_equal(a->epoch_count, b->epoch_count);
    for (size_t e = 0; e < a->epoch_count; e++)
        for (size_t m = 0; m < metric_count; m++)
            if (strcmp(metrics[m].name, "epoch_seconds") != 0 &&
                !same_bits(metric_value(&metrics[m], &a->epochs[e]),
                           metric_value(&metrics[m], &b->epochs[e])))
                fail_msg("job %zu, epoch %zu: %s differs", job, e + 1, metrics[m].name);
}

void assert_same_results(const struct session *a, const struct session *b) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct outcome *x = &a->heard[i].outcome, *y = &b->heard[i].outcome;
        assert_int_equal(x->state, y->state);
        assert_int_equal(x->best_epoch, y->best_epoch);
        assert_int_equal(x->updates, y->updates);
        assert_same_records(&a->heard[i], &b->heard[i], i);
        assert_same_layers(&a->heard[i], &b->heard[i], i);
        if (strcmp(x->weights_digest, y->weights_digest) != 0)
            fail_msg("job %zu: the weights differ", i);
        assert_true(same_bits(x->final_test_loss, y->final_test_loss));
        assert_true(same_bits(x->test_loss_at_best, y->test_loss_at_best));
    }
}
