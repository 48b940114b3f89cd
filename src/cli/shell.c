#include "cli/shell.h"

#include <string.h>

const char *shell_quote(const char *text, struct arena *arena) {
    const char *out = "'";
    for (const char *quote; (quote = strchr(text, '\'')); text = quote + 1)
        out = arena_printf(arena, "%s%.*s'\\''", out, (int)(quote - text), text);
    return arena_printf(arena, "%s%s'", out, text);
}

/* Reads one word from *at into out, which has room for it. False: a quote is left open. */
static bool read_word(const char **at, char *out) {
    char quote = 0;
    for (; **at && (quote || !strchr(" \t\n", **at)); ++*at) {
        if (quote ? **at == quote : **at == '\'' || **at == '"')
            quote = (char)(quote ? 0 : **at);
        else if (**at == '\\' && quote != '\'' && (*at)[1])
            *out++ = *++*at;
        else
            *out++ = **at;
    }
    *out = '\0';
    return !quote;
}

const char *shell_words(const char *text, struct arena *arena) {
    char *word = arena_alloc(arena, strlen(text) + 1, 1);
    const char *words = "";
    for (text += strspn(text, " \t\n"); *text; text += strspn(text, " \t\n")) {
        if (!read_word(&text, word))
            return NULL;
        words = arena_printf(arena, "%s %s", words, shell_quote(word, arena));
    }
    return words;
}
