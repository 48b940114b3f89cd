/* `completion`: the scripts for bash, zsh and fish, and the words that they ask for. What may stand
 * where, completion.h knows. */
#include "cli/commands.h"
#include "cli/completion.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Each asks `mlpsweep completion words` for candidates. Bash breaks words at `=`, too: they are
 * taken from the line, and what stands before the part that bash completes is cut off again. A zsh
 * that finds the script in its fpath runs it as the function of the first completion. */
static const char bash[] =
    "_mlpsweep() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} word before\n"
    "    local -a words\n"
    "    read -ra words <<<\"$line\"\n"
    "    [[ $line == *[[:space:]] ]] && words+=('')\n"
    "    [[ $current == = ]] && current=\n"
    "    before=${words[-1]}\n"
    "    before=${before%\"$current\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r word; do\n"
    "        word=${word%%$'\\t'*}\n"
    "        if [[ $word == :files ]]; then\n"
    "            compopt -o filenames\n"
    "            mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$current\")\n"
    "        else\n"
    "            [[ $word == *= ]] && compopt -o nospace\n"
    "            COMPREPLY+=(\"${word#\"$before\"}\")\n"
    "        fi\n"
    "    done < <(\"${words[0]}\" completion words -- \"${words[@]:1}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _mlpsweep mlpsweep\n";

static const char zsh[] =
    "#compdef mlpsweep\n"
    "_mlpsweep() {\n"
    "    local line word\n"
    "    local -a plain open\n"
    "    while IFS= read -r line; do\n"
    "        word=${line%%$'\\t'*}\n"
    "        if [[ $word == :files ]]; then\n"
    "            _files\n"
    "            continue\n"
    "        fi\n"
    "        line=${word//:/\\\\:}${${line#$word}/$'\\t'/:}\n"
    "        if [[ $word == *= ]]; then open+=(\"$line\"); else plain+=(\"$line\"); fi\n"
    "    done < <($words[1] completion words -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
    "    (( $#plain )) && _describe mlpsweep plain\n"
    "    (( $#open )) && _describe mlpsweep open -S ''\n"
    "}\n"
    "if [[ $funcstack[1] == _mlpsweep ]]; then\n"
    "    _mlpsweep\n"
    "else\n"
    "    compdef _mlpsweep mlpsweep\n"
    "fi\n";

static const char fish[] = "function __mlpsweep_complete\n"
                           "    set -l tokens (commandline -opc)\n"
                           "    for line in ($tokens[1] completion words -- $tokens[2..-1] "
                           "(commandline -ct) 2>/dev/null)\n"
                           "        if test $line = :files\n"
                           "            __fish_complete_path (commandline -ct)\n"
                           "        else\n"
                           "            echo $line\n"
                           "        end\n"
                           "    end\n"
                           "end\n"
                           "complete -c mlpsweep -f -a '(__mlpsweep_complete)'\n";

static const struct {
    const char *shell, *script;
} scripts[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

static bool run(const struct invocation *in, struct error *err) {
    const char *shell = in->arguments[0];
    if (strcmp(shell, "words") == 0) {
        completion_write((const char *const *)in->arguments + 1, in->count - 1, in->arena, stdout);
        return true;
    }
    if (in->count > 1)
        return error_set(err, ERROR_USAGE, "completion: '%s' is one argument too many",
                         in->arguments[1]);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (strcmp(scripts[i].shell, shell) == 0) {
            fputs(scripts[i].script, stdout);
            return true;
        }
    return error_set(err, ERROR_USAGE, "completion: bash, zsh or fish, not '%s'", shell);
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash|zsh|fish",
    .help = "a script by which the shell completes commands, options, knobs and names",
    .details = "In bash `source <(mlpsweep completion bash)`, in zsh, after compinit, `source "
               "<(mlpsweep completion zsh)`, in fish `mlpsweep completion fish | source`. An "
               "installed mlpsweep is completed without that. `mlpsweep completion words -- "
               "WORD...` prints what may stand in place of the last word.",
    .example = "mlpsweep completion bash >mlpsweep.bash",
    .least = 1,
    .most = SIZE_MAX,
    .run = run,
};
