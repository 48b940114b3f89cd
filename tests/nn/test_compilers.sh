#!/bin/sh
# The element-wise functions and the products of panels give the same bits whatever compiles them:
# test_math holds a hash of results, test_panel computes each number anew one by one, and here
# they are built by gcc and by clang, at -O1 and at -O3.
#
#   test_compilers.sh PROJECT_DIR
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the build writes for base/program.h.
cmake -D OUTPUT="$work/program_text.c" -D SOURCE=. -P cmake/program.cmake

# check COMPILER LEVEL TEST [SOURCE...]
check() {
    cc=$1 level=$2 name=$3
    shift 3
    "$cc" -std=c17 -D_POSIX_C_SOURCE=200809L "$level" -ffp-contract=off -fno-math-errno \
        -fno-trapping-math -Isrc -Itests/support "tests/nn/$name.c" "$@" src/base/*.c \
        "$work/program_text.c" \
        -o "$work/test" -lcmocka -lxxhash -lmd -lm
    "$work/test" >"$work/out" 2>&1 || {
        cat "$work/out"
        echo "FAILED: $name, $cc $level"
        exit 1
    }
    echo "$name, $cc $level: $(grep -c '       OK' "$work/out") tests passed"
}

for cc in gcc clang; do
    for level in -O1 -O3; do
        check "$cc" "$level" test_math
        check "$cc" "$level" test_panel src/nn/panel.c
    done
done
