/* `sql`: a query of the user's on a connection that can only read, or the stock shell in its place.
 */
#include "cli/commands.h"
#include "report/table.h"
#include "store/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* So much is printed after the last row was read and the transaction ended, even to a pager that
 * stops reading; more goes out while rows are read. */
enum { OUTPUT_BUFFER = 1 << 24 };

struct stream {
    enum table_format format;
    bool is_empty;
    struct error *err;
};

static bool write_row(void *context, const struct table *row) {
    struct stream *stream = context;
    if (!row->rows)
        table_begin(row, stream->format, stdout);
    else {
        table_row(row, row->cells, stream->format, stream->is_empty, stdout);
        stream->is_empty = false;
    }
    if (ferror(stdout) && errno != EPIPE) /* a reader that has seen enough is no failure */
        error_set(stream->err, ERROR_FAILED, "standard output: %s", strerror(errno));
    return !ferror(stdout);
}

static bool write_stream(struct query_database *database, const char *sql, enum table_format format,
                         struct error *err) {
    struct stream stream = {format, true, err};
    setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
    if (!query_rows(database, sql, NULL, 0, write_row, &stream, err) || err->first)
        return false;
    table_end(format, stream.is_empty, stdout);
    return true;
}

/* The stock shell takes the place of this process. */
static bool open_shell(const char *path, struct arena *arena, struct error *err) {
    struct query_database *database = NULL;
    bool ok =
        query_open(path, &database, err); /* says what is wrong with it better than the shell */
    query_close(database);
    if (!ok)
        return false;
    execlp("sqlite3", "sqlite3", "-readonly", "-header", "-column",
           *path == '-' ? arena_printf(arena, "./%s", path) : path, (char *)NULL);
    return error_set(err, ERROR_FAILED, "sqlite3: %s (apt-get install sqlite3, or give a query)",
                     strerror(errno));
}

static bool run(const struct invocation *in, struct error *err) {
    size_t format;
    struct table table = {0};
    struct query_database *database = NULL;
    const char *sql = in->count ? in->arguments[0] : NULL;
    if (!option_word(in, "format", table_formats, &format, err))
        return false;
    if (!sql)
        return open_shell(option_database(in), in->arena, err);
    bool ok = query_open(option_database(in), &database, err);
    if (ok && format == TABLE_TEXT) /* columns are as wide as their widest value */
        ok = query_table(database, sql, NULL, 0, in->arena, &table, err);
    else if (ok)
        ok = write_stream(database, sql, (enum table_format)format, err);
    query_close(database);
    if (ok && format == TABLE_TEXT)
        table_write(&table, TABLE_TEXT, stdout);
    return ok;
}

const struct command command_sql = {
    .name = "sql",
    .arguments = "[QUERY]",
    .help = "a read-only query, or the SQLite shell",
    .details =
        "Tables and columns are described in docs/database.md; PRAGMA table_info(VIEW) lists "
        "them. Nothing can be written, attached or loaded. csv and json are written row by "
        "row, in constant memory. Without a query: the shell `sqlite3 -readonly` on the "
        "database.",
    .example = "mlpsweep sql 'SELECT seed, best_epoch, final_test_accuracy FROM trials'",
    .most = 1,
    .options = {OPTION_DB, {"format", 0, "table|csv|json", "how rows are written"}},
    .run = run,
};
