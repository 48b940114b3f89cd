#!/bin/sh
# The program by gcc and by clang, each at -O0 to -O3, trains the same numbers: check_compilers.sh PROJECT
#
# Compares all that the epochs and the trials of sweep.yaml are, times aside, with BLAS's kernels for AVX2
# where the user names no others.
set -eu
project=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Haswell}
export OPENBLAS_CORETYPE

numbers() {
    "$1" run "$project/tests/builds/sweep.yaml" --db "$work/results.db" -j 2 --progress none 2>"$work/log" || {
        cat "$work/log"
        exit 1
    }
    "$1" sql --db "$work/results.db" "SELECT trial, state, weights_digest, final_test_loss, best_epoch, test_loss_at_best FROM trials ORDER BY trial"
    "$1" sql --db "$work/results.db" "SELECT trial, epoch, train_loss, val_loss, probe_loss, weight_norm, dead_units FROM epochs ORDER BY trial, epoch"
    rm -f "$work"/results.db*
}

for compiler in gcc clang; do
    for level in -O0 -O1 -O2 -O3; do
        cmake -S "$project" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_COMPILER=$compiler \
            -DCMAKE_C_FLAGS="$level" >/dev/null
        cmake --build "$work/build" --target mlpsweep -- --quiet
        numbers "$work/build/mlpsweep" >"$work/numbers"
        rm -rf "$work/build"
        [ -e "$work/first" ] || cp "$work/numbers" "$work/first"
        if cmp -s "$work/first" "$work/numbers"; then
            echo "$compiler $level: as gcc -O0, $(wc -l <"$work/numbers") lines"
        else
            echo "FAILED: $compiler $level: other numbers than gcc -O0"
            diff "$work/first" "$work/numbers" | head -6
            failed=1
        fi
    done
done
[ -z "${failed:-}" ]
