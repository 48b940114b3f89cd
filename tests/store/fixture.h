/* Databases written through the store, with made-up results. */
#ifndef MLPSWEEP_TESTS_STORE_FIXTURE_H
#define MLPSWEEP_TESTS_STORE_FIXTURE_H

#include "store/store.h"
#include "trial/knob.h"

enum { FIXTURE_TRIALS = 6 };

/** An open store with the trials of one experiment, seeds 1, 2, ... */
struct fixture {
    struct arena arena;
    struct dataset dataset;
    struct trial trials[FIXTURE_TRIALS];
    struct work work[FIXTURE_TRIALS];
    struct store *store;
    struct observer writer;
    atomic_int stop;
};

void fixture_open(struct fixture *fixture, const char *path, enum store_claims claims);

/** Claims one trial; its checkpoint lives in the fixture's arena. */
bool fixture_claim(struct fixture *fixture, size_t trial, struct checkpoint *checkpoint);

/** Hands over `epochs` epochs, and the end with this digest and state. Needs: the claim. */
void fixture_epochs(struct fixture *fixture, size_t trial, uint64_t epochs);
void fixture_finish(struct fixture *fixture, size_t trial, enum trial_state state, uint64_t epochs,
                    const char *digest);

void fixture_close(struct fixture *fixture);

/** The first column of the first row as text ("" for NULL). Lives until the next call but three. */
const char *database_answer(const char *path, const char *sql);

#endif
