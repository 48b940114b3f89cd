/* Lists of numbers that a function stands for: `range(16, 256, 16)`, `linspace(a, b, n)`,
 * `logspace(1e-4, 1e-1, 4)`; and what a random search draws from: `uniform(a, b)`,
 * `loguniform(a, b)`. */
#ifndef MLPSWEEP_PLAN_VALUES_H
#define MLPSWEEP_PLAN_VALUES_H

#include "plan/yaml.h"

/** Where a random search draws a number from. */
struct distribution {
    bool is_given, is_log;
    double low, high;
};

/** Either numbers, or a distribution. */
struct values {
    double *numbers; /* [count] */
    size_t count;
    struct distribution distribution;
};

/** Whether the node is written as a call of one of the functions. */
bool values_are_called(const struct yaml_node *node);

/** Reads the call. Numbers are rounded to 12 digits, so that they are the same on every machine;
 * whole ones to the next whole number, and repeats that come of it are dropped.
 *
 * Needs: values_are_called.
 * Owns:  numbers live in the arena.
 * Fails: with one message at the node's place. */
MUST_CHECK bool values_read(const struct yaml_node *node, bool whole, struct arena *arena,
                            struct values *values, struct error *err);

/** The number at `unit` in (0, 1) of the distribution, to 6 digits or as a whole number. */
double distribution_at(const struct distribution *distribution, double unit, bool whole);

#endif
