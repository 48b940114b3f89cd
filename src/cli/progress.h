/* The progress display: an observer that writes to standard error. */
#ifndef MLPSWEEP_CLI_PROGRESS_H
#define MLPSWEEP_CLI_PROGRESS_H

#include "trial/observer.h"

#include <pthread.h>
#include <stdio.h>

enum progress_mode {
    PROGRESS_NONE,
    PROGRESS_EPOCHS, /* a line an epoch, in the manner of Keras's verbose=2 */
    PROGRESS_TRIALS, /* a line a trial */
    PROGRESS_BAR,    /* one live line and a line a trial; terminals only */
};

struct progress {
    enum progress_mode mode;
    FILE *out;
    pthread_mutex_t lock;
    const struct work *work; /* [count] */
    size_t count, ended;
    uint64_t epochs, epochs_done; /* of all trials, those of earlier runs among them */
    uint64_t epochs_before;       /* that were done before this run */
    double start, drawn;          /* seconds */
};

/** The words of --progress in the order of enum progress_choice, ended by NULL. */
extern const char *const progress_words[];
enum progress_choice { PROGRESS_AS_AUTO, PROGRESS_AS_BAR, PROGRESS_AS_LINES, PROGRESS_AS_NONE };

/** auto: lines for one trial, for several as bar. bar: a live line on a terminal that can show one
 * and without $NO_COLOR, else a line a trial. */
enum progress_mode progress_mode_of(enum progress_choice choice, size_t trials, FILE *out);

/** Shapes: work [count], to stay valid. */
void progress_open(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct work *work, size_t count);

/** To stand behind the observer that grants trials. */
struct observer progress_observer(struct progress *progress);

/** Clears the live line. */
void progress_close(struct progress *progress);

#endif
