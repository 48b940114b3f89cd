/* LIBSVM files as text cases, each mistake with its message and place; and on them what all formats
 * share: classes from labels, digests, parts that have the same bytes. */
#include "files.h"

#include "data/batch.h"
#include "data/format.h"

#include <stdlib.h>
#include <string.h>

#include "temporary.h"
#include "test.h"

enum { FEATURES = 6 };

static struct data_source source_of(const char *train) {
    return (struct data_source){
        .name = "small",
        .format = (const struct data_format *)registry_find(&data_formats, "libsvm"),
        .features = FEATURES,
        .train = {train},
    };
}

static struct data_source write_text(const char *folder, const char *text) {
    return source_of(temporary_write_text(folder, "train", text));
}

static const char small[] = "# what the columns are\n"
                            "+1 1:0.5 3:-2 6:1e-3 # a comment with 4:4\n"
                            "\n"
                            "-1\t2:.25\r\n"
                            "   \t\r\n"
                            "-1\n"
                            "  1.0  5:7   \n"
                            "+1 1:0 2:-0 4:3e2";

static const float dense[][FEATURES] = {
    {0.5F, 0, -2, 0, 0, 0.001F}, {0, 0.25F, 0, 0, 0, 0}, {0},
    {0, 0, 0, 0, 7, 0},          {0, 0, 0, 300, 0, 0},
};
enum { ROWS = sizeof dense / sizeof *dense };

static void indices_count_from_one_and_what_is_not_there_is_zero(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, small);
    struct dataset dataset = files_load(&source, &arena);
    static const uint32_t rows[ROWS] = {0, 1, 2, 3, 4};
    float inputs[ROWS * FEATURES];
    const struct scale none = {.factor = 1};
    assert_int_equal(dataset.train.rows, ROWS);
    assert_int_equal(dataset.inputs, FEATURES);
    memset(inputs, 0xFF, sizeof inputs); /* every element is written */
    batch_inputs(&dataset.train, FEATURES, &none, rows, ROWS, inputs);
    for (size_t i = 0; i < ROWS * FEATURES; i++)
        if (inputs[i] != dense[i / FEATURES][i % FEATURES])
            fail_msg("row %zu, column %zu is %g", i / FEATURES, i % FEATURES, (double)inputs[i]);
    arena_close(&arena);
}

static void rows_stay_in_csr(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, small);
    const struct data_part part = files_load(&source, &arena).train;
    static const size_t starts[ROWS + 1] = {0, 3, 4, 4, 5, 8};
    assert_null(part.pixels);
    assert_memory_equal(part.csr.start, starts, sizeof starts);
    assert_int_equal(part.csr.entry[0].column, 0);
    assert_int_equal(part.csr.entry[2].column, 5);
    arena_close(&arena);
}

static void plus_one_and_minus_one_are_two_classes(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, small);
    struct dataset dataset = files_load(&source, &arena);
    static const uint16_t labels[ROWS] = {1, 0, 0, 1, 1};
    assert_int_equal(dataset.classes, 2);
    assert_true(dataset.class_values[0] == -1 && dataset.class_values[1] == 1);
    assert_memory_equal(dataset.train.labels, labels, sizeof labels);
    arena_close(&arena);
}

static void labels_of_a_regression_are_targets(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "0.5 1:1\n-1e3 1:2\n7\n");
    source.task = TASK_REGRESSION;
    struct dataset dataset = files_load(&source, &arena);
    assert_true(dataset.train.targets[0] == 0.5F);
    assert_true(dataset.train.targets[1] == -1000);
    assert_true(dataset.train.targets[2] == 7);
    assert_null(dataset.train.labels);
    arena_close(&arena);
}

