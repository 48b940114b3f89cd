#include "plan/yaml.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { LENGTH_MAX = 1 << 20, DEPTH_MAX = 32, NODES_MAX = 100000 };

struct anchor {
    const char *name;
    const struct yaml_node *node; /* NULL while it is open */
};

struct reader {
    yaml_parser_t parser;
    const char *file, *text;
    size_t length;
    size_t *lines; /* byte offset of each line's start */
    size_t line_count, line_room;
    struct found {
        yaml_mark_t mark;
        size_t offset;
    } last; /* where offset_of was last: marks rise, and a line may be the whole file */
    struct anchor *anchors;
    size_t anchor_count, anchor_room;
    struct arena *arena;
    struct error *err;
};

/* A node under construction: children, and where each ends in the text. */
struct collection {
    const struct yaml_node **keys, **values;
    yaml_mark_t *ends;
    size_t count, key_room, value_room, end_room;
};

/* Length of the line break at `at`, 0 if there is none; what counts as one is libyaml's choice. */
static size_t line_break(const char *at, size_t left) {
    if (left >= 2 && memcmp(at, "\r\n", 2) == 0)
        return 2;
    if (*at == '\r' || *at == '\n')
        return 1;
    if (left >= 2 && memcmp(at, "\xC2\x85", 2) == 0)
        return 2;
    if (left >= 3 && (memcmp(at, "\xE2\x80\xA8", 3) == 0 || memcmp(at, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return 0;
}

static void find_lines(struct reader *reader) {
    size_t at = reader->length >= 3 && memcmp(reader->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (bool begins = true; at <= reader->length; begins = false) {
        if (begins || line_break(reader->text + at, reader->length - at)) {
            at += begins ? 0 : line_break(reader->text + at, reader->length - at);
            reader->lines = arena_grow(reader->arena, reader->lines, reader->line_count,
                                       &reader->line_room, sizeof *reader->lines);
            reader->lines[reader->line_count++] = at;
        }
        while (at < reader->length && !line_break(reader->text + at, reader->length - at))
            at++;
        if (at == reader->length)
            break;
    }
}

/* Marks count characters; messages and slices need bytes. */
static size_t offset_of(struct reader *reader, yaml_mark_t mark) {
    size_t line = mark.line < reader->line_count ? mark.line : reader->line_count - 1;
    const struct found *last = &reader->last;
    bool goes_on = last->offset && last->mark.line == line && last->mark.column <= mark.column;
    size_t at = goes_on ? last->offset : reader->lines[line];
    for (size_t c = goes_on ? last->mark.column : 0; c < mark.column && at < reader->length; c++)
        for (at++; at < reader->length && ((unsigned char)reader->text[at] & 0xC0) == 0x80;)
            at++;
    reader->last = (struct found){{.line = line, .column = mark.column}, at};
    return at;
}

static struct place place_of(struct reader *reader, yaml_mark_t mark) {
    size_t line = mark.line < reader->line_count ? mark.line : reader->line_count - 1;
    size_t start = reader->lines[line];
    return (struct place){reader->file, reader->text + start, line + 1,
                          offset_of(reader, mark) - start + 1};
}

/* Whether a tab stands in the white space that the line of the mark begins with. */
static bool is_indented_by_a_tab(struct reader *reader, yaml_mark_t mark) {
    size_t line = mark.line < reader->line_count ? mark.line : reader->line_count - 1;
    const char *start = reader->text + reader->lines[line];
    return memchr(start, '\t', strspn(start, " \t")) != NULL;
}

static bool refuse_text(struct reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "not YAML";
    if (parser->error == YAML_MEMORY_ERROR)
        out_of_memory();
    struct place place = place_of(reader, parser->problem_mark);
    if (parser->context && strstr(parser->context, "quoted scalar") && strstr(problem, "end of"))
        return error_at(reader->err, place_of(reader, parser->context_mark),
                        "this quote is never closed");
    if (is_indented_by_a_tab(reader, parser->problem_mark))
        return error_at(reader->err, place, "a tab: YAML is indented with spaces");
    if (strstr(problem, "cannot start any token"))
        return error_at(reader->err, place, "'%c' cannot begin a value: write it in quotes",
                        reader->text[offset_of(reader, parser->problem_mark)]);
    return error_at(reader->err, place, "%s", problem);
}

static bool next_event(struct reader *reader, yaml_event_t *event) {
    return yaml_parser_parse(&reader->parser, event) || refuse_text(reader);
}

static const struct yaml_node *read_node(struct reader *reader, yaml_event_t *event, size_t depth);

static void append(struct reader *reader, struct collection *c, const struct yaml_node *key,
                   const struct yaml_node *value, yaml_mark_t end) {
    struct arena *arena = reader->arena;
    c->keys = arena_grow(arena, c->keys, c->count, &c->key_room, sizeof *c->keys);
    c->values = arena_grow(arena, c->values, c->count, &c->value_room, sizeof *c->values);
    c->ends = arena_grow(arena, c->ends, c->count, &c->end_room, sizeof *c->ends);
    c->keys[c->count] = key;
    c->values[c->count] = value;
    c->ends[c->count++] = end;
}

static int open_parentheses(const char *text) {
    int open = 0;
    for (; *text; text++)
        open += (*text == '(') - (*text == ')');
    return open;
}

static bool is_plain_scalar(const struct yaml_node *node) {
    return node->type == YAML_SCALAR && node->is_plain;
}

/* Joins the plain items of a flow list while a parenthesis is open. */
static void rejoin_calls(struct reader *reader, struct collection *c) {
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct yaml_node *first = c->values[i];
        int open = is_plain_scalar(first) ? open_parentheses(first->text) : 0;
        size_t last = i;
        while (open > 0 && last + 1 < c->count && is_plain_scalar(c->values[last + 1]))
            open += open_parentheses(c->values[++last]->text);
        if (last > i && open == 0) {
            struct yaml_node *joined = arena_alloc(reader->arena, 1, sizeof *joined);
            const char *start = first->place.line_text + first->place.column - 1;
            *joined = *first;
            joined->text =
                arena_text(reader->arena, start,
                           (size_t)(reader->text + offset_of(reader, c->ends[last]) - start));
            c->values[kept++] = joined;
            i = last;
        } else
            c->values[kept++] = first;
    }
    c->count = kept;
}

/* `width` and `depth`: keys of a mapping that has nothing but numbers and calls. */
static bool is_of_topology(const struct yaml_node *key) {
    return strcmp(key->text, "width") == 0 || strcmp(key->text, "depth") == 0;
}

/* In a flow map the rest of such a call came as further keys; it is dropped with all of them. In a
 * mapping of topologies it can be nothing else, and is put together again. */
static void join_torn_calls(struct reader *reader, struct collection *c) {
    size_t kept = 0;
    for (size_t i = 0, last; i < c->count; i = last + 1) {
        const struct yaml_node *value = c->values[i];
        int open = is_plain_scalar(value) ? open_parentheses(value->text) : 0;
        bool torn = open > 0;
        for (last = i; open > 0 && last + 1 < c->count;)
            open += open_parentheses(c->keys[++last]->text);
        if (torn && (open || !is_of_topology(c->keys[i]))) {
            error_at(reader->err, value->place,
                     "a call with a comma needs quotes within {}: \"%s, ...)\"", value->text);
            continue;
        }
        if (torn) {
            struct yaml_node *joined = arena_alloc(reader->arena, 1, sizeof *joined);
            const char *start = value->place.line_text + value->place.column - 1;
            const char *end = start + strcspn(start, "(") + 1;
            for (open = 1; open > 0; end++)
                open += (*end == '(') - (*end == ')');
            *joined = *value;
            joined->text = arena_text(reader->arena, start, (size_t)(end - start));
            value = joined;
        }
        c->keys[kept] = c->keys[i];
        c->values[kept++] = value;
    }
    c->count = kept;
}

/* Equal keys become neighbours, in the order of the file. */
static int compare_keys(const void *left, const void *right) {
    const struct yaml_node *const *a = left, *const *b = right;
    const struct place *x = &(*a)->place, *y = &(*b)->place;
    int order = strcmp((*a)->text, (*b)->text);
    if (!order)
        order = (x->line > y->line) - (x->line < y->line);
    return order ? order : (x->column > y->column) - (x->column < y->column);
}

static void refuse_repeated_keys(struct reader *reader, const struct collection *c) {
    struct arena scratch = {0};
    const struct yaml_node **sorted = arena_alloc(&scratch, c->count, sizeof *sorted);
    if (c->count)
        memcpy(sorted, c->keys, c->count * sizeof *sorted);
    qsort(sorted, c->count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < c->count; i++)
        if (strcmp(sorted[i]->text, sorted[i - 1]->text) == 0)
            error_at(reader->err, sorted[i]->place, "'%s' is given twice, first in line %zu",
                     sorted[i]->text, sorted[i - 1]->place.line);
    arena_close(&scratch);
}

static struct yaml_node *make_node(struct reader *reader, enum yaml_type type, yaml_mark_t mark,
                                   const struct collection *c) {
    struct yaml_node *node = arena_alloc(reader->arena, 1, sizeof *node);
    *node = (struct yaml_node){.type = type, .place = place_of(reader, mark), .weight = 1};
    if (!c)
        return node;
    node->count = c->count;
    node->keys = c->keys;
    node->values = c->values;
    for (size_t i = 0; i < c->count; i++)
        node->weight += c->values[i]->weight + (type == YAML_MAP);
    return node;
}

static const struct yaml_node *check_weight(struct reader *reader, const struct yaml_node *node) {
    if (node->weight <= NODES_MAX)
        return node;
    error_at(reader->err, node->place, "more than %d nodes, aliases written out", NODES_MAX);
    return NULL;
}

static const struct yaml_node *read_list(struct reader *reader, bool flow, yaml_mark_t mark,
                                         size_t depth) {
    struct collection c = {0};
    for (;;) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return NULL;
        bool ends = event.type == YAML_SEQUENCE_END_EVENT;
        yaml_mark_t end = event.end_mark;
        const struct yaml_node *item = ends ? NULL : read_node(reader, &event, depth);
        yaml_event_delete(&event);
        if (ends)
            break;
        if (!item)
            return NULL;
        append(reader, &c, NULL, item, end);
    }
    if (flow)
        rejoin_calls(reader, &c);
    return check_weight(reader, make_node(reader, YAML_LIST, mark, &c));
}

static const struct yaml_node *read_next(struct reader *reader, size_t depth, bool *ends) {
    yaml_event_t event;
    if (!next_event(reader, &event))
        return NULL;
    *ends = event.type == YAML_MAPPING_END_EVENT;
    const struct yaml_node *node = *ends ? NULL : read_node(reader, &event, depth);
    yaml_event_delete(&event);
    return node;
}

static const struct yaml_node *read_map(struct reader *reader, bool flow, yaml_mark_t mark,
                                        size_t depth) {
    struct collection c = {0};
    for (;;) {
        bool ends = false;
        const struct yaml_node *key = read_next(reader, depth, &ends);
        if (ends)
            break;
        const struct yaml_node *value = key ? read_next(reader, depth, &ends) : NULL;
        if (!value)
            return NULL;
        if (key->type != YAML_SCALAR) {
            error_at(reader->err, key->place, "a key must be a name");
            return NULL;
        }
        if (key->is_plain && strcmp(key->text, "<<") == 0)
            error_at(reader->err, key->place,
                     "YAML 1.2 has no merge key: use extends:, or write the keys here");
        else
            append(reader, &c, key, value, (yaml_mark_t){0});
    }
    if (flow)
        join_torn_calls(reader, &c);
    refuse_repeated_keys(reader, &c);
    return check_weight(reader, make_node(reader, YAML_MAP, mark, &c));
}

static const struct yaml_node *read_scalar(struct reader *reader, const yaml_event_t *event) {
    struct yaml_node *node = make_node(reader, YAML_SCALAR, event->start_mark, NULL);
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    node->text = arena_text(reader->arena, value, length);
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!memchr(value, '\0', length))
        return node;
    error_at(reader->err, node->place, "a text with a NUL character");
    return NULL;
}

static const struct yaml_node *find_anchor(struct reader *reader, const yaml_event_t *event) {
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reader->anchor_count; i-- > 0;)
        if (strcmp(reader->anchors[i].name, name) == 0 && reader->anchors[i].node)
            return reader->anchors[i].node;
    error_at(reader->err, place_of(reader, event->start_mark), "unknown alias '*%s'", name);
    return NULL;
}

