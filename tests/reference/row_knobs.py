"""The knobs that choose rows and change labels, as docs/numerics.md describes them.

Which rows are validated (`validation_from`), what `train_rows` takes of the others, noisy labels, and what a sample counts by
its class (`class_weight`).
"""
from fractions import Fraction

import numpy as np

import knobs
from training import PROBE, TRAIN_ROWS, F, philox, rank, stream

VALIDATION, NOISE = 5, 6


def validation_rows(trial, labels):
    """Numbers of the validation rows, ascending."""
    rows, key = np.arange(len(labels)), stream(trial['split_seed'], VALIDATION)
    count = len(rows) - int(len(rows) * (1 - Fraction(repr(trial['validation_split']))))
    if trial['validation_from'] == 'last':
        return rows[len(rows) - count:]
    if trial['validation_from'] == 'random':
        return rank(rows, count, key)
    values, sizes = np.unique(labels, return_counts=True)
    quotas, remainders = sizes * count // len(rows), sizes * count % len(rows)
    missing = count - quotas.sum()
    quotas[np.lexsort((np.arange(len(values)), -remainders))[:missing]] += 1
    return np.sort(np.concatenate([rank(rows[labels == value], quota, key) for value, quota in zip(values, quotas)]))


def noisy_labels(trial, labels):
    """The label that each row of the training file has in training."""
    values = np.unique(labels)
    counter = [np.arange(len(labels), dtype=np.uint64)] + [np.zeros(len(labels), np.uint64)] * 3
    words = philox(stream(trial['split_seed'], NOISE), counter)
    moved = 1 + (words[1] * np.uint64(len(values) - 1) >> np.uint64(32)).astype(int)
    own = np.searchsorted(values, labels)
    return values[np.where(words[0] < trial['label_noise'] * 2.0**32, (own + moved) % len(values), own)]


class Net(knobs.Net):
    def weight(self, y):
        return (y @ self.weights)[:, None] if self.trial['class_weight'] == 'balanced' else 1

    def more(self, z, probe):
        other = self.noisy[probe] != self.own[probe]
        fitted = self.values[F(z).argmax(axis=1)] == self.noisy[probe]
        return {'noisy_fit': fitted[other].mean()} if other.any() else {}


class Maker:
    """Makes the net of one trial, which then knows what was split before."""

    def split(self, trial, train, validation):
        assert validation is None
        held = validation_rows(trial, train[1])
        others = np.setdiff1d(np.arange(len(train[1])), held)
        self.chosen = rank(others, trial['train_rows'] or len(others), stream(trial['split_seed'], TRAIN_ROWS))
        return self.chosen, held, rank(self.chosen, min(len(held), len(self.chosen)), stream(trial['split_seed'], PROBE))

    def labels(self, trial, labels):
        self.own, self.noisy = labels, noisy_labels(trial, labels)
        return self.noisy

    def __call__(self, trial, layers, classes):
        net = Net(trial, layers, classes)
        net.own, net.noisy, net.values = self.own, self.noisy, np.unique(self.own)
        sizes = (self.noisy[self.chosen][:, None] == net.values).sum(axis=0)
        net.weights = np.divide(len(self.chosen) / (sizes > 0).sum(), sizes, out=np.zeros(len(sizes)), where=sizes > 0)
        return net
