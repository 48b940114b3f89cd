/* Time that only goes forward, for durations; and the date, for people. */
#ifndef MLPSWEEP_BASE_CLOCK_H
#define MLPSWEEP_BASE_CLOCK_H

/** Seconds since some moment in the past; never set back. */
double clock_seconds(void);

/** Bytes that hold any date and its NUL. */
enum { CLOCK_DATE_MAX = 32 };

/** Now as ISO 8601 in UTC: 2026-01-31T12:34:56Z. */
const char *clock_date(char out[CLOCK_DATE_MAX]);

#endif
