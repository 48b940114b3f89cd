#include "cli/feasible.h"

#include "data/split.h"
#include "nn/initializer.h"
#include "report/words.h"
#include "trial/knob.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct made_split {
    const struct dataset *dataset;
    struct split_options options;
    size_t rows; /* trained on */
};

/* What is being checked, and what was found. */
struct check {
    const struct workload *workload;
    struct arena *arena;
    const char **noted; /* [noted_count] places and warnings: each is told once */
    size_t noted_count, noted_room;
    struct made_split *splits; /* [split_count] */
    size_t split_count, split_room;
    size_t rows; /* that the split of the trial at hand leaves to train on */
    bool ok;
    struct error *err;
};

/* False: this was noted before. */
static bool note(struct check *check, const char *text) {
    for (size_t i = 0; i < check->noted_count; i++)
        if (strcmp(check->noted[i], text) == 0)
            return false;
    check->noted = arena_grow(check->arena, check->noted, check->noted_count, &check->noted_room,
                              sizeof *check->noted);
    check->noted[check->noted_count++] = arena_text(check->arena, text, strlen(text));
    return true;
}

static bool note_place(struct check *check, struct place place) {
    struct arena scratch = {0};
    bool is_new =
        note(check, arena_printf(&scratch, "%s:%zu:%zu", place.file, place.line, place.column));
    arena_close(&scratch);
    return is_new;
}

static void warn_at(struct place place, const char *format, ...) PRINTF_LIKE(2, 3);

