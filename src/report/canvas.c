#include "report/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The nearest character's place. */
static double column_of(const struct canvas *canvas, double x) {
    return canvas->plain ? GNUPLOT_CHARACTER_WIDTH * round(x / GNUPLOT_CHARACTER_WIDTH) : x;
}

static double row_of(const struct canvas *canvas, double y) {
    return canvas->plain ? GNUPLOT_CHARACTER_HEIGHT * round(y / GNUPLOT_CHARACTER_HEIGHT) : y;
}

static struct plot_area placed(const struct canvas *canvas, struct plot_area area) {
    return (struct plot_area){column_of(canvas, area.left), row_of(canvas, area.top),
                              column_of(canvas, area.right), row_of(canvas, area.bottom)};
}

struct canvas canvas_begin(double width, bool plain, struct arena *arena) {
    struct canvas canvas = {.arena = arena, .height = 8, .plain = plain};
    canvas.width = column_of(&canvas, width);
    return canvas;
}

/* The stream is opened late, so that a canvas can be passed by value until then. */
static FILE *out_of(struct canvas *canvas) {
    return canvas->script.out ? canvas->script.out : stream_open(&canvas->script);
}

void canvas_text(struct canvas *canvas, double x, double y, const char *place, const char *text,
                 const char *style) {
    fprintf(out_of(canvas), "  set label %s at screen %.1f/W, screen 1-%.1f/H %s %s front\n",
            gnuplot_quoted(text, canvas->arena), column_of(canvas, x), row_of(canvas, y), place,
            style);
}

/* From one line of text to the next, in characters without a gap. */
static double line_height(const struct canvas *canvas, double height) {
    return canvas->plain ? GNUPLOT_CHARACTER_HEIGHT : height;
}

enum { CAPTION_LINES = 4, CAPTION_LINES_OF_CHARACTERS = 8 };

void canvas_header(struct canvas *canvas, const char *title, const char *caption) {
    const char *lines[CAPTION_LINES_OF_CHARACTERS];
    double width = canvas->width - 32;
    fputs("  set multiplot\n", out_of(canvas));
    size_t count = font_wrap(title, canvas->plain ? FONT_OF_CHARACTERS : FONT_SIZE_TITLE, width, 3,
                             lines, canvas->arena);
    for (size_t i = 0; i < count; i++, canvas->height += line_height(canvas, LINE_HEIGHT + 3))
        canvas_text(canvas, 16, canvas->height + 10, "left", lines[i], "font ',15'");
    count = font_wrap(caption, font_of(canvas->plain), width,
                      canvas->plain ? CAPTION_LINES_OF_CHARACTERS : CAPTION_LINES, lines,
                      canvas->arena);
    for (size_t i = 0; i < count; i++, canvas->height += line_height(canvas, LINE_HEIGHT))
        canvas_text(canvas, 16, canvas->height + 9, "left", lines[i], "tc rgb '#505050'");
    canvas->height += 4;
}

/* What gnuplot draws the pens 1 to 7 with in a terminal. */
static const char pens[] = "*#$%@&=";

static void put_sample(struct canvas *canvas, const struct legend_entry *entry, double x,
                       double y) {
    const struct stroke *stroke = &entry->stroke;
    FILE *out = out_of(canvas);
    if (canvas->plain && stroke->pen) {
        char pen = pens[(size_t)(stroke->pen - 1) % (sizeof pens - 1)];
        canvas_text(canvas, x, y, "left", arena_printf(canvas->arena, "%c%c%c", pen, pen, pen),
                    arena_printf(canvas->arena, "tc rgb '%s'", stroke->colour));
        x += GNUPLOT_CHARACTER_WIDTH - 11; /* its point in the middle */
    }
    if (entry->filled && !canvas->plain) {
        fprintf(out,
                "  set object rectangle from screen %.1f/W, screen 1-%.1f/H to screen %.1f/W, "
                "screen 1-%.1f/H fc rgb '%s' fs solid 1 noborder\n",
                x, y + 5, x + 22, y - 5, stroke->colour);
        return;
    }
    if (stroke->width > 0 && !canvas->plain)
        fprintf(out,
                "  set arrow from screen %.1f/W, screen 1-%.1f/H to screen %.1f/W, screen "
                "1-%.1f/H nohead lw %g lc rgb '%s'\n",
                x, y, x + 22, y, stroke->width, stroke->colour);
    if (stroke->point)
        fprintf(out,
                "  set label '' at screen %.1f/W, screen 1-%.1f/H point pt %d ps 0.7 lc rgb '%s' "
                "front\n",
                column_of(canvas, x + 11), row_of(canvas, y), stroke->point, stroke->colour);
}

