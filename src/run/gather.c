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
    } else
        gather.inputs = arena_alloc(arena, batch_max * dataset->inputs, sizeof *gather.inputs);
    gather.labels = arena_alloc(arena, batch_max, sizeof *gather.labels);
    gather.targets = arena_alloc(arena, batch_max, sizeof *gather.targets);
    gather.scratch = arena_alloc(arena, batch_max * LOSS_SCRATCH, sizeof *gather.scratch);
    return gather;
}

static void add_noise(struct gather *gather, const uint32_t *rows, size_t count,
                      const struct input_noise *noise) {
    size_t inputs = gather->dataset->inputs;
    struct noise_key drops = noise_key(noise->seed, RNG_INPUT_DROPOUT, noise->epoch, 0);
    struct noise_key adds = noise_key(noise->seed, RNG_INPUT_NOISE, noise->epoch, 0);
    if (noise->sd > 0)
        noise_add_gaussian(adds, noise->sd, inputs, count, rows, gather->inputs);
    if (noise->dropout > 0 && gather->uses_csr)
        noise_drop_csr(drops, noise->dropout, rows, &gather->rows);
    else if (noise->dropout > 0)
        noise_drop_inputs(drops, noise->dropout, inputs, count, rows, gather->inputs);
}

struct minibatch gather_inputs(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count,
                               const struct input_noise *noise) {
    if (gather->uses_csr)
        batch_csr(part, gather->scale.factor, rows, count, &gather->rows);
    else
        batch_inputs(part, gather->dataset->inputs, &gather->scale, rows, count, gather->inputs);
    if (noise)
        add_noise(gather, rows, count, noise);
    if (!gather->uses_csr)
        return (struct minibatch){.count = count, .dense = gather->inputs};
    return (struct minibatch){.count = count, .rows = &gather->rows, .columns = &gather->columns};
}

struct loss_target gather_targets(struct gather *gather, const struct data_part *part,
                                  const uint32_t *rows, size_t count) {
    struct loss_target target = {
        .outputs = dataset_outputs(gather->dataset), .batch = count, .scratch = gather->scratch};
    if (part->labels) {
        batch_labels(part, rows, count, gather->labels);
        target.labels = gather->labels;
    } else {
        batch_targets(part, gather->target_scale, rows, count, gather->targets);
        target.targets = gather->targets;
    }
    return target;
}
