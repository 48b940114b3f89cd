"""Trains one trial as docs/numerics.md describes it, written from that page. Weights, order and probe are bit for bit those of
mlpsweep; training runs in double precision, so losses agree until rounding has grown (1e-6 in the first hundreds of steps)."""
import json
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import xxhash

WEIGHTS, ORDER, TRAIN_ROWS, PROBE = 1, 2, 3, 4
def F(x):
    """Rounded to float; denormals count as 0."""
    x = np.asarray(x).astype(np.float32)
    return np.where(np.abs(x) < 2.0**-126, np.float32(0), x)[()]

double = lambda x: np.asarray(x).astype(np.float64)
unit = lambda words: (F(words >> np.uint64(9)) + F(0.5)) * F(2.0**-23)
# Random draws
def philox(key, counter):
    """Counters are arrays or numbers that broadcast; four arrays of words."""
    c = [np.asarray(x, dtype=np.uint64) for x in counter]
    (k0, k1), low, half = key, np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> half) ^ c[1] ^ np.uint64(k0), p1 & low, (p0 >> half) ^ c[3] ^ np.uint64(k1), p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c
def stream(seed, purpose):
    words = philox((seed & 0xFFFFFFFF, seed >> 32), (purpose, 0, 0, 0))
    return int(words[0]), int(words[1])
def horner(x, *coefficients):
    result = np.full_like(x, F(coefficients[0]))
    for c in coefficients[1:]:
        result = result * x + F(c)
    return result
