#include "base/registry.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

const struct entry *registry_row(const struct registry *registry, size_t i) {
    if (i >= registry->count)
        return NULL;
    return (const struct entry *)(const void *)((const char *)registry->rows +
                                                i * registry->row_size);
}

const struct entry *registry_find(const struct registry *registry, const char *name) {
    const struct entry *row;
    for (size_t i = 0; (row = registry_row(registry, i)); i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

static size_t argument_count(const struct entry *entry) {
    size_t n = 0;
    while (n < ARGUMENTS_MAX && entry->arguments[n].name)
        n++;
    return n;
}

static struct choice with_defaults(const struct entry *entry) {
    struct choice choice = {.entry = entry};
    for (size_t i = 0; i < argument_count(entry); i++)
        choice.arguments[i] = entry->arguments[i].fallback;
    return choice;
}

struct choice choice_default(const struct registry *registry, const char *name) {
    return with_defaults(registry_find(registry, name));
}

static const char *row_name(const void *context, size_t i) {
    const struct entry *row = registry_row(context, i);
    return row ? row->name : NULL;
}

struct names registry_names(const struct registry *registry) {
    return (struct names){row_name, registry, registry->synonyms, registry->synonym_count};
}

static const char *argument_name(const void *context, size_t i) {
    const struct entry *entry = context;
    return i < argument_count(entry) ? entry->arguments[i].name : NULL;
}

static struct place moved(struct place place, size_t by) {
    place.column += by;
    return place;
}

/* A slice of the text that is being read. */
struct slice {
    const char *start;
    size_t length;
};

static struct slice trimmed(const char *start, const char *end) {
    while (start < end && isspace((unsigned char)*start))
        start++;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    return (struct slice){start, (size_t)(end - start)};
}

static bool slice_is(struct slice slice, const char *text) {
    return strlen(text) == slice.length && memcmp(slice.start, text, slice.length) == 0;
}

static bool read_word(const struct argument *argument, struct slice value, double *result) {
    for (size_t i = 0; argument->words[i]; i++)
        if (slice_is(value, argument->words[i])) {
            *result = (double)i;
            return true;
        }
    return false;
}

/* `fan_in, fan_out or fan_avg` */
static void list_words(const char *const *words, char list[200]) {
    size_t length = 0;
    for (size_t i = 0; words[i] && length < 200; i++) {
        int more = snprintf(list + length, 200 - length, "%s%s",
                            !i             ? ""
                            : words[i + 1] ? ", "
                                           : " or ",
                            words[i]);
        length += more > 0 ? (size_t)more : 0;
    }
}

static bool refuse_value(const struct argument *argument, struct slice value, struct place place,
                         struct error *err) {
    static const char *const expected[] = {"a number", "a whole number", "true or false"};
    char words[200];
    if (argument->type != ARGUMENT_WORD)
        return error_at(err, place, "%s must be %s, not '%.*s'", argument->name,
                        expected[argument->type], (int)value.length, value.start);
    list_words(argument->words, words);
    return error_at(err, place, "%s is %s, not '%.*s'", argument->name, words, (int)value.length,
                    value.start);
}

static bool read_value(const struct argument *argument, struct slice value, struct place place,
                       double *result, struct error *err) {
    bool ok = false;
    switch (argument->type) {
    case ARGUMENT_NUMBER:
        ok = text_to_yaml_number(value.start, value.length, result);
        break;
    case ARGUMENT_WHOLE:
        ok = text_to_yaml_number(value.start, value.length, result) && *result == floor(*result);
        break;
    case ARGUMENT_FLAG:
        ok = slice_is(value, "true") || slice_is(value, "false");
        *result = slice_is(value, "true");
        break;
    case ARGUMENT_WORD:
        ok = read_word(argument, value, result);
        break;
    }
    if (!ok)
        return refuse_value(argument, value, place, err);
    if (argument->type > ARGUMENT_WHOLE ||
        (*result >= argument->minimum && *result <= argument->maximum))
        return true;
    char low[TEXT_NUMBER_MAX], high[TEXT_NUMBER_MAX];
    return error_at(err, place, "%s is %.*s, outside %s..%s", argument->name, (int)value.length,
                    value.start, text_from_number(argument->minimum, low),
                    text_from_number(argument->maximum, high));
}

const struct argument *argument_find(const struct entry *entry, const char *name) {
    for (size_t i = 0; i < argument_count(entry); i++)
        if (strcmp(entry->arguments[i].name, name) == 0)
            return &entry->arguments[i];
    return NULL;
}

bool argument_parse(const struct argument *argument, const char *text, struct place place,
                    double *value, struct error *err) {
    return read_value(argument, (struct slice){text, strlen(text)}, place, value, err);
}

bool call_gives(const char *text, const char *argument) {
    size_t length = strlen(argument);
    const char *at = strchr(text, '(');
    while (at && *at) {
        at++;
        at += strspn(at, " ");
        if (strncmp(at, argument, length) == 0 && at[length + strspn(at + length, " ")] == '=')
            return true;
        at = strchr(at, ',');
    }
    return false;
}

/* One `name=value`; `seen` has a bit for each argument that was given before. */
static bool read_argument(struct choice *choice, struct slice item, struct place place,
                          unsigned *seen, struct error *err) {
    const char *equals = memchr(item.start, '=', item.length);
    if (!equals)
        return error_at(err, place, "an argument is written name=value, not '%.*s'",
                        (int)item.length, item.start);
    struct slice name = trimmed(item.start, equals);
    struct slice value = trimmed(equals + 1, item.start + item.length);
    for (size_t i = 0; i < argument_count(choice->entry); i++) {
        const struct argument *argument = &choice->entry->arguments[i];
        if (!slice_is(name, argument->name))
            continue;
        if (*seen & 1U << i)
            return error_at(err, place, "%s is given twice", argument->name);
        *seen |= 1U << i;
        return read_value(argument, value, moved(place, (size_t)(value.start - item.start)),
                          &choice->arguments[i], err);
    }
    char copy[64];
    size_t length = name.length < sizeof copy ? name.length : sizeof copy - 1;
    memcpy(copy, name.start, length);
    copy[length] = '\0';
    if (!argument_count(choice->entry))
        return error_at(err, place, "%s takes no arguments", choice->entry->name);
    return error_unknown(err, place, "argument", copy,
                         &(struct names){.at = argument_name, .context = choice->entry});
}

bool choice_parse(const struct registry *registry, const char *text, struct place place,
                  struct choice *choice, struct error *err) {
    const char *open = strchr(text, '(');
    const char *end = text + strlen(text);
    struct slice name = trimmed(text, open ? open : end);
    char copy[64];
    if (name.length >= sizeof copy)
        return error_at(err, place, "unknown %s '%.*s'", registry->noun, (int)name.length,
                        name.start);
    memcpy(copy, name.start, name.length);
    copy[name.length] = '\0';
    const struct entry *entry = registry_find(registry, copy);
    struct names names = registry_names(registry);
    if (!entry)
        return error_unknown(err, place, registry->noun, copy, &names);
    *choice = with_defaults(entry);
    if (!open)
        return true;
    struct slice rest = trimmed(open + 1, end);
    const char *closed = rest.length ? memchr(rest.start, ')', rest.length) : NULL;
    if (closed && closed + 1 < rest.start + rest.length)
        return error_at(err, moved(place, (size_t)(trimmed(closed + 1, end).start - text)),
                        "'%s' goes on behind its closing parenthesis", text);
    if (!closed)
        return error_at(err, moved(place, strlen(text)), "'%s' lacks its closing parenthesis",
                        text);
    end = rest.start + rest.length - 1;
    bool ok = true;
    unsigned seen = 0;
    for (const char *at = open + 1; at <= end && trimmed(open + 1, end).length;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        struct slice item = trimmed(at, comma ? comma : end);
        ok &= read_argument(choice, item, moved(place, (size_t)(item.start - text)), &seen, err);
        at = comma ? comma + 1 : end + 1;
    }
    return ok;
}

const char *argument_text(const struct argument *argument, double value, struct arena *arena) {
    if (argument->type == ARGUMENT_FLAG)
        return value != 0 ? "true" : "false";
    if (argument->type == ARGUMENT_WORD)
        return argument->words[(size_t)value];
    return text_of_number(value, arena);
}

const char *choice_text(const struct choice *choice, struct arena *arena) {
    const char *text = choice->entry->name;
    bool any = false;
    for (size_t i = 0; i < argument_count(choice->entry); i++) {
        const struct argument *argument = &choice->entry->arguments[i];
        if (choice->arguments[i] == argument->fallback)
            continue;
        text = arena_printf(arena, "%s%s%s=%s", text, any ? ", " : "(", argument->name,
                            argument_text(argument, choice->arguments[i], arena));
        any = true;
    }
    return any ? arena_printf(arena, "%s)", text) : text;
}

bool choice_equal(const struct choice *a, const struct choice *b) {
    if (a->entry != b->entry)
        return false;
    for (size_t i = 0; a->entry && i < argument_count(a->entry); i++)
        if (a->arguments[i] != b->arguments[i])
            return false;
    return true;
}
