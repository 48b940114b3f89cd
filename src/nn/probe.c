#include "nn/probe.h"

#include "nn/reduce.h"

#include <math.h>
#include <string.h>

static size_t hidden_units(const struct net_shape *shape) {
    size_t units = 0;
    for (size_t l = 1; l < shape->layers; l++)
        units += shape->width[l];
    return units;
}

EVERY_ISA static void add_moments(struct running_moments *moments, const float *x, size_t n) {
    double mean = reduce_sum_double(x, n) / (double)n;
    double squares = reduce_squared_distances(x, n, mean);
    double count = moments->count + (double)n, distance = mean - moments->mean;
    moments->squares += squares + distance * distance * moments->count * (double)n / count;
    moments->mean += distance * (double)n / count;
    moments->count = count;
}

void running_moments_add(struct running_moments *moments, const float *x, size_t n) {
    if (n)
        add_moments(moments, x, n);
}

double running_moments_sd(const struct running_moments *moments) {
    return sqrt(moments->squares / moments->count);
}

void probe_create(struct probe *probe, const struct net_shape *shape, struct arena *arena) {
    probe->layer = arena_alloc(arena, shape->layers, sizeof *probe->layer);
    probe->alive = arena_alloc(arena, hidden_units(shape), sizeof *probe->alive);
}

void probe_clear(struct probe *probe, const struct net_shape *shape) {
    memset(probe->layer, 0, shape->layers * sizeof *probe->layer);
    memset(probe->alive, 0, hidden_units(shape) * sizeof *probe->alive);
}

void probe_add(struct probe *probe, const struct net *net, size_t batch) {
    bool *alive = probe->alive;
    for (size_t l = 0; l < net->shape.layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        running_moments_add(&probe->layer[l], layer->output, layer->units * batch);
        for (size_t u = 0; u < layer->units && layer->activation->has_dead_units; u++)
            alive[u] |= reduce_any_positive(layer->output + u * batch, batch);
        alive += layer->units;
    }
}

/* Over layers `from` to `to`. */
static double dead_units(const struct probe *probe, const struct net *net, size_t from, size_t to) {
    size_t units = 0, dead = 0;
    const bool *alive = probe->alive;
    for (size_t l = 0; l < from; l++)
        alive += net->layer[l].units;
    for (size_t l = from; l < to; alive += net->layer[l++].units) {
        if (!net->layer[l].activation->has_dead_units || isnan(probe->layer[l].mean))
            return (double)NAN;
        units += net->layer[l].units;
        for (size_t u = 0; u < net->layer[l].units; u++)
            dead += !alive[u];
    }
    return units ? (double)dead / (double)units : (double)NAN;
}

double probe_dead_units(const struct probe *probe, const struct net *net, size_t l) {
    return l + 1 < net->shape.layers ? dead_units(probe, net, l, l + 1) : (double)NAN;
}

double probe_all_dead_units(const struct probe *probe, const struct net *net) {
    return dead_units(probe, net, 0, net->shape.layers - 1);
}