/* The anchor of an event that opens a node, or NULL; its tag likewise. */
static const char *anchor_of(const yaml_event_t *event, const char **tag) {
    const yaml_char_t *anchor = NULL, *own_tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        own_tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        own_tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        own_tag = event->data.mapping_start.tag;
    }
    *tag = (const char *)own_tag;
    return (const char *)anchor;
}

static const struct yaml_node *read_content(struct reader *reader, yaml_event_t *event,
                                            size_t depth) {
    if (depth == DEPTH_MAX) {
        error_at(reader->err, place_of(reader, event->start_mark), "more than %d levels deep",
                 DEPTH_MAX);
        return NULL;
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(reader, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                         event->start_mark, depth + 1);
    case YAML_MAPPING_START_EVENT:
        return read_map(reader, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                        event->start_mark, depth + 1);
    default:
        error_at(reader->err, place_of(reader, event->start_mark), "expected a value");
        return NULL;
    }
}

static const struct yaml_node *read_node(struct reader *reader, yaml_event_t *event, size_t depth) {
    if (event->type == YAML_ALIAS_EVENT)
        return find_anchor(reader, event);
    const char *tag, *anchor = anchor_of(event, &tag);
    if (tag) {
        error_at(reader->err, place_of(reader, event->start_mark), "tags are not supported ('%s')",
                 tag);
        return NULL;
    }
    size_t own = reader->anchor_count;
    if (anchor) {
        reader->anchors = arena_grow(reader->arena, reader->anchors, own, &reader->anchor_room,
                                     sizeof *reader->anchors);
        reader->anchors[reader->anchor_count++] =
            (struct anchor){arena_text(reader->arena, anchor, strlen(anchor)), NULL};
    }
    const struct yaml_node *node = read_content(reader, event, depth);
    if (anchor)
        reader->anchors[own].node = node;
    return node;
}

