/* Minibatches of one data set, gathered into the same arrays again and again. */
#ifndef MLPSWEEP_RUN_GATHER_H
#define MLPSWEEP_RUN_GATHER_H

#include "data/batch.h"
#include "nn/loss.h"
#include "nn/stack.h"

/** Where minibatches come from, and the arrays that hold the one at hand. */
struct gather {
    const struct dataset *dataset;
    struct scale scale;
    struct target_scale target_scale;
    bool uses_csr;      /* inputs are gathered in compressed sparse rows */
    float *inputs;      /* [batch_max x inputs], */
    float *turned;      /* and room for batch_size of them transposed; or NULL: */
    struct csr rows;    /* [batch_max x inputs] */
    struct csr columns; /* room for batch_size rows transposed */
    uint16_t *labels;   /* [batch_max] */
    float *targets;     /* [batch_max] */
};

/** Makes room for minibatches of up to batch_max rows, of which training takes up to batch_size.
 * Noise on the inputs leaves no zeros to leave out.
 *
 * Owns: arrays live in the arena. */
struct gather gather_create(const struct dataset *dataset, struct scale scale,
                            struct target_scale target_scale, bool adds_noise, size_t batch_size,
                            size_t batch_max, struct arena *arena);

/** What training does to the inputs of a minibatch. */
struct input_noise {
    double dropout, sd; /* rate; standard deviation of Gaussian noise, added before dropout */
    uint64_t seed, epoch;
};

/** Rows to be gathered, as a job of a team. */
struct gather_job {
    struct gather *gather;
    const struct data_part *part;
    const uint32_t *rows; /* [x.count] */
    struct input_noise noise;
    size_t pieces;      /* of some rows each */
    struct minibatch x; /* there when all pieces are */
};

/** Begins to gather for a team of so many; noise is {0} for inference. Shapes: rows [count]. */
struct gather_job gather_begin(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count, struct input_noise noise,
                               size_t members);

/** Gathers the rows of one piece, which begin at gather_from(job, piece). */
void gather_piece(const struct gather_job *job, size_t piece);

size_t gather_from(const struct gather_job *job, size_t piece);

/** The scaled inputs of some rows, valid until the next call. noise is {0} for inference. The team
 * shares the work, if it is not NULL. Shapes: rows [count]. */
struct minibatch gather_inputs(struct gather *gather, const struct data_part *part,
                               const uint32_t *rows, size_t count, struct input_noise noise,
                               struct team *team);

/** What the outputs for some rows should be, valid until the next call; scratch is left to the
 * caller. Shapes: rows [count]. */
struct loss_target gather_targets(struct gather *gather, const struct data_part *part,
                                  const uint32_t *rows, size_t count);

#endif
