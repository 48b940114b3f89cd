"""check_training.py MLPSWEEP PROJECT: trains sweeps over every row of the registries, and each trial again with training.py.

First weights must be equal bit for bit (their digest, seen by training with a learning rate too small to move them),
losses to 1e-6, accuracies and counts exactly.
"""
import gzip
import math
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

import numpy as np

import training

MLPSWEEP, PROJECT = sys.argv[1:3]
STILL = 1e-40  # as a float below the smallest normal one, so it counts as 0
compared = failures = 0


def read_bytes(path):
    return (gzip.open if path.endswith('.gz') else open)(path, 'rb').read()


def read_idx(images, labels):
    x, y = read_bytes(images), read_bytes(labels)
    return (np.frombuffer(x, np.uint8, offset=4 + 4 * x[3]).reshape(int.from_bytes(x[4:8], 'big'), -1),
            np.frombuffer(y, np.uint8, offset=8))


def write_libsvm(path, rng, rows, label, columns=12):
    """The first of twelve columns: dense and sparse ones, one of zeros, one that never varies; label(inputs) -> labels."""
    x = np.round(rng.normal(size=(rows, 12)) * [1, 5, .1, 1, 1, 2, 1, 1, 1, 1, 0, 0] + [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], 4)
    x[:, 6:10] *= rng.random((rows, 4)) < 0.3
    y, x = label(x, rng), x[:, :columns]
    with open(path, 'w') as f:
        for values, target in zip(x, y):
            f.write(' '.join([repr(float(target))] + [f'{j + 1}:{v:.4f}' for j, v in enumerate(values) if v]) + '\n')
    return training.F(x), y


def registry(kind):
    """Names of a registry's rows, as the program lists them."""
    text = subprocess.run([MLPSWEEP, 'list', kind], check=True, capture_output=True, text=True).stdout
    return re.findall(r'^([a-z_0-9]+)', text, re.M)


def compare(what, ours, theirs, tolerance):
    global compared, failures
    compared += 1
    ours = None if isinstance(ours, float) and math.isnan(ours) else ours
    same = ours == theirs if ours is None or theirs is None or not tolerance else \
        abs(ours - theirs) <= tolerance * max(1, abs(ours))
    if not same:
        failures += 1
        print(f'FAILED: {what}: the page gives {ours}, mlpsweep {theirs}')


def check(folder, name, text, parts, idx=False, classes=True):
    path, db = f'{folder}/{name}.yaml', f'{folder}/{name}.db'
    with open(path, 'w') as f:
        f.write(text)
    run = subprocess.run([MLPSWEEP, 'run', '--db', db, '-j', '2', path], cwd=PROJECT, capture_output=True, text=True)
    if run.returncode:
        sys.exit(f'{name}: run exits with {run.returncode}\n{run.stderr}')
    database = sqlite3.connect(db)
    database.row_factory = sqlite3.Row
    for trial in map(dict, database.execute('SELECT * FROM trials')):
        check_trial(name, database, trial, training.train(trial, parts, idx, classes), classes)


def check_trial(name, database, trial, expected, classes):
    label = f'{name} ' + ', '.join(str(trial[k]) for k in ('activation', 'initializer', 'loss', 'optimizer', 'scale', 'topology'))

    def rows(view, *keys):
        query = database.execute(f'SELECT * FROM {view} WHERE trial = ?', (trial['trial'],))
        return {tuple(row[k] for k in keys): row for row in query}

    if trial['learning_rate'] == STILL:
        compare(f'{label}: first weights', expected['first'], trial['weights_digest'], 0)
    epochs, layers = rows('epochs', 'epoch'), rows('layers', 'epoch', 'layer')
    compare(f'{label}: epochs', len(expected['epochs']), len(epochs), 0)
    for e in expected['epochs']:
        for key, value in e.items():
            exact = key in ('updates', 'epoch', 'dead_units') or key.endswith('accuracy')
            compare(f"{label}: {key} of epoch {e['epoch']}", float(value), epochs[e['epoch'],][key], 1e-15 if exact else 1e-6)
    compare(f'{label}: layers', len(expected['layers']), len(layers), 0)
    for row in expected['layers']:
        for key, value in row.items():
            compare(f"{label}: {key} of layer {row['layer']}, epoch {row['epoch']}", value,
                    layers[row['epoch'], row['layer']][key], 1e-5)
    last, second = expected['epochs'][-1], 'accuracy' if classes else 'mae'
    compare(f'{label}: final_test_loss', last['test_loss'], trial['final_test_loss'], 1e-6)
    compare(f'{label}: final_test_{second}', last[f'test_{second}'], trial[f'final_test_{second}'], 1e-15 if classes else 1e-6)
    confusion = {key: row['count'] for key, row in rows('confusion', 'actual', 'predicted').items()}
    compare(f'{label}: confusion', dict(expected['confusion']), confusion, 0)


def listed(names):
    return '[' + ', '.join(names) + ']'