/* Skips events up to one of this type. */
static bool expect(struct reader *reader, yaml_event_type_t type, const char *message) {
    yaml_event_t event;
    if (!next_event(reader, &event))
        return false;
    bool ok = event.type == type;
    if (!ok)
        error_at(reader->err, place_of(reader, event.start_mark), "%s", message);
    yaml_event_delete(&event);
    return ok;
}

static const struct yaml_node *read_document(struct reader *reader) {
    yaml_event_t event;
    if (!expect(reader, YAML_STREAM_START_EVENT, "not YAML") ||
        !expect(reader, YAML_DOCUMENT_START_EVENT, "the file is empty") ||
        !next_event(reader, &event))
        return NULL;
    const struct yaml_node *root = read_node(reader, &event, 0);
    yaml_event_delete(&event);
    if (!root || !expect(reader, YAML_DOCUMENT_END_EVENT, "one value only") ||
        !expect(reader, YAML_STREAM_END_EVENT, "a second document; an experiment is one"))
        return NULL;
    return root;
}

static bool is_utf16(const char *text, size_t length) {
    return length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0 ||
                           !text[0] != !text[1]);
}

/* Bytes of the character at `at` if YAML allows it, else 0. */
static size_t allowed(const char *at, size_t left) {
    size_t bytes = text_character(at, left);
    unsigned char first = (unsigned char)at[0];
    bool control = bytes == 1 && (first < 0x20 || first == 0x7F) && !strchr("\t\n\r", first);
    bool high =
        bytes == 2 && first == 0xC2 && (unsigned char)at[1] < 0xA0 && (unsigned char)at[1] != 0x85;
    return control || high || !first ? 0 : bytes;
}

