/* The ways to write a topology, the one way in which it is written back, and what is refused. */
#include "trial/topology.h"

#include "test.h"

static const struct place here = {"a.yaml", NULL, 3, 11};

static struct topology parsed(const char *text) {
    struct topology topology;
    struct error err = {0};
    assert_ok(topology_parse(text, here, &topology, &err), err);
    return topology;
}

static const struct {
    const char *written, *text, *list;
} spellings[] = {
    {"[20, 15]", "20-15", "[20, 15]"},
    {"20-15", "20-15", "[20, 15]"},
    {"[20,15]", "20-15", "[20, 15]"},
    {"[ 20 , 15 ]", "20-15", "[20, 15]"},
    {"64x3", "64-64-64", "[64, 64, 64]"},
    {"[64x2, 10]", "64-64-10", "[64, 64, 10]"},
    {"10-64x2", "10-64-64", "[10, 64, 64]"},
    {"20", "20", "[20]"},
    {"[1000000]", "1000000", "[1000000]"},
    {"[]", "none", "[]"},
    {"[ ]", "none", "[]"},
    {"none", "none", "[]"},
};
enum { SPELLINGS = sizeof spellings / sizeof *spellings };

static void each_spelling_is_written_in_one_way(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < SPELLINGS; i++) {
        struct topology topology = parsed(spellings[i].written);
        assert_string_equal(topology_text(&topology, &arena), spellings[i].text);
        assert_string_equal(topology_list(&topology, &arena), spellings[i].list);
    }
    arena_close(&arena);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < SPELLINGS; i++) {
        struct topology topology = parsed(spellings[i].written);
        struct topology from_text = parsed(topology_text(&topology, &arena));
        struct topology from_list = parsed(topology_list(&topology, &arena));
        assert_int_equal(topology_compare(&topology, &from_text), 0);
        assert_int_equal(topology_compare(&topology, &from_list), 0);
    }
    arena_close(&arena);
}

static void deepest_topology_is_allowed(void **state) {
    (void)state;
    struct topology topology = parsed("1x32");
    assert_int_equal(topology.depth, HIDDEN_LAYERS_MAX);
    assert_int_equal(topology.width[HIDDEN_LAYERS_MAX - 1], 1);
}

static void what_is_no_topology_is_refused_at_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[20, 0]", "a layer has 1 to 1000000 units, not 0"},
        {"1000001", "a layer has 1 to 1000000 units, not 1000001"},
        {"[1x33]", "a topology has at most 32 hidden layers"},
        {"20x18446744073709551615", "a topology has at most 32 hidden layers"},
        {"1x30-1-1-1", "a topology has at most 32 hidden layers"},
        {"[20, 15", "topology must be a list of widths such as [20, 15], not '[20, 15'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct topology topology;
        struct error err = {0};
        assert_false(topology_parse(cases[i].text, here, &topology, &err));
        assert_int_equal(err.kind, ERROR_INVALID);
        assert_int_equal(err.count, 1);
        assert_string_equal(err.first->text, cases[i].message);
        assert_int_equal(err.first->line, 3);
        assert_int_equal(err.first->column, 11);
        error_clear(&err);
    }
}

static void text_that_is_no_list_of_widths_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",       "[",        "]",      "20]",    "[20 15]",
        "[20, ]", "[20,,15]", "20-",    "-20",    "20--15",
        "20,15",  "[20-15]",  "2.5",    "1e2",    "abc",
        "64x",    "x3",       "64x3x2", "[[20]]", "[20] 15",
        "0x10",   "64 x3",    "None",   "64x0",   "99999999999999999999"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct topology topology;
        struct error err = {0};
        if (topology_parse(cases[i], here, &topology, &err))
            fail_msg("'%s' is read", cases[i]);
        assert_int_equal(err.count, 1);
        error_clear(&err);
    }
}

static void topologies_are_equal_only_with_the_same_widths_in_the_same_order(void **state) {
    (void)state;
    struct topology a = parsed("20-15"), b = parsed("15-20"), c = parsed("20"), none = parsed("[]");
    struct topology again = parsed("[20, 15]");
    assert_int_equal(topology_compare(&a, &again), 0);
    assert_int_not_equal(topology_compare(&a, &b), 0);
    assert_int_not_equal(topology_compare(&a, &c), 0);
    assert_int_not_equal(topology_compare(&c, &none), 0);
    assert_int_equal(topology_compare(&none, &none), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_is_written_in_one_way),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(deepest_topology_is_allowed),
        cmocka_unit_test(what_is_no_topology_is_refused_at_its_place),
        cmocka_unit_test(text_that_is_no_list_of_widths_is_refused),
        cmocka_unit_test(topologies_are_equal_only_with_the_same_widths_in_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
