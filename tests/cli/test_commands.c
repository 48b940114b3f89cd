/* The program as a user meets it: what it prints where, and what it ends with. */
#include "cli/commands.h"
#include "nn/activation.h"
#include "report/figure.h"
#include "trial/metric.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "process.h"
#include "temporary.h"
#include "test.h"

enum { WORDS_MAX = 12, SECONDS = 60 };

static const char data[] = "1 1:1 2:1\n2 1:-1\n1 1:2 2:0.5\n2 1:-2 2:1\n1 1:3\n2 2:-1\n";

static const char good[] = "name: small\n"
                           "datasets:\n"
                           "  points: {format: libsvm, train: points, test: points, features: 2}\n"
                           "base: {dataset: points, topology: [3], epochs: 2, batch_size: 2}\n"
                           "sweep: {optimizer: [adam, sgd]}\n";

static const char bad[] = "base: {dataset: mnits, epochs: ten}\n"
                          "sweep: {seed: []}\n";

static const char worse[] = "base: {dataset: mnist}\n"
                            "sweep: {activation: [rellu]}\n"
                            "repaets: 3\n";

static int set_up(void **state) {
    if (temporary_open(state) != 0)
        return -1;
    temporary_write(*state, "points", data, sizeof data - 1);
    temporary_write(*state, "good.yaml", good, sizeof good - 1);
    temporary_write(*state, "bad.yaml", bad, sizeof bad - 1);
    temporary_write(*state, "worse.yaml", worse, sizeof worse - 1);
    return 0;
}

static int tear_down(void **state) {
    process_kill_all();
    return temporary_close(state);
}

/* What the last call printed. */
static char standard_output[1 << 16], standard_error[1 << 16];

/* Runs the program in the folder. `line` is its arguments, which blanks separate, and a last one
 * that may hold blanks, or NULL. Returns its exit status. */
static int run(const char *folder, const char *line, const char *last) {
    static const char *const environment[] = {"MLPSWEEP_DB=small.db", "NO_COLOR=1", NULL};
    const char *words[WORDS_MAX + 3] = {MLPSWEEP_BINARY};
    char copy[500], *rest = copy;
    size_t count = 1;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word; (word = strtok_r(rest, " ", &rest)) && count <= WORDS_MAX;)
        words[count++] = word;
    words[count] = last;
    unlink(temporary_path(folder, "out"));
    unlink(temporary_path(folder, "err"));
    char out[200], err[200];
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(err, sizeof err, "%s/err", folder);
    const struct launch launch = {words, environment, folder, out, err};
    int status = process_run(&launch, SECONDS);
    temporary_read(folder, "out", standard_output, sizeof standard_output);
    temporary_read(folder, "err", standard_error, sizeof standard_error);
    return status;
}

static void assert_status(const char *folder, const char *line, const char *last, int expected) {
    int status = run(folder, line, last);
    if (status != expected)
        fail_msg("mlpsweep %s %s: %d, not %d\n%s", line, last ? last : "", status, expected,
                 standard_error);
}

/* Ends so, says just this as an error and prints nothing. */
static void assert_refused(const char *folder, const char *line, int status, const char *message) {
    char expected[1000];
    assert_status(folder, line, NULL, status);
    snprintf(expected, sizeof expected, "mlpsweep: error: %s\n", message);
    assert_string_equal(standard_error, expected);
    assert_string_equal(standard_output, "");
}

static void train(const char *folder) {
    assert_status(folder, "run good.yaml -j 1 --progress none", NULL, 0);
}

static void wrong_command_lines_end_with_2_and_say_why(void **state) {
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"plann", "unknown command 'plann'; did you mean 'plan'?"},
        {"lst knobs", "unknown command 'lst'; did you mean 'list'?"},
        {"frobnicate", "unknown command 'frobnicate' (see mlpsweep help)"},
        {"--verbose", "unknown command '--verbose' (see mlpsweep help)"},
        {"help frobnicate", "unknown command 'frobnicate' (see mlpsweep help)"},
        {"help plann", "unknown command 'plann'; did you mean 'plan'?"},
        {"--help plann", "unknown command 'plann'; did you mean 'plan'?"},
        {"run --retri good.yaml", "run: unknown option '--retri'; did you mean '--retry'?"},
        {"run good.yaml --fush", "run: unknown option '--fush'; did you mean '--fuse'?"},
        {"check --qwertzuiop good.yaml",
         "check: unknown option '--qwertzuiop' (see mlpsweep help check)"},
        {"check -q good.yaml", "check: unknown option '-q' (see mlpsweep help check)"},
        {"run good.yaml --jobs", "run: option --jobs needs a value"},
        {"run good.yaml -j", "run: option -j needs a value"},
        {"check", "check: FILE... is missing (see mlpsweep help check)"},
        {"show", "show: TRIAL is missing (see mlpsweep help show)"},
        {"list knobs losses", "list: 'losses' is one argument too many"},
        {"run -j 0 good.yaml", "--jobs is a whole number in 1..4096, not '0'"},
        {"run -j many good.yaml", "--jobs is a whole number in 1..4096, not 'many'"},
        {"run --progress zz good.yaml", "--progress is one of auto, bar, lines, none, not 'zz'"},
        {"run --db= good.yaml", "run: option --db needs a value, not ''"},
        {"plan --format= good.yaml", "plan: option --format needs a value, not ''"},
        {"plan --format xml good.yaml", "--format is one of table, csv, json, not 'xml'"},
        {"check --set epochs good.yaml", "--set is written K=V, not 'epochs'"},
        {"check --set epoch=5 good.yaml", "--set: unknown knob 'epoch'; did you mean 'epochs'?"},
        {"check --set epochs=ten good.yaml",
         "--set epochs=ten: epochs must be a whole number, not 'ten'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(*state, cases[i].line, 2, cases[i].message);
    assert_int_not_equal(access(temporary_path(*state, "small.db"), F_OK), 0);
}

