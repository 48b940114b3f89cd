#include "cli/commands.h"
#include "cli/screen.h"
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

/* Whether a word stands between the commas of a list. */
static bool is_listed(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strcspn(at, ",") == length && strncmp(at, word, length) == 0)
            return true;
    }
    return false;
}

static bool check_figures(const char *list, struct arena *arena, struct error *err) {
    const char *all = "";
    for (size_t i = 0; i < figure_count; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? "," : "", figures[i].name);
    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        const char *name = arena_text(arena, at, strcspn(at, ","));
        if (!is_listed(all, name))
            return error_set(err, ERROR_USAGE, "--figure: '%.64s' is none of %s", name, all);
    }
    return true;
}

/* What the command line asks for. */
struct request {
    const struct invocation *in;
    unsigned formats;
    size_t x;           /* of curve_xs */
    const char *folder; /* where figures go */
    const char *only;   /* NULL: all figures */
    bool to_terminal;
    struct screen screen;
};

static bool read_request(const struct invocation *in, struct request *request, struct error *err) {
    const char *folder = option_value(in, "output");
    *request = (struct request){.in = in,
                                .folder = folder ? folder : "plots",
                                .only = option_value(in, "figure"),
                                .to_terminal = option_value(in, "term") != NULL};
    if (!read_formats(in, &request->formats, err) ||
        !option_word(in, "x", curve_x_names, &request->x, err) ||
        (request->only && !check_figures(request->only, in->arena, err)))
        return false;
    if (request->to_terminal)
        request->screen = screen_of_output();
    return true;
}

static bool compose(const struct request *request, struct query_database *database,
                    const char *experiment, struct drawing **drawings, struct error *err) {
    struct arena *arena = request->in->arena;
    struct results *results = arena_alloc(arena, 1, sizeof *results);
    bool characters = request->to_terminal && !request->screen.sixel;
    struct figure_source source = {
        .database = database,
        .results = results,
        .settings = &results->settings,
        .arena = arena,
        .width = characters ? request->screen.columns * GNUPLOT_CHARACTER_WIDTH : FIGURE_WIDTH_MAX,
        .x = &curve_xs[request->x]};
    *drawings = arena_alloc(arena, figure_count, sizeof **drawings);
    if (!results_load(database, experiment, arena, results, err))
        return false;
    if (!results->done)
        return error_set(err, ERROR_FAILED, "%s: no trial is done yet", experiment);
    if (!figures_compose(&source, *drawings, err))
        return false;
    for (size_t i = 0; i < figure_count; i++)
        if (request->only && !is_listed(request->only, figures[i].name))
            (*drawings)[i].data = NULL;
    return true;
}

static bool show(const struct request *request, const struct drawing *drawings, struct error *err) {
    for (size_t i = 0; i < figure_count; i++)
        if (drawings[i].data && !gnuplot_show(&drawings[i], &request->screen, err))
            return false;
    return true;
}

static bool draw(const struct request *request, const struct drawing *drawings,
                 const char *experiment, struct error *err) {
    size_t drawn;
    if (request->to_terminal)
        return show(request, drawings, err);
    if (!figures_draw(drawings, request->folder, experiment, request->formats, &drawn, err))
        return false;
    fprintf(stderr, "%zu figure%s in %s/%s\n", drawn, drawn == 1 ? "" : "s", request->folder,
            experiment);
    return true;
}

/* An experiment that cannot be drawn keeps no other from it. */
static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct request request;
    struct selection *selections;
    size_t count = 0;
    bool ok =
        read_request(in, &request, err) && selection_open(in, &database, &selections, &count, err);
    struct drawing **drawings = arena_alloc(in->arena, count, sizeof *drawings);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        if (!compose(&request, database, selections[i].name, &drawings[i], &own))
            drawings[i] = NULL;
        error_move(err, &own);
    }
    query_close(database);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        if (drawings[i])
            (void)draw(&request, drawings[i], selections[i].name, &own);
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
                {"figure", 0, "NAME,...", "only these"},
                {"term", 0, NULL, "draws into the terminal instead of files"},
                {"output", 'o', "FOLDER", "where the figures go (default: plots)"}},
    .run = run,
};
