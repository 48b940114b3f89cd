#include "plan/plan.h"

#include "plan/sweep.h"

#include <errno.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

static bool is_given(const struct experiment *experiment, const char *name) {
    const struct knob *knob = knob_find(name);
    for (size_t i = 0; i < experiment->axis_count; i++)
        if (experiment->axes[i].knob == knob)
            return true;
    return experiment->base_places[knob - knobs].file != NULL;
}

static bool parse(const char *file, const char *text, size_t length,
                  const struct plan_override *overrides, size_t override_count, struct arena *arena,
                  struct plan *plan, struct error *err) {
    const struct yaml_node *root;
    struct experiment experiment;
    *plan = (struct plan){.file = file, .text = text, .length = length};
    bool ok = yaml_parse(file, text, length, arena, &root, err);
    if (!root)
        return false;
    ok &= experiment_read(file, root, arena, &experiment, err);
    for (size_t i = 0; i < override_count && ok; i++)
        ok = experiment_override(&experiment, overrides[i].text, arena, err);
    if (root->type == YAML_MAP && !is_given(&experiment, "dataset"))
        ok = error_at(err, (struct place){.file = file},
                      "no dataset is given (base: {dataset: "
                      "mnist})");
    plan->name = experiment.name;
    plan->question = experiment.question;
    return ok && sweep_expand(&experiment, arena, plan, err);
}

bool plan_parse(const char *file, const char *text, size_t length,
                const struct plan_override *overrides, size_t override_count, struct arena *arena,
                struct plan *plan, struct error *err) {
    bool ok = parse(file, text, length, overrides, override_count, arena, plan, err);
    error_sort(err);
    return ok;
}

struct place plan_place(const struct plan *plan, size_t trial, const char *knob) {
    const struct place *place = plan->trials[trial].places[knob_find(knob) - knobs];
    return place->file ? *place : (struct place){.file = plan->file};
}

bool plan_load(const char *path, const struct plan_override *overrides, size_t override_count,
               struct arena *arena, struct plan *plan, struct error *err) {
    FILE *file = fopen(path, "re");
    if (!file && errno == ENOMEM)
        out_of_memory();
    if (!file)
        return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
    char *text = arena_alloc(arena, FILE_MAX + 2, 1); /* one more than allowed, and a NUL */
    size_t length = fread(text, 1, FILE_MAX + 1, file);
    bool failed = ferror(file) != 0;
    int cause = errno;
    fclose(file);
    if (failed)
        return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(cause));
    return plan_parse(path, text, length, overrides, override_count, arena, plan, err);
}
