#!/usr/bin/python3
"""A plan in 1,000 shards, of which some are trained for real, as tasks of a cluster on which they
are killed, preempted, started twice at once and fail; what they leave is merged in any order.

    thousand_shards.py MLPSWEEP [SHARDS]   how many are trained (default: 40, at most 1,000)
"""

import collections
import concurrent.futures
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ALL = 1000
PLAN = """\
name: many
base: {dataset: "moons(rows=20)", epochs: 1, keep_weights: none}
sweep: {learning_rate: "logspace(1e-4, 1e-1, 10)"}
repeats: 100
"""


def digests(path):
    """trial -> digest of what is done."""
    with sqlite3.connect(path) as db:
        return dict(db.execute("SELECT trial, weights_digest FROM trials WHERE state = 'done'"))


class Cluster:
    """Runs tasks, and does to them what clusters do."""

    def __init__(self, mlpsweep, folder):
        self.mlpsweep = mlpsweep
        self.folder = folder
        self.seen = collections.Counter()

    def path(self, shard):
        return self.folder / "shards" / f"many-{shard}-of-{ALL}.db"

    def start(self, shard):
        return subprocess.Popen(
            [self.mlpsweep, "run", "many.yaml", "--shard", f"{shard}/{ALL}", "-j", "1",
             "--progress", "none"], cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, MLPSWEEP_DB=str(self.folder / "main.db")))

    def end(self, process, statuses):
        words = process.communicate()[1]
        if process.returncode not in statuses:
            sys.exit(f"thousand_shards: status {process.returncode}, not {statuses}: {words}")

    def task(self, shard, fate, delay):
        self.seen[fate] += 1
        if fate == "fails":
            self.path(shard).mkdir(parents=True)
            self.end(self.start(shard), {1})
            self.path(shard).rmdir()
        elif fate in ("killed", "preempted"):
            process = self.start(shard)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL if fate == "killed" else signal.SIGTERM)
            self.end(process, {0, -signal.SIGKILL, -signal.SIGTERM, 130})
        elif fate == "started twice":
            twin = self.start(shard)
            self.end(self.start(shard), {0})
            self.end(twin, {0})
        self.end(self.start(shard), {0})

    def merge(self, out, paths):
        done = subprocess.run([self.mlpsweep, "merge", out, *paths], cwd=self.folder, text=True,
                              capture_output=True, check=False)
        if done.returncode or "differ" in done.stderr:
            sys.exit(f"thousand_shards: merge: {done.stderr}")
        return digests(self.folder / out)


def main():
    mlpsweep = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    draw = random.Random(count)
    fates = ["ends"] * 6 + ["killed", "preempted", "started twice", "fails"]
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(mlpsweep, pathlib.Path(folder))
        (cluster.folder / "many.yaml").write_text(PLAN)
        subprocess.run([mlpsweep, "run", "many.yaml", "--db", "alone.db", "--progress", "none"],
                       cwd=folder, check=True, capture_output=True)
        alone = digests(cluster.folder / "alone.db")
        assert len(alone) == ALL
        shards = draw.sample(range(1, ALL + 1), count)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
            begin = time.monotonic()
            for done in [workers.submit(cluster.task, shard, draw.choice(fates), draw.random() / 30)
                         for shard in shards]:
                done.result()
            seconds = time.monotonic() - begin
        parts = [digests(cluster.path(shard)) for shard in shards]
        trained = {trial: digest for part in parts for trial, digest in part.items()}
        assert all(parts), "a shard is empty"
        assert len(trained) == sum(map(len, parts)), "a trial is in two shards"
        assert trained.items() <= alone.items(), "another result than that of one run"
        begin = time.monotonic()
        paths = [cluster.path(shard) for shard in shards]
        for order in range(3):
            draw.shuffle(paths)
            cut = draw.randrange(1, len(paths))
            cluster.merge(f"first-{order}.db", paths[:cut])
            cluster.merge(f"second-{order}.db", paths[cut // 2:])  # some are in both
            merged = cluster.merge(f"all-{order}.db", [f"second-{order}.db", f"first-{order}.db"])
            assert merged == trained, "another order of merging, another result"
        print(f"{count} of {ALL} shards in {seconds:.1f} s, {dict(cluster.seen)}: "
              f"{len(trained)} trials as in one run; merged three times in "
              f"{time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    main()
