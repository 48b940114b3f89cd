/* What holds for every file of src/: which headers it may include (docs/architecture.md); and for
 * every file of src/ and tests/: that it begins with what it is for. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static const struct {
    const char *module;
    int rank;
} modules[] = {{"base", 0}, {"data", 1},  {"nn", 1},     {"trial", 2}, {"plan", 3},
               {"run", 3},  {"store", 3}, {"report", 4}, {"cli", 5}};
enum { MODULES = sizeof modules / sizeof *modules };

/* Headers of other people's libraries, each with the one place that may include it. */
static const struct {
    const char *header, *home; /* a file, or a module with its slash */
} homes[] = {
    {"cblas.h", "nn/matrix.c"}, {"yaml.h", "plan/yaml.c"},     {"sqlite3.h", "store/"},
    {"zlib.h", "data/"},        {"xxhash.h", "base/digest.c"}, {"sha2.h", "base/digest.c"},
};
enum { HOMES = sizeof homes / sizeof *homes };

/* The module that a path "MODULE/..." begins with: its number, or -1. */
static int module_of(const char *path) {
    size_t length = strcspn(path, "/");
    for (int i = 0; i < MODULES; i++)
        if (strlen(modules[i].module) == length && memcmp(modules[i].module, path, length) == 0 &&
            path[length] == '/')
            return i;
    return -1;
}

static bool may_include(const char *path, const char *header) {
    int from = module_of(path), to = module_of(header);
    return from >= 0 && to >= 0 && (from == to || modules[to].rank < modules[from].rank);
}

static bool is_at_home(const char *path, const char *header) {
    for (size_t i = 0; i < HOMES; i++)
        if (strcmp(homes[i].header, header) == 0)
            return strncmp(path, homes[i].home, strlen(homes[i].home)) == 0;
    return true;
}

/* Of an #include line its bracket or quote, and the header's name; 0 for any other line. */
static char include_of(const char *line, char header[256]) {
    char bracket;
    line += strspn(line, " \t");
    if (*line != '#' || sscanf(line + 1, " include %c%255[^>\"\n]", &bracket, header) != 2)
        return 0;
    return bracket;
}

/* What a file is for is said in the first line of its header, else in its own. */
static bool is_opened(const char *name, const char *first_line) {
    char header[4096];
    size_t length = strlen(name);
    snprintf(header, sizeof header, "%.*sh", (int)length - 1, name);
    return strncmp(first_line, "/*", 2) == 0 ||
           (name[length - 1] == 'c' && access(header, F_OK) == 0);
}

struct survey {
    size_t files, tests, includes, wrong, silent; /* files: of src/ */
    bool module_seen[MODULES];
};

static struct survey survey; /* nftw hands nothing to its callback */

static void look_at_line(const char *path, size_t number, const char *line) {
    char header[256];
    char bracket = include_of(line, header);
    if (!bracket)
        return;
    survey.includes++;
    if (bracket == '"' ? may_include(path, header) : is_at_home(path, header))
        return;
    survey.wrong++;
    print_error("src/%s:%zu: must not include %s\n", path, number, header);
}

static int look_at_file(const char *name, const struct stat *info, int type, struct FTW *walk) {
    static const char project[] = PROJECT_DIR "/", src[] = "src/";
    (void)info, (void)walk;
    size_t length = strlen(name);
    if (type != FTW_F || length < 2 || name[length - 2] != '.' || !strchr("ch", name[length - 1]))
        return 0;
    const char *path = name + strlen(project);
    bool is_source = strncmp(path, src, strlen(src)) == 0;
    char line[4096];
    FILE *file = fopen(name, "r");
    if (!file)
        return 0; /* an editor's file that is gone again */
    int module = is_source ? module_of(path + strlen(src)) : -1;
    if (module >= 0)
        survey.module_seen[module] = true;
    *(is_source ? &survey.files : &survey.tests) += 1;
    for (size_t number = 1; fgets(line, sizeof line, file); number++) {
        if (number == 1 && !is_opened(name, line)) {
            survey.silent++;
            print_error("%s: does not begin with what it is for\n", path);
        }
        if (is_source)
            look_at_line(path + strlen(src), number, line);
    }
    fclose(file);
    return 0;
}

static int look_at_all(void **state) {
    (void)state;
    return nftw(PROJECT_DIR "/src", look_at_file, 16, FTW_PHYS) ||
           nftw(PROJECT_DIR "/tests", look_at_file, 16, FTW_PHYS);
}

static void includes_go_to_a_lower_rank_or_stay(void **state) {
    (void)state;
    assert_int_equal(survey.wrong, 0);
}

static void files_begin_with_what_they_are_for(void **state) {
    (void)state;
    assert_int_equal(survey.silent, 0);
    assert_false(is_opened(PROJECT_DIR "/src/nn/net.h", "#include <math.h>\n"));
    assert_false(is_opened(PROJECT_DIR "/src/cli/main.c", "#include <math.h>\n"));
    assert_true(is_opened(PROJECT_DIR "/src/nn/net.c", "#include <math.h>\n"));
}

static void survey_has_seen_every_module_and_the_tests(void **state) {
    (void)state;
    for (int i = 0; i < MODULES; i++)
        if (!survey.module_seen[i])
            fail_msg("nothing in src/%s", modules[i].module);
    assert_true(survey.includes > survey.files);
    assert_true(survey.tests > MODULES);
}

static void rules_tell_right_from_wrong(void **state) {
    (void)state;
    static const struct {
        const char *path, *header;
        bool allowed;
    } cases[] = {
        {"nn/net.c", "nn/net.h", true},           {"nn/net.c", "base/rng.h", true},
        {"nn/net.c", "data/split.h", false},      {"data/split.c", "nn/net.h", false},
        {"base/rng.c", "nn/net.h", false},        {"trial/knob.c", "data/scale.h", true},
        {"run/cohort.c", "plan/plan.h", false},   {"store/claim.c", "run/cohort.h", false},
        {"report/show.c", "store/store.h", true}, {"report/show.c", "cli/cli.h", false},
        {"cli/main.c", "report/show.h", true},    {"nn/net.c", "net.h", false},
        {"nn/net.c", "nnet/net.h", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (may_include(cases[i].path, cases[i].header) != cases[i].allowed)
            fail_msg("%s, %s", cases[i].path, cases[i].header);
    assert_true(is_at_home("nn/matrix.c", "cblas.h"));
    assert_false(is_at_home("nn/net.c", "cblas.h"));
    assert_true(is_at_home("store/claim.c", "sqlite3.h"));
    assert_false(is_at_home("report/show.c", "sqlite3.h"));
    assert_true(is_at_home("nn/net.c", "string.h"));
}

static void lines_that_include_are_told_from_others(void **state) {
    (void)state;
    char header[256];
    assert_int_equal(include_of("#include \"nn/net.h\"\n", header), '"');
    assert_string_equal(header, "nn/net.h");
    assert_int_equal(include_of("  #  include <zlib.h> /* gz */\n", header), '<');
    assert_string_equal(header, "zlib.h");
    assert_int_equal(include_of("// #include <zlib.h>\n", header), 0);
    assert_int_equal(include_of("#define include <zlib.h>\n", header), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(includes_go_to_a_lower_rank_or_stay),
        cmocka_unit_test(files_begin_with_what_they_are_for),
        cmocka_unit_test(survey_has_seen_every_module_and_the_tests),
        cmocka_unit_test(rules_tell_right_from_wrong),
        cmocka_unit_test(lines_that_include_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, look_at_all, NULL);
}
