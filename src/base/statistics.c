#include "base/statistics.h"

#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { EXACT_FLIPS_MAX = 16, RANDOM_FLIPS = 100000 };

double mean_of(const double *values, size_t count) {
    double sum = 0, minimum = (double)INFINITY, maximum = -(double)INFINITY;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            continue;
        minimum = fmin(minimum, values[i]);
        maximum = fmax(maximum, values[i]);
        sum += values[i];
        n++;
    }
    if (!n)
        return (double)NAN;
    return minimum == maximum ? minimum : sum / (double)n;
}

struct moments moments_of(const double *values, size_t count, size_t stride) {
    struct moments m = {.mean = (double)NAN,
                        .sd = (double)NAN,
                        .half = (double)NAN,
                        .minimum = (double)NAN,
                        .maximum = (double)NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double x = values[i * stride];
        if (isnan(x))
            continue;
        m.minimum = m.n == 0 || x < m.minimum ? x : m.minimum;
        m.maximum = m.n == 0 || x > m.maximum ? x : m.maximum;
        sum += x;
        m.n++;
    }
    if (!m.n)
        return m;
    /* The mean of equal values is that value, and their spread is 0, whatever the sum rounds to. */
    m.mean = m.minimum == m.maximum ? m.minimum : sum / (double)m.n;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i * stride]))
            squares += (values[i * stride] - m.mean) * (values[i * stride] - m.mean);
    if (m.n > 1) {
        m.sd = sqrt(squares / (double)(m.n - 1));
        m.half = t_quantile((double)(m.n - 1)) * m.sd / sqrt((double)m.n);
    }
    return m;
}

/* By Stirling's series above 15, and by the recurrence below. C's own lgamma writes a global. */
static double log_gamma(double x) {
    double shift = 0;
    for (; x < 15; x++)
        shift += log(x);
    double r = 1 / (x * x);
    double series =
        (1.0 / 12 + r * (-1.0 / 360 + r * (1.0 / 1260 + r * (-1.0 / 1680 + r / 1188)))) / x;
    return (x - 0.5) * log(x) - x + 0.5 * log(2 * acos(-1)) + series - shift;
}

/* The continued fraction of the incomplete beta function, by Lentz's method.
 * Source: Abramowitz and Stegun, 26.5.8. */
static double beta_fraction(double a, double b, double x) {
    double tiny = 1e-300, c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double h = d;
    for (int i = 1; i < 100000; i++) {
        double m = i;
        for (int odd = 0; odd < 2; odd++) {
            double t = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                           : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 + t * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + t / c;
            c = fabs(c) < tiny ? tiny : c;
            h *= d * c;
        }
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return h;
}

/* I_x(a, b); y is 1 - x, given for its own sake so that no digits are lost near x = 1. */
static double incomplete_beta(double a, double b, double x, double y) {
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                     : 1 - front * beta_fraction(b, a, y) / b;
}

/* Source: the expansion in 1/degrees of Abramowitz and Stegun, 26.7.5. */
static double t_quantile_by_expansion(double n) {
    double z = NORMAL_QUANTILE, z2 = z * z;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    return z + (g1 + (g2 + g3 / n) / n) / n;
}

/* Newton's method from below: the tail is convex, so that no step goes too far. The normal quantile
 * is far below for few degrees, and the expansion close to the quantile for more. */
static double t_quantile_by_newton(double degrees) {
    double t = degrees < 5 ? NORMAL_QUANTILE : t_quantile_by_expansion(degrees);
    double scale =
        exp(log_gamma((degrees + 1) / 2) - log_gamma(degrees / 2)) / sqrt(degrees * acos(-1));
    for (int i = 0; i < 100; i++) {
        double whole = degrees + t * t;
        double tail = incomplete_beta(degrees / 2, 0.5, degrees / whole, t * t / whole);
        double density = scale * exp(-(degrees + 1) / 2 * log1p(t * t / degrees));
        double step = (tail - 0.05) / (2 * density);
        t += step;
        if (fabs(step) < 1e-13 * t)
            break;
    }
    return t;
}

double t_quantile(double degrees) {
    return degrees < 1000 ? t_quantile_by_newton(degrees) : t_quantile_by_expansion(degrees);
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void sort_ascending(double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
}

/* The median of |value - centre|; of the values themselves where there is no centre. */
static double median_around(const double *values, size_t count, const double *centre) {
    struct arena arena = {0};
    double *sorted = arena_alloc(&arena, count, sizeof *sorted), result = (double)NAN;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            sorted[n++] = centre ? fabs(values[i] - *centre) : values[i];
    sort_ascending(sorted, n);
    if (n)
        result = n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
    arena_close(&arena);
    return result;
}

double median_of(const double *values, size_t count) {
    return median_around(values, count, NULL);
}

double median_absolute_deviation(const double *values, size_t count) {
    double centre = median_of(values, count);
    return median_around(values, count, &centre);
}

struct interval interval_of(const struct moments *m) {
    return (struct interval){m->mean, m->mean - m->half, m->mean + m->half};
}

struct interval welch_interval(const struct moments *a, const struct moments *b) {
    double difference = a->mean - b->mean;
    double va = a->sd * a->sd / (double)a->n, vb = b->sd * b->sd / (double)b->n;
    if (va + vb == 0)
        return (struct interval){difference, difference, difference};
    double degrees =
        (va + vb) * (va + vb) / (va * va / (double)(a->n - 1) + vb * vb / (double)(b->n - 1));
    double half = isnan(degrees) ? (double)NAN : t_quantile(degrees) * sqrt(va + vb);
    return (struct interval){difference, difference - half, difference + half};
}

double correlation(const double *x, const double *y, size_t n) {
    struct moments a = moments_of(x, n, 1), b = moments_of(y, n, 1);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - a.mean) * (y[i] - b.mean);
    return a.sd > 0 && b.sd > 0 ? sum / ((double)(n - 1) * a.sd * b.sd) : (double)NAN;
}

/* A value of a pair was divided, and may be the mean of a few others: each step rounds by at most
 * half of DBL_EPSILON. */
#define VALUE_ROUNDING (8 * DBL_EPSILON)

struct differences differences_of(const double *x, const double *y, size_t n, double *differences) {
    struct differences result = {.rounding = 0};
    double size = 0;
    for (size_t i = 0; i < n; i++) {
        double rounding = VALUE_ROUNDING * (fabs(x[i]) + fabs(y[i])), d = y[i] - x[i];
        differences[i] = isfinite(d) && fabs(d) <= rounding ? 0 : d;
        result.rounding += rounding;
        size += fabs(differences[i]);
    }
    result.rounding += DBL_EPSILON * (double)n * size; /* of n additions */
    result.moments = moments_of(differences, n, 1);
    if (isfinite(result.moments.mean) && fabs(result.moments.mean) * (double)n <= result.rounding)
        result.moments.mean = 0;
    return result;
}

/* Sums that differ by rounding alone count as equal: by that of the differences' own operands, and
 * of adding them up. */
static double flip_threshold(const double *differences, size_t n, double rounding) {
    double sum = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        sum += differences[i];
        size += fabs(differences[i]);
    }
    return fabs(sum) - fmax(rounding, 1e-12 * size);
}

