"""bench/run --grid: one net of each topology, batch size and density, ours against the peers.

What is compared is the quickest epoch after the first, training alone: what is left of it when
start-up, compilation and the noise of the machine are taken off. All train the same net on as many
rows in minibatches as large for as many epochs, in turn at each point. Where a step is long, an
epoch has fewer rows; where it is short, there are more epochs.

A peer is one process for each number of cores and each environment. It imports its libraries once,
forks a fresh process for each point (--serve in peers/common.py), and sleeps while others train. On
one core all are bound to it, and compute with one thread. On all cores PyTorch has a thread for
each, and JAX makes as many as there are in its affinity; a peer's time there is the better of this
one and that on one core. PyTorch from PyPI computes by MKL and JAX by code of its own, which
OPENBLAS_CORETYPE does not touch: they are measured once, and stand beside us in both environments.
"""

import contextlib
import functools
import itertools
import json
import os
import pathlib
import subprocess
import sys
from typing import Callable, NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = ROOT / "build" / "peers"
PYTHON = VENV / "bin" / "python"
TOPOLOGIES = (10,), (20, 15), (64,), (200, 150), (1024,), (512, 512, 512)
ROWS = {1: 1000, 10: 5000, 100: 20000, 1000: 20000}  # of an epoch, by batch size
ONE_ROW = 1 / 60000  # of MNIST
DENSITIES = {"standard": "none is 0", "unit": "81 % are 0"}

METHOD = """\
ms: the quickest epoch of training after the first, on so many rows of MNIST, by Adam. Numbers of the
peers are ratios of their quickest epoch to ours: 2 is twice as slow. PyTorch is without autograd,
an epoch in torch.jit.script; JAX is one jitted scan over an epoch. On all cores a peer's time is the
better of that with one thread on one core and that with all. bench/grid.py says more.
"""


class Point(NamedTuple):
    widths: tuple
    batch: int
    scale: str
    rows: int
    epochs: int

    def __str__(self):
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}, {DENSITIES[self.scale]}"


class Contender(NamedTuple):
    name: str
    environments: tuple  # their titles; it is measured once for all of them
    train: Callable  # point -> seconds of the quickest epoch, None when it failed


