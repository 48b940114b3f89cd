#include "report/figure.h"

#include "base/machine.h"
#include "base/names.h"
#include "base/thread.h"
#include "report/figure_own.h"
#include "report/figures.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

const struct figure figures[] = {
    {"curves", "training, probe, validation and test loss by epoch, a panel a variant",
     figure_curves, true},
    {"accuracy", "training, probe, validation and test accuracy by epoch, a panel a variant",
     figure_accuracy, true},
    {"gap", "validation loss minus probe loss by epoch, a line a variant", figure_gap, true},
    {"waste", "best epoch against epochs run, a row a variant", figure_waste, true},
    {"axis", "test error and loss against the values of each swept knob, a dot a seed",
     figure_axis_values, false},
    {"capacity", "error and loss against parameters, a line a depth", figure_capacity, false},
    {"heatmap", "validation accuracy or loss by two axes, a panel for each value of the others",
     figure_heatmap, false},
    {"confusion", "what the leader takes for what on the test set", figure_confusion, false},
    {"layers", "spread of activations and size of gradients by layer, before and during training",
     figure_layers, true},
    {"stopping",
     "what early stopping would have saved and cost, a panel a variant, a point a criterion",
     figure_stopping, true},
};

const size_t figure_count = sizeof figures / sizeof *figures;

static bool is_taken(const char *name) {
    for (size_t i = 0; i < figure_count; i++)
        if (strcmp(figures[i].name, name) == 0)
            return true;
    return false;
}

bool figures_compose(const struct figure_source *given, struct drawings *drawings,
                     struct error *err) {
    struct figure_source *shared = arena_alloc(given->arena, 1, sizeof *shared);
    const struct figure_source *source = shared;
    *shared = *given;
    if (given->variation->variants > 1 &&
        !points_load(given->database, given->results->experiment, given->variation, given->arena,
                     &shared->points, err))
        return false;
    drawings->count = figure_count + source->own.count;
    drawings->list = arena_alloc(source->arena, drawings->count, sizeof *drawings->list);
    for (size_t i = 0; i < figure_count; i++) {
        drawings->list[i].name = figures[i].name;
        if (!figures[i].compose(source, &drawings->list[i], err))
            return false;
    }
    for (size_t i = 0; i < source->own.count; i++) {
        const struct figure_decl *decl = &source->own.list[i];
        drawings->list[figure_count + i].name = decl->name;
        struct error failed = {0};
        if (is_taken(decl->name))
            error_set(&failed, ERROR_FAILED, "figure %s: there is one of this name already",
                      decl->name);
        else if (!figure_own(source, decl, &drawings->list[figure_count + i], &failed))
            drawings->list[figure_count + i].data = NULL;
        error_move(err, &failed);
    }
    return !err->first;
}

static bool make_folder(const char *path, struct error *err) {
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
}

/* Figures that several threads draw, each with a gnuplot of its own. */
struct drawing_work {
    const struct drawings *drawings;
    const char *folder;
    unsigned formats;
    struct error *errors; /* [count of drawings] */
    atomic_size_t next, drawn;
    atomic_bool failed;
};

static void *draw_figures(void *argument) {
    struct drawing_work *work = argument;
    const struct drawings *drawings = work->drawings;
    for (size_t i; !work->failed && (i = atomic_fetch_add(&work->next, 1)) < drawings->count;) {
        if (!drawings->list[i].data)
            continue;
        if (gnuplot_draw(&drawings->list[i], work->folder, work->formats, &work->errors[i]))
            atomic_fetch_add(&work->drawn, 1);
        else
            work->failed = true;
    }
    return NULL;
}

/* With as many threads as there are cores; this is one of them. */
static void draw_side_by_side(struct drawing_work *work, struct arena *arena) {
    size_t count = work->drawings->count, cores = machine_cores(""), started = 0;
    size_t wanted = (cores < count ? cores : count);
    pthread_t *threads = arena_alloc(arena, count + 1, sizeof *threads);
    while (started + 1 < wanted && thread_start(&threads[started], draw_figures, work) == 0)
        started++;
    draw_figures(work);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

bool figures_draw(const struct drawings *drawings, const char *folder, const char *experiment,
                  unsigned formats, size_t *drawn, struct error *err) {
    struct arena arena = {0};
    const char *own = arena_printf(&arena, "%s/%s", folder, experiment);
    /* A database may come from anywhere: its names become paths only if `run` could have made them.
     */
    bool ok = (name_is_plain(experiment) ||
               error_set(err, ERROR_FAILED,
                         "the database has an experiment '%.64s', whose name is no folder's "
                         "([a-z0-9][a-z0-9_-]{0,63})",
                         gnuplot_plain(experiment, &arena))) &&
              make_folder(folder, err) && make_folder(own, err);
    struct drawing_work work = {.drawings = drawings, .folder = own, .formats = formats};
    if (ok) {
        work.errors = arena_alloc(&arena, drawings->count, sizeof *work.errors);
        draw_side_by_side(&work, &arena);
        for (size_t i = 0; i < drawings->count; i++)
            error_move(err, &work.errors[i]);
        ok = !work.failed;
    }
    *drawn = work.drawn;
    arena_close(&arena);
    return ok;
}
