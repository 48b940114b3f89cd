#include "plan/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, EXTENDS_MAX = 16 };

/* O_NONBLOCK: opening a FIFO without a writer would wait for ever. */
static int open_regular(const char *path, struct error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 && errno == ENOMEM)
        out_of_memory();
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
        return -1;
    }
    if (S_ISREG(status.st_mode))
        return fd;
    error_set(err, ERROR_INVALID,
              S_ISDIR(status.st_mode) ? "%s: Is a directory"
                                      : "%s: not a regular file (- reads standard input)",
              path);
    close(fd);
    return -1;
}

bool source_read(const char *path, struct arena *arena, const char **text, size_t *length,
                 struct error *err) {
    bool is_input = strcmp(path, "-") == 0;
    int fd = is_input ? STDIN_FILENO : open_regular(path, err);
    if (fd < 0)
        return false;
    struct arena scratch = {0};
    char *bytes = arena_alloc(&scratch, FILE_MAX + 1, 1); /* one more than allowed */
    ssize_t got = 1;
    *length = 0;
    while (*length <= FILE_MAX && got != 0) {
        got = read(fd, bytes + *length, FILE_MAX + 1 - *length);
        if (got < 0 && errno != EINTR)
            break;
        *length += got > 0 ? (size_t)got : 0;
    }
    int cause = errno;
    *text = arena_text(arena, bytes, *length);
    arena_close(&scratch);
    if (!is_input)
        close(fd);
    if (got < 0)
        return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(cause));
    return *length <= FILE_MAX || error_set(err, ERROR_INVALID, "%s: larger than 1 MiB", path);
}

/* The files that lead to the one being read. */
struct chain {
    const struct chain *before;
    dev_t device;
    ino_t inode;
    size_t depth;
};

static bool is_in_chain(const struct chain *chain, const struct stat *status) {
    for (; chain; chain = chain->before)
        if (chain->device == status->st_dev && chain->inode == status->st_ino)
            return true;
    return false;
}

static bool is_merged(const char *key) {
    return strcmp(key, "base") == 0 || strcmp(key, "datasets") == 0;
}

/* A key of the lower mapping that the upper one replaces: itself, and below base the arguments of a
 * knob that the upper one gives. */
static bool is_replaced(const struct yaml_node *upper, const char *key) {
    const char *dot = strchr(key, '.');
    for (size_t i = 0; i < upper->count; i++) {
        const char *own = upper->keys[i]->text;
        if (strcmp(own, key) == 0 ||
            (dot && strlen(own) == (size_t)(dot - key) && strncmp(own, key, strlen(own)) == 0))
            return true;
    }
    return false;
}

/* The lower mapping's entries that stay, before those of the upper one. */
static const struct yaml_node *merge(const struct yaml_node *lower, const struct yaml_node *upper,
                                     bool is_root, struct arena *arena) {
    struct yaml_node *merged = arena_alloc(arena, 1, sizeof *merged);
    size_t room = lower->count + upper->count;
    *merged = *upper;
    merged->count = 0;
    merged->keys = arena_alloc(arena, room, sizeof *merged->keys);
    merged->values = arena_alloc(arena, room, sizeof *merged->values);
    for (size_t i = 0; i < lower->count; i++) {
        const char *key = lower->keys[i]->text;
        if (is_replaced(upper, key) ||
            (is_root && (!strcmp(key, "name") || !strcmp(key, "extends"))))
            continue;
        merged->keys[merged->count] = lower->keys[i];
        merged->values[merged->count++] = lower->values[i];
    }
    for (size_t i = 0; i < upper->count; i++) {
        const struct yaml_node *value = upper->values[i];
        const struct yaml_node *below = yaml_find(lower, upper->keys[i]->text);
        bool both = below && below->type == YAML_MAP && value->type == YAML_MAP;
        merged->keys[merged->count] = upper->keys[i];
        merged->values[merged->count++] = is_root && both && is_merged(upper->keys[i]->text)
                                              ? merge(below, value, false, arena)
                                              : value;
    }
    return merged;
}

static bool read_tree(const char *file, const char *text, size_t length, const struct chain *chain,
                      struct arena *arena, const struct yaml_node **root, struct error *err);

const char *source_path(const struct yaml_node *node, struct arena *arena) {
    const char *file = node->place.file, *slash = strrchr(file, '/');
    return *node->text == '/' || !slash
               ? node->text
               : arena_printf(arena, "%.*s/%s", (int)(slash - file), file, node->text);
}

/* The tree of the file that an `extends` names. NULL: an error is noted. */
static const struct yaml_node *read_lower(const struct yaml_node *node, const struct chain *chain,
                                          struct arena *arena, struct error *err) {
    const char *text;
    struct stat status;
    size_t length;
    if (node->type != YAML_SCALAR || !*node->text) {
        error_at(err, node->place, "extends must be the path of a file");
        return NULL;
    }
    const char *path = source_path(node, arena);
    struct error own = {0};
    if (strcmp(path, "-") == 0 || !source_read(path, arena, &text, &length, &own)) {
        error_at(err, node->place, "%s", own.first ? own.first->text : "extends must be a file");
        error_clear(&own);
        return NULL;
    }
    if (stat(path, &status) != 0 || is_in_chain(chain, &status) || chain->depth == EXTENDS_MAX) {
        error_at(err, node->place, "%s extends itself, by way of this file", path);
        return NULL;
    }
    struct chain own_chain = {chain, status.st_dev, status.st_ino, chain->depth + 1};
    const struct yaml_node *root;
    bool ok = read_tree(path, text, length, &own_chain, arena, &root, err);
    if (root && root->type != YAML_MAP)
        ok = error_at(err, root->place, "an experiment is a mapping (name:, base:, sweep:, ...)");
    return ok ? root : NULL;
}

static bool read_tree(const char *file, const char *text, size_t length, const struct chain *chain,
                      struct arena *arena, const struct yaml_node **root, struct error *err) {
    bool ok = yaml_parse(file, text, length, arena, root, err);
    const struct yaml_node *node = *root ? yaml_find(*root, "extends") : NULL;
    if (!node)
        return ok;
    const struct yaml_node *lower = read_lower(node, chain, arena, err);
    if (lower)
        *root = merge(lower, *root, true, arena);
    return ok && lower;
}

bool source_tree(const char *file, const char *text, size_t length, struct arena *arena,
                 const struct yaml_node **root, struct error *err) {
    struct stat status = {0};
    struct chain chain = {0};
    if (stat(file, &status) == 0)
        chain = (struct chain){NULL, status.st_dev, status.st_ino, 0};
    return read_tree(file, text, length, &chain, arena, root, err);
}
