#include "data/generator.h"

#include "base/digest.h"
#include "base/rng.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* Which draws a counter is for: (row, part, index, use). */
enum part { TRAIN, TEST, TEACHER };
enum use { USE_POINT, USE_NOISE, USE_OUTPUT };

/* One row that is being made. */
struct row {
    const double *arguments;
    struct rng rng;
    enum part part;
    uint32_t index;
    float *x;              /* [inputs] */
    double target;         /* of a regression, */
    uint16_t class;        /* or the class */
    const double *teacher; /* [width x (inputs + 1)] each unit's kernel and its output weight */
};

struct generator {
    struct entry entry;
    size_t inputs;  /* 0: the argument inputs */
    size_t classes; /* 0: regression, or the argument classes */
    void (*make)(struct row *row);
    /** What all rows need, in the arena; NULL: nothing. */
    const double *(*prepare)(const struct row *row, struct arena *arena);
};

enum { ROWS_ARGUMENT, SEED_ARGUMENT, NOISE_ARGUMENT, FIRST_OWN, SECOND_OWN };

#define COMMON_ARGUMENTS(noise)                                                                    \
    {"rows", "rows to train on; as many to test", ARGUMENT_WHOLE, 1, 1e7, 1000, NULL},             \
        {"seed", "of the rows", ARGUMENT_WHOLE, 0, 4294967295.0, 1, NULL}, {                       \
        "noise", "standard deviation of the Gaussian noise", ARGUMENT_NUMBER, 0, 1000, noise, NULL \
    }

static double uniform(const struct row *row) {
    return (double)rng_unit(rng_draw(row->rng, row->index, row->part, 0, USE_POINT).word[0]);
}

/* Normal number i of a counter's stream: Box and Muller's pairs. */
static double normal(struct rng rng, uint32_t index, enum part part, uint32_t i, enum use use) {
    struct rng_words words = rng_draw(rng, index, part, i / 4, use);
    const uint32_t *pair = &words.word[(size_t)(i / 2 % 2) * 2];
    double radius = sqrt(-2 * log((double)rng_unit(pair[0])));
    double angle = 2 * pi * (double)rng_unit(pair[1]);
    return radius * (i % 2 ? cos(angle) : sin(angle));
}

static double noise(const struct row *row, uint32_t i) {
    double deviation = row->arguments[NOISE_ARGUMENT];
    return deviation > 0 ? deviation * normal(row->rng, row->index, row->part, i, USE_NOISE) : 0;
}

static double rounded(double value) {
    return floor(value * 0x1p20 + 0.5) * 0x1p-20;
}

static void set_point(struct row *row, double x0, double x1) {
    row->x[0] = (float)rounded(x0 + noise(row, 0));
    row->x[1] = (float)rounded(x1 + noise(row, 1));
}

static void make_moons(struct row *row) {
    double angle = pi * uniform(row);
    row->class = row->index % 2;
    if (row->class == 0)
        set_point(row, cos(angle), sin(angle));
    else
        set_point(row, 1 - cos(angle), 0.5 - sin(angle));
}

static void make_circles(struct row *row) {
    double angle = 2 * pi * uniform(row);
    row->class = row->index % 2;
    double radius = row->class == 0 ? 1 : row->arguments[FIRST_OWN];
    set_point(row, radius * cos(angle), radius * sin(angle));
}

static void make_spirals(struct row *row) {
    double classes = row->arguments[FIRST_OWN], turns = row->arguments[SECOND_OWN];
    double radius = uniform(row);
    row->class = (uint16_t)(row->index % (uint32_t)classes);
    double angle = 2 * pi * (turns * radius + (double)row->class / classes);
    set_point(row, radius * cos(angle), radius * sin(angle));
}

static void make_noisy_sine(struct row *row) {
    double x = rounded(2 * uniform(row) - 1);
    row->x[0] = (float)x;
    row->target = rounded(sin(pi * row->arguments[FIRST_OWN] * x) + noise(row, 0));
}

static const double *make_weights(const struct row *row, struct arena *arena) {
    size_t inputs = (size_t)row->arguments[FIRST_OWN], width = (size_t)row->arguments[SECOND_OWN];
    double *units = arena_alloc(arena, width * (inputs + 1), sizeof *units);
    for (size_t j = 0; j < width; j++) {
        double *unit = units + j * (inputs + 1);
        for (size_t i = 0; i < inputs; i++)
            unit[i] = normal(row->rng, (uint32_t)j, TEACHER, (uint32_t)i, USE_POINT) /
                      sqrt((double)inputs);
        unit[inputs] = normal(row->rng, (uint32_t)j, TEACHER, 0, USE_OUTPUT);
    }
    return units;
}

static void make_teacher(struct row *row) {
    size_t inputs = (size_t)row->arguments[FIRST_OWN], width = (size_t)row->arguments[SECOND_OWN];
    double sum = 0;
    for (size_t i = 0; i < inputs; i++)
        row->x[i] = (float)rounded(normal(row->rng, row->index, row->part, (uint32_t)i, USE_POINT));
    for (size_t j = 0; j < width; j++) {
        const double *unit = row->teacher + j * (inputs + 1);
        double z = 0;
        for (size_t i = 0; i < inputs; i++)
            z += unit[i] * (double)row->x[i];
        sum += unit[inputs] * tanh(z);
    }
    row->target = rounded(sum / sqrt((double)width) + noise(row, 0));
}

