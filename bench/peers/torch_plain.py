"""PyTorch without a DataLoader: minibatches are cut from the tensors; autograd, nn, Adam."""

import torch
from torch.nn import functional

import common
from torch_dataloader import build


def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = [map(torch.from_numpy, rows) for rows in data]
    torch.manual_seed(seeds[0])
    net = build(layers)
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(options.epochs):
        loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for rows in torch.randperm(len(y)).split(options.batch):
            labels = y[rows]
            logits = net(x[rows])
            loss = functional.cross_entropy(logits, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(rows)
            correct += (logits.argmax(1) == labels).sum()
        with torch.no_grad():
            logits = net(x_val)
            val_loss = functional.cross_entropy(logits, y_val).item()
            val_accuracy = (logits.argmax(1) == y_val).float().mean().item()
        print(f"loss {loss_sum.item() / len(y):.4f} accuracy {correct.item() / len(y):.4f} "
              f"val_loss {val_loss:.4f} val_accuracy {val_accuracy:.4f}")
    return [val_accuracy]


if __name__ == "__main__":
    common.run(train)
