#include "nn/initializer.h"

#include "base/rng.h"
#include "nn/math.h"
#include "nn/orthogonal.h"

#include <math.h>

/* The sd of a standard normal cut off at 2 sd. */
static const double TRUNCATED_SD = 0.87962566103423978;

static size_t kernel_size(const struct kernel_shape *shape) {
    return (size_t)shape->fan_in * shape->fan_out;
}

/* Four words for elements 4 * block to 4 * block + 3. Redrawing takes the next stream. */
static struct rng_words words_of(const struct kernel_shape *shape, uint32_t block,
                                 uint32_t attempt) {
    struct rng rng = rng_stream(shape->seed, RNG_WEIGHTS | attempt << 16);
    return rng_draw(rng, block, shape->layer, shape->fan_in, shape->fan_out);
}

/* Two normals from two words (Box and Muller 1958). */
static void normal_pair(uint32_t a, uint32_t b, float *first, float *second) {
    float radius = sqrtf(-2.0F * math_log(rng_unit(a)));
    math_sincos(rng_unit(b), first, second);
    *first *= radius;
    *second *= radius;
}

static void normal_block(const struct kernel_shape *shape, uint32_t block, uint32_t attempt,
                         float z[4]) {
    struct rng_words words = words_of(shape, block, attempt);
    normal_pair(words.word[0], words.word[1], &z[0], &z[1]);
    normal_pair(words.word[2], words.word[3], &z[2], &z[3]);
}

static void gaussian(const struct kernel_shape *shape, double mean, double sd, float *kernel) {
    size_t n = kernel_size(shape);
    for (size_t i = 0; i < n; i += 4) {
        float z[4];
        normal_block(shape, (uint32_t)(i / 4), 0, z);
        for (size_t j = 0; j < 4 && i + j < n; j++)
            kernel[i + j] = (float)mean + (float)sd * z[j];
    }
}

static void truncated(const struct kernel_shape *shape, double mean, double sd, float *kernel) {
    size_t n = kernel_size(shape);
    for (size_t i = 0; i < n; i += 4) {
        float z[4];
        normal_block(shape, (uint32_t)(i / 4), 0, z);
        for (size_t j = 0; j < 4 && i + j < n; j++) {
            for (uint32_t attempt = 1; float_abs(z[j]) > 2.0F; attempt++) {
                float again[4];
                normal_block(shape, (uint32_t)(i / 4), attempt, again);
                z[j] = again[j];
            }
            kernel[i + j] = (float)mean + (float)sd * z[j];
        }
    }
}

static void uniform(const struct kernel_shape *shape, double low, double high, float *kernel) {
    size_t n = kernel_size(shape);
    for (size_t i = 0; i < n; i += 4) {
        struct rng_words words = words_of(shape, (uint32_t)(i / 4), 0);
        for (size_t j = 0; j < 4 && i + j < n; j++)
            kernel[i + j] = (float)low + (float)(high - low) * rng_unit(words.word[j]);
    }
}

static void fill(const struct kernel_shape *shape, double value, float *kernel) {
    for (size_t i = 0; i < kernel_size(shape); i++)
        kernel[i] = (float)value;
}

static void zeros_draw(const double *arguments, const struct kernel_shape *shape,
                       struct arena *scratch, float *kernel) {
    (void)arguments, (void)scratch;
    fill(shape, 0, kernel);
}

static void ones_draw(const double *arguments, const struct kernel_shape *shape,
                      struct arena *scratch, float *kernel) {
    (void)arguments, (void)scratch;
    fill(shape, 1, kernel);
}

static void constant_draw(const double *arguments, const struct kernel_shape *shape,
                          struct arena *scratch, float *kernel) {
    (void)scratch;
    fill(shape, arguments[0], kernel);
}

static void normal_draw(const double *arguments, const struct kernel_shape *shape,
                        struct arena *scratch, float *kernel) {
    (void)scratch;
    gaussian(shape, arguments[0], arguments[1], kernel);
}

