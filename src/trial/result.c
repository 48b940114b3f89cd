#include "trial/result.h"

#include <math.h>
#include <string.h>

#define SIZE(field) RESULT_OF_SIZE, RESULT_WHOLE, offsetof(struct trial_size, field)
#define OUTCOME(type, field) RESULT_OF_OUTCOME, type, offsetof(struct outcome, field)
#define OVERFITTING(type, field) RESULT_OF_OVERFITTING, type, offsetof(struct overfitting, field)

const struct trial_result trial_results[] = {
    {"hidden_layers", "number of hidden layers", NULL, NEITHER_IS_BETTER, SIZE(hidden_layers),
     RESULT_IN_TRIALS, NULL, NULL},
    {"widest", "units of the widest hidden layer", "units", NEITHER_IS_BETTER, SIZE(widest),
     RESULT_IN_TRIALS, NULL, NULL},
    {"parameters", "weights and biases", NULL, LOWER_IS_BETTER, SIZE(parameters), RESULT_IN_TRIALS,
     NULL, NULL},
    {"multiply_adds", "of one sample's forward pass", NULL, LOWER_IS_BETTER, SIZE(multiply_adds),
     RESULT_IN_TRIALS, NULL, NULL},
    {"epochs_done", "finished epochs", "epochs", NEITHER_IS_BETTER,
     OUTCOME(RESULT_WHOLE, epochs_done), RESULT_IN_TRIALS, NULL, NULL},
    {"updates", "optimizer steps", "steps", NEITHER_IS_BETTER, OUTCOME(RESULT_WHOLE, updates),
     RESULT_IN_TRIALS, NULL, NULL},
    {"train_seconds", "its share of its cohort's time, by multiply-adds", "s", LOWER_IS_BETTER,
     OUTCOME(RESULT_REAL, train_seconds), RESULT_IN_TRIALS, NULL, NULL},
    {"cohort_size", "nets trained in lock-step with it when it began", NULL, NEITHER_IS_BETTER,
     OUTCOME(RESULT_WHOLE_OR_NONE, cohort_size), RESULT_IN_TRIALS, NULL, NULL},
    {"final_test_loss", "on the test set, with the last weights", NULL, LOWER_IS_BETTER,
     OUTCOME(RESULT_REAL, final_test_loss), RESULT_IN_TRIALS, "test_loss_at_end", NULL},
    {"final_test_accuracy", "on the test set, with the last weights", "fraction", HIGHER_IS_BETTER,
     OUTCOME(RESULT_REAL, final_test_accuracy), RESULT_IN_TRIALS, "test_accuracy_at_end", NULL},
    {"final_test_mae", "mean absolute error on the test set, with the last weights", NULL,
     LOWER_IS_BETTER, OUTCOME(RESULT_REAL, final_test_mae), RESULT_IN_TRIALS, NULL, NULL},
    {"best_epoch", "the first epoch with the best number of those that `monitor` looks at",
     "epochs", NEITHER_IS_BETTER, OVERFITTING(RESULT_WHOLE_OR_NONE, best_epoch),
     RESULT_IN_TRIALS | RESULT_IN_OVERFITTING, "best_epoch", "best_epoch"},
    {"test_loss_at_best", "on the test set, with the weights of the best epoch", NULL,
     LOWER_IS_BETTER, OUTCOME(RESULT_REAL, test_loss_at_best), RESULT_IN_TRIALS,
     "test_loss_at_best", "test_loss"},
    {"test_accuracy_at_best", "on the test set, with the weights of the best epoch", "fraction",
     HIGHER_IS_BETTER, OUTCOME(RESULT_REAL, test_accuracy_at_best), RESULT_IN_TRIALS,
     "test_accuracy_at_best", "test_accuracy"},
    {"test_mae_at_best", "mean absolute error on the test set, with the weights of the best epoch",
     NULL, LOWER_IS_BETTER, OUTCOME(RESULT_REAL, test_mae_at_best), RESULT_IN_TRIALS, NULL, NULL},
    {"learned",
     "1: validation beats guessing the most frequent class (regression: the mean) by more than "
     "chance; 0: it does not; NULL without validation",
     NULL, HIGHER_IS_BETTER, OUTCOME(RESULT_WHOLE_REAL, learned), RESULT_IN_TRIALS, NULL, NULL},
    {"validation_rows", "rows that validate", "rows", NEITHER_IS_BETTER,
     OUTCOME(RESULT_WHOLE_OR_NONE, validation_rows), RESULT_IN_TRIALS, NULL, NULL},
    {"test_rows", "rows of the test set", "rows", NEITHER_IS_BETTER,
     OUTCOME(RESULT_WHOLE_OR_NONE, test_rows), RESULT_IN_TRIALS, NULL, NULL},
    {"naive_val_score",
     "what guessing reaches on the validation rows: the share of the largest class; regression: "
     "the loss of the mean training target",
     NULL, NEITHER_IS_BETTER, OUTCOME(RESULT_REAL, naive_val_score), RESULT_IN_TRIALS, NULL, NULL},
    {"naive_test_score", "the same on the test set", NULL, NEITHER_IS_BETTER,
     OUTCOME(RESULT_REAL, naive_test_score), RESULT_IN_TRIALS, NULL, NULL},
    {"weights_digest", "of the last weights: equal digests, equal bits", NULL, NEITHER_IS_BETTER,
     OUTCOME(RESULT_DIGEST, weights_digest), RESULT_IN_TRIALS, NULL, NULL},
    {"best_val_loss", "validation loss at the best epoch", NULL, LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, best_val_loss), RESULT_IN_OVERFITTING, "val_loss_at_best",
     "val_loss"},
    {"val_accuracy_at_best", "validation accuracy at the best epoch", "fraction", HIGHER_IS_BETTER,
     OVERFITTING(RESULT_REAL, val_accuracy_at_best), RESULT_IN_OVERFITTING, "val_accuracy_at_best",
     "val_accuracy"},
    {"best_accuracy_epoch", "the epoch of the highest validation accuracy", "epochs",
     NEITHER_IS_BETTER, OVERFITTING(RESULT_WHOLE_OR_NONE, best_accuracy_epoch),
     RESULT_IN_OVERFITTING, NULL, NULL},
    {"final_val_loss", "validation loss at the last epoch", NULL, LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, final_val_loss), RESULT_IN_OVERFITTING, "val_loss_at_end", NULL},
    {"final_val_accuracy", "validation accuracy at the last epoch", "fraction", HIGHER_IS_BETTER,
     OVERFITTING(RESULT_REAL, final_val_accuracy), RESULT_IN_OVERFITTING, "val_accuracy_at_end",
     NULL},
    {"gap_at_best", "validation minus probe loss at the best epoch", NULL, LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, gap_at_best), RESULT_IN_OVERFITTING, NULL, NULL},
    {"gap_at_end", "validation minus probe loss at the last epoch", NULL, LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, gap_at_end), RESULT_IN_OVERFITTING, "gap_at_end", "gap_at_end"},
    {"accuracy_gap_at_end", "probe minus validation accuracy at the last epoch", "fraction",
     LOWER_IS_BETTER, OVERFITTING(RESULT_REAL, accuracy_gap_at_end), RESULT_IN_OVERFITTING, NULL,
     NULL},
    {"wasted_epochs", "epochs after the best", "epochs", LOWER_IS_BETTER,
     OVERFITTING(RESULT_WHOLE_REAL, wasted_epochs), RESULT_IN_OVERFITTING, NULL, NULL},
    {"wasted_fraction", "epochs after the best, of all", "fraction", LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, wasted_fraction), RESULT_IN_OVERFITTING, "wasted_fraction",
     "wasted_fraction"},
    {"wasted_seconds", "time after the best epoch", "s", LOWER_IS_BETTER,
     OVERFITTING(RESULT_REAL, wasted_seconds), RESULT_IN_OVERFITTING, NULL, NULL},
    {"gl_at_end", "100 * (final_val_loss / its minimum - 1), Prechelt's generalization loss", "%",
     LOWER_IS_BETTER, OVERFITTING(RESULT_REAL, gl_at_end), RESULT_IN_OVERFITTING, NULL, NULL},
    {"onset_epoch",
     "first epoch after the best from which the smoothed validation loss stays above 1.05 times "
     "its minimum; NULL: none",
     "epochs", NEITHER_IS_BETTER, OVERFITTING(RESULT_WHOLE_OR_NONE, onset_epoch),
     RESULT_IN_OVERFITTING, NULL, NULL},
    {"error", "why it failed", NULL, NEITHER_IS_BETTER, OUTCOME(RESULT_TEXT, error),
     RESULT_IN_TRIALS, NULL, NULL},
};

