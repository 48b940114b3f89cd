"""JAX: nets of one topology in one vmap, an epoch as one jitted scan over its minibatches.

Pixels stay bytes until they are gathered, unless they are scaled. Rows that do not fill a minibatch
are left out of an epoch: all steps of a scan have one shape.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

import common


def logits(parameters, x):
    """x [batch x 784] -> [batch x 10]"""
    for kernel, bias in parameters[:-1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = parameters[-1]
    return x @ kernel + bias


def loss(parameters, x, y):
    log_p = jax.nn.log_softmax(logits(parameters, x))
    return -jnp.take_along_axis(log_p, y[:, None], 1).mean()


def adam(state, gradient):
    parameters, m, v, steps = state
    steps += 1
    rate = 1e-3 * jnp.sqrt(1 - 0.999 ** steps) / (1 - 0.9 ** steps)
    m = jax.tree.map(lambda m, g: m + 0.1 * (g - m), m, gradient)
    v = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), v, gradient)
    parameters = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7),
                              parameters, m, v)
    return parameters, m, v, steps


@functools.partial(jax.jit, donate_argnums=0)
def train_epoch(states, x, y, orders):
    """states of all nets, orders [steps x nets or 1 x batch] -> states, loss of each net."""
    shared = orders.shape[1] == 1

    def step(state, rows):
        value, gradient = jax.value_and_grad(loss)(state[0], x[rows].astype(jnp.float32), y[rows])
        return adam(state, gradient), value

    def steps(states, rows):
        if shared:
            return jax.vmap(step, (0, None))(states, rows[0])
        return jax.vmap(step)(states, rows)

    states, losses = jax.lax.scan(steps, states, orders)
    return states, losses.mean(0)


@jax.jit
def correct(states, x, y):
    """Share of right answers of each net."""
    return jax.vmap(lambda parameters: (logits(parameters, x).argmax(1) == y).mean())(states[0])


def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = [(jnp.asarray(x), jnp.asarray(y.astype(np.int32))) for x, y in data]
    x_val = x_val.astype(jnp.float32)
    rng = np.random.default_rng(seeds[0])
    parameters = [(jnp.asarray(rng.normal(0, common.INIT_STDDEV, (len(seeds), inputs, units)),
                               jnp.float32), jnp.zeros((len(seeds), units)))
                  for inputs, units in zip(layers, layers[1:])]
    zeros = [jax.tree.map(jnp.zeros_like, parameters) for _ in range(2)]
    states = (parameters, *zeros, jnp.zeros(len(seeds)))
    steps = len(y) // options.batch
    orders = 1 if options.order == "shared" else len(seeds)
    accuracies = [0.0] * len(seeds)
    for _ in common.epochs(options):
        order = np.stack([rng.permutation(len(y))[:steps * options.batch]
                          for _ in range(orders)])
        order = order.reshape(orders, steps, options.batch).swapaxes(0, 1)
        states, losses = train_epoch(states, x, y, jnp.asarray(order))
        print(f"means: loss {float(losses.mean()):.4f}")
        if len(y_val):
            accuracies = np.asarray(correct(states, x_val, y_val)).tolist()
    return accuracies


if __name__ == "__main__":
    common.run(train, stacked=True, convert=common.as_bytes)
