/* Figures by the real gnuplot: each is there whole or the old one stays, and no text of a user's is
 * run as a command. What the program's figures show: tests/cli/test_plot.c. */
#include "report/gnuplot.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "temporary.h"
#include "test.h"

/* The beginning of a file. Owns: static. */
static const char *content_of(const char *folder, const char *name) {
    static char text[1 << 18];
    temporary_read(folder, name, text, sizeof text);
    return text;
}

/* Whatever stands in the folder, hidden files included. */
static size_t count_files(const char *folder) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    return count;
}

static struct drawing drawing_of(const char *body) {
    return (struct drawing){.name = "figure",
                            .data = "x\ty\n1\t1\n2\t4\n3\t9\n",
                            .body = body,
                            .width = 400,
                            .height = 300};
}

static const char plain_body[] = "  plot 'figure.tsv' using 1:2 with lines title 'squares'\n";

/* The message of a figure that cannot be drawn. Owns: static. */
static const char *refusal(const struct drawing *drawing, const char *folder) {
    static char message[1000];
    struct error err = {0};
    if (gnuplot_draw(drawing, folder, GNUPLOT_SVG | GNUPLOT_PNG, &err))
        fail_msg("it is drawn");
    assert_int_equal(err.kind, ERROR_FAILED);
    snprintf(message, sizeof message, "%s", err.first->text);
    error_clear(&err);
    return message;
}

static void figure_comes_with_its_script_and_data(void **state) {
    struct error err = {0};
    struct drawing drawing = drawing_of(plain_body);
    assert_ok(gnuplot_draw(&drawing, *state, GNUPLOT_SVG | GNUPLOT_PNG, &err), err);
    assert_int_equal(count_files(*state), 4);
    assert_non_null(strstr(content_of(*state, "figure.svg"), "squares"));
    assert_memory_equal(content_of(*state, "figure.png"), "\x89PNG", 4);
    assert_non_null(strstr(content_of(*state, "figure.gp"), plain_body));
    assert_string_equal(content_of(*state, "figure.tsv"), drawing.data);
}

static void only_the_formats_asked_for_are_drawn(void **state) {
    struct error err = {0};
    struct drawing drawing = drawing_of(plain_body);
    assert_ok(gnuplot_draw(&drawing, *state, GNUPLOT_SVG, &err), err);
    assert_true(temporary_exists(*state, "figure.svg"));
    assert_false(temporary_exists(*state, "figure.png"));
    assert_ok(gnuplot_draw(&drawing, *state, GNUPLOT_PNG, &err), err);
    assert_true(temporary_exists(*state, "figure.png"));
    assert_int_equal(count_files(*state), 4);
}

static void script_draws_the_same_again(void **state) {
    struct error err = {0};
    char command[1000];
    struct drawing drawing = drawing_of(plain_body);
    assert_ok(gnuplot_draw(&drawing, *state, GNUPLOT_SVG, &err), err);
    char *first = strdup(content_of(*state, "figure.svg"));
    assert_int_equal(unlink(temporary_path(*state, "figure.svg")), 0);
    snprintf(command, sizeof command, "cd '%s' && gnuplot figure.gp", (char *)*state);
    assert_int_equal(system(command), 0);
    assert_string_equal(content_of(*state, "figure.svg"), first);
    free(first);
}

static void text_without_quotes_stands_in_quotes_as_it_is(void **state) {
    (void)state;
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"", "''"},
        {"a b", "'a b'"},
        {"\"`\\n$%", "'\"`\\n$%'"},
        {"one\ntwo", "'one two'"},
        {"Größe", "'Größe'"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(gnuplot_quoted(cases[i].text, &arena), cases[i].quoted);
    arena_close(&arena);
}

