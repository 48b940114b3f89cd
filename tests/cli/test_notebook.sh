#!/bin/sh
# The notebook on real MNIST: its printed numbers, and the same digests whatever -j.
#
#   test_notebook.sh MLPSWEEP PROJECT_DIR
set -eu
mlpsweep=$1
cd "$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

query() {
    "$mlpsweep" sql --db "$work/$1.db" --format csv "$2" | tr -d '\r' | tail -n +2
}

"$mlpsweep" run experiments/notebook.yaml --set repeats=10 --db "$work/seeds.db" --progress none
query seeds "SELECT epoch, train_loss_mean, val_accuracy_mean FROM curves
             WHERE epoch IN (5, 10, 20, 40)" >"$work/curve"
cat >"$work/printed" <<'EOF'
5,0.1646,0.9520
10,0.1177,0.9648
20,0.0802,0.9630
40,0.0564,0.9608
EOF
paste -d , "$work/curve" "$work/printed" | awk -F , '
    { loss = $2 / $5; accuracy = $3 - $6; n++
      printf "epoch %d: training loss %.3f of the printed one, validation accuracy %+.4f\n", \
          $1, loss, accuracy
      bad += loss < 0.85 || loss > 1.15 || accuracy < -0.01 || accuracy > 0.01 }
    END { exit n != 4 || bad }' || fail "the curves are not those of the notebook"
query seeds "SELECT avg(final_test_accuracy), min(final_test_accuracy) FROM trials" |
    awk -F , '{ print "final test accuracy: mean " $1 ", lowest " $2
                exit !($1 >= 0.945 && $1 <= 0.965 && $2 > 0.9) }' || fail "test accuracy"

digests() {
    query "$1" "SELECT trial, weights_digest FROM trials ORDER BY trial"
}
for j in 1 2; do
    "$mlpsweep" run experiments/notebook.yaml --set epochs=2 --set repeats=3 -j "$j" \
        --db "$work/j$j.db" --progress none
done
[ "$(digests j1)" = "$(digests j2)" ] || fail "digests differ between -j 1 and -j 2"
[ "$(digests j1 | wc -l)" = 3 ] || fail "not three trials"

"$mlpsweep" run experiments/notebook.yaml --set epochs=2 --set repeats=3 --db "$work/j1.db" \
    2>&1 | grep -q "nothing to train" || fail "trains again what is done"
echo ok