static void uniform_draw(const double *arguments, const struct kernel_shape *shape,
                         struct arena *scratch, float *kernel) {
    (void)scratch;
    uniform(shape, arguments[0], arguments[1], kernel);
}

static void truncated_normal_draw(const double *arguments, const struct kernel_shape *shape,
                                  struct arena *scratch, float *kernel) {
    (void)scratch;
    truncated(shape, arguments[0], arguments[1], kernel);
}

enum mode { MODE_FAN_IN, MODE_FAN_OUT, MODE_FAN_AVG };
enum distribution { TRUNCATED_NORMAL, UNTRUNCATED_NORMAL, UNIFORM };

static const char *const mode_words[] = {"fan_in", "fan_out", "fan_avg", NULL};
static const char *const distribution_words[] = {"truncated_normal", "untruncated_normal",
                                                 "uniform", NULL};

/* Variance scale / fan (Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998). */
static void scaled(const struct kernel_shape *shape, double scale, enum mode mode,
                   enum distribution distribution, float *kernel) {
    double fan = mode == MODE_FAN_IN    ? shape->fan_in
                 : mode == MODE_FAN_OUT ? shape->fan_out
                                        : ((double)shape->fan_in + shape->fan_out) / 2;
    double sd = sqrt(scale / fan);
    if (distribution == UNIFORM)
        uniform(shape, -sqrt(3.0) * sd, sqrt(3.0) * sd, kernel);
    else if (distribution == TRUNCATED_NORMAL)
        truncated(shape, 0, sd / TRUNCATED_SD, kernel);
    else
        gaussian(shape, 0, sd, kernel);
}

static void variance_scaling_draw(const double *arguments, const struct kernel_shape *shape,
                                  struct arena *scratch, float *kernel) {
    (void)scratch;
    scaled(shape, arguments[0], (enum mode)arguments[1], (enum distribution)arguments[2], kernel);
}

#define SCALED(name, scale, mode, distribution)                                                    \
    static void name##_draw(const double *arguments, const struct kernel_shape *shape,             \
                            struct arena *scratch, float *kernel) {                                \
        (void)arguments, (void)scratch;                                                            \
        scaled(shape, scale, mode, distribution, kernel);                                          \
    }

SCALED(glorot_normal, 1, MODE_FAN_AVG, TRUNCATED_NORMAL)
SCALED(glorot_uniform, 1, MODE_FAN_AVG, UNIFORM)
SCALED(he_normal, 2, MODE_FAN_IN, TRUNCATED_NORMAL)
SCALED(he_uniform, 2, MODE_FAN_IN, UNIFORM)
SCALED(lecun_normal, 1, MODE_FAN_IN, TRUNCATED_NORMAL)
SCALED(lecun_uniform, 1, MODE_FAN_IN, UNIFORM)

/* Saxe et al. 2014. The matrix is drawn and factored with at least as many rows as columns. */
static void orthogonal_draw(const double *arguments, const struct kernel_shape *shape,
                            struct arena *scratch, float *kernel) {
    gaussian(shape, 0, 1, kernel);
    orthogonal_columns(shape->fan_in, shape->fan_out, arguments[0], scratch, kernel);
}

static void identity_draw(const double *arguments, const struct kernel_shape *shape,
                          struct arena *scratch, float *kernel) {
    (void)scratch;
    fill(shape, 0, kernel);
    for (size_t i = 0; i < shape->fan_in && i < shape->fan_out; i++)
        kernel[i * shape->fan_out + i] = (float)arguments[0];
}

#define MEAN                                                                                       \
    { "mean", "mean of the draws", ARGUMENT_NUMBER, -1e6, 1e6, 0, 0 }
#define STDDEV                                                                                     \
    { "stddev", "standard deviation of the draws", ARGUMENT_NUMBER, 0, 1e6, 0.05, 0 }
