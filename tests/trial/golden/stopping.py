"""Writes stopping.txt: where each criterion of early stopping ends some curves.

    python3 stopping.py > stopping.txt

Written from docs/numerics.md ("Early stopping") and Prechelt, "Early Stopping - But When?", 1998, by lists instead of
the C code's running state. A curve is `curve EPOCHS`, then an epoch a line (val_loss probe_loss val_accuracy
test_accuracy seconds), then `onset EPOCH`, then a criterion a line: NAME stop_epoch epochs_saved seconds_saved
accuracy_change accuracy_metric.
"""
import math
import random

nan = math.nan
K = 5


def gl(va, t):
    """GL after epoch t, counted from 1."""
    best = min(va[:t])
    return 100 * (va[t - 1] / best - 1) if best else (0.0 if va[t - 1] == 0 else math.inf)


def pq(alpha):
    def stops(va, tr, t):
        if t % K:
            return False
        strip = tr[t - K:t]
        low = min(strip)
        p = 1000 * (sum(strip) / (K * low) - 1) if low else (0.0 if sum(strip) == 0 else math.inf)
        return gl(va, t) > 0 if p == 0 else gl(va, t) / p > alpha
    return stops


def up(strips):
    def stops(va, tr, t):
        ends = [va[t - 1 - K * i] for i in range(strips + 1) if t - K * i >= K]
        return t % K == 0 and len(ends) == strips + 1 and all(a > b for a, b in zip(ends, ends[1:]))
    return stops


def patience(epochs):
    return lambda va, tr, t: t - 1 - va[:t].index(min(va[:t])) >= epochs


criteria = {}
for n in 3, 5, 10:
    criteria[f"patience(epochs={n})"] = patience(n)
for a in 1, 2, 5:
    criteria[f"gl(alpha={a})"] = lambda va, tr, t, a=a: gl(va, t) > a
for a in 0.5, 1, 2:
    criteria[f"pq(alpha={a})"] = pq(a)
for n in 2, 3, 4:
    criteria[f"up(strips={n})"] = up(n)


def onset(va):
    smooth = [sum(va[max(i - 1, 0):i + 2]) / len(va[max(i - 1, 0):i + 2]) for i in range(len(va))]
    first = 0
    for t in range(len(va), va.index(min(va)) + 1, -1):
        if smooth[t - 1] <= 1.05 * min(smooth):
            break
        first = t
    return first


def show(x):
    return repr(float(x))


def curve(va, tr, val_acc, test_acc):
    n = len(va)
    seconds = [0.5 + 0.25 * (i % 3) for i in range(n)]
    print("curve", n)
    for row in zip(va, tr, val_acc, test_acc, seconds):
        print(*map(show, row))
    print("onset", onset(va))
    overall = va.index(min(va))
    for name, stops in criteria.items():
        stop = next((t for t in range(1, n) if stops(va, tr, t)), 0)
        then = va.index(min(va[:stop])) if stop else overall
        changes = [("test_accuracy", test_acc), ("val_accuracy", val_acc)]
        metric, values = next(((m, v) for m, v in changes if not math.isnan(v[then] - v[overall])), ("-", None))
        change = 0.0 if not stop else values[then] - values[overall] if values else nan
        print(name, stop, n - stop if stop else 0, show(sum(seconds[stop:]) if stop else 0), show(change), metric)


random.seed(20260704)
print("# written by stopping.py")
for n in (1, 2, 5, 6, 10, 11, 15, 16, 25, 40, 40, 60, 60, 100):
    for rise in 0.0, 0.004, 0.02:
        va, tr, level = [], [], 1.0
        for i in range(n):
            level *= 0.93
            va.append(0.2 + level + rise * i + random.uniform(-0.02, 0.02))
            tr.append(0.05 + level + random.uniform(0, 0.004))
        acc = [1 - v / 10 + random.uniform(-0.01, 0.01) for v in va]
        test = [1 - v / 9 + random.uniform(-0.01, 0.01) for v in va]
        tested = [x if rise == 0 else x if (i + 1) % 3 == 0 else nan for i, x in enumerate(test)]
        curve(va, tr, acc, tested if rise < 0.01 else [nan] * n)
        if rise == 0.02:
            curve(va, tr, [nan] * n, [nan] * n)
flat = [0.5] * 12
curve(flat, [0.25] * 12, flat, flat)                         # nothing falls, nothing rises
curve([0.5] * 5 + [0.5625] * 10, [0.25] * 15, [0.9] * 15, [nan] * 15)  # P_k = 0 and GL > 0
curve([1.0, 0.0, 0.0, 0.5] + [0.5] * 8, [1.0, 0.0, 0.0] + [0.0] * 9, [0.5] * 12, [nan] * 12)  # E_opt = 0
curve([1.0 + i for i in range(30)], [1.0] * 30, [0.5] * 30, [nan] * 30)  # the first is the best
curve([30.0 - i for i in range(30)], [1.0 / (i + 1) for i in range(30)], [0.5] * 30, [nan] * 30)
curve([1.0, 0.5, 0.75, 0.75, 0.75], [1.0] * 5, [0.5, 0.75, 0.5, 0.5, 0.5], [nan] * 5)  # met at the last epoch only
