#include "cli/slurm_jobs.h"

#include "cli/shard_option.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file of the jobs of some experiments: `results/slurm/NAME.jobs`, or `NAME+NAME.jobs`. */
static const char *path_of(const char *database, const char *name, const char *end,
                           struct arena *arena) {
    return shard_beside(database, "slurm", arena_printf(arena, "%s%s", name, end), arena);
}

bool slurm_jobs_write(const char *database, const char *name, const struct slurm_jobs *jobs,
                      const struct workload *workloads, size_t count, struct error *err) {
    struct arena arena = {0};
    const char *path = path_of(database, name, ".jobs", &arena);
    FILE *file = fopen(path, "we");
    bool ok = file && fprintf(file, "%lu %lu %zu\n", jobs->array, jobs->merge, jobs->tasks) > 0;
    for (size_t w = 0; ok && w < count; w++)
        ok = fprintf(file, "%s\n", workloads[w].plan.name) > 0;
    if (file)
        ok &= fclose(file) == 0;
    if (!ok)
        error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    arena_close(&arena);
    return ok;
}

/* False: there are none, or none of this experiment. `name` is that of the file, which may list no
 * experiments. */
static bool read_jobs(const char *path, const char *name, const char *experiment,
                      struct slurm_jobs *jobs) {
    char one[80];
    FILE *file = fopen(path, "re");
    bool ok = file && fscanf(file, "%lu %lu %zu", &jobs->array, &jobs->merge, &jobs->tasks) == 3 &&
              jobs->tasks <= SHARDS_MAX;
    bool found = ok && strcmp(name, experiment) == 0;
    while (ok && !found && fscanf(file, "%79s", one) == 1)
        found = strcmp(one, experiment) == 0;
    if (file)
        fclose(file);
    return found;
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

/* How the tasks of an array and its merge stand. */
struct standing {
    const struct slurm_jobs *jobs;
    bool *is_told; /* of each task, from 1 on; of the merge, at 0 */
    size_t untold;
    struct tally array, merge;
};

/* What was told of a task first counts. */
static void tell(struct standing *standing, size_t task, const char *state) {
    if (task > standing->jobs->tasks || standing->is_told[task])
        return;
    standing->is_told[task] = true;
    standing->untold--;
    add_state(task ? &standing->array : &standing->merge, state);
}

/* `12_3 STATE` of a task, `12_[4-6,8%2] STATE` of several, `13 STATE` or `13_N/A STATE` of the
 * merge. */
static void tell_line(struct standing *standing, char *line) {
    char *at, *state = strchr(line, ' ');
    unsigned long job = strtoul(line, &at, 10);
    if (!state)
        return;
    *state++ = '\0';
    state[strcspn(state, " \n")] = '\0';
    if (job == standing->jobs->merge)
        tell(standing, 0, state);
    if (job != standing->jobs->array)
        return;
    at += strspn(at, "_[");
    while (*at > '0' && *at <= '9') {
        size_t from = strtoul(at, &at, 10), to = *at == '-' ? strtoul(at + 1, &at, 10) : from;
        for (size_t task = from; task <= to && task <= standing->jobs->tasks; task++)
            tell(standing, task, state);
        at += *at == ',';
    }
}

/* Takes the lines of a command. False: it failed. */
static bool ask(const char *command, struct standing *standing) {
    FILE *pipe = popen(command, "re");
    char line[200];
    while (pipe && fgets(line, sizeof line, pipe))
        tell_line(standing, line);
    return pipe && pclose(pipe) == 0;
}

/* squeue forgets a task some minutes after its end, while others still run; sacct knows all of
 * them where there is accounting, and may wait long for a database that does not answer. Returns
 * whether squeue has answered. */
static bool ask_all(struct standing *standing, struct arena *arena) {
    const struct slurm_jobs *jobs = standing->jobs;
    const char *ids = arena_printf(arena, "%lu,%lu", jobs->array, jobs->merge);
    bool answered =
        ask(arena_printf(arena, "squeue -h -r -t all -j %s -o '%%F_%%K %%T' 2>/dev/null", ids),
            standing);
    if (standing->untold)
        ask(arena_printf(
                arena, "timeout 5 sacct -n -X -P --delimiter=' ' -j %s -o jobid,state 2>/dev/null",
                ids),
            standing);
    return answered;
}

static void put_tally(const char *what, unsigned long job, const struct tally *tally, FILE *out) {
    fprintf(out, "%s %lu:", what, job);
    for (size_t i = 0; i < tally->states; i++)
        fprintf(out, "%s %zu %s", i ? "," : "", tally->count[i], tally->state[i]);
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

static void print_jobs(const char *database, const char *name, const char *words,
                       const struct slurm_jobs *jobs, struct arena *arena, FILE *out) {
    struct standing standing = {.jobs = jobs, .untold = jobs->tasks + 1};
    standing.is_told = arena_alloc(arena, standing.untold, sizeof *standing.is_told);
    bool answered = ask_all(&standing, arena), is_complete = !standing.untold;
    for (size_t task = 0; task <= jobs->tasks; task++)
        tell(&standing, task, answered ? "ended" : "unknown");
    put_tally(arena_printf(arena, "slurm%s: array", words), jobs->array, &standing.array, out);
    put_tally("; merge", jobs->merge, &standing.merge, out);
    fputs(answered || is_complete ? "" : " (squeue does not answer)", out);
    fputc('\n', out);
    for (size_t i = 1; i <= jobs->tasks; i++) {
        const char *end = arena_printf(arena, "-%zu.exit", i);
        int status = exit_status(path_of(database, name, end, arena));
        if (status)
            fprintf(out, "slurm%s: task %zu ended with status %d (%s)\n", words, i, status,
                    path_of(database, name, arena_printf(arena, "-%zu.log", i), arena));
    }
}

/* NAME.jobs or NAME+NAME.jobs. */
static int is_jobs(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".jobs") == 0;
}

bool slurm_jobs_print(const char *database, const char *experiment, FILE *out) {
    struct arena arena = {0};
    struct dirent **list = NULL;
    bool any = false;
    int count = scandir(shard_beside(database, "slurm", "", &arena), &list, is_jobs, alphasort);
    for (int i = 0; i < count; i++) {
        const char *file = list[i]->d_name;
        const char *name = arena_text(&arena, file, strlen(file) - strlen(".jobs"));
        struct slurm_jobs jobs;
        if (read_jobs(path_of(database, name, ".jobs", &arena), name, experiment, &jobs)) {
            bool shares = strcmp(name, experiment) != 0;
            print_jobs(database, name, shares ? arena_printf(&arena, " %s", name) : "", &jobs,
                       &arena, out);
            any = true;
        }
        free(list[i]);
    }
    free(list);
    arena_close(&arena);
    return any;
}
