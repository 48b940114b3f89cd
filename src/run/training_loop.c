#include "run/training_loop.h"

#include "base/clock.h"
#include "data/batch.h"
#include "data/nonzero.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

/* Samples a pass in inference mode takes at a time. Part of the numbers: sums run batch by batch.
 */
enum { INFERENCE_BATCH = 256 };

struct training_loop {
    const struct work *jobs;
    const struct training_options *options;
    struct arena *arena;
    const struct dataset *dataset;
    size_t batch_size;
    struct split split;
    struct scale scale;
    struct stack stack;
    struct training_state *states; /* [stack.count], in the order of the stack's nets */
    double checkpoint_at;
    bool uses_csr; /* minibatches are compressed sparse rows */
    /* one minibatch */
    float *inputs;
    struct csr rows, columns;
    uint16_t *labels;
    float *targets;
    float *scratch;
    int32_t *predicted;
    uint32_t *order;
    struct order_pair *pairs, *pair_scratch;
};

static void allocate_batches(struct training_loop *t) {
    size_t batch = t->stack.batch_max, rows = t->split.train.count;
    size_t inputs = t->dataset->inputs;
    if (t->uses_csr) {
        size_t entries = dataset_csr_entries(t->dataset, batch);
        t->rows = csr_create(batch, inputs, entries, t->arena);
        t->columns = csr_create(inputs, batch, entries, t->arena);
    } else
        t->inputs = arena_alloc(t->arena, batch * inputs, sizeof *t->inputs);
    t->labels = arena_alloc(t->arena, batch, sizeof *t->labels);
    t->targets = arena_alloc(t->arena, batch, sizeof *t->targets);
    t->scratch = arena_alloc(t->arena, batch * LOSS_SCRATCH, sizeof *t->scratch);
    t->predicted = arena_alloc(t->arena, batch, sizeof *t->predicted);
    t->order = arena_alloc(t->arena, rows, sizeof *t->order);
    t->pairs = arena_alloc(t->arena, rows, sizeof *t->pairs);
    t->pair_scratch = arena_alloc(t->arena, rows, sizeof *t->pair_scratch);
}

static struct minibatch gather_inputs(struct training_loop *t, const struct data_part *part,
                                      const uint32_t *rows, size_t count) {
    if (!t->uses_csr) {
        batch_inputs(part, t->dataset->inputs, &t->scale, rows, count, t->inputs);
        return (struct minibatch){.count = count, .dense = t->inputs};
    }
    batch_csr(part, t->scale.factor, rows, count, &t->rows);
    return (struct minibatch){.count = count, .rows = &t->rows, .columns = &t->columns};
}

static struct loss_target gather_targets(struct training_loop *t, const struct data_part *part,
                                         const uint32_t *rows, size_t count) {
    struct loss_target target = {dataset_outputs(t->dataset), count, NULL, NULL, t->scratch};
    if (part->labels) {
        batch_labels(part, rows, count, t->labels);
        target.labels = t->labels;
    } else {
        batch_targets(part, rows, count, t->targets);
        target.targets = t->targets;
    }
    return target;
}

/* What a pass over some rows is for, beside the losses. */
struct pass {
    const bool *wanted;   /* [count] which nets; NULL: all */
    bool examines;        /* notes which units are not dead, and the layers' activations */
    uint32_t **confusion; /* [count][actual x predicted], or NULL */
};

static void count_confusion(const struct training_loop *t, const struct loss_target *target,
                            uint32_t *confusion) {
    for (size_t i = 0; i < target->batch; i++)
        confusion[target->labels[i] * t->dataset->classes + (size_t)t->predicted[i]]++;
}

