#include "plan/sweep.h"

#include "base/digest.h"
#include "base/rng.h"
#include "base/text.h"
#include "nn/loss.h"
#include "plan/variants.h"
#include "trial/contradiction.h"

#include <string.h>

/* Distinct messages after which no more settings are tried. */
enum { ERRORS_MAX = 50 };

static const uint64_t seed_maximum = UINT64_C(9007199254740992);

/* An experiment on its way to a plan. */
struct expansion {
    const struct experiment *experiment;
    struct arena *arena;
    struct plan *plan;
    struct error *err;
    struct trial defaults;
    size_t room;        /* for trials in the plan */
    bool *has_excluded; /* [exclude_count] */
};

/* The axes of one mapping that no override replaced: those of the variant first, those of seeds
 * last, so that a variant's seeds are neighbours. */
struct product {
    const struct block *block;
    const struct axis **axes; /* [count] */
    size_t count, variant_axes, settings;
    size_t *at;            /* [count] the values at hand */
    struct setting *drawn; /* [count] of axes with a distribution */
};

static struct target seed_target(void) {
    return (struct target){knob_find("seed"), NULL};
}

static size_t active_targets(const struct axis *axis) {
    size_t n = 0;
    for (size_t t = 0; t < axis->target_count; t++)
        n += !axis->replaced[t];
    return n;
}

/* 0: of the variant; 1: of seeds; 2: `seed` itself, which varies fastest. */
static int axis_rank(const struct axis *axis) {
    int rank = 2;
    for (size_t t = 0; t < axis->target_count; t++) {
        int own = axis->targets[t].knob->role != KNOB_OF_SEED     ? 0
                  : target_equal(axis->targets[t], seed_target()) ? 2
                                                                  : 1;
        if (!axis->replaced[t] && own < rank)
            rank = own;
    }
    return rank;
}

static struct product order_axes(const struct expansion *x, const struct block *block) {
    struct product p = {.block = block};
    p.axes = arena_alloc(x->arena, block->count, sizeof(struct axis *));
    for (int rank = 0; rank < 3; rank++) {
        for (size_t i = 0; i < block->count; i++) {
            size_t targets = active_targets(&block->axes[i]);
            if (!targets || axis_rank(&block->axes[i]) != rank)
                continue;
            p.axes[p.count++] = &block->axes[i];
            p.settings += targets;
        }
        if (rank == 0)
            p.variant_axes = p.count;
    }
    p.at = arena_alloc(x->arena, p.count, sizeof *p.at);
    return p;
}

/* The number of trials, checked before anything is multiplied out. */
static bool count_trials(const struct expansion *x, const struct product *p, size_t *count) {
    const struct experiment *e = x->experiment;
    if (__builtin_mul_overflow(*count, e->repeats, count) || *count > PLAN_TRIALS_MAX)
        return error_at(x->err, e->repeats_place, "more than %d trials", PLAN_TRIALS_MAX);
    for (size_t i = e->draws ? p->variant_axes : 0; i < p->count; i++)
        if (__builtin_mul_overflow(*count, p->axes[i]->count, count) || *count > PLAN_TRIALS_MAX)
            return error_at(x->err, p->axes[i]->place, "more than %d trials", PLAN_TRIALS_MAX);
    return true;
}

/* A list of seeds and repeats both say how many there are. */
static bool check_seeds(const struct expansion *x, const struct product *p) {
    const struct experiment *e = x->experiment;
    for (size_t i = 0; i < p->count; i++) {
        const struct axis *axis = p->axes[i];
        if (axis_rank(axis) != 2 || axis->count < 2 || e->repeats < 2)
            continue;
        error_at(x->err, axis->place,
                 "%zu seeds are listed here and repeats is %zu%s: only one of the two can say how "
                 "many there are",
                 axis->count, e->repeats, e->repeats_place.line ? " below" : "");
        return e->repeats_place.line
                   ? error_at(x->err, e->repeats_place,
                              "repeats is %zu here and %zu seeds are listed in line %zu",
                              e->repeats, axis->count, axis->place.line)
                   : false;
    }
    return true;
}

