#!/usr/bin/env python3
"""Prints what Keras computes for the rows of the tables in src/nn, in double precision.

    pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6 && KERAS_BACKEND=jax tests/nn/golden/keras_values.py > tests/nn/golden/keras.txt

A section opens with `kind text` and has lines of numbers; tests/nn/test_keras.c says what they are.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax

jax.config.update("jax_enable_x64", True)

import keras
import numpy as np

keras.backend.set_floatx("float64")

WEIGHTS, STEPS, RATE = 7, 20, 0.02


def section(kind, text, rows):
    print(kind, text)
    for row in rows:
        print(*(format(float(x), ".17g") for x in row))


def gradient(i, t):
    noise = (i * 7919 + t * 104729) % 2001 * 0.001 - 1
    return (noise + i * 0.02) * (0.001 if i % 5 == 0 else 1)


def optimizer(text, make):
    it = make()
    w = keras.Variable(np.array([i * 0.01 - 0.2 for i in range(WEIGHTS)]))
    it.build([w])
    rows = []
    for t in range(1, STEPS + 1):
        it.apply([keras.ops.convert_to_tensor(np.array([gradient(i, t) for i in range(WEIGHTS)]))], [w])
        rows.append(keras.ops.convert_to_numpy(w))
    section("optimizer", text, rows)


def optimizers():
    o = keras.optimizers
    optimizer("sgd", lambda: o.SGD(RATE))
    optimizer("sgd(momentum=0.9)", lambda: o.SGD(RATE, momentum=0.9))
    optimizer("sgd(momentum=0.9, nesterov=true)", lambda: o.SGD(RATE, momentum=0.9, nesterov=True))
    optimizer("rmsprop", lambda: o.RMSprop(RATE))
    optimizer("rmsprop(rho=0.5, epsilon=0.001)", lambda: o.RMSprop(RATE, rho=0.5, epsilon=1e-3))
    optimizer("adagrad", lambda: o.Adagrad(RATE))
    optimizer("adadelta", lambda: o.Adadelta(RATE))
    optimizer("adam", lambda: o.Adam(RATE))
    optimizer("adam(beta1=0.5, beta2=0.9, epsilon=0.01)", lambda: o.Adam(RATE, 0.5, 0.9, 0.01))
    optimizer("adamw", lambda: o.AdamW(RATE))
    optimizer("adamw(weight_decay=0.1)", lambda: o.AdamW(RATE, weight_decay=0.1))
    optimizer("adamax", lambda: o.Adamax(RATE))
    optimizer("nadam", lambda: o.Nadam(RATE))


def schedule(text, of_step):
    """Ten epochs of ten steps; Keras counts steps from 0."""
    section("schedule", text, [[of_step(step) for step in range(100)]])


def schedules():
    s = keras.optimizers.schedules
    schedule("constant", lambda t: RATE)
    schedule("step(every=3, factor=0.5)", s.ExponentialDecay(RATE, 30, 0.5, staircase=True))
    schedule("exponential(rate=0.8)", s.ExponentialDecay(RATE, 10, 0.8, staircase=True))
    schedule("cosine", s.CosineDecay(RATE, 100))
    schedule("cosine(final=0.005)", s.CosineDecay(RATE, 100, alpha=0.25))
    schedule("linear", s.PolynomialDecay(RATE, 100, 0))
    schedule("linear(final=0.005)", s.PolynomialDecay(RATE, 100, 0.005))


def activations():
    z = np.linspace(-6, 6, 49)
    a = keras.activations
    for text, f in {
        "relu": a.relu, "leaky_relu": lambda x: a.leaky_relu(x, 0.2), "elu": a.elu, "selu": a.selu,
        "gelu": lambda x: a.gelu(x, approximate=False), "silu": a.silu, "mish": a.mish, "tanh": a.tanh,
        "sigmoid": a.sigmoid, "hard_sigmoid": a.hard_sigmoid, "softplus": a.softplus,
        "softsign": a.softsign, "linear": a.linear,
    }.items():
        section("activation", text, [z, keras.ops.convert_to_numpy(f(keras.ops.convert_to_tensor(z)))])


def losses():
    """Each batch has 5 rows: the outputs, one row a line, and then the loss of each row."""
    batch, classes = 5, 4
    z = np.array([[(i * 7 + k * 5) % 11 * 0.5 - 2.5 for k in range(classes)] for i in range(batch)])
    label = np.array([i % classes for i in range(batch)])
    p = keras.ops.softmax(keras.ops.convert_to_tensor(z))
    one_hot = np.eye(classes)[label]
    l = keras.losses
    for smoothing in (0, 0.1):
        value = l.categorical_crossentropy(one_hot, z, from_logits=True, label_smoothing=smoothing)
        section("classes", f"cross_entropy {smoothing}", [*z, value])
    section("classes", "mse 0", [*z, l.mean_squared_error(one_hot, p)])
    section("classes", "mae 0", [*z, l.mean_absolute_error(one_hot, p)])
    section("classes", "huber(delta=0.3) 0", [*z, l.huber(one_hot, p, 0.3)])
    d, target = z[:, :1], np.array([[i * 0.7 - 1.5] for i in range(batch)])
    for text, f in {"mse": l.mean_squared_error, "mae": l.mean_absolute_error, "huber": l.huber}.items():
        section("values", text, [d[:, 0], target[:, 0], f(target, d)])


def normalizations():
    """A batch of 6 samples by 3 units, a sample a line; then the result; batch: then twice, the moving
    means and variances after that one batch, and the result of inference."""
    x = np.array([[(i * 5 + u * 3) % 7 * 0.4 - 1 + u for u in range(3)] for i in range(6)])
    numpy = keras.ops.convert_to_numpy
    batch = keras.layers.BatchNormalization(dtype="float64")
    layer = keras.layers.LayerNormalization(epsilon=1e-3, dtype="float64")
    trained = numpy(batch(x, training=True))
    moving = [numpy(batch.moving_mean.value), numpy(batch.moving_variance.value)]
    section("normalization", "batch", [*x, *trained, *moving, *numpy(batch(x, training=False))])
    section("normalization", "layer", [*x, *numpy(layer(x))])


print(f"# keras {keras.__version__}, jax {jax.__version__}, numpy {np.__version__}; by tests/nn/golden/keras_values.py")
optimizers()
schedules()
activations()
losses()
normalizations()