/* Shapes: sums [count], overwritten. */
static void measure(struct training_loop *t, const struct row_set *set, struct pass pass,
                    struct loss_sums *sums) {
    struct stack *stack = &t->stack;
    memset(sums, 0, stack->count * sizeof *sums);
    for (size_t from = 0; from < set->count; from += INFERENCE_BATCH) {
        size_t left = set->count - from;
        size_t count = left < INFERENCE_BATCH ? left : INFERENCE_BATCH;
        struct minibatch x = gather_inputs(t, set->part, set->rows + from, count);
        struct loss_target target = gather_targets(t, set->part, set->rows + from, count);
        stack_forward(stack, &x);
        for (size_t s = 0; s < stack->count; s++) {
            if (pass.wanted && !pass.wanted[s])
                continue;
            struct net *net = &stack->nets[s];
            const float *z = net_forward(net, count);
            loss_of(&net->shape.loss)->measure(&target, z, NULL, t->predicted, &sums[s]);
            if (pass.examines) {
                net_mark_alive(net, count, t->states[s].alive);
                net_sum_activations(net, count, t->states[s].layers);
            }
            if (pass.confusion)
                count_confusion(t, &target, pass.confusion[s]);
        }
    }
}

struct means {
    double loss, accuracy, mae;
};

static struct means means_of(const struct training_loop *t, const struct loss_sums *sums,
                             size_t n) {
    struct means none = {(double)NAN, (double)NAN, (double)NAN};
    if (!n)
        return none;
    bool classes = t->dataset->task == TASK_CLASSIFICATION;
    return (struct means){sums->loss / (double)n, classes ? sums->correct / (double)n : (double)NAN,
                          classes ? (double)NAN : sums->absolute_error / (double)n};
}

static void train_batch(struct training_loop *t, const uint32_t *rows, size_t count) {
    struct stack *stack = &t->stack;
    struct minibatch x = gather_inputs(t, t->split.train.part, rows, count);
    struct loss_target target = gather_targets(t, t->split.train.part, rows, count);
    stack_forward(stack, &x);
    for (size_t s = 0; s < stack->count; s++) {
        struct net *net = &stack->nets[s];
        const float *z = net_forward(net, count);
        loss_of(&net->shape.loss)
            ->measure(&target, z, net_output_delta(net), t->predicted, &t->states[s].sums);
        t->states[s].seen += count;
        net_backward(net, count);
    }
    stack_backward(stack, &x);
    for (size_t s = 0; s < stack->count; s++)
        training_state_step(&t->states[s], &stack->nets[s]);
}

/* Each net bears the cohort's time in proportion to its multiply-adds. */
static void share_time(struct training_loop *t, double seconds) {
    double total = 0;
    size_t outputs = dataset_outputs(t->dataset);
    for (size_t s = 0; s < t->stack.count; s++)
        total += (double)trial_multiply_adds(t->states[s].trial, t->dataset->inputs, outputs);
    for (size_t s = 0; s < t->stack.count; s++)
        t->states[s].seconds +=
            seconds * (double)trial_multiply_adds(t->states[s].trial, t->dataset->inputs, outputs) /
            total;
}

static void tell_checkpoints(struct training_loop *t, struct position position) {
    for (size_t s = 0; s < t->stack.count; s++) {
        struct arena scratch = {0};
        const void *bytes;
        size_t size;
        training_state_save(&t->states[s], &t->stack.nets[s], position, &scratch, &bytes, &size);
        for (size_t i = 0; i < t->options->observer_count; i++) {
            const struct observer *observer = &t->options->observers[i];
            if (observer->checkpoint)
                observer->checkpoint(observer->context, t->states[s].job, bytes, size);
        }
        arena_close(&scratch);
    }
    t->checkpoint_at = clock_seconds() + t->options->checkpoint_seconds;
}

/* After the examination of the probe and a gradient. */
static void tell_layers(struct training_loop *t, uint64_t epoch) {
    struct layer_record records[NET_LAYERS_MAX];
    for (size_t s = 0; s < t->stack.count; s++) {
        const struct training_state *state = &t->states[s];
        training_state_layers(state, &t->stack.nets[s], epoch, t->split.probe.count, records);
        for (size_t i = 0; i < t->options->observer_count; i++) {
            const struct observer *observer = &t->options->observers[i];
            if (observer->layers)
                observer->layers(observer->context, state->job, records, state->shape.layers);
        }
    }
}

static bool is_stopped(const struct training_loop *t) {
    return t->options->stop && atomic_load_explicit(t->options->stop, memory_order_relaxed) != 0;
}

