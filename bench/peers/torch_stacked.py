"""PyTorch, all seeds of a topology stacked by an expert: no autograd, epochs in torch.jit.script.

Activations lie as [nets x units x batch], so that the first layers of nets that share their
minibatches are one product of [nets * units x 784]. Nets with orders of their own (--order own)
gather a minibatch each, and their first layers are a torch.bmm. Pixels stay bytes until they are
gathered; denormals are flushed.
"""

from typing import List, Tuple

import torch
from torch import Tensor

import common


@torch.jit.script
def forward(x: Tensor, kernels: List[Tensor], biases: List[Tensor]) -> List[Tensor]:
    """x [batch x 784] or [nets x batch x 784] -> the layers' outputs [nets x units x batch]"""
    nets, units, pixels = kernels[0].shape
    if x.dim() == 2:
        z = torch.mm(kernels[0].view(nets * units, pixels), x.t()).view(nets, units, x.shape[0])
        outputs = [z.add_(biases[0])]
    else:
        outputs = [torch.baddbmm(biases[0], kernels[0], x.transpose(1, 2))]
    for layer in range(1, len(kernels)):
        hidden = outputs[layer - 1].relu_()
        outputs.append(torch.baddbmm(biases[layer], kernels[layer], hidden))
    return outputs


@torch.jit.script
def measure(logits: Tensor, y: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """logits [nets x 10 x batch], y [nets x 1 x batch] -> summed loss, correct answers, log p"""
    log_p = torch.log_softmax(logits, 1)
    at_label = log_p.gather(1, y)
    return -at_label.sum(), (at_label == log_p.amax(1, True)).sum(2).view(-1), log_p


@torch.jit.script
def backward(x: Tensor, outputs: List[Tensor], delta: Tensor, kernels: List[Tensor],
             kernel_gradients: List[Tensor], bias_gradients: List[Tensor]):
    for back in range(1, len(kernels)):
        layer = len(kernels) - back
        hidden = outputs[layer - 1]
        torch.bmm(delta, hidden.transpose(1, 2), out=kernel_gradients[layer])
        torch.sum(delta, [2], True, out=bias_gradients[layer])
        delta = torch.bmm(kernels[layer].transpose(1, 2), delta).mul_(hidden > 0)
    torch.sum(delta, [2], True, out=bias_gradients[0])
    nets, units, pixels = kernels[0].shape
    if x.dim() == 2:
        torch.mm(delta.view(nets * units, x.shape[0]), x,
                 out=kernel_gradients[0].view(nets * units, pixels))
    else:
        torch.bmm(delta, x, out=kernel_gradients[0])


@torch.jit.script
def adam(parameters: Tensor, gradient: Tensor, m: Tensor, v: Tensor, root: Tensor, steps: int):
    rate = 1e-3 * (1 - 0.999 ** steps) ** 0.5 / (1 - 0.9 ** steps)
    m.mul_(0.9).add_(gradient, alpha=0.1)
    v.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
    torch.sqrt(v, out=root)
    parameters.addcdiv_(m, root.add_(1e-7), value=-rate)


@torch.jit.script
def train_epoch(x: Tensor, y: Tensor, order: Tensor, batch: int, kernels: List[Tensor],
                biases: List[Tensor], kernel_gradients: List[Tensor],
                bias_gradients: List[Tensor], parameters: Tensor, gradient: Tensor, m: Tensor,
                v: Tensor, root: Tensor, steps: int) -> Tuple[Tensor, Tensor]:
    """order [nets or 1 x rows] -> loss and correct answers, summed"""
    nets = kernels[0].shape[0]
    loss, correct = torch.zeros([]), torch.zeros([nets], dtype=torch.int64)
    buffer = torch.empty([order.shape[0] * batch, x.shape[1]])
    for rows in order.split(batch, 1):
        labels = y[rows].unsqueeze(1).expand(nets, 1, rows.shape[1])
        minibatch = buffer[:rows.numel()].copy_(x.index_select(0, rows.reshape(-1)))
        if order.shape[0] > 1:
            minibatch = minibatch.view(nets, rows.shape[1], x.shape[1])
        outputs = forward(minibatch, kernels, biases)
        batch_loss, batch_correct, log_p = measure(outputs[-1], labels)
        loss += batch_loss
        correct += batch_correct
        delta = log_p.exp_()
        delta.scatter_add_(1, labels, torch.full([nets, 1, rows.shape[1]], -1.0))
        delta.div_(rows.shape[1])
        backward(minibatch, outputs, delta, kernels, kernel_gradients, bias_gradients)
        steps += 1
        adam(parameters, gradient, m, v, root, steps)
    return loss, correct


def views(vector, layers, nets):
    """The kernels [nets x units x inputs] and biases [nets x units x 1] in one vector."""
    pairs = list(zip(layers, layers[1:]))
    sizes = [nets * inputs * units for inputs, units in pairs]
    sizes += [nets * units for units in layers[1:]]
    parts = vector.split(sizes)
    kernels = [part.view(nets, units, inputs) for part, (inputs, units) in zip(parts, pairs)]
    biases = [part.view(nets, units, 1) for part, units in zip(parts[len(pairs):], layers[1:])]
    return kernels, biases


@torch.no_grad()
def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = [map(torch.from_numpy, rows) for rows in data]
    x_val = x_val.float()
    torch.manual_seed(seeds[0])
    torch.set_flush_denormal(True)
    nets = len(seeds)
    size = nets * sum((inputs + 1) * units for inputs, units in zip(layers, layers[1:]))
    parameters, gradient, m, v, root = (torch.zeros(size) for _ in range(5))
    kernels, biases = views(parameters, layers, nets)
    kernel_gradients, bias_gradients = views(gradient, layers, nets)
    for kernel in kernels:
        kernel.normal_(0, common.INIT_STDDEV)
    orders = 1 if options.order == "shared" else nets
    steps = 0
    for _ in range(options.epochs):
        order = torch.stack([torch.randperm(len(y)) for _ in range(orders)])
        loss, correct = train_epoch(x, y, order, options.batch, kernels, biases, kernel_gradients,
                                    bias_gradients, parameters, gradient, m, v, root, steps)
        steps += -(-len(y) // options.batch)
        logits = forward(x_val, kernels, biases)[-1]
        val_loss, val_correct, _ = measure(logits, y_val.expand(nets, 1, -1))
        val_accuracies = (val_correct / len(y_val)).tolist()
        print(f"means: loss {loss.item() / len(y) / nets:.4f} "
              f"accuracy {correct.float().mean().item() / len(y):.4f} "
              f"val_loss {val_loss.item() / len(y_val) / nets:.4f} "
              f"val_accuracy {sum(val_accuracies) / nets:.4f}")
    return val_accuracies


if __name__ == "__main__":
    common.run(train, stacked=True, convert=common.as_bytes)
