"""check_weights.py MLPSWEEP PROJECT: nets that left the program, in NumPy; and the Python program of docs/guide.md.

The safetensors file of a trial is read with PyPI's library (in an environment of its own; where PyPI cannot be reached the
check of the library is left out and said so), its net computed here from the metadata alone, and compared with what
`predict` says and with the test results in the database.
"""
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv

import numpy as np

import common

MLPSWEEP, PROJECT = sys.argv[1:3]


def read_safetensors(path):
    """The format by its description: a length, a JSON header, arrays without holes."""
    data = open(path, 'rb').read()
    length = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + length])
    metadata, arrays, end = header.pop('__metadata__'), {}, 0
    common.compare('the header is aligned', 0, length % 8, 0)
    for name, it in header.items():
        first, last = it['data_offsets']
        common.compare(f'{name} begins where the last one ends', end, first, 0)
        arrays[name] = np.frombuffer(data[8 + length + first:8 + length + last], '<f4').reshape(it['shape'])
        end = last
    common.compare('the file ends with the last array', 8 + length + end, len(data), 0)
    return metadata, arrays


ACTIVATIONS = {'relu': lambda z: np.maximum(z, 0), 'tanh': np.tanh, 'sigmoid': lambda z: 1 / (1 + np.exp(-np.clip(z, -700, 700)))}


def outputs(metadata, arrays, raw):
    """Probabilities, or values in the units of the file; float64."""
    knobs, scale = json.loads(metadata['knobs']), json.loads(metadata['scale'])
    x = (raw - np.array(scale['shift'])) * np.array(scale['factor'])
    layers = sum(name.endswith('/kernel') for name in arrays)
    for l in range(layers):
        end = f'_{l}' if l else ''
        x = x @ arrays[f'dense{end}/kernel'].astype(float)
        normalization = f'{knobs["normalization"]}_normalization{end}/'
        if f'dense{end}/bias' in arrays:
            x = x + arrays[f'dense{end}/bias']
        elif normalization.startswith('batch'):
            mean, variance = arrays[normalization + 'moving_mean'], arrays[normalization + 'moving_variance']
            x = (x - mean) / np.sqrt(variance + 1e-3) * arrays[normalization + 'gamma'] + arrays[normalization + 'beta']
        else:
            x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-3)
            x = x * arrays[normalization + 'gamma'] + arrays[normalization + 'beta']
        if l + 1 < layers:
            x = ACTIVATIONS[knobs['activation']](x)
    if json.loads(metadata['classes']):
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)
    target = json.loads(metadata['target_scale'])
    return x * target['deviation'] + target['mean']


