/* Hashes of known texts, as `sha256sum` and `xxhsum -H3`, `-H2` print them. */
#include "base/digest.h"

#include "test.h"

static void sha256_is_that_of_sha256sum(void **state) {
    (void)state;
    char out[SHA256_TEXT];
    digest_sha256("abc", 3, out);
    assert_string_equal(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256("", 0, out);
    assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void short_and_long_digests_are_those_of_xxhsum(void **state) {
    (void)state;
    char out[DIGEST_TEXT];
    digest64_text("abc", 3, out);
    assert_string_equal(out, "78af5f94892f3950");
    digest128_text("abc", 3, out);
    assert_string_equal(out, "06b05ab6733a618578af5f94892f3950");
}

static void pieces_have_the_digest_of_the_whole(void **state) {
    (void)state;
    char out[DIGEST_TEXT];
    struct digest_stream stream = digest_begin();
    digest_add(stream, "a", 1);
    digest_add(stream, "bc", 2);
    struct digest digest = digest_end(stream);
    digest_text(digest, out);
    assert_string_equal(out, "06b05ab6733a618578af5f94892f3950");
    assert_true(digest_equal(digest, digest128("abc", 3, 0)));
    assert_false(digest_equal(digest, digest128("abc", 3, 1)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_that_of_sha256sum),
        cmocka_unit_test(short_and_long_digests_are_those_of_xxhsum),
        cmocka_unit_test(pieces_have_the_digest_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
