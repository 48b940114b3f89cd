#include "cli/commands.h"
#include "cli/selection.h"
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

static bool compose(struct query_database *database, const char *experiment, size_t x,
                    struct arena *arena, struct drawing **drawings, struct error *err) {
    struct results results;
    struct figure_source source = {database, &results,         &results.settings,
                                   arena,    FIGURE_WIDTH_MAX, &curve_xs[x]};
    *drawings = arena_alloc(arena, figure_count, sizeof **drawings);
    if (!results_load(database, experiment, arena, &results, err))
        return false;
    if (!results.done)
        return error_set(err, ERROR_FAILED, "%s: no trial is done yet", experiment);
    return figures_compose(&source, *drawings, err);
}

static bool draw(const struct drawing *drawings, const char *folder, const char *experiment,
                 unsigned formats, struct error *err) {
    size_t drawn;
    if (!figures_draw(drawings, folder, experiment, formats, &drawn, err))
        return false;
    fprintf(stderr, "%zu figure%s in %s/%s\n", drawn, drawn == 1 ? "" : "s", folder, experiment);
    return true;
}

/* An experiment that cannot be drawn keeps no other from it. */
static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct selection *selections;
    const char *folder = option_value(in, "output");
    unsigned formats;
    size_t count = 0, x;
    bool ok = read_formats(in, &formats, err) && option_word(in, "x", curve_x_names, &x, err) &&
              selection_open(in, &database, &selections, &count, err);
    struct drawing **drawings = arena_alloc(in->arena, count, sizeof *drawings);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        if (!compose(database, selections[i].name, x, in->arena, &drawings[i], &own))
            drawings[i] = NULL;
        error_move(err, &own);
    }
    query_close(database);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        if (drawings[i])
            (void)draw(drawings[i], folder ? folder : "plots", selections[i].name, formats, &own);
        error_move(err, &own);
    }
    return ok && err->kind == ERROR_NONE;
}

const struct command command_plot = {
    .name = "plot",
    .arguments = "[FILE|NAME...]",
    .help = "draws the figures into plots/NAME/",
    .details =
        "Each with its .gp script and .tsv data, so that `gnuplot FIGURE.gp` redraws it. Which\n"
        "there are: mlpsweep list figures. FILE is the plan of an experiment file as it is now, "
        "NAME\n"
        "an experiment as the database has it. Without either: every experiment in the database.",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "png,svg", "what is drawn (default: both)"},
                {"x", 0, "epoch|updates|seconds", "what curves are drawn over (default: epoch)"},
                {"output", 'o', "FOLDER", "where the figures go (default: plots)"}},
    .run = run,
};
