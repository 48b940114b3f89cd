/* First weights: moments, range and independence against docs/numerics.md, orthogonality, and some
 * draws fixed bit for bit. Each weight against NumPy: tests/reference/check_training.py. */
#include "nn/initializer.h"

#include <math.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { FAN_IN = 300, FAN_OUT = 200, SIZE = FAN_IN * FAN_OUT };

static const struct kernel_shape wide = {1, 0, FAN_IN, FAN_OUT};

static float kernel[SIZE], other[SIZE];

static void draw_text(const char *text, struct kernel_shape shape, float *out) {
    struct choice choice = inputs_choice(&initializers, text);
    struct arena scratch = {0};
    initializer_of(&choice)->draw(choice.arguments, &shape, &scratch, out);
    arena_close(&scratch);
}

enum distribution { CONSTANT, GAUSSIAN, TRUNCATED, UNIFORM, ORTHOGONAL, DIAGONAL };

/* The sd of a standard normal that is cut off at 2 sd. */
static const double cut_sd = 0.87962566103423978;

/* What numerics.md says about a kernel of 300 x 200: mean and standard deviation of its elements.
 */
static const struct {
    const char *text;
    enum distribution distribution;
    double mean, sd;
} expectations[] = {
    {"zeros", CONSTANT, 0, 0},
    {"ones", CONSTANT, 1, 0},
    {"constant", CONSTANT, 0, 0},
    {"constant(value=-0.25)", CONSTANT, -0.25, 0},
    {"normal", GAUSSIAN, 0, 0.05},
    {"random_normal", GAUSSIAN, 0, 0.05},
    {"normal(mean=3, stddev=2)", GAUSSIAN, 3, 2},
    {"normal(stddev=0)", CONSTANT, 0, 0},
    {"uniform", UNIFORM, 0, 0.05 / 1.7320508075688772},
    {"random_uniform", UNIFORM, 0, 0.05 / 1.7320508075688772},
    {"uniform(min=1, max=4)", UNIFORM, 2.5, 1.5 / 1.7320508075688772},
    {"truncated_normal", TRUNCATED, 0, 0.05 * 0.87962566103423978},
    {"truncated_normal(mean=-1, stddev=2)", TRUNCATED, -1, 2 * 0.87962566103423978},
    {"glorot_normal", TRUNCATED, 0, 0.06324555320336759}, /* sqrt(2 / 500) */
    {"glorot_uniform", UNIFORM, 0, 0.06324555320336759},
    {"he_normal", TRUNCATED, 0, 0.08164965809277261}, /* sqrt(2 / 300) */
    {"he_uniform", UNIFORM, 0, 0.08164965809277261},
    {"lecun_normal", TRUNCATED, 0, 0.057735026918962574}, /* sqrt(1 / 300) */
    {"lecun_uniform", UNIFORM, 0, 0.057735026918962574},
    {"variance_scaling", TRUNCATED, 0, 0.057735026918962574},
    {"variance_scaling(scale=2, mode=fan_out)", TRUNCATED, 0, 0.1},
    {"variance_scaling(distribution=untruncated_normal)", GAUSSIAN, 0, 0.057735026918962574},
    {"variance_scaling(mode=fan_avg, distribution=uniform)", UNIFORM, 0, 0.06324555320336759},
    {"orthogonal", ORTHOGONAL, 0, 0.057735026918962574}, /* rows of length 1 */
    {"orthogonal(gain=2)", ORTHOGONAL, 0, 0.11547005383792515},
    {"identity", DIAGONAL, 0, 0},
};
enum { EXPECTATIONS = sizeof expectations / sizeof *expectations };

static void every_row_is_expected_something_of(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&initializers, r)); r++) {
        size_t i = 0;
        while (i < EXPECTATIONS && strcmp(expectations[i].text, entry->name) != 0)
            i++;
        if (i == EXPECTATIONS)
            fail_msg("nothing is expected of initializer %s", entry->name);
    }
}

