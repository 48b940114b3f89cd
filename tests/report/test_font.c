/* Texts are broken and cut so that they keep within a width, as font.c itself estimates it: whether
 * gnuplot draws them as wide is not checked here. */
#include "report/font.h"

#include "test.h"

#include <string.h>

static void title_is_broken_at_blanks_within_the_width(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *lines[8];
    const char *text = "Does a deeper or a wider net overfit sooner, and does the learning rate "
                       "change the answer?";
    size_t count = font_wrap(text, FONT_SIZE, 200, 8, lines, &arena), length = 0;
    assert_true(count > 2);
    for (size_t i = 0; i < count; i++) {
        assert_true(font_text_width(lines[i], FONT_SIZE) <= 200);
        length += strlen(lines[i]) + (i > 0);
    }
    assert_int_equal(length, strlen(text));
    arena_close(&arena);
}

static void text_that_does_not_fit_ends_in_an_ellipsis_within_the_width(void **state) {
    (void)state;
    static const char *const texts[] = {"onewordthatislongerthanthewholewidthoftheline",
                                        "many words that do not fit into one line at all",
                                        "活性化関数活性化関数活性化関数活性化関数"};
    struct arena arena = {0};
    const char *lines[1];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(font_wrap(texts[i], FONT_SIZE, 120, 1, lines, &arena), 1);
        assert_true(font_text_width(lines[0], FONT_SIZE) <= 120);
        assert_string_equal(lines[0] + strlen(lines[0]) - 3, "…");
    }
    arena_close(&arena);
}

static void text_fits_into_its_own_width(void **state) {
    (void)state;
    static const char *const texts[] = {"noisy_sine",     "cross_entropy", "variance_scaling",
                                        "glorot_uniform", "100-100-100",   "0.1",
                                        "größe"};
    struct arena arena = {0};
    const char *lines[1];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int size = FONT_SIZE - 1; size <= FONT_SIZE_TITLE; size++) {
            font_wrap(texts[i], size, font_text_width(texts[i], size), 1, lines, &arena);
            assert_string_equal(lines[0], texts[i]);
        }
    arena_close(&arena);
}

static void empty_text_takes_no_line(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *lines[2];
    assert_int_equal(font_wrap("", FONT_SIZE, 100, 2, lines, &arena), 0);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(title_is_broken_at_blanks_within_the_width),
        cmocka_unit_test(text_that_does_not_fit_ends_in_an_ellipsis_within_the_width),
        cmocka_unit_test(text_fits_into_its_own_width),
        cmocka_unit_test(empty_text_takes_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
