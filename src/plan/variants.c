#include "plan/variants.h"

#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

/* What only measures is no part of a trial's identity, seeds no part of a variant's. */
static struct digest hash_trial(const struct trial *trial, enum knob_role beyond) {
    unsigned char bytes[sizeof(struct trial) + KNOB_BYTES_MAX]; /* fields do not overlap */
    size_t size = 0;
    for (size_t k = 0; k < knob_count; k++)
        if (knobs[k].role < beyond)
            size += knob_bytes(&knobs[k], trial, bytes + size);
    return digest128(bytes, size, 0);
}

static struct digest hash_variant(const struct trial *trial) {
    return hash_trial(trial, KNOB_OF_SEED);
}

struct variant_set {
    struct arena *arena;
    struct slot {
        struct digest hash;
        size_t value; /* + 1; 0: empty */
    } * slots;        /* [room], a power of two, at most half full */
    size_t count, room;
};

struct variant_set *variant_set_create(struct arena *arena) {
    struct variant_set *set = arena_alloc(arena, 1, sizeof *set);
    *set = (struct variant_set){.arena = arena, .room = 64};
    set->slots = arena_alloc(arena, set->room, sizeof *set->slots);
    return set;
}

static struct slot *find_slot(const struct variant_set *set, struct digest hash) {
    size_t i = (size_t)hash.low & (set->room - 1);
    while (set->slots[i].value && !digest_equal(set->slots[i].hash, hash))
        i = (i + 1) & (set->room - 1);
    return &set->slots[i];
}

static void grow(struct variant_set *set) {
    struct variant_set larger = *set;
    larger.room *= 2;
    larger.slots = arena_alloc(set->arena, larger.room, sizeof *larger.slots);
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i].value)
            *find_slot(&larger, set->slots[i].hash) = set->slots[i];
    *set = larger;
}

/* The value that the hash has already, else `value` is noted. */
static size_t note(struct variant_set *set, struct digest hash, size_t value) {
    if (2 * set->count >= set->room)
        grow(set);
    struct slot *slot = find_slot(set, hash);
    if (!slot->value) {
        *slot = (struct slot){hash, value + 1};
        set->count++;
    }
    return slot->value - 1;
}

bool variant_set_add(struct variant_set *set, const struct trial *trial) {
    size_t own = set->count;
    return note(set, hash_variant(trial), own) == own;
}

/* Two settings of one mapping that come to the same. Another mapping, or --set, may well repeat. */
static void warn_of_equal(const struct experiment *experiment, const struct planned_trial *a,
                          const struct planned_trial *b, struct arena *arena,
                          struct error *warnings) {
    if (a->block != b->block || experiment->overrides.count)
        return;
    for (size_t i = 0; i < a->setting_count; i++) {
        const struct setting *x = a->settings[i], *y = b->settings[i];
        if (strcmp(x->text, y->text) == 0)
            continue;
        const char *text =
            arena_printf(arena, "%s and %s are the same %s in some variants: they are planned once",
                         x->text, y->text, target_name(x->target, arena));
        for (const struct error_message *m = warnings->first; m; m = m->next)
            if (strcmp(m->text, text) == 0)
                return;
        error_at(warnings, y->place, "%s", text);
        return;
    }
}

static void drop_equal(const struct experiment *experiment, struct plan *plan,
                       struct error *warnings) {
    struct arena scratch = {0};
    struct variant_set *seen = variant_set_create(&scratch);
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t first = note(seen, hash_trial(&plan->trials[i].trial, KNOB_OF_MEASURE), kept);
        if (first == kept)
            plan->trials[kept++] = plan->trials[i];
        else
            warn_of_equal(experiment, &plan->trials[first], &plan->trials[i], &scratch, warnings);
    }
    plan->count = kept;
    arena_close(&scratch);
}

struct ranked {
    size_t variant, index;
};

static int compare_ranked(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->variant != b->variant)
        return a->variant < b->variant ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* A variant's trials become neighbours: two mappings may give it different seeds. */
static void bring_together(struct plan *plan, struct arena *arena) {
    struct arena scratch = {0};
    struct variant_set *seen = variant_set_create(&scratch);
    struct ranked *order = arena_alloc(&scratch, plan->count, sizeof *order);
    bool sorted = true;
    for (size_t i = 0; i < plan->count; i++) {
        size_t own = seen->count;
        order[i] = (struct ranked){note(seen, hash_variant(&plan->trials[i].trial), own), i};
        plan->trials[i].variant = order[i].variant;
        sorted &= !i || order[i - 1].variant <= order[i].variant;
    }
    plan->variants = seen->count;
    if (!sorted) {
        struct planned_trial *trials = arena_alloc(arena, plan->count, sizeof *trials);
        qsort(order, plan->count, sizeof *order, compare_ranked);
        for (size_t i = 0; i < plan->count; i++)
            trials[i] = plan->trials[order[i].index];
        plan->trials = trials;
    }
    arena_close(&scratch);
}

void variants_number(struct plan *plan) {
    size_t before = SIZE_MAX;
    plan->variants = 0;
    for (size_t i = 0; i < plan->count; i++) {
        plan->variants += plan->trials[i].variant != before;
        before = plan->trials[i].variant;
        plan->trials[i].variant = plan->variants - 1;
    }
}

/* A target that may be an axis. */
struct candidate {
    struct target target;
    const char *base; /* its value where the sweep gives none; NULL: the trial tells */
    bool varies;
};

