#include "report/font.h"

#include "report/gnuplot.h"

#include <string.h>

/* Advance widths of DejaVu Sans from space to tilde. Units: hundredths of the font's size. */
static const unsigned char advances[] = {
    32, 40, 46, 84, 64, 95, 78, 27, 39,  39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69,  61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63,  63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84};

/* The width of what begins here; *length: its bytes. */
static double advance(const char *text, size_t *length) {
    unsigned char c = (unsigned char)*text;
    *length = 1;
    if (c >= 32 && c < 127)
        return advances[c - 32] / 100.0;
    while (((unsigned char)text[*length] & 0xC0) == 0x80)
        ++*length;
    return c >= 0xE2 ? 1 : 0.65; /* beyond Latin, Greek and Cyrillic: as wide as high */
}

/* What a font multiplies: advances in DejaVu Sans, characters in a terminal. */
static double step_of(const char *text, double font_size, size_t *length) {
    double step = advance(text, length);
    return font_size > 0 ? step : 1;
}

static double scale_of(double font_size) {
    return font_size > 0 ? font_size : GNUPLOT_CHARACTER_WIDTH;
}

double font_text_width(const char *text, double font_size) {
    double width = 0;
    for (size_t length; *text; text += length)
        width += step_of(text, font_size, &length);
    return width * scale_of(font_size);
}

int font_of(bool plain) {
    return plain ? FONT_OF_CHARACTERS : FONT_SIZE;
}

/* Bytes of the text that fit, at least one character. Rounded as in font_text_width, so that a
 * text fits into its own width. */
static size_t fitting(const char *text, double font_size, double width) {
    size_t bytes = 0, length;
    for (double sum = 0; text[bytes]; bytes += length) {
        sum += step_of(text + bytes, font_size, &length);
        if (sum * scale_of(font_size) > width && bytes)
            break;
    }
    return bytes;
}

static const char *shortened(const char *text, double font_size, double width,
                             struct arena *arena) {
    size_t bytes = fitting(text, font_size, width - scale_of(font_size));
    return arena_printf(arena, "%.*s…", (int)bytes, text);
}

size_t font_wrap(const char *text, double font_size, double width, size_t most, const char **lines,
                 struct arena *arena) {
    size_t count = 0;
    while (*text && count < most) {
        size_t bytes = fitting(text, font_size, width), at = bytes;
        if (!text[bytes]) {
            lines[count++] = text;
            break;
        }
        while (at > 0 && text[at] != ' ')
            at--;
        if (!at || count + 1 == most) {
            lines[count++] = shortened(text, font_size, width, arena);
            at += strcspn(text + at + (at == 0), " ") + (at == 0);
            if (at < bytes)
                at = bytes;
            at += strcspn(text + at, " ");
        } else {
            lines[count++] = arena_text(arena, text, at);
        }
        text += at + strspn(text + at, " ");
    }
    return count;
}

const char *font_without_middle(const char *word, double font_size, double width,
                                struct arena *arena) {
    if (font_text_width(word, font_size) <= width)
        return word;
    size_t begin = fitting(word, font_size, (width - scale_of(font_size)) / 2);
    const char *end = word + begin;
    for (size_t bytes; *end && font_text_width(end, font_size) > (width - scale_of(font_size)) / 2;
         end += bytes)
        (void)advance(end, &bytes);
    return arena_printf(arena, "%.*s…%s", (int)begin, word, end);
}
