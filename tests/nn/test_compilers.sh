#!/bin/sh
# The element-wise functions and the products of panels give the same bits whatever compiles them:
# test_math holds a hash of results, test_panel computes each number anew one by one, and here
# they are built by gcc and by clang, at -O1 and at -O3.
#
#   test_compilers.sh PROJECT_DIR
set -eu
project=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the build writes for base/program.h.
cmake -D OUTPUT="$work/program_text.c" -D SOURCE="$project" -P "$project/cmake/program.cmake"

# compile COMPILER LEVEL OPTION...
compile() {
    cc=$1 level=$2
    shift 2
    "$cc" -std=c17 -D_POSIX_C_SOURCE=200809L "$level" -ffp-contract=off -fno-math-errno -fno-trapping-math -I"$project/src" \
        -I"$project/tests/support" "$@"
}

# check COMPILER LEVEL TEST [SOURCE...]
check() {
    cc=$1 level=$2 name=$3
    shift 3
    compile "$cc" "$level" "$project/tests/nn/$name.c" "$@" ./*.o -o test -lcmocka -lxxhash -lmd -lm
    ./test >out 2>&1 || {
        cat out
        echo "FAILED: $name, $cc $level"
        exit 1
    }
    echo "$name, $cc $level: $(grep -c '       OK' out) tests passed"
}

cd "$work"
for cc in gcc clang; do
    for level in -O1 -O3; do
        compile "$cc" "$level" -c "$project"/src/base/*.c program_text.c
        check "$cc" "$level" test_math
        check "$cc" "$level" test_panel "$project/src/nn/panel.c" "$project/tests/support/inputs.c"
    done
done
