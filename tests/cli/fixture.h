/* What tests of single commands share: a folder with two small data sets, and calls of the program
 * in it. */
#ifndef MLPSWEEP_TESTS_CLI_FIXTURE_H
#define MLPSWEEP_TESTS_CLI_FIXTURE_H

/** Opens a temporary folder with the LIBSVM files `points` (two classes that a line parts) and
 * `values` (which a small net learns), 80 rows of two features each. */
int fixture_open(void **state);

/** Ends what is still running, and removes the folder. */
int fixture_close(void **state);
#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

/** A file of the folder. Owns: static, until the fourth call after this one. */
const char *fixture_content(const char *folder, const char *name);

/** Calls the program with words up to NULL, which must succeed; returns what it printed. What it
 * said on standard error is in the file `err`. */
const char *fixture_call(const char *folder, const char *database, const char *const *words);
#define CALL(folder, database, ...)                                                                \
    fixture_call(folder, database, (const char *const[]){__VA_ARGS__, NULL})

/** Writes it.yaml: both data sets, and then the rest. */
void fixture_experiment(const char *folder, const char *rest);

/** Trains what fixture_experiment writes, into it.db; returns its summary. */
const char *fixture_summary(const char *folder, const char *rest);

void assert_in(const char *text, const char *words);
void assert_not_in(const char *text, const char *words);

#endif
