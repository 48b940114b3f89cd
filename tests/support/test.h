/* What every test includes: cmocka with the headers that it needs, in the order that it needs. */
#ifndef MLPSWEEP_TESTS_TEST_H
#define MLPSWEEP_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Whether this program is under a sanitizer or counts its lines, which takes ten times as long:
 * what is repeated only to have much of it, is then repeated less. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined PANEL_IS_CHECKED
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/** Ends the test with what the error says unless the call succeeded. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, (err).first ? (err).first->text : "no message");             \
    } while (0)

#endif
