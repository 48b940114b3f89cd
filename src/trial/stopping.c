#include "trial/stopping.h"

#include "trial/generalization.h"

#include <math.h>

/* What a criterion looks at: the epochs up to t (an index), where the best so far is, and where the
 * last improvement by more than min_delta was. */
struct history {
    const struct epoch_record *epochs;
    const struct monitor *monitor;
    size_t t, best, improved;
    double min_delta;
};

static double validation_at(const struct history *h, size_t t) {
    return h->monitor->validation(&h->epochs[t]);
}

/* Takes epoch t into account. */
static void advance(struct history *h) {
    double now = validation_at(h, h->t);
    if (now < validation_at(h, h->best))
        h->best = h->t;
    if (now < validation_at(h, h->improved) - h->min_delta)
        h->improved = h->t;
}

enum patience_argument { PATIENCE_EPOCHS, PATIENCE_MIN_DELTA };

static bool patience(const double *arguments, const struct history *h) {
    return (double)(h->t - h->improved) >= arguments[PATIENCE_EPOCHS];
}

static double loss_now(const struct history *h) {
    return generalization_loss(validation_at(h, h->t), validation_at(h, h->best));
}

static bool gl(const double *arguments, const struct history *h) {
    return loss_now(h) > arguments[0];
}

static bool ends_strip(const struct history *h, size_t strip) {
    return (h->t + 1) % strip == 0;
}

/* P_k(t) = 1000 * (sum of E_tr over the strip / (k * its minimum) - 1) */
static double progress(const struct history *h, size_t strip) {
    double sum = 0, least = (double)INFINITY;
    for (size_t i = h->t + 1 - strip; i <= h->t; i++) {
        double loss = h->monitor->training(&h->epochs[i]);
        sum += loss;
        least = loss < least ? loss : least;
    }
    return least == 0 ? (sum == 0 ? 0 : (double)INFINITY)
                      : 1000 * (sum / ((double)strip * least) - 1);
}

static bool pq(const double *arguments, const struct history *h) {
    size_t strip = (size_t)arguments[1];
    if (!ends_strip(h, strip))
        return false;
    double loss = loss_now(h), p = progress(h, strip);
    return p == 0 ? loss > 0 : loss / p > arguments[0];
}

/* Risen at the ends of `strips` successive strips. */
static bool up(const double *arguments, const struct history *h) {
    size_t n = (size_t)arguments[0], strip = (size_t)arguments[1];
    if (!ends_strip(h, strip) || h->t + 1 < (n + 1) * strip)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t end = h->t - i * strip;
        if (!(validation_at(h, end) > validation_at(h, end - strip)))
            return false;
    }
    return true;
}

struct early_stopping {
    struct entry entry;
    bool (*stops)(const double *arguments, const struct history *h); /* NULL: never */
    bool has_min_delta;                                              /* its second argument */
};

#define STRIP                                                                                      \
    { "strip", "epochs of a strip", ARGUMENT_WHOLE, 1, 1e6, 5, 0 }

static const struct early_stopping rows[] = {
    {{"none", "trains all epochs", {{0}}}, NULL, false},
    {{"patience",
      "after so many epochs without improvement",
      {{"epochs", "without improvement", ARGUMENT_WHOLE, 1, 1e6, 5, 0},
       {"min_delta", "what counts as an improvement", ARGUMENT_NUMBER, 0, 1e6, 0, 0}}},
     patience,
     true},
    {{"gl",
      "when the generalization loss exceeds alpha % (Prechelt 1998)",
      {{"alpha", "percent", ARGUMENT_NUMBER, 0, 1e6, 5, 0}}},
     gl,
     false},
    {{"pq",
      "when generalization loss over training progress exceeds alpha (Prechelt 1998)",
      {{"alpha", "the quotient", ARGUMENT_NUMBER, 0, 1e6, 1, 0}, STRIP}},
     pq,
     false},
    {{"up",
      "when the validation error rose in so many strips in a row (Prechelt 1998)",
      {{"strips", "in a row", ARGUMENT_WHOLE, 1, 1e6, 3, 0}, STRIP}},
     up,
     false},
};