/* The minibatches of one epoch from `*batch` on. False: stopped before minibatch *batch. */
static bool train_epoch(struct training_loop *t, uint64_t epoch, uint64_t *batch) {
    double start = clock_seconds();
    size_t rows = t->split.train.count;
    batch_order(&t->split.train, t->states[0].trial->order_seed, epoch, t->pair_scratch, t->pairs,
                t->order);
    for (; *batch * t->batch_size < rows; ++*batch) {
        double now = clock_seconds();
        bool stopped = is_stopped(t);
        if (stopped || now > t->checkpoint_at) {
            share_time(t, now - start);
            start = now;
            tell_checkpoints(t, (struct position){epoch - 1, *batch});
        }
        if (stopped)
            return false;
        size_t from = *batch * t->batch_size, left = rows - from;
        train_batch(t, t->order + from, left < t->batch_size ? left : t->batch_size);
        if (epoch == 1 && *batch == 0)
            tell_layers(t, 0);
    }
    share_time(t, clock_seconds() - start);
    *batch = 0;
    return true;
}

static struct epoch_record record_of(const struct training_loop *t, size_t s, uint64_t epoch,
                                     struct means probe, struct means validation,
                                     struct means test) {
    const struct training_state *state = &t->states[s];
    const struct net *net = &t->stack.nets[s];
    struct means train = means_of(t, &state->sums, state->seen);
    return (struct epoch_record){
        .epoch = epoch,
        .updates = state->updates,
        .train_loss = train.loss,
        .train_accuracy = train.accuracy,
        .train_mae = train.mae,
        .val_loss = validation.loss,
        .val_accuracy = validation.accuracy,
        .val_mae = validation.mae,
        .probe_loss = probe.loss,
        .probe_accuracy = probe.accuracy,
        .probe_mae = probe.mae,
        .test_loss = test.loss,
        .test_accuracy = test.accuracy,
        .test_mae = test.mae,
        .penalty = 0,
        .lr = state->trial->learning_rate,
        .weight_norm = training_state_kernel_norm(state, net),
        .dead_units = training_state_dead_units(state, net),
        .epoch_seconds = state->seconds,
    };
}

static bool tests_after(const struct training_state *state, uint64_t epoch) {
    return state->trial->test_every && epoch % state->trial->test_every == 0;
}

/* Shapes: sums [count]. */
static void examine_probe(struct training_loop *t, struct loss_sums *sums) {
    for (size_t s = 0; s < t->stack.count; s++) {
        struct training_state *state = &t->states[s];
        memset(state->alive, 0, training_state_hidden_units(state) * sizeof *state->alive);
        memset(state->layers, 0, state->shape.layers * sizeof *state->layers);
    }
    measure(t, &t->split.probe, (struct pass){.examines = true}, sums);
}

/* Everything that is measured at the end of an epoch. */
static void end_epoch(struct training_loop *t, uint64_t epoch) {
    double start = clock_seconds();
    size_t n = t->stack.count;
    struct arena scratch = {0};
    struct loss_sums *validation = arena_alloc(&scratch, 3 * n, sizeof *validation);
    struct loss_sums *probe = validation + n, *test = probe + n;
    bool *tested = arena_alloc(&scratch, n, sizeof *tested);
    bool any = false;
    for (size_t s = 0; s < n; s++) {
        struct training_state *state = &t->states[s];
        any |= tested[s] = tests_after(state, epoch);
    }
    measure(t, &t->split.validation, (struct pass){0}, validation);
    examine_probe(t, probe);
    if (any)
        measure(t, &t->split.test, (struct pass){.wanted = tested}, test);
    share_time(t, clock_seconds() - start);
    for (size_t s = 0; s < n; s++) {
        struct epoch_record record =
            record_of(t, s, epoch, means_of(t, &probe[s], t->split.probe.count),
                      means_of(t, &validation[s], t->split.validation.count),
                      means_of(t, &test[s], tested[s] ? t->split.test.count : 0));
        training_state_end_epoch(&t->states[s], &t->stack.nets[s], record);
        for (size_t i = 0; i < t->options->observer_count; i++)
            if (t->options->observers[i].epoch)
                t->options->observers[i].epoch(t->options->observers[i].context, t->states[s].job,
                                               &record);
    }
    tell_layers(t, epoch);
    arena_close(&scratch);
}