const size_t trial_result_count = sizeof trial_results / sizeof *trial_results;

const struct trial_result *trial_result_find(const char *name) {
    for (size_t i = 0; i < trial_result_count; i++)
        if (strcmp(trial_results[i].name, name) == 0)
            return &trial_results[i];
    return NULL;
}

struct sql_value trial_result_value(const struct trial_result *result, const void *source) {
    const char *at = (const char *)source + result->offset;
    uint64_t whole;
    double real;
    const char *text;
    switch (result->type) {
    case RESULT_WHOLE:
    case RESULT_WHOLE_OR_NONE:
        memcpy(&whole, at, sizeof whole);
        return whole || result->type == RESULT_WHOLE ? sql_integer((int64_t)whole) : sql_null();
    case RESULT_REAL:
    case RESULT_WHOLE_REAL:
        memcpy(&real, at, sizeof real);
        return sql_real(real);
    case RESULT_TEXT:
        memcpy(&text, at, sizeof text);
        return sql_text(text);
    case RESULT_DIGEST:
        return *at ? sql_text(at) : sql_null();
    }
    return sql_null();
}

struct trial_size trial_size_of(const struct trial *trial, size_t inputs, size_t outputs) {
    struct trial_size size = {.hidden_layers = trial->topology.depth,
                              .parameters = trial_parameters(trial, inputs, outputs),
                              .multiply_adds = trial_multiply_adds(trial, inputs, outputs)};
    for (uint32_t l = 0; l < trial->topology.depth; l++)
        if (trial->topology.width[l] > size.widest)
            size.widest = trial->topology.width[l];
    return size;
}

void trial_result_clear(enum result_source source, void *target) {
    double none = (double)NAN;
    for (size_t i = 0; i < trial_result_count; i++) {
        const struct trial_result *result = &trial_results[i];
        if (result->source == source &&
            (result->type == RESULT_REAL || result->type == RESULT_WHOLE_REAL))
            memcpy((char *)target + result->offset, &none, sizeof none);
    }
}
