"""Writes statistics.txt: what SciPy, NumPy and statsmodels say of some numbers.

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    python3 statistics.py > statistics.txt

One case a line: NAME, then lists as `[ a b c ]`; the last list is the result.
"""
import platform
import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.multitest import multipletests


def case(name, *lists):
    print(name, *("[ " + " ".join(f"{float(x):.17g}" for x in np.atleast_1d(l)) + " ]" for l in lists))


print(f"# Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
      f"statsmodels {statsmodels.__version__}; written by statistics.py")
rng = np.random.default_rng(20260704)

for df in [*range(1, 41), 1.0001, 1.5, 2.7, 7.31, 29.99, 50, 60, 99, 100, 120, 199, 200, 500.5, 999, 999.9, 1000,
           1001, 5000, 1e5, 1e9]:
    case("t_quantile", [df], st.t.ppf(0.975, df))

samples = [[12, 12, 14], [12, 14], [0.95, 0.96, 0.97, 0.9], [1e8 + 1, 1e8 + 2, 1e8 + 4], [-3, 0, 3, 1e-9], [0.1] * 7,
           [1 / 3] * 5, rng.normal(0.95, 0.01, 10), rng.normal(0, 1e-12, 33) + 1, rng.exponential(5, 250),
           [1866113016128, 0.3, 0.31, 0.29, 0.32, 0.28]]
for x in samples:
    n, mean = len(x), np.mean(x)
    sd = np.std(x, ddof=1)
    if np.ptp(x) == 0:
        mean, sd = x[0], 0.0
    half = st.t.ppf(0.975, n - 1) * sd / np.sqrt(n)
    case("moments", x, [mean, sd, half, np.min(x), np.max(x), np.median(x), st.median_abs_deviation(x)])

pairs = [([0.95, 0.951, 0.953, 0.949], [0.94, 0.943, 0.941, 0.942]), ([1, 2], [3, 4.5]), ([1, 2, 3], [2, 2]),
         (rng.normal(0, 1, 8), rng.normal(1, 3, 8)), (rng.normal(0, 1, 20), rng.normal(0, 0.01, 5))]
for a, b in pairs:
    test = st.ttest_ind(a, b, equal_var=False)
    low, high = test.confidence_interval(0.95)
    case("welch", a, b, [np.mean(a) - np.mean(b), low, high])

for a, b in [p for p in pairs if len(p[0]) == len(p[1])] + [(samples[7], samples[7] * -2 + 1)]:
    test = st.ttest_rel(a, b)
    low, high = test.confidence_interval(0.95)
    if len(a) > 2:
        case("paired", a, b, [np.mean(np.subtract(a, b)), low, high])
    case("correlation", a, b, st.pearsonr(a, b).statistic)


def flips(d):
    """All sign flips; scipy.stats.permutation_test of one sample is exactly this."""
    return st.permutation_test((d,), lambda x, axis: np.sum(x, axis=axis), permutation_type="samples",
                               alternative="two-sided", n_resamples=np.inf, vectorized=True).pvalue


for d in [[0.1, 0.2], [1, 1, 1, 1, 1, 1], [1, -1, 1, 1, 1, 1], [3, 2, 1, -1, 4, 5], [0.25, 0, 0, 0.5, 0, 1, 0.75],
          rng.normal(0.5, 1, 8), rng.normal(0.2, 1, 12), rng.normal(1, 1, 16), [0, 0, 0, 0, 0, 0, 0]]:
    case("sign_flip", d, flips(np.array(d, float)))
# Above 16 our p is of random flips: these say what it must be near to.
for d in [rng.normal(0.3, 1, 17), rng.normal(0.5, 1, 18), rng.normal(0.05, 1, 20)]:
    case("sign_flip", d, flips(d))

for p in [[0.03], [0.01, 0.04], [0.04, 0.01, 0.03], [0.5, 0.5, 0.5], [0.03125, 1, 0.0625, 0.03125, 0.2],
          rng.uniform(0, 0.1, 12), rng.uniform(0, 1, 30) ** 3]:
    case("holm", p, multipletests(p, method="holm")[1])

for b, c in [(0, 0), (1, 0), (0, 5), (3, 9), (9, 3), (7, 7), (10, 25), (120, 160), (1, 400), (4000, 4300)]:
    case("mcnemar", [b, c], st.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0)

for share, n in [(0.956, 10000), (0.5, 4), (0, 10), (0.1135, 6000)]:
    case("binomial", [share, n], st.binom.std(n, share) / n)
