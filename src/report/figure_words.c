/* The words and strokes that all figures share. */
#include "nn/loss.h"
#include "report/figures.h"
#include "report/words.h"
#include "trial/metric.h"
#include "trial/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct stroke figure_strokes[FIGURE_STROKES] = {
    {"#0072B2", 2, 7, 1}, {"#D55E00", 2, 5, 2}, {"#009E73", 2, 9, 3}, {"#CC79A7", 2, 13, 4},
    {"#E69F00", 2, 6, 5}, {"#56B4E9", 2, 4, 6}, {"#000000", 2, 8, 7}, {"#7F6000", 2, 12, 1},
};

const char *figure_title(const struct figure_source *source, const char *subject) {
    return arena_printf(source->arena, "%s: %s", source->results->experiment, subject);
}

int figure_font(const struct figure_source *source) {
    return font_of(source->plain);
}

struct canvas figure_canvas(const struct figure_source *source, double width) {
    return canvas_begin(fmin(width, source->width), source->plain, source->arena);
}

size_t figure_columns(const struct figure_source *source, size_t most) {
    size_t room = source->width < 340 ? 1 : source->width < 600 ? 2 : most;
    return room < most ? room : most;
}

double figure_y_room(const struct figure_source *source) {
    return source->plain ? GNUPLOT_CHARACTER_HEIGHT : 0;
}

const struct group *const *figure_ranked(const struct figure_source *source) {
    const struct results *results = source->results;
    const struct group **ranked = arena_alloc(source->arena, results->count, sizeof *ranked);
    size_t count = 0;
    for (size_t rank = 0; rank < results->count; rank++)
        for (size_t b = 0; b < results->board_count; b++)
            if (rank < results->boards[b].count)
                ranked[count++] = &results->boards[b].groups[rank];
    return ranked;
}

const char *figure_label(const struct figure_source *source, const struct group *group) {
    size_t row = variation_row(source->variation, group->variant);
    return variation_common(source->variation, "dataset")
               ? group->label
               : variation_label(source->variation, row, 0, source->arena);
}

/* `6 seeds`, `3 to 6 seeds`. */
static const char *seeds_text(size_t least, size_t most, struct arena *arena) {
    if (least == most)
        return arena_printf(arena, "%zu seed%s", most, most == 1 ? "" : "s");
    return arena_printf(arena, "%zu to %zu seeds", least, most);
}

static const char *band_text(size_t least, size_t most) {
    if (most < 2)
        return "";
    if (most < BAND_SEEDS)
        return "; band: minimum to maximum";
    return least < BAND_SEEDS
               ? "; band: minimum to maximum below 6 seeds, else the 95 % interval of the mean"
               : "; band: 95 % interval of the mean";
}

const char *figure_bar(const struct results *results, struct arena *arena) {
    size_t least = SIZE_MAX, most = 0;
    for (size_t g = 0; g < results->count; g++) {
        size_t seeds = results->groups[g].count;
        least = seeds && seeds < least ? seeds : least;
        most = seeds > most ? seeds : most;
    }
    if (most < 2)
        return "";
    return arena_printf(arena, "; mean and %s",
                        most < BAND_SEEDS ? "minimum to maximum"
                        : least < BAND_SEEDS
                            ? "minimum to maximum below 6 seeds, else the 95 % interval of the mean"
                            : "its 95 % interval");
}

/* Which variants there are beside those drawn, and why they are not. */
static const char *rest_text(const struct figure_source *source, size_t drawn,
                             enum figure_room room) {
    const struct results *results = source->results;
    size_t finished = 0, diverged = 0, waiting;
    for (size_t g = 0; g < results->count; g++) {
        const struct group *group = &results->groups[g];
        finished += group->count != 0;
        diverged += group->count && group->diverged == group->count;
    }
    waiting = results->count - finished;
    const char *text = "";
    if (drawn < finished && room == ROOM_LEFT)
        text = arena_printf(source->arena, "; %zu variant%s %s", finished - drawn,
                            finished - drawn == 1 ? "" : "s",
                            finished - drawn <= diverged ? "diverged at once"
                            : finished - drawn == 1      ? "has no such numbers"
                                                         : "have no such numbers");
    else if (drawn < finished && room == ROOM_FULL)
        text = arena_printf(source->arena, "; the %zu best of %zu variants, more do not fit", drawn,
                            finished);
    if (waiting && room != ROOM_FOR_ONE)
        text = arena_printf(source->arena, "%s; %zu variant%s no finished trial yet", text, waiting,
                            waiting == 1 ? " has" : "s have");
    return text;
}