/* getopt has not passed the word yet while letters of it are left. */
static void unknown_letter_within_a_word_is_named(void **state) {
    assert_status(*state, "run -zz good.yaml", NULL, 2);
    assert_null(strstr(standard_error, "'run'"));
    assert_non_null(strstr(standard_error, "-z"));
}

static void list_of_nothing_names_what_there_is(void **state) {
    assert_status(*state, "list colours", NULL, 2);
    assert_non_null(strstr(standard_error, "list: 'colours' is none of knobs, datasets, "));
}

static void invalid_experiments_end_with_3(void **state) {
    static const char *const lines[] = {"check", "plan", "run", "status", "summary", "plot"};
    train(*state);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[100];
        snprintf(line, sizeof line, "%s bad.yaml", lines[i]);
        assert_status(*state, line, NULL, 3);
        assert_non_null(strstr(standard_error, "bad.yaml:1:17: error: unknown dataset 'mnits'"));
        snprintf(line, sizeof line, "%s nowhere.yaml", lines[i]);
        assert_refused(*state, line, 3, "nowhere.yaml: No such file or directory");
    }
}

static void invalid_data_end_with_3(void **state) {
    temporary_write(*state, "points", "1 1:1\n2 3:1\n", 12);
    assert_status(*state, "check good.yaml", NULL, 3);
    assert_non_null(strstr(standard_error, "points:2:3: error: index 3 is outside 1..2"));
    assert_int_equal(unlink(temporary_path(*state, "points")), 0);
    assert_status(*state, "run good.yaml --progress none", NULL, 3);
    assert_string_equal(standard_error,
                        "good.yaml:3:35: error: points: No such file or directory\n"
                        "    points: {format: libsvm, train: points, test: points, features: 2}\n"
                        "                                    ^\n");
    assert_int_not_equal(access(temporary_path(*state, "small.db"), F_OK), 0);
}

static void what_fails_while_running_ends_with_1(void **state) {
    static const char *const lines[] = {"summary",           "status",           "show abc",
                                        "export trials",     "sql --db points ", "summary --db /",
                                        "merge out.db no.db"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_status(*state, lines[i], strncmp(lines[i], "sql", 3) == 0 ? "SELECT 1" : NULL, 1);
        assert_non_null(strstr(standard_error, "error: "));
        assert_string_equal(standard_output, "");
    }
}

static void merge_without_what_it_needs_makes_no_database(void **state) {
    assert_refused(*state, "merge out.db", 2, "merge: IN.db is missing, and there is no out.db");
    assert_refused(*state, "merge out.db no.db", 1, "no.db: No such file or directory");
    assert_int_not_equal(access(temporary_path(*state, "out.db"), F_OK), 0);
    train(*state);
    assert_status(*state, "merge small.db", NULL, 0);
    assert_string_equal(standard_error, "small.db is up to date\n");
}

/* Runs one line of the shell in the folder, with the program as $0. Returns its exit status; what
 * it says on standard error is kept. */
static int run_in_shell(const char *folder, const char *line) {
    const char *const words[] = {"sh", "-c", line, MLPSWEEP_BINARY, NULL};
    char err[200];
    snprintf(err, sizeof err, "%s/err", folder);
    unlink(err);
    const struct launch launch = {words, NULL, folder, NULL, err};
    int status = process_run(&launch, SECONDS);
    temporary_read(folder, "err", standard_error, sizeof standard_error);
    return status;
}

static void full_disk_under_standard_output_ends_with_1(void **state) {
    static const char *const lines[] = {
        "list knobs", "sql --db small.db --format csv 'SELECT * FROM epochs'",
        ("sql --db small.db --format csv 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
         "FROM n WHERE i < 4000000) SELECT i FROM n'"),
        "export trials --db small.db"};
    train(*state);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[300];
        snprintf(line, sizeof line, "\"$0\" %s >/dev/full", lines[i]);
        assert_int_equal(run_in_shell(*state, line), 1);
        assert_string_equal(standard_error,
                            "mlpsweep: error: standard output: No space left on device\n");
    }
}

static void closed_standard_output_ends_with_1(void **state) {
    train(*state);
    assert_int_equal(run_in_shell(*state, "exec \"$0\" list knobs >&-"), 1);
    assert_string_equal(standard_error, "mlpsweep: error: standard output: Bad file descriptor\n");
    assert_int_equal(run_in_shell(*state, "exec \"$0\" status --db small.db <&- >&-"), 1);
    assert_int_equal(run_in_shell(*state, "exec \"$0\" run good.yaml --db small.db <&- >&- 2>&-"),
                     0);
}

static void reader_that_has_seen_enough_is_no_failure(void **state) {
    train(*state);
    assert_int_equal(run_in_shell(*state,
                                  "{ \"$0\" sql --db small.db --format csv 'WITH RECURSIVE n(i) AS "
                                  "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'; echo "
                                  "$? >status; } | head -n 1; exit $(cat status)"),
                     0);
    assert_string_equal(standard_error, "");
}

