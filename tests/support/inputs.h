/* What tests hand to the functions that they test: choices as they are written, numbers, matrices.
 */
#ifndef MLPSWEEP_TESTS_INPUTS_H
#define MLPSWEEP_TESTS_INPUTS_H

#include "base/csr.h"
#include "base/registry.h"

#include <stddef.h>
#include <stdint.h>

/** Ends the test with the message if the text is no choice of the registry. */
struct choice inputs_choice(const struct registry *registry, const char *text);

/** Numbers of (-1, 1), no two alike nearby. */
void inputs_fill(float *values, size_t n, uint32_t state);

/** The values that are not 0.
 *
 * Shapes: values [rows x columns].
 * Owns:   lives in the arena. */
struct csr inputs_csr(const float *values, size_t rows, size_t columns, struct arena *arena);

#endif