void canvas_legend(struct canvas *canvas, const struct legend_entry *entries, size_t count) {
    double x = 16, y = canvas->height + 9;
    for (size_t i = 0; i < count; i++) {
        const char *line = "";
        int font = font_of(canvas->plain);
        font_wrap(entries[i].text, font, canvas->width - 60, 1, &line, canvas->arena);
        double width = 28 + font_text_width(line, font);
        if (x > 16 && x + width > canvas->width - 12) {
            x = 16;
            y += line_height(canvas, LINE_HEIGHT + 1);
        }
        put_sample(canvas, &entries[i], x, y);
        canvas_text(canvas, x + 28, y, "left", line, "");
        x += width + 22;
    }
    canvas->height = y + (count ? LINE_HEIGHT : -9);
}

enum { PANEL_TITLE_LINES = 3, PANEL_NOTE_LINES = 2, PANEL_LINES_OF_CHARACTERS = 4 };

/* What stands above a panel. */
struct head {
    const char *titles[PANEL_LINES_OF_CHARACTERS], *notes[PANEL_LINES_OF_CHARACTERS];
    size_t title_count, note_count;
};

static double height_of_head(const struct head *head, bool plain) {
    return (double)(head->title_count + head->note_count + plain) * (LINE_HEIGHT - 1) + 6;
}

static struct head head_of(const char *title, const char *note, double width, bool plain,
                           struct arena *arena) {
    struct head head;
    int font = font_of(plain);
    head.title_count =
        font_wrap(title, font, width, plain ? PANEL_LINES_OF_CHARACTERS : PANEL_TITLE_LINES,
                  head.titles, arena);
    head.note_count =
        font_wrap(note, plain ? font : FONT_SIZE - 1, width,
                  plain ? PANEL_LINES_OF_CHARACTERS : PANEL_NOTE_LINES, head.notes, arena);
    return head;
}

double canvas_panel_head(const char *title, const char *note, double width, bool plain,
                         struct arena *arena) {
    struct head head = head_of(title, note, width, plain, arena);
    return height_of_head(&head, plain);
}

void canvas_panel(struct canvas *canvas, struct plot_area area, const char *title,
                  const char *note) {
    struct plot_area panel = placed(canvas, area);
    struct head head = head_of(title, note, area.right - area.left, canvas->plain, canvas->arena);
    FILE *out = out_of(canvas);
    if (canvas->begun)
        fputs("  unset label\n  unset arrow\n  unset object\n  unset xlabel\n  unset ylabel\n"
              "  unset logscale\n",
              out);
    canvas->begun = true;
    canvas->above = fmax(canvas->head, height_of_head(&head, canvas->plain));
    fprintf(out,
            "  set lmargin at screen %.1f/W\n  set rmargin at screen %.1f/W\n"
            "  set tmargin at screen 1-%.1f/H\n  set bmargin at screen 1-%.1f/H\n"
            "  set border 3 lc rgb '#404040'\n  unset grid\n"
            "  if (!plain) { set grid lt 1 lw 0.5 lc rgb '#DCDCDC' }\n"
            "  set tics nomirror out scale 0.5\n  set key off\n  set clip two\n",
            panel.left, panel.right, panel.top, panel.bottom);
    double y =
        panel.top - 4 - (LINE_HEIGHT - 1) * ((double)(head.title_count + head.note_count) - 0.5);
    for (size_t i = 0; i < head.title_count; i++, y += LINE_HEIGHT - 1)
        canvas_text(canvas, panel.left, y, "left", head.titles[i], "");
    for (size_t i = 0; i < head.note_count; i++, y += LINE_HEIGHT - 1)
        canvas_text(canvas, panel.left, y, "left", head.notes[i], "font ',11' tc rgb '#505050'");
    if (panel.bottom > canvas->height)
        canvas->height = panel.bottom;
}

/* A tick's text is a format to gnuplot, in which a percent sign is written twice. */
static const char *without_formats(const char *text, struct arena *arena) {
    char *doubled = arena_alloc(arena, 2 * strlen(text) + 1, 1), *at = doubled;
    for (; *text; *at++ = *text++)
        if (*text == '%')
            *at++ = '%';
    return doubled;
}

