/* Titles, words and labels of figures keep within their room and apart from each other, by the
 * widths that font.c estimates; gnuplot does not run here. */
#include "report/canvas.h"

#include "test.h"

#include <string.h>

static void lines_under_a_title_fit_a_terminal_in_characters_too(void **state) {
    (void)state;
    struct arena arena = {0};
    struct canvas canvas = canvas_begin(560, true, &arena);
    /* Narrow letters: more of them than a terminal has columns. */
    canvas_header(&canvas, "title",
                  "it will fill still: all till it is till I will list it still; it will fill "
                  "still: all till it is till I will list it still; it will fill still");
    struct drawing drawing = {0};
    canvas_end(&canvas, &drawing);
    size_t lines = 0;
    for (const char *at = drawing.body; (at = strstr(at, "set label '")); lines++) {
        at += strlen("set label '");
        assert_true(strcspn(at, "'") * GNUPLOT_CHARACTER_WIDTH <= 560 - 32);
    }
    assert_int_equal(lines, 3);
    arena_close(&arena);
}

static void words_below_a_panel_turn_as_far_as_they_must(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *words[60];
    for (size_t i = 0; i < 60; i++)
        words[i] = "100-100";
    struct words_below few = canvas_words_below(words, 6, 1, 560, 130, false, &arena);
    struct words_below some = canvas_words_below(words, 20, 1, 560, 130, false, &arena);
    struct words_below many = canvas_words_below(words, 40, 1, 560, 130, false, &arena);
    assert_null(strstr(few.ticks, "rotate"));
    assert_non_null(strstr(some.ticks, "rotate by 35"));
    assert_non_null(strstr(many.ticks, "rotate by 90"));
    assert_true(few.depth < some.depth && some.depth < many.depth);
    arena_close(&arena);
}

static void words_that_differ_at_their_end_are_told_apart(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *words[] = {"sgd(momentum=0.5, nesterov=false)", "sgd(momentum=0.5, nesterov=true)"};
    for (int plain = 0; plain < 2; plain++) {
        const char *ticks = canvas_word_ticks(words, 2, 1, 1, 130, plain, &arena);
        assert_non_null(strstr(ticks, "…"));
        assert_non_null(strstr(ticks, "=false)' 1"));
        assert_non_null(strstr(ticks, "=true)' 2"));
        const char *cut = arena_text(&arena, ticks + 2, strcspn(ticks + 2, "'"));
        assert_true(font_text_width(cut, font_of(plain)) <= 130);
    }
    arena_close(&arena);
}

static size_t words_in(struct words_below below) {
    size_t count = 0;
    for (const char *at = below.ticks; (at = strstr(at, "'100-100'")); at++)
        count++;
    return count;
}

static void words_below_a_panel_never_touch(void **state) {
    (void)state;
    struct arena arena = {0};
    const char *words[60];
    for (size_t i = 0; i < 60; i++)
        words[i] = "100-100";
    double width = canvas_words_width(60);
    assert_int_equal(words_in(canvas_words_below(words, 60, 1, width, 130, false, &arena)), 60);
    assert_int_equal(words_in(canvas_words_below(words, 60, 1, width / 2, 130, false, &arena)), 30);
    /* a terminal cannot turn them */
    struct words_below plain = canvas_words_below(words, 60, 1, 560, 130, true, &arena);
    assert_null(strstr(plain.ticks, "rotate"));
    assert_true((double)words_in(plain) * font_text_width(words[0], FONT_SIZE) < 560);
    arena_close(&arena);
}

static void labels_at_line_ends_never_meet(void **state) {
    (void)state;
    double at[] = {100, 100, 101, 300, 98, 0};
    assert_true(canvas_spread(at, 6, 15, 10, 300));
    for (size_t i = 0; i < 6; i++) {
        assert_true(at[i] >= 10 && at[i] <= 300);
        for (size_t j = 0; j < i; j++)
            assert_true(at[i] - at[j] >= 15 - 1e-9 || at[j] - at[i] >= 15 - 1e-9);
    }
    assert_true(at[4] < at[0] && at[0] < at[2]);
}

static void too_many_labels_are_told(void **state) {
    (void)state;
    double at[] = {1, 2, 3, 4};
    assert_false(canvas_spread(at, 4, 15, 0, 30));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_under_a_title_fit_a_terminal_in_characters_too),
        cmocka_unit_test(words_below_a_panel_turn_as_far_as_they_must),
        cmocka_unit_test(words_that_differ_at_their_end_are_told_apart),
        cmocka_unit_test(words_below_a_panel_never_touch),
        cmocka_unit_test(labels_at_line_ends_never_meet),
        cmocka_unit_test(too_many_labels_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
