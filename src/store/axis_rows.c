#include "store/axis_rows.h"

#include "base/digest.h"
#include "base/stream.h"
#include "nn/optimizer.h"
#include "trial/knob.h"

#include <stdlib.h>

static void hash_text(sqlite3_context *context, int count, sqlite3_value **values) {
    (void)count;
    const char *text = (const char *)sqlite3_value_text(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]);
    sqlite3_result_int64(context, text ? (int64_t)digest64(text, length) : 0);
}

static bool is_axis(const struct knob *knob) {
    return knob->role == KNOB_OF_VARIANT && knob->type != KNOB_DATASET;
}

/* The knob's value with its arguments, as one SQL value; whole numbers stay numbers. */
static void put_value(FILE *sql, const struct knob *knob) {
    if (knob_has_arguments(knob))
        fprintf(sql, "%s || %s_arguments", knob->name, knob->name);
    else
        fprintf(sql, "coalesce(%s, '%s')", knob->name, knob->automatic ? knob->automatic : "");
}

/* A number that is what `auto` stands for counts as `auto`, so that variants which leave the
 * learning rate to their optimizers differ in the optimizer alone. */
static void put_number_or_auto(FILE *sql, const struct knob *knob) {
    static const struct data_source any = {.name = ""};
    fprintf(sql, "(CASE WHEN %s IS (CASE optimizer", knob->name);
    const struct entry *row;
    for (size_t i = 0; (row = registry_row(&optimizers, i)); i++) {
        struct trial trial = trial_default();
        struct arena scratch = {0};
        trial.dataset = &any;
        trial.optimizer = choice_default(&optimizers, row->name);
        trial_resolve(&trial);
        struct sql_value value = knob_column(knob, &trial, &scratch);
        fprintf(sql, " WHEN '%s' THEN %.17g", row->name, value.real);
        arena_close(&scratch);
    }
    fprintf(sql, " END) THEN '%s' ELSE %s END)", knob->automatic, knob->name);
}

static void put_others(FILE *sql, const struct knob *knob) {
    fputs("dataset", sql);
    for (size_t i = 0; i < knob_count; i++)
        if (&knobs[i] != knob && is_axis(&knobs[i])) {
            fputs(" || '|' || ", sql);
            if (knobs[i].type == KNOB_NUMBER && knobs[i].automatic)
                put_number_or_auto(sql, &knobs[i]);
            else
                put_value(sql, &knobs[i]);
        }
}

static bool add_axis(const struct database *database, const struct knob *knob, int64_t after,
                     struct error *err) {
    struct stream stream;
    FILE *sql = stream_open(&stream);
    fprintf(sql,
            "INSERT OR IGNORE INTO axis_rows(variant, axis, value, rest) SELECT variant, '%s', ",
            knob->name);
    put_value(sql, knob);
    fputs(", hash_text(", sql);
    put_others(sql, knob);
    fputs(") FROM trial_rows WHERE id > max(?1, 0) GROUP BY variant", sql);
    char *text = stream_close(&stream);
    struct sql_value cell = sql_integer(after);
    bool ok = database_run(database, text, &cell, 1, err);
    free(text);
    return ok;
}

bool axis_rows_add(const struct database *database, int64_t after, struct error *err) {
    if (sqlite3_create_function(database->handle, "hash_text", 1,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                hash_text, NULL, NULL) != SQLITE_OK)
        return database_error(database, err);
    for (size_t i = 0; i < knob_count; i++)
        if (is_axis(&knobs[i]) && !add_axis(database, &knobs[i], after, err))
            return false;
    return true;
}

bool axis_rows_rebuild(const struct database *database, struct error *err) {
    return database_exec(database, "DELETE FROM axis_rows", err) && axis_rows_add(database, 0, err);
}
