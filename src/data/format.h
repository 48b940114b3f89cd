/* What a file format hands over: one part with its labels still as the file has them. */
#ifndef MLPSWEEP_DATA_FORMAT_H
#define MLPSWEEP_DATA_FORMAT_H

#include "data/dataset.h"
#include "data/file.h"

/** The largest absolute value that features and targets may have. Floats reach 3.4e38, but a column
 * this far from 0 has a variance, and a range whose reciprocal, that they cannot hold: scaling
 * would make it 0. */
static const double data_value_max = 1e37;

/** One part as a format hands it over. */
struct raw_part {
    struct data_part part; /* without labels and targets */
    size_t inputs;
    const double *values; /* [rows] labels or targets */
    const char *path;     /* of the file that the values come from */
    const uint32_t *line; /* [rows] where they stand in a text, or NULL: */
    size_t offset;        /* value i is byte offset + i */
};

/** Images and labels as MNIST has them. Shapes: files {images, labels}. Bytes only.
 *
 * Source: http://yann.lecun.com/exdb/mnist/. */
bool idx_parse(const struct data_source *source, const struct file_bytes *files,
               struct arena *arena, struct raw_part *raw, struct error *err);

/** LIBSVM/svmlight text: `LABEL INDEX:VALUE ... # comment`, indices from 1 and rising. */
bool libsvm_parse(const struct data_source *source, const struct file_bytes *files,
                  struct arena *arena, struct raw_part *raw, struct error *err);

#endif
