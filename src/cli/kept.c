#include "cli/kept.h"

bool kept_option(const struct invocation *in, enum kept *kept, struct error *err) {
    bool best = option_value(in, "best") != NULL, last = option_value(in, "last") != NULL;
    *kept = best ? KEPT_BEST : last ? KEPT_LAST : KEPT_ANY;
    return !(best && last) ||
           error_set(err, ERROR_USAGE, "%s: --best or --last, not both", in->command->name);
}
