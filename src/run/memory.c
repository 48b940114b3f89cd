#include "run/memory.h"

#include "data/nonzero.h"
#include "run/cohort.h"
#include "run/lockstep.h"

#include <stdlib.h>

/* Every array of a training is allocated at once and filled with zeros, so that what is allocated
 * counts in full. The terms below follow the *_create functions, whose arrays they count. */

static double batch_max(const struct trial *trial) {
    double batch = (double)trial->batch_size;
    return batch > INFERENCE_BATCH ? batch : INFERENCE_BATCH;
}

/* The entries of the largest minibatch, which takes a look at all rows: most chunks have the same
 * one as the chunk before. */
struct largest_minibatch {
    const struct dataset *dataset;
    size_t rows, entries;
};

static double csr_entries(const struct dataset *dataset, size_t rows,
                          struct largest_minibatch *last) {
    if (last->dataset != dataset || last->rows != rows)
        *last = (struct largest_minibatch){dataset, rows, dataset_csr_entries(dataset, rows)};
    return (double)last->entries;
}

/* Where the lists of a minibatch are cut: eight blocks, or as many as there are of so many rows. */
static double cut_bytes(double inputs, double batch) {
    enum { CUTS = 9, ROWS = 426 };
    double forward = (CUTS + inputs / ROWS) * batch, backward = (CUTS + batch / ROWS) * inputs;
    return sizeof(size_t) * (forward > backward ? forward : backward);
}

/* What the trainings of a chunk share: split, order of an epoch, minibatch and its blocks, and with
 * helpers the minibatch after it. */
static double shared_bytes(const struct work *work, size_t members,
                           struct largest_minibatch *last) {
    const struct dataset *dataset = work->dataset;
    double inputs = (double)dataset->inputs, batch = batch_max(work->trial);
    double rows = (double)(dataset->train.rows + dataset->validation.rows + dataset->test.rows);
    double minibatch = dataset_has_csr(dataset) ? 8 * csr_entries(dataset, (size_t)batch, last)
                                                : 4 * inputs * batch;
    minibatch *= 1 + (double)work->trial->batch_size / batch; /* training transposes its own */
    return rows * (4 + sizeof(uint32_t) + 2 * sizeof(struct order_pair)) +
           (members > 1 ? 2 : 1) * minibatch + cut_bytes(inputs, batch) + 16 * inputs;
}

/* What each thread of a chunk has of its own for panels. */
static double scratch_bytes(const struct work *work) {
    double inputs = (double)work->dataset->inputs, batch = batch_max(work->trial);
    return batch * PANEL_VECTORS * PANEL_LANES * 4 + (160 << 10) +
           8 * (inputs > batch ? inputs : batch);
}

static double net_bytes(const struct work *work) {
    const struct trial *trial = work->trial;
    struct net_shape shape = training_state_shape(work);
    double units = 0, n = (double)net_parameter_count(&shape);
    for (size_t l = 1; l <= shape.layers; l++)
        units += shape.width[l];
    double turned = 0;
    for (size_t l = 1; l < shape.layers; l++) {
        struct product product = product_create(shape.width[l], shape.width[l + 1]);
        turned += (double)product_turned_size(&product, (size_t)batch_max(trial));
    }
    double buffers = 2;
    buffers += activation_of(&shape.activation)->needs_z ? 1 : 0;
    buffers += shape.normalization.entry && normalization_of(&shape.normalization)->forward ? 1 : 0;
    buffers += shape.dropout > 0 ? 2 : 0;
    double states = (double)optimizer_of(&trial->optimizer)->states;
    double first_kernel = (double)shape.width[0] * (double)shape.width[1];
    /* weights, gradient, best weights; what stands in panels too */
    return 4 * n * (3 + states) + 4 * first_kernel * (1 + states) +
           4 * buffers * units * batch_max(trial) + 4 * turned +
           (double)trial->epochs * sizeof(struct epoch_record) + sizeof(struct training_state);
}

/* The weights, the best ones and the optimizer's state. */
static double checkpoint_bytes(const struct work *work) {
    struct net_shape shape = training_state_shape(work);
    return 4 * (double)net_parameter_count(&shape) *
           (2 + (double)optimizer_of(&work->trial->optimizer)->states);
}

/* What BLAS packs of the two matrices of a product. */
static double blas_bytes(const struct work *work) {
    enum { ROWS = 768, INNER = 384 };
    struct net_shape shape = training_state_shape(work);
    double widest = 0;
    for (size_t l = 1; l <= shape.layers; l++)
        widest = shape.width[l] > widest ? shape.width[l] : widest;
    return 4.0 * INNER * (ROWS + widest);
}

struct chunk_bytes {
    double training;    /* while it trains */
    double blas;        /* of each thread */
    double checkpoints; /* of all its trainings, on their way to the database */
    double checkpoint;  /* the largest, while it is written */
};

static struct chunk_bytes bytes_of(const struct work *work, const struct chunk *chunk,
                                   struct largest_minibatch *last) {
    const struct work *first = &work[chunk->trials[0]];
    struct chunk_bytes bytes = {.training = shared_bytes(first, chunk->members, last) +
                                            (double)chunk->members * scratch_bytes(first),
                                .blas = blas_bytes(first)};
    for (size_t i = 0; i < chunk->count; i++) {
        double checkpoint = checkpoint_bytes(&work[chunk->trials[i]]);
        bytes.training += net_bytes(&work[chunk->trials[i]]);
        bytes.checkpoints += checkpoint;
        bytes.checkpoint = checkpoint > bytes.checkpoint ? checkpoint : bytes.checkpoint;
    }
    return bytes;
}

static int largest_first(const void *left, const void *right) {
    const struct chunk_bytes *a = left, *b = right;
    return (b->training > a->training) - (b->training < a->training);
}

double memory_of_training(const struct work *work, size_t count,
                          const struct runner_options *options) {
    struct arena arena = {0};
    struct chunk *chunks;
    size_t n =
        cohort_cut(work, count, options->workers, options->fuse == FUSE_AUTO, &arena, &chunks);
    struct chunk_bytes *bytes = arena_alloc(&arena, n, sizeof *bytes);
    struct largest_minibatch last = {0};
    for (size_t c = 0; c < n; c++)
        bytes[c] = bytes_of(work, &chunks[c], &last);
    qsort(bytes, n, sizeof *bytes, largest_first);
    double training = 0, queued = 0, blas = 0;
    size_t threads = 0;
    for (size_t c = 0; c < n; c++) {
        blas = bytes[c].blas > blas ? bytes[c].blas : blas;
        threads += chunks[c].members;
    }
    training += blas * (double)(threads < options->workers ? threads : options->workers);
    for (size_t c = 0; c < n && c < options->workers; c++) {
        training += bytes[c].training + bytes[c].checkpoint;
        queued += bytes[c].checkpoints;
    }
    arena_close(&arena);
    return training + (queued < CHECKPOINT_QUEUE_BYTES ? queued : CHECKPOINT_QUEUE_BYTES);
}
