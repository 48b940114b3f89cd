#!/bin/sh
# What real shells complete: test_completion.sh MLPSWEEP. A shell that is not there fails the test.
set -eu
mlpsweep=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$mlpsweep" "$work/bin/mlpsweep"
cd "$work"
PATH=$work/bin:$PATH
export PATH MLPSWEEP_DB=names.db
printf '1 1:1\n2 1:2\n1 1:3\n2 1:4\n1 1:5\n2 1:6\n' >points
printf '1 1:1\n2 1:2\n' >others
cat >deep.yaml <<'YAML'
name: deeper
datasets:
  points: {format: libsvm, train: points, test: others, features: 1}
base: {dataset: points, topology: [3], epochs: 1, validation_split: 0.5}
YAML
mlpsweep run deep.yaml --progress none 2>/dev/null
trial=$(mlpsweep sql --format csv 'SELECT trial FROM trials' | tail -n 1)

failures=0
expect() { # SHELL LINE WORD ACTUAL: WORD is among the lines of ACTUAL
    printf '%s\n' "$4" | grep -q -x -e "$3" || {
        echo "FAILED: $1: '$2' offers no '$3' but: $4"
        failures=$((failures + 1))
    }
}

# What COMPREPLY holds after the last word of a line, with bash's own word breaks.
cat >ask.bash <<'BASH'
source <(mlpsweep completion bash)
compopt() { :; }
COMP_LINE=$1 COMP_POINT=${#1}
read -ra all <<<"${1//=/ = }"
[[ $1 == *[[:space:]=] ]] && all+=('')
[[ $1 == *= ]] && unset 'all[-1]'
COMP_WORDS=("${all[@]}") COMP_CWORD=$((${#all[@]} - 1))
_mlpsweep
printf '%s\n' "${COMPREPLY[@]}"
BASH
in_bash() {
    expect bash "$1" "$2" "$(bash --norc ask.bash "$1")"
}

# A zsh on a pseudo-terminal that is sent the line and a tab; what it shows is looked through.
cat >ask.zsh <<'ZSH'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; autoload -Uz compinit; compinit -u -d $PWD/dump; source <(mlpsweep completion zsh); zstyle ':completion:*' list-separator ''; LISTMAX=1000; bindkey '^X' list-choices; bindkey '^I' complete-word; echo re''ady"
zpty -r -m z text '*ready*'
zpty -n -w z "$1"$'\t'
sleep 1.5
while zpty -r -t z text; do print -r -- "$text"; done
zpty -d z
ZSH
in_zsh() { # LINE and what the terminal shows after a tab
    zsh -f ask.zsh "$1" | tr -d '\r\a' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' >shown
    grep -q -F -e "$2" shown || {
        echo "FAILED: zsh: '$1' shows no '$2' but: $(cat shown)"
        failures=$((failures + 1))
    }
}

in_fish() {
    expect fish "$1" "$2" "$(fish --no-config -c "mlpsweep completion fish | source; complete -C '$1'" | cut -f 1)"
}

in_bash 'mlpsweep com' compare
in_bash 'mlpsweep com' completion
in_bash 'mlpsweep run --fr' --fresh
in_bash 'mlpsweep run --fuse ' off
in_bash 'mlpsweep plan --format=' json
in_bash 'mlpsweep run --set optim' optimizer=
in_bash 'mlpsweep run --set optimizer=ada' adam
in_bash 'mlpsweep run --set dataset=' fashion-mnist
in_bash 'mlpsweep run de' deep.yaml
in_bash 'mlpsweep summary de' deeper
in_bash 'mlpsweep summary de' deep.yaml
in_bash "mlpsweep show $(printf %.6s "$trial")" "$trial"
in_bash 'mlpsweep list act' activations

in_zsh 'mlpsweep compl' 'mlpsweep completion'
in_zsh 'mlpsweep run --fr' 'mlpsweep run --fresh'
in_zsh 'mlpsweep run --set optimi' 'mlpsweep run --set optimizer'
in_zsh 'mlpsweep run --set optimizer=adagr' 'optimizer=adagrad'
in_zsh 'mlpsweep rename dee' 'mlpsweep rename deeper'
in_zsh 'mlpsweep run deep.' 'mlpsweep run deep.yaml'
in_zsh "mlpsweep show $(printf %.6s "$trial")" "$trial"
in_zsh 'mlpsweep run --f' '--fuse'

in_fish 'mlpsweep com' completion
in_fish 'mlpsweep run --fuse ' auto
in_fish 'mlpsweep run --set optimizer=ada' optimizer=adam
in_fish 'mlpsweep summary de' deeper
in_fish 'mlpsweep run de' deep.yaml

# Without a database there are no names, and nothing is said.
rm names.db*
[ -z "$(mlpsweep completion words -- show '' 2>&1)" ] || { echo "FAILED: says something"; failures=1; }
echo "$failures failures"
[ "$failures" = 0 ]
