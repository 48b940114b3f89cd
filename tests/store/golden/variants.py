"""Writes variants.txt: values of some variants over their seeds, and what SciPy says of them.

Each line: NAME values | mean sd low high median, with `-` for what there is not."""
import random

import numpy
from scipy import stats

random.seed(11)
cases = {
    "whole": [12, 12, 14],
    "constant": [0.1] * 7,
    "lone": [0.7],
    "pair": [0.25, 0.75],
    "close": [0.9600001, 0.9600002, 0.9600004, 0.9600003],
    "large": [1e8 + x for x in (1, 2, 4, 8)],
    "even": [random.gauss(0.95, 0.01) for _ in range(10)],
    "odd": [random.gauss(0.95, 0.01) for _ in range(11)],
    "many": [random.gauss(0.3, 0.1) for _ in range(200)],
    "more": [random.gauss(0.3, 0.1) for _ in range(202)],
    "most": [random.gauss(0.3, 0.1) for _ in range(1500)],
}


def text(x):
    return "-" if x is None else repr(float(x))


with open("variants.txt", "w") as out:
    for name, values in cases.items():
        x = numpy.array(values, dtype=float)
        mean, sd, low, high = x.mean(), None, None, None
        if len(x) > 1:
            sd = 0.0 if (x == x[0]).all() else x.std(ddof=1)
            low, high = stats.t.interval(0.95, len(x) - 1, mean, sd / len(x) ** 0.5) if sd else (mean, mean)
        numbers = " ".join(map(text, values))
        print(name, numbers, "|", *map(text, (mean, sd, low, high, numpy.median(x))), file=out)
