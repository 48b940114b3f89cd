"""check_derived.py MLPSWEEP PROJECT: every derived number of a database against SciPy, from its epochs and trials.

Written from docs/numerics.md and docs/database.md. The sweeps have diverged, dead, constant, lone, unvalidated,
one-epoch and overfitting trials, crossed seeds, classifiers and regressions, and several data sets.
"""
import csv
import io
import itertools
import math
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

import numpy as np
from scipy import optimize, stats

import common
import training
from common import compare

MLPSWEEP, PROJECT = sys.argv[1:3]
EXACT, CLOSE = 0, 1e-9


def number(x):
    """SQLite has no NaN."""
    return math.nan if x is None else x


def stored(x):
    return None if x is None or isinstance(x, float) and math.isnan(x) else x


# Overfitting and early stopping of one trial: epochs are rows of the view, from epoch 1

def smooth(curve):
    """Means of each value and its neighbours; what is not finite is no neighbour."""
    result = []
    for i, x in enumerate(curve):
        near = [y for y in curve[max(0, i - 1):i + 2] if math.isfinite(y)]
        result.append(np.mean(near) if math.isfinite(x) else x)
    return np.array(result)


def gl(now, best):
    return 100 * (now / best - 1) if best else (0 if now == 0 else math.inf)


def lowest(losses):
    """Index of the first lowest finite value."""
    finite = [i for i, x in enumerate(losses) if math.isfinite(x)]
    return min(finite, key=lambda i: losses[i]) if finite else None


def overfitting(epochs):
    loss = [number(e['val_loss']) for e in epochs]
    best = lowest(loss)
    names = ('best_epoch best_val_loss val_accuracy_at_best best_accuracy_epoch final_val_loss final_val_accuracy gap_at_best gap_at_end '
             'accuracy_gap_at_end wasted_epochs wasted_fraction wasted_seconds gl_at_end onset_epoch').split()
    if best is None:
        return dict.fromkeys(names)
    at, end = epochs[best], epochs[-1]
    accurate = lowest([-number(e['val_accuracy']) for e in epochs])
    smoothed, onset = smooth(loss), None
    limit = 1.05 * min(x for x in smoothed if math.isfinite(x))
    for i in range(len(epochs) - 1, best, -1):
        if not smoothed[i] > limit:
            break
        onset = i + 1
    values = (best + 1, at['val_loss'], at['val_accuracy'], None if accurate is None else accurate + 1, end['val_loss'], end['val_accuracy'],
              number(at['val_loss']) - number(at['probe_loss']), number(end['val_loss']) - number(end['probe_loss']),
              number(end['probe_accuracy']) - number(end['val_accuracy']), len(epochs) - 1 - best, (len(epochs) - 1 - best) / len(epochs),
              math.fsum(e['epoch_seconds'] for e in epochs[best + 1:]), gl(number(end['val_loss']), at['val_loss']), onset)
    return dict(zip(names, map(stored, values)))


def criteria():
    def patience(n):
        return lambda loss, probe: len(loss) - 1 - lowest(loss) >= n

    def over(alpha):
        return lambda loss, probe: gl(loss[-1], min(loss)) > alpha

    def quotient(alpha):
        def stops(loss, probe):
            if len(loss) % 5:
                return False
            strip = probe[-5:]
            progress = 1000 * (sum(strip) / (5 * min(strip)) - 1) if min(strip) else (math.inf if sum(strip) else 0)
            return gl(loss[-1], min(loss)) / progress > alpha if progress else gl(loss[-1], min(loss)) > 0
        return stops

    def risen(strips):
        return lambda loss, probe: len(loss) % 5 == 0 and len(loss) >= 5 * (strips + 1) and all(
            loss[len(loss) - 1 - 5 * i] > loss[len(loss) - 6 - 5 * i] for i in range(strips))
    for kind, name, levels, make in (('patience', 'epochs', (3, 5, 10), patience), ('gl', 'alpha', (1, 2, 5), over),
                                     ('pq', 'alpha', (0.5, 1, 2), quotient), ('up', 'strips', (2, 3, 4), risen)):
        for level in levels:
            yield f'{kind}({name}={level})', make(level)


