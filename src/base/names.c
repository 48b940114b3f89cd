#include "base/names.h"

#include <ctype.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 64, LISTED_MAX = 230 };

/* Letters alone tell names apart here: `Batch-Size` is another spelling of `batch_size`. */
struct spelling {
    size_t length; /* 0: empty, or too long to be any name */
    char text[NAME_MAX_LENGTH];
};

static struct spelling spelling_of(const char *word) {
    struct spelling s = {0};
    for (; *word; word++) {
        if (strchr("_- .", *word))
            continue;
        if (s.length == NAME_MAX_LENGTH)
            return (struct spelling){0};
        s.text[s.length++] = (char)tolower((unsigned char)*word);
    }
    return s;
}

static bool same(const struct spelling *a, const struct spelling *b) {
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Optimal string alignment: insertions, deletions, substitutions, and swaps of two neighbours. */
static size_t distance(const struct spelling *a, const struct spelling *b) {
    size_t row[3][NAME_MAX_LENGTH + 1];
    for (size_t j = 0; j <= b->length; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a->length; i++) {
        size_t *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b->length; j++) {
            size_t best = above[j - 1] + (a->text[i - 1] != b->text[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a->text[i - 1] == b->text[j - 2] &&
                a->text[i - 2] == b->text[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a->length % 3][b->length];
}

/* How many letters differ; two where neighbours are swapped. */
static size_t differing(const struct spelling *a, const struct spelling *b) {
    size_t n = 0;
    for (size_t i = 0; i < a->length && i < b->length; i++)
        n += a->text[i] != b->text[i];
    return n;
}

/* In a short word another letter makes another word (mse, mae): there only a missing letter or a
 * swap is a slip. */
static bool is_slip(const struct spelling *word, const struct spelling *name, size_t d) {
    if (word->length > 3)
        return d <= (word->length + 2) / 4;
    bool lacks_one = name->length == word->length + 1;
    bool swaps = name->length == word->length && differing(word, name) == 2;
    return word->length > 1 && d == 1 && (lacks_one || swaps);
}

static bool is_known(const struct names *names, const char *name) {
    const char *known;
    for (size_t i = 0; (known = names->at(names->context, i)); i++)
        if (strcmp(known, name) == 0)
            return true;
    return false;
}

/* True with a name of NULL: the word means something that the table does not have. */
static bool find_synonym(const struct names *names, const struct spelling *word,
                         const char **name) {
    for (size_t i = 0; i < names->synonym_count; i++) {
        struct spelling synonym = spelling_of(names->synonyms[i].word);
        if (!same(word, &synonym))
            continue;
        *name = names->synonyms[i].name;
        if (*name && !is_known(names, *name))
            *name = NULL;
        return true;
    }
    return false;
}

static const char *find_slip(const struct names *names, const struct spelling *word) {
    size_t best = NAME_MAX_LENGTH;
    const char *nearest = NULL, *candidate;
    for (size_t i = 0; (candidate = names->at(names->context, i)); i++) {
        struct spelling name = spelling_of(candidate);
        if (!name.length)
            continue;
        size_t d = distance(word, &name);
        if (d < best && (d == 0 || is_slip(word, &name, d))) {
            best = d;
            nearest = candidate;
        }
    }
    return nearest;
}

/* NULL where several names begin so: the word says too little. */
static const char *find_beginning(const struct names *names, const struct spelling *word) {
    const char *found = NULL, *candidate;
    if (word->length < 3)
        return NULL;
    for (size_t i = 0; (candidate = names->at(names->context, i)); i++) {
        struct spelling name = spelling_of(candidate);
        if (name.length <= word->length || memcmp(name.text, word->text, word->length) != 0)
            continue;
        if (found)
            return NULL;
        found = candidate;
    }
    return found;
}

const char *names_near(const struct names *names, const char *word) {
    struct spelling spelling = spelling_of(word);
    const char *name = NULL;
    if (!spelling.length || find_synonym(names, &spelling, &name))
        return name;
    name = find_slip(names, &spelling);
    return name ? name : find_beginning(names, &spelling);
}

struct hint names_hint(const struct names *names, const char *word, const char *prefix) {
    struct hint hint = {""};
    const char *near = names_near(names, word);
    if (near)
        snprintf(hint.text, sizeof hint.text, "; did you mean '%s%s'?", prefix, near);
    return hint;
}

/* `a, b, c`; empty where that is too long to read. */
static void list_names(const struct names *names, char list[LISTED_MAX]) {
    const char *name;
    size_t length = 0;
    *list = '\0';
    for (size_t i = 0; (name = names->at(names->context, i)); i++) {
        int more = snprintf(list + length, LISTED_MAX - length, "%s%s", i ? ", " : "", name);
        length += more > 0 ? (size_t)more : 0;
        if (length >= LISTED_MAX) {
            *list = '\0';
            return;
        }
    }
}

bool error_unknown(struct error *err, struct place place, const char *noun, const char *word,
                   const struct names *names) {
    struct hint hint = names_hint(names, word, "");
    char list[LISTED_MAX] = "";
    if (!*hint.text)
        list_names(names, list);
    return *list ? error_at(err, place, "unknown %s '%s' (known: %s)", noun, word, list)
                 : error_at(err, place, "unknown %s '%s'%s", noun, word, hint.text);
}

bool name_is_plain(const char *text) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strlen(text);
    return length >= 1 && length <= 64 && strspn(text, allowed) == length && *text != '_' &&
           *text != '-';
}
