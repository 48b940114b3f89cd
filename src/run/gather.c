#include "run/gather.h"

#include "base/rng.h"
#include "data/nonzero.h"
#include "nn/noise.h"

struct gather gather_create(const struct dataset *dataset, struct scale scale,
                            struct target_scale target_scale, bool adds_noise, size_t batch_max,
                            struct arena *arena) {
    struct gather gather = {.dataset = dataset,
                            .scale = scale,
                            .target_scale = target_scale,
                            .uses_csr = dataset_has_csr(dataset) && !scale.shifts && !adds_noise};
    if (gather.uses_csr) {
        size_t entries = dataset_csr_entries(dataset, batch_max);
        gather.rows = csr_create(batch_max, dataset->inputs, entries, arena);
        gather.columns = csr_create(dataset->inputs, batch_max, entries, arena);
    } else {
        gather.inputs = arena_alloc(arena, batch_max * dataset->inputs, sizeof *gather.inputs);
        gather.turned = arena_alloc(arena, batch_max * dataset->inputs, sizeof *gather.turned);
    }
    gather.labels = arena_alloc(arena, batch_max, sizeof *gather.labels);
    gather.targets = arena_alloc(arena, batch_max, sizeof *gather.targets);
    return gather;
}

/* Dense rows, as a job of a team: so many pieces of some rows each. */
struct dense_job {
    const struct gather *gather;
    const struct data_part *part;
    const uint32_t *rows;
    size_t count, pieces;
    const struct input_noise *noise;
};

static void gather_dense(void *context, size_t piece, size_t member) {
    (void)member;
    const struct dense_job *job = context;
    const struct input_noise *noise = job->noise;
    size_t inputs = job->gather->dataset->inputs, from = job->count * piece / job->pieces;
    size_t count = job->count * (piece + 1) / job->pieces - from;
    const uint32_t *rows = job->rows + from;
    float *out = job->gather->inputs + from * inputs;
    batch_inputs(job->part, inputs, &job->gather->scale, rows, count, out);
    if (noise && noise->sd > 0)
        noise_add_gaussian(noise_key(noise->seed, RNG_INPUT_NOISE, noise->epoch, 0), noise->sd,
                           inputs, count, rows, out);
    if (noise && noise->dropout > 0)
        noise_drop_inputs(noise_key(noise->seed, RNG_INPUT_DROPOUT, noise->epoch, 0),
                          noise->dropout, inputs, count, rows, out);
}

static void gather_csr(struct gather *gather, const struct data_part *part, const uint32_t *rows,
                       size_t count, const struct input_noise *noise) {
    batch_csr(part, gather->scale.factor, rows, count, &gather->rows);
    if (noise && noise->dropout > 0)
        noise_drop_csr(noise_key(noise->seed, RNG_INPUT_DROPOUT, noise->epoch, 0), noise->dropout,
                       rows, &gather->rows);
}

struct minibatch gather_inputs(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count, const struct input_noise *noise,
                               struct team *team) {
    if (gather->uses_csr) {
        gather_csr(gather, part, rows, count, noise);
        return (struct minibatch){
            .count = count, .rows = &gather->rows, .columns = &gather->columns};
    }
    size_t members = team_members(team);
    struct dense_job job = {gather, part, rows, count, members < count ? members : count, noise};
    team_run(team, job.pieces, gather_dense, &job);
    return (struct minibatch){.count = count, .dense = gather->inputs, .turned = gather->turned};
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