static void gzipped_file_gives_the_same_dataset_and_digest(void **state) {
    struct arena arena = {0};
    struct data_source plain = write_text(*state, small);
    struct data_source zipped = source_of(files_gzip(*state, "zipped", small, sizeof small - 1));
    struct dataset a = files_load(&plain, &arena), b = files_load(&zipped, &arena);
    assert_string_equal(a.digest, b.digest);
    assert_int_equal(a.train.rows, b.train.rows);
    assert_memory_equal(a.train.csr.entry, b.train.csr.entry, 8 * sizeof *a.train.csr.entry);
    arena_close(&arena);
}

static void endings_of_lines_do_not_change_the_rows(void **state) {
    static const char *const endings[] = {"1 1:2\n2 3:4\n", "1 1:2\n2 3:4", "1 1:2\r\n2 3:4\r\n",
                                          "\n\n1 1:2 #\n#\n2 3:4\n\n"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        struct arena arena = {0};
        struct data_source source = write_text(*state, endings[i]);
        const struct data_part part = files_load(&source, &arena).train;
        assert_int_equal(part.rows, 2);
        assert_int_equal(part.csr.start[2], 2);
        assert_true(part.csr.entry[0].value == 2 && part.csr.entry[1].value == 4);
        assert_int_equal(part.csr.entry[1].column, 2);
        arena_close(&arena);
    }
}

/* The line that is wrong is the third. */
static void what_is_wrong_is_told_with_line_and_column(void **state) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"1 2:1 1:1", "3:7: index 1 does not rise: the one before is 2"},
        {"1 2:1 2:1", "3:7: index 2 does not rise: the one before is 2"},
        {"1 0:1", "3:3: index 0 is outside 1..6 (scikit-learn: zero_based=False)"},
        {"1 1:1  7:1", "3:8: index 7 is outside 1..6 (features)"},
        {"1 18446744073709551616:1", "3:3: expected INDEX:VALUE"},
        {"1 -1:1", "3:3: expected INDEX:VALUE"},
        {"1 qid:3 1:1", "3:3: expected INDEX:VALUE"},
        {"1 1", "3:3: expected INDEX:VALUE"},
        {"1 1 :2", "3:3: expected INDEX:VALUE"},
        {"1 :2", "3:3: expected INDEX:VALUE"},
        {"1 1.0:2", "3:3: expected INDEX:VALUE"},
        {"1 1:", "3:5: the value is no number"},
        {"1 1: 2", "3:5: the value is no number"},
        {"1 1:2:3", "3:5: the value is no number"},
        {"1 1:0x10", "3:5: the value is no number"},
        {"1 1:inf", "3:5: the value is no number"},
        {"1 1:nan", "3:5: the value is no number"},
        {"1 1:1e39", "3:5: the value 1e+39 is outside -1e+37..1e+37"},
        {"1 1:-1.1e37", "3:5: the value -1.1e+37 is outside -1e+37..1e+37"},
        {"1 1:1e400", "3:5: the value is no number"},
        {"1 1:1,5", "3:5: the value is no number"},
        {"1,2 1:1", "3:1: the label is no number"},
        {"  one 1:1", "3:3: the label is no number"},
        {"nan 1:1", "3:1: the label is no number"},
        {"inf", "3:1: the label is no number"},
        {"0x1 1:1", "3:1: the label is no number"},
        {"1:1 2:1", "3:2: expected INDEX:VALUE"},
        {"1.5 1:1", "3:1: the label 1.5 is no whole number (values? task: regression)"},
        {"12345678901234567890 1:1", "3:1: the label 12345678901234567890 is outside "
                                     "-1000000000..1000000000 (values? task: regression)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200], expected[200];
        snprintf(text, sizeof text, "1 1:1\n# 7:7\n%s\r\n2 1:1\n", cases[i].line);
        struct data_source source = write_text(*state, text);
        snprintf(expected, sizeof expected, "train:%s", cases[i].message);
        assert_string_equal(files_refusal(&source, *state), expected);
    }
}

