/* Student's t, for 95 % intervals. */
#ifndef MLPSWEEP_TRIAL_STUDENT_H
#define MLPSWEEP_TRIAL_STUDENT_H

#include <stddef.h>

/** The 0.975 quantile of Student's t: mean -+ quantile * sd / sqrt(n) with n - 1 degrees of freedom
 * is the 95 % interval. Needs: degrees > 0. Error below 1e-5.
 *
 * Source: tables to 30 degrees of freedom; beyond, the expansion in 1/degrees of Abramowitz and
 * Stegun, 26.7.5. */
double student_quantile(size_t degrees);

#endif
