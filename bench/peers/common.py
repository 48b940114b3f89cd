"""What all peers share: the data, the command line, dealing trials out to processes, the result.

Every peer trains relu nets with softmax and cross-entropy by Adam (learning rate 0.001) on the raw
pixels of MNIST: 54,000 rows to train on in a new order each epoch, the last 6,000 to validate after
each. Training loss and accuracy are the means over an epoch's batches, as Keras reports them.

--rows, --scale and --no-validation make it fewer rows, scaled columns, and training alone. With
--serve a peer imports its libraries, says "ready", and reads lines of options from standard input:
each trains in a process forked for it, whose JIT is as fresh as that of a new one. The answer is its
result, or null when it failed.

A peer's last line is JSON: epochs, seconds_per_epoch (of one net on one core: training and
validation, without start-up and loading), least_epoch_seconds (the quickest epoch after the first,
which compiles) and val_accuracy (mean over the nets at the last epoch).
Threads are limited from outside, by OMP_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import statistics
import sys
import time

import numpy as np

VALIDATION_ROWS = 6000
CLASSES = 10
INIT_STDDEV = 0.05


def as_floats(pixels):
    return pixels.astype(np.float32)


def as_bytes(pixels):
    return pixels


def standardized(x, training):
    """Columns of mean 0 and deviation 1 over the rows trained on; constant ones are 0."""
    mean, deviation = training.mean(0, dtype=np.float64), training.std(0, dtype=np.float64)
    factor = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return ((x - mean) * factor).astype(np.float32)


def load_mnist(convert, options):
    """Returns converted pixels and int64 labels: ((x_train, y_train), (x_val, y_val))."""
    root = pathlib.Path(__file__).resolve().parents[2] / "data"
    folder = pathlib.Path(os.environ.get("MLPSWEEP_DATA", root)) / "mnist"
    pixels = np.fromfile(folder / "train-images-idx3-ubyte", np.uint8, offset=16)
    pixels = pixels.reshape(-1, 784)
    y = np.fromfile(folder / "train-labels-idx1-ubyte", np.uint8, offset=8).astype(np.int64)
    train = slice(min(options.rows, len(y) - VALIDATION_ROWS))
    validation = slice(0 if options.no_validation else VALIDATION_ROWS)
    parts = [(pixels[train], y[train]),
             (pixels[-VALIDATION_ROWS:][validation], y[-VALIDATION_ROWS:][validation])]
    if options.scale == "standard":
        return [(standardized(x, pixels[train]), labels) for x, labels in parts]
    return [(convert(x), labels) for x, labels in parts]


def topology(text):
    """20,15 -> (784, 20, 15, 10)"""
    return (784, *map(int, text.split(",")), CLASSES)


def topologies(text):
    return [topology(widths) for widths in text.split("/")]


def seed_range(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--widths", type=topologies, default="20,15",
                        help="hidden widths; several nets: 20,15/64,32")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seeds", type=seed_range, default="1", help="one seed, or A-B")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="that a process computes with")
    parser.add_argument("--order", choices=("shared", "own"), default="own",
                        help="whether stacked nets see the same minibatches")
    parser.add_argument("--rows", type=int, default=54000, help="rows to train on, the first ones")
    parser.add_argument("--scale", choices=("none", "standard"), default="none")
    parser.add_argument("--no-validation", action="store_true", help="train only")
    parser.add_argument("--serve", action="store_true", help="train what standard input asks for")
    return parser.parse_args(arguments)


epoch_seconds = []


def epochs(options):
    """The epochs of a training, which it times."""
    for epoch in range(options.epochs):
        start = time.perf_counter()
        yield epoch
        epoch_seconds.append(time.perf_counter() - start)


def report(epochs, net_epochs, core_seconds, accuracies):
    print(json.dumps({"epochs": epochs,
                      "seconds_per_epoch": round(core_seconds / net_epochs, 6),
                      "least_epoch_seconds": min(epoch_seconds[1:], default=None),
                      "val_accuracy": round(statistics.mean(accuracies), 4)}))


def run(train_group, stacked=False, convert=as_floats):
    """Trains all nets: train_group(options, data, layers, seeds) -> their validation accuracies.

    A group is one net, or, with `stacked`, all nets of one topology in one process.
    """
    options = parse_arguments(sys.argv[1:])
    if options.serve:
        serve(train_group, stacked, convert)
    else:
        train_all(options, train_group, stacked, convert)


def serve(train_group, stacked, convert):
    context = multiprocessing.get_context("fork")
    print("ready", flush=True)
    for line in sys.stdin:
        process = context.Process(target=train_all, args=(parse_arguments(line.split()),
                                                          train_group, stacked, convert))
        process.start()
        process.join()
        if process.exitcode:
            print("null", flush=True)


def train_all(options, train_group, stacked, convert):
    """Processes are forked after the data is loaded and converted, so that they share it."""
    data = load_mnist(convert, options)
    queues = [[] for _ in range(options.processes)]
    jobs = [(layers, seed) for layers in options.widths for seed in options.seeds]
    for i, job in enumerate(jobs):
        queues[i % options.processes].append(job)

    def work(queue):
        if stacked:
            groups = [(layers, [seed for other, seed in queue if other == layers])
                      for layers in dict.fromkeys(layers for layers, _ in queue)]
        else:
            groups = [(layers, [seed]) for layers, seed in queue]
        start = time.perf_counter()
        accuracies = []
        for layers, seeds in groups:
            accuracies += train_group(options, data, layers, seeds)
        return time.perf_counter() - start, accuracies

    if options.processes == 1:
        results = [work(queues[0])]
    else:
        results = in_processes(work, queues)
    report(options.epochs, len(jobs) * options.epochs,
           options.threads * sum(seconds for seconds, _ in results),
           [accuracy for _, accuracies in results for accuracy in accuracies])


def in_processes(work, queues):
    context = multiprocessing.get_context("fork")
    channels = []
    for queue in queues:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=lambda q=queue, s=sender: s.send(work(q)))
        process.start()
        sender.close()
        channels.append((process, receiver))
    results = [receiver.recv() for _, receiver in channels]
    for process, _ in channels:
        process.join()
    return results
