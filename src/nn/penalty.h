/* What l1 and l2 add to the loss, and limits on the gradient. */
#ifndef MLPSWEEP_NN_PENALTY_H
#define MLPSWEEP_NN_PENALTY_H

#include "nn/net.h"

/** l1 * sum |w| + l2 * sum w^2 over all kernels. */
double penalty_value(const struct net *net, double l1, double l2);

/** Adds the penalty's gradient to that of the kernels. The team shares the work, if it is not NULL.
 */
void penalty_add_gradient(struct net *net, double l1, double l2, struct team *team);

/** Scales the whole gradient to at most this Euclidean norm. */
void penalty_clip_gradient(struct net *net, double norm);

#endif