def point(widths, batch, scale):
    if sum(widths) > 1000:
        return Point(widths, batch, scale, ROWS[batch] // (10 if batch <= 10 else 4), 4)
    return Point(widths, batch, scale, ROWS[batch], 12 if sum(widths) < 100 else 6)


def points(quick):
    if quick:
        return [point(widths, 100, "standard")._replace(epochs=3)
                for widths in ((20, 15), (512, 512, 512))]
    return list(itertools.starmap(point, itertools.product(TOPOLOGIES, ROWS, DENSITIES)))


@contextlib.contextmanager
def bound_to(cores):
    """What is started meanwhile runs on so many cores."""
    every_core = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(every_core)[-cores:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, every_core)


class Peer:
    """A process that trains points; see --serve in peers/common.py."""

    def __init__(self, python, script, environment, cores):
        names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
        with bound_to(cores):
            self.process = subprocess.Popen(
                [str(python), f"bench/peers/{script}.py", "--serve"], cwd=ROOT,
                env={**environment, **dict.fromkeys(names, str(cores))},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # it has imported its libraries

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def train(self, point):
        options = ["--widths", ",".join(map(str, point.widths)), "--epochs", str(point.epochs),
                   "--batch", str(point.batch), "--rows", str(point.rows), "--no-validation",
                   "--scale", "standard" if point.scale == "standard" else "none"]
        try:
            print(*options, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return None
        for line in self.process.stdout:
            if line.startswith(("{", "null")):
                result = json.loads(line)
                return result and result["least_epoch_seconds"]
        return None


def train_ours(measure, ours, environment, cores, point):
    # The probe has as many rows as validation, so that an epoch is training but for two rows.
    command = ours("e", cores, topology=list(point.widths), batch_size=point.batch,
                   scale=point.scale, train_rows=point.rows, epochs=point.epochs,
                   validation_split=ONE_ROW)
    result = measure(command, environment, cores)
    return result and result.least_epoch


def start_contenders(stack, measure, ours, environments, cores):
    """Returns the contenders; the stack ends their processes."""
    contenders = []
    for title, environment in environments.items():
        contenders.append(Contender("mlpsweep", (title,), functools.partial(
            train_ours, measure, ours, environment, cores)))
        peer = Peer(sys.executable, "torch_jit", environment, cores)
        contenders.append(Contender("PyTorch, Debian's", (title,), stack.enter_context(peer).train))
    if (VENV / "done").exists():
        for name, script in ("PyTorch, PyPI's", "torch_jit"), ("JAX", "jax_scan"):
            peer = Peer(PYTHON, script, environment, cores)
            contenders.append(Contender(name, tuple(environments), stack.enter_context(peer).train))
    return contenders


def train_all(contenders, point, rounds):
    """Returns {(environment, name): seconds of the quickest epoch of all rounds, None: failed}."""
    turns = [[contender.train(point) for contender in contenders] for _ in range(rounds)]
    return {(title, contender.name): None if None in tries else min(tries)
            for contender, tries in zip(contenders, zip(*turns))
            for title in contender.environments}


def table(title, cores, rows):
    """Lines of a table of {point: {name: seconds}}, and its least (ratio, where) if there is any."""
    names = list(next(iter(rows.values())))
    ratios = []
    lines = [f"### {title}, {cores} core{'s' * (cores > 1)}", "",
             f"| net | rows | {names[0]}, ms | {' | '.join(names[1:])} |",
             f"|---|--:|--:{'|--:' * len(names[1:])}|"]
    for at, seconds in rows.items():
        base = seconds[names[0]]
        cells = []
        for name in names[1:]:
            if base and seconds[name]:
                ratios.append((seconds[name] / base, f"{name}, at {at}"))
                cells.append(f"{ratios[-1][0]:.2f}")
            else:
                cells.append("failed")
        lines.append(f"| {at} | {at.rows} | {f'{base * 1e3:.2f}' if base else 'failed'} | "
                     f"{' | '.join(cells)} |")
    least = min(ratios, default=None)
    return [*lines, "", f"Least: {least[0]:.2f}, {least[1]}." if least else "Least: none.", ""], least


def with_one_core(seconds, on_one_core):
    """The seconds of all cores, with the peers' better ones."""
    return {key: value if key[1] == "mlpsweep" or None in (value, on_one_core[key])
            else min(value, on_one_core[key]) for key, value in seconds.items()}


def run(measure, ours, environments, all_cores, rounds, quick):
    """Returns the tables' lines, which it prints, and whether no run failed."""
    complete = True
    text, leasts, on_one_core = [], [], {}
    for cores in sorted({1, all_cores}):
        results = {}
        with contextlib.ExitStack() as stack:
            contenders = start_contenders(stack, measure, ours, environments, cores)
            for at in points(quick):
                print(f"{cores} of {all_cores} cores: {at}", file=sys.stderr)
                results[at] = train_all(contenders, at, rounds)
                complete = complete and None not in results[at].values()
                if cores == 1:
                    on_one_core[at] = results[at]
                else:
                    results[at] = with_one_core(results[at], on_one_core[at])
        for title in environments:
            rows = {at: {name: value for (where, name), value in seconds.items() if where == title}
                    for at, seconds in results.items()}
            lines, least = table(title, cores, rows)
            print("\n".join(lines), flush=True)
            text += lines
            if least:
                leasts.append((*least, f"{title}, {cores} core{'s' * (cores > 1)}"))
    if leasts:
        text.append("Least of all: {:.2f}, {} ({}).".format(*min(leasts)))
        print(text[-1])
    return text, complete