const char *canvas_word_ticks(const char **words, size_t count, size_t first, size_t step,
                              double width, bool plain, struct arena *arena) {
    const char *list = "(";
    for (size_t i = 0; i < count; i += step) {
        const char *word = font_without_middle(words[i], font_of(plain), width, arena);
        list = arena_printf(arena, "%s%s%s %zu", list, i ? ", " : "",
                            gnuplot_quoted(without_formats(word, arena), arena), first + i);
    }
    return arena_printf(arena, "%s)", list);
}

enum { WORDS_APART = 14, WORDS_TURN = 35 }; /* pixels, degrees */

double canvas_words_width(size_t count) {
    return (double)(count * WORDS_APART);
}

struct words_below canvas_words_below(const char **words, size_t count, size_t first, double width,
                                      double longest, bool plain, struct arena *arena) {
    double sine = sin(WORDS_TURN * acos(-1) / 180), apart = width / (double)count, own = 0;
    for (size_t i = 0; i < count; i++)
        own = fmax(own, font_text_width(words[i], font_of(plain)));
    longest = fmin(own, longest);
    bool level = plain || longest + 8 <= apart, upright = !level && apart * sine < WORDS_APART;
    double needed = plain ? longest + 8 : upright ? WORDS_APART : 0;
    size_t step = needed > apart ? (size_t)ceil(needed / apart) : 1;
    const char *ticks = canvas_word_ticks(words, count, first, step, longest, plain, arena);
    return (struct words_below){
        level ? ticks
              : arena_printf(arena, "%s rotate by %d right", ticks, upright ? 90 : WORDS_TURN),
        level     ? 34
        : upright ? 26 + longest
                  : 26 + sine * longest};
}

/* The same ticks without their numbers. */
static const char *without_numbers(const char *ticks, struct arena *arena) {
    char *bare = arena_text(arena, ticks, strlen(ticks)), *to = bare;
    bool quoted = false;
    for (const char *from = ticks; *from; from++) {
        quoted ^= *from == '\'';
        if (!quoted || *from == '\'')
            *to++ = *from;
    }
    *to = '\0';
    return bare;
}

static void put_ticks(FILE *out, char axis, struct range range, const char *ticks) {
    fprintf(out, "  set %crange [%.10g:%.10g]\n", axis, range.low, range.high);
    if (*ticks)
        fprintf(out, "  set %ctics norotate %s%s\n", axis, axis == 'x' ? "center " : "", ticks);
    else
        fprintf(out, "  unset %ctics\n", axis);
}

/* A blank name lets an axis have its numbers. */
static bool is_blank(const char *name) {
    return !name[strspn(name, " ")];
}

void canvas_x(struct canvas *canvas, struct plot_area area, struct range range, const char *ticks,
              const char *label) {
    struct plot_area panel = placed(canvas, area);
    put_ticks(out_of(canvas), 'x', range, *label ? ticks : without_numbers(ticks, canvas->arena));
    const char *line = "";
    font_wrap(label, font_of(canvas->plain), panel.right - panel.left + 20, 1, &line,
              canvas->arena);
    if (!is_blank(line))
        canvas_text(canvas, (panel.left + panel.right) / 2, panel.bottom + 34, "center", line, "");
}

void canvas_y_name(struct canvas *canvas, struct plot_area area, double x, const char *name) {
    struct plot_area panel = placed(canvas, area);
    const char *line = "";
    if (is_blank(name))
        return;
    if (!canvas->plain) {
        canvas_text(canvas, x, (panel.top + panel.bottom) / 2, "center", name, "rotate by 90");
        return;
    }
    font_wrap(name, FONT_OF_CHARACTERS, canvas->width - x, 1, &line, canvas->arena);
    canvas_text(canvas, x, panel.top - canvas->above + 6, "left", line, "");
}

void canvas_y(struct canvas *canvas, struct plot_area panel, struct range range, const char *ticks,
              const char *label, bool logarithmic) {
    const char *lines[2];
    double height = panel.bottom - panel.top;
    const char *unit = strstr(label, " (");
    size_t count = 2;
    if (canvas->plain) {
        count = *label != '\0';
        lines[0] = label;
    } else if (unit && font_text_width(label, FONT_SIZE) > height &&
               font_text_width(unit, FONT_SIZE) <= height) {
        lines[0] = arena_text(canvas->arena, label, (size_t)(unit - label));
        lines[1] = unit + 1;
    } else {
        count = font_wrap(label, FONT_SIZE, height, 2, lines, canvas->arena);
    }
    if (logarithmic)
        fputs("  set logscale y\n", out_of(canvas));
    put_ticks(out_of(canvas), 'y', range, *label ? ticks : without_numbers(ticks, canvas->arena));
    for (size_t i = 0; i < count; i++)
        canvas_y_name(canvas, panel, panel.left - (count == 1 ? 66 : 72) + 15 * (double)i,
                      lines[i]);
}

