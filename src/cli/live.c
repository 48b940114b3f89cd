#include "cli/live.h"

#include "base/clock.h"
#include "base/stream.h"
#include "base/text.h"
#include "cli/screen.h"
#include "report/table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double redraw_seconds = 0.1;

enum {
    NAMES_MEASURED = 1000,
    NAME_LEAST = 24, /* columns of a name that tell it from others, mostly */
    PARTS_MAX = 4,
};

void live_open(struct live *live, FILE *out, const struct work *work, size_t count) {
    *live =
        (struct live){.out = out, .work = work, .count = count, .seeds = live_seeds(work, count)};
    live->chunk_of = arena_alloc(&live->arena, count, sizeof *live->chunk_of);
    live->widths =
        arena_alloc(&live->arena, LIVE_CHUNKS_MAX + LIVE_ENDED_MAX + 2, sizeof *live->widths);
    for (size_t i = 0; i < count && i < NAMES_MEASURED; i++) {
        struct arena scratch = {0};
        size_t own = table_width(live_name(&work[i], live->seeds, &scratch));
        live->name_width = own > live->name_width ? own : live->name_width;
        arena_close(&scratch);
    }
}

void live_begin(struct live *live, const size_t *trials, const bool *granted, size_t count) {
    size_t c = 0;
    while (c < LIVE_CHUNKS_MAX && live->chunks[c].trials)
        c++;
    for (size_t i = 0; i < count; i++) {
        if (!granted[i])
            continue;
        live->running++;
        if (c == LIVE_CHUNKS_MAX)
            continue;
        if (!live->chunks[c].trials)
            live->chunks[c] = (struct live_chunk){.first = trials[i]};
        live->chunks[c].trials++;
        live->chunk_of[trials[i]] = (unsigned char)(c + 1);
    }
}

static void remember(struct live_chunk *chunk) {
    if (!chunk->told)
        return;
    if (chunk->history_count == LIVE_HISTORY)
        memmove(chunk->history, chunk->history + 1, --chunk->history_count * sizeof(double));
    chunk->history[chunk->history_count++] = chunk->sum / (double)chunk->told;
}

void live_epoch(struct live *live, size_t trial, const struct epoch_record *record) {
    if (!live->chunk_of[trial])
        return;
    struct live_chunk *chunk = &live->chunks[live->chunk_of[trial] - 1];
    if (record->epoch > chunk->epoch) {
        remember(chunk);
        chunk->epoch = record->epoch;
        chunk->told = 0;
        chunk->sum = 0;
    }
    if (isfinite(record->val_loss)) {
        chunk->told++;
        chunk->sum += record->val_loss;
    }
}

/* Whether the value of `knob=value` needs its knob's name: numbers and `none` do, the widths of a
 * topology do not. */
static bool needs_name(const char *text, size_t length) {
    const char *equals = memchr(text, '=', length);
    if (!equals)
        return false;
    const char *value = equals + 1;
    size_t rest = length - (size_t)(value - text);
    if (rest == 4 && memcmp(value, "none", 4) == 0)
        return true;
    return strncmp(text, "topology=", 9) != 0 &&
           (isdigit((unsigned char)*value) || *value == '-' || *value == '.');
}

static const struct {
    const char *name;
    size_t offset;
} own_seeds[] = {{"split_seed", offsetof(struct trial, split_seed)},
                 {"init_seed", offsetof(struct trial, init_seed)},
                 {"order_seed", offsetof(struct trial, order_seed)}};
enum { OWN_SEEDS = sizeof own_seeds / sizeof *own_seeds };

static uint64_t own_seed(const struct work *work, size_t which) {
    uint64_t seed;
    memcpy(&seed, (const char *)work->trial + own_seeds[which].offset, sizeof seed);
    return seed;
}

unsigned live_seeds(const struct work *work, size_t count) {
    unsigned named = 0;
    for (size_t which = 0; which < OWN_SEEDS; which++) {
        bool is_fixed = true, follows = true;
        for (size_t i = 0; i < count; i++) {
            is_fixed &= own_seed(&work[i], which) == own_seed(&work[0], which);
            follows &= own_seed(&work[i], which) == work[i].trial->seed;
        }
        named |= is_fixed || follows ? 0 : 1U << which;
    }
    return named;
}

const char *live_name(const struct work *work, unsigned seeds, struct arena *arena) {
    const char *name = "";
    for (const char *at = work->label; *at;) {
        size_t length = text_item_length(at, ' ');
        const char *equals = memchr(at, '=', length);
        size_t skipped = equals && !needs_name(at, length) ? (size_t)(equals - at) + 1 : 0;
        name = arena_printf(arena, "%s%.*s, ", name, (int)(length - skipped), at + skipped);
        at += length + (at[length] == ' ');
    }
    name = arena_printf(arena, "%sseed=%llu", name, (unsigned long long)work->trial->seed);
    for (size_t which = 0; which < OWN_SEEDS; which++)
        if (seeds >> which & 1)
            name = arena_printf(arena, "%s, %s=%llu", name, own_seeds[which].name,
                                (unsigned long long)own_seed(work, which));
    return name;
}

