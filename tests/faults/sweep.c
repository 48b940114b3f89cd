#include "sweep.h"

#include "temporary.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, CLASSES = 10, TRAIN_ROWS = 2000, TEST_ROWS = 500 };

int sweep_close(void **state) {
    process_kill_all();
    return temporary_close(state);
}

/* xorshift: the same images everywhere. */
static uint32_t draw(uint32_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static void put_whole(FILE *file, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(value >> shift & 255), file);
}

static void write_images(const char *folder, const char *name, uint32_t rows, uint32_t seed) {
    char images[64], labels[64];
    snprintf(images, sizeof images, "%s-images", name);
    snprintf(labels, sizeof labels, "%s-labels", name);
    FILE *image = fopen(temporary_path(folder, images), "wb");
    FILE *label = fopen(temporary_path(folder, labels), "wb");
    if (!image || !label)
        abort();
    put_whole(image, 0x803), put_whole(image, rows);
    put_whole(image, SIDE), put_whole(image, SIDE);
    put_whole(label, 0x801), put_whole(label, rows);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t class = draw(&seed) % CLASSES, pattern = 77 + class;
        fputc((int)class, label);
        for (int j = 0; j < PIXELS; j++) {
            uint32_t stroke = draw(&pattern) % 4 == 0 ? 60 : 0;
            fputc((int)(draw(&seed) % 160 + stroke), image);
        }
    }
    if (fclose(image) != 0 || fclose(label) != 0)
        abort();
}

void sweep_write(const char *folder, const char *name, const char *base, const char *rest) {
    static const char text[] =
        "datasets:\n"
        "  small: {format: idx, train: [train-images, train-labels], test: [test-images, "
        "test-labels]}\n"
        "base:\n"
        "  dataset: small\n"
        "  order_seed: 1\n"
        "  split_seed: 1\n"
        "%s%s";
    char file[64];
    snprintf(file, sizeof file, "%s.yaml", name);
    FILE *yaml = fopen(temporary_path(folder, file), "w");
    if (!yaml || fprintf(yaml, text, base, rest) < 0 || fclose(yaml) != 0)
        abort();
    write_images(folder, "train", TRAIN_ROWS, 1);
    write_images(folder, "test", TEST_ROWS, 2);
}

struct process sweep_start(const struct sweep_run *run) {
    const char *arguments[32];
    char yaml[64], err[4096];
    size_t n = 0;
    for (size_t i = 0; run->wrapper && run->wrapper[i]; i++)
        arguments[n++] = run->wrapper[i];
    snprintf(yaml, sizeof yaml, "%s.yaml", run->name);
    snprintf(err, sizeof err, "%s/%s", run->folder, run->err ? run->err : "err");
    const char *const rest[] = {MLPSWEEP_BINARY,
                                "run",
                                yaml,
                                "--db",
                                run->database,
                                "-j",
                                run->workers ? run->workers : "1",
                                "--progress",
                                run->progress ? run->progress : "none",
                                run->option};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        arguments[n++] = rest[i];
    arguments[n] = NULL;
    struct launch launch = {arguments, run->environment, run->folder, NULL, err};
    return process_start(&launch);
}

int sweep_finish(const struct sweep_run *run, double seconds) {
    struct process process = sweep_start(run);
    if (!process_wait(&process, seconds)) {
        process_signal(&process, 9);
        process_wait(&process, 10);
    }
    return process.status;
}

void sweep_complete(const struct sweep_run *run) {
    int status = sweep_finish(run, 60);
    if (status == 0)
        return;
    char *text = sweep_text(run->folder, run->err ? run->err : "err");
    fail_msg("exit status %d: %s", status, text);
}

char *sweep_text(const char *folder, const char *name) {
    FILE *file = fopen(temporary_path(folder, name), "rb");
    size_t room = 1 << 20;
    char *text = calloc(1, room + 1);
    if (!text)
        abort();
    if (file) {
        size_t length = fread(text, 1, room, file);
        text[length] = '\0';
        fclose(file);
    }
    return text;
}

/* Lines as `3/40  seed=3  done - best epoch: ...`. */
size_t sweep_trained(const char *folder, const char *err) {
    char *text = sweep_text(folder, err);
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, "  done - ")); at++)
        count++;
    free(text);
    return count;
}

void sweep_forget(const char *folder, const char *name) {
    remove(temporary_path(folder, name));
}

void sweep_remove(const char *folder, const char *database) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[256];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", database, ends[i]);
        remove(temporary_path(folder, name));
    }
}

void sweep_copy(const char *folder, const char *from, const char *to) {
    FILE *in = fopen(temporary_path(folder, from), "rb");
    FILE *out = fopen(temporary_path(folder, to), "wb");
    char bytes[16384];
    size_t length;
    if (!in || !out)
        abort();
    while ((length = fread(bytes, 1, sizeof bytes, in)) > 0)
        if (fwrite(bytes, 1, length, out) != length)
            abort();
    fclose(in);
    if (fclose(out) != 0)
        abort();
}

