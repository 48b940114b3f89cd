"""What bench/run needs to know of the machine, as JSON: library versions, and the rate of sgemm.

`sgemm` is the best of ten products of 1000 x 1000 x 1000 in single precision by NumPy's BLAS, in
GFLOP/s, with as many threads as OPENBLAS_NUM_THREADS says.
"""

import json
import time

import numpy as np
import sklearn
import threadpoolctl
import torch

SIZE = 1000
ATTEMPTS = 10


def sgemm_rate():
    a, b = np.random.default_rng(1).standard_normal((2, SIZE, SIZE), np.float32)
    product = np.empty((SIZE, SIZE), np.float32)
    seconds = []
    for _ in range(ATTEMPTS):
        start = time.perf_counter()
        np.matmul(a, b, out=product)
        seconds.append(time.perf_counter() - start)
    return 2e-9 * SIZE ** 3 / min(seconds)


def blas():
    return next(library for library in threadpoolctl.threadpool_info()
                if library["user_api"] == "blas")


if __name__ == "__main__":
    print(json.dumps({"sgemm": sgemm_rate(), "core": blas().get("architecture", "unknown"),
                      "blas": f"{blas()['internal_api']} {blas()['version']}",
                      "numpy": np.__version__, "scikit-learn": sklearn.__version__,
                      "torch": torch.__version__}))
