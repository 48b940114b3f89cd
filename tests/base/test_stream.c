/* Files in memory: what was written is what comes out, be it nothing. */
#include "base/stream.h"

#include <stdlib.h>

#include "test.h"

static void text_is_what_was_written(void **state) {
    (void)state;
    struct stream stream;
    FILE *out = stream_open(&stream);
    assert_ptr_equal(out, stream.out);
    fprintf(out, "%d", 7);
    fputs(" nets", out);
    char *text = stream_close(&stream);
    assert_ptr_equal(text, stream.text);
    assert_string_equal(text, "7 nets");
    assert_int_equal(stream.length, 6);
    free(text);
}

static void nothing_written_is_an_empty_text(void **state) {
    (void)state;
    struct stream stream;
    struct arena arena = {0};
    stream_open(&stream);
    assert_string_equal(stream_text(&stream, &arena), "");
    arena_close(&arena);
}

static void kept_text_holds_all_bytes(void **state) {
    (void)state;
    struct stream stream;
    struct arena arena = {0};
    fwrite("a\0b", 1, 3, stream_open(&stream));
    assert_memory_equal(stream_text(&stream, &arena), "a\0b", 4);
    assert_int_equal(stream.length, 3);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_what_was_written),
        cmocka_unit_test(nothing_written_is_an_empty_text),
        cmocka_unit_test(kept_text_holds_all_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