static const char *default_text(struct target target, struct arena *arena) {
    struct trial defaults = trial_default();
    return target.argument || !target.knob->fallback ? NULL : target_text(target, &defaults, arena);
}

static const char *base_text(const struct experiment *experiment, struct target target,
                             struct arena *arena) {
    const struct setting *setting = settings_find(&experiment->overrides, target);
    if (!setting)
        setting = settings_find(&experiment->base, target);
    return setting ? setting->text : default_text(target, arena);
}

/* The value of a candidate in a trial; "" where its choice has no such argument. */
static const char *value_text(const struct candidate *candidate,
                              const struct planned_trial *planned, struct arena *arena) {
    struct target target = candidate->target;
    for (size_t i = planned->setting_count; i-- > 0;)
        if (target_equal(planned->settings[i]->target, target))
            return planned->settings[i]->text;
    if (candidate->base || !target.argument)
        return candidate->base ? candidate->base : "";
    const char *text = target_text(target, &planned->trial, arena);
    return text ? text : "";
}

/* What the sweep names, in the file's order; seeds and what only measures are no axes. */
static struct candidate *find_candidates(const struct experiment *experiment, struct arena *arena,
                                         size_t *count) {
    struct candidate *list = NULL;
    size_t room = 0;
    *count = 0;
    for (size_t b = 0; b < experiment->block_count; b++)
        for (size_t a = 0; a < experiment->blocks[b].count; a++)
            for (size_t t = 0; t < experiment->blocks[b].axes[a].target_count; t++) {
                const struct axis *axis = &experiment->blocks[b].axes[a];
                size_t i = 0;
                while (i < *count && !target_equal(list[i].target, axis->targets[t]))
                    i++;
                if (i < *count || axis->replaced[t] ||
                    axis->targets[t].knob->role != KNOB_OF_VARIANT)
                    continue;
                list = arena_grow(arena, list, *count, &room, sizeof *list);
                list[(*count)++] = (struct candidate){
                    axis->targets[t], base_text(experiment, axis->targets[t], arena), false};
            }
    return list;
}

static void name_axes(struct candidate *candidates, size_t count, struct plan *plan,
                      struct arena *arena) {
    struct plan_axis *axes = arena_alloc(arena, count, sizeof *axes);
    for (size_t c = 0; c < count; c++) {
        struct arena scratch = {0};
        const char *first = value_text(&candidates[c], &plan->trials[0], &scratch);
        for (size_t i = 1; i < plan->count && !candidates[c].varies; i++)
            candidates[c].varies =
                strcmp(value_text(&candidates[c], &plan->trials[i], &scratch), first) != 0;
        arena_close(&scratch);
        if (candidates[c].varies)
            axes[plan->axis_count++] =
                (struct plan_axis){candidates[c].target.knob, candidates[c].target.argument,
                                   target_name(candidates[c].target, arena)};
    }
    plan->axes = axes;
}

static const char *make_label(const struct candidate *candidates, size_t count,
                              const struct planned_trial *planned, struct arena *arena) {
    const char *label = "";
    for (size_t c = 0; c < count; c++) {
        const char *value = candidates[c].varies ? value_text(&candidates[c], planned, arena) : "";
        if (*value)
            label = arena_printf(arena, "%s%s%s=%s", label, *label ? " " : "",
                                 target_name(candidates[c].target, arena), value);
    }
    return label;
}

static void make_labels(const struct experiment *experiment, struct plan *plan,
                        struct arena *arena) {
    size_t count;
    struct candidate *candidates = find_candidates(experiment, arena, &count);
    name_axes(candidates, count, plan, arena);
    for (size_t i = 0; i < plan->count; i++) {
        bool begins = !i || plan->trials[i].variant != plan->trials[i - 1].variant;
        plan->trials[i].label = begins ? make_label(candidates, count, &plan->trials[i], arena)
                                       : plan->trials[i - 1].label;
    }
}

/* Variants, the trials of which are neighbours. */
static size_t count_matching(const struct filter *baseline, bool strict, const struct plan *plan) {
    size_t found = 0, last = SIZE_MAX;
    for (size_t c = 0; c < baseline->count; c++)
        baseline->conditions[c].strict = strict;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->trials[i].variant != last && filter_matches(baseline, &plan->trials[i].trial)) {
            last = plan->trials[i].variant;
            found++;
        }
    return found;
}

/* As report/declaration.c finds it: `sgd` is the one without arguments where there is one, else
 * any. */
static bool check_baseline(const struct experiment *experiment, const struct plan *plan,
                           struct error *warnings, struct error *err) {
    const struct filter *baseline = experiment->baseline;
    if (!baseline)
        return true;
    size_t found = count_matching(baseline, true, plan);
    if (!found)
        found = count_matching(baseline, false, plan);
    if (found > 1)
        error_at(warnings, baseline->place,
                 "%zu variants match the baseline: none is it, and the leader takes its place",
                 found);
    return found || experiment->overrides.count ||
           error_at(err, baseline->place, "no variant is the baseline");
}

bool variants_finish(const struct experiment *experiment, struct arena *arena, struct plan *plan,
                     struct error *warnings, struct error *err) {
    drop_equal(experiment, plan, warnings);
    bring_together(plan, arena);
    make_labels(experiment, plan, arena);
    return check_baseline(experiment, plan, warnings, err);
}
