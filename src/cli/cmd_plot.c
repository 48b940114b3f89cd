/* `plot`: the figures of experiments, into files or the terminal. What they show stands in
 * report/. */
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

/* Of the figures that are named, each has an axis that --x can change. */
static bool can_have_x(const char *only, size_t x, struct arena *arena, struct error *err) {
    const char *all = "";
    for (size_t i = 0; i < figure_count; i++)
        if (figures[i].has_x)
            all = arena_printf(arena, "%s%s%s", all, *all ? ", " : "", figures[i].name);
    for (size_t i = 0; i < figure_count; i++)
        if (!figures[i].has_x && is_listed(only, figures[i].name))
            return error_set(err, ERROR_USAGE,
                             "--x %s: there are no epochs on an axis of %s, only of %s",
                             curve_x_names[x], figures[i].name, all);
    return true;
}

static bool read_request(const struct invocation *in, struct request *request, struct error *err) {
    const char *folder = option_value(in, "output");
    *request = (struct request){.in = in,
                                .folder = folder ? folder : "plots",
                                .only = option_value(in, "figure"),
                                .to_terminal = option_value(in, "term") != NULL};
    if (!read_formats(in, &request->formats, err) ||
        !option_word(in, "x", curve_x_names, &request->x, err))
        return false;
    if (request->to_terminal)
        request->screen = screen_of_output();
    return !request->x || !request->only || can_have_x(request->only, request->x, in->arena, err);
}

/* Every name of --figure is one of a figure; the others are left out. */
static bool choose(const char *only, struct drawings *drawings, struct arena *arena,
                   struct error *err) {
    const char *all = "";
    for (size_t i = 0; i < drawings->count; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? "," : "", drawings->list[i].name);
    for (const char *at = only; at; at = strchr(at, ',')) {
        at += *at == ',';
        const char *name = arena_text(arena, at, strcspn(at, ","));
        if (!is_listed(all, name))
            return error_set(err, ERROR_USAGE, "--figure: '%.64s' is none of %s", name, all);
    }
    for (size_t i = 0; i < drawings->count; i++)
        if (!is_listed(only, drawings->list[i].name))
            drawings->list[i].is_left_out = true;
    return true;
}

static bool show(const struct request *request, const struct figure_source *source,
                 const struct drawings *drawings, struct error *err) {
    bool ok = figures_compose(source, drawings, err), shown = true;
    for (size_t i = 0; shown && i < drawings->count; i++)
        if (drawings->list[i].data && !drawings->list[i].is_left_out)
            shown = gnuplot_show(&drawings->list[i], &request->screen, err);
    return ok && shown;
}

static bool draw(const struct request *request, const struct figure_source *source,
                 const struct drawings *drawings, struct error *err) {
    size_t drawn;
    if (request->to_terminal)
        return show(request, source, drawings, err);
    bool ok = figures_make(source, drawings, request->folder, request->formats, &drawn, err);
    if (drawn || ok)
        fprintf(stderr, "%zu figure%s in %s/%s\n", drawn, drawn == 1 ? "" : "s", request->folder,
                source->results->experiment);
    return ok;
}

static bool plot(const struct request *request, struct query_database *database,
                 const struct selection *selection, struct error *err) {
    struct arena *arena = request->in->arena;
    struct results *results = arena_alloc(arena, 1, sizeof *results);
    bool characters = request->to_terminal && !request->screen.sixel;
    struct drawings drawings;
    if (!results_load(database, selection->name, arena, results, err) ||
        !selection_declare(selection, results, arena, err))
        return false;
    if (!results->done)
        return error_set(err, ERROR_FAILED, "%s: no trial is done yet", selection->name);
    struct figure_source source = {.database = database,
                                   .results = results,
                                   .variation = &results->variation,
                                   .arena = arena,
                                   .width = characters ? (request->screen.columns - 1) *
                                                             GNUPLOT_CHARACTER_WIDTH
                                                       : FIGURE_WIDTH_MAX,
                                   .plain = characters,
                                   .x = &curve_xs[request->x],
                                   .own = results->figures};
    figures_list(&source, &drawings);
    return (!request->only || choose(request->only, &drawings, arena, err)) &&
           draw(request, &source, &drawings, err);
}

/* An experiment that cannot be drawn keeps no other from it. */
static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct request request;
    struct selection *selections;
    size_t count = 0;
    bool ok =
        read_request(in, &request, err) && selection_open(in, &database, &selections, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        (void)!plot(&request, database, &selections[i], &own);
        error_move(err, &own);
    }
    query_close(database);
    return ok && err->kind == ERROR_NONE;
}

const struct command command_plot = {
    .name = "plot",
    .arguments = "[FILE|NAME...]",
    .help = "draws the figures into plots/NAME/",
    .details = "Each with its .gp script and .tsv data, so that `gnuplot FIGURE.gp` redraws it. "
               "Which there are: mlpsweep list figures. FILE is the plan of an experiment file as "
               "it is now, NAME an experiment as the database has it. Without either: every "
               "experiment in the database.",
    .example = "mlpsweep plot notebook --format svg --figure curves,waste",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"format", 0, "png,svg", "what is drawn (default: both)"},
                {"x", 0, "epoch|updates|seconds",
                 "what stands for time: of curves, accuracy, gap, waste, layers, stopping"},
                {"figure", 0, "FIGURE,...", "only these"},
                OPTION_WHERE,
                {"term", 0, NULL, "draws into the terminal instead of files"},
                {"output", 'o', "FOLDER", "where the figures go (default: plots)"}},
    .run = run,
};