bool figure_thins_out(const struct group *group) {
    double least = (double)INFINITY, most = 0;
    for (size_t i = 0; i < group->count; i++) {
        least = fmin(least, group->results[i].number[RESULT_EPOCHS]);
        most = fmax(most, group->results[i].number[RESULT_EPOCHS]);
    }
    return group->count > 1 && (group->diverged || least < most);
}

const char *figure_caption(const struct figure_source *source, const struct group *const *groups,
                           size_t count, bool banded, enum figure_room room) {
    struct arena *arena = source->arena;
    size_t least = SIZE_MAX, most = 0, drawn = 0;
    bool dashed = false, partial = false;
    size_t diverged = 0;
    for (size_t g = 0; g < count; g++) {
        if (!groups[g]->count)
            continue;
        drawn++;
        least = groups[g]->count < least ? groups[g]->count : least;
        most = groups[g]->count > most ? groups[g]->count : most;
        dashed |= figure_thins_out(groups[g]);
        diverged += groups[g]->diverged;
        partial |= groups[g]->count < groups[g]->planned;
    }
    const char *dataset = variation_common(source->variation, "dataset");
    return arena_printf(
        arena, "%s%s%s%s%s%s%s", dataset ? dataset : "", dataset ? "; " : "",
        seeds_text(drawn ? least : 0, most, arena), banded ? band_text(least, most) : "",
        banded && dashed ? "; dashed where not all seeds are left"
        : !banded && diverged
            ? arena_printf(arena, "; %zu trial%s diverged", diverged, diverged == 1 ? "" : "s")
            : "",
        partial ? arena_printf(arena, "; %zu of %zu trials done", source->results->done,
                               source->results->trials)
                : "",
        rest_text(source, drawn, room));
}

const char *figure_caption_all(const struct figure_source *source) {
    const struct results *results = source->results;
    const struct group **groups = arena_alloc(source->arena, results->count, sizeof *groups);
    for (size_t g = 0; g < results->count; g++)
        groups[g] = &results->groups[g];
    return figure_caption(source, groups, results->count, false, ROOM_FULL);
}

/* A number of an epoch or of a trial. */
static const char *unit_of(const char *name) {
    const struct metric *metric = metric_find(name);
    const struct trial_result *result = trial_result_find(name);
    const char *unit = metric ? metric->unit : result ? result->unit : NULL;
    return unit ? unit : "";
}

double figure_scale(const char *name) {
    return strcmp(unit_of(name), "fraction") == 0 ? 100 : 1;
}

const char *figure_loss(const char *name, struct arena *arena) {
    const struct entry *entry = name ? registry_find(&losses, name) : NULL;
    if (!entry)
        return name ? name : "each variant's own";
    char *words = arena_text(arena, name, strlen(name));
    for (char *at = words; *at; at++)
        if (*at == '_')
            *at = ' ';
    const struct loss *loss = (const struct loss *)(const void *)entry;
    return loss->unit ? arena_printf(arena, "%s, %s", words, loss->unit) : words;
}

const char *figure_axis(const struct figure_source *source, const char *words, const char *name) {
    const char *unit = unit_of(name);
    if (figure_scale(name) != 1)
        unit = strstr(name, "accuracy") ? "% of rows" : "%";
    else if (strstr(name, "_loss"))
        unit = figure_loss(variation_common(source->variation, "loss"), source->arena);
    else if (strstr(name, "_mae"))
        unit = "target units";
    return *unit ? arena_printf(source->arena, "%s (%s)", words, unit) : words;
}

