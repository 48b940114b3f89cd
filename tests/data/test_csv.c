/* CSV files as text cases: dialects that mean the same table, and each mistake with its message and
 * place. Arbitrary bytes: tests/fuzz/fuzz_csv.c. */
#include "files.h"

#include "data/format.h"

#include <stdlib.h>
#include <string.h>

#include "temporary.h"
#include "test.h"

static struct data_source source_of(const char *train) {
    return (struct data_source){
        .name = "table",
        .format = (const struct data_format *)registry_find(&data_formats, "csv"),
        .task = TASK_REGRESSION,
        .train = {train},
    };
}

static struct data_source write_text(const char *folder, const char *text) {
    return source_of(temporary_write_text(folder, "train", text));
}

static void assert_reals(const struct dataset *dataset, const float *reals, const float *targets) {
    const struct data_part *part = &dataset->train;
    for (size_t i = 0; i < part->rows * dataset->inputs; i++)
        if (part->reals[i] != reals[i])
            fail_msg("value %zu is %g, not %g", i, (double)part->reals[i], (double)reals[i]);
    for (size_t i = 0; targets && i < part->rows; i++)
        if (part->targets[i] != targets[i])
            fail_msg("target %zu is %g, not %g", i, (double)part->targets[i], (double)targets[i]);
}

/* However it is written, it is the same table. */
static void the_same_table_in_many_dialects(void **state) {
    static const char *const texts[] = {
        "a,b,y\n1,2.5,3\n-4,5e-1,6\n",
        "a,b,y\r\n1,2.5,3\r\n-4,5e-1,6\r\n",
        "a,b,y\n1,2.5,3\n-4,5e-1,6",
        ("\xEF\xBB\xBF"
         "a,b,y\n1,2.5,3\n-4,5e-1,6"),
        "1,2.5,3\n-4,5e-1,6\n",
        "a;b;y\n1;2.5;3\n-4;5e-1;6\n",
        "a\tb\ty\n1\t2.5\t3\n-4\t.5\t6\n",
        "a|b|y\n1|2.5|3\n-4|0.5|6\n",
        " a , b , y \n 1 , 2.50 ,\t3\n -4,0.5,6  \n",
        "\n\na,b,y\n\n1,2.5,3\n  \n\r\n-4,0.5,6\n\n",
        "\"a\",\"b\",\"y\"\n\"1\",\"2.5\",\"3\"\n\"-4\" , \"0.5\",6\n",
        "\"a, of; many;;;; words\",\"b\n\n\"\"quoted\"\"\",y\n1,2.5,3\n-4,0.5,6\n",
    };
    static const float reals[] = {1, 2.5F, -4, 0.5F}, targets[] = {3, 6};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct data_source source = write_text(*state, texts[i]);
        struct dataset dataset = files_load(&source, &arena);
        assert_int_equal(dataset.train.rows, 2);
        assert_int_equal(dataset.inputs, 2);
        assert_reals(&dataset, reals, targets);
        arena_close(&arena);
    }
}

