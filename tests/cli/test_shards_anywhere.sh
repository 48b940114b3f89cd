#!/bin/sh
# What docs/scaling.md says of make and GNU parallel: shards by either, merged, are one run.
#
#   test_shards_anywhere.sh MLPSWEEP PROJECT_DIR
set -eu
mlpsweep=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir bin experiments
ln -s "$mlpsweep" bin/mlpsweep
PATH=$work/bin:$PATH
unset MLPSWEEP_DB MAKEFLAGS || true

cat >experiments/notebook.yaml <<'END'
datasets:
  points: {format: csv, train: points.csv, target: y}
base: {dataset: points, epochs: 3}
sweep: {topology: [[3], [4, 2]], batch_size: [10, 20]}
repeats: 2
END
awk 'BEGIN { srand(7); print "a,b,y"
             for (i = 0; i < 200; i++) { x = rand(); y = rand(); print x "," y "," (x > y) } }' \
    >experiments/points.csv
digests() {
    sqlite3 "$1" "SELECT trial, weights_digest FROM trials WHERE state = 'done' ORDER BY trial"
}
mlpsweep run experiments/notebook.yaml --db alone.db --progress none 2>/dev/null
digests alone.db >expected
[ "$(wc -l <expected)" = 8 ]

# block KIND WORD: the block of this kind in the page that has the word.
block() {
    awk -v open="^\`\`\`$1\$" -v word="$2" '
        $0 ~ open { inside = 1; text = ""; next }
        /^```/ && inside { inside = 0; if (index(text, word)) printf "%s", text; next }
        inside { text = text $0 "\n" }' "$project/docs/scaling.md"
}

block make shards >Makefile
grep -q '^shard-%' Makefile
make -s -j 2 shards >log 2>&1 || { cat log; exit 1; }
digests results/mlpsweep.db >made
diff expected made
rm -rf results

block sh parallel >parallel.sh
grep -q parallel parallel.sh
if command -v parallel >/dev/null; then
    sh parallel.sh >log 2>&1 || { cat log; exit 1; }
    mlpsweep merge all.db results/shards/notebook-*-of-4.db 2>log || { cat log; exit 1; }
    digests all.db >made
    diff expected made
    echo "make and parallel: 8 trials in 4 shards as in one run"
else
    echo "make: 8 trials in 4 shards as in one run; there is no parallel"
fi
