#include "run/predict.h"

#include "base/cpu.h"
#include "data/batch.h"
#include "nn/stack.h"

#include <math.h>
#include <string.h>

enum { BATCH = 256 };

/* Shapes: z [outputs x batch], of which column i is a sample's. Double: printed, never trained on.
 */
static void softmax(const float *z, size_t outputs, size_t batch, size_t i, double *probability) {
    double largest = -INFINITY, sum = 0;
    for (size_t c = 0; c < outputs; c++)
        largest = fmax(largest, (double)z[c * batch + i]);
    for (size_t c = 0; c < outputs; c++)
        sum += probability[c] = exp((double)z[c * batch + i] - largest);
    for (size_t c = 0; c < outputs; c++)
        probability[c] /= sum;
}

static void tell(const struct predictor *predictor, const float *z, size_t first, size_t batch,
                 double *outputs, prediction_visitor *visit, void *context) {
    size_t count = predictor->shape.width[predictor->shape.layers];
    for (size_t i = 0; i < batch; i++) {
        if (count > 1)
            softmax(z, count, batch, i, outputs);
        else
            outputs[0] =
                (double)z[i] * predictor->target_scale.deviation + predictor->target_scale.mean;
        visit(context, first + i, outputs);
    }
}

void predict_rows(const struct predictor *predictor, const struct data_part *part,
                  prediction_visitor *visit, void *context) {
    struct arena arena = {0};
    struct net net;
    struct stack stack;
    size_t inputs = predictor->shape.width[0];
    cpu_flush_denormals();
    net_create(&net, &predictor->shape, BATCH, &arena);
    memcpy(net.parameters, predictor->weights, net.weight_count * sizeof *net.parameters);
    stack_create(&stack, (struct net *[]){&net}, 1, BATCH, 1, NULL, &arena);
    float *x = arena_alloc(&arena, BATCH * inputs, sizeof *x);
    uint32_t *rows = arena_alloc(&arena, BATCH, sizeof *rows);
    double *outputs =
        arena_alloc(&arena, predictor->shape.width[predictor->shape.layers], sizeof *outputs);
    for (size_t from = 0; from < part->rows; from += BATCH) {
        size_t left = part->rows - from, count = left < BATCH ? left : (size_t)BATCH;
        for (size_t i = 0; i < count; i++)
            rows[i] = (uint32_t)(from + i);
        batch_inputs(part, inputs, &predictor->scale, rows, count, x);
        stack_forward(&stack, &(struct minibatch){.count = count, .dense = x}, NULL);
        tell(predictor, net_forward(&net, count, NULL, NULL), from, count, outputs, visit, context);
    }
    arena_close(&arena);
}
