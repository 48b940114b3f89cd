#include "plan/filter.h"

#include "base/text.h"

#include <string.h>

/* Signs that begin others stand behind them. */
struct relation {
    const char *sign;
    bool orders;               /* has a meaning for numbers only */
    bool less, equal, greater; /* what holds */
};

static const struct relation relations[] = {
    {"!=", false, true, false, true}, {"<=", true, true, true, false},
    {">=", true, false, true, true},  {"=", false, false, true, false},
    {"<", true, true, false, false},  {">", true, false, false, true},
};

static const struct relation *const equals = &relations[3];

struct condition condition_equal(struct target target, struct setting *values, size_t count) {
    return (struct condition){equals, target, values, count, false};
}

static const struct relation *relation_at(const char *text) {
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++)
        if (strncmp(text, relations[i].sign, strlen(relations[i].sign)) == 0)
            return &relations[i];
    return NULL;
}

static bool parse_values(const char *text, const struct dataset_decls *decls, struct arena *arena,
                         struct condition *condition, struct error *err) {
    size_t room = 0;
    for (const char *end;; text = end + 1) {
        end = text + (condition->relation->orders ? strlen(text) : text_item_length(text, ','));
        condition->values = arena_grow(arena, condition->values, condition->count, &room,
                                       sizeof *condition->values);
        if (!setting_parse(condition->target, arena_text(arena, text, (size_t)(end - text)),
                           (struct place){0}, decls, arena, &condition->values[condition->count++],
                           err))
            return false;
        if (!*end)
            return true;
    }
}

static bool parse(const char *text, const struct dataset_decls *decls, struct arena *arena,
                  struct condition *condition, struct error *err) {
    size_t length = strcspn(text, "=<>!");
    *condition = (struct condition){.relation = relation_at(text + length)};
    if (!condition->relation || !length)
        return error_set(err, ERROR_USAGE, "a condition is written K=V, K!=V, K<V or K>=V");
    if (!target_find(arena_text(arena, text, length), (struct place){0}, arena, &condition->target,
                     err))
        return false;
    if (condition->relation->orders && !target_is_numeric(condition->target))
        return error_set(err, ERROR_USAGE, "%s has no order: only = and != are for it",
                         target_name(condition->target, arena));
    return parse_values(text + length + strlen(condition->relation->sign), decls, arena, condition,
                        err);
}

bool condition_parse(const char *text, const struct dataset_decls *decls, struct arena *arena,
                     struct condition *condition, struct error *err) {
    struct error own = {0};
    bool ok = parse(text, decls, arena, condition, &own);
    if (!ok)
        error_set(err, ERROR_USAGE, "--where %s: %s", text, own.first->text);
    error_clear(&own);
    return ok;
}

static bool condition_holds(const struct condition *condition, const struct trial *trial) {
    const struct relation *c = condition->relation;
    if (c->orders) {
        double own, limit;
        if (!setting_numbers(&condition->values[0], trial, &limit, &own))
            return false;
        return own < limit ? c->less : own > limit ? c->greater : own == limit && c->equal;
    }
    bool any = false;
    for (size_t i = 0; i < condition->count && !any; i++)
        any = setting_matches(&condition->values[i], trial, condition->strict);
    return any == c->equal;
}

bool filter_matches(const struct filter *filter, const struct trial *trial) {
    for (size_t i = 0; i < filter->count; i++)
        if (!condition_holds(&filter->conditions[i], trial))
            return false;
    return true;
}
