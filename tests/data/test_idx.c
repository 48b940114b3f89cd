/* IDX files made byte by byte: what is read from them, and each damage refused with the byte where
 * it is. Gzipped ones are also cut at every length, and each of their bytes is inverted in turn. */
#include "files.h"

#include "data/batch.h"

#include <string.h>
#include <unistd.h>

#include "temporary.h"
#include "test.h"

enum { ROWS = 6, HIGH = 3, WIDE = 2, SIZE = HIGH * WIDE, HEADER = 16, LABELS_HEADER = 8 };
enum { IMAGES_LENGTH = HEADER + ROWS * SIZE, LABELS_LENGTH = LABELS_HEADER + ROWS };

static const uint8_t classes[ROWS] = {7, 2, 2, 9, 7, 9};

static void put_word(uint8_t *at, uint32_t word) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* Pixel j of image i is i * SIZE + j. */
static void make_images(uint8_t bytes[IMAGES_LENGTH]) {
    put_word(bytes, 0x803);
    put_word(bytes + 4, ROWS);
    put_word(bytes + 8, HIGH);
    put_word(bytes + 12, WIDE);
    for (uint8_t i = 0; i < ROWS * SIZE; i++)
        bytes[HEADER + i] = i;
}

static void make_labels(uint8_t bytes[LABELS_LENGTH]) {
    put_word(bytes, 0x801);
    put_word(bytes + 4, ROWS);
    memcpy(bytes + LABELS_HEADER, classes, ROWS);
}

static struct data_source source_of(const char *images, const char *labels) {
    return (struct data_source){
        .name = "small",
        .format = (const struct data_format *)registry_find(&data_formats, "idx"),
        .train = {images, labels},
    };
}

/* Files `images` and `labels` in the folder, as they should be. */
static struct data_source write_both(const char *folder) {
    uint8_t images[IMAGES_LENGTH], labels[LABELS_LENGTH];
    make_images(images);
    make_labels(labels);
    return source_of(temporary_write(folder, "images", images, sizeof images),
                     temporary_write(folder, "labels", labels, sizeof labels));
}

static void pixels_and_labels_come_as_they_are_in_the_file(void **state) {
    struct arena arena = {0};
    struct data_source source = write_both(*state);
    struct dataset dataset = files_load(&source, &arena);
    assert_string_equal(dataset.name, "small");
    assert_int_equal(dataset.inputs, SIZE);
    assert_int_equal(dataset.train.rows, ROWS);
    assert_int_equal(dataset.test.rows, 0);
    assert_int_equal(dataset.validation.rows, 0);
    assert_int_equal(dataset.classes, 3);
    for (size_t i = 0; i < ROWS * SIZE; i++)
        assert_int_equal(dataset.train.pixels[i], i);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(dataset.class_values[dataset.train.labels[i]] == classes[i]);
    for (size_t c = 1; c < dataset.classes; c++)
        assert_true(dataset.class_values[c] > dataset.class_values[c - 1]);
    arena_close(&arena);
}

static void gzipped_files_give_the_same_dataset_and_digest(void **state) {
    struct arena arena = {0};
    uint8_t images[IMAGES_LENGTH], labels[LABELS_LENGTH];
    make_images(images);
    make_labels(labels);
    struct data_source plain = write_both(*state);
    struct data_source zipped = source_of(files_gzip(*state, "i.gz", images, sizeof images),
                                          files_gzip(*state, "any name", labels, sizeof labels));
    struct dataset a = files_load(&plain, &arena), b = files_load(&zipped, &arena);
    assert_string_equal(a.digest, b.digest);
    assert_int_equal(strlen(a.digest), 32);
    assert_int_equal(a.inputs, b.inputs);
    assert_int_equal(a.train.rows, b.train.rows);
    assert_memory_equal(a.train.pixels, b.train.pixels, ROWS * SIZE);
    assert_memory_equal(a.train.labels, b.train.labels, ROWS * sizeof *a.train.labels);
    arena_close(&arena);
}