/* What `ps` shows and `pgrep mlpsweep` finds. */
static void process_keeps_the_name_that_it_was_started_by(void **state) {
    train(*state);
    assert_int_equal(
        run_in_shell(*state,
                     "unset OPENBLAS_NUM_THREADS OMP_NUM_THREADS\n"
                     "\"$0\" sql --db small.db 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                     "SELECT i + 1 FROM n) SELECT max(i) FROM n' & pid=$!\n"
                     "sleep 0.5; cat /proc/$pid/comm >&2; tr '\\0' '\\n' </proc/$pid/cmdline "
                     "| head -n 1 >&2; kill $pid"),
        0);
    assert_string_equal(standard_error, "mlpsweep\n" MLPSWEEP_BINARY "\n");
}

static void help_names_every_command_and_explains_each(void **state) {
    char line[100];
    assert_status(*state, "help", NULL, 0);
    for (size_t i = 0; i < command_count; i++) {
        snprintf(line, sizeof line, "\n  %s ", commands[i]->name);
        assert_non_null(strstr(standard_output, line));
    }
    for (size_t i = 0; i < command_count; i++) {
        snprintf(line, sizeof line, "help %s", commands[i]->name);
        assert_status(*state, line, NULL, 0);
        char *first = strdup(standard_output);
        assert_non_null(strstr(first, commands[i]->help));
        assert_null(strstr(first, " \n"));
        for (size_t o = 0; o < OPTIONS_MAX && commands[i]->options[o].name; o++)
            assert_non_null(strstr(first, commands[i]->options[o].name));
        snprintf(line, sizeof line, "%s --help", commands[i]->name);
        assert_status(*state, line, NULL, 0);
        assert_string_equal(standard_output, first);
        assert_string_equal(standard_error, "");
        free(first);
    }
}

/* Two blanks at least between an option and what it does, which begins in the same column. */
static void help_of_options_is_aligned(void **state) {
    assert_status(*state, "help run", NULL, 0);
    size_t column = 0;
    for (const char *line = strstr(standard_output, "\n      --db"); line;
         line = strchr(line, '\n')) {
        line++;
        const char *text = line + strspn(line, " ");
        if (*text != '-')
            break;
        const char *help = strstr(text, "  ");
        assert_non_null(help);
        help += strspn(help, " ");
        if (column)
            assert_int_equal(help - line, column);
        column = (size_t)(help - line);
    }
    assert_true(column > 0);
}

static void help_comes_without_a_command_too(void **state) {
    static const char *const lines[] = {"", "--help", "-h"};
    assert_status(*state, "help", NULL, 0);
    char *help = strdup(standard_output);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_status(*state, lines[i], NULL, 0);
        assert_string_equal(standard_output, help);
    }
    free(help);
}

static void version_names_the_program_and_its_libraries(void **state) {
    static const char *const libraries[] = {"BLAS",   "SQLite", "libyaml", "zlib",
                                            "xxHash", "libmd",  "glibc",   "compiler"};
    int major, minor, patch, length = 0;
    assert_status(*state, "--version", NULL, 0);
    assert_int_equal(
        sscanf(standard_output, "mlpsweep %d.%d.%d%n", &major, &minor, &patch, &length), 3);
    assert_non_null(strchr(" \n", standard_output[length]));
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        char line[40];
        snprintf(line, sizeof line, "\n%-14s ", libraries[i]);
        const char *version = strstr(standard_output, line);
        assert_non_null(version);
        assert_true(strcspn(version + strlen(line), "\n") > 1);
    }
}

/* The kinds are those that the help of `list` names. */
static void every_kind_is_listed(void **state) {
    char kinds[500], line[600], *rest = kinds;
    const char *expected[] = {"learning_rate",  "fashion-mnist", "standard", "sigmoid",
                              "glorot_uniform", "cross_entropy", "momentum"};
    size_t count = 0;
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, "list") == 0)
            snprintf(kinds, sizeof kinds, "%s", commands[i]->arguments);
    for (char *kind; (kind = strtok_r(rest, "|", &rest)); count++) {
        snprintf(line, sizeof line, "list %s", kind);
        assert_status(*state, line, NULL, 0);
        if (count < sizeof expected / sizeof *expected)
            assert_non_null(strstr(standard_output, expected[count]));
    }
    assert_true(count >= sizeof expected / sizeof *expected);
}

static void metrics_and_figures_are_listed_with_their_help(void **state) {
    assert_status(*state, "list metrics", NULL, 0);
    for (size_t i = 0; i < metric_count; i++) {
        assert_non_null(strstr(standard_output, metrics[i].name));
        assert_non_null(strstr(standard_output, metrics[i].help));
    }
    assert_non_null(strstr(standard_output, "fraction  higher is better"));
    assert_status(*state, "list figures", NULL, 0);
    for (size_t i = 0; i < figure_count; i++) {
        assert_non_null(strstr(standard_output, figures[i].name));
        assert_non_null(strstr(standard_output, figures[i].help));
    }
}

static void every_row_of_a_registry_is_listed_with_its_help(void **state) {
    const struct entry *row;
    assert_status(*state, "list activations", NULL, 0);
    for (size_t i = 0; (row = registry_row(&activations, i)); i++) {
        assert_non_null(strstr(standard_output, row->name));
        assert_non_null(strstr(standard_output, row->help));
    }
}

static void check_tells_what_an_experiment_comes_to(void **state) {
    assert_status(*state, "check good.yaml", NULL, 0);
    assert_string_equal(standard_output, "good.yaml: ok: small, 2 variants, 2 trials\n");
    assert_status(*state, "check --set optimizer=adam --set repeats=3 good.yaml", NULL, 0);
    assert_string_equal(standard_output, "good.yaml: ok: small, 1 variant, 3 trials\n");
    assert_int_not_equal(access(temporary_path(*state, "small.db"), F_OK), 0);
}

