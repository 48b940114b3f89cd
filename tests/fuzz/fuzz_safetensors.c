/* Any bytes as keys and values of the metadata of a safetensors file: its header is JSON that any
 * reader takes, and the arrays lie behind it where it says. */
#include "fuzz.h"

#include "base/arena.h"
#include "report/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOTES_MAX = 64, FLOATS = 6 };

/* The texts between NULs, two a note. */
static size_t read_notes(const uint8_t *data, size_t size, struct tensor_note *notes,
                         struct arena *arena) {
    const char *text = arena_text(arena, (const char *)data, size), *end = text + size;
    size_t count = 0;
    while (count < NOTES_MAX && text < end) {
        const char *value = text + strlen(text) + 1;
        notes[count++] = (struct tensor_note){text, value < end ? value : ""};
        text = value < end ? value + strlen(value) + 1 : end;
    }
    return count;
}

/* The end of a JSON string that begins here. */
static const unsigned char *end_of_string(const unsigned char *at, const unsigned char *end) {
    while (++at < end && *at != '"') {
        if (*at < 0x20) /* must be escaped */
            abort();
        if (*at != '\\')
            continue;
        if (++at == end || !strchr("\"\\/bfnrtu", *at))
            abort();
        for (int digit = 0; *at == 'u' && digit < 4; digit++)
            if (at + 1 + digit >= end || !strchr("0123456789abcdefABCDEF", at[1 + digit]))
                abort();
    }
    if (at >= end)
        abort();
    return at;
}

/* Aborts where bytes are no UTF-8: readers decode the header before they parse it. */
static void check_utf8(const unsigned char *at, const unsigned char *end) {
    while (at < end) {
        size_t more = *at < 0x80   ? 0
                      : *at < 0xC2 ? 9
                      : *at < 0xE0 ? 1
                      : *at < 0xF0 ? 2
                      : *at < 0xF5 ? 3
                                   : 9;
        unsigned char first = *at++;
        if (more > (size_t)(end - at))
            abort();
        if ((first == 0xE0 && *at < 0xA0) || (first == 0xED && *at > 0x9F) ||
            (first == 0xF0 && *at < 0x90) || (first == 0xF4 && *at > 0x8F))
            abort();
        for (; more; more--)
            if ((*at++ & 0xC0) != 0x80)
                abort();
    }
}

/* One object of objects, padded with blanks; a colon for each key. */
static void check_header(const unsigned char *at, const unsigned char *end, size_t notes) {
    size_t strings = 0;
    int depth = 0;
    check_utf8(at, end);
    if (*at != '{')
        abort();
    for (; at < end; at++) {
        if (*at == '"') {
            at = end_of_string(at, end);
            strings++;
            continue;
        }
        depth += (*at == '{') - (*at == '}');
        if (depth < 0 || (!depth && *at != '}' && *at != ' '))
            abort();
    }
    /* __metadata__, its pairs, and the array's name, dtype, F32, shape, data_offsets */
    if (depth != 0 || strings != 1 + 2 * notes + 5)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const float values[FLOATS] = {1, 2, 3, 4, 5, 6};
    struct arena arena = {0};
    struct tensor_note notes[NOTES_MAX];
    struct error err = {0};
    struct tensor tensor = {"kernel", 2, 3, values};
    char path[64];
    size_t count = read_notes(data, size, notes, &arena);
    snprintf(path, sizeof path, "fuzz-%ld.safetensors", (long)getpid());
    if (!safetensors_write(path, &tensor, 1, notes, count, &err))
        abort();
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        abort();
    size_t length = (size_t)ftell(file);
    unsigned char *bytes = arena_alloc(&arena, length + 1, 1);
    rewind(file);
    if (fread(bytes, 1, length, file) != length)
        abort();
    fclose(file);
    remove(path);
    uint64_t header = 0;
    for (size_t i = 0; i < 8; i++)
        header |= (uint64_t)bytes[i] << 8 * i;
    if (header % 8 || length != 8 + header + sizeof values ||
        memcmp(bytes + 8 + header, values, sizeof values) != 0)
        abort();
    check_header(bytes + 8, bytes + 8 + header, count);
    arena_close(&arena);
    return 0;
}
