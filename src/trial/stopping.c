#include "trial/stopping.h"

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

/* GL(t) = 100 * (E_va(t) / E_opt(t) - 1) */
static double generalization_loss(const struct history *h) {
    double now = h->epochs[h->t].val_loss, best = h->epochs[h->best].val_loss;
    if (best == 0)
        return now == 0 ? 0 : (double)INFINITY;
    return 100 * (now / best - 1);
}

static bool gl(const struct history *h, double alpha) {
    return generalization_loss(h) > alpha;
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
    double loss = generalization_loss(h), p = progress(h);
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

static size_t best_up_to(const struct epoch_record *epochs, size_t last) {
    size_t best = 0;
    for (size_t i = 1; i <= last; i++)
        best = epochs[i].val_loss < epochs[best].val_loss ? i : best;
    return best;
}

static void judge(const struct epoch_record *epochs, size_t count, size_t c,
                  struct stopping *result) {
    struct history h = {.epochs = epochs};
    *result = (struct stopping){.criterion = criteria[c].text, .cost = (double)NAN};
    for (; h.t < count; h.t++) {
        if (epochs[h.t].val_loss < epochs[h.best].val_loss)
            h.best = h.t;
        if (criteria[c].stops(&h, criteria[c].level))
            break;
    }
    if (h.t == count)
        return;
    result->stop_epoch = h.t + 1;
    result->epochs_saved = count - 1 - h.t;
    for (size_t i = h.t + 1; i < count; i++)
        result->seconds_saved += epochs[i].epoch_seconds;
    const struct epoch_record *then = &epochs[h.best];
    const struct epoch_record *overall = &epochs[best_up_to(epochs, count - 1)];
    result->cost = then->test_accuracy - overall->test_accuracy;
    result->cost_metric = "test_accuracy";
    if (isnan(result->cost)) {
        result->cost = then->val_accuracy - overall->val_accuracy;
        result->cost_metric = isnan(result->cost) ? NULL : "val_accuracy";
    }
}

void stopping_measure(const struct epoch_record *epochs, size_t count,
                      struct stopping result[STOPPING_CRITERIA]) {
    bool validated = count > 0 && !isnan(epochs[0].val_loss);
    for (size_t c = 0; c < STOPPING_CRITERIA; c++)
        judge(epochs, validated ? count : 0, c, &result[c]);
}