static void test_label_that_training_lacks_is_refused_with_its_line(void **state) {
    struct data_source source = write_text(*state, "1 1:1\n3 1:2\n");
    source.test[0] = temporary_write(*state, "test", "1 1:1\n\n4 1:1\n", 13);
    assert_string_equal(files_refusal(&source, *state),
                        "test:3:1: the label 4 is none of the training file's 2 classes, 1 "
                        "to 3");
    source.validation[0] = source.test[0];
    source.test[0] = NULL;
    assert_string_equal(files_refusal(&source, *state),
                        "test:3:1: the label 4 is none of the training file's 2 classes, 1 "
                        "to 3");
}

static void classifier_needs_two_classes(void **state) {
    struct data_source source = write_text(*state, "1 1:1\n1 1:2\n");
    assert_string_equal(files_refusal(&source, *state),
                        "train: all rows have the label 1; a classifier needs two");
}

static void more_classes_than_there_can_be_are_refused(void **state) {
    enum { LABELS = 65536 };
    char *text = malloc(LABELS * 8), *at = text;
    assert_non_null(text);
    for (int i = 0; i < LABELS; i++)
        at += sprintf(at, "%d\n", i);
    struct data_source source =
        source_of(temporary_write(*state, "train", text, (size_t)(at - text)));
    assert_string_equal(files_refusal(&source, *state),
                        "train: more than 65535 classes (values? task: regression)");
    free(text);
}

/* In any order, and each many times. */
static void classes_are_the_labels_ascending(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "7\n-3\n7\n2\n2\n-3\n1e9\n7\n-1000000000\n");
    static const double expected[] = {-1e9, -3, 2, 7, 1e9};
    static const uint16_t labels[] = {3, 1, 3, 2, 2, 1, 4, 3, 0};
    struct dataset dataset = files_load(&source, &arena);
    assert_int_equal(dataset.classes, 5);
    assert_memory_equal(dataset.class_values, expected, sizeof expected);
    assert_memory_equal(dataset.train.labels, labels, sizeof labels);
    arena_close(&arena);
}

static void targets_that_floats_cannot_scale_are_refused(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "1e37 1:1\n-1e37 1:1e37\n");
    source.task = TASK_REGRESSION;
    assert_true(files_load(&source, &arena).train.targets[1] == -1e37F);
    source = write_text(*state, "1 1:1\n\n1e39 1:2\n");
    source.task = TASK_REGRESSION;
    assert_string_equal(files_refusal(&source, *state),
                        "train:3:1: the target 1e+39 is outside -1e+37..1e+37");
    arena_close(&arena);
}

/* What windows editors put before the first line. */
static void byte_order_mark_is_passed_over(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "\xEF\xBB\xBF"
                                                   "1 1:2\n2 3:4\n");
    struct dataset dataset = files_load(&source, &arena);
    assert_int_equal(dataset.train.rows, 2);
    assert_true(dataset.class_values[0] == 1);
    source = write_text(*state, "\xEF\xBB\xBF"
                                "one 1:2\n");
    assert_string_equal(files_refusal(&source, *state), "train:1:1: the label is no number");
    source = write_text(*state, "\xEF\xBB");
    assert_string_equal(files_refusal(&source, *state), "train:1:1: the label is no number");
    arena_close(&arena);
}

static void parts_of_the_same_bytes_are_noticed(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "1 1:1\n2 1:2\n");
    struct dataset alone = files_load(&source, &arena);
    assert_false(alone.test_repeats_train || alone.test_repeats_validation ||
                 alone.validation_repeats_train);
    source.test[0] = temporary_write(*state, "copy", "1 1:1\n2 1:2\n", 12);
    struct dataset copied = files_load(&source, &arena);
    assert_true(copied.test_repeats_train);
    assert_false(copied.test_repeats_validation || copied.validation_repeats_train);
    source.validation[0] = source.test[0];
    source.train[0] = temporary_write(*state, "other", "1 1:1\n2 1:3\n", 12);
    struct dataset other = files_load(&source, &arena);
    assert_true(other.test_repeats_validation);
    assert_false(other.test_repeats_train || other.validation_repeats_train);
    source.test[0] = NULL;
    source.train[0] = source.validation[0];
    assert_true(files_load(&source, &arena).validation_repeats_train);
    arena_close(&arena);
}

