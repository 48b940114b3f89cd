/* What tests/reference/check_generators.py cannot see: sizes, names, and how they end early. */
#include "data/generator.h"

#include <math.h>
#include <string.h>

#include "test.h"

static struct data_source source_of(size_t i) {
    struct data_source source = *generator_source(i);
    source.generator = choice_default(&generators, source.name);
    return source;
}

static void every_generator_has_a_source_of_its_name_and_fills_its_rows(void **state) {
    (void)state;
    for (size_t i = 0; registry_row(&generators, i); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct dataset dataset;
        assert_ptr_equal(generator_source(i)->generator.entry, registry_row(&generators, i));
        assert_string_equal(generator_source(i)->name, registry_row(&generators, i)->name);
        struct data_source source = source_of(i);
        source.generator.arguments[0] = 300;
        assert_ok(dataset_load(&source, NULL, &arena, &dataset, &err), err);
        assert_int_equal(dataset.train.rows, 300);
        assert_int_equal(dataset.test.rows, 300);
        assert_int_equal(dataset.validation.rows, 0);
        assert_int_equal(strlen(dataset.digest), 32);
        const struct data_part *parts[] = {&dataset.train, &dataset.test};
        for (size_t p = 0; p < 2; p++) {
            for (size_t j = 0; j < 300 * dataset.inputs; j++)
                assert_true(isfinite(parts[p]->reals[j]));
            for (size_t r = 0; r < 300; r++)
                assert_true(parts[p]->labels ? parts[p]->labels[r] < dataset.classes
                                             : isfinite(parts[p]->targets[r]));
        }
        assert_memory_not_equal(parts[0]->reals, parts[1]->reals, 300 * sizeof(float));
        arena_close(&arena);
    }
}

static void digest_tells_arguments_apart(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct dataset datasets[4];
    for (size_t i = 0; i < 4; i++) {
        struct data_source source = source_of(1);
        if (i)
            source.generator.arguments[i - 1] += 1;
        assert_ok(dataset_load(&source, NULL, &arena, &datasets[i], &err), err);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(datasets[i].digest, datasets[j].digest);
    }
    arena_close(&arena);
}

static void making_rows_ends_when_it_is_asked_to(void **state) {
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct dataset dataset;
    atomic_int stop = 1;
    struct data_source source = source_of(0);
    assert_false(dataset_load(&source, &stop, &arena, &dataset, &err));
    assert_int_equal(err.kind, ERROR_INTERRUPTED);
    assert_string_equal(err.first->text, "interrupted while spirals was made");
    error_clear(&err);
    arena_close(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_generator_has_a_source_of_its_name_and_fills_its_rows),
        cmocka_unit_test(digest_tells_arguments_apart),
        cmocka_unit_test(making_rows_ends_when_it_is_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