static void check_reports_all_errors_of_all_files_in_one_pass(void **state) {
    assert_status(*state, "check bad.yaml good.yaml worse.yaml", NULL, 3);
    assert_string_equal(standard_error,
                        "bad.yaml:1:17: error: unknown dataset 'mnits'; did you mean 'mnist'?\n"
                        "  base: {dataset: mnits, epochs: ten}\n"
                        "                  ^\n"
                        "bad.yaml:1:32: error: epochs must be a whole number, not 'ten'\n"
                        "  base: {dataset: mnits, epochs: ten}\n"
                        "                                 ^\n"
                        "bad.yaml:2:15: error: seed has no values to sweep over\n"
                        "  sweep: {seed: []}\n"
                        "                ^\n"
                        "worse.yaml:2:22: error: unknown activation 'rellu'; did you mean 'relu'?\n"
                        "  sweep: {activation: [rellu]}\n"
                        "                       ^\n"
                        "worse.yaml:3:1: error: unknown key 'repaets'; did you mean 'repeats'?\n"
                        "  repaets: 3\n"
                        "  ^\n");
}

static void sql_reads(void **state) {
    train(*state);
    assert_status(*state, "sql --format csv", "SELECT count(*) AS n, 'a,b' AS t FROM trials", 0);
    assert_string_equal(standard_output, "n,t\n2,\"a,b\"\n");
    assert_status(*state, "sql --format csv", "SELECT max(epoch) AS e FROM epochs; ", 0);
    assert_string_equal(standard_output, "e\n2\n");
    assert_status(*state, "sql --format json",
                  "WITH t AS (SELECT state FROM trials) SELECT DISTINCT state FROM t", 0);
    assert_string_equal(standard_output, "[\n {\"state\": \"done\"}\n]\n");
}

static void comments_and_semicolons_behind_a_query_are_no_second_one(void **state) {
    static const char *const queries[] = {
        "SELECT 1 AS n; -- comment", "SELECT 1 AS n;;\n /* more */", "SELECT 1 AS n -- comment"};
    train(*state);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_status(*state, "sql --format csv", queries[i], 0);
        assert_string_equal(standard_output, "n\n1\n");
    }
}

static void sql_tells_which_tables_and_columns_there_are(void **state) {
    train(*state);
    assert_status(*state, "sql --format csv", "PRAGMA table_info(curves)", 0);
    assert_non_null(strstr(standard_output, ",val_loss_mean,"));
    assert_status(*state, "sql", "SELECT name FROM pragma_table_info('trials')", 0);
    assert_non_null(strstr(standard_output, "weights_digest"));
    assert_status(*state, "sql", "PRAGMA table_list", 0);
    assert_non_null(strstr(standard_output, "overfitting"));
    assert_status(*state, "sql --format csv", "PRAGMA application_id", 0);
    assert_string_equal(standard_output, "application_id\n1296846931\n");
}

static void sql_prints_what_is_no_text_too(void **state) {
    train(*state);
    static const char query[] =
        "SELECT x'00ff' AS b, CAST(x'61ff' AS TEXT) AS t, 'a' || char(0) || "
        "'b' AS n, char(27) || '[2J' AS e";
    assert_status(*state, "sql", query, 0);
    assert_string_equal(standard_output, "b        t      n       e\n"
                                         "x'00ff'  a\\xff  a\\x00b  \\x1b[2J\n");
    assert_status(*state, "sql --format json", query, 0);
    assert_string_equal(standard_output,
                        "[\n {\"b\": \"x'00ff'\", \"t\": \"a\xEF\xBF\xBD\", \"n\": "
                        "\"a\\u0000b\", \"e\": \"\\u001b[2J\"}\n]\n");
}

/* The most memory that a program which this one started has held so far. Units: MB. */
static double peak_of_children(void) {
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    return (double)usage.ru_maxrss / 1024;
}

static void stream_rows(const char *folder, const char *format, int rows) {
    char script[400], expected[20];
    snprintf(script, sizeof script,
             "\"$0\" sql --db small.db --format %s 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
             "SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n' | wc -l >&2",
             format, rows);
    assert_int_equal(run_in_shell(folder, script), 0);
    snprintf(expected, sizeof expected, "%d\n", rows + (*format == 'c' ? 1 : 2));
    assert_string_equal(standard_error, expected);
}

/* Five million rows are 240 MB of cells, and as much again while their array grows; the output's
 * buffer is 17 MB. */
static void sql_streams_in_constant_memory(void **state) {
    static const char *const formats[] = {"csv", "json"};
    train(*state);
    stream_rows(*state, "csv", 1000);
    double before = peak_of_children();
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        stream_rows(*state, formats[i], SANITIZED ? 500000 : 5000000);
    if (peak_of_children() > before + 300) /* a sanitizer keeps what is freed for some time */
        fail_msg("%.0f MB, then %.0f MB", before, peak_of_children());
}

static void sql_without_a_query_is_the_shell_of_sqlite(void **state) {
    train(*state);
    assert_int_equal(run_in_shell(*state, "echo 'SELECT count(*) FROM trials;' | \"$0\" sql --db "
                                          "small.db >shell && cat shell >&2"),
                     0);
    assert_non_null(strstr(standard_error, "count(*)"));
    assert_int_equal(
        run_in_shell(*state, "echo 'DELETE FROM trial_rows;' | \"$0\" sql --db small.db"), 1);
    assert_non_null(strstr(standard_error, "readonly"));
    assert_int_equal(run_in_shell(*state, "\"$0\" sql --db none.db </dev/null"), 1);
    assert_int_equal(run_in_shell(*state, "PATH=/nowhere \"$0\" sql --db small.db </dev/null"), 1);
    assert_non_null(strstr(standard_error, "apt-get install sqlite3"));
}

