/* Where the built-in data sets lie. */
#include "data/dataset.h"

#include "base/program.h"

#include <stdlib.h>
#include <unistd.h>

static const struct data_source builtins[] = {
    {.name = "mnist",
     .help = "handwritten digits, 28 x 28: 60,000 to train on, 10,000 to test",
     .train = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
     .test = {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}},
    {.name = "fashion-mnist",
     .help = "clothes, 28 x 28: 60,000 to train on, 10,000 to test",
     .train = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
     .test = {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}},
};

const struct data_source *data_builtin(size_t i) {
    return i < sizeof builtins / sizeof *builtins ? &builtins[i] : NULL;
}

/* The file as it is, or with .gz; NULL: neither is there. */
static const char *find_file(const char *folder, const char *name, struct arena *arena) {
    const char *plain = arena_printf(arena, "%s/%s", folder, name);
    const char *zipped = arena_printf(arena, "%s.gz", plain);
    if (access(plain, R_OK) == 0)
        return plain;
    return access(zipped, R_OK) == 0 ? zipped : NULL;
}

static bool find_part(const char *folder, const char *const *names, const char **paths,
                      struct arena *arena) {
    for (size_t i = 0; i < DATA_PATHS_MAX; i++)
        if (names[i] && !(paths[i] = find_file(folder, names[i], arena)))
            return false;
    return true;
}

bool data_locate(const struct data_source *source, struct arena *arena, struct data_source *located,
                 struct error *err) {
    *located = *source;
    if (source->format || source->generator.entry)
        return true;
    located->format = (const struct data_format *)registry_find(&data_formats, "idx");
    const char *own = getenv("MLPSWEEP_DATA"), *home = getenv("HOME");
    const char *folders[] = {own && *own ? own : NULL, "data",
                             home ? arena_printf(arena, "%s/.cache/mlpsweep", home) : NULL,
                             "/usr/share/datasets"};
    const char *searched = "";
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!folders[i])
            continue;
        const char *folder = arena_printf(arena, "%s/%s", folders[i], source->name);
        if (find_part(folder, source->train, located->train, arena) &&
            find_part(folder, source->test, located->test, arena))
            return true;
        searched = arena_printf(arena, "%s%s%s", searched, *searched ? ", " : "", folder);
    }
    const char *script = program_file("fetch", arena);
    const char *command =
        script ? arena_printf(arena, "%s %s", script, source->name)
               : arena_printf(arena, "make -f Makefile.experiments data/%s", source->name);
    return error_set(err, ERROR_INVALID,
                     "the data set %s is not here (looked in %s); fetch it with `%s`, or let "
                     "$MLPSWEEP_DATA name the folder that has %s/",
                     source->name, searched, command, source->name);
}
