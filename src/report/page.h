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
};

/** Owns: everything lives in the arena. Fails: see results_load. */
MUST_CHECK bool page_load(struct query_database *database, const char *experiment,
                          struct arena *arena, struct page *page, struct error *err);

/** Writes the page, with those figures that were drawn. */
void page_write(const struct page *page, FILE *out);

/** What the script reads (page.js): one JSON object in which no "<" stands. */
void page_put_data(const struct page *page, FILE *out);

#endif
