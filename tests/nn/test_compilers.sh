#!/bin/sh
# The element-wise functions give the same bits whatever compiles them: test_elementary holds a hash
# of their results, and here it is built by gcc and by clang, at -O1 and at -O3.
#
#   test_compilers.sh PROJECT_DIR
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for cc in gcc clang; do
    for level in -O1 -O3; do
        "$cc" -std=c17 -D_POSIX_C_SOURCE=200809L "$level" -ffp-contract=off -fno-math-errno \
            -fno-trapping-math -Isrc -Itests/support tests/nn/test_elementary.c src/base/*.c \
            -o "$work/test" -lcmocka -lm
        "$work/test" >"$work/out" 2>&1 || {
            cat "$work/out"
            echo "FAILED: $cc $level"
            exit 1
        }
        echo "$cc $level: $(grep -c '       OK' "$work/out") tests passed"
    done
done
