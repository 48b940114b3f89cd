/* What the fault tests share: a small sweep over images of 8 x 8 pixels, the program run on it, and
 * everything of a database that must come out the same whatever happened on the way. */
#ifndef MLPSWEEP_TESTS_SWEEP_H
#define MLPSWEEP_TESTS_SWEEP_H

#include "process.h"

#include <sqlite3.h>
#include <stdint.h>

/** cmocka teardown: temporary_close after the end of all processes. */
int sweep_close(void **state);

/** Writes the images, and FOLDER/NAME.yaml with these lines under `base:` and what follows it. */
void sweep_write(const char *folder, const char *name, const char *base, const char *rest);

/** How the program is run in a folder: `mlpsweep run NAME.yaml --db DB ...`. */
struct sweep_run {
    const char *folder, *name, *database;
    const char *workers, *progress; /* NULL: 1, none */
    const char *option;             /* one more; NULL: none */
    const char *const *wrapper;     /* what runs the program; NULL: nothing */
    const char *const *environment; /* NULL: none */
    const char *err;                /* file in the folder for standard error; NULL: err */
};

struct process sweep_start(const struct sweep_run *run);
/** Returns the exit status; kills after the time. */
int sweep_finish(const struct sweep_run *run, double seconds);

/** Fails the test unless the sweep runs to its end with exit status 0. */
void sweep_complete(const struct sweep_run *run);

/** FOLDER/NAME as text; empty when there is none. Owns: free it. */
char *sweep_text(const char *folder, const char *name);
/** How many trials a run with progress `lines` said were done. */
size_t sweep_trained(const char *folder, const char *err);
/** Empties a file of the folder. */
void sweep_forget(const char *folder, const char *name);
/** Removes a database and what lies beside it. */
void sweep_remove(const char *folder, const char *database);
void sweep_copy(const char *folder, const char *from, const char *to);

/** All trials, epochs and what is derived from them as text, without times, sessions and cohort
 * sizes. Owns: free it. */
char *sweep_dump(const char *folder, const char *database);

/** Fails the test with the first line in which the database differs from the dump. */
void sweep_assert_same(const char *folder, const char *database, const char *dump);

/** The first column of the first row; -1 for an error. */
int64_t sweep_whole(const char *folder, const char *database, const char *sql);

/** Opens for reading and for writing as any other SQLite client does, but waits for no disk. Owns:
 * sqlite3_close. */
sqlite3 *sweep_connect(const char *folder, const char *database);

/** PRAGMA integrity_check says ok and each trial's epochs are 1, 2, ... without a hole, as many as
 * epochs_done says. Returns what is wrong, NULL for nothing, or when there is no file yet. */
const char *sweep_damage(const char *folder, const char *database);

/** Fails the test with what is damaged. */
void sweep_assert_sound(const char *folder, const char *database);

/** Waits until the statement gives at least that; false after the time. The database may not be
 * there yet. */
bool sweep_wait_for(const char *folder, const char *database, const char *sql, int64_t least,
                    double seconds);

/** Bytes of a file of the folder; -1: there is none. */
int64_t sweep_size(const char *folder, const char *name);

/** A hash of the file's bytes; 0 for a file that is not there. */
uint64_t sweep_hash(const char *folder, const char *name);

#endif
