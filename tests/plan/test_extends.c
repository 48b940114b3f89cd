/* `extends:` over files in one folder: what is merged, what is replaced, and which file an error
 * stands in. */
#include "plan/plan.h"

#include <string.h>
#include <sys/stat.h>

#include "temporary.h"
#include "test.h"

static const char *value(const struct plan *plan, const char *knob, struct arena *arena) {
    return knob_text(knob_find(knob), &plan->trials[0].trial, arena);
}

static void base_merges_key_by_key_and_other_keys_are_replaced_whole(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    temporary_write_text(
        *state, "low.yaml",
        "name: low\n"
        "question: why\n"
        "base: {dataset: mnist, epochs: 3, optimizer: sgd, optimizer.momentum: 0.5}\n"
        "sweep: {batch_size: [1, 2, 3]}\n"
        "repeats: 2\n");
    temporary_write_text(*state, "middle.yml",
                         "extends: low.yaml\nbase: {batch_size: 9, epochs: 4}\n"
                         "sweep: {activation: [relu, tanh]}\n");
    const char *path = temporary_write_text(*state, "high.yaml",
                                            "extends: middle.yml\n"
                                            "base: {epochs: 5, optimizer: adam}\n");
    assert_ok(plan_load(path, NULL, &arena, &plan, &err), err);
    assert_string_equal(plan.name, "high");
    assert_string_equal(plan.question, "why");
    assert_int_equal(plan.variants, 2);
    assert_int_equal(plan.count, 4);
    assert_string_equal(value(&plan, "epochs", &arena), "5");
    assert_string_equal(value(&plan, "batch_size", &arena), "9");
    assert_string_equal(value(&plan, "optimizer", &arena), "adam");
    assert_string_equal(value(&plan, "dataset", &arena), "mnist");
    arena_close(&arena);
}

static void datasets_merge_and_keep_the_folder_of_their_file(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    char expected[500];
    assert_int_equal(mkdir(temporary_path(*state, "below"), 0700), 0);
    temporary_write_text(*state, "below/low.yaml",
                         "datasets: {points: {format: libsvm, train: p, features: 2}}\n"
                         "base: {dataset: points}\n");
    const char *path =
        temporary_write_text(*state, "high.yaml",
                             "extends: below/low.yaml\n"
                             "datasets: {other: {format: libsvm, train: o, features: 2}}\n"
                             "sweep: {dataset: [points, other]}\n");
    assert_ok(plan_load(path, NULL, &arena, &plan, &err), err);
    snprintf(expected, sizeof expected, "%s/below/p", (char *)*state);
    assert_string_equal(plan.trials[0].trial.dataset->train[0], expected);
    snprintf(expected, sizeof expected, "%s/o", (char *)*state);
    assert_string_equal(plan.trials[1].trial.dataset->train[0], expected);
    arena_close(&arena);
}

/* The place of the only message as `file:line:column`, without the folder. Owns: static. */
static const char *refusal(const char *folder, const char *path) {
    static char place[500];
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    assert_false(plan_load(path, NULL, &arena, &plan, &err));
    assert_int_equal(err.count, 1);
    snprintf(place, sizeof place, "%s:%zu:%zu: %s", err.first->file + strlen(folder) + 1,
             err.first->line, err.first->column, err.first->text);
    error_clear(&err);
    arena_close(&arena);
    return place;
}

static void errors_stand_in_the_file_that_has_them(void **state) {
    temporary_write_text(*state, "low.yaml", "base:\n  dataset: mnist\n  epochs: 0\n");
    const char *path = temporary_write_text(*state, "high.yaml", "extends: low.yaml\n");
    assert_string_equal(refusal(*state, path), "low.yaml:3:11: epochs is 0, outside 1..1000000");
    path = temporary_write_text(*state, "high.yaml",
                                "extends: low.yaml\nbase: {epochs: 1, seed: x}\n");
    assert_string_equal(refusal(*state, path),
                        "high.yaml:2:25: seed must be a whole number, not 'x'");
}

static void circle_of_files_is_refused_where_it_closes(void **state) {
    temporary_write_text(*state, "b.yaml", "extends: ./c.yaml\n");
    temporary_write_text(*state, "c.yaml", "base: {dataset: mnist}\nextends: a.yaml\n");
    const char *path = temporary_write_text(*state, "a.yaml", "extends: b.yaml\n");
    assert_non_null(strstr(refusal(*state, path), "c.yaml:2:10: "));
    assert_non_null(strstr(refusal(*state, path), "a.yaml extends itself, by way of this file"));
    path = temporary_write_text(*state, "self.yaml", "extends: self.yaml\n");
    assert_non_null(strstr(refusal(*state, path), "self.yaml:1:10: "));
}

static void what_is_no_regular_file_is_not_waited_for(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    const char *fifo = temporary_path(*state, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    static const char *const devices[] = {NULL, "/dev/zero", "/dev/null"};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        const char *path = devices[i] ? devices[i] : temporary_path(*state, "fifo");
        assert_false(plan_load(path, NULL, &arena, &plan, &err));
        assert_non_null(strstr(err.first->text, ": not a regular file"));
        error_clear(&err);
    }
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(base_merges_key_by_key_and_other_keys_are_replaced_whole),
        TEMPORARY_TEST(datasets_merge_and_keep_the_folder_of_their_file),
        TEMPORARY_TEST(errors_stand_in_the_file_that_has_them),
        TEMPORARY_TEST(circle_of_files_is_refused_where_it_closes),
        TEMPORARY_TEST(what_is_no_regular_file_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
