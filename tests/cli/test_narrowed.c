/* `--where` of commands that read the database: the same trials as in a plan. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "process.h"
#include "temporary.h"
#include "test.h"

enum { SECONDS = 60, TRIALS = 22 };

/* Two data sets, a topology that one has alone, and choices with and without arguments. */
static const char sweep[] =
    "base: {epochs: 2, topology: [3]}\n"
    "sweep:\n"
    "  - {dataset: points, optimizer: [adam, sgd, sgd(momentum=0.9, nesterov=true)],"
    " train_rows: [all, 40], topology: [[3], []]}\n"
    "  - {dataset: [values, noisy_sine(rows=60)], optimizer: [adam, sgd(momentum=0.5)],"
    " learning_rate: [auto, 0.02]}\n"
    "  - {dataset: points, topology: 64x3, scale: [none, minmax]}\n"
    "repeats: 1\n";

static void train(const char *folder) {
    fixture_experiment(folder, sweep);
    CALL(folder, "it.db", "run", "--progress=none", "it.yaml");
}

/* The ids in the first column of csv, in ascending order. */
static void ids_of(const char *csv, char *ids, size_t room) {
    *ids = '\0';
    char found[64][17];
    size_t count = 0;
    for (const char *at = strchr(csv, '\n'); at && at[1]; at = strchr(at + 1, '\n')) {
        char id[17];
        snprintf(id, sizeof id, "%.16s", at + 1);
        size_t i = count++;
        for (; i > 0 && strcmp(found[i - 1], id) > 0; i--)
            memcpy(found[i], found[i - 1], sizeof id);
        memcpy(found[i], id, sizeof id);
    }
    for (size_t i = 0; i < count; i++)
        snprintf(ids + 17 * i, room - 17 * i, "%s ", found[i]);
}

static void a_condition_means_the_same_as_in_a_plan(void **state) {
    static const struct {
        const char *where;
        size_t trials;
    } cases[] = {
        {"dataset=points", 14},
        {"dataset=values", 4},
        {"dataset=noisy_sine", 4},
        {"dataset=noisy_sine(rows=60)", 4},
        {"dataset!=points,values", 4},
        {"optimizer=adam", 10},
        {"optimizer=sgd", 12},
        {"optimizer=sgd()", 4},
        {"optimizer=sgd(momentum=0.9,nesterov=true)", 4},
        {"optimizer.momentum>=0.5", 8},
        {"optimizer.momentum!=0.9", 18},
        {"learning_rate=auto", 18},
        {"learning_rate>0.01", 4},
        {"learning_rate<=0.001", 8},
        {"train_rows=all", 16},
        {"train_rows<=40", 6},
        {"topology=[]", 6},
        {"topology=64x3,3", 16},
        {"topology!=64-64-64", 20},
        {"loss=auto", TRIALS},
        {"loss=mse", 8},
        {"scale=none,minmax", 2},
        {"seed=1", TRIALS},
        {"split_seed=seed", TRIALS},
    };
    train(*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char planned[64 * 17] = "", stored[64 * 17] = "";
        ids_of(CALL(*state, "it.db", "plan", "it.yaml", "--format=csv", "--where", cases[i].where),
               planned, sizeof planned);
        ids_of(CALL(*state, "it.db", "export", "trials", "--where", cases[i].where), stored,
               sizeof stored);
        assert_string_equal(stored, planned);
        if (strlen(stored) / 17 != cases[i].trials)
            fail_msg("--where %s leaves %zu trials", cases[i].where, strlen(stored) / 17);
    }
}

