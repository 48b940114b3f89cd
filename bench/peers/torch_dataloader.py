"""PyTorch as its tutorials write it: TensorDataset, DataLoader, nn.Sequential, Adam."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import common


def build(layers):
    modules = []
    for inputs, units in zip(layers, layers[1:]):
        modules += [nn.Linear(inputs, units), nn.ReLU()]
        nn.init.normal_(modules[-2].weight, std=common.INIT_STDDEV)
        nn.init.zeros_(modules[-2].bias)
    return nn.Sequential(*modules[:-1])


def dataset(rows):
    return TensorDataset(*map(torch.from_numpy, rows))


def one_pass(net, loader, loss_function, optimizer=None):
    """Trains if there is an optimizer; returns mean loss and accuracy."""
    loss_sum = correct = 0
    for x, y in loader:
        logits = net(x)
        loss = loss_function(logits, y)
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        loss_sum += loss.item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
    return loss_sum / len(loader.dataset), correct / len(loader.dataset)


def train(options, data, layers, seeds):
    torch.manual_seed(seeds[0])
    net = build(layers)
    train_loader = DataLoader(dataset(data[0]), batch_size=options.batch, shuffle=True)
    val_loader = DataLoader(dataset(data[1]), batch_size=1000)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters())
    for _ in range(options.epochs):
        net.train()
        loss, accuracy = one_pass(net, train_loader, loss_function, optimizer)
        net.eval()
        with torch.no_grad():
            val_loss, val_accuracy = one_pass(net, val_loader, loss_function)
        print(f"loss {loss:.4f} accuracy {accuracy:.4f} "
              f"val_loss {val_loss:.4f} val_accuracy {val_accuracy:.4f}")
    return [val_accuracy]


if __name__ == "__main__":
    common.run(train)
