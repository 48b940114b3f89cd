/* `datasets:` in an experiment file: the user's own files. */
#ifndef MLPSWEEP_PLAN_DATASET_DECL_H
#define MLPSWEEP_PLAN_DATASET_DECL_H

#include "plan/yaml.h"
#include "trial/knob.h"

/** The keys of one declaration. */
extern const struct names dataset_decl_fields;

/** Reads the declarations; paths become relative to where the program runs.
 *
 * Owns:  sources live in the arena.
 * Fails: with all errors, each with its place. */
MUST_CHECK bool dataset_decls_read(const struct yaml_node *datasets, struct arena *arena,
                                   struct dataset_decls *decls, struct error *err);

#endif