/* All sums of n differences with either sign: bit i of the index says that difference i is taken
 * away. Shapes: sums [2^n]. */
static void signed_sums(const double *differences, size_t n, double *sums) {
    sums[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t known = (size_t)1 << i;
        for (size_t m = 0; m < known; m++) {
            sums[known + m] = sums[m] - differences[i];
            sums[m] += differences[i];
        }
    }
}

/* How many sums of an element of a and one of b are at least the threshold. Shapes: [count], both
 * ascending. */
static size_t count_reaching(const double *a, size_t a_count, const double *b, size_t b_count,
                             double threshold) {
    size_t pairs = 0, below = b_count; /* elements of b that are too small for this one of a */
    for (size_t i = 0; i < a_count; i++) {
        while (below && a[i] + b[below - 1] >= threshold)
            below--;
        pairs += b_count - below;
    }
    return pairs;
}

/* The sums of both halves are put in order, so that nobody has to look at each pair of them. */
static double exact_flip_p(const double *differences, size_t n, double threshold) {
    enum { SUMS = 1 << EXACT_FLIPS_MAX / 2 };
    double a[SUMS], b[SUMS];
    size_t half = n / 2, a_count = (size_t)1 << half, b_count = (size_t)1 << (n - half);
    if (threshold <= 0)
        return 1;
    signed_sums(differences, half, a);
    signed_sums(differences + half, n - half, b);
    sort_ascending(a, a_count);
    sort_ascending(b, b_count);
    /* with every sum comes its negative */
    return ldexp(2 * (double)count_reaching(a, a_count, b, b_count, threshold), -(int)n);
}

/* Random flips are made and used by the block, and for 128 differences at a time: byte k of flip f
 * has the signs of differences 8 k to 8 k + 7. */
enum {
    BLOCK = 500,
    BLOCKS = RANDOM_FLIPS / BLOCK,
    DRAWN_BYTES = 16,
    DRAWN = DRAWN_BYTES * 8,
    KEPT_MAX = 8, /* times 128: flips for more differences are drawn anew each time */
    TABLE = 256
};

static void draw_block(size_t block, size_t batch, uint8_t *signs) {
    struct rng rng = {{0x73666c70, 1}};
    for (size_t f = 0; f < BLOCK; f++) {
        struct rng_words words =
            rng_draw(rng, (uint32_t)(block * BLOCK + f), (uint32_t)batch, 0, 0);
        for (size_t k = 0; k < DRAWN_BYTES; k++)
            signs[k * BLOCK + f] = (uint8_t)(words.word[k / 4] >> k % 4 * 8);
    }
}

static void keep_flips(struct sign_flips *flips, size_t batches) {
    if (flips->batches >= batches)
        return;
    flips->batches = batches;
    flips->signs = arena_alloc(flips->arena, batches * BLOCKS * BLOCK, DRAWN_BYTES);
    for (size_t i = 0; i < batches * BLOCKS; i++)
        draw_block(i % BLOCKS, i / BLOCKS, flips->signs + i * BLOCK * DRAWN_BYTES);
}

