#define _GNU_SOURCE /* asprintf */
#include "base/error.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text, size_t length) {
    char *result = malloc(length + 1);
    if (!result)
        out_of_memory();
    memcpy(result, text, length);
    result[length] = '\0';
    return result;
}

static bool is_inside_character(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Leaves out the middle of a long text: a message may repeat a value of megabytes. */
static void shorten(char *text) {
    enum { TAIL = ERROR_TEXT_MAX / 2 - 3 };
    size_t length = strlen(text), head = ERROR_TEXT_MAX / 2;
    if (length <= ERROR_TEXT_MAX)
        return;
    const char *tail = text + length - TAIL;
    while (is_inside_character(text[head]) && head > 0)
        head--;
    while (is_inside_character(*tail))
        tail++;
    memcpy(text + head, "...", 3);
    memmove(text + head + 3, tail, strlen(tail) + 1);
}

static char *format_text(const char *format, va_list list) PRINTF_LIKE(1, 0);

static char *format_text(const char *format, va_list list) {
    char *text = NULL;
    if (vasprintf(&text, format, list) < 0)
        out_of_memory();
    shorten(text);
    return text;
}

/* Takes the text. NULL: there are enough, the message is counted only. */
static struct error_message *append(struct error *err, enum error_kind kind, char *text) {
    if (!err->count++)
        err->kind = kind;
    if (err->kept == ERRORS_KEPT) {
        free(text);
        return NULL;
    }
    struct error_message *message = calloc(1, sizeof *message);
    if (!message)
        out_of_memory();
    message->text = text;
    if (err->last)
        err->last->next = message;
    else
        err->first = message;
    err->last = message;
    err->kept++;
    return message;
}

/* The source line around the place: all of a short line, else 50 characters before and after. */
static void copy_source(struct error_message *message, const struct place *place) {
    enum { WHOLE = 100, AROUND = 50 };
    const char *line = place->line_text;
    size_t length = strcspn(line, "\r\n"), at = place->column ? place->column - 1 : 0;
    size_t start = at < length ? at : length, end = start, behind = at - start;
    for (size_t n = 0; start > 0 && n < AROUND; n++)
        while (start > 0 && is_inside_character(line[--start]))
            ;
    for (size_t n = 0; end < length && n < AROUND; n++)
        while (++end < length && is_inside_character(line[end]))
            ;
    if (length <= WHOLE || start <= 3) /* as short as the dots would be */
        start = 0;
    if (length <= WHOLE || length - end <= 3)
        end = length;
    const char *before = start > 0 ? "..." : "", *after = end < length ? "..." : "";
    message->caret = strlen(before) + (at - behind - start) + behind;
    if (asprintf(&message->source, "%s%.*s%s", before, (int)(end - start), line + start, after) < 0)
        out_of_memory();
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...) {
    if (err->first)
        return false;
    va_list list;
    va_start(list, format);
    append(err, kind, format_text(format, list));
    va_end(list);
    return false;
}

static void set_place(struct error_message *message, struct place place) {
    if (place.file)
        message->file = copy(place.file, strlen(place.file));
    if (place.line_text)
        copy_source(message, &place);
    message->line = place.line;
    message->column = place.column;
}

bool error_at(struct error *err, struct place place, const char *format, ...) {
    va_list list;
    va_start(list, format);
    struct error_message *message = append(err, ERROR_INVALID, format_text(format, list));
    va_end(list);
    if (message)
        set_place(message, place);
    return false;
}

void error_give_place(struct error *err, struct place place) {
    for (struct error_message *message = err->first; message; message = message->next)
        if (!message->file)
            set_place(message, place);
}

void error_move(struct error *err, struct error *from) {
    if (!from->first)
        return;
    if (err->last)
        err->last->next = from->first;
    else {
        err->first = from->first;
        err->kind = from->kind;
    }
    err->last = from->last;
    err->count += from->count;
    err->kept += from->kept;
    *from = (struct error){0};
}

static bool stands_before(const struct error_message *a, const struct error_message *b) {
    int files = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    if (files)
        return files < 0;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void error_sort(struct error *err) {
    struct error_message *sorted = NULL, *end = NULL;
    for (struct error_message *message = err->first, *next; message; message = next) {
        /* most come in order, and there may be many: do not walk past all of them */
        bool is_last = end && !stands_before(message, end);
        struct error_message **at = is_last ? &end->next : &sorted;
        next = message->next;
        while (*at && !stands_before(message, *at))
            at = &(*at)->next;
        message->next = *at;
        *at = message;
        if (!message->next)
            end = message;
    }
    err->first = sorted;
    err->last = end;
}

static void print_text(const char *text, FILE *out) {
    struct arena scratch = {0};
    fputs(text_visible(text, strlen(text), &scratch), out);
    arena_close(&scratch);
}

/* The line and a caret. Tabs stay tabs in both, so that the caret stands right in any terminal;
 * every other character has as many columns below as above. */
static void print_source(const struct error_message *message, FILE *out) {
    struct arena scratch = {0};
    size_t length = strlen(message->source), at = 0, columns = 0;
    char *below = arena_alloc(&scratch, 4 * length + message->caret + 1, 1);
    fputs("  ", out);
    while (at < length) {
        const char *character = message->source + at;
        size_t bytes = text_character(character, length - at);
        bytes = bytes ? bytes : 1;
        bool is_tab = *character == '\t';
        const char *visible = text_visible(arena_text(&scratch, character, bytes), bytes, &scratch);
        fputs(is_tab ? "\t" : visible, out);
        size_t width =
            strlen(visible) > bytes ? strlen(visible) : 1; /* as an escape, or as it is */
        for (size_t i = 0; i < width && at < message->caret; i++)
            below[columns++] = is_tab ? '\t' : ' ';
        at += bytes;
    }
    for (; at < message->caret; at++)
        below[columns++] = ' ';
    fprintf(out, "\n  %s^\n", below);
    arena_close(&scratch);
}

static void print_message(const struct error_message *m, const char *severity, FILE *out) {
    print_text(m->file ? m->file : "mlpsweep", out);
    if (m->file && m->line)
        fprintf(out, ":%zu:%zu", m->line, m->column);
    fprintf(out, ": %s", severity);
    print_text(m->text, out);
    fputc('\n', out);
    if (m->source && m->column)
        print_source(m, out);
}

static void print_all(const struct error *err, const char *severity, FILE *out) {
    size_t shown = 0;
    for (const struct error_message *m = err->first; m && shown < ERRORS_SHOWN; m = m->next) {
        print_message(m, severity, out);
        shown++;
    }
    if (err->count > shown)
        fprintf(out, "mlpsweep: and %zu more\n", err->count - shown);
}

void error_print(const struct error *err, FILE *out) {
    print_all(err, err->kind == ERROR_INTERRUPTED ? "" : "error: ", out);
}

void error_print_warnings(const struct error *warnings, FILE *out) {
    print_all(warnings, "warning: ", out);
}

void error_clear(struct error *err) {
    for (struct error_message *message = err->first; message;) {
        struct error_message *next = message->next;
        free(message->file);
        free(message->source);
        free(message->text);
        free(message);
        message = next;
    }
    *err = (struct error){0};
}
