/* Where things stand in a figure: a title and a caption that wrap inside the frame, a legend that
 * covers no data, panels, and labels at the ends of lines.
 *
 * All places are pixels from the top left corner. The scripts know the figure's size as W and H. In
 * characters, all places are those of characters, so that no text hides another by rounding. */
#ifndef MLPSWEEP_REPORT_CANVAS_H
#define MLPSWEEP_REPORT_CANVAS_H

#include "base/stream.h"
#include "report/font.h"
#include "report/gnuplot.h"
#include "report/ticks.h"

/** How a series is drawn. Lightness, width and points differ too, so that it can be told in grey.
 */
struct stroke {
    const char *colour;
    double width;
    int point; /* gnuplot's pt; 0: none */
    int pen;   /* gnuplot's lt, the character of a line in a terminal; 0: that of its points */
};

/** A series as the legend shows it. */
struct legend_entry {
    const char *text;
    struct stroke stroke;
    bool filled; /* a box rather than a line */
};

/** The rectangle inside the axes. Units: pixels from the top left corner. */
struct plot_area {
    double left, top, right, bottom;
};

/** A figure while its script is written. */
struct canvas {
    struct stream script;
    struct arena *arena;
    double width, height; /* height: how far down the figure reaches by now */
    bool plain;           /* drawn in characters */
    bool begun;           /* a panel was opened */
    double head;          /* the least height that is kept above panels, as canvas_panel_head */
    double above;         /* that above the panel that is open */
};

/** plain: drawn in characters. Owns: end with canvas_end. */
struct canvas canvas_begin(double width, bool plain, struct arena *arena);

/** The title and the line under it, then the legend; each moves `height` down. */
void canvas_header(struct canvas *canvas, const char *title, const char *caption);
void canvas_legend(struct canvas *canvas, const struct legend_entry *entries, size_t count);

/** A line of text that may be turned. `place`: left, center or right. */
void canvas_text(struct canvas *canvas, double x, double y, const char *place, const char *text,
                 const char *style);

/** Opens a panel: its margins, and nothing left of the one before. `title` is wrapped above it, a
 * line in grey under it; both may be "". */
void canvas_panel(struct canvas *canvas, struct plot_area area, const char *title,
                  const char *note);

/** Height of what canvas_panel writes above the panel, and in characters canvas_y too. */
double canvas_panel_head(const char *title, const char *note, double width, bool plain,
                         struct arena *arena);

/** Ticks with words at first, first + 1, ..., every `step`th of them, none wider than `width`:
 * a longer one lacks its middle. */
const char *canvas_word_ticks(const char **words, size_t count, size_t first, size_t step,
                              double width, bool plain, struct arena *arena);

/** Words at 1, 2, ... below a panel that is `width` wide. */
struct words_below {
    const char *ticks;
    double depth; /* pixels from the panel down to the middle of the axis' name */
};

/** Level where the longest word fits between two ticks, else turned, as far as lines of text need
 * to stand apart; where even upright ones would touch, some are left out. None is longer than
 * `longest`. plain: in characters, which do not turn. Shapes: words [count]. */
struct words_below canvas_words_below(const char **words, size_t count, size_t first, double width,
                                      double longest, bool plain, struct arena *arena);

/** The least width at which canvas_words_below leaves none out. */
double canvas_words_width(size_t count);

/** Ranges and ticks of a panel; without a label an axis has no numbers, without ticks nothing. */
void canvas_x(struct canvas *canvas, struct plot_area area, struct range range, const char *ticks,
              const char *label);
void canvas_y(struct canvas *canvas, struct plot_area panel, struct range range, const char *ticks,
              const char *label, bool logarithmic);

/** The name of the y axis at the left edge: turned, in characters above the panel. */
void canvas_y_name(struct canvas *canvas, struct plot_area area, double x, const char *name);

/** Defines in the script what bands and bars are drawn by: cut(y) is the edge of the range where y
 * lies outside, so that nothing ends beyond the frame or, at or below 0 on a logarithmic axis, is
 * left out; band(y) is nothing where a terminal draws in characters. */
void canvas_cut(struct canvas *canvas, struct range range);

/** Colours from dark to light that can be told in grey, and the bar that explains them. Call it
 * within the first panel. */
void canvas_palette(struct canvas *canvas, struct plot_area bar, struct range range);

/** Words in the middle of a panel that has no data. */
void canvas_empty(struct canvas *canvas, struct plot_area panel, const char *words);

/** Moves the labels of lines that end at these heights apart.
 *
 * Shapes: at [count] in any order. Fails: false when they do not fit between top and bottom. */
bool canvas_spread(double *at, size_t count, double distance, double top, double bottom);

/** Names lines at their right ends, where they have these values, in their colours and with their
 * points.
 *
 * Shapes: values, entries [count]. Fails: false when the labels do not fit one above the other. */
bool canvas_end_labels(struct canvas *canvas, struct plot_area area, struct range range,
                       bool logarithmic, const double *values, const struct legend_entry *entries,
                       size_t count);

/** Takes the script into the drawing. */
void canvas_end(struct canvas *canvas, struct drawing *drawing);

#endif
