#include "trial/kept_weights.h"

static const struct kept_weights rows[] = {
    {{"best", "those of the best epoch; the last ones where nothing is validated", {{0}}},
     true,
     false},
    {{"last", "those of the last epoch", {{0}}}, false, true},
    {{"both", "those of the best and of the last epoch", {{0}}}, true, true},
    {{"none", "none", {{0}}}, false, false},
};

const struct registry kept_weights_choices = REGISTRY("choice", rows);

const struct kept_weights *kept_weights_of(const struct choice *choice) {
    return (const struct kept_weights *)choice->entry;
}
