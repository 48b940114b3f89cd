"""check_generators.py MLPSWEEP PROJECT: generated data sets and noisy labels against NumPy.

Written from docs/numerics.md. What the page says is written to CSV files; training on them must give the same weights, bit
for bit, as training on the generator itself, or with label_noise.
"""
import sys
import tempfile

import numpy as np

import common
from training import philox, stream

MLPSWEEP, PROJECT = sys.argv[1:3]
LABEL_NOISE, DATA = 6, 10
POINT, NOISE, OUTPUT = 0, 1, 2


def unit(word):
    return ((word >> np.uint64(9)).astype(float) + 0.5) / 2**23


def normal(key, row, part, i, use):
    words = philox(key, (row, part, i // 4, use))
    u0, u1 = unit(words[i // 2 % 2 * 2]), unit(words[i // 2 % 2 * 2 + 1])
    radius, angle = np.sqrt(-2 * np.log(u0)), 2 * np.pi * u1
    return radius * (np.cos(angle) if i % 2 else np.sin(angle))


def rounded(x):
    return np.floor(x * 2**20 + 0.5) / 2**20


def moons(key, part, row, u, noise):
    t, first = np.pi * u, row % 2 == 0
    return np.where(first, np.cos(t), 1 - np.cos(t)), np.where(first, np.sin(t), 0.5 - np.sin(t)), row % 2


def circles(key, part, row, u, noise, factor=0.5):
    t, r = 2 * np.pi * u, np.where(row % 2 == 0, 1, factor)
    return r * np.cos(t), r * np.sin(t), row % 2


def spirals(key, part, row, u, noise, classes=2, turns=1):
    c = row % classes
    t = 2 * np.pi * (turns * u + c / classes)
    return u * np.cos(t), u * np.sin(t), c


def noisy_sine(key, part, row, u, noise, periods=2):
    x = rounded(2 * u - 1)
    return x[:, None], np.sin(np.pi * periods * x)


def teacher(key, part, row, u, noise, inputs=10, width=10):
    x = np.stack([rounded(normal(key, row, part, i, POINT)) for i in range(inputs)], 1)
    j = np.arange(width, dtype=np.uint64)
    b = np.stack([normal(key, j, 2, i, POINT) for i in range(inputs)], 1) / np.sqrt(inputs)
    return x, np.tanh(x @ b.T) @ normal(key, j, 2, 0, OUTPUT) / np.sqrt(width)


NOISES = {moons: 0.1, circles: 0.1, spirals: 0.02, noisy_sine: 0.1, teacher: 0.1}


def make(generator, part, rows=1000, seed=1, noise=None, **arguments):
    """Features and targets."""
    noise = NOISES[generator] if noise is None else noise
    key, row = stream(seed, DATA), np.arange(rows, dtype=np.uint64)
    made = generator(key, part, row, unit(philox(key, (row, part, 0, POINT))[0]), noise, **arguments)
    z = [normal(key, row, part, i, NOISE) * noise for i in range(2)]
    if len(made) == 3:
        return np.stack([rounded(made[0] + z[0]), rounded(made[1] + z[1])], 1), made[2]
    return made[0], rounded(made[1] + z[0])


def write(path, x, y):
    with open(path, 'w') as f:
        for values, target in zip(np.float32(x), y):
            number = int(target) if target.dtype.kind == 'u' else repr(float(np.float32(target)))
            f.write(','.join(repr(float(v)) for v in values) + f',{number}\n')


def call(generator, arguments):
    return generator.__name__ + '(' + ', '.join(f'{k}={v}' for k, v in arguments.items()) + ')'


def digests(database, experiment):
    return [(r['weights_digest'], r['final_test_loss']) for r in database.execute(
        'SELECT weights_digest, final_test_loss FROM trials JOIN members USING(trial) WHERE experiment = ? ORDER BY position',
        (experiment,))]


CASES = [(moons, {}), (moons, dict(noise=0, rows=123, seed=4294967295)), (circles, {}), (circles, dict(factor=0.25, noise=0.3)),
         (spirals, {}), (spirals, dict(classes=5, turns=2.5, noise=0, rows=777)), (noisy_sine, {}),
         (noisy_sine, dict(periods=0.5, noise=2, seed=0)), (teacher, {}), (teacher, dict(inputs=3, width=40, rows=200, noise=0))]


def check_generators(folder):
    for i, (generator, arguments) in enumerate(CASES):
        for part, name in enumerate(('train', 'test')):
            write(f'{folder}/{name}{i}', *make(generator, part, **arguments))
        task = 'regression' if generator in (noisy_sine, teacher) else 'classification'
        # both are named, so that one file's trials are not taken for those of the other
        text = f'''datasets: {{own: {{format: csv, task: {task}, train: train{i}, test: test{i}}}}}
base: {{epochs: 2, batch_size: 10, scale: none}}
sweep: {{dataset: [own, "{call(generator, arguments)}"]}}
'''
        database = common.run(MLPSWEEP, PROJECT, folder, f'case{i}', text, f'{folder}/{i}.db')
        own, generated = digests(database, f'case{i}')
        for a, b in zip(own, generated):
            common.compare(call(generator, arguments), a, b, 0)


def check_noise(folder):
    """Three classes; the last 200 of 1,000 rows validate and keep their labels."""
    x, y = make(spirals, 0, classes=3)
    test = make(spirals, 1, classes=3)
    row = np.arange(1000, dtype=np.uint64)
    words = philox(stream(5, LABEL_NOISE), (row, 0, 0, 0))
    other = (y + 1 + (words[1] * np.uint64(2) >> np.uint64(32))) % 3
    noisy = np.where((words[0].astype(float) < 0.35 * 2**32) & (row < 800), other, y)
    write(f'{folder}/clean', x, y)
    write(f'{folder}/noisy', x, noisy.astype(np.uint64))
    write(f'{folder}/tests', *test)
    text = '''datasets:
  clean: {format: csv, train: clean, test: tests}
  noisy: {format: csv, train: noisy, test: tests}
base: {epochs: 2, batch_size: 10, seed: 5, validation_split: 0.2}
sweep: {dataset: [clean, noisy], label_noise: [0, 0.35]}
'''
    database = common.run(MLPSWEEP, PROJECT, folder, 'noise', text, f'{folder}/noise.db')
    clean, with_knob, by_hand, _ = digests(database, 'noise')
    for a, b in zip(by_hand, with_knob):
        common.compare('label_noise', a, b, 0)
    common.compare('label_noise changes the weights', True, clean[0] != with_knob[0], 0)


with tempfile.TemporaryDirectory() as folder:
    check_generators(folder)
    check_noise(folder)
common.finish()