/* What a user writes as a question or a name, and how it stands in the figure. */
static const struct {
    const char *label, *drawn;
} labels[] = {
    {"it's \"quoted\"", "it's \"quoted\""},
    {"`touch ran`", "`touch ran`"},
    {"$(touch ran)", "$(touch ran)"},
    {"<touch ran", "&lt;touch ran"},
    {"a\nsystem 'touch ran'\n", "a system 'touch ran'"},
    {"\"; system('touch ran') #", "\"; system('touch ran') #"},
    {"a_b^c {/Bold d} & @e", "a_b^c {/Bold d} &amp; @e"},
    {"100 %d %s \\n", "100 %d %s \\n"},
    {"Größe 活性", "Größe 活性"},
};

static void assert_drawn(const char *folder, const char *body, const char *expected) {
    struct error err = {0};
    struct drawing drawing = drawing_of(body);
    assert_ok(gnuplot_draw(&drawing, folder, GNUPLOT_SVG, &err), err);
    if (!strstr(content_of(folder, "figure.svg"), expected))
        fail_msg("no %s in the figure", expected);
    assert_false(temporary_exists(folder, "ran"));
    assert_int_equal(count_files(folder), 3);
}

static void labels_are_drawn_as_they_are_and_run_nothing(void **state) {
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *quoted = gnuplot_quoted(labels[i].label, &arena);
        assert_drawn(
            *state,
            arena_printf(&arena, "  plot 'figure.tsv' using 1:2 with lines title %s\n", quoted),
            labels[i].drawn);
        assert_drawn(*state,
                     arena_printf(&arena,
                                  "  set title %s\n"
                                  "  plot 'figure.tsv' using 1:2 with lines notitle\n",
                                  quoted),
                     labels[i].drawn);
    }
    arena_close(&arena);
}

/* Two quotes in a row, as a quote in quotes begins, must not be taken for their end. */
static void quotes_at_the_beginning_and_in_a_row_are_drawn(void **state) {
    static const char *const texts[] = {"'.system('touch ran').'", "''.system(\"touch ran\").''",
                                        "a''b"};
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_drawn(*state,
                     arena_printf(&arena, "  plot 'figure.tsv' using 1:2 with lines title %s\n",
                                  gnuplot_quoted(texts[i], &arena)),
                     texts[i]);
    arena_close(&arena);
}

