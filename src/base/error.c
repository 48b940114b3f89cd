#define _GNU_SOURCE /* vasprintf */
#include "base/error.h"

#include "base/arena.h"

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

static char *format_text(const char *format, va_list list) PRINTF_LIKE(1, 0);

static char *format_text(const char *format, va_list list) {
    char *text = NULL;
    if (vasprintf(&text, format, list) < 0)
        out_of_memory();
    return text;
}

static struct error_message *append(struct error *err, enum error_kind kind, char *text) {
    struct error_message *message = calloc(1, sizeof *message);
    if (!message)
        out_of_memory();
    message->text = text;
    if (err->last)
        err->last->next = message;
    else {
        err->first = message;
        err->kind = kind;
    }
    err->last = message;
    err->count++;
    return message;
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
        message->source = copy(place.line_text, strcspn(place.line_text, "\r\n"));
    message->line = place.line;
    message->column = place.column;
}

bool error_at(struct error *err, struct place place, const char *format, ...) {
    va_list list;
    va_start(list, format);
    struct error_message *message = append(err, ERROR_INVALID, format_text(format, list));
    va_end(list);
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
    *from = (struct error){0};
}

static bool stands_before(const struct error_message *a, const struct error_message *b) {
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

/* Tabs stay tabs under the line, so that the caret stands right in any terminal. */
static void print_caret(const struct error_message *message, FILE *out) {
    fprintf(out, "  %s\n  ", message->source);
    size_t length = strlen(message->source);
    for (size_t i = 0; i + 1 < message->column; i++) {
        if (i < length && ((unsigned char)message->source[i] & 0xC0) == 0x80)
            continue;
        fputc(i < length && message->source[i] == '\t' ? '\t' : ' ', out);
    }
    fputs("^\n", out);
}

void error_print(const struct error *err, FILE *out) {
    for (const struct error_message *m = err->first; m; m = m->next) {
        if (m->file && m->line)
            fprintf(out, "%s:%zu:%zu: error: %s\n", m->file, m->line, m->column, m->text);
        else if (m->file)
            fprintf(out, "%s: error: %s\n", m->file, m->text);
        else
            fprintf(out, "mlpsweep: error: %s\n", m->text);
        if (m->source && m->column)
            print_caret(m, out);
    }
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
