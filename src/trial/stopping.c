#include "trial/stopping.h"

#include "trial/generalization.h"

#include <math.h>
#include <stdbool.h>

enum { STRIP = 5 };

/* What a criterion looks at: the epochs up to t (an index), and where the best so far is. */
struct history {
    const struct epoch_record *epochs;
    size_t t, best;
};

static bool patience(const struct history *h, double epochs) {
    return (double)(h->t - h->best) >= epochs;
}

static double loss_now(const struct history *h) {
    return generalization_loss(h->epochs[h->t].val_loss, h->epochs[h->best].val_loss);
}

static bool gl(const struct history *h, double alpha) {
    return loss_now(h) > alpha;
}

static bool ends_strip(const struct history *h) {
    return (h->t + 1) % STRIP == 0;
}

/* P_k(t) = 1000 * (sum of E_tr over the strip / (k * its minimum) - 1) */
static double progress(const struct history *h) {
    double sum = 0, least = (double)INFINITY;
    for (size_t i = h->t + 1 - STRIP; i <= h->t; i++) {
        double loss = h->epochs[i].probe_loss;
        sum += loss;
        least = loss < least ? loss : least;
    }
    return least == 0 ? (sum == 0 ? 0 : (double)INFINITY) : 1000 * (sum / (STRIP * least) - 1);
}

static bool pq(const struct history *h, double alpha) {
    if (!ends_strip(h))
        return false;
    double loss = loss_now(h), p = progress(h);
    return p == 0 ? loss > 0 : loss / p > alpha;
}

/* Risen at the ends of `strips` successive strips. */
static bool up(const struct history *h, double strips) {
    size_t n = (size_t)strips;
    if (!ends_strip(h) || h->t + 1 < (n + 1) * STRIP)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t end = h->t - i * STRIP;
        if (!(h->epochs[end].val_loss > h->epochs[end - STRIP].val_loss))
            return false;
    }
    return true;
}

static const struct {
    const char *text;
    bool (*stops)(const struct history *h, double level);
    double level;
} criteria[STOPPING_CRITERIA] = {
    {"patience(epochs=3)", patience, 3},
    {"patience(epochs=5)", patience, 5},
    {"patience(epochs=10)", patience, 10},
    {"gl(alpha=1)", gl, 1},
    {"gl(alpha=2)", gl, 2},
    {"gl(alpha=5)", gl, 5},
    {"pq(alpha=0.5)", pq, 0.5},
    {"pq(alpha=1)", pq, 1},
    {"pq(alpha=2)", pq, 2},
    {"up(strips=2)", up, 2},
    {"up(strips=3)", up, 3},
    {"up(strips=4)", up, 4},
};

static size_t best_of(const struct epoch_record *epochs, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = epochs[i].val_loss < epochs[best].val_loss ? i : best;
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
static void judge(const struct epoch_record *epochs, size_t count, size_t c,
                  struct stopping *result) {
    struct history h = {.epochs = epochs};
    *result = (struct stopping){.criterion = criteria[c].text};
    if (!count)
        return;
    const struct epoch_record *overall = &epochs[best_of(epochs, count)];
    compare_accuracy(overall, overall, result);
    result->accuracy_change = 0;
    for (; h.t + 1 < count; h.t++) {
        if (epochs[h.t].val_loss < epochs[h.best].val_loss)
            h.best = h.t;
        if (criteria[c].stops(&h, criteria[c].level))
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

void stopping_measure(const struct epoch_record *epochs, size_t count,
                      struct stopping result[STOPPING_CRITERIA]) {
    bool validated = count > 0 && !isnan(epochs[0].val_loss);
    for (size_t c = 0; c < STOPPING_CRITERIA; c++)
        judge(epochs, validated ? count : 0, c, &result[c]);
}