/* The next combination of axes from..to-1, the last one fastest. False: that was the last. */
static bool advance(struct product *p, size_t from, size_t to) {
    for (size_t i = to; i-- > from;) {
        if (++p->at[i] < p->axes[i]->count)
            return true;
        p->at[i] = 0;
    }
    return false;
}

/* The settings at hand. */
static const struct setting *const *combine(const struct expansion *x, const struct product *p) {
    const struct setting **list = arena_alloc(x->arena, p->settings, sizeof(struct setting *));
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct axis *axis = p->axes[i];
        for (size_t t = 0; t < axis->target_count; t++)
            if (!axis->replaced[t])
                list[count++] = axis->distribution.is_given
                                    ? &p->drawn[i]
                                    : &axis->settings[p->at[i] * axis->target_count + t];
    }
    return list;
}

/* An argument of a choice. One that the call itself gives stays; in one mapping that is a clash. */
static bool apply_argument(const struct setting *setting, const struct setting *choice,
                           bool same_level, struct trial *trial, struct error *err) {
    if (!choice || !call_gives(choice->written, setting->target.argument))
        return setting_apply(setting, trial, err);
    if (!same_level)
        return true;
    error_at(err, choice->place, "%s is given here and in line %zu", setting->target.argument,
             setting->place.line);
    return error_at(err, setting->place, "%s is given by '%s' too", setting->target.argument,
                    choice->written);
}

/* Base, sweep and overrides are three levels; the later one stands on top. */
struct layers {
    const struct settings *base, *overrides;
    const struct setting *const *list; /* [count] of the sweep */
    size_t count;
};

static const struct setting *layers_at(const struct layers *l, size_t i, int *level) {
    *level = i < l->base->count ? 0 : i < l->base->count + l->count ? 1 : 2;
    if (*level == 0)
        return &l->base->list[i];
    i -= l->base->count;
    return *level == 1 ? l->list[i] : &l->overrides->list[i - l->count];
}

/* The choice that an argument belongs to, or NULL for a default; and where it stands. */
static const struct setting *find_choice(const struct layers *l, size_t total,
                                         const struct knob *knob, int *level) {
    for (size_t i = total; i-- > 0;) {
        const struct setting *s = layers_at(l, i, level);
        if (s->target.knob == knob && !s->target.argument)
            return s;
    }
    return NULL;
}

/* Arguments come after all choices. */
static bool make_trial(const struct expansion *x, const struct setting *const *list, size_t count,
                       struct trial *trial, struct error *err) {
    struct layers l = {&x->experiment->base, &x->experiment->overrides, list, count};
    size_t total = l.base->count + count + l.overrides->count;
    bool ok = true;
    int level, own;
    *trial = x->defaults;
    for (size_t i = 0; i < total; i++) {
        const struct setting *s = layers_at(&l, i, &own);
        if (!s->target.argument)
            knob_set(s->target.knob, s->value, trial);
    }
    for (size_t i = 0; i < total; i++) {
        const struct setting *s = layers_at(&l, i, &own);
        if (!s->target.argument)
            continue;
        const struct setting *choice = find_choice(&l, total, s->target.knob, &level);
        if (choice && level < own)
            choice = NULL; /* what the call gives is replaced */
        ok &= apply_argument(s, choice, level == own, trial, err);
    }
    return ok;
}

/* Settings that contradict each other. Each rule notes what it finds. */
static void check_loss(const struct plan *plan, size_t i, struct error *err) {
    const struct trial *trial = &plan->trials[i].trial;
    const struct loss *loss = loss_of(&trial->loss);
    bool classes = trial->dataset->task == TASK_CLASSIFICATION;
    if (!(classes ? loss->for_classes : loss->for_values))
        error_at(err, plan_place(plan, i, "loss"), "the loss %s does not fit %s, whose task is %s",
                 loss->entry.name, trial->dataset->name, classes ? "classification" : "regression");
}

static void check_arguments(const struct plan *plan, size_t i, struct error *err) {
    for (size_t k = 0; k < knob_count; k++) {
        const struct choice *choice = knob_choice(&knobs[k], &plan->trials[i].trial);
        const char *what;
        if (!choice || !choice->entry || !knobs[k].rows->contradiction ||
            !(what = knobs[k].rows->contradiction(choice)))
            continue;
        struct arena scratch = {0};
        error_at(err, plan_place(plan, i, knobs[k].name), "%s: %s", choice_text(choice, &scratch),
                 what);
        arena_close(&scratch);
    }
}

