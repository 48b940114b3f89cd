"""What the checks of this folder share: small data sets, sweeps of the program, and counting comparisons."""
import gzip
import math
import os
import sqlite3
import subprocess
import sys

import numpy as np


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
    return np.float32(x), y


def compare(what, ours, theirs, tolerance):
    global compared, failures
    compared += 1
    ours = None if isinstance(ours, float) and math.isnan(ours) else ours
    same = ours == theirs if ours is None or theirs is None or not tolerance else \
        abs(ours - theirs) <= tolerance * max(1, abs(ours))
    if not same:
        failures += 1
        print(f'FAILED: {what}: the page gives {ours}, mlpsweep {theirs}')


def finish():
    print(f'{compared} values compared, {failures} differ')
    sys.exit(failures != 0)


def run(mlpsweep, project, folder, name, text, db):
    """Trains the experiment and opens the database."""
    path = f'{folder}/{name}.yaml'
    with open(path, 'w') as f:
        f.write(text)
    done = subprocess.run([mlpsweep, 'run', '--db', db, '-j', '2', path], cwd=project, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f'{name}: run exits with {done.returncode}\n{done.stderr}')
    database = sqlite3.connect(db)
    database.row_factory = sqlite3.Row
    return database


def listed(names):
    return '[' + ', '.join(names) + ']'


def write_data(folder, project):
    """MNIST's first rows; a regression; classes -1, 3, 7 with a validation file. Each as parts, and as YAML."""
    rng = np.random.default_rng(1)
    mnist = {}
    for part, stem, rows in (('train', 'train', 3000), ('test', 't10k', 500)):
        files = [f'{project}/data/mnist/{stem}-{what}' for what in ('images-idx3-ubyte', 'labels-idx1-ubyte')]
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
