/* Who is who: a trial's id is a hash of its resolved knobs, the bytes of its data set and the
 * numerics version. Comments, key order, `1e-3` for `0.001`, or a default written out do not change
 * it. */
#ifndef MLPSWEEP_TRIAL_FINGERPRINT_H
#define MLPSWEEP_TRIAL_FINGERPRINT_H

#include "trial/trial.h"

/** Rises when the same knobs give other numbers by intent. A net whose numbers did not change keeps
 * the version of before in its id: since 4 products with large kernels (nn/product.h) are no longer
 * BLAS's. */
enum { NUMERICS_VERSION = 4 };

/** Hexadecimal digits of an id. */
enum { ID_LENGTH = 16 };

/** The ids of a trial and of its variant. */
struct fingerprint {
    char trial[ID_LENGTH + 1];   /* hexadecimal */
    char variant[ID_LENGTH + 1]; /* the seeds aside */
};

/** Needs: a resolved trial; data_digest and the number of outputs are those of its data set. */
struct fingerprint trial_fingerprint(const struct trial *trial, const char *data_digest,
                                     size_t outputs);

#endif