static void mean_and_standard_deviation_are_as_defined(void **state) {
    (void)state;
    for (size_t e = 0; e < EXPECTATIONS; e++) {
        if (expectations[e].distribution == DIAGONAL)
            continue;
        double sum = 0, squares = 0, mean = expectations[e].mean, sd = expectations[e].sd;
        draw_text(expectations[e].text, wide, kernel);
        for (size_t i = 0; i < SIZE; i++)
            sum += (double)kernel[i];
        for (size_t i = 0; i < SIZE; i++)
            squares += pow((double)kernel[i] - sum / SIZE, 2);
        if (!(fabs(sum / SIZE - mean) <= 4 * sd / sqrt(SIZE) + 1e-7))
            fail_msg("%s: mean %g, not %g", expectations[e].text, sum / SIZE, mean);
        if (!(fabs(sqrt(squares / SIZE) - sd) <= 4 * sd / sqrt(2.0 * SIZE) + 1e-7))
            fail_msg("%s: sd %g, not %g", expectations[e].text, sqrt(squares / SIZE), sd);
    }
}

/* How many sd of the distribution the farthest draw may be from the mean, and must nearly be. */
static void range_of(enum distribution distribution, double *least, double *most) {
    *least = distribution == GAUSSIAN ? 3.8 : 0.999 * (*most = sqrt(3));
    *most = distribution == GAUSSIAN ? 6 : *most;
    if (distribution == TRUNCATED)
        *least = 0.999 * (*most = 2 / cut_sd);
}

static void draws_fill_their_range_and_stay_inside(void **state) {
    (void)state;
    for (size_t e = 0; e < EXPECTATIONS; e++) {
        enum distribution distribution = expectations[e].distribution;
        if (distribution != GAUSSIAN && distribution != TRUNCATED && distribution != UNIFORM)
            continue;
        double low = 0, high = 0, least = 0, most = 0;
        range_of(distribution, &least, &most);
        draw_text(expectations[e].text, wide, kernel);
        for (size_t i = 0; i < SIZE; i++) {
            double units = ((double)kernel[i] - expectations[e].mean) / expectations[e].sd;
            low = fmin(low, units);
            high = fmax(high, units);
        }
        if (!(high >= least && -low >= least && high <= most + 1e-6 && -low <= most + 1e-6))
            fail_msg("%s: from %g to %g sd", expectations[e].text, low, high);
    }
}

static void normal_draws_have_the_shape_of_a_bell(void **state) {
    (void)state;
    static const struct {
        double below, share; /* of |z| */
    } points[] = {{0.5, 0.382925}, {1, 0.682689}, {1.5, 0.866386}, {2, 0.954500}, {3, 0.997300}};
    draw_text("normal(stddev=1)", wide, kernel);
    for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
        double count = 0;
        for (size_t i = 0; i < SIZE; i++)
            count += fabs((double)kernel[i]) < points[p].below ? 1 : 0;
        assert_true(fabs(count / SIZE - points[p].share) < 4 * 0.5 / sqrt(SIZE));
    }
}

static void neighbouring_draws_are_not_correlated(void **state) {
    (void)state;
    static const char *const texts[] = {"normal(stddev=1)", "uniform(min=-1.732, max=1.732)"};
    for (size_t t = 0; t < 2; t++) {
        draw_text(texts[t], wide, kernel);
        for (size_t lag = 1; lag <= 8; lag++) {
            double sum = 0;
            for (size_t i = lag; i < SIZE; i++)
                sum += (double)kernel[i] * (double)kernel[i - lag];
            assert_true(fabs(sum / SIZE) < 4 / sqrt(SIZE));
        }
    }
}

static bool is_drawn(size_t e) {
    return expectations[e].distribution != CONSTANT && expectations[e].distribution != DIAGONAL;
}

static void same_key_gives_the_same_draws(void **state) {
    (void)state;
    for (size_t e = 0; e < EXPECTATIONS; e++) {
        draw_text(expectations[e].text, (struct kernel_shape){7, 2, 30, 20}, kernel);
        draw_text(expectations[e].text, (struct kernel_shape){7, 2, 30, 20}, other);
        assert_memory_equal(kernel, other, 30 * 20 * sizeof *kernel);
    }
}

static void any_other_key_gives_other_draws(void **state) {
    (void)state;
    static const struct kernel_shape others[] = {
        {8, 2, 30, 20}, {7 | UINT64_C(1) << 40, 2, 30, 20},
        {7, 3, 30, 20}, {7, 2, 20, 30},
        {7, 2, 30, 21}, {7, 2, 31, 20},
    };
    for (size_t e = 0; e < EXPECTATIONS; e++)
        for (size_t o = 0; is_drawn(e) && o < sizeof others / sizeof *others; o++) {
            draw_text(expectations[e].text, (struct kernel_shape){7, 2, 30, 20}, kernel);
            draw_text(expectations[e].text, others[o], other);
            size_t same = 0;
            for (size_t i = 0; i < 600; i++)
                same += kernel[i] == other[i];
            assert_true(same < 10);
        }
}

