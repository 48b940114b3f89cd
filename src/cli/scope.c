#include "cli/scope.h"

#include "plan/plan.h"
#include "report/results.h"

bool scope_read(const struct invocation *in, struct query_database *database, const char ***names,
                size_t *count, struct error *err) {
    bool ok = true;
    if (!in->count)
        return results_experiments(database, in->arena, names, count, err) &&
               (*count ||
                error_set(err, ERROR_FAILED, "%s: no experiment was run yet", option_database(in)));
    *count = in->count;
    *names = arena_alloc(in->arena, in->count, sizeof **names);
    for (size_t i = 0; i < in->count; i++) {
        struct plan plan;
        struct error own = {0};
        ok &= plan_load(in->arguments[i], NULL, 0, in->arena, &plan, &own);
        error_move(err, &own);
        (*names)[i] = plan.name;
    }
    return ok;
}
