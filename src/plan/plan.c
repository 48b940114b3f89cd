#include "plan/plan.h"

#include "plan/source.h"
#include "plan/sweep.h"
#include "plan/variants.h"

static bool read_wheres(const struct plan_options *options, const struct dataset_decls *decls,
                        struct arena *arena, struct filter *filter, struct error *err) {
    *filter = (struct filter){.count = options->where_count};
    filter->conditions = arena_alloc(arena, filter->count, sizeof *filter->conditions);
    for (size_t i = 0; i < filter->count; i++)
        if (!condition_parse(options->wheres[i], decls, arena, &filter->conditions[i], err))
            return false;
    return true;
}

static void keep_matching(const struct filter *filter, struct plan *plan) {
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (filter_matches(filter, &plan->trials[i].trial))
            plan->trials[kept++] = plan->trials[i];
    plan->count = kept;
    variants_number(plan);
}

static bool parse(const char *file, const char *text, size_t length,
                  const struct plan_options *options, struct arena *arena, struct plan *plan,
                  struct error *err) {
    const struct yaml_node *root;
    struct experiment *experiment = arena_alloc(arena, 1, sizeof *experiment);
    struct filter filter;
    *plan = (struct plan){.name = "", .file = file, .text = text};
    bool ok = source_tree(file, text, length, arena, &root, err);
    if (!root)
        return false;
    bool is_whole = ok; /* without what it extends, a file may lack its dataset */
    ok &= experiment_read(file, root, arena, experiment, err);
    for (size_t i = 0; i < options->set_count && ok; i++)
        ok = experiment_override(experiment, options->sets[i], arena, err);
    if (is_whole && experiment->lacks_dataset)
        ok = error_at(err, (struct place){.file = file},
                      "no dataset is given (base: {dataset: mnist})");
    plan->name = experiment->name ? experiment->name : "";
    plan->question = experiment->question;
    if (!ok || !read_wheres(options, &experiment->decls, arena, &filter, err) ||
        !sweep_expand(experiment, arena, plan, options->warnings, err))
        return false;
    if (filter.count)
        keep_matching(&filter, plan);
    return true;
}

bool plan_parse(const char *file, const char *text, size_t length,
                const struct plan_options *options, struct arena *arena, struct plan *plan,
                struct error *err) {
    struct error dropped = {0};
    struct plan_options own = options ? *options : (struct plan_options){0};
    if (!own.warnings)
        own.warnings = &dropped;
    bool ok = parse(file, text, length, &own, arena, plan, err);
    error_sort(err);
    error_sort(own.warnings);
    error_clear(&dropped);
    return ok;
}

static const struct place *find_place(const struct settings *settings, const struct knob *knob) {
    for (size_t i = settings->count; i-- > 0;)
        if (settings->list[i].target.knob == knob)
            return &settings->list[i].place;
    return NULL;
}

struct place plan_place(const struct plan *plan, size_t trial, const char *knob) {
    const struct planned_trial *planned = &plan->trials[trial];
    const struct knob *row = knob_find(knob);
    const struct place *place = find_place(plan->overrides, row);
    for (size_t i = planned->setting_count; i-- > 0 && !place;)
        if (planned->settings[i]->target.knob == row)
            place = &planned->settings[i]->place;
    if (!place)
        place = find_place(plan->base, row);
    return place ? *place : (struct place){.file = plan->file};
}

bool plan_load(const char *path, const struct plan_options *options, struct arena *arena,
               struct plan *plan, struct error *err) {
    const char *text;
    size_t length;
    *plan = (struct plan){.name = "", .file = path};
    return source_read(path, arena, &text, &length, err) &&
           plan_parse(path, text, length, options, arena, plan, err);
}
