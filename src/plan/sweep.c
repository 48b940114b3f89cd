#include "plan/sweep.h"

#include "nn/loss.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Axes of the variant come first, those of seeds last: a variant's seeds are neighbours. */
struct product {
    const struct experiment *experiment;
    const struct axis **axes; /* [count] */
    size_t count, variant_axes;
    size_t *at; /* [count] the values at hand */
    uint64_t *seeds;
    size_t seed_count;
    struct arena *arena;
};

static const struct knob *seed_knob(void) {
    return knob_find("seed");
}

static bool is_seed_axis(const struct axis *axis) {
    return axis->knob == seed_knob();
}

struct ranked_seed {
    uint64_t seed;
    size_t index;
};

static int compare_seeds(const void *left, const void *right) {
    const struct ranked_seed *a = left, *b = right;
    if (a->seed != b->seed)
        return a->seed < b->seed ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* Of equal seeds the first stays. */
static void drop_repeated_seeds(struct product *p) {
    struct arena scratch = {0};
    struct ranked_seed *ranked = arena_alloc(&scratch, p->seed_count, sizeof *ranked);
    bool *drop = arena_alloc(&scratch, p->seed_count, sizeof *drop);
    for (size_t i = 0; i < p->seed_count; i++)
        ranked[i] = (struct ranked_seed){p->seeds[i], i};
    qsort(ranked, p->seed_count, sizeof *ranked, compare_seeds);
    for (size_t i = 1; i < p->seed_count; i++)
        drop[ranked[i].index] = ranked[i].seed == ranked[i - 1].seed;
    size_t kept = 0;
    for (size_t i = 0; i < p->seed_count; i++)
        if (!drop[i])
            p->seeds[kept++] = p->seeds[i];
    p->seed_count = kept;
    arena_close(&scratch);
}

/* seed, seed + 1, ... of the base value or of each value of a seed axis; none twice. */
static bool collect_seeds(struct product *p, struct error *err) {
    const struct experiment *e = p->experiment;
    struct axis single = {.place = e->base_places[seed_knob() - knobs],
                          .values = (struct trial[]){e->base},
                          .count = 1};
    const struct axis *axis = &single;
    for (size_t i = 0; i < e->axis_count; i++)
        if (is_seed_axis(&e->axes[i]))
            axis = &e->axes[i];
    size_t most;
    if (__builtin_mul_overflow(axis->count, e->repeats, &most) || most > PLAN_TRIALS_MAX)
        return error_at(err, axis->place, "more than %d trials", PLAN_TRIALS_MAX);
    p->seeds = arena_alloc(p->arena, most, sizeof *p->seeds);
    for (size_t i = 0; i < axis->count; i++)
        for (size_t r = 0; r < e->repeats; r++)
            p->seeds[p->seed_count++] = axis->values[i].seed + r;
    if (axis->count > 1) /* one value's seeds are neighbours: none repeats */
        drop_repeated_seeds(p);
    return true;
}

static void order_axes(struct product *p) {
    const struct experiment *e = p->experiment;
    p->axes = arena_alloc(p->arena, e->axis_count, sizeof(struct axis *));
    for (size_t role = 0; role < 2; role++) {
        for (size_t i = 0; i < e->axis_count; i++)
            if (!is_seed_axis(&e->axes[i]) &&
                (e->axes[i].knob->role == KNOB_OF_SEED) == (role == 1))
                p->axes[p->count++] = &e->axes[i];
        if (role == 0)
            p->variant_axes = p->count;
    }
    p->at = arena_alloc(p->arena, p->count, sizeof *p->at);
}

/* The number of trials, checked before anything is multiplied out. */
static bool count_trials(const struct product *p, size_t *count, struct error *err) {
    *count = p->seed_count;
    for (size_t i = 0; i < p->count; i++)
        if (__builtin_mul_overflow(*count, p->axes[i]->count, count) || *count > PLAN_TRIALS_MAX)
            return error_at(err, p->axes[i]->place, "more than %d trials", PLAN_TRIALS_MAX);
    return true;
}

/* The next combination of axes from..count-1, the last one fastest. False: that was the last. */
static bool advance(struct product *p, size_t from, size_t to) {
    for (size_t i = to; i-- > from;) {
        if (++p->at[i] < p->axes[i]->count)
            return true;
        p->at[i] = 0;
    }
    return false;
}

static const char *value_text(const struct knob *knob, const struct trial *trial,
                              struct arena *arena) {
    return knob->type == KNOB_TOPOLOGY ? topology_text(&trial->topology, arena)
                                       : knob_text(knob, trial, arena);
}

static const char *make_label(const struct product *p) {
    const char *label = "";
    for (size_t i = 0; i < p->variant_axes; i++)
        if (p->axes[i]->count > 1)
            label = arena_printf(
                p->arena, "%s%s%s=%s", label, *label ? " " : "", p->axes[i]->knob->name,
                value_text(p->axes[i]->knob, &p->axes[i]->values[p->at[i]], p->arena));
    return label;
}

static struct place place_of(const struct product *p, const char *knob) {
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->axes[i]->knob->name, knob) == 0)
            return p->axes[i]->place;
    return p->experiment->base_places[knob_find(knob) - knobs];
}

