"""bench/run --grid: one net of each topology, batch size and density, ours against the peers.

What is compared is the quickest epoch after the first, training alone: what is left of it when
start-up, compilation and the noise of the machine are taken off.
"""

import itertools
import pathlib
import sys
from typing import NamedTuple

VENV = pathlib.Path(__file__).resolve().parents[1] / "build" / "peers"
PYTHON = VENV / "bin" / "python"
TOPOLOGIES = (10,), (20, 15), (64,), (200, 150), (1024,), (512, 512, 512)
ROWS = {1: 1000, 10: 5000, 100: 20000, 1000: 20000}  # of an epoch, by batch size
DENSITIES = {"standard": "none is 0", "unit": "81 % are 0"}
EPOCHS = 4


class Point(NamedTuple):
    widths: tuple
    batch: int
    scale: str
    quick: bool = False

    def rows(self):
        is_large = sum(self.widths) > 1000 and self.batch > 1
        return ROWS[self.batch] // (4 if is_large or self.quick else 1)

    def __str__(self):
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}, {DENSITIES[self.scale]}"


def points(quick):
    if quick:
        return [Point(widths, 100, "standard", quick) for widths in ((20, 15), (512, 512, 512))]
    return list(itertools.starmap(Point, itertools.product(TOPOLOGIES, ROWS, DENSITIES)))


def peers():
    """Returns {name: (python, script)}: Debian's, and those that pip has put into build/peers."""
    found = {"PyTorch, Debian's": (sys.executable, "torch_jit")}
    if (VENV / "done").exists():
        found["PyTorch, PyPI's"] = str(PYTHON), "torch_jit"
        found["JAX"] = str(PYTHON), "jax_scan"
    return found


def contenders(point, cores, ours, peer):
    """Returns {name: command}, ours first."""
    commands = {"mlpsweep": ours("e", cores, topology=list(point.widths), batch_size=point.batch,
                                 scale=point.scale, train_rows=point.rows(), epochs=EPOCHS,
                                 validation_split=0)}
    options = ("--batch", str(point.batch), "--rows", str(point.rows()), "--no-validation",
               "--scale", "standard" if point.scale == "standard" else "none")
    for name, (python, script) in peers().items():
        commands[name] = peer(script, [point.widths], EPOCHS, *options, python=python)
    return commands


def with_threads(environment, cores):
    names = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"
    return {**environment, **dict.fromkeys(names, str(cores))}


def least(measure, command, environment, cores, rounds):
    """Seconds of the quickest epoch of all rounds; None when a run failed."""
    results = [measure(command, with_threads(environment, cores), cores) for _ in range(rounds)]
    return None if None in results else min(result.least_epoch for result in results)


def run(measure, ours, peer, environments, all_cores, rounds, quick):
    """Prints a table for each environment and number of cores; False when a run failed."""
    complete = True
    for title, environment in environments.items():
        for cores in sorted({1, all_cores}):
            names = list(peers())
            print(f"### {title}, {cores} core{'s' * (cores > 1)}\n\n| net | mlpsweep, ms an epoch | "
                  f"{' | '.join(names)} |\n|---|--:{'|--:' * len(names)}|", flush=True)
            worst = None
            for point in points(quick):
                seconds = {name: least(measure, command, environment, cores, rounds)
                           for name, command in contenders(point, cores, ours, peer).items()}
                base = seconds.pop("mlpsweep")
                ratios = {name: value / base for name, value in seconds.items()
                          if base and value}
                complete = complete and len(ratios) == len(names)
                cells = (f"{ratios[name]:.2f}" if name in ratios else "failed" for name in names)
                print(f"| {point} | {base and f'{base * 1e3:.2f}'} | {' | '.join(cells)} |",
                      flush=True)
                worst = min([(ratio, name, str(point)) for name, ratio in ratios.items()]
                            + [worst] * bool(worst), default=None)
            print("\nNumbers of the peers are ratios to mlpsweep's time: 2 is twice as slow. Least: "
                  + ("none" if not worst else f"{worst[0]:.2f}, {worst[1]} at {worst[2]}.\n"),
                  flush=True)
    return complete