static void several_gzip_members_are_one_file(void **state) {
    struct arena arena = {0};
    uint8_t images[IMAGES_LENGTH], joined[4096];
    make_images(images);
    struct data_source source = write_both(*state);
    struct dataset whole = files_load(&source, &arena);
    size_t length = 0;
    for (size_t part = 0; part < 2; part++) {
        size_t from = part ? 20 : 0, to = part ? sizeof images : 20;
        FILE *file = fopen(files_gzip(*state, "part", images + from, to - from), "rb");
        length += fread(joined + length, 1, sizeof joined - length, file);
        fclose(file);
    }
    source = write_both(*state);
    source.train[0] = temporary_write(*state, "images.gz", joined, length);
    struct dataset both = files_load(&source, &arena);
    assert_string_equal(whole.digest, both.digest);
    arena_close(&arena);
}

static void digest_tells_any_two_datasets_apart(void **state) {
    struct arena arena = {0};
    uint8_t images[IMAGES_LENGTH], labels[LABELS_LENGTH];
    make_images(images);
    make_labels(labels);
    struct data_source source = write_both(*state);
    struct dataset first = files_load(&source, &arena);
    images[IMAGES_LENGTH - 1] ^= 1;
    temporary_write(*state, "images", images, sizeof images);
    struct dataset pixel = files_load(&source, &arena);
    labels[LABELS_LENGTH - 1] = 2;
    temporary_write(*state, "labels", labels, sizeof labels);
    struct dataset label = files_load(&source, &arena);
    source.test[0] = source.train[0];
    source.test[1] = source.train[1];
    struct dataset test = files_load(&source, &arena);
    memcpy(source.validation, source.test, sizeof source.test);
    memset(source.test, 0, sizeof source.test);
    struct dataset validation = files_load(&source, &arena);
    source.task = TASK_REGRESSION;
    struct dataset regression = files_load(&source, &arena);
    const struct dataset *all[] = {&first, &pixel, &label, &test, &validation, &regression};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(all[i]->digest, all[j]->digest);
    arena_close(&arena);
}

static void labels_of_a_regression_are_targets(void **state) {
    struct arena arena = {0};
    struct data_source source = write_both(*state);
    source.task = TASK_REGRESSION;
    struct dataset dataset = files_load(&source, &arena);
    assert_int_equal(dataset_outputs(&dataset), 1);
    assert_int_equal(dataset.classes, 0);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(dataset.train.targets[i] == classes[i]);
    arena_close(&arena);
}

static void images_may_be_rows_or_have_channels(void **state) {
    struct arena arena = {0};
    uint8_t rows[12 + ROWS * SIZE] = {0}, channels[20 + ROWS * SIZE] = {0};
    put_word(rows, 0x802);
    put_word(rows + 4, ROWS);
    put_word(rows + 8, SIZE);
    put_word(channels, 0x804);
    put_word(channels + 4, ROWS);
    put_word(channels + 8, HIGH);
    put_word(channels + 12, 1);
    put_word(channels + 16, WIDE);
    struct data_source source = write_both(*state);
    source.train[0] = temporary_write(*state, "rows", rows, sizeof rows);
    assert_int_equal(files_load(&source, &arena).inputs, SIZE);
    source.train[0] = temporary_write(*state, "channels", channels, sizeof channels);
    assert_int_equal(files_load(&source, &arena).inputs, SIZE);
    arena_close(&arena);
}

/* A way to spoil one of the files, and what is said of it. */
struct damage {
    bool labels; /* of the two files */
    size_t at;   /* a big-endian word there becomes `word`, */
    uint32_t word;
    long longer; /* and the file so many bytes longer */
    const char *message;
};

static void assert_refused(const char *folder, const struct damage *damage) {
    uint8_t bytes[IMAGES_LENGTH + 100] = {0};
    struct data_source source = write_both(folder);
    size_t length = damage->labels ? LABELS_LENGTH : IMAGES_LENGTH;
    if (damage->labels)
        make_labels(bytes);
    else
        make_images(bytes);
    if (damage->word)
        put_word(bytes + damage->at, damage->word - 1);
    length = (size_t)((long)length + damage->longer);
    temporary_write(folder, damage->labels ? "labels" : "images", bytes, length);
    assert_string_equal(files_refusal(&source, folder), damage->message);
}

