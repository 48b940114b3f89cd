"""NumPy: backpropagation and Adam written by hand, buffers reused, one net at a time."""

import numpy as np

import common

RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


class Adam:
    """All parameters lie in one vector, so that a step is one pass over it."""

    def __init__(self, size):
        self.m, self.v = np.zeros((2, size), np.float32)
        self.change, self.root = np.empty((2, size), np.float32)
        self.steps = 0

    def step(self, parameters, gradient):
        self.steps += 1
        rate = RATE * (1 - BETA2 ** self.steps) ** 0.5 / (1 - BETA1 ** self.steps)
        self.m *= BETA1
        np.multiply(gradient, 1 - BETA1, out=self.change)
        self.m += self.change
        self.v *= BETA2
        np.multiply(gradient, gradient, out=self.change)
        self.change *= 1 - BETA2
        self.v += self.change
        np.sqrt(self.v, out=self.root)
        self.root += EPSILON
        np.divide(self.m, self.root, out=self.change)
        self.change *= rate
        parameters -= self.change


def views(vector, layers):
    """The kernels [inputs x units] and biases [units] that lie in one vector."""
    kernels, biases, at = [], [], 0
    for inputs, units in zip(layers, layers[1:]):
        kernels.append(vector[at:at + inputs * units].reshape(inputs, units))
        at += inputs * units
        biases.append(vector[at:at + units])
        at += units
    return kernels, biases


def forward(x, kernels, biases):
    """Returns every layer's input, and the logits."""
    inputs = [x]
    for kernel, bias in zip(kernels[:-1], biases[:-1]):
        z = inputs[-1] @ kernel
        z += bias
        inputs.append(np.maximum(z, 0, out=z))
    logits = inputs[-1] @ kernels[-1]
    logits += biases[-1]
    return inputs, logits


def measure(logits, y):
    """Returns summed loss, correct answers, and softmax probabilities (over the logits)."""
    rows = np.arange(len(y))
    correct = np.count_nonzero(logits.argmax(axis=1) == y)
    logits -= logits.max(axis=1, keepdims=True)
    at_label = logits[rows, y]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1, keepdims=True)
    logits /= total
    return float(np.log(total).sum() - at_label.sum()), correct, logits


def backward(inputs, delta, kernels, kernel_gradients, bias_gradients):
    for layer in reversed(range(len(kernels))):
        np.matmul(inputs[layer].T, delta, out=kernel_gradients[layer])
        delta.sum(axis=0, out=bias_gradients[layer])
        if layer:
            delta = delta @ kernels[layer].T
            delta *= inputs[layer] > 0


def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = data
    rng = np.random.default_rng(seeds[0])
    size = sum((inputs + 1) * units for inputs, units in zip(layers, layers[1:]))
    parameters, gradient = np.zeros((2, size), np.float32)
    kernels, biases = views(parameters, layers)
    kernel_gradients, bias_gradients = views(gradient, layers)
    for kernel in kernels:
        kernel[:] = rng.normal(0, common.INIT_STDDEV, kernel.shape)
    adam = Adam(size)
    for _ in range(options.epochs):
        order = rng.permutation(len(y))
        loss = correct = 0
        for start in range(0, len(y), options.batch):
            rows = order[start:start + options.batch]
            labels = y[rows]
            inputs, logits = forward(x[rows], kernels, biases)
            batch_loss, batch_correct, delta = measure(logits, labels)
            loss += batch_loss
            correct += batch_correct
            delta[np.arange(len(rows)), labels] -= 1
            delta /= len(rows)
            backward(inputs, delta, kernels, kernel_gradients, bias_gradients)
            adam.step(parameters, gradient)
        val_loss, val_correct, _ = measure(forward(x_val, kernels, biases)[1], y_val)
        print(f"loss {loss / len(y):.4f} accuracy {correct / len(y):.4f} "
              f"val_loss {val_loss / len(y_val):.4f} val_accuracy {val_correct / len(y_val):.4f}")
    return [val_correct / len(y_val)]


if __name__ == "__main__":
    common.run(train)
