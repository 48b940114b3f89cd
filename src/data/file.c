#include "data/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const size_t bytes_max = (size_t)4 << 30;

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

static bool read_all(int fd, struct buffer *buffer, const char *path, struct error *err) {
    for (;;) {
        make_room(buffer);
        ssize_t n = read(fd, buffer->bytes + buffer->length, buffer->room - buffer->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
        if (n == 0)
            return true;
        buffer->length += (size_t)n;
        if (buffer->length > bytes_max)
            return error_set(err, ERROR_INVALID, "%s: larger than 4 GiB", path);
    }
}

static bool read_raw(const char *path, struct buffer *buffer, struct arena *arena,
                     struct error *err) {
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    size_t size = info.st_size > 0 && (size_t)info.st_size < bytes_max ? (size_t)info.st_size : 0;
    *buffer = buffer_create(size + 1, arena);
    bool ok = read_all(fd, buffer, path, err);
    close(fd);
    return ok;
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
                        const char *path, struct error *err) {
    for (;;) {
        make_room(out);
        size_t room = out->room - out->length;
        stream->next_out = out->bytes + out->length;
        stream->avail_out = room > (1U << 30) ? 1U << 30 : (uInt)room;
        uInt before = stream->avail_out;
        int status = inflate(stream, Z_NO_FLUSH);
        out->length += before - stream->avail_out;
        if (out->length > bytes_max)
            return error_set(err, ERROR_INVALID, "%s: larger than 4 GiB when decompressed", path);
        if (status == Z_STREAM_END && stream->avail_in == 0)
            return true;
        if (status == Z_STREAM_END)
            status = inflateReset(stream);
        if (status == Z_MEM_ERROR)
            out_of_memory();
        if (status != Z_OK)
            return damaged(raw, stream, path, err);
    }
}

static bool gunzip(const struct buffer *raw, struct buffer *out, const char *path,
                   struct arena *arena, struct error *err) {
    z_stream stream = {.next_in = raw->bytes, .avail_in = (uInt)raw->length};
    if (raw->length > UINT32_MAX)
        return error_set(err, ERROR_INVALID, "%s: larger than 4 GiB", path);
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        out_of_memory();
    *out = buffer_create(length_hint(raw) + 1, arena);
    bool ok = inflate_all(raw, &stream, out, path, err);
    inflateEnd(&stream);
    return ok;
}

bool file_read(const char *path, struct arena *arena, struct file_bytes *file, struct error *err) {
    struct arena scratch = {0};
    struct buffer raw, plain;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t magic[2] = {0};
    bool zipped = fd >= 0 && read(fd, magic, 2) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    if (fd >= 0)
        close(fd);
    bool ok = zipped ? read_raw(path, &raw, &scratch, err) && gunzip(&raw, &plain, path, arena, err)
                     : read_raw(path, &plain, arena, err);
    if (ok) {
        plain.bytes[plain.length] = '\0';
        *file = (struct file_bytes){path, plain.bytes, plain.length};
    }
    arena_close(&scratch);
    return ok;
}
