/* Batch scripts for Slurm: an array of tasks that train one shard each, and a job that merges what
 * they leave when all have ended, however they ended. */
#include "cli/commands.h"
#include "cli/shard_option.h"
#include "cli/shell.h"
#include "cli/slurm_jobs.h"
#include "cli/worklist.h"
#include "run/cohort.h"
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By default a task has about so much to do, on one core. Units: seconds. */
static const double task_seconds = 600;

enum { TASKS_BY_DEFAULT = 100 };

/* What the scripts are made from; words for the shell are quoted. */
struct submission {
    const char *name, *program, *folder, *database; /* the latter three absolute, quoted */
    const char *files, *settings, *arguments;       /* quoted words */
    const char *base;                               /* path of the scripts without their ends */
    size_t tasks;
    const char *limit; /* `%4`: of tasks at a time; or "" */
};

static const char array_script[] =
    "#!/bin/sh\n"
    "# Trains one shard; written by mlpsweep slurm.\n"
    "shard=$SLURM_ARRAY_TASK_ID\n"
    "ended=%s-$shard.exit\n"
    "rm -f \"$ended\"\n"
    "cd %s || exit 1\n"
    "MLPSWEEP_DB=%s\n"
    "export MLPSWEEP_DB\n"
    "%s run%s --shard \"$shard/%zu\" -j \"${SLURM_CPUS_PER_TASK:-1}\" --progress lines --%s &\n"
    "child=$!\n"
    "# Slurm sends USR1 before the time limit; TERM when the job is cancelled or preempted, and "
    "then\n"
    "# perhaps to the program, too, which takes a hangup that follows for the same.\n"
    "why=\n"
    "trap 'why=limit; kill -HUP \"$child\"' USR1\n"
    "trap 'why=term; sleep 1; kill -HUP \"$child\"' TERM\n"
    "wait \"$child\"\n"
    "status=$?\n"
    "while [ -n \"$why\" ] && kill -0 \"$child\" 2>/dev/null; do\n"
    "    wait \"$child\"\n"
    "    status=$?\n"
    "done\n"
    "# What is left goes on from its checkpoints.\n"
    "if [ \"$why\" = limit ] && [ \"$status\" = 130 ]; then\n"
    "    scontrol requeue \"$SLURM_JOB_ID\" && sleep 300\n"
    "fi\n"
    "echo \"$status\" >\"$ended\"\n"
    "exit \"$status\"\n";

static const char merge_script[] = "#!/bin/sh\n"
                                   "# Merges the shards; written by mlpsweep slurm.\n"
                                   "cd %s || exit 1\n"
                                   "MLPSWEEP_DB=%s\n"
                                   "export MLPSWEEP_DB\n"
                                   "status=0\n"
                                   "shard=1\n"
                                   "set --\n"
                                   "while [ \"$shard\" -le %zu ]; do\n"
                                   "    results=%s-$shard-of-%zu.db\n"
                                   "    if [ -e \"$results\" ]; then\n"
                                   "        set -- \"$@\" \"$results\"\n"
                                   "    else\n"
                                   "        echo \"shard $shard of %zu left no results\" >&2\n"
                                   "        status=1\n"
                                   "    fi\n"
                                   "    [ \"$(cat %s-$shard.exit 2>/dev/null)\" = 0 ] || status=1\n"
                                   "    shard=$((shard + 1))\n"
                                   "done\n"
                                   "%s merge \"$MLPSWEEP_DB\" \"$@\" || status=1\n"
                                   "%s status --%s\n"
                                   "exit \"$status\"\n";

static void put_array(const struct submission *s, FILE *out, struct arena *arena) {
    fprintf(out, array_script, shell_quote(s->base, arena), s->folder, s->database, s->program,
            s->settings, s->tasks, s->files);
}

static void put_merge(const struct submission *s, FILE *out, struct arena *arena) {
    const char *shards = strrchr(s->base, '/') + 1;
    const char *results =
        arena_printf(arena, "%.*s../shards/%s", (int)(shards - s->base), s->base, shards);
    fprintf(out, merge_script, s->folder, s->database, s->tasks, shell_quote(results, arena),
            s->tasks, s->tasks, shell_quote(s->base, arena), s->program, s->program, s->files);
}

/* Percent signs stand for themselves in names that Slurm fills in. */
static const char *escape_percent(const char *text, struct arena *arena) {
    const char *out = "";
    for (const char *at; (at = strchr(text, '%')); text = at + 1)
        out = arena_printf(arena, "%s%.*s%%%%", out, (int)(at - text), text);
    return arena_printf(arena, "%s%s", out, text);
}

