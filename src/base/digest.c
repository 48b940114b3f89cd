#include "base/digest.h"

#include <inttypes.h>
#include <stdio.h>

void digest_text(uint64_t high, uint64_t low, char out[DIGEST_TEXT]) {
    snprintf(out, DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, high, low);
}