static void sql_refuses_whatever_could_write(void **state) {
    static const char *const queries[] = {
        "ATTACH 'other.db' AS other",
        "VACUUM INTO 'copy.db'",
        "VACUUM",
        "INSERT INTO trials SELECT * FROM trials",
        "DELETE FROM epochs",
        "UPDATE trials SET state = 'failed'",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "DROP VIEW trials",
        "REPLACE INTO sessions VALUES (1)",
        "PRAGMA user_version = 99",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = 1",
        "UPDATE sqlite_master SET type = 'x'",
        "PRAGMA wal_checkpoint",
        "BEGIN",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('x')",
        "SELECT writefile('x', 'y')",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM epochs",
        "SELECT 1; ATTACH 'other.db' AS other",
        "EXPLAIN DELETE FROM epochs",
        "SELECT nonsense",
        "",
        "  ;",
        "-- nothing",
    };
    train(*state);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_status(*state, "sql", queries[i], 2);
        assert_string_equal(standard_output, "");
        assert_non_null(strstr(standard_error, "mlpsweep: error: "));
    }
    assert_int_not_equal(access(temporary_path(*state, "other.db"), F_OK), 0);
    assert_int_not_equal(access(temporary_path(*state, "copy.db"), F_OK), 0);
    assert_int_not_equal(access(temporary_path(*state, "x"), F_OK), 0);
    assert_status(*state, "sql --format csv", "SELECT count(*) AS n FROM trials", 0);
    assert_string_equal(standard_output, "n\n2\n");
}

static void reading_commands_work_on_what_was_trained(void **state) {
    static const char *const lines[] = {"status",
                                        "status good.yaml",
                                        "summary good.yaml",
                                        "plan good.yaml --format csv",
                                        "export trials",
                                        "export epochs --format jsonl"};
    train(*state);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_status(*state, lines[i], NULL, 0);
        assert_true(strlen(standard_output) > 0);
    }
}

static void trial_is_shown_by_a_unique_prefix_of_its_id(void **state) {
    char line[100];
    train(*state);
    assert_status(*state, "sql --format csv", "SELECT trial FROM trials LIMIT 1", 0);
    snprintf(line, sizeof line, "show %.12s", standard_output + strlen("trial\n"));
    assert_status(*state, line, NULL, 0);
    assert_non_null(strstr(standard_output, line + 5));
    for (size_t i = 0; i < metric_count; i++)
        if (!strstr(metrics[i].name, "mae"))
            assert_true(strstr(standard_output, metrics[i].name) || !metrics[i].live);
    assert_status(*state, "show zzzz", NULL, 2);
}

static void write_experiment(const char *folder, const char *more) {
    char text[1000];
    int length = snprintf(text, sizeof text, "%s%s", good, more);
    temporary_write(folder, "good.yaml", text, (size_t)length);
}

/* The number behind the first such text, and that it is within a tenth of another. */
static void assert_seconds(const char *before, double expected) {
    const char *at = strstr(standard_output, before);
    assert_non_null(at);
    double seconds = atof(at + strlen(before));
    if (!(seconds > 0.9 * expected && seconds < 1.1 * expected))
        fail_msg("%g s, not about %g", seconds, expected);
}

/* Twelve epochs take six times as long as the two that were timed, whatever the seed. Alone or in a
 * cohort, as the number of workers has it, is not quite the same. */
static void plan_estimates_seconds_from_what_was_timed(void **state) {
    assert_status(*state, "plan good.yaml", NULL, 0);
    assert_non_null(strstr(standard_output, "left, by the speed of this machine now;"));
    train(*state);
    assert_int_equal(run_in_shell(*state,
                                  "sqlite3 small.db \"UPDATE trial_rows SET train_seconds = "
                                  "CASE optimizer WHEN 'adam' THEN 10 ELSE 4 END\""),
                     0);
    assert_status(*state, "plan good.yaml --set epochs=12 --set seed=9 --format csv", NULL, 0);
    assert_seconds("optimizer=adam,9,17,1,planned,", 60);
    assert_seconds("optimizer=sgd,9,17,1,planned,", 24);
    assert_status(*state, "plan good.yaml --set topology=[4] --set optimizer=adam --format csv",
                  NULL, 0);
    double seconds = atof(strstr(standard_output, ",planned,") + strlen(",planned,"));
    assert_true(seconds >= 4 && seconds <= 15);
    assert_status(*state, "plan good.yaml --set epochs=12", NULL, 0);
    assert_seconds("done; about ", 84);
    assert_non_null(strstr(standard_output, "by what this machine has taken so far;"));
    assert_int_equal(
        run_in_shell(*state, "sqlite3 small.db \"UPDATE session_rows SET host = 'another'\""), 0);
    assert_status(*state, "plan good.yaml --set epochs=12", NULL, 0);
    assert_non_null(strstr(standard_output, "left, by the speed of this machine now;"));
}

/* The experiment with another sweep. */
static void write_sweep(const char *folder, const char *sweep) {
    char text[1000];
    int length = snprintf(text, sizeof text, "%.*ssweep: %s\n",
                          (int)(strstr(good, "sweep:") - good), good, sweep);
    temporary_write(folder, "good.yaml", text, (size_t)length);
}

