#include "data/scale.h"

#include <math.h>

/* Sums of one column over the rows trained on. */
struct column {
    double sum, squares, variance;
    float minimum, maximum;
};

struct kind {
    struct entry entry;
    /** Fits one column; NULL: one factor serves all. */
    void (*fit)(const double *arguments, const struct column *column, double rows, float *shift,
                float *factor);
};

static void fit_standard(const double *arguments, const struct column *column, double rows,
                         float *shift, float *factor) {
    (void)arguments;
    *shift = (float)(column->sum / rows);
    *factor = column->maximum > column->minimum && column->variance > 0
                  ? (float)(1 / sqrt(column->variance))
                  : 0;
}

static void fit_minmax(const double *arguments, const struct column *column, double rows,
                       float *shift, float *factor) {
    (void)arguments, (void)rows;
    *shift = column->minimum;
    *factor = column->maximum > column->minimum ? 1 / (column->maximum - column->minimum) : 0;
}

static const struct kind kinds[] = {
    {{"none", "as the file has them", {{0}}}, NULL},
    {{"unit", "divided by the largest absolute value (255 for 8-bit images)", {{0}}}, NULL},
    {{"standard", "to mean 0 and standard deviation 1, column by column", {{0}}}, fit_standard},
    {{"minmax", "to 0..1, column by column", {{0}}}, fit_minmax},
};

const struct registry scales = REGISTRY("scale", kinds);

static const struct entry target_kinds[] = {
    {"none", "as the file has them", {{0}}},
    {"standard", "to mean 0 and standard deviation 1", {{0}}},
};

const struct registry target_scales = REGISTRY("target scale", target_kinds);

/* Two passes: far from 0 the squares would swallow the spread. */
struct target_scale target_scale_fit(const struct entry *kind, const struct row_set *train) {
    double n = (double)train->count, sum = 0, squares = 0;
    if (kind == &target_kinds[0])
        return (struct target_scale){0, 1};
    for (size_t i = 0; i < train->count; i++)
        sum += (double)train->part->targets[train->rows[i]];
    double mean = sum / n;
    for (size_t i = 0; i < train->count; i++) {
        double off = (double)train->part->targets[train->rows[i]] - mean;
        squares += off * off;
    }
    return (struct target_scale){mean, squares > 0 ? sqrt(squares / n) : 1};
}

/* Calls add for every value of a row; zeros that CSR leaves out are left out. */
static void each_value(const struct data_part *part, size_t inputs, uint32_t row, void *context,
                       void (*add)(void *context, size_t column, float value)) {
    if (part->pixels)
        for (size_t j = 0; j < inputs; j++)
            add(context, j, part->pixels[row * inputs + j]);
    else if (part->reals)
        for (size_t j = 0; j < inputs; j++)
            add(context, j, part->reals[row * inputs + j]);
    else
        for (size_t e = part->csr.start[row]; e < part->csr.start[row + 1]; e++)
            add(context, part->csr.entry[e].column, part->csr.entry[e].value);
}

static void add_largest(void *context, size_t column, float value) {
    (void)column;
    float *largest = context;
    *largest = fabsf(value) > *largest ? fabsf(value) : *largest;
}

static float unit_factor(const struct dataset *dataset, const struct row_set *train) {
    float largest = 0;
    if (dataset->train.pixels)
        return 1.0F / 255.0F;
    for (size_t i = 0; i < train->count; i++)
        each_value(train->part, dataset->inputs, train->rows[i], &largest, add_largest);
    float factor = 1 / largest;
    return isfinite(factor) ? factor : 1; /* nothing but zeros, or next to it */
}

struct columns {
    struct column *columns;
    size_t *seen; /* [inputs] values that were added; CSR left the other rows' zeros out */
    double rows;
};

static void add_value(void *context, size_t column, float value) {
    struct columns *all = context;
    struct column *c = &all->columns[column];
    if (!all->seen[column]++)
        c->minimum = c->maximum = value;
    c->sum += (double)value;
    c->squares += (double)value * (double)value;
    c->minimum = value < c->minimum ? value : c->minimum;
    c->maximum = value > c->maximum ? value : c->maximum;
}

static double variance_by_squares(const struct column *column, double rows) {
    double mean = column->sum / rows;
    return column->squares / rows - mean * mean;
}

/* Whether the squares leave the variance less than some ten digits. */
static bool is_far_from_zero(const struct column *column, double rows) {
    double mean = column->sum / rows;
    return column->maximum > column->minimum &&
           mean * mean > 1e6 * variance_by_squares(column, rows);
}

static void add_deviation(void *context, size_t column, float value) {
    struct columns *all = context;
    struct column *c = &all->columns[column];
    if (is_far_from_zero(c, all->rows)) {
        double off = (double)value - c->sum / all->rows;
        c->variance += off * off / all->rows;
    }
}

/* One pass serves for most data. Columns that lie far from 0 take a second one. */
static void find_variances(struct columns *all, const struct dataset *dataset,
                           const struct row_set *train) {
    bool any_far = false;
    for (size_t j = 0; j < dataset->inputs; j++) {
        struct column *c = &all->columns[j];
        bool is_far = is_far_from_zero(c, all->rows);
        double mean = c->sum / all->rows, zeros = all->rows - (double)all->seen[j];
        c->variance = is_far ? zeros * mean * mean / all->rows : variance_by_squares(c, all->rows);
        any_far = any_far || is_far;
    }
    for (size_t i = 0; i < train->count && any_far; i++)
        each_value(train->part, dataset->inputs, train->rows[i], all, add_deviation);
}

struct scale scale_fit(const struct choice *choice, const struct dataset *dataset,
                       const struct row_set *train, struct arena *arena) {
    const struct kind *row = (const struct kind *)choice->entry;
    if (!row->fit)
        return (struct scale){.factor = row == &kinds[0] ? 1 : unit_factor(dataset, train)};
    struct arena scratch = {0};
    size_t inputs = dataset->inputs;
    struct columns all = {arena_alloc(&scratch, inputs, sizeof *all.columns),
                          arena_alloc(&scratch, inputs, sizeof *all.seen), (double)train->count};
    for (size_t i = 0; i < train->count; i++)
        each_value(train->part, inputs, train->rows[i], &all, add_value);
    find_variances(&all, dataset, train);
    float *shifts = arena_alloc(arena, inputs, sizeof *shifts);
    float *factors = arena_alloc(arena, inputs, sizeof *factors);
    for (size_t j = 0; j < inputs; j++) {
        if (all.seen[j] < train->count)
            add_value(&all, j, 0); /* the zeros that CSR left out; one is enough, sums stay */
        row->fit(choice->arguments, &all.columns[j], all.rows, &shifts[j], &factors[j]);
        if (!isfinite(factors[j]))
            factors[j] = 0; /* varies by next to nothing */
    }
    arena_close(&scratch);
    return (struct scale){.factor = 1, .shifts = shifts, .factors = factors};
}