sqlite3 *sweep_connect(const char *folder, const char *database) {
    sqlite3 *handle;
    if (sqlite3_open_v2(temporary_path(folder, database), &handle, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK) {
        sqlite3_close(handle);
        return NULL;
    }
    sqlite3_busy_timeout(handle, 10000);
    sqlite3_exec(handle, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return handle;
}

/* Tables in the order of their keys; columns of times are left out by their names. */
static const char columns_sql[] =
    "SELECT 'SELECT ' || quote(?1) || ', ' || group_concat('quote(' || name || ')') || ' FROM ' || "
    "?1 || ' ORDER BY 1, 2, 3, 4, 5' FROM pragma_table_info(?1) WHERE name NOT LIKE "
    "'%\\_seconds' ESCAPE '\\' AND name NOT LIKE '%\\_at' ESCAPE '\\' AND name NOT IN ('session', "
    "'cohort_size', 'seconds_saved')";

static void dump_view(sqlite3 *handle, const char *view, FILE *out) {
    sqlite3_stmt *columns = NULL, *rows = NULL;
    if (sqlite3_prepare_v2(handle, columns_sql, -1, &columns, NULL) != SQLITE_OK)
        fail_msg("%s: %s", view, sqlite3_errmsg(handle));
    sqlite3_bind_text(columns, 1, view, -1, SQLITE_STATIC);
    if (sqlite3_step(columns) != SQLITE_ROW ||
        sqlite3_prepare_v2(handle, (const char *)sqlite3_column_text(columns, 0), -1, &rows,
                           NULL) != SQLITE_OK)
        fail_msg("%s: %s", view, sqlite3_errmsg(handle));
    int status;
    while ((status = sqlite3_step(rows)) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(rows); i++)
            fprintf(out, "%s%c", (const char *)sqlite3_column_text(rows, i),
                    i + 1 < sqlite3_column_count(rows) ? ' ' : '\n');
    if (status != SQLITE_DONE)
        fail_msg("%s: %s", view, sqlite3_errmsg(handle));
    sqlite3_finalize(columns);
    sqlite3_finalize(rows);
}

char *sweep_dump(const char *folder, const char *database) {
    static const char *const views[] = {"trials",      "epochs",    "layers",
                                        "overfitting", "confusion", "stopping"};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sqlite3 *handle = sweep_connect(folder, database);
    if (!out || !handle)
        fail_msg("%s: cannot be opened", database);
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        dump_view(handle, views[i], out);
    sqlite3_close(handle);
    if (fclose(out) != 0)
        abort();
    return text;
}

void sweep_assert_same(const char *folder, const char *database, const char *dump) {
    char *text = sweep_dump(folder, database);
    const char *a = text, *b = dump;
    while (*a && *b) {
        size_t length = strcspn(a, "\n") + 1;
        if (strncmp(a, b, length) != 0)
            break;
        a += length, b += length;
    }
    if (*a || *b)
        fail_msg("%s: %.*s\nexpected: %.*s", database, (int)strcspn(a, "\n"), a,
                 (int)strcspn(b, "\n"), b);
    free(text);
}

int64_t sweep_whole(const char *folder, const char *database, const char *sql) {
    sqlite3 *handle = sweep_connect(folder, database);
    sqlite3_stmt *row = NULL;
    int64_t result = -1;
    if (handle && sqlite3_prepare_v2(handle, sql, -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        result = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(handle);
    return result;
}

/* The first thing that integrity_check complains of, NULL for none. */
static const char *broken(const char *folder, const char *database) {
    static char text[256];
    sqlite3 *handle = sweep_connect(folder, database);
    sqlite3_stmt *row = NULL;
    snprintf(text, sizeof text, "cannot be opened");
    if (handle &&
        sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &row, NULL) == SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        snprintf(text, sizeof text, "integrity_check: %s",
                 (const char *)sqlite3_column_text(row, 0));
    else if (handle)
        snprintf(text, sizeof text, "integrity_check fails: %s", sqlite3_errmsg(handle));
    sqlite3_finalize(row);
    sqlite3_close(handle);
    return strcmp(text, "integrity_check: ok") == 0 ? NULL : text;
}

const char *sweep_damage(const char *folder, const char *database) {
    if (sweep_size(folder, database) < 0)
        return NULL; /* the program did not come to making it */
    const char *damage = broken(folder, database);
    if (damage)
        return damage;
    if (sweep_whole(folder, database, "SELECT count(*) FROM sqlite_schema") == 0)
        return NULL; /* nothing was committed yet */
    if (sweep_whole(folder, database,
                    "SELECT count(*) FROM trial_rows t WHERE epochs_done != (SELECT count(*) FROM "
                    "epoch_rows WHERE trial_id = t.id) OR epochs_done != (SELECT "
                    "coalesce(max(epoch), 0) FROM epoch_rows WHERE trial_id = t.id)") != 0)
        return "epochs have holes";
    if (sweep_whole(folder, database,
                    "SELECT count(*) FROM trial_rows WHERE state = 'done' AND (epochs_done != "
                    "epochs OR weights_digest IS NULL)") != 0)
        return "a trial is done without its epochs";
    return NULL;
}

void sweep_assert_sound(const char *folder, const char *database) {
    const char *damage = sweep_damage(folder, database);
    if (damage)
        fail_msg("%s: %s", database, damage);
}

bool sweep_wait_for(const char *folder, const char *database, const char *sql, int64_t least,
                    double seconds) {
    double end = process_clock() + seconds;
    while (sweep_whole(folder, database, sql) < least) {
        if (process_clock() > end)
            return false;
        process_sleep(0.01);
    }
    return true;
}

int64_t sweep_size(const char *folder, const char *name) {
    struct stat info;
    return stat(temporary_path(folder, name), &info) == 0 ? (int64_t)info.st_size : -1;
}

uint64_t sweep_hash(const char *folder, const char *name) {
    FILE *file = fopen(temporary_path(folder, name), "rb");
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    int byte;
    if (!file)
        return 0;
    while ((byte = fgetc(file)) != EOF)
        hash = (hash ^ (uint64_t)byte) * 0x100000001b3;
    fclose(file);
    return hash;
}