/* Files of an earlier figure, of which a failure must leave each as it is. */
static void put_old_figure(const char *folder) {
    static const char *const names[] = {"figure.svg", "figure.png", "figure.gp", "figure.tsv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        temporary_write(folder, names[i], "old", 3);
}

/* Nothing of the new figure stands there but what failed, if it was kept. */
static void assert_old_figure_stays(const char *folder, bool kept) {
    assert_string_equal(content_of(folder, "figure.svg"), "old");
    assert_string_equal(content_of(folder, "figure.png"), "old");
    assert_string_equal(content_of(folder, "figure.gp"), "old");
    assert_string_equal(content_of(folder, "figure.tsv"), "old");
    assert_int_equal(count_files(folder), 4 + kept);
    if (!kept)
        return;
    assert_int_equal(count_files(temporary_path(folder, "figure.failed")), 2);
    assert_true(temporary_exists(folder, "figure.failed/figure.gp"));
    assert_true(temporary_exists(folder, "figure.failed/figure.tsv"));
}

static void failing_script_leaves_the_old_figure_and_says_why(void **state) {
    struct drawing drawing = drawing_of("  plot 'not there.tsv' using 1:2\n");
    put_old_figure(*state);
    const char *message = refusal(&drawing, *state);
    assert_non_null(strstr(message, "gnuplot: the figure could not be drawn: "));
    assert_non_null(strstr(message, "not there.tsv"));
    assert_non_null(strstr(message, "/figure.failed/figure.gp)"));
    assert_null(strchr(message, '\n'));
    assert_old_figure_stays(*state, true);
}

static void script_that_failed_goes_when_the_figure_is_drawn(void **state) {
    struct error err = {0};
    struct drawing drawing = drawing_of("  }}} plt\n");
    refusal(&drawing, *state);
    refusal(&drawing, *state);
    assert_int_equal(count_files(*state), 1);
    drawing = drawing_of(plain_body);
    assert_ok(gnuplot_draw(&drawing, *state, GNUPLOT_SVG | GNUPLOT_PNG, &err), err);
    assert_int_equal(count_files(*state), 4);
}

static void nonsense_leaves_the_old_figure(void **state) {
    struct drawing drawing = drawing_of("  }}} plt\n");
    put_old_figure(*state);
    assert_non_null(strstr(refusal(&drawing, *state), "gnuplot: the figure could not be drawn"));
    assert_old_figure_stays(*state, true);
}

static void empty_figure_is_an_error_and_leaves_the_old_one(void **state) {
    struct drawing drawing = drawing_of("");
    put_old_figure(*state);
    assert_non_null(strstr(refusal(&drawing, *state), "gnuplot: a figure came out empty"));
    assert_old_figure_stays(*state, true);
}

static void folder_that_is_not_there_is_named(void **state) {
    struct drawing drawing = drawing_of(plain_body);
    const char *message = refusal(&drawing, temporary_path(*state, "nowhere"));
    assert_non_null(strstr(message, "/nowhere: No such file or directory"));
}

/* What gnuplot_show writes to standard output. Owns: static. */
static const char *shown_on(const char *folder, struct screen screen) {
    struct error err = {0};
    struct drawing drawing = drawing_of("  set title 'squares'\n  plot 'figure.tsv' using 1:2\n");
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    FILE *file = fopen(temporary_path(folder, "shown"), "wb");
    dup2(fileno(file), STDOUT_FILENO);
    bool ok = gnuplot_show(&drawing, &screen, &err);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    fclose(file);
    assert_ok(ok, err);
    return content_of(folder, "shown");
}

static void figure_is_shown_in_characters(void **state) {
    const char *text = shown_on(*state, (struct screen){.columns = 80});
    assert_non_null(strstr(text, "squares"));
    assert_null(strchr(text, '\f'));
    assert_null(strchr(text, '\x1b'));
    text = shown_on(*state, (struct screen){.columns = 80, .colours = true});
    assert_non_null(strstr(text, "\x1b["));
}

static void figure_is_shown_as_a_sixel_picture(void **state) {
    const char *picture = shown_on(*state, (struct screen){.columns = 80, .sixel = true});
    assert_memory_equal(picture, "\x1bPq", 3);
    assert_non_null(strstr(picture, "\x1b\\"));
}

static void missing_gnuplot_is_told_with_its_package(void **state) {
    struct drawing drawing = drawing_of(plain_body);
    char *path = strdup(getenv("PATH"));
    setenv("PATH", *state, 1);
    put_old_figure(*state);
    const char *message = refusal(&drawing, *state);
    setenv("PATH", path, 1);
    free(path);
    assert_non_null(strstr(message, "apt-get install gnuplot-nox"));
    assert_old_figure_stays(*state, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMPORARY_TEST(figure_comes_with_its_script_and_data),
        TEMPORARY_TEST(only_the_formats_asked_for_are_drawn),
        TEMPORARY_TEST(script_draws_the_same_again),
        cmocka_unit_test(text_without_quotes_stands_in_quotes_as_it_is),
        TEMPORARY_TEST(labels_are_drawn_as_they_are_and_run_nothing),
        TEMPORARY_TEST(quotes_at_the_beginning_and_in_a_row_are_drawn),
        TEMPORARY_TEST(failing_script_leaves_the_old_figure_and_says_why),
        TEMPORARY_TEST(script_that_failed_goes_when_the_figure_is_drawn),
        TEMPORARY_TEST(nonsense_leaves_the_old_figure),
        TEMPORARY_TEST(empty_figure_is_an_error_and_leaves_the_old_one),
        TEMPORARY_TEST(folder_that_is_not_there_is_named),
        TEMPORARY_TEST(figure_is_shown_in_characters),
        TEMPORARY_TEST(figure_is_shown_as_a_sixel_picture),
        TEMPORARY_TEST(missing_gnuplot_is_told_with_its_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
