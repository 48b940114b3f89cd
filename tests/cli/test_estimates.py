#!/usr/bin/python3
"""What `plan` says of the experiments of the project, against the seconds that they took: within a
factor of 1.5.

    test_estimates.py MLPSWEEP PROJECT_DIR

timings.csv has what one core of an idle machine took for three epochs of each variant, with seed 1
and with seed 2. A database gets those of seed 1, as if they were this machine's, and the plan for
seed 2 is compared with what that took; then without what the experiment itself took. Skipped with
status 77 where the data sets are not there.
"""

import csv
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

FACTOR = 1.5
EPOCHS = 3
TEXTS = ("trial", "dataset", "topology", "optimizer", "activation")
OTHERS = ("batch_size", "cohort_size", "multiply_adds", "updates", "epochs_done", "validation_rows",
          "test_rows", "test_every", "train_seconds")
TINY = """\
name: tiny
base: {dataset: "moons(rows=20)", epochs: 1, keep_weights: none}
"""


def fill(path, rows):
    """Trials with these timings, of the session that is there."""
    with sqlite3.connect(path) as db:
        session, = db.execute("SELECT session FROM session_rows").fetchone()
        db.execute("DELETE FROM trial_rows")
        columns = TEXTS + OTHERS
        for row in {row["trial"]: row for row in rows}.values():
            values = [row[c] for c in TEXTS] + [float(row[c] or 0) for c in OTHERS]
            db.execute(f"INSERT INTO trial_rows({', '.join(columns)}, variant, state, session) "
                       f"VALUES({', '.join('?' * len(columns))}, '', 'done', ?)",
                       values + [session])


def estimate(mlpsweep, path, experiment, scale):
    """Seconds for so many times the epochs, which makes the digits more."""
    done = subprocess.run(
        [mlpsweep, "plan", f"experiments/{experiment}.yaml", "--set", "repeats=1", "--set", "seed=2",
         "--set", f"epochs={EPOCHS * scale}", "--db", path, "--totals", "--format", "csv"],
        check=True, capture_output=True, text=True)
    return float(next(csv.DictReader(done.stdout.splitlines()))["seconds"]) / scale


def main():
    mlpsweep = os.path.abspath(sys.argv[1])
    with open(pathlib.Path(__file__).with_name("timings.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    os.chdir(sys.argv[2])
    experiments = sorted({row["experiment"] for row in rows})
    missing = sorted(set(path.stem for path in pathlib.Path("experiments").glob("*.yaml")) -
                     set(experiments))
    failures = [f"timings.csv has nothing of {name}" for name in missing]
    for name in experiments:
        if subprocess.run([mlpsweep, "check", f"experiments/{name}.yaml"], check=False,
                          capture_output=True).returncode:
            print(f"SKIPPED: the data of {name} are not here")
            sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "timings.db")
        plan = pathlib.Path(folder, "tiny.yaml")
        plan.write_text(TINY, encoding="utf-8")
        subprocess.run([mlpsweep, "run", plan, "--db", path, "--progress", "none"], check=True,
                       capture_output=True)
        first = [row for row in rows if row["seed"] == "1"]
        for name in experiments:
            took = sum(float(row["train_seconds"]) for row in rows
                       if row["experiment"] == name and row["seed"] == "2")
            scale = 3 if name == "rows" else 100  # max_updates ends it early
            own = {row["trial"] for row in first if row["experiment"] == name}
            for what, timed in (("", first),
                                (" by others", [r for r in first if r["trial"] not in own])):
                fill(path, timed)
                ratio = estimate(mlpsweep, path, name, scale) / took
                print(f"{name}{what}: {ratio:.2f}")
                # Data that no other experiment has are estimated by the speed of the machine now.
                known = {r["dataset"] for r in timed} >= {r["dataset"] for r in first
                                                          if r["experiment"] == name}
                if known and not 1 / FACTOR < ratio < FACTOR:
                    failures.append(f"{name}{what}: {ratio:.2f} of what it took")
    print("\n".join(failures) or "all within a factor of 1.5")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