static void write_digest(const float *weights, size_t count, char out[33]) {
    XXH128_hash_t hash = XXH3_128bits(weights, count * sizeof *weights);
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

static void put_weights(const struct training_state *state, struct net *net, const float *weights) {
    memcpy(net->first, weights, state->first_count * sizeof *weights);
    memcpy(net->rest, weights + state->first_count, state->rest_count * sizeof *weights);
}

/* Tests the finished nets with their last and their best weights. Their last weights are lost.
 *
 * Shapes: outcomes [count]; weights and confusion live in the arena. */
static void test_finished(struct training_loop *t, const bool *finished, struct outcome *outcomes,
                          struct arena *arena) {
    size_t n = t->stack.count, classes = t->dataset->classes, rows = t->split.test.count;
    struct loss_sums *sums = arena_alloc(arena, n, sizeof *sums);
    uint32_t **confusion = arena_alloc(arena, n, sizeof *confusion);
    bool *has_best = arena_alloc(arena, n, sizeof *has_best);
    measure(t, &t->split.test, (struct pass){.wanted = finished}, sums);
    for (size_t s = 0; s < n; s++) {
        if (!finished[s])
            continue;
        struct training_state *state = &t->states[s];
        size_t count = state->first_count + state->rest_count;
        float *last = arena_alloc(arena, count, sizeof *last);
        training_state_weights(state, &t->stack.nets[s], last);
        struct means means = means_of(t, &sums[s], rows);
        outcomes[s].final_test_loss = means.loss;
        outcomes[s].final_test_accuracy = means.accuracy;
        outcomes[s].final_test_mae = means.mae;
        outcomes[s].last = (struct weights){last, count};
        write_digest(last, count, outcomes[s].weights_digest);
        has_best[s] = state->best_epoch != 0;
        if (has_best[s]) {
            outcomes[s].best = (struct weights){state->best, count};
            put_weights(state, &t->stack.nets[s], state->best);
        }
        confusion[s] = arena_alloc(arena, classes * classes, sizeof **confusion);
    }
    measure(t, &t->split.test,
            (struct pass){.wanted = has_best, .confusion = classes ? confusion : NULL}, sums);
    for (size_t s = 0; s < n; s++) {
        if (!finished[s])
            continue;
        struct means means = means_of(t, &sums[s], has_best[s] ? rows : 0);
        outcomes[s].test_loss_at_best = means.loss;
        outcomes[s].test_accuracy_at_best = means.accuracy;
        outcomes[s].test_mae_at_best = means.mae;
        outcomes[s].confusion = has_best[s] && classes && rows ? confusion[s] : NULL;
        outcomes[s].classes = classes;
    }
}

static void tell_finish(struct training_loop *t, size_t s, struct outcome *outcome) {
    const struct training_state *state = &t->states[s];
    outcome->epochs_done = state->epochs_done;
    outcome->updates = state->updates;
    outcome->best_epoch = state->best_epoch;
    outcome->cohort_size = state->cohort_size;
    for (uint64_t e = 0; e < state->epochs_done; e++)
        outcome->train_seconds += state->records[e].epoch_seconds;
    struct overfitting overfitting =
        overfitting_measure(state->records, (size_t)state->epochs_done);
    for (size_t i = 0; i < t->options->observer_count; i++) {
        const struct observer *observer = &t->options->observers[i];
        if (observer->finish)
            observer->finish(observer->context, state->job, outcome, &overfitting);
    }
}

/* Lets the nets go that have nothing left to train. */
static void dismiss_finished(struct training_loop *t) {
    size_t n = t->stack.count, kept = 0;
    struct arena arena = {0};
    bool *finished = arena_alloc(&arena, n, sizeof *finished);
    bool *keep = arena_alloc(&arena, n, sizeof *keep);
    struct outcome *outcomes = arena_alloc(&arena, n, sizeof *outcomes);
    bool any = false;
    for (size_t s = 0; s < n; s++) {
        any |= finished[s] = training_state_is_finished(&t->states[s]);
        keep[s] = !finished[s];
    }
    if (any)
        test_finished(t, finished, outcomes, &arena);
    for (size_t s = 0; s < n; s++) {
        outcomes[s].state = t->states[s].diverged ? TRIAL_DIVERGED : TRIAL_DONE;
        if (finished[s])
            tell_finish(t, s, &outcomes[s]);
        else
            t->states[kept++] = t->states[s];
    }
    if (any)
        stack_keep(&t->stack, keep);
    arena_close(&arena);
}

static void tell_interrupted(struct training_loop *t) {
    for (size_t s = 0; s < t->stack.count; s++) {
        struct outcome outcome = {.state = TRIAL_INTERRUPTED,
                                  .final_test_loss = (double)NAN,
                                  .final_test_accuracy = (double)NAN,
                                  .final_test_mae = (double)NAN,
                                  .test_loss_at_best = (double)NAN,
                                  .test_accuracy_at_best = (double)NAN,
                                  .test_mae_at_best = (double)NAN};
        tell_finish(t, s, &outcome);
    }
}

/* The probe before training: what tell_layers has to say of epoch 0, once there is a gradient. */
static void examine_start(struct training_loop *t) {
    struct arena scratch = {0};
    examine_probe(t, arena_alloc(&scratch, t->stack.count, sizeof(struct loss_sums)));
    arena_close(&scratch);
}

static bool prepare(struct training_loop *t, const size_t *indices,
                    const struct checkpoint *checkpoints, size_t count, struct error *err) {
    const struct trial *trial = t->jobs[indices[0]].trial;
    if (!split_make(t->dataset, trial->validation_split, trial->train_rows, trial->split_seed,
                    t->arena, &t->split, err))
        return false;
    t->scale = scale_fit(trial->scale.entry, t->dataset, &t->split.train, t->arena);
    t->uses_csr = dataset_has_csr(t->dataset) && !t->scale.shifts;
    struct net_shape *shapes = arena_alloc(t->arena, count, sizeof *shapes);
    for (size_t i = 0; i < count; i++)
        shapes[i] = training_state_shape(&t->jobs[indices[i]]);
    size_t batch_max = t->batch_size > INFERENCE_BATCH ? t->batch_size : INFERENCE_BATCH;
    stack_create(&t->stack, shapes, count, batch_max, panel_kernel_here(), t->arena);
    t->states = arena_alloc(t->arena, count, sizeof *t->states);
    for (size_t i = 0; i < count; i++) {
        const struct work *job = &t->jobs[indices[i]];
        struct arena scratch = {0};
        training_state_create(&t->states[i], indices[i], job, count, t->arena);
        t->states[i].validates = t->split.validation.count != 0;
        struct position at = training_state_position(job, &checkpoints[i]);
        if (at.epoch || at.batch)
            training_state_load(&t->states[i], &t->stack.nets[i], &checkpoints[i]);
        else
            training_state_begin(&t->states[i], &t->stack.nets[i], &scratch);
        arena_close(&scratch);
    }
    allocate_batches(t);
    return true;
}

bool training_loop_run(const struct work *jobs, const size_t *indices,
                       const struct checkpoint *checkpoints, size_t count,
                       const struct training_options *options, struct error *err) {
    struct arena arena = {0};
    const struct work *one = &jobs[indices[0]];
    struct training_loop loop = {.jobs = jobs,
                                 .options = options,
                                 .arena = &arena,
                                 .dataset = one->dataset,
                                 .batch_size = one->trial->batch_size,
                                 .checkpoint_at = clock_seconds() + options->checkpoint_seconds};
    bool ok = prepare(&loop, indices, checkpoints, count, err);
    struct position at = training_state_position(one, &checkpoints[0]);
    if (ok && at.epoch == 0 && at.batch == 0)
        examine_start(&loop);
    while (ok && loop.stack.count) {
        if (!train_epoch(&loop, at.epoch + 1, &at.batch)) {
            tell_interrupted(&loop);
            break;
        }
        end_epoch(&loop, ++at.epoch);
        dismiss_finished(&loop);
    }
    arena_close(&arena);
    return ok;
}
