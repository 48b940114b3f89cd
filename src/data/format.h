/* What a file format hands over: one part with its labels still as the file has them. */
#ifndef MLPSWEEP_DATA_FORMAT_H
#define MLPSWEEP_DATA_FORMAT_H

#include "data/dataset.h"
#include "data/file.h"

/** The largest absolute value that features and targets may have. Floats reach 3.4e38, but a column
 * this far from 0 has a variance, and a range whose reciprocal, that they cannot hold: scaling
 * would make it 0. */
static const double data_value_max = 1e37;

/** A label or target as it is written; text points into the file. */
struct raw_text {
    const char *text;
    size_t length;
    bool has_doubled_quotes; /* a field of CSV in which "" stands for one quote */
};

/** What it says, ended by NUL. Owns: lives in the arena. */
const char *raw_text_copy(const struct raw_text *raw, struct arena *arena);

/** One part as a format hands it over. */
struct raw_part {
    struct data_part part; /* without labels and targets */
    size_t inputs;
    const double *values;         /* [rows] labels or targets; NULL: not all of them are numbers */
    const struct raw_text *texts; /* [rows] the same in a text; NULL: value i is byte offset + i */
    size_t offset;
    struct file_bytes file;          /* that the values come from */
    const char *const *column_names; /* [inputs] or NULL */
};

/** Images and labels as MNIST has them. Shapes: files {images, labels}. Bytes only.
 *
 * Source: http://yann.lecun.com/exdb/mnist/. */
bool idx_parse(const struct data_source *source, const struct file_bytes *files,
               struct arena *arena, struct raw_part *raw, struct error *err);

/** Images without their labels. */
bool idx_parse_images(const struct file_bytes *images, struct raw_part *raw, struct error *err);

/** LIBSVM/svmlight text: `LABEL INDEX:VALUE ... # comment`, indices from 1 and rising. */
bool libsvm_parse(const struct data_source *source, const struct file_bytes *files,
                  struct arena *arena, struct raw_part *raw, struct error *err);

/** Comma-separated values, or with another delimiter; see csv.c. Where the source says how many
 * features there are and the file has just as many columns, it has no target. */
bool csv_parse(const struct data_source *source, const struct file_bytes *files,
               struct arena *arena, struct raw_part *raw, struct error *err);

#endif