/* What a line says behind a name, the most important first; "" is left out. */
struct parts {
    const char *text[PARTS_MAX];
    size_t count;
};

static void add_part(struct parts *parts, const char *text) {
    if (*text)
        parts->text[parts->count++] = text;
}

static void add_number(struct parts *parts, const char *name, double value, struct arena *arena) {
    if (!isnan(value))
        add_part(parts, arena_printf(arena, "%s %.4f", name, value));
}

static size_t parts_width(const struct parts *parts) {
    size_t width = 0;
    for (size_t i = 0; i < parts->count; i++)
        width += 2 + table_width(parts->text[i]);
    return width;
}

/* A name that is padded to `width`, and its parts, in so many columns: parts give way to a name
 * that can be told from others, then the middle of the name gives way to the parts. */
static const char *line_of(const char *name, size_t width, struct parts parts, size_t room,
                           struct arena *arena) {
    size_t least = width < NAME_LEAST ? width : NAME_LEAST;
    while (parts.count && least + parts_width(&parts) > room)
        parts.count--;
    size_t left = room > parts_width(&parts) ? room - parts_width(&parts) : 1;
    width = width < left ? width : left;
    name = table_shorten(name, width, arena);
    const char *line = arena_printf(arena, "%s%*s", name, (int)(width - table_width(name)), "");
    for (size_t i = 0; i < parts.count; i++)
        line = arena_printf(arena, "%s  %s", line, parts.text[i]);
    return line;
}

/* Above the block where there are few trials, else in it. */
static void keep_line(struct live *live, const char *line) {
    if (live->count <= LIVE_SCROLLED_MAX) {
        live->scrolled =
            arena_printf(&live->arena, "%s%s\033[K\n", live->scrolled ? live->scrolled : "", line);
        return;
    }
    if (live->ended_count == LIVE_ENDED_MAX) {
        free(live->ended[0]);
        memmove(live->ended, live->ended + 1, --live->ended_count * sizeof *live->ended);
    }
    live->ended[live->ended_count] = strdup(line);
    if (!live->ended[live->ended_count++])
        out_of_memory();
}

void live_end(struct live *live, size_t trial, const struct outcome *outcome,
              const struct overfitting *overfitting) {
    struct arena arena = {0};
    if (live->chunk_of[trial]) {
        struct live_chunk *chunk = &live->chunks[live->chunk_of[trial] - 1];
        if (++chunk->ended == chunk->trials)
            chunk->trials = 0;
    }
    live->running -= live->running > 0;
    struct parts parts = {0};
    const char *name = live_name(&live->work[trial], live->seeds, &arena);
    size_t columns = screen_columns(fileno(live->out)), width = live->name_width;
    if (outcome->state != TRIAL_DONE) {
        name = arena_printf(&arena, "%s %s", trial_state_name(outcome->state), name);
        width = width > table_width(name) ? width : table_width(name);
    }
    if (outcome->error)
        add_part(&parts, text_visible(outcome->error, strlen(outcome->error), &arena));
    add_number(&parts, "val_loss", overfitting->best_val_loss, &arena);
    add_number(&parts, "test_accuracy", outcome->test_accuracy_at_best, &arena);
    add_number(&parts, "test_mae", outcome->test_mae_at_best, &arena);
    if (outcome->best_epoch)
        add_part(&parts, arena_printf(&arena, "best epoch %llu/%llu",
                                      (unsigned long long)outcome->best_epoch,
                                      (unsigned long long)outcome->epochs_done));
    const char *line = line_of(name, width, parts, columns > 1 ? columns - 1 : 79, &arena);
    if (outcome->state != TRIAL_INTERRUPTED) /* run counts those in its last line */
        keep_line(live, line);
    arena_close(&arena);
}

static bool speaks_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return false;
}

/* Validation losses of the last epochs, each as high as it stands between the least and the most.
 */
static const char *sparkline(const struct live_chunk *chunk, size_t most, struct arena *arena) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", ".", ",", "-", "~", "=", "*", "#"};
    const char *const *levels = speaks_utf8() ? blocks : ascii;
    size_t first = chunk->history_count > most ? chunk->history_count - most : 0;
    double low = INFINITY, high = -(double)INFINITY;
    const char *text = "";
    for (size_t i = first; i < chunk->history_count; i++) {
        low = fmin(low, chunk->history[i]);
        high = fmax(high, chunk->history[i]);
    }
    for (size_t i = first; i < chunk->history_count; i++) {
        double at = high > low ? (chunk->history[i] - low) / (high - low) : 0;
        text = arena_printf(arena, "%s%s", text, levels[(size_t)(at * 7.999)]);
    }
    return text;
}

const char *live_duration(double seconds, struct arena *arena) {
    unsigned long long whole = (unsigned long long)(seconds + 0.5);
    if (whole < 60)
        return arena_printf(arena, "%llu s", whole);
    if (whole < 3600)
        return arena_printf(arena, "%llu min %02llu s", whole / 60, whole % 60);
    return arena_printf(arena, "%llu h %02llu min", whole / 3600, whole / 60 % 60);
}

