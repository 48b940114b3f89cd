#!/bin/sh
# Trains what the commands and queries of the documentation show:
#
#   train.sh MLPSWEEP      writes tests/docs/example.db and tests/docs/guide.db, in seven minutes of two cores
#
# On OpenBLAS's Haswell kernels, which every processor with AVX2 has, so that others get the same digits. Of the
# weights only those are kept that docs/guide.md exports.
set -eu
mlpsweep=$1
cd "$(dirname "$0")/../.."
export OPENBLAS_CORETYPE=Haswell
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$mlpsweep" run tests/docs/example.yaml --db "$work/example.db"
"$mlpsweep" run experiments/notebook.yaml --set repeats=40 --db "$work/guide.db"
"$mlpsweep" run experiments/notebook.yaml --set repeats=40 --set epochs=5 --db "$work/guide.db"
"$mlpsweep" run experiments/notebook.yaml --set repeats=40 --set topology=[20,15,15] --db "$work/guide.db"
"$mlpsweep" run experiments/deeper.yaml --set repeats=8 --db "$work/guide.db"
"$mlpsweep" run experiments/remedies.yaml --db "$work/guide.db"
"$mlpsweep" run experiments/wider.yaml --set repeats=8 --db "$work/guide.db"

kept=$(sed -n 's/^\$ mlpsweep weights \([0-9a-f]*\) .*/\1/p' docs/guide.md)
for name in example guide; do
    sqlite3 "$work/$name.db" "DELETE FROM weight_rows WHERE trial_id NOT IN (SELECT id FROM trial_rows WHERE trial LIKE '$kept%');
                              PRAGMA journal_mode = DELETE; VACUUM;" >/dev/null
    cp "$work/$name.db" tests/docs/
done
