#!/bin/sh
# Two builds of one commit and their Debian packages, in two folders, are the same to the last bit: check_reproducible.sh PROJECT
#
# No part of the tests, since it compiles the program twice.
set -eu
project=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CMAKE_C_COMPILER_LAUNCHER SOURCE_DATE_EPOCH
for folder in here "elsewhere/with a longer name"; do
    git clone --quiet --no-hardlinks "$project" "$work/$folder/source"
    cmake -S "$work/$folder/source" -B "$work/$folder/out" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
    cmake --build "$work/$folder/out" --target mlpsweep written -- --quiet
    (cd "$work/$folder/out" && cpack -G DEB >log 2>&1) || {
        cat "$work/$folder/out/log"
        exit 1
    }
done
cd "$work"
sha256sum here/out/mlpsweep here/out/*.deb elsewhere/*/out/mlpsweep elsewhere/*/out/*.deb
cmp here/out/*.deb elsewhere/*/out/*.deb
cmp here/out/mlpsweep elsewhere/*/out/mlpsweep
diff -r here/out/share elsewhere/*/out/share