const struct registry early_stoppings = REGISTRY("early stopping criterion", rows);

static const struct early_stopping *criterion_of(const struct choice *choice) {
    return (const struct early_stopping *)(const void *)choice->entry;
}

static struct history history_of(const struct choice *criterion, const struct choice *monitor,
                                 const struct epoch_record *epochs) {
    return (struct history){.epochs = epochs,
                            .monitor = monitor_of(monitor),
                            .min_delta = criterion_of(criterion)->has_min_delta
                                             ? criterion->arguments[PATIENCE_MIN_DELTA]
                                             : 0};
}

bool stopping_is_due(const struct choice *early_stopping, const struct choice *monitor,
                     const struct epoch_record *epochs, size_t count) {
    const struct early_stopping *criterion = criterion_of(early_stopping);
    if (!criterion->stops)
        return false;
    struct history h = history_of(early_stopping, monitor, epochs);
    for (; h.t < count; h.t++)
        advance(&h);
    h.t = count - 1;
    return criterion->stops(early_stopping->arguments, &h);
}

/* The criteria that finished trials are judged by: each row's first argument at three levels. */
static const struct {
    const char *text, *name;
    double level;
} criteria[STOPPING_CRITERIA] = {
    {"patience(epochs=3)", "patience", 3},
    {"patience(epochs=5)", "patience", 5},
    {"patience(epochs=10)", "patience", 10},
    {"gl(alpha=1)", "gl", 1},
    {"gl(alpha=2)", "gl", 2},
    {"gl(alpha=5)", "gl", 5},
    {"pq(alpha=0.5)", "pq", 0.5},
    {"pq(alpha=1)", "pq", 1},
    {"pq(alpha=2)", "pq", 2},
    {"up(strips=2)", "up", 2},
    {"up(strips=3)", "up", 3},
    {"up(strips=4)", "up", 4},
};

static size_t best_of(const struct epoch_record *epochs, size_t count,
                      const struct monitor *monitor) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = monitor->validation(&epochs[i]) < monitor->validation(&epochs[best]) ? i : best;
    return best;
}

/* Accuracy at epoch `then` minus that at epoch `overall`: of the test set where both were tested.
 */
static void compare_accuracy(const struct epoch_record *then, const struct epoch_record *overall,
                             struct stopping *result) {
    double test = then->test_accuracy - overall->test_accuracy;
    double validation = then->val_accuracy - overall->val_accuracy;
    result->accuracy_change = isnan(test) ? validation : test;
    result->accuracy_metric = !isnan(test)         ? "test_accuracy"
                              : !isnan(validation) ? "val_accuracy"
                                                   : NULL;
}

/* A criterion that is first met after the last epoch has nothing left to stop. */
static void judge(const struct epoch_record *epochs, size_t count, const struct choice *monitor,
                  size_t c, struct stopping *result) {
    struct choice criterion = choice_default(&early_stoppings, criteria[c].name);
    criterion.arguments[0] = criteria[c].level;
    struct history h = history_of(&criterion, monitor, epochs);
    *result = (struct stopping){.criterion = criteria[c].text};
    if (!count)
        return;
    const struct epoch_record *overall = &epochs[best_of(epochs, count, h.monitor)];
    compare_accuracy(overall, overall, result);
    result->accuracy_change = 0;
    for (; h.t + 1 < count; h.t++) {
        advance(&h);
        if (criterion_of(&criterion)->stops(criterion.arguments, &h))
            break;
    }
    if (h.t + 1 >= count)
        return;
    result->stop_epoch = h.t + 1;
    result->epochs_saved = count - 1 - h.t;
    for (size_t i = h.t + 1; i < count; i++)
        result->seconds_saved += epochs[i].epoch_seconds;
    compare_accuracy(&epochs[h.best], overall, result);
}

void stopping_measure(const struct epoch_record *epochs, size_t count, const struct choice *monitor,
                      struct stopping result[STOPPING_CRITERIA]) {
    bool validated = count > 0 && !isnan(epochs[0].val_loss);
    for (size_t c = 0; c < STOPPING_CRITERIA; c++)
        judge(epochs, validated ? count : 0, monitor, c, &result[c]);
}
