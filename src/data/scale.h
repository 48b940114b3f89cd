/* How raw columns become inputs: none, unit, standard, minmax. Statistics come from the rows
 * trained on and from no others. */
#ifndef MLPSWEEP_DATA_SCALE_H
#define MLPSWEEP_DATA_SCALE_H

#include "data/split.h"

/** All scales by name. */
extern const struct registry scales;

/** input = (raw - shift) * factor. Per column where the arrays are set, else one factor for all. */
struct scale {
    float factor;
    const float *shifts;  /* [inputs] or NULL */
    const float *factors; /* [inputs] or NULL */
};

/** unit divides by the largest absolute training value (255 for 8-bit images); a column that never
 * varies becomes 0 under standard and minmax.
 *
 * Owns: arrays live in the arena. */
struct scale scale_fit(const struct choice *choice, const struct dataset *dataset,
                       const struct row_set *train, struct arena *arena);

/** How targets become what a net learns: none, standard. */
extern const struct registry target_scales;

/** What a net learns = (target - mean) / deviation. */
struct target_scale {
    double mean, deviation; /* 0 and 1: the target itself */
};

/** standard takes mean and population standard deviation of the rows trained on; targets that never
 * vary are only shifted.
 *
 * Needs: a part with targets, or `none`. */
struct target_scale target_scale_fit(const struct entry *kind, const struct row_set *train);

#endif