const char *figure_direction(const char *name) {
    static const char *const better[] = {[LOWER_IS_BETTER] = "lower is better",
                                         [HIGHER_IS_BETTER] = "higher is better",
                                         [NEITHER_IS_BETTER] = ""};
    const struct metric *metric = metric_find(name);
    const struct trial_result *result = trial_result_find(name);
    return better[metric ? metric->direction : result ? result->direction : NEITHER_IS_BETTER];
}

double figure_median(const struct group *group, size_t number) {
    double *values = calloc(group->count + 1, sizeof *values);
    if (!values)
        out_of_memory();
    for (size_t i = 0; i < group->count; i++)
        values[i] =
            result_is_done(&group->results[i]) ? group->results[i].number[number] : (double)NAN;
    double median = median_of(values, group->count);
    free(values);
    return median;
}

const char *figure_best_words(const struct figure_source *source) {
    return words_best(variation_common(source->variation, "monitor"));
}

const char *figure_when(const struct figure_source *source) {
    for (size_t g = 0; g < source->results->count; g++)
        if (source->results->groups[g].moments[RESULT_BEST_EPOCH].n)
            return arena_printf(source->arena, "at the %s", figure_best_words(source));
    return "at the last epoch";
}

const char *figure_best_epoch(const struct group *group, struct arena *arena) {
    const struct moments *m = &group->moments[RESULT_BEST_EPOCH];
    double median = figure_median(group, RESULT_BEST_EPOCH);
    if (m->minimum == m->maximum)
        return arena_printf(arena, "%g", median);
    return arena_printf(arena, "%g (median; %g to %g)", median, m->minimum, m->maximum);
}

struct range figure_x_range(const struct figure_source *source, const struct curve *xs,
                            size_t count) {
    struct range range = {(double)INFINITY, 0, false};
    for (size_t i = 0; i < count; i++)
        for (size_t e = 0; e < xs[i].epochs; e++)
            if (isfinite(xs[i].at[e].mean)) {
                range.low = fmin(range.low, xs[i].at[e].mean);
                range.high = fmax(range.high, xs[i].at[e].mean);
            }
    if (source->x->from_zero)
        range.low = 0;
    if (!(range.low < range.high)) /* one epoch, or none */
        range = (struct range){0.5 * range.high, range.high > 0 ? 1.5 * range.high : 1, false};
    return range;
}

const char *figure_x_ticks(const struct figure_source *source, struct range range, double width) {
    double digits = font_text_width(ticks_number(range.high, source->arena), figure_font(source));
    size_t room = (size_t)(width / fmax(45, digits + 24));
    return source->x->whole ? ticks_whole(range, room, source->arena)
                            : ticks_linear(range, room, source->arena);
}

bool figure_x_load(const struct figure_source *source, const struct group *group, struct curve *x,
                   struct error *err) {
    return curves_load(source->database, source->results->experiment, group, &source->x->expression,
                       1, source->arena, x, err);
}

double figure_x_at(const struct curve *x, double epoch) {
    if (epoch == 0) /* before training */
        return 0;
    size_t below = (size_t)floor(epoch);
    if (!(epoch >= 1) || below > x->epochs)
        return (double)NAN;
    double part = epoch - (double)below, at = x->at[below - 1].mean;
    return part > 0 && below < x->epochs ? at + part * (x->at[below].mean - at) : at;
}

const char *figure_number(double number, struct arena *arena) {
    return isfinite(number) ? arena_printf(arena, "%.8g", number) : "NaN";
}

void figure_put_moments(const struct moments *m, size_t seeds, struct arena *arena, FILE *out) {
    fprintf(out, "\t%s\t%s\t%s", figure_number(m->n ? m->mean : (double)NAN, arena),
            figure_number(curve_low(m, seeds), arena), figure_number(curve_high(m, seeds), arena));
}
