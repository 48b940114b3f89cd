#include "nn/penalty.h"

#include "nn/reduce.h"

#include <math.h>

EVERY_ISA static double sum_absolute(const float *x, size_t n) {
    return reduce_absolute(x, n);
}

double penalty_value(const struct net *net, double l1, double l2) {
    double absolute = 0, squares = 0;
    for (size_t l = 0; l < net->shape.layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        size_t n = layer->inputs * layer->units;
        absolute += l1 != 0 ? sum_absolute(layer->kernel, n) : 0;
        squares += l2 != 0 ? reduce_squares(layer->kernel, n) : 0;
    }
    return l1 * absolute + l2 * squares;
}

EVERY_ISA static void add_slope(size_t n, float l1, float l2, const float *restrict w,
                                float *restrict gradient) {
    for (size_t i = 0; i < n; i++) {
        float sign = w[i] > 0.0F ? l1 : w[i] < 0.0F ? -l1 : 0.0F;
        gradient[i] += sign + 2.0F * l2 * w[i];
    }
}

/* A kernel's gradient, as a job of a team: parts of so many weights. */
struct penalty_job {
    const struct net_layer *layer;
    float l1, l2;
};

enum { PART = 1 << 14 };

static void add_part(void *context, size_t part, size_t member) {
    (void)member;
    const struct penalty_job *job = context;
    size_t from = part * PART, left = job->layer->inputs * job->layer->units - from;
    add_slope(left < PART ? left : (size_t)PART, job->l1, job->l2, job->layer->kernel + from,
              job->layer->kernel_gradient + from);
}

void penalty_add_gradient(struct net *net, double l1, double l2, struct team *team) {
    for (size_t l = 0; l < net->shape.layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        struct penalty_job job = {layer, (float)l1, (float)l2};
        team_run(team, (layer->inputs * layer->units + PART - 1) / PART, add_part, &job);
    }
}

EVERY_ISA static void scale(float *x, size_t n, float factor) {
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

void penalty_clip_gradient(struct net *net, double norm) {
    double now = sqrt(reduce_squares(net->gradient, net->parameter_count));
    if (now > norm)
        scale(net->gradient, net->parameter_count, (float)(norm / now));
}