void canvas_cut(struct canvas *canvas, struct range range) {
    fprintf(out_of(canvas),
            "  cut(y) = y < %.10g ? %.10g : y > %.10g ? %.10g : y\n"
            "  band(y) = plain ? NaN : cut(y)\n",
            range.low, range.low, range.high, range.high);
}

void canvas_empty(struct canvas *canvas, struct plot_area panel, const char *words) {
    canvas_text(canvas, (panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2, "center",
                words, "tc rgb '#505050'");
    fputs("  plot NaN notitle\n", out_of(canvas));
}

/* Cividis: its lightness rises evenly, and the colour-blind see the same order. */
void canvas_palette(struct canvas *canvas, struct plot_area bar, struct range range) {
    fprintf(out_of(canvas),
            "  set palette defined (0 '#00224E', 1 '#2A3F6D', 2 '#575D6D', 3 '#7D7C78', 4 "
            "'#A59C74', 5 '#D2C060', 6 '#FEE838')\n"
            "  set cbrange [%.10g:%.10g]\n  set cbtics %s\n"
            "  set colorbox user origin screen %.1f/W, screen 1-%.1f/H size screen %.1f/W, screen "
            "%.1f/H\n",
            range.low, range.high, ticks_linear(range, 5, canvas->arena), bar.left, bar.bottom,
            bar.right - bar.left, bar.bottom - bar.top);
}

bool canvas_spread(double *at, size_t count, double distance, double top, double bottom) {
    if ((double)count * distance > bottom - top + distance)
        return false;
    size_t *order = calloc(count + 1, sizeof *order);
    if (!order)
        out_of_memory();
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && at[order[place - 1]] > at[i]; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
    /* Down from the top, then up from the bottom: each stays as near as its neighbours let it. */
    double least = top;
    for (size_t i = 0; i < count; i++, least += distance) {
        at[order[i]] = fmax(at[order[i]], least);
        least = at[order[i]];
    }
    double most = bottom;
    for (size_t i = count; i-- > 0; most -= distance) {
        at[order[i]] = fmin(at[order[i]], most);
        most = at[order[i]];
    }
    free(order);
    return true;
}

/* How far down a value stands, at the nearer edge if it lies outside. */
static double height_of(struct plot_area panel, struct range range, bool logarithmic,
                        double value) {
    double part = logarithmic ? log(value / range.low) / log(range.high / range.low)
                              : (value - range.low) / (range.high - range.low);
    part = isnan(part) ? 0 : fmax(0, fmin(1, part));
    return panel.bottom - part * (panel.bottom - panel.top);
}

bool canvas_end_labels(struct canvas *canvas, struct plot_area area, struct range range,
                       bool logarithmic, const double *values, const struct legend_entry *entries,
                       size_t count) {
    struct plot_area panel = placed(canvas, area);
    double *at = arena_alloc(canvas->arena, count, sizeof *at);
    for (size_t i = 0; i < count; i++)
        at[i] = height_of(panel, range, logarithmic, values[i]);
    if (!canvas_spread(at, count, line_height(canvas, LINE_HEIGHT - 2), panel.top, panel.bottom))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct stroke *stroke = &entries[i].stroke;
        if (stroke->point)
            fprintf(out_of(canvas),
                    "  set label '' at screen %.1f/W, screen 1-%.1f/H point pt %d ps 0.9 lc rgb "
                    "'%s' front\n",
                    panel.right + 14, row_of(canvas, at[i]), stroke->point, stroke->colour);
        /* Black words: the lighter colours are too faint for text. */
        canvas_text(canvas, panel.right + (canvas->plain ? 28 : 24), at[i], "left", entries[i].text,
                    "");
    }
    return true;
}

void canvas_end(struct canvas *canvas, struct drawing *drawing) {
    fputs("  unset multiplot\n", out_of(canvas));
    drawing->body = stream_text(&canvas->script, canvas->arena);
    drawing->width = (int)canvas->width;
    drawing->height =
        (int)(canvas->plain ? row_of(canvas, canvas->height + GNUPLOT_CHARACTER_HEIGHT / 2.0)
                            : canvas->height);
}
