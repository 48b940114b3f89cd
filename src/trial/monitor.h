/* monitor: which number of an epoch decides which epoch is best, when to stop and when to lower the
 * learning rate. */
#ifndef MLPSWEEP_TRIAL_MONITOR_H
#define MLPSWEEP_TRIAL_MONITOR_H

#include "base/registry.h"
#include "trial/metric.h"

/** A row of `monitors`: lower is better for both numbers. */
struct monitor {
    struct entry entry;
    bool for_values; /* regressions have it, too */
    double (*validation)(const struct epoch_record *record);
    double (*training)(const struct epoch_record *record); /* the same of the probe */
};

/** All monitors by name. */
extern const struct registry monitors;

/** The row behind a choice of `monitors`. */
const struct monitor *monitor_of(const struct choice *choice);

#endif
