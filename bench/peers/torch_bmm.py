"""PyTorch, all seeds of a topology stacked: every layer one torch.baddbmm, autograd, Adam."""

import torch
from torch.nn import functional

import common


def forward(x, kernels, biases):
    """x [nets x batch x inputs], kernels [nets x inputs x units] -> logits [nets x batch x 10]"""
    for kernel, bias in zip(kernels[:-1], biases[:-1]):
        x = torch.baddbmm(bias, x, kernel).relu()
    return torch.baddbmm(biases[-1], x, kernels[-1])


def measure(logits, y):
    """Returns the sum over nets of the mean loss, and each net's correct answers."""
    nets, rows, classes = logits.shape
    loss = functional.cross_entropy(logits.reshape(-1, classes), y.reshape(-1), reduction="sum")
    return loss / rows, (logits.detach().argmax(2) == y).sum(1)


def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = [map(torch.from_numpy, rows) for rows in data]
    torch.manual_seed(seeds[0])
    nets = len(seeds)
    kernels = [torch.empty(nets, inputs, units).normal_(0, common.INIT_STDDEV).requires_grad_()
               for inputs, units in zip(layers, layers[1:])]
    biases = [torch.zeros(nets, 1, units, requires_grad=True) for units in layers[1:]]
    optimizer = torch.optim.Adam(kernels + biases)
    orders = 1 if options.order == "shared" else nets
    for _ in range(options.epochs):
        loss_sum, correct = torch.zeros(()), torch.zeros(nets, dtype=torch.int64)
        order = torch.stack([torch.randperm(len(y)) for _ in range(orders)])
        for rows in order.split(options.batch, dim=1):
            labels = y[rows].expand(nets, -1)
            logits = forward(x[rows].expand(nets, -1, -1), kernels, biases)
            loss, batch_correct = measure(logits, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * rows.shape[1]
            correct += batch_correct
        with torch.no_grad():
            logits = forward(x_val.expand(nets, -1, -1), kernels, biases)
            val_loss, val_correct = measure(logits, y_val.expand(nets, -1))
        val_accuracies = (val_correct / len(y_val)).tolist()
        print(f"means: loss {loss_sum.item() / len(y) / nets:.4f} "
              f"accuracy {correct.float().mean().item() / len(y):.4f} "
              f"val_loss {val_loss.item() / nets:.4f} "
              f"val_accuracy {sum(val_accuracies) / nets:.4f}")
    return val_accuracies


if __name__ == "__main__":
    common.run(train, stacked=True)
