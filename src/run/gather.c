#include "run/gather.h"

#include "base/rng.h"
#include "data/nonzero.h"
#include "nn/noise.h"

struct gather gather_create(const struct dataset *dataset, struct scale scale,
                            struct target_scale target_scale, bool adds_noise, size_t batch_size,
                            size_t batch_max, struct arena *arena) {
    struct gather gather = {.dataset = dataset,
                            .scale = scale,
                            .target_scale = target_scale,
                            .uses_csr = dataset_has_csr(dataset) && !scale.shifts && !adds_noise};
    if (gather.uses_csr) {
        gather.rows =
            csr_create(batch_max, dataset->inputs, dataset_csr_entries(dataset, batch_max), arena);
        gather.columns = csr_create(dataset->inputs, batch_size,
                                    dataset_csr_entries(dataset, batch_size), arena);
    } else {
        gather.inputs = arena_alloc(arena, batch_max * dataset->inputs, sizeof *gather.inputs);
        gather.turned = arena_alloc(arena, minibatch_stride(batch_size) * dataset->inputs,
                                    sizeof *gather.turned);
    }
    gather.labels = arena_alloc(arena, batch_max, sizeof *gather.labels);
    gather.targets = arena_alloc(arena, batch_max, sizeof *gather.targets);
    return gather;
}

static void gather_dense(const struct gather_job *job, size_t from, size_t count) {
    const struct input_noise *noise = &job->noise;
    size_t inputs = job->gather->dataset->inputs;
    const uint32_t *rows = job->rows + from;
    float *out = job->gather->inputs + from * inputs;
    batch_inputs(job->part, inputs, &job->gather->scale, rows, count, out);
    if (noise->sd > 0)
        noise_add_gaussian(noise_key(noise->seed, RNG_INPUT_NOISE, noise->epoch, 0), noise->sd,
                           inputs, count, rows, out);
    if (noise->dropout > 0)
        noise_drop_inputs(noise_key(noise->seed, RNG_INPUT_DROPOUT, noise->epoch, 0),
                          noise->dropout, inputs, count, rows, out);
}

static void gather_csr(const struct gather_job *job) {
    const struct input_noise *noise = &job->noise;
    struct csr *out = &job->gather->rows;
    batch_csr(job->part, job->gather->scale.factor, job->rows, job->x.count, out);
    if (noise->dropout > 0)
        noise_drop_csr(noise_key(noise->seed, RNG_INPUT_DROPOUT, noise->epoch, 0), noise->dropout,
                       job->rows, out);
}

/* Where a row's list begins depends on those before: lists are one piece. */
struct gather_job gather_begin(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count, struct input_noise noise,
                               size_t members) {
    struct gather_job job = {gather, part, rows, noise, 1, {.count = count}};
    if (gather->uses_csr) {
        job.x.rows = &gather->rows;
        job.x.columns = &gather->columns;
    } else {
        job.pieces = members < count ? members : count;
        job.x.dense = gather->inputs;
        job.x.turned = gather->turned;
    }
    return job;
}

size_t gather_from(const struct gather_job *job, size_t piece) {
    size_t lines = minibatch_stride(job->x.count) / MINIBATCH_LINE;
    size_t from = lines * piece / job->pieces * MINIBATCH_LINE;
    return from < job->x.count ? from : job->x.count;
}

void gather_piece(const struct gather_job *job, size_t piece) {
    size_t from = gather_from(job, piece), to = gather_from(job, piece + 1);
    if (job->gather->uses_csr)
        gather_csr(job);
    else
        gather_dense(job, from, to - from);
}

static void gather_any(void *context, size_t piece, size_t member) {
    (void)member;
    gather_piece(context, piece);
}

struct minibatch gather_inputs(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count, struct input_noise noise,
                               struct team *team) {
    struct gather_job job = gather_begin(gather, part, rows, count, noise, team_members(team));
    team_run(team, job.pieces, gather_any, &job);
    return job.x;
}

struct loss_target gather_targets(struct gather *gather, const struct data_part *part,
                                  const uint32_t *rows, size_t count) {
    struct loss_target target = {.outputs = dataset_outputs(gather->dataset), .batch = count};
    if (part->labels) {
        batch_labels(part, rows, count, gather->labels);
        target.labels = gather->labels;
    } else {
        batch_targets(part, gather->target_scale, rows, count, gather->targets);
        target.targets = gather->targets;
    }
    return target;
}
