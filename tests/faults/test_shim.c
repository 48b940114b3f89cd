/* Every write, every sync and every k-th allocation of a short run fails in turn, once or from then
 * on, on a new database and on one with work in it: the program ends with 0 or 1 and a message, and
 * what was committed is still there. MLPSWEEP_SHIM_ALL=1 takes every allocation (about an hour),
 * MLPSWEEP_SHIM_ALL=N every N-th. */
#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 2, ALLOCATIONS = 90, COUNTERS = 4, FAILURES = 3 };

/* One trial of 2 epochs and one that is long enough to be interrupted. */
static const char base[] = "  batch_size: 100\n  topology: [8]\n";
static const char rest[] = "sweep:\n  epochs: [2, 60]\n";

/* How often the call fails. A commit that fails is tried once more: two failures are its end. */
struct manner {
    const char *name, *times, *error;
};

static const struct manner once = {"once", "SHIM_TIMES=1", "SHIM_ERRNO=5"};
static const struct manner twice = {"twice", "SHIM_TIMES=2", "SHIM_ERRNO=5"};
static const struct manner always = {"always", "SHIM_TIMES=0", "SHIM_ERRNO=28"}; /* a full disk */

/* A database to start from, and what it holds. */
struct origin {
    const char *file; /* NULL: none */
    int64_t epochs, done;
};

struct point {
    const char *kind;
    uint64_t number;
    const struct manner *manner;
};

struct bench {
    const char *folder;
    char *expected; /* what an undisturbed run leaves */
    const struct origin *origin;
    size_t tried, failed, bad;
};

/* A run under way; each lane has its own database, counters and messages. */
struct lane {
    struct point point;
    struct process process;
    char database[16], counts[16], err[16];
};

static void put_zeros(const char *folder, const char *name) {
    static const uint64_t zeros[COUNTERS];
    temporary_write(folder, name, zeros, sizeof zeros);
}

static uint64_t read_count(const char *folder, const char *name, size_t which) {
    uint64_t counts[COUNTERS] = {0};
    FILE *file = fopen(temporary_path(folder, name), "rb");
    if (!file || fread(counts, sizeof *counts, COUNTERS, file) != COUNTERS)
        abort();
    fclose(file);
    return counts[which];
}

static void begin_at_origin(const struct bench *bench, const char *database) {
    sweep_remove(bench->folder, database);
    if (bench->origin->file)
        sweep_copy(bench->folder, bench->origin->file, database);
}

static void start(const struct bench *bench, struct lane *lane) {
    char fail[64], counts[4096], path[32];
    snprintf(fail, sizeof fail, "SHIM_FAIL=%s:%llu", lane->point.kind,
             (unsigned long long)lane->point.number);
    snprintf(counts, sizeof counts, "SHIM_COUNTS=%s/%s", bench->folder, lane->counts);
    snprintf(path, sizeof path, "SHIM_PATH=/%s", lane->database);
    const struct manner *manner = lane->point.manner;
    const char *const environment[] = {"LD_PRELOAD=" SHIM, fail,          counts, path,
                                       manner->times,      manner->error, NULL};
    begin_at_origin(bench, lane->database);
    put_zeros(bench->folder, lane->counts);
    sweep_forget(bench->folder, lane->err);
    lane->process = sweep_start(&(struct sweep_run){.folder = bench->folder,
                                                    .name = "short",
                                                    .database = lane->database,
                                                    .environment = environment,
                                                    .err = lane->err});
}

/* What is wrong after the run, NULL for nothing. */
static const char *judge(const struct bench *bench, const struct lane *lane, const char *text) {
    const char *folder = bench->folder, *database = lane->database;
    bool of_memory = strcmp(lane->point.kind, "alloc") == 0;
    if (lane->process.status != 0 && lane->process.status != 1)
        return "neither exit status 0 nor 1";
    if (lane->process.status == 1 && !strstr(text, of_memory ? "mlpsweep: error: " : database))
        return "no message, or one without the file";
    if (lane->process.status == 1 && sweep_size(folder, database) < 0)
        return NULL;
    const char *damage = sweep_damage(folder, database);
    if (damage || !bench->origin->file)
        return damage;
    if (sweep_whole(folder, database, "SELECT count(*) FROM epoch_rows") < bench->origin->epochs)
        return "committed epochs are lost";
    if (sweep_whole(folder, database,
                    "SELECT count(*) FROM trial_rows WHERE finished_at LIKE '2000%'") !=
        bench->origin->done)
        return "a trial that was done is lost or was trained again";
    return NULL;
}

/* Without faults the run must go on from there to where an undisturbed one ends. */
static const char *judge_completion(const struct bench *bench, const struct lane *lane) {
    static const char *const no_faults[] = {"LD_PRELOAD=" SHIM,
                                            NULL}; /* and no waits for the disk */
    if (lane->process.status == 1 && sweep_finish(&(struct sweep_run){.folder = bench->folder,
                                                                      .name = "short",
                                                                      .database = lane->database,
                                                                      .environment = no_faults,
                                                                      .err = lane->err},
                                                  20) != 0)
        return "the next run fails";
    char *dump = sweep_dump(bench->folder, lane->database);
    bool same = strcmp(dump, bench->expected) == 0;
    free(dump);
    return same ? NULL : "the rows are others than of an undisturbed run";
}

