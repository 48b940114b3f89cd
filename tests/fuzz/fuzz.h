/* What libFuzzer and driver.c call. Each fuzz_NAME.c defines it; its inputs lie in corpus/NAME. */
#ifndef MLPSWEEP_TESTS_FUZZ_H
#define MLPSWEEP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** Must neither crash nor keep anything. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
