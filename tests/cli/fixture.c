#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "temporary.h"
#include "test.h"

enum { SECONDS = 120 };

static void write_data(const char *folder) {
    char text[8000], *at = text;
    for (int i = 0; i < 80; i++) {
        double x = (i * 37 % 80) / 40.0 - 1, y = (i * 53 % 80) / 40.0 - 1;
        at += sprintf(at, "%d 1:%g 2:%g\n", x + y > 0 ? 1 : 2, x, y);
    }
    temporary_write_text(folder, "points", text);
    at = text;
    for (int i = 0; i < 80; i++) {
        double x = (i * 37 % 80) / 40.0 - 1, y = (i * 53 % 80) / 40.0 - 1;
        at += sprintf(at, "%g 1:%g 2:%g\n", 3 * x - y, x, y);
    }
    temporary_write_text(folder, "values", text);
}

int fixture_open(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    write_data(*state);
    return 0;
}

int fixture_close(void **state) {
    process_kill_all();
    return temporary_close(state);
}

const char *fixture_content(const char *folder, const char *name) {
    static char text[4][1 << 18];
    static size_t turn;
    char *into = text[turn++ % 4];
    temporary_read(folder, name, into, sizeof text[0]);
    return into;
}

const char *fixture_call(const char *folder, const char *database, const char *const *words) {
    char variable[300], out[300], err[300];
    const char *environment[] = {variable, "NO_COLOR=1", NULL}, *arguments[12] = {MLPSWEEP_BINARY};
    snprintf(variable, sizeof variable, "MLPSWEEP_DB=%s", database);
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(err, sizeof err, "%s/err", folder);
    unlink(out);
    unlink(err);
    for (size_t i = 0; words[i]; i++)
        arguments[i + 1] = words[i];
    const struct launch launch = {arguments, environment, folder, out, err};
    int status = process_run(&launch, SECONDS);
    if (status != 0)
        fail_msg("mlpsweep %s: %d\n%s", words[0], status, fixture_content(folder, "err"));
    return fixture_content(folder, "out");
}

void fixture_experiment(const char *folder, const char *rest) {
    char text[4000];
    snprintf(text, sizeof text,
             "datasets:\n"
             "  points: {format: libsvm, train: points, test: points, features: 2}\n"
             "  values: {format: libsvm, train: values, test: values, features: 2, task: "
             "regression}\n"
             "%s",
             rest);
    temporary_write_text(folder, "it.yaml", text);
}

const char *fixture_summary(const char *folder, const char *rest) {
    fixture_experiment(folder, rest);
    CALL(folder, "it.db", "run", "--progress=none", "it.yaml");
    return CALL(folder, "it.db", "summary", "it.yaml");
}

void assert_in(const char *text, const char *words) {
    if (!strstr(text, words))
        fail_msg("no \"%s\" in:\n%.4000s", words, text);
}

void assert_not_in(const char *text, const char *words) {
    if (strstr(text, words))
        fail_msg("\"%s\" in:\n%.4000s", words, text);
}