/* Two axes of two values; what is done is not counted as left. */
static void plan_says_what_each_value_of_an_axis_comes_to(void **state) {
    static const char axes[] = "axis,value,trials,done,seconds,memory_bytes\n,,4,";
    write_sweep(*state, "{optimizer: [adam, sgd], topology: [[3], [5, 4]]}");
    assert_status(*state, "run --progress none good.yaml --where optimizer=adam", NULL, 0);
    assert_status(*state, "plan good.yaml --totals --format csv", NULL, 0);
    assert_memory_equal(standard_output, axes, sizeof axes - 1);
    assert_non_null(strstr(standard_output, "\noptimizer,adam,2,2,0,\noptimizer,sgd,2,0,"));
    assert_non_null(strstr(standard_output, "\ntopology,3,2,1,"));
    assert_non_null(strstr(standard_output, "\ntopology,5-4,2,1,"));
    double memory = atof(strchr(strstr(standard_output, ",,4,2,") + 6, ',') + 1);
    assert_true(memory > 1e6 && memory < 1e9);
    assert_status(*state, "plan good.yaml --totals", NULL, 0);
    assert_non_null(strstr(standard_output, "\n4 trials in 1 cohort, 2 done; about "));
    assert_non_null(strstr(standard_output, " GB of memory with "));
    assert_status(*state, "plan good.yaml --where optimizer=adam --totals --format csv", NULL, 0);
    assert_non_null(strstr(standard_output, "\n,,2,2,0,\n")); /* nothing is left to train */
    assert_int_equal(
        run_in_shell(*state, "\"$0\" plan --db small.db good.yaml --format json | python3 -c "
                             "'import json, sys; plan = json.load(sys.stdin); "
                             "assert len(plan[\"trials\"]) == 4 and len(plan[\"totals\"]) == 5; "
                             "assert plan[\"totals\"][0][\"trials\"] == 4; "
                             "assert plan[\"totals\"][4][\"value\"] == \"5-4\"'"),
        0);
}

static void long_axes_are_one_line_of_the_totals(void **state) {
    write_sweep(*state, "{l1: 'linspace(0, 1, 30)', l2: [0, 0.1]}");
    assert_status(*state, "plan good.yaml --totals", NULL, 0);
    assert_non_null(strstr(standard_output, "30 values"));
    assert_status(*state, "plan good.yaml --totals --format csv", NULL, 0);
    assert_null(strstr(standard_output, "30 values"));
}

static void file_means_its_plan_as_it_is_now(void **state) {
    static const char *const commands_of_files[] = {"status", "summary", "plot"};
    char line[100];
    train(*state);
    write_experiment(*state, "repeats: 2\n");
    assert_status(*state, "status good.yaml", NULL, 0);
    assert_non_null(strstr(standard_output, "2 of 4 trials of good.yaml were not run yet.\n"));
    write_experiment(*state, "repeats: 2\n");
    temporary_write(*state, "points", "1 1:1\n2 2:1\n1 1:2\n2 2:3\n1 1:4\n2 2:4\n", 36);
    for (size_t i = 0; i < sizeof commands_of_files / sizeof *commands_of_files; i++) {
        snprintf(line, sizeof line, "%s good.yaml", commands_of_files[i]);
        assert_refused(*state, line, 1,
                       "good.yaml: none of its 4 trials was run yet (mlpsweep run good.yaml)");
    }
    static const char one[] = "base: {dataset: moons, epochs: 1}\n";
    temporary_write_text(*state, "one.yaml", one);
    assert_refused(*state, "status one.yaml", 1,
                   "one.yaml: its trial was not run yet (mlpsweep run one.yaml)");
    assert_status(*state, "status small", NULL, 0);
}

static void trials_of_set_belong_to_the_file_and_are_said_apart(void **state) {
    train(*state);
    assert_status(*state, "run good.yaml -j 1 --progress none --set repeats=3", NULL, 0);
    assert_status(*state, "summary good.yaml", NULL, 0);
    assert_non_null(strstr(standard_output, "6 of 6 trials done"));
    assert_non_null(strstr(standard_output, "4 trials joined small by --set.\n"));
}

static void variants_that_only_set_added_are_named(void **state) {
    train(*state);
    assert_status(*state, "run good.yaml -j 1 --progress none --set topology=[7]", NULL, 0);
    assert_status(*state, "summary good.yaml", NULL, 0);
    assert_non_null(strstr(standard_output,
                           "joined small by --set; good.yaml has no such variant:\n"
                           "  topology=7"));
    assert_status(*state, "summary small", NULL, 0);
    assert_null(strstr(standard_output, "no such variant"));
}

static void name_means_the_experiment_in_the_database(void **state) {
    static const char *const lines[] = {"status small", "summary small", "plot small --format svg",
                                        "export trials --experiment small"};
    train(*state);
    unlink(temporary_path(*state, "good.yaml"));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_status(*state, lines[i], NULL, 0);
    assert_status(*state, "sql --format csv", "SELECT count(*) AS n FROM epochs", 0);
    assert_string_equal(standard_output, "n\n4\n");
}

static void name_that_run_would_not_write_is_left_out(void **state) {
    static const char *const lines[] = {"status", "summary", "plot --format svg"};
    train(*state);
    assert_int_equal(
        run_in_shell(*state,
                     "sqlite3 small.db \"INSERT INTO member_rows SELECT '../../' || char(27) "
                     "|| '[2Jx', trial_id, label, position, in_plan, origin FROM "
                     "member_rows\""),
        0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_status(*state, lines[i], NULL, 1);
        assert_string_equal(strstr(standard_error, "mlpsweep: error"),
                            "mlpsweep: error: small.db: an experiment has the name "
                            "'../../\\x1b[2Jx', which is none\n");
        assert_null(strchr(standard_output, '\x1b'));
    }
}

