/* Data and settings that no training goes well on: it is trained, diverges, or fails with a
 * message, and what is done has no NaN. */
#include "session.h"
#include "test.h"

#include <math.h>
#include <string.h>

enum { INPUTS = 6, CLASSES = 3 };

/* Makes the value of row i, column j. */
typedef float make_value(size_t i, size_t j);

static float usual(size_t i, size_t j) {
    return (float)((i * 7919 + j * 104729) % 1009) / 1009 - 0.5F;
}

static float huge(size_t i, size_t j) {
    return usual(i, j) * 1e30F;
}

static float tiny(size_t i, size_t j) {
    return usual(i, j) * 1e-38F;
}

static float constant(size_t i, size_t j) {
    return j < 3 ? 7.0F : usual(i, j);
}

static float zero(size_t i, size_t j) {
    (void)i;
    (void)j;
    return 0;
}

static float mixed(size_t i, size_t j) {
    return j == 0 ? huge(i, j) : usual(i, j);
}

static const struct {
    const char *name;
    make_value *value;
    size_t rows;
    bool regression, one_class;
} data_sets[] = {
    {"usual", usual, 60, false, false},         {"huge", huge, 60, false, false},
    {"tiny", tiny, 60, false, false},           {"constant", constant, 60, false, false},
    {"zero", zero, 60, false, false},           {"mixed", mixed, 60, false, false},
    {"one class", usual, 60, false, true},      {"one row", usual, 1, false, false},
    {"two rows", usual, 2, false, false},       {"huge targets", huge, 60, true, false},
    {"constant values", zero, 60, true, false},
};
enum { DATA_SETS = sizeof data_sets / sizeof *data_sets };

static struct data_part part_of(size_t d, size_t rows, struct arena *arena) {
    float *reals = arena_alloc(arena, rows * INPUTS, sizeof *reals);
    float *targets = arena_alloc(arena, rows, sizeof *targets);
    uint16_t *labels = arena_alloc(arena, rows, sizeof *labels);
    for (size_t i = 0; i < rows; i++) {
        labels[i] = (uint16_t)(data_sets[d].one_class ? 0 : i % CLASSES);
        targets[i] = data_sets[d].value(i, 0);
        for (size_t j = 0; j < INPUTS; j++)
            reals[i * INPUTS + j] =
                data_sets[d].regression ? usual(i, j) : data_sets[d].value(i, j);
    }
    return (struct data_part){.rows = rows,
                              .reals = reals,
                              .labels = data_sets[d].regression ? NULL : labels,
                              .targets = data_sets[d].regression ? targets : NULL};
}

static const struct dataset *dataset_of(size_t d, struct arena *arena) {
    static const double values[CLASSES] = {0, 1, 2};
    static const char *const names[CLASSES] = {"0", "1", "2"};
    struct dataset *dataset = arena_alloc(arena, 1, sizeof *dataset);
    *dataset =
        (struct dataset){.name = data_sets[d].name,
                         .task = data_sets[d].regression ? TASK_REGRESSION : TASK_CLASSIFICATION,
                         .inputs = INPUTS,
                         .classes = data_sets[d].regression  ? 0
                                    : data_sets[d].one_class ? 1
                                                             : CLASSES,
                         .class_values = values,
                         .class_names = names,
                         .train = part_of(d, data_sets[d].rows, arena),
                         .test = part_of(d, 7, arena)};
    return dataset;
}

static const char *const shapes[] = {"topology: []", "topology: [1]", "topology: [16]",
                                     "topology: 4x20"};
static const char *const methods[][6] = {
    {"scale: unit"},
    {"scale: none"},
    {"scale: standard", "normalization: batch"},
    {"scale: none", "normalization: layer", "dropout: 0.9"},
    {"scale: minmax", "optimizer: sgd", "learning_rate: 1e6"},
    {"activation: selu", "optimizer: nadam", "learning_rate: 10"},
    {"activation: softplus", "optimizer: rmsprop", "validation_split: 0"},
    {"loss: mse", "optimizer: sgd(momentum=1)", "batch_size: 1"},
    {"loss: mae", "batch_size: 1000", "clip_norm: 1e-9"},
    {"initializer: zeros", "normalization: batch", "batch_size: 1"},
    {"initializer: constant(value=1e6)", "optimizer: adagrad(initial=0)"},
    /* one step, after which nothing but the probe is looked at */
    {"epochs: 1", "validation_split: 0", "batch_size: 1000", "scale: none", "optimizer: sgd",
     "learning_rate: 1e6"},
    {"l2: 1e6", "optimizer: sgd", "validation_split: 0"},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, METHODS = sizeof methods / sizeof *methods };

static void assert_ends_well(const struct session *session, size_t t, bool validates) {
    const struct heard *heard = &session->heard[t];
    const struct outcome *outcome = &heard->outcome;
    assert_int_equal(heard->finishes, 1);
    if (outcome->state != TRIAL_DONE) {
        assert_true(outcome->state == TRIAL_DIVERGED || outcome->state == TRIAL_FAILED);
        return;
    }
    for (size_t e = 0; e < heard->epoch_count; e++) {
        const struct epoch_record *r = &heard->epochs[e];
        if (!isfinite(r->train_loss) || !isfinite(r->probe_loss) ||
            (validates && !isfinite(r->val_loss)) || !isfinite(r->weight_norm))
            fail_msg("%s, shape %zu, method %zu, epoch %zu: %g, %g, %g, norm %g",
                     session->jobs[t].dataset->name, t / METHODS, t % METHODS, e + 1, r->train_loss,
                     r->probe_loss, r->val_loss, r->weight_norm);
    }
}

static void what_is_done_has_only_numbers(void **state) {
    (void)state;
    size_t done = 0;
    for (size_t d = 0; d < DATA_SETS; d++) {
        static struct session session;
        session = (struct session){0};
        const struct dataset *data = dataset_of(d, &session.arena);
        for (size_t s = 0; s < SHAPES; s++)
            for (size_t m = 0; m < METHODS; m++) {
                const char *settings[9] = {"epochs: 3", shapes[s]};
                memcpy(settings + 2, methods[m], sizeof methods[m]);
                session_add(&session, data, settings);
            }
        session_run(&session, 2, FUSE_AUTO);
        for (size_t t = 0; t < session.count; t++) {
            done += session.heard[t].outcome.state == TRIAL_DONE;
            assert_ends_well(&session, t, session.trials[t].validation_split > 0);
        }
        session_close(&session);
    }
    assert_true(done > 100); /* else little was seen */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_done_has_only_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
