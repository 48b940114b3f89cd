#!/bin/sh
# Other processors, as qemu shows them, train the same numbers: check_processors.sh MLPSWEEP PROJECT
#
# Two with AVX2 give those of this one under BLAS's kernels for AVX2. Those without fused multiply-add have numbers of their own,
# which are the same on three such models, of which one has AVX. All of that where qemu knows AVX2 (7.2 or later); the tests of single functions
# are run on both besides (tests/CMakeLists.txt).
set -eu
mlpsweep=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# numbers FILE CORE COMMAND...: what the command trains with this core of BLAS, which it says itself.
numbers() {
    file=$1
    core=$2
    shift 2
    rm -f "$work"/results.db*
    OPENBLAS_CORETYPE=${core% *} OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 "$@" run "$project/tests/builds/sweep.yaml" \
        --db "$work/results.db" -j 1 --progress none 2>"$work/log" || {
        cat "$work/log"
        exit 1
    }
    was=$("$mlpsweep" sql --db "$work/results.db" "SELECT DISTINCT blas_core FROM sessions" --format csv | tail -n 1)
    [ "$was" = "$core" ] || {
        echo "FAILED: $file: core $was, not $core"
        exit 1
    }
    "$mlpsweep" sql --db "$work/results.db" \
        "SELECT trial, state, weights_digest, final_test_loss, test_loss_at_best FROM trials ORDER BY trial" >"$work/$file"
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
    for model in Haswell EPYC; do
        numbers $model Haswell qemu-x86_64 -cpu $model "$mlpsweep"
        same here $model
        echo "$model: $(grep -c done "$work/$model") trials as on this processor with kernels for AVX2"
    done
fi
for model in Nehalem Westmere SandyBridge; do
    numbers $model "Nehalem unfused" qemu-x86_64 -cpu $model "$mlpsweep"
    same Nehalem $model
    echo "$model: $(grep -c done "$work/$model") trials as on a Nehalem"
done
if [ -e "$work/here" ] && cmp -s "$work/here" "$work/Nehalem"; then
    echo "FAILED: the same with and without fused multiply-add"
    exit 1
fi
