"""The knobs of training that training.py leaves at their defaults, as docs/numerics.md describes them.

Normalization, dropout and input noise, label smoothing, penalties, clipping, schedules, max_updates, monitors and early
stopping.
"""
import numpy as np

import training
from training import F, arguments_of, double, logarithm, philox, sine_cosine, stream, unit

DROPOUT, INPUT_DROPOUT, INPUT_NOISE = 7, 8, 9


def bits(seed, purpose, epoch, layer, rows, units):
    def mix(x):
        x = (x ^ x >> np.uint32(16)) * np.uint32(0x7FEB352D)
        x = (x ^ x >> np.uint32(15)) * np.uint32(0x846CA68B)
        return x ^ x >> np.uint32(16)
    k0, k1 = (np.uint32(int(w)) for w in philox(stream(seed, purpose), (epoch, 0, layer, 0))[:2])
    unit_part = (np.arange(units, dtype=np.uint32) + k1) * np.uint32(0x9E3779B9)
    return mix(mix(rows.astype(np.uint32) ^ k0)[:, None] + unit_part)


def mask(rate, *place):
    return np.where(bits(*place) < np.uint32(int(rate * 2**32)), 0, 1 / (1 - rate))


def noise(*place):
    u = unit(bits(*place, ).astype(np.uint64))
    radius = np.sqrt(F(-2) * logarithm(np.ascontiguousarray(u[:, 0::2])))
    sine, cosine = sine_cosine(u[:, 1::2])
    return double(np.stack((radius * sine, radius * cosine), axis=2).reshape(len(u), -1))