static void check_contradictions(const struct plan *plan, size_t i, struct error *err) {
    struct contradiction broken;
    for (size_t r = 0; contradiction_at(r, &plan->trials[i].trial, &broken); r++) {
        if (!broken.knob)
            continue;
        struct place place = plan_place(plan, i, broken.knob);
        error_at(err, place, "%s", broken.what);
        struct place other = broken.other ? plan_place(plan, i, broken.other) : (struct place){0};
        if (other.line && place.line)
            error_at(err, other, "%s does not go with %s in line %zu", broken.other, broken.knob,
                     place.line);
    }
}

static void (*const rules[])(const struct plan *plan, size_t i, struct error *err) = {
    check_loss,
    check_arguments,
    check_contradictions,
};

static bool is_noted(const struct error *err, const struct error_message *message) {
    for (const struct error_message *m = err->first; m; m = m->next)
        if (m->line == message->line && m->column == message->column &&
            strcmp(m->text, message->text) == 0)
            return true;
    return false;
}

/* A setting is wrong in many trials: it is told once. */
static void note_once(const struct expansion *x, struct error *own) {
    for (struct error one = {0}; own->first; one = (struct error){0}) {
        struct error_message *next = own->first->next;
        one = (struct error){own->kind, 1, own->first, own->first, 1};
        own->first->next = NULL;
        own->first = next;
        if (is_noted(x->err, one.first))
            error_clear(&one);
        else
            error_move(x->err, &one);
    }
    *own = (struct error){0};
}

static bool is_excluded(const struct expansion *x, const struct trial *trial) {
    bool any = false;
    for (size_t i = 0; i < x->experiment->exclude_count; i++)
        if (filter_matches(&x->experiment->excludes[i], trial))
            x->has_excluded[i] = any = true;
    return any;
}

static struct planned_trial *add_trial(struct expansion *x) {
    struct plan *plan = x->plan;
    plan->trials = arena_grow(x->arena, plan->trials, plan->count, &x->room, sizeof *plan->trials);
    return &plan->trials[plan->count++];
}

/* The seeds of the settings at hand: seed, seed + 1, ... */
static void add_seeds(struct expansion *x, const struct planned_trial *first) {
    const struct experiment *e = x->experiment;
    struct error own = {0};
    for (size_t i = 0; i < e->repeats; i++) {
        struct planned_trial planned = *first;
        planned.trial.seed += i;
        trial_resolve(&planned.trial);
        if (planned.trial.seed > seed_maximum) {
            error_at(&own, e->repeats_place, "seed %llu and repeats: %zu go beyond %llu",
                     (unsigned long long)first->trial.seed, e->repeats,
                     (unsigned long long)seed_maximum);
            break;
        }
        if (is_excluded(x, &planned.trial))
            continue;
        *add_trial(x) = planned;
        for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
            rules[r](x->plan, x->plan->count - 1, &own);
    }
    note_once(x, &own);
}

/* All trials of the variant at hand. False: too much is wrong to go on. */
static bool add_variant(struct expansion *x, struct product *p, size_t block) {
    do {
        struct planned_trial planned = {.block = block, .setting_count = p->settings};
        struct error own = {0};
        planned.settings = combine(x, p);
        if (make_trial(x, planned.settings, p->settings, &planned.trial, &own))
            add_seeds(x, &planned);
        note_once(x, &own);
        if (x->err->count >= ERRORS_MAX)
            return false;
    } while (advance(p, p->variant_axes, p->count));
    return true;
}

static bool expand_products(struct expansion *x, struct product *products) {
    size_t total = 0;
    for (size_t b = 0; b < x->experiment->block_count; b++) {
        size_t count = 1;
        if (!count_trials(x, &products[b], &count))
            return false;
        total += count;
        if (total > PLAN_TRIALS_MAX)
            return error_at(x->err, products[b].block->place, "more than %d trials",
                            PLAN_TRIALS_MAX);
    }
    x->room = total;
    x->plan->trials = arena_alloc(x->arena, total, sizeof *x->plan->trials);
    for (size_t b = 0; b < x->experiment->block_count; b++)
        do
            if (!add_variant(x, &products[b], b))
                return false;
        while (advance(&products[b], 0, products[b].variant_axes));
    return true;
}