static const struct generator rows[] = {
    {{"spirals",
      "points on spirals from the origin, one a class",
      {COMMON_ARGUMENTS(0.02),
       {"classes", "spirals", ARGUMENT_WHOLE, 2, 100, 2, NULL},
       {"turns", "of each spiral", ARGUMENT_NUMBER, 0, 100, 1, NULL}}},
     2,
     0,
     make_spirals,
     NULL},
    {{"moons", "points on two half circles that reach into each other", {COMMON_ARGUMENTS(0.1)}},
     2,
     2,
     make_moons,
     NULL},
    {{"circles",
      "points on two circles around the origin",
      {COMMON_ARGUMENTS(0.1),
       {"factor", "radius of the inner one", ARGUMENT_NUMBER, 0, 1, 0.5, NULL}}},
     2,
     2,
     make_circles,
     NULL},
    {{"noisy_sine",
      "regression: a sine of one input in -1..1",
      {COMMON_ARGUMENTS(0.1), {"periods", "from -1 to 1", ARGUMENT_NUMBER, 0, 1000, 2, NULL}}},
     1,
     0,
     make_noisy_sine,
     NULL},
    {{"teacher",
      "regression: what a random net of tanh units makes of Gaussian inputs",
      {COMMON_ARGUMENTS(0.1),
       {"inputs", "columns", ARGUMENT_WHOLE, 1, 10000, 10, NULL},
       {"width", "units of the net", ARGUMENT_WHOLE, 1, 10000, 10, NULL}}},
     0,
     0,
     make_teacher,
     make_weights},
};

const struct registry generators = REGISTRY("generator", rows);

static const struct data_source sources[] = {
    {.name = "spirals", .generator = {.entry = &rows[0].entry}},
    {.name = "moons", .generator = {.entry = &rows[1].entry}},
    {.name = "circles", .generator = {.entry = &rows[2].entry}},
    {.name = "noisy_sine", .generator = {.entry = &rows[3].entry}, .task = TASK_REGRESSION},
    {.name = "teacher", .generator = {.entry = &rows[4].entry}, .task = TASK_REGRESSION},
};

const struct data_source *generator_source(size_t i) {
    return i < sizeof sources / sizeof *sources ? &sources[i] : NULL;
}

static bool make_part(const struct generator *generator, struct row *row,
                      const struct data_source *source, const atomic_int *stop, size_t inputs,
                      struct arena *arena, struct data_part *part, struct error *err) {
    enum { ROWS_A_CHECK = 256 };
    size_t count = (size_t)row->arguments[ROWS_ARGUMENT];
    float *reals = arena_alloc(arena, count * inputs, sizeof *reals);
    uint16_t *labels = arena_alloc(arena, count, sizeof *labels);
    float *targets = arena_alloc(arena, count, sizeof *targets);
    for (size_t i = 0; i < count; i++) {
        if (i % ROWS_A_CHECK == 0 && stop && atomic_load(stop))
            return error_set(err, ERROR_INTERRUPTED, "interrupted while %s was made", source->name);
        row->index = (uint32_t)i;
        row->x = reals + i * inputs;
        generator->make(row);
        labels[i] = row->class;
        targets[i] = (float)row->target;
    }
    *part = (struct data_part){.rows = count, .reals = reals};
    if (source->task == TASK_CLASSIFICATION)
        part->labels = labels;
    else
        part->targets = targets;
    return true;
}

static void name_classes(struct dataset *dataset, size_t classes, struct arena *arena) {
    double *values = arena_alloc(arena, classes, sizeof *values);
    const char **names = arena_alloc(arena, classes, sizeof *names);
    for (size_t c = 0; c < classes; c++) {
        values[c] = (double)c;
        names[c] = arena_printf(arena, "%zu", c);
    }
    dataset->classes = classes;
    dataset->class_values = values;
    dataset->class_names = names;
}

static void write_digest(struct dataset *dataset) {
    const struct data_part *parts[] = {&dataset->train, &dataset->test};
    struct digest hash = {.high = (uint64_t)dataset->task};
    for (size_t p = 0; p < 2; p++) {
        const struct data_part *part = parts[p];
        hash = digest128(part->reals, part->rows * dataset->inputs * sizeof *part->reals,
                         hash.low ^ hash.high);
        hash = part->labels ? digest128(part->labels, part->rows * sizeof *part->labels,
                                        hash.low ^ hash.high)
                            : digest128(part->targets, part->rows * sizeof *part->targets,
                                        hash.low ^ hash.high);
    }
    digest_text(hash, dataset->digest);
}

bool generator_load(const struct data_source *source, const atomic_int *stop, struct arena *arena,
                    struct dataset *dataset, struct error *err) {
    const struct generator *generator = (const struct generator *)source->generator.entry;
    const double *arguments = source->generator.arguments;
    struct row row = {.arguments = arguments,
                      .rng = rng_stream((uint64_t)arguments[SEED_ARGUMENT], RNG_DATA)};
    *dataset = (struct dataset){.name = source->name, .task = source->task};
    dataset->inputs = generator->inputs ? generator->inputs : (size_t)arguments[FIRST_OWN];
    if (generator->prepare)
        row.teacher = generator->prepare(&row, arena);
    if (source->task == TASK_CLASSIFICATION)
        name_classes(dataset,
                     generator->classes ? generator->classes : (size_t)arguments[FIRST_OWN], arena);
    row.part = TRAIN;
    bool ok =
        make_part(generator, &row, source, stop, dataset->inputs, arena, &dataset->train, err);
    row.part = TEST;
    ok =
        ok && make_part(generator, &row, source, stop, dataset->inputs, arena, &dataset->test, err);
    if (ok)
        write_digest(dataset);
    return ok;
}
