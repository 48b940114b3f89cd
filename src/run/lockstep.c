#include "run/lockstep.h"

#include "nn/class_weight.h"

#include <math.h>
#include <string.h>

/* The nets of the trainings that are left. */
static struct net **nets_of(const struct lockstep *lockstep, struct arena *arena) {
    struct net **nets = arena_alloc(arena, lockstep->count, sizeof *nets);
    for (size_t s = 0; s < lockstep->count; s++)
        nets[s] = &lockstep->states[s]->net;
    return nets;
}

/* NULL where the trial asks for none. Owns: the result lives in the arena. */
static float *class_weights_of(const struct trial *trial, const struct row_set *train,
                               size_t classes, struct arena *arena) {
    const struct class_weight *row = class_weight_of(&trial->class_weight);
    if (!row->weight || !classes)
        return NULL;
    struct arena scratch = {0};
    float *weights = arena_alloc(arena, classes, sizeof *weights);
    uint16_t *labels = arena_alloc(&scratch, train->count, sizeof *labels);
    batch_labels(train->part, train->rows, train->count, labels);
    class_weight_fit(row, labels, train->count, classes, weights);
    arena_close(&scratch);
    return weights;
}

/* Steps of a whole training, if nothing ends it early. */
static uint64_t steps_of(const struct trial *trial, size_t training_rows) {
    uint64_t of_an_epoch = (training_rows + trial->batch_size - 1) / trial->batch_size;
    uint64_t all = of_an_epoch * trial->epochs;
    return trial->max_updates && trial->max_updates < all ? trial->max_updates : all;
}

static void create_states(struct lockstep *lockstep, const struct work *work, const size_t *indices,
                          const struct checkpoint *checkpoints, size_t batch_max,
                          struct arena *arena) {
    size_t count = lockstep->count;
    lockstep->states = arena_alloc(arena, count, sizeof(struct training_state *));
    struct training_state *states = arena_alloc(arena, count, sizeof *states);
    for (size_t i = 0; i < count; i++) {
        const struct work *own = &work[indices[i]];
        const struct trial *trial = own->trial;
        struct position at = training_state_position(own, &checkpoints[i]);
        lockstep->states[i] = &states[i];
        training_state_create(&states[i], indices[i], own, batch_max, count, arena);
        states[i].steps = steps_of(trial, lockstep->split.train.count);
        states[i].class_weights =
            class_weights_of(trial, &lockstep->split.train, lockstep->dataset->classes, arena);
        states[i].validates = lockstep->split.validation.count != 0;
        if (at.epoch || at.batch)
            training_state_load(&states[i], &checkpoints[i]);
        else
            training_state_begin(&states[i]);
    }
}

static void create_buffers(struct lockstep *lockstep, size_t batch_max, struct arena *arena) {
    size_t members = team_size(lockstep->team);
    size_t of_a_sample = LOSS_SCRATCH + dataset_outputs(lockstep->dataset);
    lockstep->buffers = arena_alloc(arena, members, sizeof *lockstep->buffers);
    for (size_t i = 0; i < members; i++) {
        struct loss_buffers *it = &lockstep->buffers[i];
        it->scratch = arena_alloc(arena, batch_max * of_a_sample, sizeof *it->scratch);
        it->predicted = arena_alloc(arena, batch_max, sizeof *it->predicted);
    }
}

bool lockstep_create(struct lockstep *lockstep, const struct work *work, const size_t *indices,
                     const struct checkpoint *checkpoints, size_t count, struct team *team,
                     struct arena *arena, struct error *err) {
    const struct trial *trial = work[indices[0]].trial;
    const struct dataset *dataset = work[indices[0]].dataset;
    *lockstep = (struct lockstep){
        .count = count, .dataset = dataset, .batch_size = trial->batch_size, .team = team};
    const struct split_options options = trial_split_options(trial);
    if (!split_make(dataset, &options, arena, &lockstep->split, err))
        return false;
    size_t batch_max =
        trial->batch_size > INFERENCE_BATCH ? trial->batch_size : (size_t)INFERENCE_BATCH;
    struct scale scale = scale_fit(&trial->scale, dataset, &lockstep->split.train, arena);
    struct target_scale target_scale =
        target_scale_fit(trial->target_scale.entry, &lockstep->split.train);
    bool adds_noise = trial->input_noise > 0;
    lockstep->gather = arena_alloc(arena, 2, sizeof *lockstep->gather);
    lockstep->spare = lockstep->gather + 1;
    *lockstep->gather = gather_create(dataset, scale, target_scale, adds_noise, trial->batch_size,
                                      batch_max, arena);
    if (team_size(team) > 1)
        *lockstep->spare = gather_create(dataset, scale, target_scale, adds_noise,
                                         trial->batch_size, batch_max, arena);
    create_buffers(lockstep, batch_max, arena);
    create_states(lockstep, work, indices, checkpoints, batch_max, arena);
    stack_create(&lockstep->stack, nets_of(lockstep, arena), count, batch_max, team_size(team),
                 NULL, arena);
    size_t states = 0;
    for (size_t s = 0; s < count; s++)
        if (lockstep->states[s]->optimizer->states > states)
            states = lockstep->states[s]->optimizer->states;
    stack_reserve_panels(&lockstep->stack, states, arena);
    return true;
}