/* A number in (0, 1) of one axis in one draw, which no other axis moves. */
static double draw_unit(const struct expansion *x, size_t draw, const char *name) {
    struct rng rng = rng_stream(x->experiment->draw_seed, RNG_DRAWS);
    uint64_t key = digest64(name, strlen(name));
    struct rng_words words = rng_draw(rng, (uint32_t)draw, (uint32_t)key, (uint32_t)(key >> 32), 0);
    uint64_t bits = (uint64_t)words.word[0] << 20 ^ words.word[1] >> 12;
    return ((double)bits + 0.5) * 0x1p-52;
}

static size_t draw_index(const struct expansion *x, size_t draw, const char *name, size_t count) {
    return (size_t)(draw_unit(x, draw, name) * (double)count);
}

static bool draw_values(struct expansion *x, size_t draw, struct product *p) {
    p->drawn = arena_alloc(x->arena, p->count, sizeof *p->drawn); /* this variant's own */
    for (size_t i = 0; i < p->variant_axes; i++) {
        const struct axis *axis = p->axes[i];
        const char *name = target_name(axis->targets[0], x->arena);
        if (!axis->distribution.is_given) {
            p->at[i] = draw_index(x, draw, name, axis->count);
            continue;
        }
        double number = distribution_at(&axis->distribution, draw_unit(x, draw, name),
                                        target_is_whole(axis->targets[0]));
        if (!setting_parse(axis->targets[0], text_of_number(number, x->arena), axis->place,
                           &x->experiment->decls, x->arena, &p->drawn[i], x->err))
            return false;
    }
    return true;
}

static bool expand_draws(struct expansion *x, struct product *products) {
    const struct experiment *e = x->experiment;
    size_t tries = 1000 + 100 * e->draws, found = 0, count = e->draws;
    for (size_t b = 0; b < e->block_count; b++)
        if (count = e->draws, !count_trials(x, &products[b], &count))
            return false;
    struct variant_set *seen = variant_set_create(x->arena);
    for (size_t draw = 0; draw < tries && found < e->draws; draw++) {
        size_t b = draw_index(x, draw, "", e->block_count), before = x->plan->count;
        if (!draw_values(x, draw, &products[b]) || !add_variant(x, &products[b], b))
            return false;
        if (x->plan->count == before)
            continue; /* excluded, or wrong */
        if (variant_set_add(seen, &x->plan->trials[before].trial))
            found++;
        else
            x->plan->count = before;
    }
    return found == e->draws ||
           error_at(x->err, e->draws_place, "the sweep has only %zu variant%s to draw", found,
                    found == 1 ? "" : "s");
}

/* Probably a slip; after --set it may well be none. */
static void warn_of_idle_excludes(const struct expansion *x, struct error *warnings) {
    const struct experiment *e = x->experiment;
    for (size_t i = 0; i < e->exclude_count && !e->overrides.count && !e->draws; i++)
        if (!x->has_excluded[i])
            error_at(warnings, e->excludes[i].place, "no variant matches: nothing is excluded");
}

bool sweep_expand(const struct experiment *experiment, struct arena *arena, struct plan *plan,
                  struct error *warnings, struct error *err) {
    struct expansion x = {experiment, arena, plan, err, trial_default(), 0, NULL};
    struct product *products = arena_alloc(arena, experiment->block_count, sizeof *products);
    size_t before = err->count;
    x.has_excluded = arena_alloc(arena, experiment->exclude_count, sizeof *x.has_excluded);
    plan->base = &experiment->base;
    plan->overrides = &experiment->overrides;
    for (size_t b = 0; b < experiment->block_count; b++) {
        products[b] = order_axes(&x, &experiment->blocks[b]);
        if (!check_seeds(&x, &products[b]))
            return false;
    }
    bool ok = experiment->draws ? expand_draws(&x, products) : expand_products(&x, products);
    if (!ok || err->count > before)
        return false;
    if (!plan->count)
        return error_at(err, experiment->excludes[0].place, "every variant is excluded");
    warn_of_idle_excludes(&x, warnings);
    return variants_finish(experiment, arena, plan, warnings, err);
}