/* Returns whether the call that was to fail was reached. */
static bool finish(struct bench *bench, struct lane *lane) {
    if (!process_wait(&lane->process, 20)) {
        process_signal(&lane->process, SIGKILL);
        process_wait(&lane->process, 10);
    }
    if (!read_count(bench->folder, lane->counts, FAILURES))
        return false;
    char *text = sweep_text(bench->folder, lane->err);
    const char *wrong = judge(bench, lane, text);
    if (!wrong)
        wrong = judge_completion(bench, lane);
    bench->tried++;
    bench->failed += lane->process.status == 1;
    bench->bad += wrong != NULL;
    if (wrong)
        print_message("bad: %s:%llu %s on %s: exit status %d: %s: %s\n", lane->point.kind,
                      (unsigned long long)lane->point.number, lane->point.manner->name,
                      bench->origin->file ? bench->origin->file : "nothing", lane->process.status,
                      wrong, text);
    free(text);
    return true;
}

/* Points first, first + step, ... until one is not reached, as many at a time as there are lanes.
 */
static void sweep_points(struct bench *bench, const char *kind, const struct manner *manner,
                         uint64_t step) {
    struct lane lanes[LANES];
    size_t before = bench->tried, failed = bench->failed, bad = bench->bad;
    bool reached = true;
    double start_time = process_clock();
    uint64_t first = manner == &once ? 1 : 1 + step / 2; /* other allocations than once */
    for (uint64_t n = first; reached; n += step * LANES) {
        for (size_t i = 0; i < LANES; i++) {
            lanes[i].point = (struct point){kind, n + i * step, manner};
            snprintf(lanes[i].database, sizeof lanes[i].database, "lane%zu.db", i);
            snprintf(lanes[i].counts, sizeof lanes[i].counts, "counts%zu", i);
            snprintf(lanes[i].err, sizeof lanes[i].err, "err%zu", i);
            start(bench, &lanes[i]);
        }
        for (size_t i = 0; i < LANES; i++)
            reached &= finish(bench, &lanes[i]);
    }
    print_message(
        "%-5s %-6s on %-7s: %4zu points (each %llu.), %4zu ended with 1, %zu bad, %.1f s\n", kind,
        manner->name, bench->origin->file ? "half.db" : "nothing", bench->tried - before,
        (unsigned long long)step, bench->failed - failed, bench->bad - bad,
        process_clock() - start_time);
    assert_true(bench->tried > before);
}

static void sweep_manner(struct bench *bench, const struct manner *manner, uint64_t step) {
    sweep_points(bench, "write", manner, 1);
    sweep_points(bench, "fsync", manner, 1);
    sweep_points(bench, "alloc", manner, step);
}

/* One trial done, one interrupted with its checkpoint. */
static struct origin make_half(const char *folder) {
    struct sweep_run run = {.folder = folder, .name = "short", .database = "half.db"};
    struct sweep_run first = run;
    first.option = "--set=epochs=2";
    bool is_half = false;
    for (int i = 0; i < 200 && !is_half; i++) {
        sweep_remove(folder, "half.db");
        sweep_complete(&first);
        struct process process = sweep_start(&run);
        process_sleep(0.001 * i);
        process_signal(&process, SIGTERM);
        process_wait(&process, 10);
        is_half = sweep_whole(folder, "half.db", "SELECT count(*) FROM checkpoint_rows") == 1;
    }
    assert_true(is_half);
    sweep_whole(folder, "half.db",
                "UPDATE trial_rows SET finished_at = '2000-01-01T00:00:00Z' WHERE state = 'done' "
                "RETURNING 1");
    return (struct origin){
        "half.db", sweep_whole(folder, "half.db", "SELECT count(*) FROM epoch_rows"),
        sweep_whole(folder, "half.db", "SELECT count(*) FROM trial_rows WHERE state = 'done'")};
}

static uint64_t count_allocations(struct bench *bench) {
    struct lane lane = {.point = {"alloc", UINT64_MAX, &once},
                        .database = "lane0.db",
                        .counts = "counts0",
                        .err = "err0"};
    start(bench, &lane);
    assert_false(finish(bench, &lane));
    return read_count(bench->folder, "counts0", 2);
}

static void no_failing_call_loses_what_was_committed(void **state) {
    const char *folder = *state;
    struct bench bench = {.folder = folder};
    sweep_write(folder, "short", base, rest);
    sweep_complete(&(struct sweep_run){.folder = folder, .name = "short", .database = "whole.db"});
    bench.expected = sweep_dump(folder, "whole.db");
    const struct origin origins[] = {{0}, make_half(folder)};
    for (size_t o = 0; o < 2; o++) {
        bench.origin = &origins[o];
        uint64_t step = count_allocations(&bench) / ALLOCATIONS + 1;
        if (getenv("MLPSWEEP_SHIM_ALL"))
            step = strtoull(getenv("MLPSWEEP_SHIM_ALL"), NULL, 10);
        assert_true(step > 0);
        sweep_manner(&bench, &once, step);
        sweep_manner(&bench, &always, step);
    }
    sweep_points(&bench, "write", &twice, 1);
    sweep_points(&bench, "fsync", &twice, 1);
    print_message("%zu points tried, %zu of them ended the run, %zu bad\n", bench.tried,
                  bench.failed, bench.bad);
    assert_int_equal(bench.bad, 0);
    free(bench.expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_failing_call_loses_what_was_committed, temporary_open,
                                        sweep_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
