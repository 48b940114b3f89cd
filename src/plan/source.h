/* The text of an experiment file, and its tree with those that it extends merged into it. */
#ifndef MLPSWEEP_PLAN_SOURCE_H
#define MLPSWEEP_PLAN_SOURCE_H

#include "plan/yaml.h"

/** Reads a regular file of at most 1 MiB, or standard input for `-`; text[length] is NUL.
 *
 * Owns:  the text lives in the arena.
 * Fails: ERROR_INVALID, naming the file. */
MUST_CHECK bool source_read(const char *path, struct arena *arena, const char **text,
                            size_t *length, struct error *err);

/** The path in a node of an experiment file, relative to that file's folder. */
const char *source_path(const struct yaml_node *node, struct arena *arena);

/** The tree of a text. `extends: other.yaml` merges `base` and `datasets` key by key under those of
 * the text, takes other keys whole where the text has none, and never `name`.
 *
 * Owns:  as yaml_parse; nodes keep the place in the file that they come from.
 * Fails: as yaml_parse; for a circle of files, at the `extends` that closes it. */
MUST_CHECK bool source_tree(const char *file, const char *text, size_t length, struct arena *arena,
                            const struct yaml_node **root, struct error *err);

#endif