class Net(training.Net):
    def __init__(self, trial, layers, classes):
        normalized = trial['normalization'] != 'none'
        layers = [[*layer, np.ones_like(layer[1])] if normalized and i + 1 < len(layers) else layer for i, layer in enumerate(layers)]
        super().__init__(trial, layers, classes)
        self.running = [[np.zeros(len(layer[1])), np.ones(len(layer[1]))] for layer in self.layers]
        self.memory = {'best': np.inf, 'waited': 0, 'reductions': 0}

    def add_noise(self, x, rows, epoch):
        t, columns = self.trial, x.shape[1]
        if t['input_noise']:
            x = x + t['input_noise'] * noise(t['order_seed'], INPUT_NOISE, epoch, 0, rows, columns + columns % 2)[:, :columns]
        return x * mask(t['input_dropout'], t['order_seed'], INPUT_DROPOUT, epoch, 0, rows, columns)

    def normalize(self, i, z, trains):
        if self.trial['normalization'] == 'layer':
            mean, variance = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
        elif trains:
            mean, variance = z.mean(axis=0), z.var(axis=0)
            for running, new in zip(self.running[i], (mean, variance)):
                running += float(F(0.01)) * (new - running)
        else:
            mean, variance = self.running[i]
        inverse = 1 / np.sqrt(variance + 1e-3)
        return (z - mean) * inverse, inverse

    def forward(self, x, rows=None, epoch=None):
        trains = rows is not None
        a, self.back = [self.add_noise(x, rows, epoch) if trains else x], []
        for i, (kernel, bias, *scale) in enumerate(self.layers):
            z, n, inverse, hidden = a[-1] @ kernel, None, None, i + 1 < len(self.layers)
            if scale:
                n, inverse = self.normalize(i, z, trains)
                z = n * scale[0]
            output, slope = self.f(z + bias) if hidden else (z + bias, 1)
            drop = mask(self.trial['dropout'], self.trial['seed'], DROPOUT, epoch, i, rows, len(bias)) if trains and hidden else 1
            self.back.append((slope, drop, n, inverse))
            a.append(output * drop)
        return a, None

    def measure(self, z, y, trains=False):
        e = self.trial['label_smoothing'] if trains and self.classes else 0
        result = super().measure(z, y * (1 - e) + e / y.shape[1] if e else y)
        return np.array([result[0], super().measure(z, y)[1]])

    def gradient(self, x, y, rows, epoch):
        a, _ = self.forward(x, rows, epoch)
        e, result = self.trial['label_smoothing'] if self.classes else 0, []
        delta = training.measure_loss(self.trial, a[-1], y * (1 - e) + e / y.shape[1] if e else y, self.classes)[1] * self.weight(y) / len(x)
        for i, (slope, drop, n, inverse) in reversed(list(enumerate(self.back))):
            delta = delta * drop * slope
            parts = [delta.sum(axis=0)]
            if n is not None:
                parts.append((delta * n).sum(axis=0))
                delta, axis = delta * self.layers[i][2], int(self.trial['normalization'] == 'layer')
                delta = inverse * (delta - delta.mean(axis=axis, keepdims=True) - n * (delta * n).mean(axis=axis, keepdims=True))
            result.insert(0, [a[i].T @ delta, *parts])
            delta = delta @ self.layers[i][0].T
        for layer, g in zip(self.layers, result):
            g[0] += self.trial['l1'] * np.sign(layer[0]) + 2 * self.trial['l2'] * layer[0]
        norm, limit = np.sqrt(sum((g**2).sum() for layer in result for g in layer)), self.trial['clip_norm']
        return [[g * (limit / norm if limit and norm > limit else 1) for g in layer] for layer in result], a[-1]

    weight = lambda self, y: 1  # of each sample (row_knobs.py)

    def penalty(self):
        return sum(self.trial['l1'] * np.abs(layer[0]).sum() + self.trial['l2'] * (layer[0]**2).sum() for layer in self.layers)

    def steps(self, minibatches):
        return min(self.trial['epochs'] * minibatches, self.trial['max_updates'] or 10**9)

    def rate(self, step, steps, epochs):
        arguments = arguments_of(self.trial, 'schedule')
        a, warmup = self.trial['learning_rate'], arguments.pop('warmup')
        p = max(0, (step - 1 - warmup) / (steps - warmup)) if steps > warmup else 0
        rate = {'constant': lambda: a, 'step': lambda every, factor: a * factor**(epochs // every),
                'exponential': lambda rate: a * rate**epochs,
                'cosine': lambda final: final + (a - final) * (1 + np.cos(np.pi * p)) / 2,
                'linear': lambda final: a + (final - a) * p,
                'plateau': lambda patience, factor, min_delta: a * factor**self.memory['reductions']}[self.trial['schedule']](**arguments)
        return rate * step / warmup if step < warmup else rate

    def monitored(self, record, part='val'):
        return record[f'{part}_loss'] if self.trial['monitor'] == 'val_loss' else 1 - record[f'{part}_accuracy']

    def ends(self, records):
        """Tells plateau and early stopping of an epoch; whether training ends with it."""
        value, m, arguments = self.monitored(records[-1]), self.memory, arguments_of(self.trial, 'schedule')
        if self.trial['schedule'] == 'plateau':
            better = value < m['best'] - arguments['min_delta']
            m['best'], m['waited'] = (value, 0) if better else (m['best'], m['waited'] + 1)
            if m['waited'] >= arguments['patience']:
                m['reductions'], m['waited'] = m['reductions'] + 1, 0
        return early_stopping(self.trial['early_stopping'], arguments_of(self.trial, 'early_stopping'),
                              [self.monitored(r) for r in records], [self.monitored(r, 'probe') for r in records])


def early_stopping(name, arguments, loss, probe):
    gl = 100 * (loss[-1] / min(loss) - 1) if min(loss) else (np.inf if loss[-1] else 0)
    if name == 'patience':
        best = 0
        for i, x in enumerate(loss):
            best = i if x < loss[best] - arguments['min_delta'] else best
        return len(loss) - 1 - best >= arguments['epochs']
    if name == 'gl':
        return gl > arguments['alpha']
    if name == 'none' or len(loss) % arguments['strip']:
        return False
    k = arguments['strip']
    if name == 'pq':
        strip = probe[-k:]
        progress = 1000 * (sum(strip) / (k * min(strip)) - 1) if min(strip) else (np.inf if sum(strip) else 0)
        return gl / progress > arguments['alpha'] if progress else gl > 0
    ends = loss[k - 1::k][-arguments['strips'] - 1:]
    return len(ends) > arguments['strips'] and all(b > a for a, b in zip(ends, ends[1:]))
