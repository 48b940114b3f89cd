"""fuzz_databases.py MLPSWEEP PROJECT [SEEDS]: commands that read survive any database.

Databases of the program, with rows multiplied and cells replaced by SQL: many variants, seeds and data sets, states and
values that no program of ours writes, names with control characters and paths. Every command that reads them ends with
0, 1 or 3, without a word of a sanitizer, writes nothing outside its folder, and prints no control character and no
broken JSON. The same seeds in every run.
"""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

MLPSWEEP, PROJECT = sys.argv[1:3]
SEEDS = range(int(sys.argv[3]) if len(sys.argv) > 3 else 24)
PLOTS = range(0, 24, 6)  # gnuplot takes its time
VALUES = [None, 0, 1, -1, 2**63 - 1, -2**63, 0.5, -0.5, 1e308, -1e308, 5e-324, float('inf'), float('-inf'), '', 'nan', b'\0\xff', '{}', '[', '{"a":']
NAMES = ['../../x', '/etc/x', 'a b', '', '.', '..', '\x1b[31mred', 'nul\0nul', 'new\nline', 'tab\t', 'x' * 5000, "it's", '`date`', '$(date)', '<svg>', 'é', '\x9b31m',
         '%s%n', '@', '{/Symbol a}', "'\nset output '/tmp/x", '\u202ereversed', '20-15', '99999999999-1', '1-0', '-', 'none']
STATES = ['done', 'done', 'done', 'diverged', 'running', 'planned', 'interrupted', 'failed', 'lost', '', 7]


def make(path):
    """A small sweep of a classifier, a regression and a lone net."""
    folder = os.path.dirname(path)
    with open(f'{folder}/points.csv', 'w') as file:
        file.write('a,b,y\n' + ''.join(f'{i % 7},{i % 5},{i % 3}\n' for i in range(60)))
    with open(f'{folder}/odd.yaml', 'w') as file:
        file.write("""datasets:
  points: {format: csv, train: points.csv, test: points.csv, target: y}
  values: {format: csv, train: points.csv, test: points.csv, target: y, task: regression}
base: {epochs: 7, batch_size: 9, test_every: 2, keep_weights: none}
sweep: {dataset: [points, values], topology: [[3], []], optimizer: [adam, sgd]}
repeats: 2
""")
    run(folder, 'run', 'odd.yaml', '--db', path)


def run(folder, *command):
    environment = dict(os.environ, ASAN_OPTIONS='exitcode=99', UBSAN_OPTIONS='exitcode=99')
    done = subprocess.run([MLPSWEEP, *command], cwd=folder, capture_output=True, env=environment, timeout=120)
    if done.returncode not in (0, 1, 3) or b'Sanitizer' in done.stderr or b'runtime error' in done.stderr:
        sys.exit(f'FAILED: {command}: exit status {done.returncode}\n{done.stderr[-3000:].decode(errors="replace")}\nmake it again: '
                 f'the database is kept in {keep(folder)}')
    return done


def keep(folder):
    return shutil.copytree(folder, tempfile.mkdtemp(prefix='mlpsweep-fuzz-'), dirs_exist_ok=True)


def columns(database, table):
    return [row[1] for row in database.execute(f'PRAGMA table_info({table})')]


def multiply(database, draw):
    """More trials: copies with ids, variants, seeds and data sets of their own, their epochs and memberships."""
    trials = [dict(zip(columns(database, 'trial_rows'), row)) for row in database.execute('SELECT * FROM trial_rows')]
    variants, seeds = draw.choice([(1, 300), (60, 3), (5, 5), (200, 1)])
    next_id = max(t['id'] for t in trials) + 1
    template, crossed = draw.choice(trials), draw.random() < 0.4
    for v in range(variants):
        for s in range(seeds):
            new = dict(template, id=next_id, trial=f'{next_id:016x}', variant=f'{draw.choice((v, v, 3)):016x}', seed=s)
            new['learning_rate'] = v / 7
            new['order_seed' if crossed else 'init_seed'] = 1 if draw.random() < 0.5 else s
            new['dataset'] = draw.choice(['points', 'points', 'values', 'other', *NAMES]) if draw.random() < 0.2 else template['dataset']
            new['state'] = draw.choice(STATES)
            database.execute(f"INSERT INTO trial_rows({', '.join(new)}) VALUES({', '.join('?' * len(new))})", list(new.values()))
            database.execute('INSERT INTO member_rows(experiment, trial_id, label, position, in_plan) VALUES(?, ?, ?, ?, ?)',
                             (draw.choice(['odd', 'odd', 'more']), next_id, draw.choice(['a=1', 'b', *NAMES]), draw.randrange(-3, 400), draw.choice((0, 1, 1))))
            database.execute(f"INSERT INTO epoch_rows SELECT {next_id}, {', '.join(columns(database, 'epoch_rows')[1:])} FROM epoch_rows "
                             f"WHERE trial_id = {template['id']} AND epoch <= {draw.randrange(9)}")
            next_id += 1