/* The words are one more than what is written, so that 0 means none. */
static void damaged_files_are_refused_with_their_byte(void **state) {
    static const struct damage damages[] = {
        {false, 0, 0, -1, "images: byte 51: the file is truncated: its header announces 52 bytes"},
        {false, 0, 0, -36, "images: byte 16: the file is truncated: its header announces 52 bytes"},
        {false, 0, 0, -37, "images: byte 15: the file ends within its IDX header"},
        {false, 0, 0, -IMAGES_LENGTH, "images: byte 0: the file ends within its IDX header"},
        {true, 0, 0, -1, "labels: byte 13: the file is truncated: its header announces 14 bytes"},
        {true, 0, 0, -7, "labels: byte 7: the file ends within its IDX header"},
        {true, 0, 0, -11, "labels: byte 3: the file ends within its IDX header"},
        {false, 0, 0, 1, "images: byte 52: 1 bytes more than its header announces"},
        {true, 0, 0, 5, "labels: byte 14: 5 bytes more than its header announces"},
        {false, 0, 0x801 + 1, 0,
         "images: byte 0: the magic number is 0x00000801, not 0x00000803 (IDX images of unsigned "
         "bytes)"},
        {false, 0, 0xD03 + 1, 0,
         "images: byte 0: the magic number is 0x00000d03, not 0x00000803 (IDX images of unsigned "
         "bytes)"},
        {true, 0, 0x803 + 1, 0,
         "labels: byte 0: the magic number is 0x00000803, not 0x00000801 (IDX labels of unsigned "
         "bytes)"},
        {true, 4, 7 + 1, 1, "labels: byte 4: 7 labels, but images has 6 images"},
        {true, 4, 5 + 1, -1, "labels: byte 4: 5 labels, but images has 6 images"},
        {false, 12, 0 + 1, -36, "images: byte 8: the images have no pixels"},
        {false, 12, 3 + 1, 0,
         "images: byte 52: the file is truncated: its header announces 70 bytes"},
        {false, 8, 0xFFFFFFFF, 0, "images: byte 12: the images are too large"},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
        assert_refused(*state, &damages[i]);
}

static void swapped_files_are_told_from_each_other(void **state) {
    struct data_source right = write_both(*state);
    struct data_source swapped = source_of(right.train[1], right.train[0]);
    assert_string_equal(files_refusal(&swapped, *state),
                        "labels: byte 0: the magic number is 0x00000801, not 0x00000803 (IDX "
                        "images of unsigned bytes)");
}

static void file_that_is_missing_is_named(void **state) {
    struct data_source source = write_both(*state);
    assert_int_equal(unlink(source.train[1]), 0);
    assert_string_equal(files_refusal(&source, *state), "labels: No such file or directory");
    source.train[1] = *state;
    assert_non_null(strstr(files_refusal(&source, "/"), "is a directory"));
}

static void no_rows_are_refused(void **state) {
    static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2};
    static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 0};
    struct data_source source = source_of(temporary_write(*state, "images", images, sizeof images),
                                          temporary_write(*state, "labels", labels, sizeof labels));
    assert_string_equal(files_refusal(&source, *state), "images: no rows");
}

static void test_label_that_training_lacks_is_refused_with_its_byte(void **state) {
    uint8_t labels[LABELS_LENGTH];
    make_labels(labels);
    labels[LABELS_HEADER + 4] = 10;
    struct data_source source = write_both(*state);
    source.test[0] = source.train[0];
    source.test[1] = temporary_write(*state, "test", labels, sizeof labels);
    assert_string_equal(
        files_refusal(&source, *state),
        "test: byte 12: the label 10 is none of the training file's 3 classes, 2 to 9");
}

static void test_images_of_another_size_are_refused(void **state) {
    uint8_t images[HEADER + ROWS * 4] = {0};
    struct data_source source = write_both(*state);
    put_word(images, 0x803);
    put_word(images + 4, ROWS);
    put_word(images + 8, 2);
    put_word(images + 12, 2);
    source.test[0] = temporary_write(*state, "test", images, sizeof images);
    source.test[1] = source.train[1];
    assert_non_null(
        strstr(files_refusal(&source, *state), ": 4 columns, but the training file has 6"));
}