def stopping(epochs, stops):
    loss, probe = ([number(e[k]) for e in epochs] for k in ('val_loss', 'probe_loss'))
    none = {'stop_epoch': None, 'epochs_saved': 0, 'seconds_saved': 0, 'accuracy_change': 0}
    if any(math.isnan(x) for x in loss[:1]):
        return none
    for t in range(1, len(epochs)):
        if stops(loss[:t], probe[:t]):
            then, overall = epochs[lowest(loss[:t])], epochs[lowest(loss)]
            metric = 'test_accuracy' if then['test_accuracy'] is not None and overall['test_accuracy'] is not None else 'val_accuracy'
            return {'stop_epoch': t, 'epochs_saved': len(epochs) - t, 'seconds_saved': math.fsum(e['epoch_seconds'] for e in epochs[t:]),
                    'accuracy_change': stored(number(then[metric]) - number(overall[metric]))}
    return none


# Summaries over seeds

def t_quantile(degrees):
    """SciPy's ppf is right to 4e-9 alone, its distribution function to 1e-14."""
    return optimize.brentq(lambda t: stats.t.sf(t, degrees) - 0.025, 1.9, 13, xtol=1e-13, rtol=1e-14)


def summary(values):
    x = np.array([v for v in values if v is not None and math.isfinite(v)], float)
    sd = np.std(x, ddof=1) if len(x) > 1 else None
    half = t_quantile(len(x) - 1) * sd / np.sqrt(len(x)) if len(x) > 1 else None
    mean = np.mean(x) if len(x) else None
    return {'mean': mean, 'sd': sd, 'low': mean - half if len(x) > 1 else None, 'high': mean + half if len(x) > 1 else None,
            'median': np.median(x) if len(x) else None}


SUMMARIZED = {'val_accuracy_at_best': 'val_accuracy_at_best', 'val_loss_at_best': 'best_val_loss', 'val_accuracy_at_end': 'final_val_accuracy',
              'val_loss_at_end': 'final_val_loss', 'test_accuracy_at_best': 'test_accuracy_at_best', 'test_loss_at_best': 'test_loss_at_best',
              'test_accuracy_at_end': 'final_test_accuracy', 'test_loss_at_end': 'final_test_loss', 'best_epoch': 'best_epoch',
              'wasted_fraction': 'wasted_fraction', 'gap_at_end': 'gap_at_end', 'wasted_epochs': 'wasted_epochs',
              'test_mae_at_best': 'test_mae_at_best', 'train_seconds': 'train_seconds'}
PAIRED = {'val_accuracy': 'val_accuracy_at_best', 'val_loss': 'best_val_loss', 'test_accuracy': 'test_accuracy_at_best',
          'test_loss': 'test_loss_at_best', 'best_epoch': 'best_epoch', 'wasted_fraction': 'wasted_fraction', 'gap_at_end': 'gap_at_end'}
SEEDS = ('seed', 'split_seed', 'init_seed', 'order_seed')


def units_of(trials):
    """The seed with the fewest values groups trials, unless all of a seed differ."""
    values = {seed: {t[seed] for t in trials} for seed in SEEDS}
    varying = [seed for seed in SEEDS[1:] if len(values[seed]) > 1]
    key = min(varying, key=lambda seed: len(values[seed])) if varying else 'seed'
    groups = defaultdict(list)
    for t in trials:
        groups[t[key]].append(t)
    return list(groups.values())


def sign_flips(x):
    signs = np.array(list(itertools.product((1, -1), repeat=len(x))))
    return np.mean(np.abs(signs @ x) >= abs(np.sum(x)) - 1e-12 * np.sum(np.abs(x)))


def holm(p):
    order, adjusted, most = np.argsort(p), np.empty(len(p)), 0
    for rank, i in enumerate(order):
        most = max(most, min(1, (len(p) - rank) * p[i]))
        adjusted[i] = most
    return adjusted


def above(x):
    s = summary(x)
    return s['low'] is not None and s['low'] > 0