static const char *bar_line(const struct live *live, const struct live_totals *t, size_t room,
                            struct arena *arena) {
    const char *text =
        arena_printf(arena, "%3.0f %%  %zu/%zu trials", t->share * 100, t->ended, t->trials);
    if (live->running)
        text = arena_printf(arena, "%s  %zu running", text, live->running);
    if (t->failed)
        text = arena_printf(arena, "%s  %zu failed", text, t->failed);
    if (isfinite(t->seconds_left))
        text = arena_printf(arena, "%s  %s left", text, live_duration(t->seconds_left, arena));
    size_t taken = table_width(text) + 4, cells = room > taken ? room - taken : 0;
    cells = cells > 30 ? 30 : cells;
    if (cells < 5)
        return table_shorten(text, room, arena);
    char bar[32] = "";
    for (size_t i = 0; i < cells; i++)
        bar[i] = (double)i < t->share * (double)cells ? '#' : '.';
    return arena_printf(arena, "[%s] %s", bar, text);
}

static const char *chunk_line(const struct live *live, const struct live_chunk *chunk, size_t room,
                              struct arena *arena) {
    const struct work *work = &live->work[chunk->first];
    unsigned long long epochs = work->trial->epochs;
    int digits = snprintf(NULL, 0, "%llu", epochs);
    const char *name = live_name(work, live->seeds, arena);
    struct parts parts = {0};
    if (chunk->trials > 1)
        name = arena_printf(arena, "%s +%zu", name, chunk->trials - 1);
    add_part(&parts, arena_printf(arena, "epoch %*llu/%llu", digits,
                                  (unsigned long long)chunk->epoch, epochs));
    if (chunk->told)
        add_number(&parts, "val_loss", chunk->sum / (double)chunk->told, arena);
    else if (!chunk->epoch)
        add_part(&parts, "               "); /* its place */
    size_t cells = room >= 100 ? LIVE_HISTORY : LIVE_HISTORY / 2;
    const char *line = sparkline(chunk, cells, arena);
    add_part(&parts, arena_printf(arena, "%s%*s", line, (int)(cells - table_width(line)), ""));
    return line_of(arena_printf(arena, "  %s", name), live->name_width + 6, parts, room, arena);
}

/* Rows that the block takes up; a terminal that was made narrower has wrapped its lines. */
static size_t rows_on_screen(const struct live *live, size_t columns) {
    size_t rows = 0;
    for (size_t i = 0; i < live->lines; i++)
        rows += live->widths[i] > columns ? (live->widths[i] + columns - 1) / columns : 1;
    return rows;
}

static void go_to_top(const struct live *live, size_t columns, FILE *page) {
    size_t rows = rows_on_screen(live, columns);
    fputc('\r', page);
    if (rows > 1)
        fprintf(page, "\033[%zuA", rows - 1);
}

static void put_line(struct live *live, const char *line, FILE *page) {
    fprintf(page, "%s%s\033[K", live->lines ? "\n" : "", line);
    live->widths[live->lines++] = table_width(line);
}

static void put_block(struct live *live, const struct live_totals *totals, size_t columns,
                      size_t rows, FILE *page) {
    struct arena arena = {0};
    size_t room = columns > 1 ? columns - 1 : 1;
    size_t most = rows > 8 ? rows / 2 : 4, shown = 0, hidden = 0;
    live->lines = 0;
    for (size_t i = 0; i < live->ended_count; i++)
        put_line(live, table_shorten(live->ended[i], room, &arena), page);
    for (size_t c = 0; c < LIVE_CHUNKS_MAX; c++)
        if (live->chunks[c].trials) {
            hidden += shown == most;
            if (shown < most) {
                put_line(live, chunk_line(live, &live->chunks[c], room, &arena), page);
                shown++;
            }
        }
    if (hidden)
        put_line(live, arena_printf(&arena, "  and %zu more", hidden), page);
    put_line(live, bar_line(live, totals, room, &arena), page);
    fputs("\033[J", page);
    arena_close(&arena);
}

/* One write, so that nothing is seen half drawn. */
static void draw(struct live *live, const struct live_totals *totals) {
    struct stream stream;
    size_t rows, columns = screen_size(fileno(live->out), &rows);
    FILE *page = stream_open(&stream);
    columns = columns ? columns : 80;
    go_to_top(live, columns, page);
    if (live->scrolled)
        fputs(live->scrolled, page);
    live->scrolled = NULL;
    if (totals)
        put_block(live, totals, columns, rows, page);
    else {
        live->lines = 0;
        fputs("\033[J", page);
    }
    char *text = stream_close(&stream);
    fwrite(text, 1, stream.length, live->out);
    fflush(live->out);
    free(text);
}

void live_draw(struct live *live, const struct live_totals *totals) {
    double now = clock_seconds();
    if (now - live->drawn < redraw_seconds)
        return;
    live->drawn = now;
    draw(live, totals);
}

void live_close(struct live *live) {
    draw(live, NULL);
    for (size_t i = 0; i < live->ended_count; i++)
        free(live->ended[i]);
    arena_close(&live->arena);
}
