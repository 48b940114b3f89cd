/* A trial on its way from a plan through training to the database. A command has one list of them,
 * and everybody names a trial by its index in that list. */
#ifndef MLPSWEEP_TRIAL_WORK_H
#define MLPSWEEP_TRIAL_WORK_H

#include "trial/fingerprint.h"
#include "trial/outcome.h"

/** One trial of the list. */
struct work {
    const struct trial *trial; /* resolved */
    const struct dataset *dataset;
    struct fingerprint id;
    const char *label;      /* the values of the plan's axes, "" without axes */
    int64_t key;            /* of its row in the database, 0: not there yet */
    enum trial_state state; /* as the database has it */
    uint64_t goes_on_after; /* epochs that an interrupted trial has finished; 0: it starts over */
    bool lacks_measures;    /* done without all that test_every and keep_weights ask for now */
};

/** An interrupted trial as it was saved: the state of its training at a minibatch boundary, and the
 * epochs that it had finished. */
struct checkpoint {
    const void *bytes; /* as training_state_save wrote them; NULL: there are none */
    size_t size;
    const struct epoch_record *epochs; /* [epoch_count] */
    size_t epoch_count;
};

/** Checkpoints and weights wait for the database in at most about so many bytes. */
enum { CHECKPOINT_QUEUE_BYTES = 512 << 20 };

#endif
