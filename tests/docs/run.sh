#!/bin/sh
# What the documentation says is so:
#
#   run.sh MLPSWEEP PROJECT_DIR
#
# * Each ```sql block runs on tests/docs/example.db (in guide.md and notebook.md on the database of their commands), and the ```text
#   block behind it is its output.
# * Each ```console block runs line by line ("$ COMMAND" and the output that follows, if any) in a
#   folder with the project's experiments/, docs/ and data/, whose database has the trials of example.db and
#   guide.db: what `run experiments/...` trains is there and must not be trained again. A line "..." stands for any
#   lines; times are not compared. Output with an error is that of a command that fails.
# * A ```yaml block that begins with "# NAME.yaml" is that file in the folder.
# * The ```plan block behind a ```yaml block has a line for each variant of that experiment: how many seeds
#   it has, and its label.
# * Each mlpsweep command in a ```sh block or an indented block exists and has the options named.
# * Each command of README.md's table of what others leave to you runs, and prints something.
# * README.md has every command in its table, docs/database.md names every column of every public view.
# * Links lead to files. What docs/architecture.md and CONTRIBUTING.md name in back-ticks is there: files and folders
#   in the tree, words with an underscore in its sources.
# * CHANGELOG.md begins with the version and the day that the program's manual page has.
set -eu
mlpsweep=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

cp "$project/tests/docs/example.db" "$work/example.db"
"$mlpsweep" merge "$work/example.db" >"$work/out" 2>&1 || cat "$work/out"
mkdir "$work/folder" "$work/folder/results" "$work/folder/bin"
cp "$work/example.db" "$work/folder/results/mlpsweep.db"
ln -s "$project/experiments" "$project/data" "$project/docs" "$work/folder"
mkdir "$work/folder/tests"
ln -s "$project/tests/docs" "$work/folder/tests"
"$mlpsweep" merge "$work/folder/results/mlpsweep.db" "$project/tests/docs/guide.db" >"$work/out" 2>&1 || cat "$work/out"
ln -s "$mlpsweep" "$work/folder/bin/mlpsweep"

# Before anything trains for minutes.
(cd "$work/folder" && "$mlpsweep" plan tests/docs/example.yaml --totals --format csv) >"$work/out" 2>&1 || cat "$work/out"
if ! sed -n 2p "$work/out" | grep -q '^,,54,54,'; then
    echo "tests/docs/example.db is of another version: make -f Makefile.experiments docs/databases"
    exit 1
fi

# blocks FILE: writes $work/blocks/N.KIND for each fenced block; N rises with the place in the file.
blocks() {
    rm -rf "$work/blocks"
    mkdir "$work/blocks"
    awk -v out="$work/blocks" '
        /^```/ && !inside { kind = substr($0, 4); inside = 1; n++
                            file = sprintf("%s/%03d.%s", out, n, kind ? kind : "none")
                            printf "" > file; next }
        /^```/ { inside = 0; close(file); next }
        inside { print > file }' "$1"
}

# Without blanks at the ends of lines, and without times.
stable() {
    sed -e 's/ *$//' -e 's/[0-9.]* s a seed/T s a seed/' "$1"
}

# compare NAME EXPECTED ACTUAL
compare() {
    stable "$2" >"$work/expected"
    stable "$3" >"$work/actual"
    if grep -q '^\.\.\.$' "$work/expected"; then
        awk 'NR == FNR { expected[++n] = $0; next }
             { actual[++m] = $0 }
             END { for (i = at = 1; i <= n; i++)
                       if (expected[i] == "...")
                           while (at <= m && (i == n || actual[at] != expected[i + 1])) at++
                       else if (actual[at++] != expected[i]) {
                           print "expected: " expected[i]; print "got:      " actual[at - 1]; exit 1 }
                   exit at != m + 1 }' "$work/expected" "$work/actual" || fail "$1: the output is another"
    else
        diff -u "$work/expected" "$work/actual" || fail "$1: the output is another"
    fi
}