static void target_is_a_name_or_an_index(void **state) {
    static const struct {
        const char *target;
        float reals[4], targets[2];
    } cases[] = {
        {"a", {2, 3, 5, 6}, {1, 4}},  {"0", {2, 3, 5, 6}, {1, 4}},  {"2 b", {1, 3, 4, 6}, {2, 5}},
        {"1", {1, 3, 4, 6}, {2, 5}},  {"-2", {1, 3, 4, 6}, {2, 5}}, {"y", {1, 2, 4, 5}, {3, 6}},
        {NULL, {1, 2, 4, 5}, {3, 6}}, {"-3", {2, 3, 5, 6}, {1, 4}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct data_source source = write_text(*state, "a,2 b,y\n1,2,3\n4,5,6\n");
        source.target = cases[i].target;
        struct dataset dataset = files_load(&source, &arena);
        assert_reals(&dataset, cases[i].reals, cases[i].targets);
        arena_close(&arena);
    }
}

/* Numbers as names, or a text class in the first row, need to be told. */
static void header_and_delimiter_can_be_given(void **state) {
    struct arena arena = {0};
    struct data_source source = write_text(*state, "2019,2020,2021\n1,2,3\n");
    assert_int_equal(files_load(&source, &arena).train.rows, 2);
    source.header = HEADER_GIVEN;
    assert_int_equal(files_load(&source, &arena).train.rows, 1);
    source = write_text(*state, "1 2,3\n4 5,6\n"); /* a target with a comma in it */
    source.delimiter = ' ';
    source.target = "0";
    assert_string_equal(files_refusal(&source, *state),
                        "train:1:3: '2,3' in column 1 is no number: decimals have a point");
    source = write_text(*state, "1 2\n4 5\n");
    source.delimiter = ' ';
    assert_int_equal(files_load(&source, &arena).train.rows, 2);
    source = write_text(*state, "red,blue\n1,2\n");
    source.header = HEADER_NONE;
    assert_string_equal(
        files_refusal(&source, *state),
        "train:1:1: 'red' in column 0 is no number: give each text a column of 0 and 1");
    arena_close(&arena);
}

static void text_classes_come_in_the_order_of_their_first_rows(void **state) {
    static const uint16_t labels[] = {0, 1, 0, 2}, test_labels[] = {2, 0};
    struct arena arena = {0};
    struct data_source source =
        write_text(*state, "w,kind\n1,virginica\n2,\"a \"\"b\"\", c\"\n3,virginica\n4,1\n");
    source.task = TASK_CLASSIFICATION;
    source.test[0] = temporary_write(*state, "test", "5,1\n6,virginica\n", 16);
    struct dataset dataset = files_load(&source, &arena);
    assert_int_equal(dataset.classes, 3);
    assert_string_equal(dataset.class_names[0], "virginica");
    assert_string_equal(dataset.class_names[1], "a \"b\", c");
    assert_string_equal(dataset.class_names[2], "1");
    assert_null(dataset.class_values);
    assert_memory_equal(dataset.train.labels, labels, sizeof labels);
    assert_memory_equal(dataset.test.labels, test_labels, sizeof test_labels);
    arena_close(&arena);
}

static void whole_numbers_are_classes_ascending(void **state) {
    static const uint16_t labels[] = {1, 0, 1};
    struct arena arena = {0};
    struct data_source source = write_text(*state, "1,7\n2,-1\n3,7.0\n");
    source.task = TASK_CLASSIFICATION;
    struct dataset dataset = files_load(&source, &arena);
    assert_int_equal(dataset.classes, 2);
    assert_string_equal(dataset.class_names[0], "-1");
    assert_true(dataset.class_values[1] == 7);
    assert_memory_equal(dataset.train.labels, labels, sizeof labels);
    arena_close(&arena);
}

static void what_is_wrong_is_told_with_line_and_column(void **state) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "train: no rows"},
        {"\n\n  \n", "train: no rows"},
        {"a,b\n", "train: no rows"},
        {"1\n2\n", "train:1:1: one column only: a row has features and a target"},
        {"a,b\n1,2\n3\n", "train:3:1: 1 field, but the first line has 2"},
        {"a,b\n1,2\n3,4,\n", "train:3:1: 3 fields, but the first line has 2"},
        {"a,b\n1,2\n3,4,", "train:3:1: 3 fields, but the first line has 2"},
        {"a,b\n,2\n", "train:2:1: a value is missing in column 'a'"},
        {"a,b\n1,\n", "train:2:3: the target is missing"},
        {"a,b\n1,NA\n", "train:2:3: the target is missing"},
        {"1,2,3\n4,NaN,3\n", "train:2:3: a value is missing in column 1"},
        {"1,2,3\n4, ? ,3\n", "train:2:4: a value is missing in column 1"},
        {"x,y\n1,2\n\n\n  inf,3\n", "train:5:3: 'inf' in column 'x' is no number: give each text "
                                    "a column of 0 and 1"},
        {"x,y\n0x10,3\n", "train:2:1: '0x10' in column 'x' is no number: give each text a column "
                          "of 0 and 1"},
        {"x;y\n1,5;3\n", "train:2:1: '1,5' in column 'x' is no number: decimals have a point"},
        {"x,y\n1e38,3\n", "train:2:1: the value 1e+38 is outside -1e+37..1e+37"},
        {"x,y\n1,1e39\n", "train:2:3: the target 1e+39 is outside -1e+37..1e+37"},
        {"x,y\n1,two\n", "train:2:3: the target 'two' is no number, as a regression needs"},
        {"x,y\n1,\"2\n3,4\n", "train:2:3: this quote is never closed"},
        {"x,y\n1,\"2\"3\n3,4\n", "train:2:6: text follows the closing quote (a quote in a field is "
                                 "written twice)"},
        {"x,y\n\"1\n\n\",2\n3,z4\n", "train:2:2: '1  ' in column 'x' is no number: give each "
                                     "text a column of 0 and 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct data_source source = write_text(*state, cases[i].text);
        assert_string_equal(files_refusal(&source, *state), cases[i].message);
    }
}

