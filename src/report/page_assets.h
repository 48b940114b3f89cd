/* The page's style sheet and script: page.css and page.js, which the build turns into arrays. */
#ifndef MLPSWEEP_REPORT_PAGE_ASSETS_H
#define MLPSWEEP_REPORT_PAGE_ASSETS_H

/** The content of the two files, ended by NUL. */
extern const char page_css[], page_js[];

#endif
