/* The file format of Hugging Face's safetensors: a JSON header and raw little-endian arrays.
 *
 * Source: https://github.com/huggingface/safetensors (README, "Format"). */
#ifndef MLPSWEEP_REPORT_SAFETENSORS_H
#define MLPSWEEP_REPORT_SAFETENSORS_H

#include "base/error.h"

/** An array of floats. Shapes: values [rows x columns], or [columns] where rows is 0. */
struct tensor {
    const char *name;
    size_t rows, columns;
    const float *values;
};

/** A text that the header carries. */
struct tensor_note {
    const char *key, *value;
};

/** Writes the file: whole, or not at all.
 *
 * Fails: ERROR_FAILED with the path and the reason. */
MUST_CHECK bool safetensors_write(const char *path, const struct tensor *tensors, size_t count,
                                  const struct tensor_note *notes, size_t note_count,
                                  struct error *err);

#endif