/* What libyaml would refuse by the number of a byte alone. */
static bool check_characters(struct reader *reader) {
    size_t line = 0, at = reader->lines[0];
    struct place start = {reader->file, NULL, 1, 1};
    if (is_utf16(reader->text, reader->length))
        return error_at(reader->err, start, "the file is UTF-16: save it as UTF-8");
    for (size_t bytes; at < reader->length; at += bytes) {
        const char *text = reader->text + at;
        while (line + 1 < reader->line_count && reader->lines[line + 1] <= at)
            line++;
        if ((bytes = allowed(text, reader->length - at)))
            continue;
        size_t first = reader->lines[line];
        struct place place = {reader->file, reader->text + first, line + 1, at - first + 1};
        unsigned byte = (unsigned char)*text;
        if (!byte)
            return error_at(reader->err, place, "a NUL byte: this is no text");
        if (text_character(text, reader->length - at))
            return error_at(reader->err, place, "a control character (byte 0x%02x)", byte);
        return error_at(reader->err, place, "byte 0x%02x is not UTF-8: save the file as UTF-8",
                        byte);
    }
    return true;
}

bool yaml_parse(const char *file, const char *text, size_t length, struct arena *arena,
                const struct yaml_node **root, struct error *err) {
    struct reader reader = {
        .file = file, .text = text, .length = length, .arena = arena, .err = err};
    size_t before = err->count;
    *root = NULL;
    if (length > LENGTH_MAX)
        return error_set(err, ERROR_INVALID, "%s: larger than 1 MiB", file);
    find_lines(&reader);
    if (!check_characters(&reader))
        return false;
    if (!yaml_parser_initialize(&reader.parser))
        out_of_memory();
    size_t mark = reader.lines[0]; /* behind a byte order mark */
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + mark, length - mark);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    *root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    return *root && err->count == before;
}

bool yaml_is_null(const struct yaml_node *node) {
    return is_plain_scalar(node) &&
           (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key) {
    for (size_t i = 0; map->type == YAML_MAP && i < map->count; i++)
        if (strcmp(map->keys[i]->text, key) == 0)
            return map->values[i];
    return NULL;
}

const char *yaml_library_version(void) {
    return yaml_get_version_string();
}
