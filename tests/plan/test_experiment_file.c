/* Experiment files as files: what cannot be a text case because of its size or its folder. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "temporary.h"
#include "test.h"

static struct plan loaded(const char *path, struct arena *arena) {
    struct plan plan;
    struct error err = {0};
    assert_ok(plan_load(path, NULL, arena, &plan, &err), err);
    return plan;
}

/* The only message of a file that must be refused. Owns: static. */
static const char *refusal(const char *path) {
    static char message[1000];
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    if (plan_load(path, NULL, &arena, &plan, &err))
        fail_msg("%s is taken", path);
    assert_int_equal(err.kind, ERROR_INVALID);
    assert_int_equal(err.count, 1);
    snprintf(message, sizeof message, "%s", err.first->text);
    error_clear(&err);
    arena_close(&arena);
    return message;
}

static void name_is_the_file_without_folder_and_ending(void **state) {
    static const struct {
        const char *file, *name;
    } cases[] = {{"a-b_1.yaml", "a-b_1"}, {"short.yml", "short"}, {"none", "none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        const char *path = temporary_write_text(*state, cases[i].file, "base: {dataset: mnist}\n");
        assert_string_equal(loaded(path, &arena).name, cases[i].name);
        arena_close(&arena);
    }
}

static void paths_of_datasets_are_relative_to_the_file(void **state) {
    static const char text[] = "datasets:\n"
                               "  a: {format: libsvm, train: t, validation: ../v, test: /x/y, "
                               "features: 3, task: regression}\n"
                               "base: {dataset: a}\n";
    struct arena arena = {0};
    char beside[500], above[500];
    struct plan plan = loaded(temporary_write_text(*state, "a.yaml", text), &arena);
    const struct data_source *source = plan.trials[0].trial.dataset;
    snprintf(beside, sizeof beside, "%s/t", (char *)*state);
    snprintf(above, sizeof above, "%s/../v", (char *)*state);
    assert_string_equal(source->train[0], beside);
    assert_string_equal(source->validation[0], above);
    assert_string_equal(source->test[0], "/x/y");
    assert_null(source->train[1]);
    assert_int_equal(source->features, 3);
    assert_int_equal(source->task, TASK_REGRESSION);
    assert_string_equal(source->format->entry.name, "libsvm");
    assert_int_equal(source->place.line, 2);
    assert_int_equal(source->place.column, 3);
    assert_string_equal(plan.trials[0].trial.loss.entry->name, "mse");
    arena_close(&arena);
}

static void pairs_of_idx_files_are_images_and_labels(void **state) {
    static const char text[] = "datasets: {d: {format: idx, train: [/i, /l], test: [/ti, /tl]}}\n"
                               "base: {dataset: d}\n";
    struct arena arena = {0};
    struct plan plan = loaded(temporary_write_text(*state, "a.yaml", text), &arena);
    const struct data_source *source = plan.trials[0].trial.dataset;
    assert_string_equal(source->train[0], "/i");
    assert_string_equal(source->train[1], "/l");
    assert_string_equal(source->test[0], "/ti");
    assert_string_equal(source->test[1], "/tl");
    arena_close(&arena);
}

static void file_that_cannot_be_read_is_named(void **state) {
    const char *path = temporary_path(*state, "nowhere.yaml");
    assert_non_null(strstr(refusal(path), "/nowhere.yaml: No such file or directory"));
    assert_non_null(strstr(refusal(*state), ": Is a directory"));
}

/* A comment that fills the file up to a length. */
static char *padded(const char *text, size_t length) {
    char *all = malloc(length + 1);
    assert_non_null(all);
    memset(all, '#', length);
    memcpy(all, text, strlen(text));
    all[length] = '\0';
    return all;
}

static void file_may_have_a_mebibyte_and_no_more(void **state) {
    struct arena arena = {0};
    char *text = padded("base: {dataset: mnist}\n", (1 << 20) + 1);
    loaded(temporary_write(*state, "a.yaml", text, 1 << 20), &arena);
    const char *path = temporary_write(*state, "b.yaml", text, (1 << 20) + 1);
    assert_non_null(strstr(refusal(path), "/b.yaml: larger than 1 MiB"));
    free(text);
    arena_close(&arena);
}

/* Lists of 30,001 nodes each, of which three are allowed and four are not. */
static char *many_nodes(size_t lists) {
    char *text = calloc(1, 1 << 20), *at = text;
    assert_non_null(text);
    at += sprintf(at, "base: {dataset: mnist}\n");
    for (size_t l = 0; l < lists; l++) {
        at += sprintf(at, "key%zu:\n", l);
        for (size_t i = 0; i < 30000; i++)
            at += sprintf(at, "- 1\n");
    }
    return text;
}

static void nodes_are_counted(void **state) {
    char *text = many_nodes(4);
    assert_string_equal(refusal(temporary_write_text(*state, "a.yaml", text)),
                        "more than 100000 nodes, aliases written out");
    free(text);
    text = many_nodes(3);
    struct arena arena = {0};
    struct error err = {0};
    struct plan plan;
    assert_false(
        plan_load(temporary_write_text(*state, "a.yaml", text), NULL, &arena, &plan, &err));
    assert_int_equal(err.count, 3);
    assert_non_null(strstr(err.first->text, "unknown key 'key0' (known: name, "));
    free(text);
    error_clear(&err);
    arena_close(&arena);
}

static void seeds_of_a_variant_are_neighbours_in_a_large_plan(void **state) {
    static const char text[] = "base: {dataset: mnist}\n"
                               "sweep:\n"
                               "  epochs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
                               "  learning_rate: [0.1, 0.2, 0.3, 0.4, 0.5]\n"
                               "repeats: 200\n";
    struct arena arena = {0};
    struct plan plan = loaded(temporary_write_text(*state, "a.yaml", text), &arena);
    assert_int_equal(plan.count, 10000);
    assert_int_equal(plan.variants, 50);
    for (size_t i = 0; i < plan.count; i++) {
        assert_int_equal(plan.trials[i].variant, i / 200);
        assert_int_equal(plan.trials[i].trial.seed, 1 + i % 200);
        assert_int_equal(plan.trials[i].trial.epochs, 1 + i / 1000);
    }
    arena_close(&arena);
}

/* Seconds of processor time, and megabytes at the peak; both with room for a sanitizer. */
static void hundred_thousand_trials_are_planned_at_once(void **state) {
    static const char text[] = "base: {dataset: mnist}\n"
                               "sweep:\n"
                               "  learning_rate: logspace(1e-4, 1e-1, 100)\n"
                               "  batch_size: range(1, 100)\n"
                               "  optimizer: [adam, sgd]\n"
                               "repeats: 5\n";
    struct arena arena = {0};
    struct rusage usage;
    clock_t start = clock();
    struct plan plan = loaded(temporary_write_text(*state, "a.yaml", text), &arena);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    assert_int_equal(plan.count, 100000);
    assert_int_equal(plan.variants, 20000);
    if (seconds > 2 || usage.ru_maxrss > 300 * 1024)
        fail_msg("it takes %.1f s and %ld MB", seconds, usage.ru_maxrss / 1024);
    arena_close(&arena);
}

static void assert_place(const struct plan *plan, size_t trial, const char *knob, size_t line,
                         size_t column) {
    struct place place = plan_place(plan, trial, knob);
    assert_string_equal(place.file, plan->file);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void every_value_of_a_trial_has_its_place(void **state) {
    static const char text[] = "base: {dataset: mnist, epochs: 3}\n"
                               "sweep:\n"
                               "  train_rows: [10,\n"
                               "               20]\n"
                               "  init_seed: [7, 8]\n"
                               "repeats: 2\n";
    struct arena arena = {0};
    struct plan plan = loaded(temporary_write_text(*state, "a.yaml", text), &arena);
    assert_int_equal(plan.count, 8);
    for (size_t i = 0; i < plan.count; i++) {
        assert_place(&plan, i, "dataset", 1, 17);
        assert_place(&plan, i, "epochs", 1, 32);
        assert_place(&plan, i, "train_rows", i < 4 ? 3 : 4, 16);
        assert_place(&plan, i, "init_seed", 5, i % 4 < 2 ? 15 : 18);
        assert_place(&plan, i, "topology", 0, 0);
    }
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(name_is_the_file_without_folder_and_ending),
        TEMPORARY_TEST(paths_of_datasets_are_relative_to_the_file),
        TEMPORARY_TEST(pairs_of_idx_files_are_images_and_labels),
        TEMPORARY_TEST(file_that_cannot_be_read_is_named),
        TEMPORARY_TEST(file_may_have_a_mebibyte_and_no_more),
        TEMPORARY_TEST(nodes_are_counted),
        TEMPORARY_TEST(hundred_thousand_trials_are_planned_at_once),
        TEMPORARY_TEST(every_value_of_a_trial_has_its_place),
        TEMPORARY_TEST(seeds_of_a_variant_are_neighbours_in_a_large_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
