#include "cli/selection.h"

#include "base/names.h"
#include "base/text.h"
#include "cli/where.h"
#include "cli/workload.h"
#include "plan/source.h"
#include "report/declaration.h"
#include "report/results.h"
#include "report/words.h"

#include <string.h>
#include <unistd.h>

/* Variants that a note names. */
enum { NAMED_MAX = 20 };

/* Of one argument or name, what the database has. */
static bool has_experiment(struct query_database *database, const char *name, struct arena *arena,
                           bool *found, struct error *err) {
    struct table table;
    struct sql_value cell = sql_text(name);
    bool ok = query_table(database, "SELECT 1 FROM member_rows WHERE experiment = ?1 LIMIT 1",
                          &cell, 1, arena, &table, err);
    *found = ok && table.rows;
    return ok;
}

static bool count_members(struct query_database *database, struct selection *selection,
                          struct arena *arena, struct error *err) {
    struct table table;
    struct sql_value name = sql_text(selection->name);
    if (!query_table(database,
                     "SELECT count(*) FILTER (WHERE origin = 'file'), count(*) FILTER (WHERE "
                     "origin = 'set') FROM member_rows JOIN trial_rows ON id = trial_id WHERE "
                     "experiment = ?1 AND in_plan",
                     &name, 1, arena, &table, err))
        return false;
    selection->recorded = (size_t)table.cells[0].integer;
    selection->added = (size_t)table.cells[1].integer;
    return true;
}

/* Variants that the experiment has by --set alone. */
static bool find_lacking(struct query_database *database, struct selection *selection,
                         struct arena *arena, struct error *err) {
    struct table table;
    struct sql_value name = sql_text(selection->name);
    if (!query_table(database,
                     "SELECT variant FROM member_rows JOIN trial_rows ON id = trial_id WHERE "
                     "experiment = ?1 AND origin IN ('file', 'set') GROUP BY variant HAVING "
                     "max(origin = 'file') = 0",
                     &name, 1, arena, &table, err))
        return false;
    selection->lacking_count = table.rows;
    selection->lacking = arena_alloc(arena, table.rows, sizeof *selection->lacking);
    for (size_t i = 0; i < table.rows; i++)
        selection->lacking[i] = sql_text_or_empty(&table.cells[i]);
    return true;
}

static bool select_file(const struct invocation *in, const char *path,
                        struct query_database *database, struct selection *selection,
                        struct error *err) {
    struct workload workload;
    const struct plan *plan = &workload.plan;
    if (!workload_identify(in, path, &workload, err))
        return false;
    *selection = (struct selection){.name = plan->name, .file = path, .planned = plan->count};
    if (!query_assume_plan(database, plan->name, workload.work, plan->count, err) ||
        !count_members(database, selection, in->arena, err) ||
        (selection->added && !find_lacking(database, selection, in->arena, err)))
        return false;
    if (selection->recorded + selection->added > 0 || !plan->count)
        return true;
    if (plan->count == 1)
        return error_set(err, ERROR_FAILED, "%s: its trial was not run yet (mlpsweep run %s)", path,
                         path);
    return error_set(err, ERROR_FAILED, "%s: none of its %zu trials was run yet (mlpsweep run %s)",
                     path, plan->count, path);
}

struct name_list {
    const char **names; /* [count] */
    size_t count;
};

static const char *name_at(const void *context, size_t i) {
    const struct name_list *list = context;
    return i < list->count ? list->names[i] : NULL;
}

static bool refuse_name(const struct invocation *in, const char *argument,
                        struct query_database *database, struct error *err) {
    struct name_list list;
    if (!results_experiments(database, in->arena, &list.names, &list.count, err))
        return false;
    struct hint hint = names_hint(&(struct names){.at = name_at, .context = &list}, argument, "");
    return error_set(err, ERROR_FAILED, "%s: no experiment '%s', and no such file%s",
                     option_database(in), argument, hint.text);
}

/* Names have no dots and no slashes. */
static bool select_argument(const struct invocation *in, const char *argument,
                            struct query_database *database, struct selection *selection,
                            struct error *err) {
    bool is_name = false;
    if (name_is_plain(argument) && !has_experiment(database, argument, in->arena, &is_name, err))
        return false;
    if (is_name) {
        *selection = (struct selection){.name = argument};
        return true;
    }
    if (strpbrk(argument, "./") || access(argument, F_OK) == 0)
        return select_file(in, argument, database, selection, err);
    return refuse_name(in, argument, database, err);
}

