/* Which files are read and which refused, and how reading is interrupted. Damaged gzip files:
 * test_idx.c. */
#include "data/file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "temporary.h"
#include "test.h"

/* What reading the file is refused with. Owns: static, until the next call. */
static const char *refusal(const char *path, const atomic_int *stop, enum error_kind kind) {
    static char text[500];
    struct arena arena = {0};
    struct error err = {0};
    struct file_bytes file;
    if (file_read(path, stop, &arena, &file, &err))
        fail_msg("%s was read", path);
    assert_int_equal(err.kind, kind);
    snprintf(text, sizeof text, "%s", err.first->text);
    error_clear(&err);
    arena_close(&arena);
    return text;
}

static void assert_refused(const char *path, const char *expected) {
    char message[600];
    snprintf(message, sizeof message, "%s%s", path, expected);
    assert_string_equal(refusal(path, NULL, ERROR_INVALID), message);
}

/* None of these is waited for: the test would not end. */
static void only_regular_files_are_read(void **state) {
    const char *fifo = temporary_path(*state, "fifo"), *bound = temporary_path(*state, "socket");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", bound);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_refused(fifo, " is a FIFO, not a regular file");
    assert_refused(bound, ": No such device or address");
    assert_refused(*state, " is a directory, not a regular file");
    assert_refused("/dev/zero", " is a device, not a regular file");
    assert_refused("/dev/random", " is a device, not a regular file");
}

/* A link to a regular file is read; what counts is what was opened. */
static void links_lead_to_their_file(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct file_bytes file;
    const char *link = temporary_path(*state, "link");
    temporary_write(*state, "plain", "text", 4);
    assert_int_equal(symlink("plain", link), 0);
    assert_ok(file_read(link, NULL, &arena, &file, &err), err);
    assert_int_equal(file.length, 4);
    assert_string_equal((const char *)file.bytes, "text"); /* and a NUL behind */
    arena_close(&arena);
}

/* Files with holes: nothing of them is read. */
static void files_of_more_than_4_gib_are_refused_before_they_are_read(void **state) {
    const char *path = temporary_write(*state, "large", "x", 1);
    assert_int_equal(truncate(path, ((off_t)4 << 30) + 1), 0);
    assert_refused(path, ": larger than 4 GiB");
}

static void empty_file_has_no_bytes(void **state) {
    struct arena arena = {0};
    struct error err = {0};
    struct file_bytes file;
    assert_ok(file_read(temporary_write(*state, "empty", "", 0), NULL, &arena, &file, &err), err);
    assert_int_equal(file.length, 0);
    assert_int_equal(file.bytes[0], 0);
    arena_close(&arena);
}

static void reading_ends_when_it_is_asked_to(void **state) {
    atomic_int stop = 1;
    char expected[500];
    const char *path = temporary_write(*state, "plain", "text", 4);
    snprintf(expected, sizeof expected, "interrupted while %s was read", path);
    assert_string_equal(refusal(path, &stop, ERROR_INTERRUPTED), expected);
    path = files_gzip(*state, "zipped", "text", 4);
    snprintf(expected, sizeof expected, "interrupted while %s was read", path);
    assert_string_equal(refusal(path, &stop, ERROR_INTERRUPTED), expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(only_regular_files_are_read),
        TEMPORARY_TEST(links_lead_to_their_file),
        TEMPORARY_TEST(files_of_more_than_4_gib_are_refused_before_they_are_read),
        TEMPORARY_TEST(empty_file_has_no_bytes),
        TEMPORARY_TEST(reading_ends_when_it_is_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
