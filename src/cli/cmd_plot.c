#include "cli/commands.h"
#include "cli/scope.h"
#include "report/figure.h"

#include <stdio.h>
#include <string.h>

static bool read_formats(const struct invocation *in, unsigned *formats, struct error *err) {
    const char *value = option_value(in, "format");
    *formats = 0;
    for (const char *at = value ? value : "png,svg"; at; at = strchr(at, ',')) {
        at += *at == ',';
        size_t length = strcspn(at, ",");
        if (length == 3 && strncmp(at, "png", 3) == 0)
            *formats |= GNUPLOT_PNG;
        else if (length == 3 && strncmp(at, "svg", 3) == 0)
            *formats |= GNUPLOT_SVG;
        else
            return error_set(err, ERROR_USAGE, "--format is png, svg or both, not '%s'", value);
    }
    return true;
}

static bool compose(struct query_database *database, const char *experiment, struct arena *arena,
                    struct drawing **drawings, struct error *err) {
    struct results results;
    *drawings = arena_alloc(arena, figure_count, sizeof **drawings);
    return results_load(database, experiment, arena, &results, err) &&
           figures_compose(database, &results, arena, *drawings, err);
}

static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    const char **names, *folder = option_value(in, "output");
    unsigned formats;
    size_t count = 0;
    bool ok = read_formats(in, &formats, err) && scope_open(in, &database, &names, &count, err);
    struct drawing **drawings = arena_alloc(in->arena, count, sizeof *drawings);
    for (size_t i = 0; ok && i < count; i++)
        ok = compose(database, names[i], in->arena, &drawings[i], err);
    query_close(database);
    for (size_t i = 0; ok && i < count; i++) {
        size_t drawn;
        ok = figures_draw(drawings[i], folder ? folder : "plots", names[i], formats, &drawn, err);
        if (ok)
            fprintf(stderr, "%zu figure%s in %s/%s\n", drawn, drawn == 1 ? "" : "s",
                    folder ? folder : "plots", names[i]);
    }
    return ok;
}

const struct command command_plot = {
    .name = "plot",
    .arguments = "[FILE...]",
    .help = "draws the figures into plots/NAME/",
    .details = "curves, accuracy, gap and waste, each with its .gp script and .tsv data, so that\n"
               "`gnuplot FIGURE.gp` redraws it. Without files: every experiment in the database.",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "png,svg", "what is drawn (default: both)"},
                {"output", 'o', "FOLDER", "where the figures go (default: plots)"}},
    .run = run,
};
