#include "cli/slurm_jobs.h"

#include "cli/shard_option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file of an experiment's jobs: `results/slurm/NAME.jobs`. */
static const char *path_of(const char *database, const char *name, const char *end,
                           struct arena *arena) {
    return shard_beside(database, "slurm", arena_printf(arena, "%s%s", name, end), arena);
}

bool slurm_jobs_write(const char *database, const char *name, const struct slurm_jobs *jobs,
                      struct error *err) {
    struct arena arena = {0};
    const char *path = path_of(database, name, ".jobs", &arena);
    FILE *file = fopen(path, "we");
    bool ok = file && fprintf(file, "%lu %lu %zu\n", jobs->array, jobs->merge, jobs->tasks) > 0;
    if (file)
        ok &= fclose(file) == 0;
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    arena_close(&arena);
    return ok;
}

static bool read_jobs(const char *path, struct slurm_jobs *jobs) {
    FILE *file = fopen(path, "re");
    bool ok = file && fscanf(file, "%lu %lu %zu", &jobs->array, &jobs->merge, &jobs->tasks) == 3;
    if (file)
        fclose(file);
    return ok;
}

enum { STATES_MAX = 32 };

/* How many tasks are in each state. */
struct tally {
    char state[STATES_MAX][32];
    size_t count[STATES_MAX], states;
};

static void add_state(struct tally *tally, const char *state) {
    size_t i = 0;
    while (i < tally->states && strcmp(tally->state[i], state) != 0)
        i++;
    if (i == STATES_MAX)
        return;
    if (i == tally->states)
        snprintf(tally->state[tally->states++], sizeof tally->state[0], "%s", state);
    tally->count[i]++;
}

/* Lines `JOB[_TASK] STATE` of a command. Returns their number. */
static size_t ask(const char *command, const struct slurm_jobs *jobs, struct tally *array,
                  struct tally *merge) {
    FILE *pipe = popen(command, "re");
    char line[200];
    size_t lines = 0;
    for (; pipe && fgets(line, sizeof line, pipe); lines++) {
        unsigned long job = strtoul(line, NULL, 10);
        char *state = strchr(line, ' ');
        if (!state || (job != jobs->array && job != jobs->merge))
            continue;
        state++;
        state[strcspn(state, " \n")] = '\0';
        add_state(job == jobs->array ? array : merge, state);
    }
    if (pipe)
        pclose(pipe);
    return lines;
}

static void put_tally(const char *what, unsigned long job, const struct tally *tally, FILE *out) {
    fprintf(out, "%s %lu:", what, job);
    for (size_t i = 0; i < tally->states; i++)
        fprintf(out, "%s %zu %s", i ? "," : "", tally->count[i], tally->state[i]);
    fputs(tally->states ? "" : " ended", out);
}

/* What a task wrote when it ended: its exit status; 0 where it has not. */
static int exit_status(const char *path) {
    int status = 0;
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%d", &status) != 1)
        status = 0;
    if (file)
        fclose(file);
    return status;
}

void slurm_jobs_print(const char *database, const char *name, FILE *out) {
    struct arena arena = {0};
    struct slurm_jobs jobs;
    struct tally array = {0}, merge = {0};
    if (read_jobs(path_of(database, name, ".jobs", &arena), &jobs)) {
        const char *ids = arena_printf(&arena, "%lu,%lu", jobs.array, jobs.merge);
        if (!ask(arena_printf(&arena, "squeue -h -r -j %s -o '%%F_%%K %%T' 2>/dev/null", ids),
                 &jobs, &array, &merge))
            ask(arena_printf(&arena,
                             "sacct -n -X -P --delimiter=' ' -j %s -o jobid,state "
                             "2>/dev/null",
                             ids),
                &jobs, &array, &merge);
        put_tally("slurm: array", jobs.array, &array, out);
        put_tally("; merge", jobs.merge, &merge, out);
        fputc('\n', out);
        for (size_t i = 1; i <= jobs.tasks; i++) {
            const char *end = arena_printf(&arena, "-%zu.exit", i);
            int status = exit_status(path_of(database, name, end, &arena));
            if (status)
                fprintf(out, "slurm: task %zu ended with status %d (%s)\n", i, status,
                        path_of(database, name, arena_printf(&arena, "-%zu.log", i), &arena));
        }
    }
    arena_close(&arena);
}
