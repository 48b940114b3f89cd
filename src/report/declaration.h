/* What an experiment's own text says that its results do not: the question, its own figures, and
 * which variant the others are compared with. */
#ifndef MLPSWEEP_REPORT_DECLARATION_H
#define MLPSWEEP_REPORT_DECLARATION_H

#include "plan/figure_decl.h"
#include "plan/yaml.h"
#include "report/variation.h"

/** What the text says. */
struct declaration {
    const char *text;     /* of the file; NULL: none is stored */
    const char *question; /* NULL: none */
    struct figure_decls figures;
    const char *baseline; /* the variant; NULL: none is declared, or not exactly one matches */
};

/** What a mapping says, the text aside. Owns: points into the tree. */
void declaration_read(const struct yaml_node *root, const struct variation *variation,
                      struct arena *arena, struct declaration *declaration);

/** Reads the text of the last run that named the experiment; a text that is not there or that can
 * no longer be read declares nothing. Fails: see query_table. */
MUST_CHECK bool declaration_load(struct query_database *database, const char *experiment,
                                 const struct variation *variation, struct arena *arena,
                                 struct declaration *declaration, struct error *err);

#endif