static void labels_that_cannot_be_are_told_with_line_and_column(void **state) {
    struct data_source source = write_text(*state, "x,y\n1,87.8718\n2,3\n");
    source.task = TASK_CLASSIFICATION;
    assert_string_equal(
        files_refusal(&source, *state),
        "train:2:3: the label 87.8718 is no whole number (values? task: regression)");
    source = write_text(*state, "x,y\n1,12345678901234567890\n2,3\n");
    source.task = TASK_CLASSIFICATION;
    assert_string_equal(files_refusal(&source, *state),
                        "train:2:3: the label 12345678901234567890 is outside "
                        "-1000000000..1000000000 (values? task: regression)");
    source = write_text(*state, "x,y\n1,cat\n2,dog\n");
    source.task = TASK_CLASSIFICATION;
    source.test[0] = temporary_write(*state, "test", "1,dog\n1, cow\n", 13);
    assert_string_equal(files_refusal(&source, *state),
                        "test:2:4: the label 'cow' is none of the training file's 2 classes, cat "
                        "to dog");
    source = write_text(*state, "x,y\n1,2\n2,3\n");
    source.task = TASK_CLASSIFICATION;
    source.test[0] = temporary_write(*state, "test", "1,3\n1,cow\n", 10);
    assert_string_equal(files_refusal(&source, *state),
                        "test:2:3: the label 'cow' is none of the training file's 2 classes, 2 to "
                        "3");
    source = write_text(*state, "x,y\n1,cat\n2,cat\n");
    source.task = TASK_CLASSIFICATION;
    assert_string_equal(files_refusal(&source, *state),
                        "train: all rows have the label 'cat'; a classifier needs two");
}

static void target_that_is_not_there_is_refused(void **state) {
    struct data_source source = write_text(*state, "a,b\n1,2\n");
    char expected[500];
    static const char *const targets[] = {"c", "2", "-3", "-0"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        source.target = targets[i];
        snprintf(expected, sizeof expected,
                 i == 0 ? "train has no column '%s'" : "train has columns 0 to 1", targets[i]);
        assert_string_equal(files_refusal(&source, *state), expected);
    }
}

static void columns_of_all_files_are_the_same(void **state) {
    struct data_source source = write_text(*state, "a,b,y\n1,2,3\n");
    source.test[0] = temporary_write(*state, "test", "a,c,y\n1,2,3\n", 12);
    assert_string_equal(files_refusal(&source, *state),
                        "test: the column 'c' stands where the training file has 'b'");
    source.test[0] = temporary_write(*state, "test", "a,y\n1,2\n", 8);
    assert_string_equal(files_refusal(&source, *state),
                        "test: 1 columns, but the training file has 2");
}

/* A quote too many takes in the rest of the file: the message must not print all of it. */
static void long_fields_are_cut_in_messages(void **state) {
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH + 1);
    assert_non_null(text);
    memset(text, 'x', LENGTH);
    memcpy(text, "a,b\n", 4);
    memcpy(text + LENGTH - 3, ",1\n", 4);
    struct data_source source = write_text(*state, text);
    assert_true(strlen(files_refusal(&source, *state)) < 200);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(the_same_table_in_many_dialects),
        TEMPORARY_TEST(target_is_a_name_or_an_index),
        TEMPORARY_TEST(header_and_delimiter_can_be_given),
        TEMPORARY_TEST(text_classes_come_in_the_order_of_their_first_rows),
        TEMPORARY_TEST(whole_numbers_are_classes_ascending),
        TEMPORARY_TEST(what_is_wrong_is_told_with_line_and_column),
        TEMPORARY_TEST(labels_that_cannot_be_are_told_with_line_and_column),
        TEMPORARY_TEST(target_that_is_not_there_is_refused),
        TEMPORARY_TEST(columns_of_all_files_are_the_same),
        TEMPORARY_TEST(long_fields_are_cut_in_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