def write_data(folder):
    """MNIST's first rows; a regression; classes -1, 3, 7 with a validation file. Each as parts, and as YAML."""
    rng = np.random.default_rng(1)
    mnist = {}
    for part, stem, rows in (('train', 'train', 3000), ('test', 't10k', 500)):
        files = [f'{PROJECT}/data/mnist/{stem}-{what}' for what in ('images-idx3-ubyte', 'labels-idx1-ubyte')]
        files = [f if os.path.exists(f) else f + '.gz' for f in files]
        mnist[part] = tuple(x[:rows] for x in read_idx(*files))
        for array, name in zip(mnist[part], 'xy'):
            with open(f'{folder}/{part}-{name}', 'wb') as f:
                f.write(bytes([0, 0, 8, 3 if name == 'x' else 1]) + rows.to_bytes(4, 'big'))
                f.write((28).to_bytes(4, 'big') * 2 * (name == 'x') + array.tobytes())
    values = {part: write_libsvm(f'{folder}/values-{part}', rng, rows, lambda x, rng: np.round(
        np.sin(x[:, 0]) + x[:, 1] / 5 + x[:, 6] + 0.1 * rng.normal(size=len(x)), 4))
        for part, rows in (('train', 700), ('test', 150))}
    kinds = {part: write_libsvm(f'{folder}/kinds-{part}', rng, rows, lambda x, rng: np.array([-1, 3, 7])[
        np.digitize(x[:, 0] + x[:, 3] * x[:, 4], [-.5, .5])])
        for part, rows in (('train', 500), ('validation', 120), ('test', 150))}
    square = {part: write_libsvm(f'{folder}/square-{part}', rng, rows, lambda x, rng: np.digitize(x[:, 0], [-.5, .5]), 3)
              for part, rows in (('train', 100), ('test', 50))}
    return mnist, values, kinds, square, '''datasets:
  digits: {format: idx, train: [train-x, train-y], test: [test-x, test-y]}
  values: {format: libsvm, features: 12, task: regression, train: values-train, test: values-test}
  kinds: {format: libsvm, features: 12, train: kinds-train, validation: kinds-validation, test: kinds-test}
  square: {format: libsvm, features: 3, train: square-train, test: square-test}
'''


def main(folder):
    mnist, values, kinds, square, datasets = write_data(folder)
    tables = {'activations': training.ACTIVATIONS, 'initializers': training.INITIALIZERS, 'losses': {'cross_entropy', *training.LOSSES},
              'optimizers': training.OPTIMIZERS, 'scales': training.SCALES}
    rows = {kind: registry(kind) for kind in tables}
    for kind, table in tables.items():
        compare(f'{kind} that the page lacks', [], [row for row in rows[kind] if row not in table], 0)
    drawn = [row for row in rows['initializers'] if row != 'identity'] + [
        'variance_scaling(scale=2, mode=fan_avg, distribution=untruncated_normal)', 'normal(mean=0.1, stddev=0.2)',
        'uniform(min=-0.3, max=0.1)', 'orthogonal(gain=2)', 'constant(value=0.01)']
    base = datasets + 'base: {dataset: %s, batch_size: 50, test_every: 1, learning_rate: %s, %s}\nsweep:\n'
    # With ones, logits of digits grow to 1e4 and more, which is all that a float can resolve.
    check(folder, 'draws', base % ('digits', STILL, 'epochs: 1') +
          f"  initializer: {listed([row for row in drawn if row != 'ones'])}\n  topology: [[20, 15], [9, 21], []]\n", mnist, idx=True)
    check(folder, 'draws-again', base % ('values', STILL, 'epochs: 1') +
          f'  initializer: {listed(drawn)}\n  topology: [[5], [11, 3]]\n  seed: [3, 4294967299]\n', values, classes=False)
    check(folder, 'square', base % ('square', STILL, 'epochs: 1, topology: [3]') +
          '  initializer: [identity, identity(gain=-0.5)]\n', square)
    steps = base % ('digits', 0.002, 'epochs: 2, validation_split: 0.35, train_rows: 1530')

    def with_arguments(kind, *calls):
        """The rows of a registry, and these of its rows once more."""
        return rows[kind] + [call for call in calls if call.split('(')[0] in rows[kind]]

    check(folder, 'steps', steps + f"  activation: {listed(with_arguments('activations', 'leaky_relu(slope=0.3)', 'elu(alpha=0.5)'))}\n"
          f"  loss: {listed(with_arguments('losses', 'huber(delta=0.1)'))}\n", mnist, idx=True)
    check(folder, 'optimizers', steps + f"""  loss: [cross_entropy, mse]
  optimizer: {listed(with_arguments('optimizers', 'sgd(momentum=0.9)', 'sgd(momentum=0.5, nesterov=true)', 'rmsprop(rho=0.5)',
             'adam(beta1=0.5, beta2=0.9999999, epsilon=1e-3)', 'adamw(weight_decay=0.1)', 'nadam(beta1=0.6)'))}
""", mnist, idx=True)
    check(folder, 'values', base % ('values', 0.003, 'epochs: 4, init_seed: 5, split_seed: 6, order_seed: 7') +
          f"  scale: {listed(rows['scales'])}\n  loss: {listed(row for row in rows['losses'] if row != 'cross_entropy')}\n  optimizer: [sgd, adam]\n", values, classes=False)
    check(folder, 'kinds', base % ('kinds', 0.01, 'epochs: 3, initializer: he_normal, train_rows: 333') +
          f"  activation: [relu, tanh]\n  scale: {listed(rows['scales'])}\n", kinds)
    check(folder, 'unvalidated', base % ('digits', 0.01, 'epochs: 2, validation_split: 0, optimizer: sgd') +
          '  topology: [[], [7]]\n  train_rows: [all, 100]\n', mnist, idx=True)


with tempfile.TemporaryDirectory() as work:
    main(work)
print(f'{compared} values compared, {failures} differ')
sys.exit(failures != 0)
