/* Runs gnuplot on a script and its data, in a folder of its own, and puts the figures in place once
 * they are whole. */
#ifndef MLPSWEEP_REPORT_GNUPLOT_H
#define MLPSWEEP_REPORT_GNUPLOT_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

/** Formats of a figure, as a set of bits. */
enum { GNUPLOT_SVG = 1, GNUPLOT_PNG = 2 };

/** Pixels of a figure from one character of a terminal to the next. A figure that is drawn in
 * characters measures whole ones, from the first to the last. */
enum { GNUPLOT_CHARACTER_WIDTH = 7, GNUPLOT_CHARACTER_HEIGHT = 16 };

/** What one figure is made of. The body draws once; where it goes is set before it, and whether it
 * is `plain`: in characters, without bands and grid. */
struct drawing {
    const char *name;  /* of the files: NAME.gp, NAME.tsv, NAME.svg, NAME.png */
    const char *data;  /* the content of NAME.tsv */
    const char *body;  /* gnuplot commands that read 'NAME.tsv' */
    int width, height; /* pixels of the svg; the png has twice as many */
    bool is_left_out;  /* composed, but not to be drawn */
};

/** Draws into the folder. `gnuplot NAME.gp` there draws the same again.
 *
 * Needs: formats is not 0.
 * Fails: ERROR_FAILED when gnuplot is missing, complains or takes longer than a minute; what stood
 *        in the folder before stays, and a script that failed lies in FOLDER/NAME.failed/. */
MUST_CHECK bool gnuplot_draw(const struct drawing *drawing, const char *folder, unsigned formats,
                             struct error *err);

/** What a terminal can show. */
struct screen {
    int columns;         /* characters */
    bool sixel, colours; /* pictures; colours among characters */
};

/** Draws to standard output, in characters where the terminal shows no pictures.
 *
 * Fails: as gnuplot_draw; nothing is kept. */
MUST_CHECK bool gnuplot_show(const struct drawing *drawing, const struct screen *screen,
                             struct error *err);

/** A text that may stand in a script, its data and a picture: control characters and what is no
 * UTF-8 become blanks and question marks. */
const char *gnuplot_plain(const char *text, struct arena *arena);

/** A text as an expression that gnuplot reads: in single quotes, which nothing inside can end. */
const char *gnuplot_quoted(const char *text, struct arena *arena);

#endif
