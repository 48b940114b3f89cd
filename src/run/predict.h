/* What a trained net says of rows that it has not seen. */
#ifndef MLPSWEEP_RUN_PREDICT_H
#define MLPSWEEP_RUN_PREDICT_H

#include "data/scale.h"
#include "nn/net.h"

/** A net and how it is asked. */
struct predictor {
    struct net_shape shape;
    const float *weights; /* [net_weight_count(shape)] */
    struct scale scale;
    struct target_scale target_scale;
};

/** Called for each row: outputs are probabilities of the classes, or the value in the file's units.
 *
 * Shapes: outputs [outputs of the net], valid during the call. */
typedef void prediction_visitor(void *context, size_t row, const double *outputs);

/** Asks the net about all rows, in order.
 *
 * Needs: a part of as many inputs as the net has. */
void predict_rows(const struct predictor *predictor, const struct data_part *part,
                  prediction_visitor *visit, void *context);

#endif
