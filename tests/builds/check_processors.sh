#!/bin/sh
# Other processors, as qemu shows them, train the same numbers: check_processors.sh MLPSWEEP PROJECT
#
# One with AVX2 gives those of this one under BLAS's kernels for AVX2. One without fused multiply-add has numbers of its own:
# they are the same on two such models. All of that where qemu knows AVX2 (7.2 or later); the tests of single functions
# are run on both besides (tests/CMakeLists.txt).
set -eu
mlpsweep=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# numbers FILE CORE COMMAND...: what the command trains with this core of BLAS.
numbers() {
    file=$1
    core=$2
    shift 2
    rm -f "$work"/results.db*
    OPENBLAS_CORETYPE=$core OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 "$@" run "$project/tests/builds/sweep.yaml" \
        --db "$work/results.db" -j 1 --progress none 2>"$work/log" || {
        cat "$work/log"
        exit 1
    }
    "$mlpsweep" sql --db "$work/results.db" "SELECT DISTINCT blas_core FROM sessions" --format csv | tail -n 1
    "$mlpsweep" sql --db "$work/results.db" \
        "SELECT trial, weights_digest, final_test_loss, test_loss_at_best FROM trials ORDER BY trial" >"$work/$file"
}

same() {
    cmp -s "$work/$1" "$work/$2" || {
        echo "FAILED: $1 and $2 differ"
        diff "$work/$1" "$work/$2" | head -6
        exit 1
    }
}

if grep -q -w fma /proc/cpuinfo; then
    numbers here Haswell "$mlpsweep"
    numbers avx2 Haswell qemu-x86_64 -cpu Haswell "$mlpsweep"
    same here avx2
    echo "$(wc -l <"$work/here") lines as on a processor with AVX2"
fi
numbers unfused Nehalem qemu-x86_64 -cpu Nehalem "$mlpsweep"
numbers unfused-too Nehalem qemu-x86_64 -cpu Westmere "$mlpsweep"
same unfused unfused-too
echo "the same on two processors without fused multiply-add"
