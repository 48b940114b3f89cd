"""check_additions.py MLPSWEEP PROJECT: the diffs of CONTRIBUTING.md work.

Applies them to a copy of the tree, builds it without a warning, and lets the program that comes out go on with a database
that the unpatched one made: what that one trained stays, and both are read together.
"""
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

MLPSWEEP, PROJECT = sys.argv[1:3]


def run(*command, cwd=None, status=0):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def apply(tree, diff):
    """Each hunk replaces its context and - lines, which must occur once, by its context and + lines."""
    for part in re.split(r'^--- .*\n', diff, flags=re.M)[1:]:
        head, *hunks = part.split('@@\n')
        path = os.path.join(tree, head.strip().removeprefix('+++ b/'))
        text = open(path).read() if os.path.exists(path) else ''
        for hunk in hunks:
            lines = hunk.split('\n')[:-1]
            old = ''.join(line[1:] + '\n' for line in lines if line[:1] != '+')
            new = ''.join(line[1:] + '\n' for line in lines if line[:1] != '-')
            if old and ('\n' + text).count('\n' + old) != 1:
                sys.exit(f'CONTRIBUTING.md: {head.strip()}: these lines are not there once:\n{old}')
            text = ('\n' + text).replace('\n' + old, '\n' + new)[1:] if old else new
        with open(path, 'w') as file:
            file.write(text)


def build(tree):
    launcher = ['-DCMAKE_C_COMPILER_LAUNCHER=ccache'] if shutil.which('ccache') else []
    run('cmake', '-S', tree, '-B', f'{tree}/build', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=None', '-DCMAKE_C_FLAGS=-O0',
        '-DMLPSWEEP_WERROR=ON', *launcher)
    run('cmake', '--build', f'{tree}/build', '--target', 'mlpsweep')
    return f'{tree}/build/mlpsweep'


def write_data(folder):
    rows = [((i * 7 % 30) / 10, (i * 11 % 17) / 5) for i in range(80)]
    with open(f'{folder}/values.csv', 'w') as file:
        file.write('a,b,y\n' + ''.join(f'{a},{b},{a * b - b}\n' for a, b in rows))
    with open(f'{folder}/values.bin', 'wb') as file:
        for a, b in rows:
            file.write(struct.pack('<3f', a, b, a * b - b))


DATA = """datasets:
  values: {format: csv, train: values.csv, test: values.csv, target: y, task: regression}
"""
BASE = 'base: {dataset: values, epochs: 4, topology: [6], batch_size: 8}\n'
# One axis a row: the first value is what the unpatched program has trained.
AXES = {'activation': ['relu', 'hard_tanh(limit=0.5)'], 'loss': ['mse', 'quantile(q=0.7)'], 'scale': ['unit', 'range(low=0, high=2)'],
        'optimizer': ['adam', 'amsgrad'], 'shuffle': ['1', '0'],
        'shake': ['0', '0.2']}


def write(folder, name, text):
    with open(f'{folder}/{name}.yaml', 'w') as file:
        file.write(text)


def main(folder):
    tree = f'{folder}/tree'
    for name in ('src', 'cmake', 'tests'):
        shutil.copytree(f'{PROJECT}/{name}', f'{tree}/{name}')
    shutil.copy(f'{PROJECT}/CMakeLists.txt', tree)
    diffs = re.findall(r'^```diff\n(.*?)^```', open(f'{PROJECT}/CONTRIBUTING.md').read(), re.M | re.S)
    for diff in diffs:
        apply(tree, diff)
    patched = build(tree)

    write_data(folder)
    write(folder, 'old', DATA + BASE + 'repeats: 2\n')
    run(MLPSWEEP, 'run', 'old.yaml', '--db', 'results.db', cwd=folder)
    before = sqlite3.connect(f'{folder}/results.db').execute('SELECT trial, weights_digest FROM trials').fetchall()

    for axis, values in AXES.items():
        write(folder, axis, DATA + BASE + f"sweep: {{{axis}: [{', '.join(repr(v) if '(' in v else v for v in values)}]}}\nrepeats: 2\n")
        run(patched, 'run', f'{axis}.yaml', '--db', 'results.db', cwd=folder)
    write(folder, 'format', """datasets: {values: {format: floats, features: 2, train: values.bin, task: regression}}
""" + BASE)
    run(patched, 'run', 'format.yaml', '--db', 'results.db', cwd=folder)
    run(patched, 'run', 'old.yaml', '--db', 'results.db', cwd=folder)

    query = sqlite3.connect(f'{folder}/results.db').execute
    expect = lambda sql, value: query(sql).fetchone()[0] == value or sys.exit(f'{sql}: {query(sql).fetchone()[0]}, not {value}')
    for trial, digest in before:
        expect(f"SELECT weights_digest FROM trials WHERE trial = '{trial}'", digest)
    expect('SELECT count(*) FROM trials', 2 + 2 * len(AXES) + 1)
    expect("SELECT count(*) FROM trials WHERE state = 'done'", 2 + 2 * len(AXES) + 1)
    for axis, values in AXES.items():
        expect(f"SELECT count(DISTINCT seed) FROM pairs WHERE axis = '{axis}' AND difference IS NOT NULL AND difference <> 0", 2)
    expect("SELECT count(*) FROM trials WHERE activation_arguments = '{}' AND scale_arguments = '{}' AND loss_arguments = '{}'", 2 + 2 * len(AXES) + 1 - 3 * 2)
    expect("SELECT json_extract(activation_arguments, '$.limit') FROM trials WHERE activation = 'hard_tanh'", 0.5)
    expect('SELECT count(*) FROM trials JOIN epochs USING (trial) WHERE largest_weight > 0', 4 * (2 * len(AXES) + 1))
    expect('SELECT count(*) FROM variants WHERE best_probe_loss_mean > 0', len(AXES) + 1)
    expect('SELECT count(*) FROM curves WHERE largest_weight_mean > 0', 4 * (len(AXES) + 1))
    for command in (['status'], ['summary'], ['best'], ['show', before[0][0]], ['export', 'trials'], ['export', 'epochs']):
        text = run(patched, *command, '--db', 'results.db', cwd=folder)
        if not text:
            sys.exit(f"{' '.join(command)} prints nothing")
    run(patched, 'plot', '--format', 'svg', 'optimizer', '--db', 'results.db', cwd=folder)
    if not os.path.getsize(f'{folder}/plots/optimizer/speed.svg'):
        sys.exit('the figure is empty')
    print(f'{len(diffs)} additions applied, built and used')


with tempfile.TemporaryDirectory() as work:
    main(work)
