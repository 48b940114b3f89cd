/* A trained net as the database has it: its weights, and what is needed to use them. */
#ifndef MLPSWEEP_STORE_TRAINED_H
#define MLPSWEEP_STORE_TRAINED_H

#include "data/scale.h"
#include "nn/net.h"
#include "store/query.h"
#include "trial/trial.h"

enum kept { KEPT_BEST, KEPT_LAST, KEPT_ANY }; /* any: the best ones, or else the last ones */

/** A net as it was trained. */
struct trained {
    struct table row;   /* of the view trials: all that is known of the trial, one row */
    struct trial trial; /* its knobs but for the data set, which is NULL */
    const char *which;  /* "best" or "last" */
    struct net_shape shape;
    const float *weights; /* [weight_count] as struct net's parameters */
    size_t weight_count;
    size_t classes;                 /* 0: a regression */
    const char *const *class_names; /* [classes] */
    bool has_scale;                 /* false: trained by a version that did not keep it */
    struct scale scale;
    struct target_scale target_scale;
};

/** Reads the net of a trial; prefix is its id or the beginning of one.
 *
 * Owns:  everything lives in the arena.
 * Fails: ERROR_USAGE if the prefix names none or several; ERROR_FAILED where these weights were not
 *        kept. */
MUST_CHECK bool trained_load(struct query_database *database, const char *prefix, enum kept kept,
                             struct arena *arena, struct trained *trained, struct error *err);

#endif