struct lockstep_teams lockstep_teams(const struct lockstep *lockstep) {
    size_t members = team_members(lockstep->team);
    bool side_by_side = members > 1 && lockstep->count >= members;
    return side_by_side ? (struct lockstep_teams){lockstep->team, NULL}
                        : (struct lockstep_teams){NULL, lockstep->team};
}

/* One minibatch in inference mode, after the first layers' products. */
struct measure_job {
    struct lockstep *lockstep;
    const struct measurement *measurement;
    struct loss_target target;
    size_t from, count;
    struct team *team; /* of each net */
    struct loss_sums *sums;
};

static void measure_net(void *context, size_t s, size_t member) {
    const struct measure_job *job = context;
    struct training_state *state = job->lockstep->states[s];
    const struct loss_buffers *buffers = &job->lockstep->buffers[member];
    const struct measurement *measurement = job->measurement;
    if (measurement->wanted && !measurement->wanted[s])
        return;
    struct loss_target target = job->target;
    target.scratch = buffers->scratch;
    const float *z = net_forward(&state->net, job->count, NULL, job->team);
    loss_measure(&state->net.shape.loss, &target, z, NULL, buffers->predicted, &job->sums[s]);
    if (measurement->probes)
        probe_add(&state->probe, &state->net, job->count);
    for (size_t i = 0; i < job->count && measurement->prediction; i++)
        measurement->prediction[s][job->from + i] = (uint32_t)buffers->predicted[i];
}

void lockstep_measure(struct lockstep *lockstep, const struct row_set *set,
                      struct measurement measurement, struct loss_sums *sums) {
    struct measure_job job = {.lockstep = lockstep, .measurement = &measurement, .sums = sums};
    memset(sums, 0, lockstep->count * sizeof *sums);
    for (size_t s = 0; s < lockstep->count && measurement.probes; s++)
        probe_clear(&lockstep->states[s]->probe, &lockstep->states[s]->net.shape);
    for (; job.from < set->count; job.from += INFERENCE_BATCH) {
        size_t left = set->count - job.from;
        job.count = left < INFERENCE_BATCH ? left : (size_t)INFERENCE_BATCH;
        const uint32_t *rows = set->rows + job.from;
        struct minibatch x = gather_inputs(lockstep->gather, set->part, rows, job.count,
                                           (struct input_noise){0}, lockstep->team);
        job.target = gather_targets(lockstep->gather, set->part, rows, job.count);
        stack_forward(&lockstep->stack, &x, lockstep->team);
        struct lockstep_teams teams = lockstep_teams(lockstep);
        job.team = teams.of_a_net;
        team_run(teams.over_nets, lockstep->count, measure_net, &job);
    }
}

struct means lockstep_means(const struct lockstep *lockstep, size_t s, const struct loss_sums *sums,
                            size_t n) {
    const double none = (double)NAN;
    if (!n)
        return (struct means){none, none, none};
    bool classes = lockstep->dataset->task == TASK_CLASSIFICATION;
    double deviation = lockstep->gather->target_scale.deviation, unit = 1;
    for (int i = 0; i < loss_of(&lockstep->states[s]->net.shape.loss)->target_power; i++)
        unit *= deviation;
    return (struct means){sums->loss / (double)n * unit, classes ? sums->correct / (double)n : none,
                          classes ? none : sums->absolute_error / (double)n * deviation};
}

double lockstep_noisy_fit(const struct lockstep *lockstep, const uint32_t *prediction) {
    const struct row_set *probe = &lockstep->split.probe;
    size_t noisy = 0, fitted = 0;
    for (size_t i = 0; lockstep->split.true_labels && i < probe->count; i++) {
        uint16_t label = probe->part->labels[probe->rows[i]];
        bool is_noisy = label != lockstep->split.true_labels[probe->rows[i]];
        noisy += is_noisy;
        fitted += is_noisy && prediction[i] == label;
    }
    return noisy ? (double)fitted / (double)noisy : (double)NAN;
}

void lockstep_share_time(struct lockstep *lockstep, double seconds) {
    const struct dataset *dataset = lockstep->dataset;
    double total = 0;
    for (size_t s = 0; s < lockstep->count; s++)
        total += (double)trial_multiply_adds(lockstep->states[s]->trial, dataset->inputs,
                                             dataset_outputs(dataset));
    for (size_t s = 0; s < lockstep->count; s++)
        lockstep->states[s]->seconds +=
            seconds *
            (double)trial_multiply_adds(lockstep->states[s]->trial, dataset->inputs,
                                        dataset_outputs(dataset)) /
            total;
}

void lockstep_leave(struct lockstep *lockstep, const bool *leaves) {
    size_t left = 0;
    for (size_t s = 0; s < lockstep->count; s++)
        if (!leaves[s])
            lockstep->states[left++] = lockstep->states[s];
    lockstep->count = left;
    struct arena scratch = {0};
    stack_arrange(&lockstep->stack, nets_of(lockstep, &scratch), left);
    arena_close(&scratch);
}