static void parsing_ends_when_it_is_asked_to(void **state) {
    (void)state;
    enum { LINES = 1000 };
    char text[LINES * 6 + 1];
    for (size_t i = 0; i < LINES; i++)
        memcpy(text + 6 * i, "1 1:1\n", 7);
    atomic_int stop = 1;
    struct arena arena = {0};
    struct error err = {0};
    struct raw_part raw;
    struct file_bytes file = {"train", (const uint8_t *)text, LINES * 6, &stop};
    struct data_source source = source_of("train");
    assert_false(source.format->parse(&source, &file, &arena, &raw, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_string_equal(err.first->text, "interrupted while train was read");
    error_clear(&err);
    arena_close(&arena);
}

static void file_without_rows_is_refused(void **state) {
    static const char *const texts[] = {"", "\n\r\n", "# nothing"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct data_source source = write_text(*state, texts[i]);
        assert_string_equal(files_refusal(&source, *state), "train: no rows");
    }
}

static void damaged_gzip_file_is_refused(void **state) {
    uint8_t bytes[500];
    FILE *file = fopen(files_gzip(*state, "train", small, sizeof small - 1), "rb");
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    char expected[100];
    struct data_source source = source_of(temporary_write(*state, "train", bytes, length - 9));
    snprintf(expected, sizeof expected, "train: gzip damage at byte %zu (the file is truncated)",
             length - 9);
    assert_string_equal(files_refusal(&source, *state), expected);
}

/* The same bytes, cut at another place, are another data set: other rows are trained on. */
static void digest_knows_where_one_part_ends_and_the_next_begins(void **state) {
    struct arena arena = {0};
    struct data_source a = write_text(*state, "1 1:1\n2 1:2\n1 1:3\n");
    a.validation[0] = temporary_write(*state, "a", "2 1:4\n", 6);
    struct dataset first = files_load(&a, &arena);
    struct data_source b = source_of(temporary_write(*state, "train", "1 1:1\n2 1:2\n", 12));
    b.validation[0] = temporary_write(*state, "b", "1 1:3\n2 1:4\n", 12);
    struct dataset second = files_load(&b, &arena);
    assert_string_not_equal(first.digest, second.digest);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(indices_count_from_one_and_what_is_not_there_is_zero),
        TEMPORARY_TEST(rows_stay_in_csr),
        TEMPORARY_TEST(plus_one_and_minus_one_are_two_classes),
        TEMPORARY_TEST(labels_of_a_regression_are_targets),
        TEMPORARY_TEST(gzipped_file_gives_the_same_dataset_and_digest),
        TEMPORARY_TEST(endings_of_lines_do_not_change_the_rows),
        TEMPORARY_TEST(what_is_wrong_is_told_with_line_and_column),
        TEMPORARY_TEST(test_label_that_training_lacks_is_refused_with_its_line),
        TEMPORARY_TEST(classifier_needs_two_classes),
        TEMPORARY_TEST(more_classes_than_there_can_be_are_refused),
        TEMPORARY_TEST(classes_are_the_labels_ascending),
        TEMPORARY_TEST(targets_that_floats_cannot_scale_are_refused),
        TEMPORARY_TEST(byte_order_mark_is_passed_over),
        TEMPORARY_TEST(parts_of_the_same_bytes_are_noticed),
        TEMPORARY_TEST(parsing_ends_when_it_is_asked_to),
        TEMPORARY_TEST(file_without_rows_is_refused),
        TEMPORARY_TEST(damaged_gzip_file_is_refused),
        TEMPORARY_TEST(digest_knows_where_one_part_ends_and_the_next_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