/* Families whose members differ in scale and in nothing else. */
static void family_rescales_the_same_draws(void **state) {
    (void)state;
    static const char *const families[][4] = {
        {"normal", "random_normal", "normal(stddev=3)",
         "variance_scaling(distribution=untruncated_normal)"},
        {"truncated_normal", "glorot_normal", "he_normal", "lecun_normal"},
        {"uniform", "glorot_uniform", "he_uniform", "lecun_uniform"},
    };
    for (size_t f = 0; f < 3; f++)
        for (size_t member = 1; member < 4; member++) {
            draw_text(families[f][0], wide, kernel);
            draw_text(families[f][member], wide, other);
            double scale = (double)other[0] / (double)kernel[0];
            for (size_t i = 0; i < SIZE; i++) {
                double difference = (double)other[i] - scale * (double)kernel[i];
                assert_true(fabs(difference) <= 1e-6 * fabs((double)other[i]) + 2e-8 * scale);
            }
        }
}

static void truncation_redraws_the_tails_and_keeps_the_rest(void **state) {
    (void)state;
    size_t redrawn = 0;
    draw_text("normal(stddev=1)", wide, kernel);
    draw_text("truncated_normal(stddev=1)", wide, other);
    for (size_t i = 0; i < SIZE; i++)
        if (fabsf(kernel[i]) > 2)
            redrawn++;
        else
            assert_true(other[i] == kernel[i]);
    assert_true(redrawn > SIZE / 25 && redrawn < SIZE / 20); /* 4.55 % */
}

static void named_scalings_are_cases_of_the_general_one(void **state) {
    (void)state;
    static const struct {
        const char *name, *general;
    } pairs[] = {
        {"glorot_normal", "variance_scaling(mode=fan_avg)"},
        {"glorot_uniform", "variance_scaling(mode=fan_avg, distribution=uniform)"},
        {"he_normal", "variance_scaling(scale=2)"},
        {"he_uniform", "variance_scaling(scale=2, distribution=uniform)"},
        {"lecun_normal", "variance_scaling"},
        {"lecun_uniform", "variance_scaling(distribution=uniform)"},
    };
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        draw_text(pairs[p].name, wide, kernel);
        draw_text(pairs[p].general, wide, other);
        assert_memory_equal(kernel, other, sizeof kernel);
    }
}

static const struct kernel_shape kernels[] = {{3, 1, 40, 15}, {3, 1, 15, 40}, {3, 1, 24, 24},
                                              {3, 1, 9, 1},   {3, 1, 1, 9},   {3, 1, 1, 1}};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* Element i of vector v: the vectors are the rows or columns along the kernel's longer side. */
static double element(const float *k, struct kernel_shape shape, size_t v, size_t i) {
    return (double)(shape.fan_in >= shape.fan_out ? k[i * shape.fan_out + v]
                                                  : k[v * shape.fan_out + i]);
}

static double product(const float *a, size_t u, const float *b, size_t v,
                      struct kernel_shape shape) {
    size_t length = shape.fan_in > shape.fan_out ? shape.fan_in : shape.fan_out;
    double sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += element(a, shape, u, i) * element(b, shape, v, i);
    return sum;
}

static size_t shorter(struct kernel_shape shape) {
    return shape.fan_in < shape.fan_out ? shape.fan_in : shape.fan_out;
}

static void orthogonal_kernels_have_orthonormal_vectors_times_the_gain(void **state) {
    (void)state;
    for (size_t s = 0; s < KERNELS; s++) {
        draw_text("orthogonal(gain=1.5)", kernels[s], kernel);
        for (size_t u = 0; u < shorter(kernels[s]); u++)
            for (size_t v = 0; v <= u; v++) {
                double expected = u == v ? 2.25 : 0;
                assert_true(fabs(product(kernel, u, kernel, v, kernels[s]) - expected) < 1e-6);
            }
    }
}

