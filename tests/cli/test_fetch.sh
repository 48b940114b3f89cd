#!/bin/sh
# scripts/fetch against a mirror on loopback: test_fetch.sh PROJECT
# The mirror is made of the real data/mnist, since the sums are fixed.
set -eu

project=$1
mnist=$project/data/mnist
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

fail() {
    echo "test_fetch: $*" >&2
    cat "$work/log" >&2
    exit 1
}

files='train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte'

# serve FOLDER: sets $server and $mirror. The port is drawn until one is free.
serve() {
    server=
    for try in 1 2 3 4 5 6 7 8 9 10; do
        port=$((20000 + ($$ * 7 + try * 1009) % 12000))
        if command -v busybox >/dev/null; then
            busybox httpd -f -p "127.0.0.1:$port" -h "$1" 2>"$work/server" &
        else
            python3 -m http.server --bind 127.0.0.1 --directory "$1" "$port" 2>"$work/server" &
        fi
        server=$!
        for wait in 1 2 3 4 5 6 7 8 9 10; do
            sleep 0.1
            kill -0 "$server" 2>/dev/null || break
            if curl --silent --noproxy '*' --fail --output "$work/probe" \
                "http://127.0.0.1:$port/probe" && cmp -s "$work/probe" "$1/probe"; then
                mirror=http://127.0.0.1:$port
                return
            fi
        done
        kill "$server" 2>/dev/null || true
    done
    fail "no web server could be started"
}

stop() {
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

# fetch FOLDER: the exit status is that of scripts/fetch, its messages are in $work/log.
fetch() {
    MLPSWEEP_MIRROR=$mirror NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 \
        "$project/scripts/fetch" mnist "$1" >"$work/log" 2>&1
}

only_whole_files_in() {
    for file in $files; do
        cmp -s "$mnist/$file" "$1/$file" || fail "$file is not what it should be"
    done
    [ "$(ls -A "$1" | wc -l)" = 4 ] || fail "something else was left in $1"
}

# Where anything but the data sets' folder remains, a temporary folder was forgotten.
nothing_left_beside() {
    for path in "$1".?*; do
        [ ! -e "$path" ] || fail "$path was left behind"
    done
}

for file in $files; do
    [ -f "$mnist/$file" ] || { echo "test_fetch: $mnist/$file is not there" >&2; exit 1; }
done
: >"$work/log"
mkdir -p "$work/mirror/mnist" "$work/data"
echo "$$" >"$work/mirror/probe"
# Gzipped under mnist/, all but one, which is plain: both are ways in which mirrors have them.
for file in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte; do
    gzip -1 -c "$mnist/$file" >"$work/mirror/mnist/$file.gz"
done
cp "$mnist/t10k-labels-idx1-ubyte" "$work/mirror/mnist/"

serve "$work/mirror"
fetch "$work/data/mnist" || fail "a whole mirror was refused"
only_whole_files_in "$work/data/mnist"

# A damaged file here is replaced, and it alone is asked for.
printf 'x' >>"$work/data/mnist/train-labels-idx1-ubyte"
mv "$work/mirror/mnist/train-images-idx3-ubyte.gz" "$work/train-images.gz"
fetch "$work/data/mnist" || fail "a damaged file was not replaced"
only_whole_files_in "$work/data/mnist"
mv "$work/train-images.gz" "$work/mirror/mnist/train-images-idx3-ubyte.gz"

# A damaged file of the mirror: bytes of the right length, a broken gzip, one cut short.
refused() {
    rm -rf "$work/data/mnist"
    status=0
    fetch "$work/data/mnist" || status=$?
    [ "$status" = 1 ] || fail "$1: exit status $status instead of 1"
    [ ! -e "$work/data/mnist/train-labels-idx1-ubyte" ] || fail "$1: a file was left"
    grep -q 'train-labels-idx1-ubyte  SHA-256 65a50cbb' "$work/log" || fail "$1: not named"
    nothing_left_beside "$work/data/mnist"
}
labels=$work/mirror/mnist/train-labels-idx1-ubyte.gz
cp "$labels" "$work/labels.gz"
tr '\001' '\002' <"$mnist/train-labels-idx1-ubyte" | gzip -1 -c >"$labels"
refused "wrong labels"
grep -q 'SHA-256 is wrong' "$work/log" || fail "wrong labels: the reason is not said"
head -c 1000 "$work/labels.gz" >"$labels"
refused "cut short"
echo 'not found, said with status 200' >"$labels"
refused "not gzip"
cp "$work/labels.gz" "$labels"

# What was fetched before the bad file is kept: only the rest is fetched now.
fetch "$work/data/mnist" || fail "the mirror was refused after it was repaired"
only_whole_files_in "$work/data/mnist"

# Nobody answers any more: whole files need nobody, missing ones are named.
stop
fetch "$work/data/mnist" || fail "whole files were fetched again"
[ ! -s "$work/log" ] || fail "something was said though nothing was to be done"
refused "nobody answers"
