/* How one trial is printed, from rows made up here: confusion, epochs, csv and json. From a
 * database: tests/cli/test_commands.c. */
#include "report/show.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static char text[8192];

static const char *shown(const struct trial_story *story) {
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_non_null(out);
    show_write(story, 0, false, out);
    fclose(out);
    return text;
}

static struct trial_story story_of_confusion(struct sql_value *cells, size_t rows) {
    static const char *names[] = {"actual", "predicted", "count"};
    return (struct trial_story){.confusion = {rows, 3, names, cells}};
}

/* Of the labels -1 and 0 only 0 is in the test set. */
static void confusion_has_labels_below_0(void **state) {
    (void)state;
    struct sql_value cells[] = {sql_integer(0), sql_integer(-1), sql_integer(3),
                                sql_integer(0), sql_integer(0),  sql_integer(5)};
    struct trial_story story = story_of_confusion(cells, 2);
    assert_non_null(strstr(shown(&story), "\n    -1  0\n"
                                          "-1   .  .\n"
                                          " 0   3  5\n"));
}

static void confusion_has_the_labels_that_there_are_and_no_others(void **state) {
    (void)state;
    struct sql_value cells[] = {sql_integer(1),    sql_integer(1),    sql_integer(7),
                                sql_integer(1000), sql_integer(1),    sql_integer(2),
                                sql_integer(1000), sql_integer(1000), sql_integer(9)};
    struct trial_story story = story_of_confusion(cells, 3);
    assert_non_null(strstr(shown(&story), "\n      1  1000\n"
                                          "   1  7     .\n"
                                          "1000  2     9\n"));
}

static void what_holds_in_every_epoch_is_no_column(void **state) {
    (void)state;
    static const char *names[] = {"epoch", "train_loss", "train_mae", "lr"};
    struct sql_value cells[] = {sql_integer(1), sql_real(0.5),  sql_null(), sql_real(0.01),
                                sql_integer(2), sql_real(0.25), sql_null(), sql_real(0.01)};
    struct trial_story story = {.epochs = {2, 4, names, cells}};
    assert_string_equal(shown(&story), "\nEpochs\n"
                                       "epoch  train_loss\n"
                                       "    1         0.5\n"
                                       "    2        0.25\n"
                                       "in every epoch: lr 0.01\n");
    story.epochs.rows = 1;
    assert_string_equal(shown(&story), "\nEpochs\n"
                                       "epoch  train_loss    lr\n"
                                       "    1         0.5  0.01\n");
}

static void machine_formats_have_the_whole_trial(void **state) {
    (void)state;
    static const char *of_trial[] = {"trial", "best_epoch"},
                      *of_curves[] = {"trial", "best_epoch", "gap_at_end"};
    struct sql_value trial[] = {sql_text("ab"), sql_integer(3)},
                     curves[] = {sql_text("ab"), sql_integer(3), sql_real(0.5)};
    struct trial_story story = {.trial = {1, 2, of_trial, trial},
                                .overfitting = {1, 3, of_curves, curves}};
    FILE *out = fmemopen(text, sizeof text, "w");
    show_write_as(&story, TABLE_CSV, out);
    fclose(out);
    assert_string_equal(text, "trial,best_epoch,gap_at_end\nab,3,0.5\n");
    out = fmemopen(text, sizeof text, "w");
    show_write_as(&story, TABLE_JSON, out);
    fclose(out);
    assert_string_equal(text, "{\"trial\": [\n {\"trial\": \"ab\", \"best_epoch\": 3}\n]\n,\n"
                              "\"overfitting\": [\n {\"trial\": \"ab\", \"best_epoch\": 3, "
                              "\"gap_at_end\": 0.5}\n]\n,\n\"members\": []\n,\n\"epochs\": []\n,\n"
                              "\"confusion\": []\n}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confusion_has_labels_below_0),
        cmocka_unit_test(confusion_has_the_labels_that_there_are_and_no_others),
        cmocka_unit_test(machine_formats_have_the_whole_trial),
        cmocka_unit_test(what_holds_in_every_epoch_is_no_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