static size_t lines_of(const char *text) {
    size_t lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static void reading_commands_are_about_what_is_left(void **state) {
    train(*state);
    const char *text =
        CALL(*state, "it.db", "status", "it.yaml", "--where", "dataset=points", "--format=csv");
    assert_in(text, "\nit,14,14,");
    text = CALL(*state, "it.db", "status", "it", "--where", "dataset=values", "--format=csv");
    assert_in(text, "\nit,4,4,");
    text = CALL(*state, "it.db", "summary", "--where", "optimizer=adam", "--where",
                "dataset=points", "--where", "topology=3", "--format=csv");
    assert_int_equal(lines_of(text), 1 + 2);
    text = CALL(*state, "it.db", "export", "epochs", "--where", "dataset=values");
    assert_int_equal(lines_of(text), 1 + 4 * 2);
    text = CALL(*state, "it.db", "export", "trials", "--experiment=it.yaml", "--where",
                "train_rows<=40");
    assert_int_equal(lines_of(text), 1 + 6);
    text = CALL(*state, "it.db", "compare", "it", "--where", "dataset=points", "--where",
                "topology=64x3");
    assert_in(text, "minmax");
    assert_not_in(text, "momentum");
}

static void a_pair_is_compared_over_the_seeds_that_are_left(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 2}\n"
                            "sweep: {topology: [[3], [5]]}\nrepeats: 6\n");
    const char *text = CALL(*state, "it.db", "compare", "topology=3", "topology=5", "--where",
                            "seed<=4", "--format=csv");
    assert_in(text, ",4,");
    assert_not_in(text, ",6,");
    text = CALL(*state, "it.db", "summary", "it.yaml", "--where", "seed!=2,3");
    assert_in(text, "8 of 8 trials done");
}

static void figures_show_what_is_left(void **state) {
    fixture_summary(*state, "base: {dataset: points, epochs: 3}\n"
                            "sweep: {topology: [[3], [5], [7]]}\nrepeats: 2\n");
    CALL(*state, "it.db", "plot", "it", "--figure=curves", "--format=svg", "--where",
         "topology!=5");
    const char *data = fixture_content(*state, "plots/it/curves.tsv");
    assert_in(data, "7");
    assert_not_in(data, "topology=5");
}

/* What --set added is in a file's plan, too, and filtered as the rest. */
static void trials_of_overrides_are_filtered(void **state) {
    fixture_experiment(*state, "base: {dataset: points, epochs: 2, topology: [3]}\nrepeats: 2\n");
    CALL(*state, "it.db", "run", "--progress=none", "it.yaml");
    CALL(*state, "it.db", "run", "--progress=none", "it.yaml", "--set", "epochs=3");
    const char *text =
        CALL(*state, "it.db", "status", "it.yaml", "--where", "epochs=3", "--format=csv");
    assert_in(text, "\nit,2,2,");
    text = CALL(*state, "it.db", "status", "it.yaml", "--where", "epochs=2", "--format=csv");
    assert_in(text, "\nit,2,2,");
}

static void what_leaves_nothing_is_a_usage_error(void **state) {
    static const struct {
        const char *where, *message;
    } cases[] = {
        {"epochs=9", "it.db: no trial is as --where says"},
        {"epoch=9", "--where epoch=9: unknown knob 'epoch'; did you mean 'epochs'?"},
        {"dataset=point", "--where dataset=point: unknown dataset 'point'; did you mean 'points'?"},
    };
    train(*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *environment[] = {"MLPSWEEP_DB=it.db", "NO_COLOR=1", NULL};
        const char *arguments[] = {MLPSWEEP_BINARY, "summary", "--where", cases[i].where, NULL};
        char err[300];
        snprintf(err, sizeof err, "%s/err", (const char *)*state);
        unlink(err);
        const struct launch launch = {arguments, environment, *state, NULL, err};
        assert_int_equal(process_run(&launch, SECONDS), 2);
        assert_in(fixture_content(*state, "err"), cases[i].message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_condition_means_the_same_as_in_a_plan),
        FIXTURE_TEST(reading_commands_are_about_what_is_left),
        FIXTURE_TEST(a_pair_is_compared_over_the_seeds_that_are_left),
        FIXTURE_TEST(figures_show_what_is_left),
        FIXTURE_TEST(trials_of_overrides_are_filtered),
        FIXTURE_TEST(what_leaves_nothing_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
