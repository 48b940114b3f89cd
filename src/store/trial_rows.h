/* The rows of a trial, in whatever table they are: taking them out, and training a trial again
 * beside the results that it has. All within the caller's transaction. */
#ifndef MLPSWEEP_STORE_TRIAL_ROWS_H
#define MLPSWEEP_STORE_TRIAL_ROWS_H

#include "store/database.h"
#include "trial/trial.h"

/** The tables with rows of a trial beside trial_rows and member_rows, ended by NULL; each names it
 * in its column trial_id. */
extern const char *const trial_tables[];

/** Deletes all that training brought: the trial is as if it had never begun. */
MUST_CHECK bool trial_rows_delete_results(const struct database *database, int64_t trial,
                                          struct error *err);

/** Deletes the trial and all its rows; experiments still have it as a member. */
MUST_CHECK bool trial_rows_delete(const struct database *database, int64_t trial,
                                  struct error *err);

/** Adds a trial like this one, planned, under another key and with a `~` before its id, which is
 * unique. What is measured and kept of it is what the trial asks for now. */
MUST_CHECK bool trial_rows_copy(const struct database *database, int64_t from, int64_t to,
                                const struct trial *trial, struct error *err);

/** Gives what trial_rows_copy made and was trained the key and the id that it was made from. Needs:
 * the trial with them is deleted. */
MUST_CHECK bool trial_rows_renumber(const struct database *database, int64_t from, int64_t to,
                                    struct error *err);

#endif
