/* How wide texts are, and what of them fits into a width: in DejaVu Sans, the font of pictures, or
 * in a terminal's characters. */
#ifndef MLPSWEEP_REPORT_FONT_H
#define MLPSWEEP_REPORT_FONT_H

#include "base/arena.h"

/** Units: pixels. FONT_OF_CHARACTERS stands for a terminal's font, in which all are as wide. */
enum { FONT_SIZE = 12, FONT_SIZE_TITLE = 15, FONT_OF_CHARACTERS = 0, LINE_HEIGHT = 17 };

/** The font of all text but titles. plain: drawn in characters. */
int font_of(bool plain);

/** Units: pixels. */
double font_text_width(const char *text, double font_size);

/** Breaks at spaces so that no line is wider; a longer word is cut and ends in an ellipsis.
 *
 * Shapes: lines [most]; text that does not fit into them ends in an ellipsis. */
size_t font_wrap(const char *text, double font_size, double width, size_t most, const char **lines,
                 struct arena *arena);

/** The word, without its middle where it is wider: words that begin alike often end differently. */
const char *font_without_middle(const char *word, double font_size, double width,
                                struct arena *arena);

#endif