/* Settings that contradict each other. */
static bool check_trial(const struct product *p, const struct trial *trial, struct error *err) {
    const struct loss *loss = loss_of(&trial->loss);
    bool classes = trial->dataset->task == TASK_CLASSIFICATION;
    if (classes ? loss->for_classes : loss->for_values)
        return true;
    return error_at(err, place_of(p, "loss"), "the loss %s does not fit %s, whose task is %s",
                    loss->entry.name, trial->dataset->name,
                    classes ? "classification" : "regression");
}

/* Where the values at hand stand. A seed's own place is that of its base value or axis. */
static const struct place *const *places_at_hand(const struct product *p) {
    const struct place **places = arena_alloc(p->arena, knob_count, sizeof(struct place *));
    for (size_t k = 0; k < knob_count; k++)
        places[k] = &p->experiment->base_places[k];
    for (size_t i = 0; i < p->experiment->axis_count; i++)
        places[p->experiment->axes[i].knob - knobs] = &p->experiment->axes[i].place;
    for (size_t i = 0; i < p->count; i++)
        places[p->axes[i]->knob - knobs] = &p->axes[i]->places[p->at[i]];
    return places;
}

static bool add_variant(struct product *p, struct plan *plan, struct error *err) {
    const char *label = make_label(p);
    do {
        struct trial trial = p->experiment->base;
        const struct place *const *places = places_at_hand(p);
        for (size_t i = 0; i < p->count; i++)
            knob_copy(p->axes[i]->knob, &p->axes[i]->values[p->at[i]], &trial);
        for (size_t s = 0; s < p->seed_count; s++) {
            struct planned_trial *planned = &plan->trials[plan->count++];
            *planned = (struct planned_trial){trial, label, plan->variants, places};
            planned->trial.seed = p->seeds[s];
            trial_resolve(&planned->trial);
        }
        if (!check_trial(p, &plan->trials[plan->count - 1].trial, err))
            return false;
    } while (advance(p, p->variant_axes, p->count));
    plan->variants++;
    return true;
}

/* A trial by a hash of all its values. */
struct keyed {
    XXH128_hash_t key;
    size_t index;
};

static int compare_keys(const void *left, const void *right) {
    const struct keyed *a = left, *b = right;
    int order = XXH128_cmp(&a->key, &b->key);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static XXH128_hash_t hash_values(const struct trial *trial) {
    struct arena scratch = {0};
    const char *key = "";
    for (size_t k = 0; k < knob_count; k++)
        key = arena_printf(&scratch, "%s%s;", key, knob_text(&knobs[k], trial, &scratch));
    XXH128_hash_t hash = XXH3_128bits(key, strlen(key));
    arena_close(&scratch);
    return hash;
}

/* Values that are automatic may come to the same as others that are written out: of equal trials
 * the first stays. */
static void drop_duplicates(struct plan *plan) {
    struct arena scratch = {0};
    struct keyed *keyed = arena_alloc(&scratch, plan->count, sizeof *keyed);
    bool *drop = arena_alloc(&scratch, plan->count, sizeof *drop);
    for (size_t i = 0; i < plan->count; i++)
        keyed[i] = (struct keyed){hash_values(&plan->trials[i].trial), i};
    qsort(keyed, plan->count, sizeof *keyed, compare_keys);
    for (size_t i = 1; i < plan->count; i++)
        drop[keyed[i].index] = XXH128_isEqual(keyed[i].key, keyed[i - 1].key);
    size_t kept = 0, variants = 0, before = SIZE_MAX;
    for (size_t i = 0; i < plan->count; i++) {
        if (drop[i])
            continue;
        variants += plan->trials[i].variant != before;
        before = plan->trials[i].variant;
        plan->trials[kept] = plan->trials[i];
        plan->trials[kept++].variant = variants - 1;
    }
    plan->count = kept;
    plan->variants = variants;
    arena_close(&scratch);
}

static bool may_repeat(const struct product *p) {
    for (size_t i = 0; i < p->count; i++)
        if (p->axes[i]->knob->automatic && p->axes[i]->count > 1)
            return true;
    return false;
}

static void name_axes(const struct product *p, struct plan *plan) {
    const struct knob **axes = arena_alloc(p->arena, p->count, sizeof(struct knob *));
    for (size_t i = 0; i < p->variant_axes; i++)
        if (p->axes[i]->count > 1)
            axes[plan->axis_count++] = p->axes[i]->knob;
    plan->axes = axes;
}

bool sweep_expand(const struct experiment *experiment, struct arena *arena, struct plan *plan,
                  struct error *err) {
    struct product p = {.experiment = experiment, .arena = arena};
    size_t count;
    order_axes(&p);
    if (!collect_seeds(&p, err) || !count_trials(&p, &count, err))
        return false;
    name_axes(&p, plan);
    plan->trials = arena_alloc(arena, count, sizeof *plan->trials);
    do
        if (!add_variant(&p, plan, err))
            return false;
    while (advance(&p, 0, p.variant_axes));
    if (may_repeat(&p))
        drop_duplicates(plan);
    return true;
}
