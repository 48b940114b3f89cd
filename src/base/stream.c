#include "base/stream.h"

#include <stdlib.h>

FILE *stream_open(struct stream *stream) {
    *stream = (struct stream){0};
    stream->out = open_memstream(&stream->text, &stream->length);
    if (!stream->out)
        out_of_memory();
    return stream->out;
}

char *stream_close(struct stream *stream) {
    if (fclose(stream->out) != 0)
        out_of_memory();
    stream->out = NULL;
    return stream->text;
}

const char *stream_text(struct stream *stream, struct arena *arena) {
    char *text = stream_close(stream);
    const char *kept = arena_text(arena, text, stream->length);
    free(text);
    return kept;
}