static void export_of_an_experiment_has_its_trials_alone(void **state) {
    train(*state);
    write_experiment(*state, "");
    assert_status(*state, "run good.yaml -j 1 --progress none --set seed=5 --set optimizer=sgd",
                  NULL, 0);
    temporary_write(*state, "other.yaml", good, sizeof good - 1);
    assert_status(*state, "export epochs --experiment small --format jsonl", NULL, 0);
    char *all = strdup(standard_output);
    assert_status(*state, "export epochs --format jsonl", NULL, 0);
    assert_string_equal(standard_output, all);
    free(all);
    assert_status(*state, "export epochs --experiment other", NULL, 1);
    assert_string_equal(standard_output, "");
}

static void experiment_that_is_missing_keeps_no_other_from_it(void **state) {
    static const char *const lines[] = {"status nothing good.yaml", "summary nothing small",
                                        "plot nothing small --format svg"};
    train(*state);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_status(*state, lines[i], NULL, 1);
        assert_non_null(
            strstr(standard_error, "small.db: no experiment 'nothing', and no such file"));
        assert_true(strstr(standard_output, "small") || strstr(standard_error, "plots/small"));
    }
    assert_refused(*state, "status smal", 1,
                   "small.db: no experiment 'smal', and no such file; did you mean 'small'?");
    assert_status(*state, "summary bad.yaml small", NULL, 3);
    assert_non_null(strstr(standard_output, "small"));
}

static void run_ends_with_what_it_did_and_where_the_results_are(void **state) {
    assert_status(*state, "run good.yaml -j 1 --progress none", NULL, 0);
    assert_non_null(strstr(standard_error,
                           "\n2 trained, 0 skipped, 0 elsewhere, 0 failed; results in small.db\n"));
    assert_status(*state, "run good.yaml -j 1 --progress lines --set repeats=2", NULL, 0);
    assert_non_null(
        strstr(standard_error, "2 of 4 trials to train, 2 done; results go to small.db\n"));
    assert_non_null(strstr(standard_error,
                           "\n2 trained, 2 skipped, 0 elsewhere, 0 failed; results in small.db\n"));
    assert_status(*state, "run good.yaml -j 1 --progress none", NULL, 0);
    assert_non_null(strstr(standard_error, "\n0 trained, 2 skipped, 0 elsewhere, 0 failed;"));
}

static void run_says_how_many_trials_lack_what_is_measured_later(void **state) {
    static const char lacking[] = "were trained before without what test_every or keep_weights ask "
                                  "for now: --fresh measures them\n";
    train(*state);
    assert_status(*state, "run good.yaml --set test_every=1", NULL, 0);
    assert_non_null(strstr(standard_error, lacking));
    assert_status(*state, "run good.yaml --set keep_weights=both", NULL, 0);
    assert_non_null(strstr(standard_error, lacking));
    assert_status(*state, "run good.yaml --set test_every=3 --set keep_weights=none", NULL, 0);
    assert_null(strstr(standard_error, lacking));
    assert_status(*state, "run good.yaml --fresh --set test_every=1 --set keep_weights=both", NULL,
                  0);
    assert_status(*state, "run good.yaml --set test_every=2 --set keep_weights=last", NULL, 0);
    assert_null(strstr(standard_error, lacking));
}

/* Some seconds of training. */
#if SANITIZED
#define SLOW_EPOCHS "300"
#else
#define SLOW_EPOCHS "1500"
#endif
#define SLOW                                                                                       \
    "run slow.yaml --db small.db -j 1 --set optimizer=sgd --set epochs=" SLOW_EPOCHS               \
    " --set topology=[400,400] --set batch_size=1 "

/* What helps a script to wait until a trial has this state. */
static const char waiting[] =
    "count() { sqlite3 small.db \"SELECT count(*) FROM trials WHERE $1\" 2>/dev/null || echo 0; }\n"
    "until_so() { for i in $(seq 200); do [ \"$(count \"$1\")\" = 1 ] && break; sleep 0.05; done; "
    "}\n";

/* good.yaml without what is warned of, as slow.yaml. */
static void write_slow_experiment(const char *folder) {
    char text[1000];
    int length = snprintf(text, sizeof text, "%s", good);
    memcpy(strstr(text, "test: points"), "test: others", 12);
    temporary_write(folder, "slow.yaml", text, (size_t)length);
    temporary_write(folder, "others", "2 1:1\n1 1:2\n", 12);
    temporary_write(folder, "points",
                    "1 1:1\n2 1:3\n1 1:2\n2 1:4\n1 1:0\n2 1:5\n1 2:1\n2 2:3\n1 2:2\n"
                    "2 2:4\n1 2:0\n2 2:5\n1 1:1 2:1\n2 1:9 2:3\n",
                    92);
}

static void run_waits_for_trials_in_other_processes(void **state) {
    char script[2000];
    write_slow_experiment(*state);
    snprintf(script, sizeof script,
             "%s\"$0\" " SLOW "--progress none 2>/dev/null &\n"
             "until_so \"state = 'running'\"\n"
             "\"$0\" " SLOW "--progress none --no-wait\n"
             "\"$0\" " SLOW "\n"
             "count \"state = 'done'\" >&2\n"
             "wait",
             waiting);
    assert_int_equal(run_in_shell(*state, script), 0);
    assert_string_equal(
        standard_error,
        "0 trained, 0 skipped, 1 elsewhere (1 still running), 0 failed; results in small.db\n"
        "nothing to train: 0 of 1 trial done, 1 running in another process\n"
        "waiting for 1 trial in another process (--no-wait does not wait)\n"
        "0 trained, 0 skipped, 1 elsewhere, 0 failed; results in small.db\n"
        "1\n");
}

