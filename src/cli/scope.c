#include "cli/scope.h"

#include "plan/plan.h"
#include "report/results.h"

static bool name_files(const struct invocation *in, const char **names, struct error *err) {
    bool ok = true;
    for (size_t i = 0; i < in->count; i++) {
        struct plan plan;
        struct error own = {0};
        ok &= plan_load(in->arguments[i], NULL, 0, in->arena, &plan, &own);
        error_move(err, &own);
        names[i] = plan.name;
    }
    return ok;
}

bool scope_open(const struct invocation *in, struct query_database **database, const char ***names,
                size_t *count, struct error *err) {
    *count = in->count;
    *names = arena_alloc(in->arena, in->count, sizeof **names);
    if (!query_open(option_database(in), database, err))
        return false;
    if (in->count)
        return name_files(in, *names, err);
    return results_experiments(*database, in->arena, names, count, err) &&
           (*count ||
            error_set(err, ERROR_FAILED, "%s: no experiment was run yet", option_database(in)));
}