check_sql() {
    number=$(basename "$2" .sql)
    expected=$work/blocks/$(printf %03d $((${number#"${number%%[!0]*}"} + 1))).text
    database=$work/example.db
    case $1 in guide.md | notebook.md) database=$work/folder/results/mlpsweep.db ;; esac
    "$mlpsweep" sql --db "$database" "$(cat "$2")" >"$work/out" 2>&1 ||
        fail "$1: the query fails: $(cat "$2")"
    if [ -f "$expected" ]; then
        compare "$1" "$expected" "$work/out"
    else
        fail "$1: a query without its output"
    fi
    queries=$((queries + 1))
}

check_console() {
    awk -v out="$work/step" '/^\$ / { step = sprintf("%s.%03d", out, ++n); print substr($0, 3) > (step ".command")
                                       printf "" > (step ".expected"); next }
                             { print > (step ".expected") }' "$2"
    for command in "$work"/step.*.command; do
        expected=${command%.command}.expected status=0
        if grep -q '^mlpsweep run experiments/' "$command"; then # what the databases have
            sed -i 's/^\([0-9]*\) trained, 0 skipped/0 trained, \1 skipped/' "$expected"
        fi
        (cd "$work/folder" && PATH="$work/folder/bin:$PATH" sh "$command") >"$work/out" 2>&1 || status=$?
        [ $((status != 0)) = "$(grep -c -m 1 ': error: ' "$expected")" ] || fail "$1: $(cat "$command" "$work/out")"
        [ ! -s "$expected" ] || compare "$1: $(cat "$command")" "$expected" "$work/out"
        commands=$((commands + 1))
    done
    rm -f "$work"/step.*
}

# A file of the reader's own.
write_yaml() {
    own=$(sed -n '1s/^# \([a-z]*\.yaml\)$/\1/p' "$1")
    [ -z "$own" ] || cp "$1" "$work/folder/$own"
}

check_plan() {
    number=$(basename "$2" .plan)
    experiment=$work/blocks/$(printf %03d $((${number#"${number%%[!0]*}"} - 1))).yaml
    cp "$experiment" "$work/folder/example.yaml"
    (cd "$work/folder" && "$mlpsweep" plan example.yaml --format csv) >"$work/rows" 2>"$work/err" ||
        fail "$1: $(cat "$experiment" "$work/err")"
    sed 1d "$work/rows" | cut -d , -f 2 | uniq -c | sed 's/^ *//' >"$work/out"
    compare "$1: $(cat "$experiment")" "$2" "$work/out"
    plans=$((plans + 1))
}

# Words after mlpsweep: the command must have a help page that names each long option.
check_usage() {
    sed -n 's/.*\(build\/\)\{0,1\}mlpsweep \([a-z].*\)/\2/p' "$2" | sed 's/#.*//' |
        while read -r command rest; do
            "$mlpsweep" help "$command" >"$work/help" 2>&1 || echo "no command $command"
            for word in $rest; do
                case $word in
                --?*) grep -q -e "$word" "$work/help" || echo "$command has no $word" ;;
                esac
            done
        done >"$work/out"
    [ ! -s "$work/out" ] || fail "$1: $(cat "$work/out")"
}

queries=0
commands=0
plans=0
names=0
for file in "$project"/README.md "$project"/docs/*.md; do
    name=$(basename "$file")
    blocks "$file"
    for block in "$work"/blocks/*; do
        case $block in
        *.sql) check_sql "$name" "$block" ;;
        *.console) check_console "$name" "$block" ;;
        *.plan) check_plan "$name" "$block" ;;
        *.yaml) write_yaml "$block" ;;
        *.sh) check_usage "$name" "$block" ;;
        esac
    done
    grep '^    [a-z/]*mlpsweep ' "$file" >"$work/indented" || true
    check_usage "$name" "$work/indented"
done

# What its table of what others leave to you claims, a command a row.
sed -n 's/^|.*| `\(mlpsweep .*\)` |$/\1/p' "$project/README.md" >"$work/shown"
while read -r command; do
    (cd "$work/folder" && PATH="$work/folder/bin:$PATH" sh -c "$command") >"$work/out" 2>&1 </dev/null ||
        fail "README.md: $command: $(cat "$work/out")"
    [ -s "$work/out" ] || fail "README.md: $command prints nothing"
    commands=$((commands + 1))
done <"$work/shown"

# The README's table has every command.
for command in $("$mlpsweep" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    grep -q "^| \`$command[ \`]" "$project/README.md" || fail "README.md: names no command $command"
done

# Of variants and curves the doc names the columns without their suffixes.
columns() {
    sqlite3 -readonly "$work/example.db" "SELECT name FROM pragma_table_info('$1')"
}
for view in $(sqlite3 -readonly "$work/example.db" "SELECT name FROM sqlite_schema WHERE type = 'view'"); do
    grep -q "^## $view\$" "$project/docs/database.md" || fail "database.md: no section $view"
    for column in $(columns "$view" | sed 's/_\(mean\|sd\|low\|high\|median\|min\|max\)$//' | sort -u); do
        grep -q -F "\`$column\`" "$project/docs/database.md" ||
            fail "database.md: $view.$column is not named"
    done
done

for file in "$project"/*.md "$project"/docs/*.md; do
    grep -o ']([^)#:]*)' "$file" | tr -d '()]' | while read -r link; do
        [ -e "$(dirname "$file")/$link" ] || echo "$link"
    done >"$work/out"
    [ ! -s "$work/out" ] || fail "$(basename "$file") links to what is not there: $(cat "$work/out")"
done

for name in docs/architecture.md CONTRIBUTING.md; do
    awk '/^```/ { fenced = !fenced } !fenced' "$project/$name" | grep -o '`[^`]*`' | tr -d '`' | sort -u >"$work/named"
    names=$((names + $(wc -l <"$work/named")))
    while read -r word rest; do
        case $word in
        *\** | -* | *://*) ;;
        */* | *.[ch] | *.md | *.txt)
            [ -e "$project/$word" ] || [ -e "$project/src/$word" ] ||
                grep -q -r -F "#include <$word>" "$project/src" || echo "$word"
            ;;
        [a-zA-Z]*_[a-zA-Z_]*) grep -q -r -w -F "${word%\[\]}" "$project/src" "$project/tests" || echo "$word" ;;
        esac
    done <"$work/named" >"$work/out"
    [ ! -s "$work/out" ] || fail "$name names what is not there: $(cat "$work/out")"
done

head=$(grep -m 1 '^## ' "$project/CHANGELOG.md")
[ "$head" = "$("$mlpsweep" help --man | sed -n 's/^\.TH MLPSWEEP 1 \([^ ]*\) "mlpsweep \([^"]*\)" .*/## \2 (\1)/p')" ] ||
    fail "CHANGELOG.md begins with another version: $head"

echo "$queries queries, $commands commands, $plans plans, $names names, $failures failures"
[ "$queries" -ge 16 ] && [ "$commands" -ge 5 ] && [ "$plans" -ge 10 ] && [ "$names" -ge 80 ] && [ "$failures" = 0 ]
