#include "run/training_loop.h"

#include "base/clock.h"
#include "nn/penalty.h"
#include "run/finish.h"

struct training_loop {
    const struct training_options *options;
    struct lockstep lockstep;
    double checkpoint_at; /* when the next checkpoint is due */
    /* the rows of one epoch, [training rows] each */
    uint32_t *order;
    struct order_pair *pairs, *pair_scratch;
};

static void allocate_order(struct training_loop *loop, struct arena *arena) {
    size_t rows = loop->lockstep.split.train.count;
    loop->order = arena_alloc(arena, rows, sizeof *loop->order);
    loop->pairs = arena_alloc(arena, rows, sizeof *loop->pairs);
    loop->pair_scratch = arena_alloc(arena, rows, sizeof *loop->pair_scratch);
}

static void tell_checkpoints(struct training_loop *loop, struct position position) {
    lockstep_write_back(&loop->lockstep);
    for (size_t s = 0; s < loop->lockstep.count; s++) {
        const struct training_state *state = loop->lockstep.states[s];
        struct arena scratch = {0};
        const void *bytes;
        size_t size;
        training_state_save(state, position, &scratch, &bytes, &size);
        observers_checkpoint(&loop->options->observers, state->index, bytes, size);
        arena_close(&scratch);
    }
    loop->checkpoint_at = clock_seconds() + loop->options->checkpoint_seconds;
}

/* After a pass over the probe and a gradient. */
static void tell_layers(const struct training_loop *loop, uint64_t epoch) {
    struct layer_record records[NET_LAYERS_MAX];
    for (size_t s = 0; s < loop->lockstep.count; s++) {
        const struct training_state *state = loop->lockstep.states[s];
        training_state_layers(state, epoch, records);
        observers_layers(&loop->options->observers, state->index, records, state->net.shape.layers);
    }
}

static bool is_stopped(const struct training_loop *loop) {
    const atomic_int *stop = loop->options->stop;
    return stop && atomic_load_explicit(stop, memory_order_relaxed) != 0;
}

/* The minibatches of one epoch from `*batch` on. False: stopped before minibatch *batch. */
static bool train_epoch(struct training_loop *loop, uint64_t epoch, uint64_t *batch) {
    struct lockstep *lockstep = &loop->lockstep;
    double start = clock_seconds();
    size_t rows = lockstep->split.train.count, batch_size = lockstep->batch_size;
    batch_order(&lockstep->split.train, lockstep->states[0]->trial->order_seed, epoch,
                loop->pair_scratch, loop->pairs, loop->order);
    const struct training_state *any = lockstep->states[0]; /* all have done the same steps */
    for (; *batch * batch_size < rows && any->updates < any->steps; ++*batch) {
        double now = clock_seconds();
        bool stopped = is_stopped(loop);
        if (stopped || now > loop->checkpoint_at) {
            lockstep_share_time(lockstep, now - start);
            start = now;
            tell_checkpoints(loop, (struct position){epoch - 1, *batch});
        }
        if (stopped)
            return false;
        size_t from = *batch * batch_size, left = rows - from;
        size_t count = left < batch_size ? left : batch_size, after = left - count;
        lockstep_train(lockstep, epoch, loop->order + from, count,
                       after < batch_size ? after : batch_size);
        if (epoch == 1 && *batch == 0)
            tell_layers(loop, 0);
    }
    lockstep_write_back(lockstep);
    lockstep_share_time(lockstep, clock_seconds() - start);
    *batch = 0;
    return true;
}

/* Row sets that are measured at the end of an epoch, each over all nets. */
enum { VALIDATION, PROBE, TEST, SETS };

/* What was measured of one net. */
struct measured {
    struct means means[SETS];
    double noisy_fit;
};

static void put_means(struct means means, double *loss, double *accuracy, double *mae) {
    *loss = means.loss;
    *accuracy = means.accuracy;
    *mae = means.mae;
}

static struct epoch_record record_of(const struct training_state *state, struct means train,
                                     const struct measured *measured) {
    struct epoch_record r = {
        .epoch = state->epochs_done + 1,
        .updates = state->updates,
        .penalty = penalty_value(&state->net, state->trial->l1, state->trial->l2),
        .lr = state->learning_rate,
        .weight_norm = net_kernel_norm(&state->net),
        .dead_units = probe_all_dead_units(&state->probe, &state->net),
        .epoch_seconds = state->seconds,
        .noisy_fit = measured->noisy_fit,
    };
    put_means(train, &r.train_loss, &r.train_accuracy, &r.train_mae);
    put_means(measured->means[VALIDATION], &r.val_loss, &r.val_accuracy, &r.val_mae);
    put_means(measured->means[PROBE], &r.probe_loss, &r.probe_accuracy, &r.probe_mae);
    put_means(measured->means[TEST], &r.test_loss, &r.test_accuracy, &r.test_mae);
    return r;
}