/* The lock on the database tells who still trains. */
static void status_shows_no_trial_of_a_killed_process_as_running(void **state) {
    char script[2000];
    write_slow_experiment(*state);
    snprintf(
        script, sizeof script,
        "%sstate_now() { \"$0\" status --db small.db --format csv | tail -n 1 | cut -d , -f 5,6; "
        "}\n"
        "\"$0\" " SLOW "--progress none 2>/dev/null & pid=$!\n"
        "until_so \"state = 'running'\"\n"
        "state_now >&2\n"
        "{ kill -9 $pid; wait $pid; } 2>/dev/null\n"
        "state_now >&2",
        waiting);
    assert_int_equal(run_in_shell(*state, script), 0);
    assert_string_equal(standard_error, "1,0\n0,1\n");
}

static void run_after_an_interruption(const char *folder, const char *options) {
    char script[2000];
    write_slow_experiment(folder);
    snprintf(script, sizeof script,
             "%s\"$0\" " SLOW "--progress none 2>/dev/null & pid=$!\n"
             "until_so 'epochs_done > 3'\n"
             "kill $pid; wait $pid\n"
             "\"$0\" " SLOW "--progress bar --set repeats=2 %s",
             waiting, options);
    assert_int_equal(run_in_shell(folder, script), 0);
}

static void resumed_run_says_where_it_goes_on(void **state) {
    run_after_an_interruption(*state, "");
    assert_non_null(strstr(standard_error, "2 trials left: 1 goes on at epoch "));
    assert_non_null(strstr(standard_error, ", 1 is new; results go to small.db\n"));
}

static void fresh_run_says_that_it_starts_over(void **state) {
    run_after_an_interruption(*state, "--fresh");
    assert_non_null(strstr(standard_error, "2 of 2 trials to train; results go to small.db\n"));
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(wrong_command_lines_end_with_2_and_say_why),
        IN_A_FOLDER(unknown_letter_within_a_word_is_named),
        IN_A_FOLDER(list_of_nothing_names_what_there_is),
        IN_A_FOLDER(invalid_experiments_end_with_3),
        IN_A_FOLDER(invalid_data_end_with_3),
        IN_A_FOLDER(what_fails_while_running_ends_with_1),
        IN_A_FOLDER(merge_without_what_it_needs_makes_no_database),
        IN_A_FOLDER(full_disk_under_standard_output_ends_with_1),
        IN_A_FOLDER(closed_standard_output_ends_with_1),
        IN_A_FOLDER(reader_that_has_seen_enough_is_no_failure),
        IN_A_FOLDER(process_keeps_the_name_that_it_was_started_by),
        IN_A_FOLDER(help_names_every_command_and_explains_each),
        IN_A_FOLDER(help_of_options_is_aligned),
        IN_A_FOLDER(help_comes_without_a_command_too),
        IN_A_FOLDER(version_names_the_program_and_its_libraries),
        IN_A_FOLDER(every_kind_is_listed),
        IN_A_FOLDER(every_row_of_a_registry_is_listed_with_its_help),
        IN_A_FOLDER(metrics_and_figures_are_listed_with_their_help),
        IN_A_FOLDER(check_tells_what_an_experiment_comes_to),
        IN_A_FOLDER(check_reports_all_errors_of_all_files_in_one_pass),
        IN_A_FOLDER(sql_reads),
        IN_A_FOLDER(comments_and_semicolons_behind_a_query_are_no_second_one),
        IN_A_FOLDER(sql_tells_which_tables_and_columns_there_are),
        IN_A_FOLDER(sql_prints_what_is_no_text_too),
        IN_A_FOLDER(sql_streams_in_constant_memory),
        IN_A_FOLDER(sql_without_a_query_is_the_shell_of_sqlite),
        IN_A_FOLDER(sql_refuses_whatever_could_write),
        IN_A_FOLDER(reading_commands_work_on_what_was_trained),
        IN_A_FOLDER(run_ends_with_what_it_did_and_where_the_results_are),
        IN_A_FOLDER(run_says_how_many_trials_lack_what_is_measured_later),
        IN_A_FOLDER(status_shows_no_trial_of_a_killed_process_as_running),
        IN_A_FOLDER(resumed_run_says_where_it_goes_on),
        IN_A_FOLDER(fresh_run_says_that_it_starts_over),
        IN_A_FOLDER(run_waits_for_trials_in_other_processes),
        IN_A_FOLDER(plan_estimates_seconds_from_what_was_timed),
        IN_A_FOLDER(plan_says_what_each_value_of_an_axis_comes_to),
        IN_A_FOLDER(long_axes_are_one_line_of_the_totals),
        IN_A_FOLDER(file_means_its_plan_as_it_is_now),
        IN_A_FOLDER(trials_of_set_belong_to_the_file_and_are_said_apart),
        IN_A_FOLDER(variants_that_only_set_added_are_named),
        IN_A_FOLDER(name_means_the_experiment_in_the_database),
        IN_A_FOLDER(name_that_run_would_not_write_is_left_out),
        IN_A_FOLDER(export_of_an_experiment_has_its_trials_alone),
        IN_A_FOLDER(experiment_that_is_missing_keeps_no_other_from_it),
        IN_A_FOLDER(trial_is_shown_by_a_unique_prefix_of_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