static void warn_at(struct place place, const char *format, ...) {
    va_list list;
    if (place.line)
        fprintf(stderr, "%s:%zu:%zu: ", place.file, place.line, place.column);
    else
        fprintf(stderr, "%s: ", place.file);
    fputs("warning: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void feasible_warn_of_repeated_parts(const struct dataset *dataset, struct place place) {
    if (dataset->test_repeats_train)
        warn_at(place, "%s: the test file is the training file: it tests nothing new",
                dataset->name);
    if (dataset->test_repeats_validation)
        warn_at(place, "%s: the test file is the validation file", dataset->name);
    if (dataset->validation_repeats_train)
        warn_at(place, "%s: the validation file is the training file: it cannot show overfitting",
                dataset->name);
}

/* One sentence for all classes that one side lacks: its accuracy says nothing of them. */
static void warn_of_missing_classes(struct check *check, const struct dataset *dataset,
                                    const struct row_set *rows, const char *side) {
    enum { NAMED = 5 };
    struct arena scratch = {0};
    bool *seen = arena_alloc(&scratch, dataset->classes, sizeof *seen);
    size_t missing = 0;
    const char *names = "";
    for (size_t i = 0; i < rows->count; i++)
        seen[rows->part->labels[rows->rows[i]]] = true;
    for (size_t c = 0; rows->count && c < dataset->classes; c++)
        if (!seen[c] && ++missing <= NAMED)
            names = arena_printf(&scratch, "%s%s%s", names, *names ? ", " : "",
                                 dataset->class_names[c]);
    if (missing > NAMED)
        names = arena_printf(&scratch, "%s and %zu more", names, missing - NAMED);
    const char *text = arena_printf(&scratch, "%s: no %s row has the label%s %s", dataset->name,
                                    side, words_plural(missing), names);
    if (missing && note(check, text))
        warn_at((struct place){.file = check->workload->plan.file}, "%s", text);
    arena_close(&scratch);
}

/* A complaint about the value of a knob in trial i, unless its place has one already. */
static void refuse(struct check *check, size_t i, const char *knob, struct error *own) {
    struct place place = plan_place(&check->workload->plan, i, knob);
    if (note_place(check, place)) {
        error_give_place(own, place);
        error_move(check->err, own);
    }
    error_clear(own);
    check->ok = false;
}

/* The split that a trial has apart from its seed; many trials share one, which is made once. */
static struct made_split *find_split(const struct check *check, const struct work *work) {
    const struct split_options options = trial_split_options(work->trial);
    for (size_t i = check->split_count; i-- > 0;) {
        const struct split_options *made = &check->splits[i].options;
        if (check->splits[i].dataset == work->dataset &&
            made->validation_split == options.validation_split &&
            made->validation_from == options.validation_from &&
            made->train_rows == options.train_rows && made->label_noise == options.label_noise)
            return &check->splits[i];
    }
    return NULL;
}

static void check_split(struct check *check, size_t i) {
    const struct work *work = &check->workload->work[i];
    const struct trial *trial = work->trial;
    const struct dataset *dataset = work->dataset;
    const struct made_split *made = find_split(check, work);
    if (made) {
        check->rows = made->rows;
        return;
    }
    struct arena scratch = {0};
    struct error own = {0};
    struct split split;
    const struct split_options options = trial_split_options(trial);
    bool ok = split_make(dataset, &options, &scratch, &split, &own);
    check->rows = ok ? split.train.count : 0;
    check->splits = arena_grow(check->arena, check->splits, check->split_count, &check->split_room,
                               sizeof *check->splits);
    check->splits[check->split_count++] = (struct made_split){dataset, options, check->rows};
    if (ok && dataset->classes) {
        warn_of_missing_classes(check, dataset, &split.train, "training");
        warn_of_missing_classes(check, dataset, &split.validation, "validation");
    }
    arena_close(&scratch);
    if (!ok) {
        bool leaves_rows = dataset->validation.rows ||
                           split_training_rows(dataset->train.rows, trial->validation_split);
        refuse(check, i, leaves_rows ? "train_rows" : "validation_split", &own);
    }
}

/* Gradients are as large as the targets, and a bias moves by about the learning rate a step. */
static void check_targets(struct check *check, size_t i) {
    const double usual = 1000;
    const struct work *work = &check->workload->work[i];
    const struct data_part *train = &work->dataset->train;
    double largest = 0;
    if (!train->targets || strcmp(work->trial->target_scale.entry->name, "none") != 0)
        return;
    for (size_t r = 0; r < train->rows; r++)
        largest =
            fabs((double)train->targets[r]) > largest ? fabs((double)train->targets[r]) : largest;
    struct place place = plan_place(&check->workload->plan, i, "dataset");
    struct arena scratch = {0};
    const char *text = arena_printf(
        &scratch,
        "%s: targets reach %g: target_scale: standard trains on (target - mean) / deviation",
        work->dataset->name, largest);
    if (largest > usual && note(check, text))
        warn_at(place, "%s", text);
    arena_close(&scratch);
}

/* Several such batch sizes are one and the same training under several ids. */
static void check_batch(struct check *check, size_t i) {
    const struct trial *trial = check->workload->work[i].trial;
    if (!check->rows || trial->batch_size <= check->rows)
        return;
    struct place place = plan_place(&check->workload->plan, i, "batch_size");
    bool is_default = !place.line && strcmp(place.file, check->workload->plan.file) == 0;
    if (!is_default && note_place(check, place))
        warn_at(place, "batch_size is %llu, but %zu rows are trained on: an epoch is one minibatch",
                (unsigned long long)trial->batch_size, check->rows);
}

static void check_size(struct check *check, size_t i) {
    const struct work *work = &check->workload->work[i];
    struct error own = {0};
    uint64_t parameters =
        trial_parameters(work->trial, work->dataset->inputs, dataset_outputs(work->dataset));
    if (parameters <= INT32_MAX)
        return;
    error_set(&own, ERROR_INVALID, "a net of %llu parameters; at most 2^31 - 1 can be",
              (unsigned long long)parameters);
    refuse(check, i, "topology", &own);
}

static void check_initializer(struct check *check, size_t i) {
    const struct work *work = &check->workload->work[i];
    const struct trial *trial = work->trial;
    size_t fan_in = work->dataset->inputs;
    if (!initializer_of(&trial->initializer)->square_only)
        return;
    for (uint32_t l = 0; l <= trial->topology.depth; l++) {
        bool is_hidden = l < trial->topology.depth;
        size_t fan_out = is_hidden ? trial->topology.width[l] : dataset_outputs(work->dataset);
        if (fan_in != fan_out) {
            struct error own = {0};
            error_set(&own, ERROR_INVALID,
                      "the initializer %s needs square kernels; layer %u of %s has %zu x %zu",
                      trial->initializer.entry->name, l + 1, work->dataset->name, fan_in, fan_out);
            refuse(check, i, "initializer", &own);
            return;
        }
        fan_in = fan_out;
    }
}

/* Knobs that have a meaning for one task only. False: the trial cannot be trained. */
static bool check_task(struct check *check, size_t i) {
    const struct work *work = &check->workload->work[i];
    const struct trial *trial = work->trial;
    bool classes = work->dataset->task == TASK_CLASSIFICATION;
    const struct {
        const char *knob;
        bool is_set, needs_classes;
    } knobs_of_task[] = {
        {"label_noise", trial->label_noise > 0, true},
        {"validation_from", strcmp(trial->validation_from.entry->name, "stratified") == 0, true},
        {"target_scale", strcmp(trial->target_scale.entry->name, "none") != 0, false},
    };
    bool fits = true;
    for (size_t k = 0; k < sizeof knobs_of_task / sizeof *knobs_of_task; k++) {
        struct error own = {0};
        if (!knobs_of_task[k].is_set || knobs_of_task[k].needs_classes == classes)
            continue;
        error_set(&own, ERROR_INVALID, "%s: %s is for %s, but the task of %s is %s",
                  knobs_of_task[k].knob,
                  knob_text(knob_find(knobs_of_task[k].knob), trial, check->arena),
                  classes ? "regression" : "classes", work->dataset->name,
                  classes ? "classification" : "regression");
        refuse(check, i, knobs_of_task[k].knob, &own);
        fits = false;
    }
    return fits;
}

bool feasible_check(const struct workload *workload, struct arena *arena, struct error *err) {
    struct check check = {.workload = workload, .arena = arena, .ok = true, .err = err};
    for (size_t i = 0; i < workload->plan.count; i++) {
        if (!workload->work[i].dataset)
            continue;
        if (!check_task(&check, i))
            continue;
        check_split(&check, i);
        check_targets(&check, i);
        check_batch(&check, i);
        check_size(&check, i);
        check_initializer(&check, i);
    }
    return check.ok;
}