def call(*arguments):
    done = subprocess.run([MLPSWEEP, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f'{arguments}: {done.returncode}\n{done.stderr}')
    return done.stdout


def check_trial(trial, folder, db, rows, read):
    """rows: the test file of each data set as (path, raw inputs, labels or targets)."""
    path, raw, targets = rows[trial['dataset']]
    for which in ('best', 'last'):
        file, what = f'{folder}/net.safetensors', f'{trial["dataset"]}, {trial["normalization"]}, {which}'
        call('weights', '--db', db, trial['trial'], f'--{which}', '-o', file)
        metadata, arrays = read_safetensors(file)
        if read:
            for name, array in read(file).items():
                common.compare(f'{what}: {name} by the library', True, np.array_equal(array, arrays[name]), 0)
        ours = outputs(metadata, arrays, raw)
        said = list(csv.reader(io.StringIO(call('predict', '--db', db, trial['trial'], path, f'--{which}'))))
        columns, said = said[0], said[1:]
        common.compare(f'{what}: a row each', len(raw), len(said), 0)
        classes = json.loads(metadata['classes'])
        theirs = np.array([r[2:] if classes else r[1:] for r in said], float)
        common.compare(f'{what}: outputs', 0.0, float(np.abs(ours - theirs).max() / max(1, np.abs(ours).max())), 1e-5)
        suffix = 'at_best' if which == 'best' else None
        if classes:
            common.compare(f'{what}: columns', ['row', 'class'] + ['p_' + c for c in classes], columns, 0)
            accuracy = np.mean([r[1] == t for r, t in zip(said, targets)])
            column = 'test_accuracy_at_best' if suffix else 'final_test_accuracy'
            common.compare(f'{what}: accuracy', accuracy, trial[column], 1e-12)
        else:
            mae = np.abs(theirs[:, 0] - np.array(targets, float)).mean()
            common.compare(f'{what}: mae', mae, trial['test_mae_at_best' if suffix else 'final_test_mae'], 1e-6)


def check_standard_input(trial, db, path):
    with open(path) as f:
        text = f.read()
    by_file = call('predict', '--db', db, trial, path)
    piped = subprocess.run([MLPSWEEP, 'predict', '--db', db, trial, '-'], input=text, capture_output=True, text=True)
    common.compare('standard input gives the same', by_file, piped.stdout, 0)
    lines = [json.loads(line) for line in call('predict', '--db', db, trial, path, '--format', 'jsonl').splitlines()]
    rows = list(csv.DictReader(io.StringIO(by_file)))
    common.compare('jsonl gives the same', [{k: str(v) for k, v in r.items()} for r in lines],
                   [{k: str(v) for k, v in r.items()} for r in rows], 0)


def environment(folder):
    """Python of an environment of its own that has the safetensors library; None: PyPI cannot be reached."""
    builder = venv.EnvBuilder(with_pip=True, system_site_packages=True)
    try:
        builder.create(f'{folder}/venv')
        subprocess.run([f'{folder}/venv/bin/pip', 'install', '-q', '--no-deps', '--timeout', '10', '--retries', '1', 'safetensors'],
                       check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or b'').decode().strip().splitlines()
        print('SKIPPED: the safetensors library cannot be installed:', reason[-1] if reason else 'no pip')
        return None
    return f'{folder}/venv/bin/python'


def library(python, folder):
    """safetensors.numpy.load_file of that Python."""
    def read(path):
        program = 'import sys, numpy; from safetensors.numpy import load_file; numpy.savez(sys.argv[2], **load_file(sys.argv[1]))'
        subprocess.run([python, '-c', program, path, f'{folder}/arrays.npz'], check=True)
        return np.load(f'{folder}/arrays.npz')
    return read


def check_guide(python, folder):
    """The guide's own command and program, on its own results, give the test accuracy that the database has."""
    guide = open(f'{PROJECT}/docs/guide.md').read()
    command = re.search(r'^\$ mlpsweep weights ([0-9a-f]+) (.*)$', guide, re.M)
    program = re.search(r'^```python\n(.*?)^```', guide, re.M | re.S)[1]
    shutil.copy(f'{PROJECT}/tests/docs/guide.db', f'{folder}/guide.db')
    subprocess.run([MLPSWEEP, 'merge', 'guide.db'], cwd=folder, check=True, capture_output=True)
    subprocess.run([MLPSWEEP, 'weights', '--db', 'guide.db', command[1], *command[2].split()], cwd=folder, check=True)
    os.makedirs(f'{folder}/data/mnist')
    for name in ('t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'):
        path = f'{PROJECT}/data/mnist/{name}'
        with open(f'{folder}/data/mnist/{name}', 'wb') as file:
            file.write(common.read_bytes(path if os.path.exists(path) else path + '.gz'))
    said = subprocess.run([python, '-c', program], cwd=folder, check=True, capture_output=True, text=True).stdout
    accuracy, = sqlite3.connect(f'{folder}/guide.db').execute(
        'SELECT test_accuracy_at_best FROM trials WHERE trial LIKE ?', (command[1] + '%',)).fetchone()
    common.compare('accuracy by the program of the guide', accuracy, float(said), 0)


def write_csv(path, x, targets, header):
    with open(path, 'w') as f:
        f.write(header + '\n')
        for values, target in zip(x, targets):
            f.write(','.join(f'{v:.5f}' for v in values) + f',{target}\n')


def write_flowers(folder, rng, part, rows):
    """Three classes with names; the second column is large, the third never varies."""
    kind = rng.integers(0, 3, rows)
    x = np.round(np.stack([rng.normal(kind, 0.7), 1e4 + 300 * rng.normal(kind, 1), np.full(rows, 4.0)], 1), 5)
    names = ['rose', 'tulip', 'lily']
    write_csv(f'{folder}/flowers-{part}', x, [names[k] for k in kind], 'length,height,legs,kind')
    return f'{folder}/flowers-{part}', x, [names[k] for k in kind]


def write_houses(folder, rng, part, rows):
    x = np.round(rng.normal(size=(rows, 4)), 5)
    y = np.round(250000 + 40000 * x[:, 0] - 20000 * x[:, 1] * x[:, 2], 2)
    write_csv(f'{folder}/houses-{part}', x, y, 'a,b,c,d,price')
    return f'{folder}/houses-{part}', x, y


with tempfile.TemporaryDirectory() as folder:
    rng = np.random.default_rng(3)
    for part, count in (('train', 300), ('test', 100)):
        rows = {'flowers': write_flowers(folder, rng, part, count), 'houses': write_houses(folder, rng, part, count)}
    text = '''datasets:
  flowers: {format: csv, train: flowers-train, test: flowers-test}
  houses: {format: csv, task: regression, train: houses-train, test: houses-test}
base: {epochs: 8, batch_size: 10, learning_rate: 0.01, keep_weights: both, target_scale: none, scale: standard}
sweep:
  - {dataset: flowers, normalization: [none, batch, layer], topology: [[20, 15], []]}
  - {dataset: flowers, scale: [none, unit, minmax], activation: [tanh, sigmoid]}
  - {dataset: houses, normalization: [none, batch], target_scale: [none, standard]}
'''
    db = f'{folder}/results.db'
    trials = common.run(MLPSWEEP, PROJECT, folder, 'nets', text, db).execute('SELECT * FROM trials').fetchall()
    python = environment(folder)
    read = library(python, folder) if python else None
    for trial in trials:
        check_trial(trial, folder, db, rows, read)
    check_standard_input(trials[0]['trial'], db, rows['flowers'][0])
    if python:
        check_guide(python, folder)
common.finish()
