#!/bin/sh
# What `cmake --install` puts where, and that it works there: test_install.sh MLPSWEEP BUILD PROJECT
#
# * An ordinary folder, with blanks in its name, is all that a user needs to fetch, train and plot.
# * Each manual page is without fault, and its example runs as it stands.
# * Each shell finds its completions in its standard folder.
# * The program has no path of the build in it, and no variable that can change but two.
set -eu
mlpsweep=$1
build=$2
project=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/usr
pages=$prefix/share/man/man1
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

cmake --install "$build" --prefix "$prefix" >"$work/log" || { cat "$work/log"; exit 1; }
mkdir "$work/home" "$work/mirror" "$work/a user's folder"
ln -s "$project/data/mnist" "$work/mirror/mnist"
cd "$work/a user's folder"
PATH=$prefix/bin:$PATH
HOME=$work/home
unset MLPSWEEP_DB MLPSWEEP_DATA
export PATH HOME MLPSWEEP_MIRROR="file://$work/mirror"

if grep -q -a -F "$project/" "$mlpsweep"; then
    fail "the program names the folder that it was built in"
fi

# The flag that a signal sets, and the lock around OpenBLAS's version (docs/architecture.md, "Laws").
variables=$(objdump -t "$mlpsweep" | awk '/ O \.(data|bss)\t/ && !/\.hidden|GLIBC|completed/ { print $NF }' |
    grep -v -x -E 'stop|(.*\.)?lock(\.[0-9]+)?' || true)
[ -z "$variables" ] || fail "global variables: $variables"

# Without its data the message is a command that helps.
if [ ! -e /usr/share/datasets/mnist ]; then
    mlpsweep check "$prefix/share/mlpsweep/experiments/notebook.yaml" 2>"$work/message" && fail "no data, no error"
    grep -q -F "\`$prefix/share/mlpsweep/fetch mnist\`" "$work/message" || fail "$(cat "$work/message")"
fi

for file in "$prefix"/share/doc/mlpsweep/*.md "$prefix"/share/doc/mlpsweep/docs/*.md; do
    for link in $(grep -o ']([^)#:]*)' "$file" | tr -d '()]'); do
        [ -e "$(dirname "$file")/$link" ] || fail "$(basename "$file") links to $link, which is not installed"
    done
done

# lines PAGE: its example as a shell reads it, of this prefix.
lines() {
    sed -n '/^\.EX/,/^\.EE/p' "$1" | sed -e '/^\.E[XE]/d' -e "s/\\\\(aq/'/g" -e 's/\\-/-/g' -e "s#/usr/share#$prefix/share#g"
}
example() { # PAGE
    lines "$1" >"$work/example"
    [ -s "$work/example" ] || fail "$1: no example"
    sh -e "$work/example" >"$work/out" 2>&1 || fail "$1: $(cat "$work/example" "$work/out")"
}

example "$pages/mlpsweep.1"
for file in results/mlpsweep.db plots/notebook/curves.png data/mnist/t10k-labels-idx1-ubyte; do
    [ -s "$file" ] || fail "no $file"
done
example "$pages/mlpsweep-run.1"
cp results/mlpsweep.db "$work/results.db"
for page in "$pages"/*.1; do
    case $page in
    */mlpsweep.1 | */mlpsweep-run.1) ;;
    *)
        rm -f results/mlpsweep.db*
        cp "$work/results.db" results/mlpsweep.db
        example "$page"
        ;;
    esac
    name=$(basename "$page" .1)
    mandoc -T lint "$page" >"$work/out" 2>&1 || fail "$name: $(cat "$work/out")"
    LC_ALL=C.UTF-8 man --warnings -l "$page" 2>"$work/out" >"$work/shown" || fail "man $name"
    [ ! -s "$work/out" ] || fail "$name: $(cat "$work/out")"
    grep -q "^SEE ALSO" "$work/shown" || fail "man $name shows: $(cat "$work/shown")"
done
for command in $(mlpsweep help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    [ -f "$pages/mlpsweep-$command.1" ] || fail "no page of $command"
    grep -q "mlpsweep..$command (1)" "$pages/mlpsweep.1" || fail "mlpsweep(1) does not name $command"
done

bash --norc -c '. "$1" && complete -p mlpsweep' bash \
    "$prefix/share/bash-completion/completions/mlpsweep" >"$work/out" || fail "bash completes nothing"
fish --no-config -c ". $prefix/share/fish/vendor_completions.d/mlpsweep.fish; complete -C 'mlpsweep com'" |
    grep -q '^compare' || fail "fish does not complete 'com'"
cat >"$work/ask.zsh" <<'ZSH'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' complete-word; echo re''ady"
zpty -r -m z text '*ready*'
zpty -n -w z $'mlpsweep compl\t'
sleep 1.5
while zpty -r -t z text; do print -r -- "$text"; done
zpty -d z
ZSH
zsh -f "$work/ask.zsh" "$prefix/share/zsh/site-functions" |
    tr -d '\r\a\b' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' >"$work/out"
grep -q 'mlpsweep completion' "$work/out" || fail "zsh does not complete 'compl': $(cat "$work/out")"

echo "$failures failures"
[ "$failures" = 0 ]
