/* What the functions behind the table in figure.c share: one function a figure, and the words that
 * all captions and axes are made of. */
#ifndef MLPSWEEP_REPORT_FIGURES_H
#define MLPSWEEP_REPORT_FIGURES_H

#include "report/canvas.h"
#include "report/figure.h"

/* The functions of the table, by figure; see struct figure. */
bool figure_curves(const struct figure_source *source, struct drawing *drawing, struct error *err);
bool figure_accuracy(const struct figure_source *source, struct drawing *drawing,
                     struct error *err);
bool figure_gap(const struct figure_source *source, struct drawing *drawing, struct error *err);
bool figure_waste(const struct figure_source *source, struct drawing *drawing, struct error *err);

bool figure_axis_values(const struct figure_source *source, struct drawing *drawing,
                        struct error *err);
bool figure_capacity(const struct figure_source *source, struct drawing *drawing,
                     struct error *err);
bool figure_heatmap(const struct figure_source *source, struct drawing *drawing, struct error *err);
bool figure_confusion(const struct figure_source *source, struct drawing *drawing,
                      struct error *err);
bool figure_layers(const struct figure_source *source, struct drawing *drawing, struct error *err);
bool figure_stopping(const struct figure_source *source, struct drawing *drawing,
                     struct error *err);

/** `topologies: loss by epoch`. */
const char *figure_title(const struct figure_source *source, const char *subject);

/** Why variants that have a finished trial may not be among those drawn. */
enum figure_room {
    ROOM_FULL,   /* no more fit */
    ROOM_LEFT,   /* they have nothing that can be drawn */
    ROOM_FOR_ONE /* the figure is about one variant */
};

/** All groups, the best first; of several leaderboards, which no rank compares, the best of each in
 * turn.
 *
 * Shapes: [results->count]. */
const struct group *const *figure_ranked(const struct figure_source *source);

/** The font of the figure's texts. */
int figure_font(const struct figure_source *source);

/** A canvas as wide as the source allows at most. */
struct canvas figure_canvas(const struct figure_source *source, double width);

/** Panels side by side: fewer than at most where the source is narrow. */
size_t figure_columns(const struct figure_source *source, size_t most);

/** Height of the y axis' name where it stands above the panel. */
double figure_y_room(const struct figure_source *source);

/** What tells the variant from the others of the figure, its data set among them. */
const char *figure_label(const struct figure_source *source, const struct group *group);

/** Whether some seeds end before others, diverged or stopped early: the mean of those that are left
 * is dashed. */
bool figure_thins_out(const struct group *group);

/** `mnist; 3 to 6 seeds; band: ...`: true for each of the groups drawn, and why others are not.
 *
 * banded: whether there are bands that need a word. */
const char *figure_caption(const struct figure_source *source, const struct group *const *groups,
                           size_t count, bool banded, enum figure_room room);

/** The same for all groups, without bands. */
const char *figure_caption_all(const struct figure_source *source);

/** What a mean's bar is: `; mean and minimum to maximum`, true for each of the groups. */
const char *figure_bar(const struct results *results, struct arena *arena);

/** `loss (cross entropy, nats)`: words and the unit of a row of metrics[] or trial_results[]; of a
 * loss the one that the variants were trained with. */
const char *figure_axis(const struct figure_source *source, const char *words, const char *name);

/** `cross entropy, nats`: a loss by name and unit; NULL, where variants differ in it, has no one
 * unit.
 */
const char *figure_loss(const char *name, struct arena *arena);

/** `lower is better`, by the same row. */
const char *figure_direction(const char *name);

/** Factor from a number as it is stored to what is drawn: fractions are drawn in percent. */
double figure_scale(const char *name);

/** Median of a number over a group's trials that are done; NaN where there is none. */
double figure_median(const struct group *group, size_t number);

/** What makes an epoch the best: `lowest validation loss`, by the knob `monitor`. */
const char *figure_best_words(const struct figure_source *source);

/** When numbers of a trial are taken: `at the lowest validation loss`, without validation rows `at
 * the last epoch`. */
const char *figure_when(const struct figure_source *source);

/** `9 (median; 7 to 12)`: median and range over seeds of the best epoch. */
const char *figure_best_epoch(const struct group *group, struct arena *arena);

/** The x axis of curves that are drawn by epoch, updates or time: its range over all of them, and
 * its ticks for so many pixels.
 *
 * Shapes: xs [count], each the mean x of every epoch. */
struct range figure_x_range(const struct figure_source *source, const struct curve *xs,
                            size_t count);
const char *figure_x_ticks(const struct figure_source *source, struct range range, double width);

/** What stands on the x axis at each epoch of a variant, the mean over its seeds. */
MUST_CHECK bool figure_x_load(const struct figure_source *source, const struct group *group,
                              struct curve *x, struct error *err);

/** Where an epoch, maybe between two, stands on the x axis; NaN beyond the curve. */
double figure_x_at(const struct curve *x, double epoch);

/** A number of the data; NaN as the scripts expect it where there is none. */
const char *figure_number(double number, struct arena *arena);

/** Mean and band, each after a tab. */
void figure_put_moments(const struct moments *m, size_t seeds, struct arena *arena, FILE *out);

/** Eight colours that differ in lightness as well, with points that differ (Okabe and Ito). */
enum { FIGURE_STROKES = 8 };
extern const struct stroke figure_strokes[FIGURE_STROKES];

#endif
