#include "data/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const size_t bytes_max = UINT32_MAX; /* what zlib takes at once */
enum { PIECE = 1 << 24 };

/* Bytes that grow; there is always room for a NUL behind them. */
struct buffer {
    struct arena *arena;
    uint8_t *bytes;
    size_t length, room;
};

static struct buffer buffer_create(size_t room, struct arena *arena) {
    return (struct buffer){arena, arena_alloc(arena, room + 1, 1), 0, room};
}

static void make_room(struct buffer *buffer) {
    if (buffer->length < buffer->room)
        return;
    struct buffer larger = buffer_create(2 * buffer->room + 65536, buffer->arena);
    memcpy(larger.bytes, buffer->bytes, buffer->length);
    larger.length = buffer->length;
    *buffer = larger;
}

bool file_stopped(const struct file_bytes *file, struct error *err) {
    if (!file->stop || !atomic_load_explicit(file->stop, memory_order_relaxed))
        return false;
    error_set(err, ERROR_INTERRUPTED, "interrupted while %s was read", file->path);
    return true;
}

const char *file_text_start(const struct file_bytes *file) {
    const char *text = (const char *)file->bytes;
    bool has_mark = file->length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    return has_mark ? text + 3 : text;
}

struct place file_place(const struct file_bytes *file, const char *at) {
    struct place place = {.file = file->path, .line_text = file_text_start(file), .line = 1};
    for (const char *newline;
         (newline = memchr(place.line_text, '\n', (size_t)(at - place.line_text)));) {
        place.line_text = newline + 1;
        place.line++;
    }
    place.column = (size_t)(at - place.line_text) + 1;
    return place;
}

/* In pieces, so that a signal is answered soon. */
static bool read_all(int fd, const struct file_bytes *file, struct buffer *buffer,
                     struct error *err) {
    for (;;) {
        if (file_stopped(file, err))
            return false;
        make_room(buffer);
        size_t room = buffer->room - buffer->length;
        ssize_t n = read(fd, buffer->bytes + buffer->length, room < PIECE ? room : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERROR_INVALID, "%s: %s", file->path, strerror(errno));
        if (n == 0)
            return true;
        buffer->length += (size_t)n;
        if (buffer->length > bytes_max)
            return error_set(err, ERROR_INVALID, "%s: larger than 4 GiB", file->path);
    }
}

static const char *kind_name(mode_t mode) {
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* Without O_NONBLOCK, opening a FIFO waits for a writer; regular files do not mind it. */
static int open_regular(const char *path, size_t *size, struct error *err) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0)
        error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        error_set(err, ERROR_INVALID, "%s is %s, not a regular file", path,
                  kind_name(info.st_mode));
    else if ((uintmax_t)info.st_size > bytes_max)
        error_set(err, ERROR_INVALID, "%s: larger than 4 GiB", path);
    else {
        *size = (size_t)info.st_size;
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The length that the last member's trailer names, where it is believable. */
static size_t length_hint(const struct buffer *raw) {
    const uint8_t *end = raw->bytes + raw->length;
    size_t hint = raw->length < 18 ? 0
                                   : (size_t)end[-4] | (size_t)end[-3] << 8 |
                                         (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
    return hint / 1032 <= raw->length ? hint : 0; /* deflate's largest ratio */
}

static bool damaged(const struct buffer *raw, const z_stream *stream, const char *path,
                    struct error *err) {
    size_t at = raw->length - stream->avail_in;
    return error_set(err, ERROR_INVALID, "%s: gzip damage at byte %zu (%s)", path, at,
                     stream->msg ? stream->msg : "the file is truncated");
}

/* Inflates all members, one behind the other. */
static bool inflate_all(const struct buffer *raw, z_stream *stream, struct buffer *out,
                        const struct file_bytes *file, struct error *err) {
    for (;;) {
        if (file_stopped(file, err))
            return false;
        make_room(out);
        size_t room = out->room - out->length;
        stream->next_out = out->bytes + out->length;
        stream->avail_out = room < PIECE ? (uInt)room : PIECE;
        uInt before = stream->avail_out;
        int status = inflate(stream, Z_NO_FLUSH);
        out->length += before - stream->avail_out;
        if (out->length > bytes_max)
            return error_set(err, ERROR_INVALID, "%s: larger than 4 GiB when decompressed",
                             file->path);
        if (status == Z_STREAM_END && stream->avail_in == 0)
            return true;
        if (status == Z_STREAM_END)
            status = inflateReset(stream);
        if (status == Z_MEM_ERROR)
            out_of_memory();
        if (status != Z_OK)
            return damaged(raw, stream, file->path, err);
    }
}

static bool gunzip(const struct buffer *raw, struct buffer *out, const struct file_bytes *file,
                   struct arena *arena, struct error *err) {
    z_stream stream = {.next_in = raw->bytes, .avail_in = (uInt)raw->length};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        out_of_memory();
    *out = buffer_create(length_hint(raw) + 1, arena);
    bool ok = inflate_all(raw, &stream, out, file, err);
    inflateEnd(&stream);
    return ok;
}

static bool has_magic(const uint8_t *bytes) {
    return bytes[0] == 0x1F && bytes[1] == 0x8B;
}

static bool is_gzipped(int fd) {
    uint8_t magic[2];
    return pread(fd, magic, 2, 0) == 2 && has_magic(magic);
}

static void hand_over(struct buffer *buffer, struct file_bytes *file) {
    buffer->bytes[buffer->length] = '\0';
    file->bytes = buffer->bytes;
    file->length = buffer->length;
}

bool file_read(const char *path, const atomic_int *stop, struct arena *arena,
               struct file_bytes *file, struct error *err) {
    struct arena scratch = {0};
    struct buffer raw, plain = {0};
    size_t size = 0;
    int fd = open_regular(path, &size, err);
    if (fd < 0)
        return false;
    *file = (struct file_bytes){.path = path, .stop = stop};
    bool zipped = is_gzipped(fd);
    raw = buffer_create(size + 1, zipped ? &scratch : arena);
    bool ok = read_all(fd, file, &raw, err);
    close(fd);
    if (zipped)
        ok = ok && gunzip(&raw, &plain, file, arena, err);
    if (ok)
        hand_over(zipped ? &plain : &raw, file);
    arena_close(&scratch);
    return ok;
}

bool file_read_standard_input(struct arena *arena, struct file_bytes *file, struct error *err) {
    struct buffer raw = buffer_create(1 << 16, arena), plain;
    *file = (struct file_bytes){.path = "standard input"};
    if (!read_all(STDIN_FILENO, file, &raw, err))
        return false;
    if (raw.length < 2 || !has_magic(raw.bytes)) {
        hand_over(&raw, file);
        return true;
    }
    if (!gunzip(&raw, &plain, file, arena, err))
        return false;
    hand_over(&plain, file);
    return true;
}

const char *file_library_version(void) {
    return zlibVersion();
}