static bool tests_after(const struct trial *trial, uint64_t epoch) {
    return trial->test_every && epoch % trial->test_every == 0;
}

/* Measures all nets on all row sets.
 *
 * Shapes: measured [lockstep.count]. */
static void measure_epoch(struct training_loop *loop, uint64_t epoch, struct measured *measured) {
    struct lockstep *lockstep = &loop->lockstep;
    size_t nets = lockstep->count;
    const struct row_set *sets[SETS] = {&lockstep->split.validation, &lockstep->split.probe,
                                        &lockstep->split.test};
    struct arena scratch = {0};
    struct loss_sums *sums = arena_alloc(&scratch, nets, sizeof *sums);
    bool *tested = arena_alloc(&scratch, nets, sizeof *tested), any = false;
    uint32_t **prediction = arena_alloc(&scratch, nets, sizeof *prediction);
    for (size_t s = 0; s < nets; s++) {
        any |= tested[s] = tests_after(lockstep->states[s]->trial, epoch);
        if (lockstep->split.true_labels)
            prediction[s] = arena_alloc(&scratch, sets[PROBE]->count, sizeof **prediction);
    }
    for (size_t m = 0; m < SETS; m++) {
        struct measurement measurement = {.probes = m == PROBE};
        if (m == TEST)
            measurement.wanted = tested;
        if (m == PROBE && lockstep->split.true_labels)
            measurement.prediction = prediction;
        if (m != TEST || any)
            lockstep_measure(lockstep, sets[m], measurement, sums);
        for (size_t s = 0; s < nets; s++)
            measured[s].means[m] =
                lockstep_means(lockstep, s, &sums[s], m != TEST || tested[s] ? sets[m]->count : 0);
    }
    for (size_t s = 0; s < nets; s++)
        measured[s].noisy_fit = lockstep_noisy_fit(lockstep, prediction[s]);
    arena_close(&scratch);
}

/* Everything that is measured at the end of an epoch. */
static void end_epoch(struct training_loop *loop, uint64_t epoch) {
    struct lockstep *lockstep = &loop->lockstep;
    double start = clock_seconds();
    struct arena scratch = {0};
    struct measured *measured = arena_alloc(&scratch, lockstep->count, sizeof *measured);
    measure_epoch(loop, epoch, measured);
    lockstep_share_time(lockstep, clock_seconds() - start);
    for (size_t s = 0; s < lockstep->count; s++) {
        struct training_state *state = lockstep->states[s];
        struct means train = lockstep_means(lockstep, s, &state->sums, state->seen);
        struct epoch_record record = record_of(state, train, &measured[s]);
        training_state_end_epoch(state, record);
        observers_epoch(&loop->options->observers, state->index, &record);
    }
    tell_layers(loop, epoch);
    arena_close(&scratch);
}

/* The probe before training: what tell_layers has to say of epoch 0, once there is a gradient. */
static void probe_start(struct lockstep *lockstep) {
    struct arena scratch = {0};
    struct loss_sums *sums = arena_alloc(&scratch, lockstep->count, sizeof *sums);
    lockstep_measure(lockstep, &lockstep->split.probe, (struct measurement){.probes = true}, sums);
    arena_close(&scratch);
}

static void train(struct training_loop *loop, struct position at) {
    if (at.epoch == 0 && at.batch == 0)
        probe_start(&loop->lockstep);
    while (loop->lockstep.count) {
        if (!train_epoch(loop, at.epoch + 1, &at.batch)) {
            finish_interrupted(&loop->lockstep, &loop->options->observers);
            return;
        }
        end_epoch(loop, ++at.epoch);
        finish_trainings(&loop->lockstep, &loop->options->observers);
    }
}

bool training_loop_run(const struct work *work, const size_t *indices,
                       const struct checkpoint *checkpoints, size_t count,
                       const struct training_options *options, struct team *team,
                       struct error *err) {
    struct arena arena = {0};
    struct training_loop loop = {.options = options,
                                 .checkpoint_at = clock_seconds() + options->checkpoint_seconds};
    bool ok = lockstep_create(&loop.lockstep, work, indices, checkpoints, count, team, &arena, err);
    if (ok) {
        allocate_order(&loop, &arena);
        train(&loop, training_state_position(&work[indices[0]], &checkpoints[0]));
    }
    arena_close(&arena);
    return ok;
}
