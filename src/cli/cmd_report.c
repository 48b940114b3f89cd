/* `report`: an experiment as one page. Its text is written while figures are composed and drawn. */
#include "cli/commands.h"
#include "cli/selection.h"
#include "report/page.h"

#include <errno.h>
#include <string.h>

/* Into a temporary file first, so that nothing half-written stands under the name. */
static bool write_page(struct page *page, const char *folder, struct arena *arena,
                       struct error *err) {
    const char *path = arena_printf(arena, "%s/index.html", folder);
    const char *half = arena_printf(arena, "%s/.index.html", folder);
    page->folder = folder;
    FILE *out = fopen(half, "we");
    if (!out)
        return error_set(err, ERROR_FAILED, "%s: %s", half, strerror(errno));
    page_write(page, out);
    bool ok = !ferror(out);
    ok = fclose(out) == 0 && ok;
    if (!ok || rename(half, path) != 0) {
        int cause = errno;
        remove(half);
        return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(cause));
    }
    fprintf(stderr, "%s\n", path);
    return true;
}

static bool draw(struct query_database *database, struct page *page, const char *folder,
                 struct arena *arena, struct error *err) {
    size_t drawn;
    struct results *results = &page->summary.results;
    struct figure_source source = {.database = database,
                                   .results = results,
                                   .variation = &results->variation,
                                   .arena = arena,
                                   .width = FIGURE_WIDTH_MAX,
                                   .x = curve_xs,
                                   .own = results->figures};
    figures_list(&source, &page->drawings);
    return figures_make(&source, &page->drawings, folder, GNUPLOT_SVG, &drawn, err);
}

static bool report(struct query_database *database, const struct selection *selection,
                   const char *folder, struct arena *arena, struct error *err) {
    struct page page;
    if (!page_load(database, selection->name, arena, &page, err))
        return false;
    if (!page.summary.results.done)
        return error_set(err, ERROR_FAILED, "%s: no trial is done yet", selection->name);
    if (!selection_declare(selection, &page.summary.results, arena, err))
        return false;
    page_begin(&page);
    bool ok = draw(database, &page, folder, arena, err);
    page_end(&page);
    ok = ok && write_page(&page, arena_printf(arena, "%s/%s", folder, selection->name), arena, err);
    page_close(&page);
    return ok;
}

/* An experiment that cannot be reported keeps no other from it. */
static bool run(const struct invocation *in, struct error *err) {
    struct query_database *database = NULL;
    struct selection *selections;
    const char *folder = option_value(in, "output");
    size_t count = 0;
    bool ok = selection_open(in, &database, &selections, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        struct error own = {0};
        (void)!report(database, &selections[i], folder ? folder : "plots", in->arena, &own);
        error_move(err, &own);
    }
    query_close(database);
    return ok && err->kind == ERROR_NONE;
}

const struct command command_report = {
    .name = "report",
    .arguments = "[FILE|NAME...]",
    .help = "one self-contained HTML page, plots/NAME/index.html",
    .details =
        "Verdicts, leaderboards that sort and filter, curves, comparisons of any two "
        "variants, the figures, the experiment's file and what trained it. The page needs no "
        "network.",
    .example = "mlpsweep report notebook",
    .most = SIZE_MAX,
    .options = {OPTION_DB,
                {"output", 'o', "FOLDER", "where the pages go (default: plots)"},
                OPTION_WHERE},
    .run = run,
};
