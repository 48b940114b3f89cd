"""check_training.py MLPSWEEP PROJECT: trains sweeps over every row of the registries, and each trial again with training.py.

First weights must be equal bit for bit (their digest, seen by training with a learning rate too small to move them),
losses to 1e-6, accuracies and counts exactly.
"""
import re
import subprocess
import sys
import tempfile

import common
import knobs
import row_knobs
import training
from common import compare, listed

MLPSWEEP, PROJECT = sys.argv[1:3]
ended_early = set()
STILL = 1e-40  # as a float below the smallest normal one, so it counts as 0


def registry(kind):
    """Names of a registry's rows, as the program lists them."""
    text = subprocess.run([MLPSWEEP, 'list', kind], check=True, capture_output=True, text=True).stdout
    return re.findall(r'^([a-z_0-9]+)', text.split('\n\n')[0], re.M)


def check(folder, name, text, parts, idx=False, classes=True, make_net=training.Net):
    database = common.run(MLPSWEEP, PROJECT, folder, name, text, f'{folder}/{name}.db')
    for trial in map(dict, database.execute('SELECT * FROM trials')):
        check_trial(name, database, trial, training.train(trial, parts, idx, classes, make_net), classes)


def check_trial(name, database, trial, expected, classes):
    label = f'{name} ' + ', '.join(str(trial[k]) for k in ('activation', 'initializer', 'loss', 'optimizer', 'scale', 'topology'))

    def rows(view, *keys):
        query = database.execute(f'SELECT * FROM {view} WHERE trial = ?', (trial['trial'],))
        return {tuple(row[k] for k in keys): row for row in query}

    if trial['learning_rate'] == STILL:
        compare(f'{label}: first weights', expected['first'], trial['weights_digest'], 0)
    epochs, layers = rows('epochs', 'epoch'), rows('layers', 'epoch', 'layer')
    # Of equal weights all logits are equal, and which is the largest is a matter of rounding.
    is_tied = classes and trial['initializer'] == 'constant' and trial['hidden_layers'] > 0
    ended_early.update([name] if len(epochs) < trial['epochs'] else [])
    compare(f'{label}: epochs', len(expected['epochs']), len(epochs), 0)
    for e in expected['epochs']:
        for key, value in e.items():
            if is_tied and key.endswith('accuracy'):
                continue
            exact = key in ('updates', 'epoch', 'dead_units') or key.endswith('accuracy')
            compare(f"{label}: {key} of epoch {e['epoch']}", float(value), epochs[e['epoch'],][key], 1e-15 if exact else 1e-6)
    compare(f'{label}: layers', len(expected['layers']), len(layers), 0)
    for row in expected['layers']:
        for key, value in row.items():
            compare(f"{label}: {key} of layer {row['layer']}, epoch {row['epoch']}", value,
                    layers[row['epoch'], row['layer']][key], 1e-5)
    last, second = expected['epochs'][-1], 'accuracy' if classes else 'mae'
    compare(f'{label}: final_test_loss', last['test_loss'], trial['final_test_loss'], 1e-6)
    if is_tied:
        return
    compare(f'{label}: final_test_{second}', last[f'test_{second}'], trial[f'final_test_{second}'], 1e-15 if classes else 1e-6)
    confusion = {key: row['count'] for key, row in rows('confusion', 'actual', 'predicted').items()}
    compare(f'{label}: confusion', dict(expected['confusion']), confusion, 0)


def main(folder):
    mnist, values, kinds, square, datasets = common.write_data(folder, PROJECT)
    tables = {'activations': training.ACTIVATIONS, 'initializers': training.INITIALIZERS, 'losses': {'cross_entropy', *training.LOSSES},
              'optimizers': training.OPTIMIZERS, 'scales': training.SCALES}
    rows = {kind: registry(kind) for kind in (*tables, 'normalizations', 'schedules', 'early_stoppings')}
    tables.update(normalizations=('none', 'batch', 'layer'), early_stoppings=('none', 'patience', 'gl', 'pq', 'up'),
                  schedules=('constant', 'step', 'exponential', 'cosine', 'linear', 'plateau'))
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
    check(folder, 'biases', base % ('digits', STILL, 'epochs: 1, topology: [7, 3]') +
          f"  bias_initializer: {listed([row for row in drawn if row != 'ones'])}\n", mnist, idx=True)
    knob_sweeps = {
        'normalization': f"  normalization: {listed(rows['normalizations'])}\n  dropout: [0, 0.3]\n  activation: [relu, tanh]\n",
        'inputs': '  input_dropout: [0, 0.2]\n  input_noise: [0, 0.1]\n  normalization: [none, layer]\n',
        'smoothing': f"  label_smoothing: [0.1]\n  loss: {listed(rows['losses'])}\n",
        'penalties': '  l1: [0, 1e-3]\n  l2: [0, 1e-2]\n  clip_norm: [0, 0.3]\n',
        'schedules': f"""  schedule: {listed(with_arguments('schedules', 'step(every=1, factor=0.5)', 'exponential(rate=0.5)', 'cosine(final=1e-4, warmup=5)',
                     'linear(final=1e-4, warmup=40)', 'constant(warmup=7)', 'plateau(patience=1, factor=0.3, min_delta=10)'))}\n""",
        'updates': '  max_updates: [5, 30, 41]\n  schedule: [constant, linear]\n',
    }
    for name, sweep in knob_sweeps.items():
        check(folder, name, steps.replace('learning_rate: 0.002', 'learning_rate: 0.001') + sweep, mnist, idx=True, make_net=knobs.Net)
    stops = with_arguments('early_stoppings', 'patience(epochs=1, min_delta=0.05)', 'patience(epochs=2)', 'gl(alpha=0.001)', 'pq(alpha=0.01, strip=2)',
                           'up(strips=1, strip=2)')
    check(folder, 'stops', f"""{datasets}base: {{dataset: kinds, batch_size: 20, test_every: 1, epochs: 12, train_rows: 60, topology: [12], learning_rate: 0.002}}
sweep:
  early_stopping: {listed(stops)}
  monitor: [val_loss, val_accuracy]
""", kinds, make_net=knobs.Net)
    # Classes of unequal sizes, of which no share is a whole number.
    taken = '  validation_from: [last, random, stratified]\n  train_rows: [all, %d, %d]\n'
    check(folder, 'rows', base % ('digits', 0.002, 'epochs: 2, validation_split: 0.27, split_seed: 4294967301') + taken % (701, 2000), mnist,
          idx=True, make_net=row_knobs.Maker())
    check(folder, 'few-rows', base % ('square', 0.01, 'epochs: 3, validation_split: 0.145, topology: [5], scale: standard') +
          taken % (30, 61) + '  class_weight: [none, balanced]\n', square, make_net=row_knobs.Maker())
    check(folder, 'noise', steps + "  label_noise: [0, 0.1, 0.5, 1]\n  validation_from: [last, stratified]\n  class_weight: [none, balanced]\n", mnist, idx=True,
          make_net=row_knobs.Maker())
    check(folder, 'unvalidated', base % ('digits', 0.01, 'epochs: 2, validation_split: 0, optimizer: sgd') +
          '  topology: [[], [7]]\n  train_rows: [all, 100]\n', mnist, idx=True)


with tempfile.TemporaryDirectory() as work:
    main(work)
compare('sweeps with trainings that end early', {'stops', 'updates'}, ended_early, 0)
common.finish()
