/* The live block of a terminal: a bar, the chunks that train, the trials that ended last. It is
 * drawn over itself, in lines that never wrap, and cleared at the end. Not for several threads at
 * once. */
#ifndef MLPSWEEP_CLI_LIVE_H
#define MLPSWEEP_CLI_LIVE_H

#include "base/arena.h"
#include "trial/metric.h"
#include "trial/outcome.h"
#include "trial/work.h"

#include <stdio.h>

enum {
    LIVE_CHUNKS_MAX = 64,    /* that are followed; what trains beyond is counted only */
    LIVE_HISTORY = 16,       /* epochs of a sparkline */
    LIVE_ENDED_MAX = 3,      /* trials in the block that ended last */
    LIVE_SCROLLED_MAX = 100, /* up to so many trials each get a line that stays above the block */
};

/** Trials that train side by side. */
struct live_chunk {
    size_t first, trials, ended;  /* the first of them; how many; 0 trials: free */
    uint64_t epoch;               /* of the numbers below */
    size_t told;                  /* trials that have told of this epoch */
    double sum;                   /* of their validation losses */
    double history[LIVE_HISTORY]; /* means of the epochs before */
    size_t history_count;
};

/** The block and what it shows. */
struct live {
    FILE *out;
    const struct work *work; /* [count] */
    size_t count;
    struct live_chunk chunks[LIVE_CHUNKS_MAX];
    unsigned char *chunk_of;     /* [count] index + 1, 0: none */
    char *ended[LIVE_ENDED_MAX]; /* lines, the oldest first */
    size_t ended_count;
    char *scrolled; /* lines that are to stay above the block, not written yet */
    size_t *widths; /* [lines] of the block on the screen */
    size_t lines, running;
    unsigned seeds;    /* that names have, see live_seeds */
    size_t name_width; /* of the widest trial's name */
    double drawn;      /* seconds */
    struct arena arena;
};

/** What the bar says. */
struct live_totals {
    double share;        /* of the work, 0..1 */
    double seconds_left; /* NaN: not known yet */
    size_t trials, ended, failed;
};

/** Shapes: work [count], to stay valid. Owns: end with live_close. */
void live_open(struct live *live, FILE *out, const struct work *work, size_t count);

/** Trials that begin side by side. Shapes: trials, granted [count]. */
void live_begin(struct live *live, const size_t *trials, const bool *granted, size_t count);
/** An epoch of a trial has ended. */
void live_epoch(struct live *live, size_t trial, const struct epoch_record *record);
/** A trial has ended: its line goes into the block, or above it to stay. */
void live_end(struct live *live, size_t trial, const struct outcome *outcome,
              const struct overfitting *overfitting);

/** Draws, at most ten times a second. */
void live_draw(struct live *live, const struct live_totals *totals);

/** Clears the block, writes what is to stay, and gives memory back. */
void live_close(struct live *live);

/** Which seeds beside `seed` tell trials apart, as bits for live_name: those that are neither the
 * same in all nor follow `seed`. */
unsigned live_seeds(const struct work *work, size_t count);

/** `20-15, adam, seed=3` of a trial's label: names of knobs are left out where values tell. */
const char *live_name(const struct work *work, unsigned seeds, struct arena *arena);

/** `8 s`, `3 min 05 s`, `2 h 10 min`. */
const char *live_duration(double seconds, struct arena *arena);

#endif
