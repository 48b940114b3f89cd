#include "report/figure.h"

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
     figure_curves, true, false},
    {"accuracy", "training, probe, validation and test accuracy by epoch, a panel a variant",
     figure_accuracy, true, false},
    {"gap", "validation loss minus probe loss by epoch, a line a variant", figure_gap, true, false},
    {"waste", "best epoch against epochs run, a row a variant", figure_waste, true, false},
    {"axis", "test error and loss against the values of each swept knob, a dot a seed",
     figure_axis_values, false, true},
    {"capacity", "error and loss against parameters, a line a depth", figure_capacity, false, true},
    {"heatmap", "validation accuracy or loss by two axes, a panel for each value of the others",
     figure_heatmap, false, true},
    {"confusion", "what the leader takes for what on the test set", figure_confusion, false, false},
    {"layers", "spread of activations and size of gradients by layer, before and during training",
     figure_layers, true, false},
    {"stopping",
     "what early stopping would have saved and cost, a panel a variant, a point a criterion",
     figure_stopping, true, false},
};

const size_t figure_count = sizeof figures / sizeof *figures;

static bool is_taken(const char *name) {
    for (size_t i = 0; i < figure_count; i++)
        if (strcmp(figures[i].name, name) == 0)
            return true;
    return false;
}

void figures_list(const struct figure_source *source, struct drawings *drawings) {
    drawings->count = figure_count + source->own.count;
    drawings->list = arena_alloc(source->arena, drawings->count, sizeof *drawings->list);
    for (size_t i = 0; i < drawings->count; i++)
        drawings->list[i].name =
            i < figure_count ? figures[i].name : source->own.list[i - figure_count].name;
}

static void compose_own(const struct figure_source *source, const struct figure_decl *decl,
                        struct drawing *drawing, struct error *err) {
    if (is_taken(decl->name))
        error_set(err, ERROR_FAILED, "figure %s: there is one of this name already", decl->name);
    else if (!figure_own(source, decl, drawing, err))
        drawing->data = NULL;
}

/* Figures that several threads compose, one at a time, and draw, each with a gnuplot of its own. */
struct figure_work {
    struct figure_source source; /* with its points, once a figure needs them */
    const struct drawings *drawings;
    const char *folder; /* NULL: they are not drawn */
    unsigned formats;
    struct error *errors; /* [count of drawings] */
    pthread_mutex_t composing;
    size_t next;              /* to be composed */
    bool has_points, stopped; /* stopped: the database cannot be read */
    atomic_size_t drawn;
    atomic_bool failed;
};

static bool load_points(struct figure_work *work, struct error *err) {
    struct figure_source *source = &work->source;
    work->has_points = true;
    return source->variation->variants < 2 ||
           points_load(source->database, source->results->experiment, source->variation,
                       source->arena, &source->points, err);
}

static bool compose_figure(struct figure_work *work, const struct figure *figure,
                           struct drawing *drawing, struct error *err) {
    return (!figure->reads_points || work->has_points || load_points(work, err)) &&
           figure->compose(&work->source, drawing, err);
}

static bool compose_next(struct figure_work *work, size_t *i) {
    const struct drawings *drawings = work->drawings;
    if (work->stopped || work->failed || work->next == drawings->count)
        return false;
    *i = work->next++;
    struct drawing *drawing = &drawings->list[*i];
    if (*i < figure_count)
        work->stopped = !compose_figure(work, &figures[*i], drawing, &work->errors[*i]);
    else
        compose_own(&work->source, &work->source.own.list[*i - figure_count], drawing,
                    &work->errors[*i]);
    return !work->stopped;
}

static void *make_figures(void *argument) {
    struct figure_work *work = argument;
    for (size_t i;;) {
        pthread_mutex_lock(&work->composing);
        bool composed = compose_next(work, &i);
        pthread_mutex_unlock(&work->composing);
        if (!composed)
            return NULL;
        const struct drawing *drawing = &work->drawings->list[i];
        if (!work->folder || !drawing->data || drawing->is_left_out)
            continue;
        if (gnuplot_draw(drawing, work->folder, work->formats, &work->errors[i]))
            atomic_fetch_add(&work->drawn, 1);
        else
            work->failed = true;
    }
}

static bool run_work(struct figure_work *work, size_t threads, struct error *err) {
    const struct drawings *drawings = work->drawings;
    work->errors = arena_alloc(work->source.arena, drawings->count, sizeof *work->errors);
    pthread_mutex_init(&work->composing, NULL);
    thread_share(make_figures, work, threads);
    pthread_mutex_destroy(&work->composing);
    bool ok = true;
    for (size_t i = 0; i < drawings->count; i++) {
        ok &= !work->errors[i].first;
        error_move(err, &work->errors[i]);
    }
    return ok;
}

bool figures_compose(const struct figure_source *source, const struct drawings *drawings,
                     struct error *err) {
    struct figure_work work = {.source = *source, .drawings = drawings};
    return run_work(&work, 1, err);
}

static bool make_folder(const char *path, struct error *err) {
    return mkdir(path, 0777) == 0 || errno == EEXIST ||
           error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
}

bool figures_make(const struct figure_source *source, const struct drawings *drawings,
                  const char *folder, unsigned formats, size_t *drawn, struct error *err) {
    const char *experiment = source->results->experiment;
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
    struct figure_work work = {
        .source = *source, .drawings = drawings, .folder = own, .formats = formats};
    ok = ok && run_work(&work, drawings->count, err);
    *drawn = work.drawn;
    arena_close(&arena);
    return ok;
}