def logarithm(x):
    offset = x.view(np.int32) - np.int32(0x3F3504F3)
    e = F(offset >> 23)
    m = ((offset & np.int32(0x007FFFFF)) + np.int32(0x3F3504F3)).view(np.float32) - F(1)
    p = horner(m, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
               -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
    y = p * m * (m * m) - e * F(2.12194440e-4) - F(0.5) * (m * m)
    return (m + y) + e * F(0.693359375)
def sine_cosine(u):
    q = np.rint(F(4) * u)
    r = (F(4) * u - q) * F(1.57079633)
    s, q = r * r, q.astype(int) % 4
    sine = horner(s, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) * s * r + r
    cosine = horner(s, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) * s * s - F(0.5) * s + F(1)
    return np.choose(q, [sine, cosine, -sine, -cosine]), np.choose(q, [cosine, -sine, -cosine, sine])
def kernel_words(seed, shape, layer, attempt=0):
    blocks = np.arange(-(-shape[0] * shape[1] // 4), dtype=np.uint64)
    return np.stack(philox(stream(seed, WEIGHTS + 65536 * attempt), (blocks, *(np.full_like(blocks, x) for x in (layer, *shape)))))
def normals(seed, shape, layer, attempt=0):
    u, z = unit(kernel_words(seed, shape, layer, attempt)), []
    for a, b in ((u[0], u[1]), (u[2], u[3])):
        radius = np.sqrt(F(-2) * logarithm(a))
        z += [x * radius for x in sine_cosine(b)]
    return np.stack(z).T.ravel()[:shape[0] * shape[1]].reshape(shape)

# Initializers: (seed, shape, layer, arguments) -> kernel
def normal(seed, shape, layer, mean, stddev):
    return F(mean) + F(stddev) * normals(seed, shape, layer)
def uniform(seed, shape, layer, min, max):
    u = unit(kernel_words(seed, shape, layer)).T.ravel()[:shape[0] * shape[1]].reshape(shape)
    return F(min) + F(max - min) * u
def truncated(seed, shape, layer, mean, stddev):
    z, attempt = normals(seed, shape, layer), 0
    while np.any(np.abs(z) > 2):
        attempt += 1
        z = np.where(np.abs(z) > 2, normals(seed, shape, layer, attempt), z)
    return F(mean) + F(stddev) * z
def scaled(scale, mode, distribution):
    def draw(seed, shape, layer):
        fan = {'fan_in': shape[0], 'fan_out': shape[1], 'fan_avg': (shape[0] + shape[1]) / 2}[mode]
        sd = np.sqrt(scale / fan)
        draw, low, high = {'uniform': (uniform, -np.sqrt(3.0) * sd, np.sqrt(3.0) * sd), 'untruncated_normal': (normal, 0, sd),
                           'truncated_normal': (truncated, 0, sd / 0.87962566103423978)}[distribution]
        return draw(seed, shape, layer, low, high)
    return draw
def orthogonal(seed, shape, layer, gain):
    z = double(normals(seed, shape, layer))
    q, r = np.linalg.qr(z if shape[0] >= shape[1] else z.T)
    q = q * np.sign(np.diag(r))
    return F(gain * (q if shape[0] >= shape[1] else q.T))

INITIALIZERS = {
    'zeros': lambda seed, shape, layer: np.zeros(shape, np.float32),
    'ones': lambda seed, shape, layer: np.ones(shape, np.float32),
    'constant': lambda seed, shape, layer, value: np.full(shape, F(value)),
    'normal': normal, 'random_normal': normal, 'uniform': uniform, 'random_uniform': uniform, 'truncated_normal': truncated,
    'glorot_normal': scaled(1, 'fan_avg', 'truncated_normal'), 'glorot_uniform': scaled(1, 'fan_avg', 'uniform'),
    'he_normal': scaled(2, 'fan_in', 'truncated_normal'), 'he_uniform': scaled(2, 'fan_in', 'uniform'),
    'lecun_normal': scaled(1, 'fan_in', 'truncated_normal'), 'lecun_uniform': scaled(1, 'fan_in', 'uniform'),
    'variance_scaling': lambda s, h, l, scale, mode, distribution: scaled(scale, mode, distribution)(s, h, l),
    'orthogonal': orthogonal, 'identity': lambda seed, shape, layer, gain: np.where(np.eye(*shape) > 0, F(gain), F(0)),
}
arguments_of = lambda trial, knob: json.loads(trial.get(knob + '_arguments') or '{}')
def first_weights(trial, widths):
    def draw(knob, shape, layer):
        return INITIALIZERS[trial[knob]](trial['init_seed'], shape, layer, **arguments_of(trial, knob))
    return [(draw('initializer', shape, layer), draw('bias_initializer', (1, shape[1]), 65536 + layer)[0])
            for layer, shape in enumerate(zip(widths, widths[1:]))]
def digest(weights):
    return xxhash.xxh3_128_hexdigest(b''.join(F(x).tobytes() for layer in weights for x in layer))

# Activations: z -> (a, derivative by z); arguments follow
sigmoid = lambda z: 1 / (1 + np.exp(-z))
def elu(z, alpha, scale=1):
    e = alpha * np.exp(np.minimum(z, 0))
    return scale * np.where(z > 0, z, e - alpha), scale * np.where(z > 0, 1, e)
def gelu(z):
    below = 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(z / np.sqrt(2)))
    return z * below, below + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
def mish(z):
    t = np.tanh(np.logaddexp(0, z))
    return z * t, t + z * (1 - t * t) * sigmoid(z)

ACTIVATIONS = {
    'relu': lambda z: (np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)),
    'leaky_relu': lambda z, slope: (np.where(z > 0, z, F(slope) * z), np.where(z > 0, 1.0, F(slope))),
    'elu': elu, 'selu': lambda z: elu(z, 1.67326324, 1.05070098), 'gelu': gelu, 'mish': mish,
    'silu': lambda z: (z * sigmoid(z), sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    'tanh': lambda z: (np.tanh(z), 1 - np.tanh(z)**2), 'sigmoid': lambda z: (sigmoid(z), sigmoid(z) * sigmoid(-z)),
    'hard_sigmoid': lambda z: (np.clip(z + 3, 0, 6) / 6, np.where(np.abs(z) < 3, 1 / 6, 0)),
    'softplus': lambda z: (np.logaddexp(0, z), sigmoid(z)), 'softsign': lambda z: (z / (1 + abs(z)), (1 + abs(z))**-2.0),
    'linear': lambda z: (z, np.ones_like(z)),
}

# Losses of the difference d: (loss, derivative by d)
LOSSES = {
    'mse': lambda d: (d * d, 2 * d), 'mae': lambda d: (np.abs(d), np.sign(d)),
    'huber': lambda d, delta: (np.where(np.abs(d) <= delta, d * d / 2, delta * (np.abs(d) - delta / 2)), np.clip(d, -delta, delta)),
}

def measure_loss(trial, z, y, classes):
    """Loss of each row, and its gradient by z."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    if trial['loss'] == 'cross_entropy':
        return np.log(e.sum(axis=1)) + z.max(axis=1) - (z * y).sum(axis=1), p - y
    loss, g = LOSSES[trial['loss']]((p if classes else z) - y, **arguments_of(trial, 'loss'))
    g = g / z.shape[1]
    return loss.mean(axis=1), p * (g - (g * p).sum(axis=1, keepdims=True)) if classes else g

# Optimizers: (w, g, state, rate, t, arguments), in place
share = lambda beta: float(F(1 - beta))
correction = lambda beta, t: 1 - (1 - share(beta))**t
def moments(g, state, beta1, beta2):
    """Moving averages of g and of its square."""
    for key, new, beta in (('m', g, beta1), ('v', g * g, beta2)):
        state[key] = state.get(key, 0 * g) + share(beta) * (new - state.get(key, 0 * g))
    return state['m'], state['v']
def sgd(w, g, state, rate, t, momentum, nesterov):
    v = state['v'] = momentum * state.get('v', 0 * g) - rate * g
    w += momentum * v - rate * g if nesterov else v
def rmsprop(w, g, state, rate, t, rho, epsilon):
    w -= rate * g / np.sqrt(moments(g, state, 0, rho)[1] + epsilon)
def adagrad(w, g, state, rate, t, initial, epsilon):
    state['s'] = state.get('s', initial) + g * g
    w -= rate * g / np.sqrt(state['s'] + epsilon)
def adadelta(w, g, state, rate, t, rho, epsilon):
    move = g * np.sqrt(state.get('d', 0 * g) + epsilon) / np.sqrt(moments(g, state, 0, rho)[1] + epsilon)
    state['d'] = state.get('d', 0 * g) + share(rho) * (move * move - state.get('d', 0 * g))
    w -= rate * move
def adam(w, g, state, rate, t, beta1, beta2, epsilon):
    m, v = moments(g, state, beta1, beta2)
    w -= rate * np.sqrt(correction(beta2, t)) / correction(beta1, t) * m / (np.sqrt(v) + epsilon)
def adamw(w, g, state, rate, t, beta1, beta2, epsilon, weight_decay):
    w -= rate * weight_decay * w * (w.ndim == 2)
    adam(w, g, state, rate, t, beta1, beta2, epsilon)
def adamax(w, g, state, rate, t, beta1, beta2, epsilon):
    state['u'] = np.maximum(beta2 * state.get('u', 0), np.abs(g))
    w -= rate / correction(beta1, t) * moments(g, state, beta1, 0)[0] / (state['u'] + epsilon)
def nadam(w, g, state, rate, t, beta1, beta2, epsilon):
    now, after = (beta1 * (1 - 0.5 * 0.96**k) for k in (t, t + 1))
    product = state['product'] = state.get('product', 1) * now
    m, v = moments(g, state, beta1, beta2)
    w -= rate * (after * m / (1 - product * after) + (1 - now) * g / (1 - product)) / (np.sqrt(v / correction(beta2, t)) + epsilon)

OPTIMIZERS = {f.__name__: f for f in (sgd, rmsprop, adagrad, adadelta, adam, adamw, adamax, nadam)}
# Rows
def rank(rows, n, key):
    words = philox(key, [np.asarray(rows, np.uint64)] + [np.zeros(len(rows), np.uint64)] * 3)
    return np.sort(np.asarray(rows)[np.lexsort((rows, words[1], words[0]))][:n])
def split(trial, train, validation):
    """Rows of the training file to train on, rows to validate on (None: the validation file), rows of the probe."""
    rows, n = np.arange(len(train[0])), len(train[0])
    if validation is None:
        n = int(n * (1 - Fraction(repr(trial['validation_split']))))
    chosen = rank(rows[:n], trial['train_rows'] or n, stream(trial['split_seed'], TRAIN_ROWS))
    held = rows[n:] if validation is None else np.arange(len(validation[0]))
    return chosen, held, rank(chosen, min(len(held) or 10000, len(chosen)), stream(trial['split_seed'], PROBE))
def order(rows, seed, epoch):
    k0, k1 = stream(seed, ORDER)
    x = (np.uint64(epoch << 32) + rows.astype(np.uint64)) ^ np.uint64((k1 << 32) + k0)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return rows[np.argsort((x ^ x >> np.uint64(31)) >> np.uint64(32), kind='stable')]
def varying(width):
    return np.divide(1, width, out=np.zeros_like(width), where=width > 0)

SCALES = {
    'none': lambda x, idx: (F(0), F(1)),
    'unit': lambda x, idx: (F(0), F(1) / F(255) if idx else F(1) / F(np.abs(x).max() or 1)),
    'standard': lambda x, idx: (F(x.mean(axis=0, dtype=float)), F(varying(x.std(axis=0, dtype=float)))),
    'minmax': lambda x, idx: (F(x.min(axis=0)), varying(F(np.ptp(F(x), axis=0)))),
}

class Net:
    def __init__(self, trial, layers, classes):
        self.trial, self.classes, arguments = trial, classes, arguments_of(trial, 'activation')
        self.f = lambda z: ACTIVATIONS[trial['activation']](z, **arguments)
        self.layers = [[double(x) for x in layer] for layer in layers]

    def forward(self, x):
        """The input and each layer's output, and the slope of each layer's activation."""
        a, slopes = [x], []
        for kernel, bias in self.layers:
            z = a[-1] @ kernel + bias
            output, slope = self.f(z) if len(a) < len(self.layers) else (z, 1)
            a.append(output)
            slopes.append(slope)
        return a, slopes

    def measure(self, z, y, trains=False):
        """Mean loss, and accuracy or mean absolute error."""
        second = (F(z).argmax(axis=1) == y.argmax(axis=1)).mean() if self.classes else np.abs(z - y).mean()
        return np.array([measure_loss(self.trial, z, y, self.classes)[0].mean(), second])

    def gradient(self, x, y, rows, epoch):
        a, slopes = self.forward(x)
        delta, result = measure_loss(self.trial, a[-1], y, self.classes)[1] / len(x), []
        for i in reversed(range(len(self.layers))):
            delta = delta * slopes[i]
            result.insert(0, (a[i].T @ delta, delta.sum(axis=0)))
            delta = delta @ self.layers[i][0].T
        return result, a[-1]

    # What knobs that are at their defaults here would change (knobs.py, row_knobs.py)
    split, labels = staticmethod(split), staticmethod(lambda trial, labels: labels)
    steps = lambda self, minibatches: self.trial['epochs'] * minibatches
    rate = lambda self, step, steps, epochs: self.trial['learning_rate']
    monitored = lambda self, record: record['val_loss']
    penalty = ends = lambda self, *_: 0
    more = lambda self, *_: {}

def train(trial, parts, idx, classes, make_net=Net):
    """Digest of the `first` weights, rows of the views `epochs` and `layers`, and of `confusion`. trial is a row of the view trials; parts maps train, validation, test to (raw values [rows x columns], labels)."""
    raw, labels = parts['train']
    chosen, held, probe = make_net.split(trial, parts['train'], parts.get('validation'))
    shift, factor = SCALES[trial['scale']](raw[chosen], idx)
    values, trained = np.unique(labels) if classes else None, {**parts, 'train': (raw, make_net.labels(trial, labels))}
    def load(part, rows, parts=trained):
        x, y = parts[part]
        target = double(y[rows][:, None] == values) if classes else double(F(y[rows]))[:, None]
        return double((F(x[rows]) - shift) * factor), target
    inputs = {'val': load('validation' if 'validation' in parts else 'train', held, parts), 'probe': load('train', probe),
              'test': load('test', np.arange(len(parts['test'][0])))}
    hidden = [] if trial['topology'] == 'none' else [int(w) for w in trial['topology'].split('-')]
    first = first_weights(trial, [raw.shape[1], *hidden, len(values) if classes else 1])
    net, result = make_net(trial, first, classes), {'first': digest(first), 'epochs': [], 'layers': [], 'confusion': {}}
    t, states = 0, [[{} for _ in layer] for layer in net.layers]
    steps = net.steps(-(-len(chosen) // trial['batch_size']))
    arguments, second = arguments_of(trial, 'optimizer'), 'accuracy' if classes else 'mae'
    dying = trial['activation'] == 'relu'
    def note_layers(epoch, gradient, outputs):
        for i, a in enumerate(outputs):
            dead = (a <= 0).all(axis=0).mean() if dying and i < len(hidden) else None
            result['layers'].append({'epoch': epoch, 'layer': i + 1, 'activation_sd': a.std(),
                                     'gradient_norm': np.sqrt((gradient[i][0]**2).sum()), 'dead_units': dead})
    before = net.forward(inputs['probe'][0])[0][1:]
    for epoch in range(1, trial['epochs'] + 1):
        rows, sums = order(chosen, trial['order_seed'], epoch), np.zeros(2)
        for start in range(0, len(rows), trial['batch_size'])[:steps - t]:
            x, target = load('train', batch := rows[start:start + trial['batch_size']])
            gradient, z = net.gradient(x, target, batch, epoch)
            sums, seen = sums + net.measure(z, target, True) * len(x), start + len(x)
            t == 0 and note_layers(0, gradient, before)
            t, rate = t + 1, net.rate(t + 1, steps, epoch - 1)
            for layer, g, state in zip(net.layers, gradient, states):
                for i in range(len(layer)):
                    OPTIMIZERS[trial['optimizer']](layer[i], g[i], state[i], float(F(rate)), t, **arguments)
        record = {'epoch': epoch, 'updates': t, 'train_loss': sums[0] / seen, 'train_' + second: sums[1] / seen, 'lr': rate,
                  'weight_norm': np.sqrt(sum((kernel**2).sum() for kernel, *_ in net.layers)), 'penalty': net.penalty()}
        outputs = {name: net.forward(x)[0][1:] for name, (x, _) in inputs.items() if len(x)}
        for name, a in outputs.items():
            record[name + '_loss'], record[f'{name}_{second}'] = net.measure(a[-1], inputs[name][1])
        record.update(net.more(outputs['probe'][-1], probe))
        note_layers(epoch, gradient, outputs['probe'])
        if hidden and dying:  # of all hidden layers together
            record['dead_units'] = np.concatenate([(a <= 0).all(axis=0) for a in outputs['probe'][:-1]]).mean()
        if classes and held.size and all(net.monitored(record) < net.monitored(e) for e in result['epochs']):
            actual, predicted = inputs['test'][1].argmax(axis=1), F(outputs['test'][-1]).argmax(axis=1)
            result['confusion'] = Counter(zip(values[actual], values[predicted]))
        result['epochs'].append(record)
        if t == steps or net.ends(result['epochs']):
            break
    return result
