"""PyTorch as an expert writes one net: no autograd, the whole epoch in torch.jit.script.

Adam is one pass over a vector of all parameters; pixels stay bytes until they are gathered, which
halves the time of gathering; denormals are flushed.
"""

from typing import List, Tuple

import torch
from torch import Tensor

import common
from torch_stacked import adam


@torch.jit.script
def forward(x: Tensor, kernels: List[Tensor], biases: List[Tensor]) -> List[Tensor]:
    """x [batch x 784], kernels [inputs x units] -> the layers' inputs, and the logits"""
    inputs = [x]
    for layer in range(len(kernels) - 1):
        inputs.append(torch.addmm(biases[layer], inputs[layer], kernels[layer]).relu_())
    inputs.append(torch.addmm(biases[-1], inputs[-1], kernels[-1]))
    return inputs


@torch.jit.script
def measure(logits: Tensor, y: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """logits [batch x 10], y [batch x 1] -> summed loss, correct answers, log p"""
    log_p = torch.log_softmax(logits, 1)
    at_label = log_p.gather(1, y)
    return -at_label.sum(), (at_label == log_p.amax(1, True)).sum(), log_p


@torch.jit.script
def backward(inputs: List[Tensor], delta: Tensor, kernels: List[Tensor],
             kernel_gradients: List[Tensor], bias_gradients: List[Tensor]):
    for back in range(1, len(kernels) + 1):
        layer = len(kernels) - back
        torch.mm(inputs[layer].t(), delta, out=kernel_gradients[layer])
        torch.sum(delta, [0], out=bias_gradients[layer])
        if layer > 0:
            delta = torch.mm(delta, kernels[layer].t()).mul_(inputs[layer] > 0)


@torch.jit.script
def train_epoch(x: Tensor, y: Tensor, order: Tensor, batch: int, kernels: List[Tensor],
                biases: List[Tensor], kernel_gradients: List[Tensor],
                bias_gradients: List[Tensor], parameters: Tensor, gradient: Tensor, m: Tensor,
                v: Tensor, root: Tensor, steps: int) -> Tuple[Tensor, Tensor]:
    """Returns loss and correct answers, summed."""
    loss, correct = torch.zeros([]), torch.zeros([], dtype=torch.int64)
    buffer = torch.empty([batch, x.shape[1]])
    for rows in order.split(batch):
        minibatch = buffer[:rows.shape[0]].copy_(x.index_select(0, rows))
        labels = y.index_select(0, rows).unsqueeze(1)
        inputs = forward(minibatch, kernels, biases)
        batch_loss, batch_correct, log_p = measure(inputs[-1], labels)
        loss += batch_loss
        correct += batch_correct
        delta = log_p.exp_()
        delta.scatter_add_(1, labels, torch.full([rows.shape[0], 1], -1.0))
        delta.div_(rows.shape[0])
        backward(inputs, delta, kernels, kernel_gradients, bias_gradients)
        steps += 1
        adam(parameters, gradient, m, v, root, steps)
    return loss, correct


def views(vector, layers):
    """The kernels [inputs x units] and biases [units] that lie in one vector."""
    pairs = list(zip(layers, layers[1:]))
    parts = vector.split([inputs * units for inputs, units in pairs] + list(layers[1:]))
    kernels = [part.view(inputs, units) for part, (inputs, units) in zip(parts, pairs)]
    return kernels, list(parts[len(pairs):])


@torch.no_grad()
def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = [map(torch.from_numpy, rows) for rows in data]
    x_val = x_val.float()
    torch.manual_seed(seeds[0])
    torch.set_flush_denormal(True)
    size = sum((inputs + 1) * units for inputs, units in zip(layers, layers[1:]))
    parameters, gradient, m, v, root = (torch.zeros(size) for _ in range(5))
    kernels, biases = views(parameters, layers)
    kernel_gradients, bias_gradients = views(gradient, layers)
    for kernel in kernels:
        kernel.normal_(0, common.INIT_STDDEV)
    steps = 0
    val_accuracy = 0.0
    for _ in common.epochs(options):
        loss, correct = train_epoch(x, y, torch.randperm(len(y)), options.batch, kernels, biases,
                                    kernel_gradients, bias_gradients, parameters, gradient, m, v,
                                    root, steps)
        steps += -(-len(y) // options.batch)
        print(f"loss {loss.item() / len(y):.4f} accuracy {correct.item() / len(y):.4f}")
        if len(y_val):
            logits = forward(x_val, kernels, biases)[-1]
            val_loss, val_correct, _ = measure(logits, y_val.unsqueeze(1))
            val_accuracy = val_correct.item() / len(y_val)
            print(f"val_loss {val_loss.item() / len(y_val):.4f} val_accuracy {val_accuracy:.4f}")
    return [val_accuracy]


if __name__ == "__main__":
    common.run(train, convert=common.as_bytes)
