/* YAML as a tree in which every node knows its place. The only file that calls libyaml is yaml.c.
 *
 * What libyaml takes apart is put together again here: a call in a flow list, such as
 * `[adam, sgd(momentum=0.9, nesterov=true)]`, is one scalar. */
#ifndef MLPSWEEP_PLAN_YAML_H
#define MLPSWEEP_PLAN_YAML_H

#include "base/arena.h"
#include "base/error.h"

/** What a node is; an alias is what it stands for. */
enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP };

/** A value and all below it. */
struct yaml_node {
    enum yaml_type type;
    struct place place;
    const char *text;                /* of a scalar */
    bool is_plain;                   /* a scalar without quotes */
    size_t count;                    /* of a list or a map */
    const struct yaml_node **keys;   /* [count] scalars, of a map */
    const struct yaml_node **values; /* [count] */
    size_t weight;                   /* nodes of the whole tree below, aliases written out */
};

/** Reads one document of at most 1 MiB, 32 levels and 100,000 nodes.
 *
 * Owns:  nodes live in the arena and point into the text, which must stay valid.
 * Fails: ERROR_INVALID with all repeated keys and calls that lack their quotes in one pass; the
 *        tree is NULL where the text is no YAML. */
MUST_CHECK bool yaml_parse(const char *file, const char *text, size_t length, struct arena *arena,
                           const struct yaml_node **root, struct error *err);

/** The version of libyaml. */
const char *yaml_library_version(void);

/** Whether the node is a scalar that says nothing: empty, `~` or `null`. */
bool yaml_is_null(const struct yaml_node *node);

/** The value of a key, or NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

#endif
