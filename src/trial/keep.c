#include "trial/keep.h"

static const struct keep rows[] = {
    {{"best", "those of the best epoch; the last ones where nothing is validated", {{0}}},
     true,
     false},
    {{"last", "those of the last epoch", {{0}}}, false, true},
    {{"both", "those of the best and of the last epoch", {{0}}}, true, true},
    {{"none", "none", {{0}}}, false, false},
};

const struct registry keeps = REGISTRY("choice", rows);

const struct keep *keep_of(const struct choice *choice) {
    return (const struct keep *)choice->entry;
}
