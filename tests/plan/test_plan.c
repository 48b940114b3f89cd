/* Experiment files as text cases: cases/NAME.yaml and what comes of it, cases/NAME.out, which is
 * either its errors as they are printed or a line for each trial. MLPSWEEP_UPDATE=1 rewrites what
 * differs; read the difference before you keep it. */
#include "plan/plan.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define CASES TESTS_DIR "/plan/cases"

enum { CASES_MAX = 500 };

static int is_case(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

/* All of a file, with a NUL behind; NULL where there is none. Owns: to be freed. */
static char *read_file(const char *path, size_t *length) {
    char *text = NULL;
    char part[4096];
    FILE *file = fopen(path, "rb"), *out = open_memstream(&text, length);
    assert_non_null(out);
    for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;)
        fwrite(part, 1, n, out);
    fclose(out);
    if (file)
        fclose(file);
    else
        free(text);
    return file ? text : NULL;
}

static void print_trial(const struct planned_trial *planned, struct arena *arena, FILE *out) {
    const struct trial *trial = &planned->trial;
    fprintf(out, "%zu (%s) %llu", planned->variant, planned->label,
            (unsigned long long)trial->seed);
    for (size_t k = 0; k < knob_count; k++)
        if (strcmp(knobs[k].name, "seed") != 0 && !knob_is_default(&knobs[k], trial))
            fprintf(out, " %s=%s", knobs[k].name, knob_text(&knobs[k], trial, arena));
    fputc('\n', out);
}

static void print_plan(const struct plan *plan, struct arena *arena, FILE *out) {
    fprintf(out, "%s: %zu variants, %zu trials, axes:", plan->name, plan->variants, plan->count);
    for (size_t i = 0; i < plan->axis_count; i++)
        fprintf(out, " %s", plan->axes[i].name);
    fputc('\n', out);
    if (plan->question)
        fprintf(out, "question: %s\n", plan->question);
    for (size_t i = 0; i < plan->count; i++)
        print_trial(&plan->trials[i], arena, out);
}

/* What comes of a case. Owns: to be freed. */
static char *outcome_of(const char *name) {
    struct arena arena = {0};
    struct error err = {0};
    struct error warnings = {0};
    const struct plan_options options = {.warnings = &warnings};
    struct plan plan;
    char path[512], *result = NULL;
    size_t length, result_length;
    snprintf(path, sizeof path, "%s/%s", CASES, name);
    char *text = read_file(path, &length);
    assert_non_null(text);
    FILE *out = open_memstream(&result, &result_length);
    if (plan_parse(name, text, length, &options, &arena, &plan, &err))
        print_plan(&plan, &arena, out);
    else
        assert_int_equal(err.kind, ERROR_INVALID);
    error_print(&err, out);
    error_print_warnings(&warnings, out);
    fclose(out);
    error_clear(&warnings);
    error_clear(&err);
    arena_close(&arena);
    free(text);
    return result;
}

static void update(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Whether the case comes out as it should; says where it does not. */
static bool holds(const char *name) {
    char path[512];
    size_t length;
    snprintf(path, sizeof path, "%s/%.*s.out", CASES, (int)(strlen(name) - 5), name);
    char *expected = read_file(path, &length), *actual = outcome_of(name);
    bool same = expected && strcmp(expected, actual) == 0;
    if (!same && getenv("MLPSWEEP_UPDATE")) {
        update(path, actual);
        same = true;
    }
    if (!same)
        fprintf(stderr, "%s: expected:\n%sbut it is:\n%s", name,
                expected ? expected : "(no .out)\n", actual);
    free(expected);
    free(actual);
    return same;
}

static void every_case_comes_out_as_its_out_file_says(void **state) {
    (void)state;
    struct dirent **cases;
    int count = scandir(CASES, &cases, is_case, alphasort), failures = 0;
    assert_in_range(count, 35, CASES_MAX);
    for (int i = 0; i < count; i++) {
        failures += !holds(cases[i]->d_name);
        free(cases[i]);
    }
    free(cases);
    assert_int_equal(failures, 0);
}

static int is_out(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".out") == 0;
}

static void every_out_file_has_its_case(void **state) {
    (void)state;
    struct dirent **outs;
    int count = scandir(CASES, &outs, is_out, alphasort);
    for (int i = 0; i < count; i++) {
        char path[512];
        const char *name = outs[i]->d_name;
        snprintf(path, sizeof path, "%s/%.*s.yaml", CASES, (int)(strlen(name) - 4), name);
        if (access(path, R_OK) != 0)
            fail_msg("%s has no .yaml", name);
        free(outs[i]);
    }
    free(outs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_comes_out_as_its_out_file_says),
        cmocka_unit_test(every_out_file_has_its_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