/* Whether --where leaves anything of it. */
static bool is_left(const struct invocation *in, struct query_database *database,
                    struct selection *selection, bool *left, struct error *err) {
    *left = true;
    if (!option_value(in, "where"))
        return true;
    if (!selection->file && !count_members(database, selection, in->arena, err))
        return false;
    *left = selection->recorded + selection->added > 0;
    return true;
}

/* Keeps those of which --where leaves trials. */
static bool drop_empty(const struct invocation *in, struct query_database *database,
                       struct selection *selections, size_t *count, struct error *err) {
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool left;
        if (!is_left(in, database, &selections[i], &left, err))
            return false;
        if (left)
            selections[kept++] = selections[i];
    }
    bool ok = kept || !*count || error_set(err, ERROR_USAGE, "no trial is as --where says");
    *count = kept;
    return ok;
}

/* A name becomes a path and text on a terminal: one that run would not have written is left out. */
static bool select_all(const struct invocation *in, struct query_database *database,
                       struct selection **selections, size_t *count, struct error *err) {
    const char **names;
    size_t found;
    if (!results_experiments(database, in->arena, &names, &found, err))
        return false;
    *selections = arena_alloc(in->arena, found, sizeof **selections);
    for (size_t i = 0; i < found; i++)
        if (name_is_plain(names[i]))
            (*selections)[(*count)++].name = names[i];
        else
            error_set(err, ERROR_FAILED, "%s: an experiment has the name '%s', which is none",
                      option_database(in), text_visible(names[i], strlen(names[i]), in->arena));
    return *count ||
           error_set(err, ERROR_FAILED, "%s: no experiment was run yet", option_database(in));
}

bool selection_open(const struct invocation *in, struct query_database **database,
                    struct selection **selections, size_t *count, struct error *err) {
    *count = 0;
    if (!query_open(option_database(in), database, err) || !where_apply(in, *database, err))
        return false;
    if (!in->count)
        return select_all(in, *database, selections, count, err) &&
               drop_empty(in, *database, *selections, count, err);
    *selections = arena_alloc(in->arena, in->count, sizeof **selections);
    for (size_t i = 0; i < in->count; i++) {
        struct error own = {0};
        if (select_argument(in, in->arguments[i], *database, &(*selections)[*count], &own))
            ++*count;
        error_move(err, &own);
    }
    return drop_empty(in, *database, *selections, count, err) && *count > 0;
}

static bool is_lacking(const struct selection *selection, const char *variant) {
    for (size_t i = 0; i < selection->lacking_count; i++)
        if (strcmp(selection->lacking[i], variant) == 0)
            return true;
    return false;
}

static void name_lacking(const struct selection *selection, const struct results *results,
                         FILE *out) {
    size_t named = 0;
    fprintf(out, "; %s has no such variant:\n", selection->file);
    for (size_t g = 0; g < results->count && named < NAMED_MAX; g++)
        if (is_lacking(selection, results->groups[g].variant)) {
            fprintf(out, "  %s\n", results->groups[g].label);
            named++;
        }
    if (selection->lacking_count > named)
        fprintf(out, "  and %zu more\n", selection->lacking_count - named);
}

/* The file's errors were found when it was selected. */
bool selection_declare(const struct selection *selection, struct results *results,
                       struct arena *arena, struct error *err) {
    const struct yaml_node *root;
    const char *text;
    size_t length;
    if (!selection->file || strcmp(selection->file, "-") == 0)
        return true;
    if (!source_read(selection->file, arena, &text, &length, err) ||
        !source_tree(selection->file, text, length, arena, &root, err))
        return false;
    struct declaration declaration = {0};
    declaration_read(root, &results->variation, arena, &declaration);
    results->question = declaration.question;
    results->figures = declaration.figures;
    results->baseline = declaration.baseline;
    return true;
}

void selection_note(const struct selection *selection, const struct results *results, FILE *out) {
    size_t missing = selection->file ? selection->planned - selection->recorded : 0;
    if (missing)
        fprintf(out, "%zu of %zu trial%s of %s %s not run yet.\n", missing, selection->planned,
                words_plural(selection->planned), selection->file, missing == 1 ? "was" : "were");
    if (!selection->file || !selection->added)
        return;
    fprintf(out, "%zu trial%s joined %s by --set", selection->added, words_plural(selection->added),
            selection->name);
    if (results && selection->lacking_count)
        name_lacking(selection, results, out);
    else
        fputs(".\n", out);
}
