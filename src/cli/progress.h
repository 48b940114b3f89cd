/* The progress display: an observer that writes to standard error. */
#ifndef MLPSWEEP_CLI_PROGRESS_H
#define MLPSWEEP_CLI_PROGRESS_H

#include "cli/live.h"
#include "trial/observer.h"

#include <pthread.h>
#include <stdio.h>

/** What is shown. */
enum progress_mode {
    PROGRESS_NONE,
    PROGRESS_EPOCHS, /* a line an epoch, in the manner of Keras's verbose=2 */
    PROGRESS_TRIALS, /* a line a trial */
    PROGRESS_BAR,    /* a live block; terminals only */
};

/** The display of one run. */
struct progress {
    enum progress_mode mode;
    FILE *out;
    pthread_mutex_t lock;
    const struct work *work; /* [count] */
    size_t count, ended, failed;
    /** Of all trials, those of earlier runs among them; in estimated seconds of one core. */
    double work_seconds, done_seconds, done_before;
    double start;   /* seconds */
    unsigned seeds; /* that names have, see live_seeds */
    struct live live;
    pthread_t ticker; /* redraws where no epoch ends for long */
    pthread_cond_t closing;
    bool has_ticker, is_closing;
};

/** The words of --progress in the order of enum progress_choice, ended by NULL. */
extern const char *const progress_words[];
/** What --progress asks for. */
enum progress_choice { PROGRESS_AS_AUTO, PROGRESS_AS_BAR, PROGRESS_AS_LINES, PROGRESS_AS_NONE };

/** auto: lines for one trial, for several as bar. bar: a live block on a terminal that can show one
 * and without $NO_COLOR, else a line a trial. */
enum progress_mode progress_mode_of(enum progress_choice choice, size_t trials, FILE *out);

/** Shapes: work [count], to stay valid. Needs: a struct that does not move until progress_close. */
void progress_open(struct progress *progress, enum progress_mode mode, FILE *out,
                   const struct work *work, size_t count);

/** To stand behind the observer that grants trials. */
struct observer progress_observer(struct progress *progress);

/** Clears the live block. */
void progress_close(struct progress *progress);

#endif