/* Options that the user may replace come before the user's, the others behind. */
static const char *array_command(const struct submission *s, struct arena *arena) {
    const char *log = arena_printf(arena, "%s-%%a.log", escape_percent(s->base, arena));
    return arena_printf(
        arena,
        "sbatch --parsable --requeue --open-mode=append --signal=B:USR1@30 --job-name=%s "
        "--output=%s%s --array=1-%zu%s %s",
        shell_quote(s->name, arena), shell_quote(log, arena), s->arguments, s->tasks, s->limit,
        shell_quote(arena_printf(arena, "%s.array.sh", s->base), arena));
}

static const char *merge_command(const struct submission *s, const char *array, bool waits,
                                 struct arena *arena) {
    const char *log = arena_printf(arena, "%s-merge.log", escape_percent(s->base, arena));
    return arena_printf(
        arena, "sbatch --parsable%s --job-name=%s --output=%s%s --dependency=afterany:%s %s",
        waits ? " --wait" : "", shell_quote(arena_printf(arena, "%s-merge", s->name), arena),
        shell_quote(log, arena), s->arguments, array,
        shell_quote(arena_printf(arena, "%s.merge.sh", s->base), arena));
}

static bool write_script(const struct submission *s, const char *end,
                         void (*put)(const struct submission *, FILE *, struct arena *),
                         struct arena *arena, struct error *err) {
    const char *path = arena_printf(arena, "%s.%s.sh", s->base, end);
    FILE *file = fopen(path, "we");
    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    put(s, file, arena);
    return fclose(file) == 0 || error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
}

/* Starts sbatch, which prints the job's id and may then wait. Returns the id, 0 for none. */
static unsigned long submit(const char *command, FILE **sbatch) {
    char line[64] = "";
    *sbatch = popen(command, "re");
    if (*sbatch && !fgets(line, sizeof line, *sbatch))
        *line = '\0';
    return strtoul(line, NULL, 10);
}

/* Waits for sbatch. Returns its exit status. */
static int finish(FILE *sbatch) {
    return sbatch ? pclose(sbatch) : -1;
}

/* What earlier tasks said when they ended says nothing of the new ones. */
static void forget_ends(const struct submission *s, struct arena *arena) {
    for (size_t i = 1; i <= s->tasks; i++)
        remove(arena_printf(arena, "%s-%zu.exit", s->base, i));
}

static bool submit_all(const struct submission *s, const char *database, bool waits,
                       const struct workload *workloads, size_t count, struct arena *arena,
                       struct error *err) {
    struct slurm_jobs jobs = {.tasks = s->tasks};
    FILE *sbatch;
    forget_ends(s, arena);
    jobs.array = submit(array_command(s, arena), &sbatch);
    if (finish(sbatch) != 0 || !jobs.array)
        return error_set(err, ERROR_FAILED, "sbatch does not take the array (is there a Slurm?)");
    fprintf(stderr, "array %lu: %zu tasks, logs in %s-*.log\n", jobs.array, s->tasks, s->base);
    const char *after = arena_printf(arena, "%lu", jobs.array);
    jobs.merge = submit(merge_command(s, after, waits, arena), &sbatch);
    if (jobs.merge)
        fprintf(stderr, "merge %lu: when the array has ended, into %s\n", jobs.merge, database);
    /* Before it waits, so that status tells of them meanwhile. */
    bool is_noted = jobs.merge && slurm_jobs_write(database, s->name, &jobs, workloads, count, err);
    int status = finish(sbatch);
    if (!jobs.merge)
        return error_set(err, ERROR_FAILED,
                         "sbatch does not take the merge; scancel %lu ends the "
                         "array",
                         jobs.array);
    if (!is_noted)
        return false;
    return status == 0 ||
           error_set(err, ERROR_FAILED, "not all was trained: mlpsweep status, %s-*.log", s->base);
}

/* `8`, or `8%4` for at most four at a time. */
static bool read_array(const struct invocation *in, struct submission *s, size_t fallback,
                       struct error *err) {
    const char *text = option_value(in, "array");
    char *end = NULL;
    s->tasks = fallback;
    s->limit = "";
    if (!text)
        return true;
    errno = 0;
    unsigned long tasks = strtoul(text, &end, 10), limit = 1;
    if (*end == '%') {
        s->limit = end;
        limit = strtoul(end + 1, &end, 10);
    }
    if (*text < '0' || *text > '9' || errno || *end || !tasks || !limit || tasks > SHARDS_MAX)
        return error_set(err, ERROR_USAGE,
                         "--array is how many tasks, 1..%d, or N%%M for at most M at a time, not "
                         "'%s'",
                         SHARDS_MAX, text);
    s->tasks = tasks;
    return true;
}