#define MINIMUM                                                                                    \
    { "min", "lower limit", ARGUMENT_NUMBER, -1e6, 1e6, -0.05, 0 }
#define MAXIMUM                                                                                    \
    { "max", "upper limit", ARGUMENT_NUMBER, -1e6, 1e6, 0.05, 0 }
#define GAIN                                                                                       \
    { "gain", "factor", ARGUMENT_NUMBER, -1e6, 1e6, 1, 0 }

static const struct initializer rows[] = {
    {{"zeros", "0", {{0}}}, zeros_draw, false},
    {{"ones", "1", {{0}}}, ones_draw, false},
    {{"constant", "one value", {{"value", "the value", ARGUMENT_NUMBER, -1e6, 1e6, 0, 0}}},
     constant_draw,
     false},
    {{"normal", "Gaussian, untruncated", {MEAN, STDDEV}}, normal_draw, false},
    {{"random_normal", "Gaussian, untruncated", {MEAN, STDDEV}}, normal_draw, false},
    {{"uniform", "uniform", {MINIMUM, MAXIMUM}}, uniform_draw, false},
    {{"random_uniform", "uniform", {MINIMUM, MAXIMUM}}, uniform_draw, false},
    {{"truncated_normal", "Gaussian, redrawn beyond 2 sd", {MEAN, STDDEV}},
     truncated_normal_draw,
     false},
    {{"glorot_normal", "truncated normal, variance 2 / (fan_in + fan_out)", {{0}}},
     glorot_normal_draw,
     false},
    {{"glorot_uniform", "uniform, variance 2 / (fan_in + fan_out)", {{0}}},
     glorot_uniform_draw,
     false},
    {{"he_normal", "truncated normal, variance 2 / fan_in", {{0}}}, he_normal_draw, false},
    {{"he_uniform", "uniform, variance 2 / fan_in", {{0}}}, he_uniform_draw, false},
    {{"lecun_normal", "truncated normal, variance 1 / fan_in", {{0}}}, lecun_normal_draw, false},
    {{"lecun_uniform", "uniform, variance 1 / fan_in", {{0}}}, lecun_uniform_draw, false},
    {{"variance_scaling",
      "variance scale / fan, the general form",
      {{"scale", "factor of the variance", ARGUMENT_NUMBER, 1e-9, 1e6, 1, 0},
       {"mode", "what the variance is divided by", ARGUMENT_WORD, 0, 0, MODE_FAN_IN, mode_words},
       {"distribution", "shape of the draws", ARGUMENT_WORD, 0, 0, TRUNCATED_NORMAL,
        distribution_words}}},
     variance_scaling_draw,
     false},
    {{"orthogonal", "orthonormal rows or columns", {GAIN}}, orthogonal_draw, false},
    {{"identity", "the identity matrix, for square kernels", {GAIN}}, identity_draw, true},
};

static const struct synonym synonyms[] = {
    {"glorot", "glorot_uniform"},
    {"xavier", "glorot_uniform"},
    {"xavier_uniform", "glorot_uniform"},
    {"xavier_normal", "glorot_normal"},
    {"he", "he_normal"},
    {"kaiming", "he_normal"},
    {"kaiming_uniform", "he_uniform"},
    {"kaiming_normal", "he_normal"},
    {"lecun", "lecun_normal"},
    {"gaussian", "normal"},
    {"randn", "normal"},
};

static const char *contradiction(const struct choice *choice) {
    const struct initializer *row = initializer_of(choice);
    bool reversed = row->draw == uniform_draw && choice->arguments[0] > choice->arguments[1];
    return reversed ? "min is above max" : NULL;
}

const struct registry initializers =
    REGISTRY_WITH("initializer", rows, SYNONYMS(synonyms), .contradiction = contradiction);

const struct initializer *initializer_of(const struct choice *choice) {
    return (const struct initializer *)(const void *)choice->entry;
}