/* The number of tables after which nearly every flip is seen to stay below the threshold, whatever
 * the other tables add: at most *rest. All of them where that would be none. */
static size_t tables_needed(const double *differences, size_t n, double threshold, double *rest) {
    size_t tables = (n + 7) / 8;
    double behind = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        behind += fabs(differences[i]);
    for (size_t i = 0; i < n; i++) {
        behind -= fabs(differences[i]);
        squares += differences[i] * differences[i];
        *rest = fmax(behind, 0) * (1 + 1e-9);
        if (i % 8 == 7 && threshold - *rest > 4 * sqrt(squares))
            return i / 8 + 1;
    }
    *rest = 0;
    return tables;
}

/* How many flips of a block reach the threshold. Shapes: tables [count x TABLE], signs [count] of
 * [BLOCK]; the first `needed` tables decide on most flips. */
static size_t count_block(const double *tables, const uint8_t *const *signs, size_t count,
                          size_t needed, double rest, double threshold) {
    size_t extreme = 0;
    for (size_t f = 0; f < BLOCK; f++) {
        double sum = 0;
        size_t k = 0;
        for (; k < needed; k++)
            sum += tables[k * TABLE + signs[k][f]];
        if (fabs(sum) + rest < threshold)
            continue;
        for (; k < count; k++)
            sum += tables[k * TABLE + signs[k][f]];
        extreme += fabs(sum) >= threshold;
    }
    return extreme;
}

static size_t count_random(const double *differences, size_t n, double threshold,
                           struct sign_flips *flips) {
    struct arena arena = {0};
    size_t batches = (n + DRAWN - 1) / DRAWN, count = (n + 7) / 8, extreme = 0;
    bool kept = flips && batches <= KEPT_MAX;
    double rest, *tables = arena_alloc(&arena, count * TABLE, sizeof *tables);
    double *own = arena_alloc(&arena, count * 8, sizeof *own); /* zeros behind the last */
    const uint8_t **signs = arena_alloc(&arena, count, sizeof *signs);
    uint8_t *drawn = arena_alloc(&arena, kept ? 0 : batches * BLOCK, DRAWN_BYTES);
    for (size_t i = 0; i < n; i++)
        own[i] = differences[i];
    for (size_t k = 0; k < count; k++)
        signed_sums(own + 8 * k, 8, tables + k * TABLE);
    if (kept)
        keep_flips(flips, batches);
    size_t needed = tables_needed(differences, n, threshold, &rest);
    for (size_t block = 0; block < BLOCKS; block++) {
        for (size_t batch = 0; !kept && batch < batches; batch++)
            draw_block(block, batch, drawn + batch * BLOCK * DRAWN_BYTES);
        for (size_t k = 0; k < count; k++) {
            size_t batch = k / DRAWN_BYTES;
            size_t at = kept ? batch * BLOCKS + block : batch;
            signs[k] = (kept ? flips->signs : drawn) + (at * DRAWN_BYTES + k % DRAWN_BYTES) * BLOCK;
        }
        extreme += count_block(tables, signs, count, needed, rest, threshold);
    }
    arena_close(&arena);
    return extreme;
}

double sign_flip_p(const double *differences, size_t n, double rounding, struct sign_flips *flips) {
    double threshold = flip_threshold(differences, n, rounding);
    if (n <= EXACT_FLIPS_MAX)
        return exact_flip_p(differences, n, threshold);
    return (double)(count_random(differences, n, threshold, flips) + 1) /
           (double)(RANDOM_FLIPS + 1);
}

double sign_flip_least_p(size_t n) {
    return n ? ldexp(1, 1 - (int)(n < 1000 ? n : 1000)) : 1;
}

struct ranked_p {
    double p;
    size_t index;
};

static int smaller_p(const void *left, const void *right) {
    const struct ranked_p *a = left, *b = right;
    return (a->p > b->p) - (a->p < b->p);
}

void holm_adjust(const double *p, size_t n, double *adjusted) {
    struct arena arena = {0};
    struct ranked_p *ranked = arena_alloc(&arena, n, sizeof *ranked);
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked_p){p[i], i};
    qsort(ranked, n, sizeof *ranked, smaller_p);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fmin(1, (double)(n - i) * ranked[i].p));
        adjusted[ranked[i].index] = largest;
    }
    arena_close(&arena);
}

double mcnemar_p(size_t only_a, size_t only_b) {
    size_t least = only_a < only_b ? only_a : only_b, n = only_a + only_b;
    /* Twice the share of a binomial distribution at 1/2 that is not above the smaller count. */
    return only_a == only_b
               ? 1
               : fmin(1, 2 * incomplete_beta((double)(n - least), (double)least + 1, 0.5, 0.5));
}

double binomial_error(double share, size_t n) {
    return sqrt(share * (1 - share) / (double)n);
}

double discordant_error(double discordant, size_t n) {
    return sqrt(discordant) / (double)n;
}
