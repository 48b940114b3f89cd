/* Data sets: rows in the type that the file has them in, read once, then read-only and shared by
 * all workers.
 *
 * Eight-bit pixels stay bytes, sparse rows stay sparse, other values are floats. This folder knows
 * files and rows; it never draws plots, opens databases or knows what a net is. */
#ifndef MLPSWEEP_DATA_DATASET_H
#define MLPSWEEP_DATA_DATASET_H

#include "base/csr.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/registry.h"

#include <stdatomic.h>
#include <stdint.h>

/** What is learned: classes, or a number. */
enum task { TASK_CLASSIFICATION, TASK_REGRESSION };

/** Whether the first line of a file with columns names them. */
enum header_line {
    HEADER_FOUND, /* if it has no number */
    HEADER_GIVEN,
    HEADER_NONE,
};

struct data_source;
struct file_bytes;
struct raw_part;

/** A file format: a row of data_formats. */
struct data_format {
    struct entry entry;
    size_t paths;        /* files a part has: 2 for idx (images, labels), else 1 */
    bool needs_features; /* the file does not tell how many columns there are */
    bool has_columns;    /* target:, header: and delimiter: have a meaning */
    /** Reads one part from the bytes of its files. Fails with file and line or byte offset. */
    bool (*parse)(const struct data_source *source, const struct file_bytes *files,
                  struct arena *arena, struct raw_part *raw, struct error *err);
};

/** All file formats by name. */
extern const struct registry data_formats;

/** Files of one part at most. */
enum { DATA_PATHS_MAX = 2 };

/** Where a data set comes from, as an experiment declares it. Plain; paths are relative to the
 * working directory or absolute, and NULL where a part is not given. */
struct data_source {
    const char *name;
    const char *help;
    const struct data_format *format; /* NULL: found by data_locate, or */
    struct choice generator;          /* computed; entry NULL: files */
    const char *train[DATA_PATHS_MAX], *validation[DATA_PATHS_MAX], *test[DATA_PATHS_MAX];
    const char *sha256[DATA_PATHS_MAX]; /* of the decompressed bytes of train; NULL: not given */
    struct place sha256_place;
    size_t features; /* columns; 0: as the file says */
    /* of formats with columns */
    const char *target; /* a name, or an index from 0 or (negative) from the end; NULL: the last */
    struct place target_place;
    char delimiter; /* 0: found in the first line */
    enum header_line header;
    enum task task;
    struct place place; /* of its declaration, for messages; {0} for a built-in */
    struct place train_place, validation_place, test_place; /* of the paths */
};

/** The built-in source number i (mnist, fashion-mnist), NULL after the last. Its paths are bare
 * file names, which data_locate turns into real ones. */
const struct data_source *data_builtin(size_t i);

/** The built-in's files where they really are: the first folder of $MLPSWEEP_DATA, data/,
 * ~/.cache/mlpsweep and /usr/share/datasets that has a folder of the source's name with all files,
 * plain or with .gz. Other sources come back as they are.
 *
 * Fails: when no folder has them, naming the folders and the command that fetches them. */
MUST_CHECK bool data_locate(const struct data_source *source, struct arena *arena,
                            struct data_source *located, struct error *err);

/** The pixels that are not 0, in compressed sparse rows: as struct csr, in a third of its bytes. */
struct pixel_csr {
    const size_t *start;    /* [rows + 1]; NULL: not given */
    const uint16_t *column; /* [start[rows]] */
    const uint8_t *value;   /* [start[rows]] */
};

/** The rows of one part. Of pixels, reals and csr exactly one is given, the same in all parts of a
 * data set; so is one of labels and targets. */
struct data_part {
    size_t rows;              /* 0: the part is not given */
    const uint8_t *pixels;    /* [rows x inputs] or NULL */
    struct pixel_csr nonzero; /* of pixels, where the data set has enough zeros (nonzero.h) */
    const float *reals;       /* [rows x inputs] or NULL */
    struct csr csr;           /* [rows x inputs]; start NULL: not given */
    const uint16_t *labels;   /* [rows] in 0..classes-1 */
    const float *targets;     /* [rows] */
};

/** A data set in memory. */
struct dataset {
    const char *name;
    enum task task;
    size_t inputs;
    size_t classes; /* 0 for regression */
    const double
        *class_values; /* [classes] the labels where they are numbers, ascending; or NULL */
    const char *const *class_names; /* [classes] the labels as texts; where they are no numbers, in
                                       the order in which the training file first has them */
    struct data_part train, validation, test;
    /* parts that are the same bytes */
    bool test_repeats_train, test_repeats_validation, validation_repeats_train;
    char digest[DIGEST_TEXT]; /* XXH3-128 of the decompressed bytes of all files, in hexadecimal */
};

/** Outputs that a net needs for this data: its classes, or 1. */
size_t dataset_outputs(const struct dataset *dataset);

/** Reads a located source.
 *
 * Owns:  everything lives in the arena.
 * Fails: ERROR_INVALID with the file and the line or byte offset; ERROR_INTERRUPTED within a second
 *        of *stop becoming 1. stop may be NULL. */
MUST_CHECK bool dataset_load(const struct data_source *source, const atomic_int *stop,
                             struct arena *arena, struct dataset *dataset, struct error *err);

#endif
