/* What the program shows on a terminal: one of the test's own, whose other side it reads. */
#define _GNU_SOURCE /* forkpty */
#include "cli/progress.h"

#include "trial/knob.h"

#include <math.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "temporary.h"
#include "test.h"

static const char data[] = "1 1:1 2:1\n2 1:-1\n1 1:2 2:0.5\n2 1:-2 2:1\n1 1:3\n2 2:-1\n";

static const char sweep[] = "name: small\n"
                            "datasets:\n"
                            "  points: {format: libsvm, train: points, test: points, features: 2}\n"
                            "base: {dataset: points, topology: [3], epochs: 2, batch_size: 2}\n"
                            "sweep: {optimizer: [adam, sgd]}\n"
                            "repeats: 3\n";

/* The same, without anything to be warned of. */
static void write_clean(const char *folder) {
    static const char rows[] =
        "1 1:1\n2 1:3\n1 1:2\n2 1:4\n1 1:0\n2 1:5\n1 2:1\n2 2:3\n1 2:2\n2 2:4\n";
    char text[sizeof sweep + 100];
    snprintf(text, sizeof text, "%s", sweep);
    memcpy(strstr(text, "train: points"), "train: others", 13);
    memcpy(strstr(text, "epochs: 2"), "epochs: 9", 9);
    temporary_write_text(folder, "clean.yaml", text);
    temporary_write(folder, "others", rows, sizeof rows - 1);
}

static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    temporary_write(*state, "points", data, sizeof data - 1);
    temporary_write(*state, "sweep.yaml", sweep, sizeof sweep - 1);
    write_clean(*state);
    return 0;
}

/* What the terminal was sent. */
static char screen[1 << 16];

/* Runs a line of the shell in the folder, with the program as $0, on a terminal of so many columns.
 * Returns its exit status. */