static const char *absolute(const char *path, struct arena *arena) {
    char folder[PATH_MAX];
    if (*path == '/' || !getcwd(folder, sizeof folder))
        return path;
    return arena_printf(arena, "%s/%s", folder, path);
}

static const char *program_path(struct arena *arena) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    return length > 0 ? arena_text(arena, path, (size_t)length) : "mlpsweep";
}

static bool describe(const struct invocation *in, const struct workload *workloads, size_t count,
                     size_t tasks, struct submission *s, struct error *err) {
    const char *database = absolute(option_database(in), in->arena), *set, *given;
    char folder[PATH_MAX];
    *s = (struct submission){.name = shard_names(workloads, count, in->arena),
                             .program = shell_quote(program_path(in->arena), in->arena),
                             .database = shell_quote(database, in->arena),
                             .files = "",
                             .settings = option_value(in, "retry") ? " --retry" : "",
                             .arguments = ""};
    s->base = shard_beside(database, "slurm", s->name, in->arena);
    if (!getcwd(folder, sizeof folder))
        return error_set(err, ERROR_FAILED, "%s", strerror(errno));
    s->folder = shell_quote(folder, in->arena);
    for (size_t i = 0; i < in->count; i++)
        s->files =
            arena_printf(in->arena, "%s %s", s->files, shell_quote(in->arguments[i], in->arena));
    for (size_t i = 0; (set = option_value_at(in, "set", i)); i++)
        s->settings =
            arena_printf(in->arena, "%s --set %s", s->settings, shell_quote(set, in->arena));
    given = option_value(in, "sbatch-args");
    if (given && !(s->arguments = shell_words(given, in->arena)))
        return error_set(err, ERROR_USAGE, "--sbatch-args: a quote is left open in '%s'", given);
    return read_array(in, s, tasks, err);
}

static void print_scripts(const struct submission *s, struct arena *arena) {
    printf("# %s.array.sh\n", s->base);
    put_array(s, stdout, arena);
    printf("\n# %s.merge.sh\n", s->base);
    put_merge(s, stdout, arena);
    printf("\n%s\n%s\n", array_command(s, arena), merge_command(s, "ARRAY", false, arena));
}

static bool run(const struct invocation *in, struct error *err) {
    struct workload *workloads;
    struct work *list;
    struct submission s;
    size_t count, left = 0;
    double seconds = 0;
    const char *database = option_database(in);
    if (!workload_load(in, NULL, &workloads, &count, err))
        return false;
    size_t trials = worklist_join(workloads, count, in->arena, &list);
    bool *is_done = arena_alloc(in->arena, trials, sizeof *is_done);
    if (!shard_done(database, list, trials, is_done, err))
        return false;
    for (size_t i = 0; i < trials; i++) {
        seconds += cohort_estimate(&list[i]); /* of all: so that shards are the same next time */
        left += !is_done[i];
    }
    size_t tasks = (size_t)(seconds / task_seconds) + 1;
    tasks = tasks < TASKS_BY_DEFAULT ? tasks : TASKS_BY_DEFAULT;
    if (!describe(in, workloads, count, tasks < trials ? tasks : trials, &s, err))
        return false;
    if (option_value(in, "print")) {
        print_scripts(&s, in->arena);
        return true;
    }
    if (!left) {
        fprintf(stderr, "nothing to submit: %zu of %zu trial%s done in %s\n", trials, trials,
                trials == 1 ? "" : "s", database);
        return true;
    }
    return store_make_folder(s.base, err) && write_script(&s, "array", put_array, in->arena, err) &&
           write_script(&s, "merge", put_merge, in->arena, err) &&
           submit_all(&s, database, option_value(in, "wait") != NULL, workloads, count, in->arena,
                      err);
}

const struct command command_slurm = {
    .name = "slurm",
    .arguments = "FILE...",
    .help = "submits an array of shards and a merge that depends on it",
    .details =
        "A task that meets its time limit is queued again and goes on from its checkpoints. "
        "What tasks leave is merged even where one has failed; submitting again does what is "
        "missing. Tasks use as many cores as Slurm gives them (--cpus-per-task).",
    .example = "mlpsweep slurm notebook.yaml --array 4 --print",
    .least = 1,
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"array", 0, "N[%M]",
                 "tasks, and at most M at a time (default: one per 10 minutes)"},
                {"sbatch-args", 0, "ARGS", "more options for sbatch, as in a shell"},
                {"print", 0, NULL, "shows the scripts and submits nothing"},
                {"wait", 0, NULL, "waits until all is merged; status 1 if anything is missing"},
                {"set", 0, "K=V", "replaces a base value or collapses that axis (repeatable)"},
                {"retry", 0, NULL, "trains failed trials again"}},
    .run = run,
};
