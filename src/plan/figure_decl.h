/* `figures:` in an experiment file: figures of the user's own, over columns of the database's
 * views. Whether a column is there, the database says when the figure is drawn. */
#ifndef MLPSWEEP_PLAN_FIGURE_DECL_H
#define MLPSWEEP_PLAN_FIGURE_DECL_H

#include "plan/yaml.h"

/** One figure of a list under `figures:`. */
struct figure_decl {
    const char *name;  /* of its files; `own-1`, ... unless it is given */
    const char *x, *y; /* columns */
    const char *by;    /* a column, one line for each of its values; NULL: one line */
    const char *where; /* an SQL condition; NULL: all rows */
};

/** All of them, in the order of the file. */
struct figure_decls {
    struct figure_decl *list; /* [count] */
    size_t count;
};

/** Owns: the list lives in the arena, its texts in the tree. Fails: with all errors, each with its
 * place. */
MUST_CHECK bool figure_decls_read(const struct yaml_node *figures, struct arena *arena,
                                  struct figure_decls *decls, struct error *err);

#endif