/* With Q the result and A the draws, R = Q^T A is upper triangular, and its diagonal positive. */
static void orthogonal_kernels_are_the_q_of_the_gaussian_draws(void **state) {
    (void)state;
    for (size_t s = 0; s < KERNELS; s++) {
        draw_text("orthogonal", kernels[s], kernel);
        draw_text("normal(stddev=1)", kernels[s], other);
        for (size_t v = 0; v < shorter(kernels[s]); v++) {
            assert_true(product(kernel, v, other, v, kernels[s]) > 0);
            for (size_t u = v + 1; u < shorter(kernels[s]); u++)
                assert_true(fabs(product(kernel, u, other, v, kernels[s])) < 1e-5);
        }
    }
}

static void identity_is_the_gain_on_the_diagonal(void **state) {
    (void)state;
    draw_text("identity(gain=-0.5)", (struct kernel_shape){1, 0, 12, 12}, kernel);
    for (size_t i = 0; i < 144; i++)
        assert_true(kernel[i] == (i / 12 == i % 12 ? -0.5F : 0.0F));
}

static void only_identity_needs_a_square_kernel(void **state) {
    (void)state;
    const struct entry *entry;
    for (size_t r = 0; (entry = registry_row(&initializers, r)); r++) {
        struct choice choice = choice_default(&initializers, entry->name);
        assert_int_equal(initializer_of(&choice)->square_only,
                         strcmp(entry->name, "identity") == 0);
    }
}

static void nothing_is_written_behind_the_kernel(void **state) {
    (void)state;
    for (size_t e = 0; e < EXPECTATIONS; e++)
        for (uint32_t n = 1; n < 10; n++) {
            kernel[n] = 77;
            draw_text(expectations[e].text, (struct kernel_shape){1, 0, n, 1}, kernel);
            assert_true(kernel[n] == 77);
        }
}

/* Another number is another numerics version. */
static void draws_of_seed_1_are_these(void **state) {
    (void)state;
    static const struct {
        const char *text;
        float values[4];
    } golden[] = {
        {"normal(stddev=1)", {0x1.1a3ec2p-7F, 0x1.6132f4p+1F, -0x1.721a8ep-2F, -0x1.7862f6p-2F}},
        {"uniform(min=0, max=1)", {0x1.6beecp-6F, 0x1.0478p-11F, 0x1.c04c26p-1F, 0x1.3f506ep-1F}},
        {"he_normal", {0x1.95df1ep-8F, 0x1.3be9dp-1F, -0x1.0a1b48p-2F, -0x1.0e9fbcp-2F}},
        {"orthogonal", {0x1.dc8ddep-8F, 0x1.a39a7ap-1F, 0x1.b0fab4p-2F, -0x1.3dc0dp-2F}},
    };
    for (size_t g = 0; g < sizeof golden / sizeof *golden; g++) {
        draw_text(golden[g].text, (struct kernel_shape){1, 0, 5, 3}, kernel);
        if (memcmp(kernel, golden[g].values, sizeof golden[g].values) != 0)
            fail_msg("%s: %aF, %aF, %aF, %aF", golden[g].text, (double)kernel[0], (double)kernel[1],
                     (double)kernel[2], (double)kernel[3]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_expected_something_of),
        cmocka_unit_test(mean_and_standard_deviation_are_as_defined),
        cmocka_unit_test(draws_fill_their_range_and_stay_inside),
        cmocka_unit_test(normal_draws_have_the_shape_of_a_bell),
        cmocka_unit_test(neighbouring_draws_are_not_correlated),
        cmocka_unit_test(same_key_gives_the_same_draws),
        cmocka_unit_test(any_other_key_gives_other_draws),
        cmocka_unit_test(family_rescales_the_same_draws),
        cmocka_unit_test(truncation_redraws_the_tails_and_keeps_the_rest),
        cmocka_unit_test(named_scalings_are_cases_of_the_general_one),
        cmocka_unit_test(orthogonal_kernels_have_orthonormal_vectors_times_the_gain),
        cmocka_unit_test(orthogonal_kernels_are_the_q_of_the_gaussian_draws),
        cmocka_unit_test(identity_is_the_gain_on_the_diagonal),
        cmocka_unit_test(only_identity_needs_a_square_kernel),
        cmocka_unit_test(nothing_is_written_behind_the_kernel),
        cmocka_unit_test(draws_of_seed_1_are_these),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