def spoil(database, draw):
    """Cells of any table replaced by what does not belong there."""
    database.create_function('is_chosen', 1, lambda one_in: draw.randrange(one_in) == 0)
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%\\_rows' ESCAPE '\\'")]
    for _ in range(draw.choice((3, 30, 150))):
        table = draw.choice(tables)
        column = draw.choice(columns(database, table))
        value = draw.choice(VALUES + NAMES)
        try:
            database.execute(f'UPDATE OR IGNORE {table} SET {column} = ? WHERE is_chosen(?)', (value, draw.choice((1, 3, 20))))
        except sqlite3.Error:
            pass  # what the schema itself keeps out


def check_text(command, output):
    text = output.decode()  # fails where it is no UTF-8
    for c in text:
        if (ord(c) < 32 and c not in '\n\t') or 0x7f <= ord(c) < 0xa0:
            sys.exit(f'FAILED: {command} prints the control character {c!r}: {text[max(0, text.index(c) - 60):][:120]!r}')


def check(folder, draw, plots):
    database = sqlite3.connect(f'{folder}/odd.db')
    names = [row[0] for row in database.execute('SELECT DISTINCT experiment FROM member_rows') if isinstance(row[0], str) and '\0' not in row[0]]
    trials = [row[0] for row in database.execute('SELECT trial FROM trial_rows WHERE id % 7 = 1 LIMIT 3') if isinstance(row[0], str) and '\0' not in row[0]]
    database.close()
    commands = [['status'], ['summary'], ['summary', '--format', 'csv'], ['summary', '--format', 'json'], ['plan', 'odd.yaml'], ['status', 'odd.yaml'],
                ['summary', 'odd.yaml'], ['export', 'trials'], ['export', 'trials', '--format', 'jsonl'], ['export', 'epochs', '--format', 'jsonl'],
                ['sql', 'SELECT * FROM trials'], ['sql', '--format', 'json', 'SELECT * FROM members']]
    commands += [['sql', f'SELECT * FROM {view} LIMIT 50'] for view in ('variants', 'curves', 'pairs', 'stopping', 'layers', 'confusion', 'sessions')]
    commands += [['summary', name] for name in names[:3] if name and name[0] != '-'] + [['compare', name] for name in names[:2] if name and name[0] != '-'] + [['show', trial] for trial in trials if trial and trial[0] != '-']
    if plots:
        commands += [['plot', '--format', 'svg']]
    for command in commands:
        done = run(folder, *command, '--db', 'odd.db')
        if not {'csv', 'json', 'jsonl', 'export'} & set(command):  # what programs read holds what is there
            check_text(command, done.stdout)
        check_text(command, done.stderr)
        if 'json' in command and done.returncode == 0:
            json.loads(done.stdout)
        if 'jsonl' in command and done.returncode == 0:
            for line in done.stdout.decode().split('\n')[:-1]:
                json.loads(line)


def main(folder):
    inner = f'{folder}/a/b/c'
    os.makedirs(inner)
    os.makedirs(f'{folder}/fresh')
    make(f'{folder}/fresh/odd.db')
    for seed in SEEDS:
        draw = random.Random(seed)
        for name in ('odd.db', 'odd.yaml', 'points.csv'):
            shutil.copy(f'{folder}/fresh/{name}', inner)
        database = sqlite3.connect(f'{inner}/odd.db')
        if seed % 3:
            multiply(database, draw)
        if seed % 2:
            spoil(database, draw)
        database.commit()
        database.close()
        check(inner, draw, seed in PLOTS)
        strangers = [name for name in os.listdir(folder) + os.listdir(f'{folder}/a') + os.listdir(f'{folder}/a/b')
                     if name not in ('a', 'b', 'c', 'fresh')]
        if strangers:
            sys.exit(f'FAILED: seed {seed}: written outside the folder: {strangers}')
    print(f'{len(SEEDS)} databases read by every command')


with tempfile.TemporaryDirectory() as work:
    main(work)
