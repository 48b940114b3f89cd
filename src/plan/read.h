/* Reading an experiment's tree: what experiment.c (the keys) and axis.c (the sweep) share. */
#ifndef MLPSWEEP_PLAN_READ_H
#define MLPSWEEP_PLAN_READ_H

#include "plan/experiment.h"

/** What is being read, and what it becomes. */
struct reader {
    const char *path;
    struct arena *arena;
    struct experiment *experiment;
    struct error *err;
    bool *lacks_dataset_name; /* a key that was meant to be `dataset` is misspelt or misplaced */
};

/** The target that a key under base:, sweep: and the like names. False: an error is noted. */
bool read_target(const struct reader *r, const struct yaml_node *key, struct target *target);

/** One value of a target. False: an error is noted. */
bool read_setting(const struct reader *r, struct target target, const struct yaml_node *node,
                  struct setting *setting);

/** `sweep:` into the experiment's blocks; errors are noted. */
void read_sweep(const struct reader *r, const struct yaml_node *node);

/** `exclude:` and `baseline:`; errors are noted. */
void read_excludes(const struct reader *r, const struct yaml_node *node);
void read_baseline(const struct reader *r, const struct yaml_node *node);

#endif