static int run_on_terminal(const char *folder, const char *line, unsigned short columns) {
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    int terminal, status = 0;
    pid_t child = forkpty(&terminal, NULL, NULL, &size);
    assert_true(child >= 0);
    if (child == 0) {
        setenv("OPENBLAS_NUM_THREADS", "1", 1); /* or mlpsweep executes itself again to set them */
        setenv("OMP_NUM_THREADS", "1", 1);
        if (chdir(folder) == 0)
            execl("/bin/sh", "sh", "-c", line, MLPSWEEP_BINARY, (char *)NULL);
        _exit(127);
    }
    size_t length = 0;
    ssize_t got;
    while ((got = read(terminal, screen + length, sizeof screen - 1 - length)) > 0)
        length += (size_t)got;
    screen[length] = '\0';
    close(terminal);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void run_is_live_on_a_terminal(void **state) {
    assert_int_equal(
        run_on_terminal(*state, "TERM=xterm NO_COLOR= exec \"$0\" run sweep.yaml --db s.db", 80),
        0);
    assert_non_null(strstr(screen, "\x1b["));
}

/* Longer than the half second after which the time left is told. */
#if SANITIZED
#define LONG "60"
#else
#define LONG "300"
#endif

static void one_long_trial_tells_the_time_left(void **state) {
    static const char text[] = "base: {dataset: 'moons(rows=20000)', topology: [64, 64], "
                               "epochs: " LONG ", keep_weights: none}\n";
    temporary_write(*state, "long.yaml", text, sizeof text - 1);
    assert_int_equal(
        run_on_terminal(*state, "TERM=xterm NO_COLOR= exec \"$0\" run long.yaml --db l.db", 60), 0);
    assert_non_null(strstr(screen, " s left - val_loss: "));
    for (char *at = screen; (at = strstr(at, "Epoch")); at++)
        assert_true(strcspn(at, "\r\n") <= 60);
    const char *last = strstr(screen, "Epoch " LONG "/" LONG);
    assert_non_null(last);
    assert_null(memmem(last, strcspn(last, "\n"), " left", 5));
    assert_int_equal(
        run_on_terminal(*state, "\"$0\" run long.yaml --db m.db --set epochs=2 2>&1 | cat", 60), 0);
    assert_null(strstr(screen, " left - "));
}

static void nothing_is_redrawn_with_no_color_or_on_a_dumb_terminal(void **state) {
    static const char *const lines[] = {
        "TERM=xterm NO_COLOR=1 exec \"$0\" run sweep.yaml --db n.db",
        "TERM=xterm NO_COLOR=1 exec \"$0\" run sweep.yaml --db b.db --progress bar",
        "TERM=dumb NO_COLOR= exec \"$0\" run sweep.yaml --db d.db"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(run_on_terminal(*state, lines[i], 80), 0);
        assert_null(strchr(screen, '\x1b'));
        assert_non_null(strstr(screen, "6/6"));
    }
}

/* Of what was sent between line feeds and carriage returns, without control sequences. */
static size_t widest_line(void) {
    size_t widest = 0, width = 0;
    for (const char *at = screen; *at; at++) {
        if (*at == '\x1b' && at[1] == '[') {
            at += 2 + strspn(at + 2, "0123456789;?");
            continue;
        }
        width = *at == '\n' || *at == '\r' ? 0 : width + (((unsigned char)*at & 0xC0) != 0x80);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void tables_fit_the_terminal(void **state) {
    static const char *const lines[] = {
        "NO_COLOR=1 exec \"$0\" plan sweep.yaml --db f.db 2>/dev/null",
        "NO_COLOR=1 exec \"$0\" status --db f.db",
        "NO_COLOR=1 exec \"$0\" summary --db f.db",
        "NO_COLOR=1 exec \"$0\" compare small --db f.db",
        "NO_COLOR=1 exec \"$0\" compare adam sgd --db f.db",
        "NO_COLOR=1 exec \"$0\" show --db f.db $(sqlite3 f.db 'SELECT trial FROM trials LIMIT 1')"};
    static const unsigned short columns[] = {60, 80, 120};
    assert_int_equal(
        run_on_terminal(*state, "NO_COLOR=1 exec \"$0\" run sweep.yaml --db f.db --progress none",
                        80),
        0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            assert_int_equal(run_on_terminal(*state, lines[i], columns[c]), 0);
            assert_true(strlen(screen) > 100);
            assert_null(strchr(screen, '\x1b'));
            if (widest_line() > columns[c])
                fail_msg("%zu columns on %u: %s", widest_line(), columns[c], screen);
        }
}

/* Long names, many values, more panels than fit side by side, and nets deeper than there are
 * colours. */
static const char many[] =
    "name: many\n"
    "base: {dataset: 'moons(rows=200)', epochs: 6}\n"
    "sweep:\n"
    "  topology: [[4], [4, 4], 3x9]\n"
    "  learning_rate: logspace(1e-4, 1, 9)\n"
    "  optimizer: [adam, 'sgd(momentum=0.9, nesterov=true)']\n"
    "repeats: 2\n"
    "figures: [{x: epoch, y: dead_units, by: topology}, {name: norms, x: weight_norm, y: lr, by: "
    "variant}]\n";

static const char *const many_figures[] = {"curves", "accuracy", "gap",     "waste",
                                           "axis",   "capacity", "heatmap", "confusion",
                                           "layers", "stopping", "own-1",   "norms"};
enum { MANY_FIGURES = sizeof many_figures / sizeof *many_figures };

static void train_many(const char *folder) {
    temporary_write(folder, "many.yaml", many, sizeof many - 1);
    assert_int_equal(
        run_on_terminal(folder, "exec \"$0\" run many.yaml --db p.db --progress none", 80), 0);
}

/* Draws a figure as text. before: what stands before the command. */
static void show(const char *folder, const char *before, const char *figure,
                 unsigned short columns) {
    char line[200];
    snprintf(line, sizeof line, "NO_COLOR=1 %s exec \"$0\" plot many --db p.db --term --figure %s",
             before, figure);
    assert_int_equal(run_on_terminal(folder, line, columns), 0);
    assert_true(strlen(screen) > 500);
}

static void figures_fit_the_terminal(void **state) {
    static const unsigned short columns[] = {40, 60, 80, 120};
    train_many(*state);
    for (size_t f = 0; f < MANY_FIGURES; f++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            show(*state, "", many_figures[f], columns[c]);
            if (widest_line() > columns[c])
                fail_msg("%zu columns on %u: %s", widest_line(), columns[c], screen);
        }
}

/* A text of a figure: its row, and the columns from which to which it reaches. */
struct shown_text {
    const char *text;
    int row, from, to;
};

/* The texts of the script that stands on the screen. Shapes: texts [most]. */
static size_t read_texts(struct shown_text *texts, size_t most) {
    static const char quote[] = "' . \"'\" . '"; /* how an apostrophe is written */
    size_t count = 0;
    for (char *at = screen; (at = strstr(at, "set label '")); at++) {
        char *text = at + strlen("set label '"), *end = strstr(text, "' at screen "), where[10];
        double x, y;
        assert_non_null(end);
        assert_int_equal(sscanf(end, "' at screen %lf/W, screen 1-%lf/H %9s", &x, &y, where), 3);
        at = end;
        if (strcmp(where, "point") == 0)
            continue; /* a line's point stands on its sample */
        *end = '\0';
        int width = 0, column = (int)lround(x / 7);
        for (const char *c = text; *c; c++)
            width += ((unsigned char)*c & 0xC0) != 0x80;
        for (const char *c = text; (c = strstr(c, quote)); c++)
            width -= (int)sizeof quote - 2;
        assert_true(count < most);
        struct shown_text *shown = &texts[count++];
        *shown = (struct shown_text){text, (int)lround(y / 16), column, column + width - 1};
        int back = strcmp(where, "center") == 0  ? width / 2
                   : strcmp(where, "right") == 0 ? width
                                                 : 0;
        shown->from -= back;
        shown->to -= back;
    }
    return count;
}

/* A gnuplot that shows the script itself tells where it would write what. */
static void no_text_of_a_figure_hides_another(void **state) {
    static const char gnuplot[] = "#!/bin/sh\nexec cat \"$2\"\n";
    static const unsigned short columns[] = {40, 60, 80, 120};
    struct shown_text texts[400];
    train_many(*state);
    temporary_write(*state, "gnuplot", gnuplot, sizeof gnuplot - 1);
    assert_int_equal(run_on_terminal(*state, "chmod +x gnuplot", 80), 0);
    for (size_t f = 0; f < MANY_FIGURES; f++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            show(*state, "PATH=\"$PWD:$PATH\"", many_figures[f], columns[c]);
            size_t count = read_texts(texts, sizeof texts / sizeof *texts);
            assert_true(count > 3);
            for (size_t i = 0; i < count; i++) {
                const struct shown_text *a = &texts[i];
                if (a->from < 0 || a->to >= columns[c])
                    fail_msg("%s on %u: '%s' does not fit", many_figures[f], columns[c], a->text);
                for (size_t j = 0; j < i; j++) {
                    const struct shown_text *b = &texts[j];
                    if (a->row == b->row && a->from <= b->to && b->from <= a->to)
                        fail_msg("%s on %u: '%s' and '%s' in row %d", many_figures[f], columns[c],
                                 a->text, b->text, a->row);
                }
            }
        }
}

static void assert_screen_has(const char *words) {
    if (!strstr(screen, words))
        fail_msg("no \"%s\": %s", words, screen);
}

static void figures_in_characters_name_axes_units_and_lines(void **state) {
    train_many(*state);
    show(*state, "", "curves", 80);
    assert_screen_has("\n   loss (cross entropy, nats) ");
    assert_screen_has("*** training (while weights move)");
    assert_screen_has("### probe (training rows, end of epoch)");
    assert_screen_has("$G$ validation");
    assert_null(strstr(screen, "band:")); /* there is none */
    show(*state, "", "accuracy", 80);
    assert_screen_has("\n   accuracy (% of rows) ");
    show(*state, "", "layers", 80);
    assert_screen_has("\n   sd of activations ");
    assert_screen_has("epoch 0: before training");
    show(*state, "", "confusion", 80);
    assert_screen_has("\n   actual class ");
    show(*state, "", "waste", 80);
    assert_screen_has("=== after it, validation accuracy no higher");
    assert_screen_has("|*****");
    show(*state, "", "heatmap", 80);
    assert_screen_has("\n   learning_rate ");
    assert_screen_has(" 0.0316227766017 +"); /* the longer axis runs down, in full */
}

static void axes_of_panels_side_by_side_stay_apart(void **state) {
    static const struct {
        unsigned short columns;
        size_t panels;
    } cases[] = {{40, 1}, {60, 2}, {80, 2}, {120, 4}};
    train_many(*state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        show(*state, "", "layers", cases[i].columns);
        size_t names = 0;
        const char *last = NULL;
        for (const char *at = screen; (at = strstr(at, " epoch ")); at++)
            last = at;
        assert_non_null(last);
        while (last[-1] != '\n')
            last--;
        for (const char *at = last; *at != '\n'; at++)
            names += strncmp(at, " epoch ", 7) == 0;
        assert_int_equal(names, cases[i].panels);
        assert_int_equal(strspn(last, " epoch\r"), strcspn(last, "\n"));
    }
}

/* Takes the control sequences out of what was sent. */
static void strip_looks(void) {
    char *to = screen;
    for (const char *at = screen; *at; at++)
        if (*at == '\x1b' && at[1] == '[')
            at += 2 + strspn(at + 2, "0123456789;?");
        else
            *to++ = *at;
    *to = '\0';
}

static void tables_are_the_same_with_and_without_colour(void **state) {
    static char plain[sizeof screen];
    static const struct {
        const char *command, *look;
    } cases[] = {{"status", "\x1b[31mfailed\x1b[0m"},
                 {"summary", "\x1b[1m1\x1b[0m"},
                 {"plan sweep.yaml", "\x1b[31mfailed\x1b[0m"},
                 {"show $(sqlite3 c.db \"SELECT trial FROM trials WHERE state = 'failed'\")",
                  "\x1b[31mfailed\x1b[0m"}};
    assert_int_equal(run_on_terminal(*state,
                                     "\"$0\" run sweep.yaml --db c.db --progress none && sqlite3 "
                                     "c.db \"UPDATE trial_rows SET state = 'failed' WHERE seed = 3 "
                                     "AND optimizer = 'sgd'\"",
                                     80),
                     0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[300];
        static const char *const without[] = {"TERM=xterm NO_COLOR=1", "TERM=dumb NO_COLOR="};
        for (size_t w = 0; w < sizeof without / sizeof *without; w++) {
            snprintf(line, sizeof line, "%s exec \"$0\" %s --db c.db", without[w],
                     cases[i].command);
            assert_int_equal(run_on_terminal(*state, line, 80), 0);
            assert_null(strchr(screen, '\x1b'));
        }
        strcpy(plain, screen);
        snprintf(line, sizeof line, "TERM=xterm NO_COLOR= \"$0\" %s --db c.db | cat",
                 cases[i].command);
        assert_int_equal(run_on_terminal(*state, line, 80), 0);
        assert_null(strchr(screen, '\x1b'));
        snprintf(line, sizeof line, "TERM=xterm NO_COLOR= exec \"$0\" %s --db c.db",
                 cases[i].command);
        assert_int_equal(run_on_terminal(*state, line, 80), 0);
        assert_non_null(strstr(screen, cases[i].look));
        strip_looks();
        assert_string_equal(screen, plain);
    }
}

static void progress_never_wraps(void **state) {
    static const unsigned short columns[] = {60, 80, 160};
    static const char *const ways[] = {
        "", "--progress lines", "--set repeats=1 --set optimizer=adam",
        "--set repeats=200 --set epochs=1", "--db a-name-that-leaves-no-room-for-words.db"};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            char line[300];
            snprintf(line, sizeof line,
                     "TERM=xterm NO_COLOR= LC_ALL=C.UTF-8 exec \"$0\" run clean.yaml --set "
                     "validation_split=0.4 --db "
                     "w%u-%zu.db %s",
                     columns[c], i, ways[i]);
            assert_int_equal(run_on_terminal(*state, line, columns[c]), 0);
            assert_non_null(strstr(screen, " trained, "));
            if (widest_line() > columns[c])
                fail_msg("%zu columns on %u: %s", widest_line(), columns[c], screen);
        }
}

static void block_is_gone_at_the_end(void **state) {
    assert_int_equal(
        run_on_terminal(
            *state,
            "TERM=xterm NO_COLOR= exec \"$0\" run clean.yaml --set validation_split=0.4 --db g.db",
            80),
        0);
    const char *last = strstr(screen, "\x1b[J6 trained");
    assert_non_null(last);
    assert_null(strchr(last + 3, '\x1b'));
}

/* Six of ten epochs were trained before, as the list and the checkpoint say. */
static void work_of_a_resumed_trial_adds_up_to_all_of_it(void **state) {
    (void)state;
    struct dataset dataset = {.inputs = 2, .classes = 2, .train.rows = 100};
    struct trial trial = trial_default();
    trial.epochs = 10;
    struct work work = {.trial = &trial, .dataset = &dataset, .label = "", .goes_on_after = 6};
    struct progress progress;
    FILE *out = tmpfile();
    assert_non_null(out);
    progress_open(&progress, PROGRESS_NONE, out, &work, 1);
    struct observer observer = progress_observer(&progress);
    bool granted = true;
    struct checkpoint checkpoint = {.epoch_count = 6};
    observer.claim(observer.context, (const size_t[]){0}, 1, &granted, &checkpoint, NULL);
    for (uint64_t epoch = 7; epoch <= 10; epoch++)
        observer.epoch(observer.context, 0, &(struct epoch_record){.epoch = epoch});
    struct outcome outcome = outcome_empty(TRIAL_DONE);
    outcome.epochs_done = 10;
    observer.finish(observer.context, 0, &outcome, &(struct overfitting){0});
    assert_true(progress.work_seconds > 0);
    assert_true(fabs(progress.done_seconds / progress.work_seconds - 1) < 1e-9);
    progress_close(&progress);
    fclose(out);
}

static struct trial seed_3 = {.seed = 3};

static void names_of_knobs_stand_where_values_do_not_tell(void **state) {
    (void)state;
    static const struct {
        const char *label, *name;
    } cases[] = {
        {"", "seed=3"},
        {"topology=20-15 optimizer=adam", "20-15, adam, seed=3"},
        {"learning_rate=0.1 batch_size=32", "learning_rate=0.1, batch_size=32, seed=3"},
        {"optimizer=sgd(momentum=0.9, nesterov=true) scale=none",
         "sgd(momentum=0.9, nesterov=true), scale=none, seed=3"},
        {"topology=none optimizer=adam", "topology=none, adam, seed=3"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct work work = {.trial = &seed_3, .label = cases[i].label};
        assert_string_equal(live_name(&work, 0, &arena), cases[i].name);
    }
    arena_close(&arena);
}

static void seeds_that_vary_by_themselves_are_named(void **state) {
    (void)state;
    struct trial trials[] = {
        {.seed = 1, .split_seed = 1, .init_seed = 7, .order_seed = 1},
        {.seed = 1, .split_seed = 1, .init_seed = 8, .order_seed = 1},
        {.seed = 2, .split_seed = 1, .init_seed = 7, .order_seed = 2},
    };
    struct work work[3];
    for (size_t i = 0; i < 3; i++)
        work[i] = (struct work){.trial = &trials[i], .label = "topology=3"};
    struct arena arena = {0};
    assert_string_equal(live_name(&work[1], live_seeds(work, 3), &arena), "3, seed=1, init_seed=8");
    trials[1].init_seed = 7;
    assert_string_equal(live_name(&work[2], live_seeds(work, 3), &arena), "3, seed=2");
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(run_is_live_on_a_terminal, set_up, temporary_close),
        cmocka_unit_test_setup_teardown(nothing_is_redrawn_with_no_color_or_on_a_dumb_terminal,
                                        set_up, temporary_close),
        cmocka_unit_test_setup_teardown(progress_never_wraps, set_up, temporary_close),
        cmocka_unit_test(work_of_a_resumed_trial_adds_up_to_all_of_it),
        cmocka_unit_test_setup_teardown(block_is_gone_at_the_end, set_up, temporary_close),
        cmocka_unit_test(names_of_knobs_stand_where_values_do_not_tell),
        cmocka_unit_test(seeds_that_vary_by_themselves_are_named),
        cmocka_unit_test_setup_teardown(tables_fit_the_terminal, set_up, temporary_close),
        cmocka_unit_test_setup_teardown(figures_fit_the_terminal, set_up, temporary_close),
        cmocka_unit_test_setup_teardown(no_text_of_a_figure_hides_another, set_up, temporary_close),
        cmocka_unit_test_setup_teardown(figures_in_characters_name_axes_units_and_lines, set_up,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(axes_of_panels_side_by_side_stay_apart, set_up,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(one_long_trial_tells_the_time_left, set_up,
                                        temporary_close),
        cmocka_unit_test_setup_teardown(tables_are_the_same_with_and_without_colour, set_up,
                                        temporary_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