def verdict(groups, curves, classes):
    """groups: the trials of each independent unit; curves: trial -> epochs."""
    trials = [t for group in groups for t in group]
    if not trials:
        return 'diverged'
    if all(e['val_loss'] is None for t in trials for e in curves[t['trial']]):
        return 'no validation'
    if not any(t['learned'] for t in trials):
        return 'failed to learn'
    n = min(len(curves[t['trial']]) for t in trials)
    if n < 6:
        return 'few epochs'
    column = lambda t, key: np.array([number(e[key]) for e in curves[t['trial']][:n]])
    mean = lambda some: smooth(np.mean([column(t, 'val_loss') for t in some], axis=0))
    tail, s = max(3, n // 10), mean(trials)
    changes = defaultdict(list)
    for i, group in enumerate(groups):
        others = [t for j, g in enumerate(groups) if j != i for t in g] or trials
        best = int(np.argmin(mean(others)))
        own = defaultdict(list)
        for t in group:
            near = slice(max(0, best - 1), best + 2)
            val, gap, accuracy = column(t, 'val_loss'), column(t, 'val_loss') - column(t, 'probe_loss'), column(t, 'val_accuracy')
            own['end'].append(val[-tail:].mean())
            own['gap'].append(gap[-tail:].mean() - gap[near].mean())
            own['accuracy'].append(accuracy[-tail:].mean() - accuracy[near].mean())
            own['fall'].append(val[-tail:].mean() - val[-2 * tail:-tail].mean())
        for key, x in own.items():
            changes[key].append(np.mean(x))
    if not np.mean(changes['end']) > 1.05 * s.min():
        late = int(np.argmin(s)) >= n - tail
        falls = above([-x for x in changes['fall']]) if len(groups) > 1 else changes['fall'][0] < -0.01 * s.min()
        return 'still falls' if late and falls else 'stands still'
    if len(groups) < 2:
        return 'one seed'
    if not above(changes['gap']):
        return 'fluctuates'
    return 'overconfident' if classes and not above([-x for x in changes['accuracy']]) else 'overfits'


class Database:
    def __init__(self, connection):
        rows = lambda query: [dict(row) for row in connection.execute(query)]
        self.rows, self.verdicts = rows, set()
        self.trials = [t for t in rows('SELECT * FROM trials') if t['state'] in ('done', 'diverged')]
        self.epochs = defaultdict(list)
        for e in rows('SELECT * FROM epochs ORDER BY trial, epoch'):
            self.epochs[e['trial']].append(e)
        for t in self.trials:
            t.update(overfitting(self.epochs[t['trial']]))
        self.variants = defaultdict(list)
        for t in self.trials:
            self.variants[t['variant']].append(t)
        self.knobs = [k for k in rows('SELECT * FROM variants LIMIT 1')[0] if k in rows('SELECT * FROM trials LIMIT 1')[0] and k not in (
            'variant', 'hidden_layers', 'widest', 'parameters', 'multiply_adds', *SUMMARIZED)]

    def done(self, variant):
        return [t for t in self.variants[variant] if t['state'] == 'done']

    def check_trials(self):
        shown = {row['trial']: row for row in self.rows('SELECT * FROM overfitting')}
        compare('trials of the view overfitting', sorted(t['trial'] for t in self.trials), sorted(shown), EXACT)
        for t in self.trials:
            for key, value in overfitting(self.epochs[t['trial']]).items():
                compare(f"overfitting {t['trial']} {key}", value, shown[t['trial']].get(key, value), CLOSE)
        rows = {(row['trial'], row['criterion']): row for row in self.rows('SELECT * FROM stopping')}
        for t, (name, stops) in itertools.product(self.trials, criteria()):
            for key, value in stopping(self.epochs[t['trial']], stops).items():
                compare(f"stopping {t['trial']} {name} {key}", value, rows[t['trial'], name][key], CLOSE)

    def check_variants(self):
        shown = {row['variant']: row for row in self.rows('SELECT * FROM variants')}
        compare('variants', sorted(self.variants), sorted(shown), EXACT)
        for variant, trials in self.variants.items():
            row = shown[variant]
            compare(f'{variant} n', len(trials), row['n'], EXACT)
            compare(f'{variant} n_diverged', sum(t['state'] == 'diverged' for t in trials), row['n_diverged'], EXACT)
            for name, column in SUMMARIZED.items():
                for suffix, value in summary(t[column] for t in self.done(variant)).items():
                    if f'{name}_{suffix}' in row:
                        compare(f'{variant} {name}_{suffix}', value, row[f'{name}_{suffix}'], CLOSE)
        for row in shown.values():
            key = lambda r: (r['n_diverged'] > 0, r['val_accuracy_at_best_mean'] is None and r['val_loss_at_best_mean'] is None,
                             -(r['val_accuracy_at_best_mean'] or -math.inf), r['val_loss_at_best_mean'] or math.inf)
            rivals = [r for r in shown.values() if (r['dataset'], r['validation_split']) == (row['dataset'], row['validation_split'])]
            compare(f"{row['variant']} rank", 1 + sum(key(r) < key(row) for r in rivals), row['rank'], EXACT)

    def check_curves(self):
        metrics = [k for k in self.rows('SELECT * FROM epochs LIMIT 1')[0] if k not in ('trial', 'epoch', 'updates')]
        shown = {(row['variant'], row['epoch']): row for row in self.rows('SELECT * FROM curves')}
        count = 0
        for variant, trials in self.variants.items():
            for epoch in range(1, 1 + max(len(self.epochs[t['trial']]) for t in trials)):
                at = [self.epochs[t['trial']][epoch - 1] for t in trials if len(self.epochs[t['trial']]) >= epoch]
                row, count = shown[variant, epoch], count + 1
                compare(f'curves {variant} {epoch} n', len(at), row['n'], EXACT)
                for metric in metrics:
                    x = [e[metric] for e in at if e[metric] is not None and math.isfinite(e[metric])]
                    for suffix, value in (*summary(x).items(), ('min', min(x, default=None)), ('max', max(x, default=None))):
                        if f'{metric}_{suffix}' in row:
                            compare(f'curves {variant} {epoch} {metric}_{suffix}', value, row[f'{metric}_{suffix}'], CLOSE)
        compare('rows of curves', count, len(shown), EXACT)

    def check_pairs(self):
        automatic = {'sgd': 0.01}
        axes = [k for k in self.knobs if not k.endswith('_arguments') and k not in ('test_every', 'keep_weights')]

        def settings(variant):
            t = self.variants[variant][0]
            values = {k: (t[k], t.get(k + '_arguments')) for k in axes}
            if t['learning_rate'] == automatic.get(t['optimizer'], 0.001):
                values['learning_rate'] = ('auto', None)
            return values
        expected = {}
        known = {variant: settings(variant) for variant in self.variants}
        for a, b in itertools.combinations(self.variants, 2):
            differ = [k for k in axes if known[a][k] != known[b][k]]
            if len(differ) != 1:
                continue
            for s, t in itertools.product(self.done(a), self.done(b)):
                if all(s[seed] == t[seed] for seed in SEEDS):
                    for metric, column in PAIRED.items():
                        expected[differ[0], frozenset((a, b)), s['seed'], s['init_seed'], s['order_seed'], metric] = a, stored(
                            number(t[column]) - number(s[column]))
        shown = self.rows('SELECT * FROM pairs')
        compare('rows of pairs', len(expected), len(shown), EXACT)
        found = defaultdict(list)
        for key, (a, value) in expected.items():
            found[key[0], key[1], key[2], key[5]].append((a, value))
        for row in shown:
            values = found.get((row['axis'], frozenset((row['a'], row['b'])), row['seed'], row['metric']), [])
            near = [v if a == row['a'] or v is None else -v for a, v in values]
            compare(f"pairs {row['axis']} {row['a']} {row['b']} {row['seed']} {row['metric']}", True, any(
                v is row['difference'] if v is None or row['difference'] is None else abs(v - row['difference']) < 1e-9 for v in near), EXACT)

    def check_learned(self, sets):
        for t in self.trials:
            parts, classes = sets[t['dataset']]
            _, held, _ = training.split(t, parts['train'], parts.get('validation'))
            chosen, y = training.split(t, parts['train'], parts.get('validation'))[0], parts.get('validation', parts['train'])[1][held]
            compare(f"{t['trial']} validation_rows", len(held) or None, t['validation_rows'], EXACT)
            if not len(held):
                compare(f"{t['trial']} learned", None, t['learned'], EXACT)
            elif classes:
                share = np.unique(y, return_counts=True)[1].max() / len(y)
                compare(f"{t['trial']} naive_val_score", share, t['naive_val_score'], CLOSE)
                best = max((e['val_accuracy'] for e in self.epochs[t['trial']] if e['val_accuracy'] is not None), default=0)
                compare(f"{t['trial']} learned", int(best > share + 2 * math.sqrt(share * (1 - share) / len(y))), t['learned'], EXACT)
            else:
                naive = np.mean((training.double(training.F(y)) - np.mean(training.double(training.F(parts['train'][1][chosen]))))**2)
                compare(f"{t['trial']} naive_val_score", naive, t['naive_val_score'], 1e-7)  # a loss, in floats
                best = min((e['val_loss'] for e in self.epochs[t['trial']] if e['val_loss'] is not None), default=math.inf)
                compare(f"{t['trial']} learned", int(best < naive), t['learned'], EXACT)

    def check_summary(self, folder, db, experiments, sets):
        members = defaultdict(set)
        for m in self.rows('SELECT * FROM members'):
            members[m['experiment']].add(m['trial'])
        for name in experiments:
            text = subprocess.run([MLPSWEEP, 'summary', '--db', db, '--format', 'csv', f'{folder}/{name}.yaml'], check=True, capture_output=True, text=True).stdout
            rows = list(csv.DictReader(io.StringIO(text)))
            own = {v: [t for t in trials if t['trial'] in members[name]] for v, trials in self.variants.items()}
            own = {v: trials for v, trials in own.items() if trials}
            compare(f'{name}: variants', sorted(own), sorted(row['variant'] for row in rows), EXACT)
            groups = {}
            for row in rows:
                self.verdicts.add(row['verdict'])
                trials = [t for t in own[row['variant']] if t['state'] == 'done']
                groups[row['label']] = units_of(trials)
                compare(f"{name} {row['label']} n", len(groups[row['label']]), int(row['n']), EXACT)
                for column, field in SUMMARIZED.items():
                    means = [np.mean(x) if x else math.nan for x in (
                        [t[field] for t in g if t[field] is not None and math.isfinite(t[field])] for g in groups[row['label']])]
                    for suffix, value in summary(means).items():
                        shown = row[f'{column}_{suffix}']
                        compare(f"{name} {row['label']} {column}_{suffix}", value, float(shown) if shown else None, CLOSE)
                compare(f"{name} {row['label']} verdict", verdict(groups[row['label']], self.epochs, sets[row['dataset']][1]), row['verdict'], EXACT)
            self.check_selection(folder, db, name, rows, groups, sets)
            self.check_comparisons(folder, db, name, groups, sets[rows[0]['dataset']][1])

    def check_comparisons(self, folder, db, name, groups, classes):
        """Differences to the leader, paired by all four seeds."""
        text = subprocess.run([MLPSWEEP, 'compare', '--db', db, '--format', 'csv', f'{folder}/{name}.yaml'], check=True, capture_output=True, text=True).stdout
        rows, field = list(csv.DictReader(io.StringIO(text))), 'val_accuracy_at_best' if classes else 'best_val_loss'
        key = lambda t: tuple(t[s] for s in SEEDS)
        adjusted = []
        for row in rows:
            values = {key(t): t[field] for group in groups[row['b']] for t in group if t[field] is not None}
            pairs = [[(t[field], values[key(t)]) for t in group if t[field] is not None and key(t) in values] for group in groups[row['a']]]
            x, y = np.array([np.mean(p, axis=0) for p in pairs if p]).reshape(-1, 2).T
            what = f"{name}: {row['b']} against {row['a']}"
            compare(f'{what}: pairs', len(x), int(row['pairs']), EXACT)
            shown = {k: float(row[k]) if row[k] else None for k in ('difference', 'low', 'high', 'r', 'welch_low', 'welch_high', 'p', 'p_holm')}
            paired = summary(y - x)
            for ours, theirs in (('mean', 'difference'), ('low', 'low'), ('high', 'high')):
                compare(f'{what}: {theirs}', paired[ours], shown[theirs], CLOSE)
            if len(x) > 1 and np.ptp(x) > 1e-12 and np.ptp(y) > 1e-12:
                compare(f'{what}: r', stats.pearsonr(x, y).statistic, shown['r'], CLOSE)
            compare(f'{what}: p', sign_flips(y - x) if len(x) > 5 else None, shown['p'], CLOSE)
            a, b = ([np.mean([t[field] for t in g]) for g in groups[row[side]] if all(t[field] is not None for t in g)] for side in 'ab')
            if len(a) > 1 and len(b) > 1 and np.ptp(a) + np.ptp(b) > 1e-12:
                u, v = np.var(a, ddof=1) / len(a), np.var(b, ddof=1) / len(b)
                half = t_quantile((u + v)**2 / (u**2 / (len(a) - 1) + v**2 / (len(b) - 1))) * np.sqrt(u + v)
                compare(f'{what}: welch_low', np.mean(b) - np.mean(a) - half, shown['welch_low'], CLOSE)
                compare(f'{what}: welch_high', np.mean(b) - np.mean(a) + half, shown['welch_high'], CLOSE)
            if shown['p'] is not None:
                adjusted.append((what, shown['p'], shown['p_holm']))
        for (what, _, theirs), ours in zip(adjusted, holm(np.array([p for _, p, _ in adjusted]))):
            compare(f'{what}: p_holm', ours, theirs, CLOSE)

    def check_selection(self, folder, db, name, rows, groups, sets):
        """Which variants the text says cannot be told from the leader."""
        text = subprocess.run([MLPSWEEP, 'summary', '--db', db, f'{folder}/{name}.yaml'], check=True, capture_output=True, text=True).stdout
        said = re.search(r'Not to be told from it \(paired p, Holm over (\d+)\): (.*?)\.\s', ' '.join(text.split()))
        ranked = [row for row in rows if row['rank'] and groups[row['label']]]
        if not said or len(ranked) < 3:
            return
        field = 'val_accuracy_at_best' if sets[rows[0]['dataset']][1] else 'best_val_loss'
        leader = min(ranked, key=lambda row: int(row['rank']))['label']
        values = {label: {tuple(t[s] for s in SEEDS): t[field] for g in gs for t in g} for label, gs in groups.items()}
        others, p = [label for label in values if label != leader], []
        for label in others:
            common_seeds = sorted(set(values[label]) & set(values[leader]))
            p.append(sign_flips(np.array([values[label][s] - values[leader][s] for s in common_seeds])) if len(common_seeds) > 5 else 1)
        told = {label for label, q in zip(others, holm(np.array(p))) if q <= 0.05}
        compare(f'{name}: not to be told from the leader', sorted(set(others) - told), sorted(said.group(2).split('; ')), EXACT)


def main(folder):
    mnist, values, kinds, square, datasets = common.write_data(folder, PROJECT)
    sets = {'digits': (mnist, True), 'values': (values, False), 'kinds': (kinds, True), 'square': (square, True)}
    still = 'epochs: 12, learning_rate: 1e-40'
    sweeps = {
        'rates': ('digits', 'train_rows: 300, epochs: 12, batch_size: 50, test_every: 1',
                  'sweep: {topology: [[20], [8, 8]], learning_rate: [0.001, 0.02, 5]}\nrepeats: 6'),
        'constant': ('digits', f'train_rows: 100, {still}', 'sweep: {topology: [[5], []]}\nrepeats: 3'),
        'memorized': ('digits', 'train_rows: 60, epochs: 40, batch_size: 20, learning_rate: 0.02, test_every: 3',
                      'sweep: {topology: [[40], [40, 40], []]}\nrepeats: 7'),
        'exploding': ('values', 'epochs: 9, activation: linear, scale: none, batch_size: 10',
                      'sweep: {optimizer: [sgd], learning_rate: [0.001, 0.2, 1e6]}\nrepeats: 6'),
        'automatic': ('values', 'epochs: 25, scale: standard', 'sweep: {optimizer: [adam, sgd, sgd(momentum=0.9)], topology: [[6], [12]]}\nrepeats: 6'),
        'lone': ('kinds', 'epochs: 12, learning_rate: 0.03', 'sweep: {topology: [[5], []], train_rows: [all, 50]}'),
        'unvalidated': ('digits', 'train_rows: 200, validation_split: 0, epochs: 3', 'sweep: {topology: [[5], []]}\nrepeats: 2'),
        'short': ('digits', 'train_rows: 900, epochs: 1, test_every: 1, batch_size: 10, learning_rate: 0.01', 'sweep: {topology: [[15], []]}\nrepeats: 2'),
        'crossed': ('kinds', 'epochs: 8, learning_rate: 0.03', 'sweep: {topology: [[5], [9]], init_seed: [1, 2, 3], order_seed: [4, 5]}'),
    }
    db = f'{folder}/all.db'
    for name, (dataset, base, rest) in sweeps.items():
        connection = common.run(MLPSWEEP, PROJECT, folder, name, f'{datasets}base: {{dataset: {dataset}, {base}}}\n{rest}\n', db)
    database = Database(connection)
    states = {t['state'] for t in database.trials}
    compare('states', ['diverged', 'done'], sorted(states), EXACT)
    database.check_trials()
    database.check_learned(sets)
    database.check_variants()
    database.check_curves()
    database.check_pairs()
    database.check_summary(folder, db, sweeps, sets)
    for kind in ('overconfident', 'stands still', 'still falls', 'failed to learn', 'no validation', 'few epochs', 'diverged'):
        compare(f'a variant that {kind}', True, kind in database.verdicts, EXACT)


with tempfile.TemporaryDirectory() as work:
    main(work)
common.finish()
