/* A folder of its own for each test that writes files. */
#ifndef MLPSWEEP_TESTS_TEMPORARY_H
#define MLPSWEEP_TESTS_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>

/** cmocka setup and teardown: *state is the path of a new empty folder (a char *), removed with all
 * that is in it at the end. */
int temporary_open(void **state);
int temporary_close(void **state);
#define TEMPORARY_TEST(test) cmocka_unit_test_setup_teardown(test, temporary_open, temporary_close)

/** Writes bytes to FOLDER/NAME and returns the path. Owns: the path is static, until the next call
 * but three. */
const char *temporary_write(const char *folder, const char *name, const void *bytes, size_t length);
const char *temporary_write_text(const char *folder, const char *name, const char *text);

/** FOLDER/NAME, with the lifetime of temporary_write's. */
const char *temporary_path(const char *folder, const char *name);

bool temporary_exists(const char *folder, const char *name);

/** Reads FOLDER/NAME as text of at most room - 1 bytes; ends the test if it is not there. */
void temporary_read(const char *folder, const char *name, char *text, size_t room);

#endif