/* The gzipped images, to be spoilt. */
static size_t zipped_images(const char *folder, uint8_t *bytes, size_t room) {
    uint8_t images[IMAGES_LENGTH];
    make_images(images);
    FILE *file = fopen(files_gzip(folder, "images", images, sizeof images), "rb");
    size_t length = fread(bytes, 1, room, file);
    fclose(file);
    return length;
}

static void gzip_file_cut_anywhere_is_refused(void **state) {
    uint8_t bytes[500];
    struct data_source source = write_both(*state);
    size_t length = zipped_images(*state, bytes, sizeof bytes);
    for (size_t n = 2; n < length; n++) {
        char expected[100];
        temporary_write(*state, "images", bytes, n);
        snprintf(expected, sizeof expected,
                 "images: gzip damage at byte %zu (the file is truncated)", n);
        assert_string_equal(files_refusal(&source, *state), expected);
    }
}

/* Wherever a bit is wrong, the data are refused or were not touched by it. */
static void gzip_file_with_a_flipped_byte_is_refused_or_unharmed(void **state) {
    uint8_t bytes[500];
    struct arena arena = {0};
    struct data_source source = write_both(*state);
    struct dataset whole = files_load(&source, &arena);
    size_t length = zipped_images(*state, bytes, sizeof bytes), refused = 0;
    for (size_t at = 2; at < length; at++) {
        struct error err = {0};
        struct dataset dataset;
        bytes[at] ^= 0xFF;
        temporary_write(*state, "images", bytes, length);
        bytes[at] ^= 0xFF;
        if (dataset_load(&source, NULL, &arena, &dataset, &err))
            assert_string_equal(dataset.digest, whole.digest);
        else {
            assert_int_equal(err.kind, ERROR_INVALID);
            refused++;
        }
        error_clear(&err);
    }
    assert_in_range(refused, length - 12, length); /* all but time and system in the header */
    arena_close(&arena);
}

static void wrong_checksum_and_length_are_told(void **state) {
    uint8_t bytes[500];
    char expected[100];
    struct data_source source = write_both(*state);
    size_t length = zipped_images(*state, bytes, sizeof bytes);
    bytes[length - 6] ^= 1;
    temporary_write(*state, "images", bytes, length);
    snprintf(expected, sizeof expected, "images: gzip damage at byte %zu (incorrect data check)",
             length - 4);
    assert_string_equal(files_refusal(&source, *state), expected);
    bytes[length - 6] ^= 1;
    bytes[length - 4] ^= 1;
    temporary_write(*state, "images", bytes, length);
    snprintf(expected, sizeof expected, "images: gzip damage at byte %zu (incorrect length check)",
             length);
    assert_string_equal(files_refusal(&source, *state), expected);
}

static void what_follows_a_gzip_member_must_be_one_too(void **state) {
    uint8_t bytes[500];
    struct data_source source = write_both(*state);
    size_t length = zipped_images(*state, bytes, sizeof bytes);
    memcpy(bytes + length, "garbage", 7);
    temporary_write(*state, "images", bytes, length + 7);
    assert_non_null(strstr(files_refusal(&source, *state), "(incorrect header check)"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(pixels_and_labels_come_as_they_are_in_the_file),
        TEMPORARY_TEST(gzipped_files_give_the_same_dataset_and_digest),
        TEMPORARY_TEST(several_gzip_members_are_one_file),
        TEMPORARY_TEST(digest_tells_any_two_datasets_apart),
        TEMPORARY_TEST(labels_of_a_regression_are_targets),
        TEMPORARY_TEST(images_may_be_rows_or_have_channels),
        TEMPORARY_TEST(damaged_files_are_refused_with_their_byte),
        TEMPORARY_TEST(swapped_files_are_told_from_each_other),
        TEMPORARY_TEST(file_that_is_missing_is_named),
        TEMPORARY_TEST(no_rows_are_refused),
        TEMPORARY_TEST(test_label_that_training_lacks_is_refused_with_its_byte),
        TEMPORARY_TEST(test_images_of_another_size_are_refused),
        TEMPORARY_TEST(gzip_file_cut_anywhere_is_refused),
        TEMPORARY_TEST(gzip_file_with_a_flipped_byte_is_refused_or_unharmed),
        TEMPORARY_TEST(wrong_checksum_and_length_are_told),
        TEMPORARY_TEST(what_follows_a_gzip_member_must_be_one_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
