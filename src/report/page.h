/* The results of an experiment as one HTML file that needs nothing else: no network, no other file.
 *
 * Without scripts it shows verdicts, leaderboards and figures; its script (page.js) adds sorting,
 * filtering, curves and comparisons from the data in the file. Every text is escaped. */
#ifndef MLPSWEEP_REPORT_PAGE_H
#define MLPSWEEP_REPORT_PAGE_H

#include "report/curve.h"
#include "report/figure.h"
#include "report/summary.h"

/** The curves of the page, of each variant. */
enum {
    PAGE_TRAIN_LOSS,
    PAGE_PROBE_LOSS,
    PAGE_VAL_LOSS,
    PAGE_PROBE_ACCURACY,
    PAGE_VAL_ACCURACY,
    PAGE_CURVES,
};

/** What is on the page. */
struct page {
    struct summary summary;
    struct curve (*curves)[PAGE_CURVES]; /* [summary.results.count] */
    struct table sessions;               /* that trained trials of the experiment */
    const char *text;                    /* of the experiment's file; NULL: not stored */
    struct drawings drawings;            /* of its figures */
    const char *folder;                  /* where they lie as NAME.svg, once they are drawn */
    struct page_parts *parts;            /* from page_begin on */
};

/** Owns: everything lives in the arena. Fails: see results_load. */
MUST_CHECK bool page_load(struct query_database *database, const char *experiment,
                          struct arena *arena, struct page *page, struct error *err);

/** Begins to write, in a thread of its own, what needs neither the database nor the figures. From
 * here to page_end the page and its summary stay as they are, but for drawings and folder. */
void page_begin(struct page *page);

/** Waits until that is written. */
void page_end(struct page *page);

/** Frees what page_begin took. */
void page_close(struct page *page);

/** Writes the page, with those figures that were drawn. Needs: page_end. */
void page_write(const struct page *page, FILE *out);

/** What the script reads (page.js): one JSON object in which no "<" stands. */
void page_put_data(const struct page *page, FILE *out);

#endif
