/* A file in memory: what is written to it is a text afterwards. */
#ifndef MLPSWEEP_BASE_STREAM_H
#define MLPSWEEP_BASE_STREAM_H

#include "base/arena.h"

#include <stdio.h>

/** Stays where it is from stream_open to its end. */
struct stream {
    FILE *out;
    char *text; /* once it has ended: [length] and a NUL */
    size_t length;
};

/** Begins an empty text; returns stream->out. */
FILE *stream_open(struct stream *stream);

/** Ends it. Owns: the caller frees stream->text, which it returns. */
char *stream_close(struct stream *stream);

/** Ends it; the text moves into the arena. */
const char *stream_text(struct stream *stream, struct arena *arena);

#endif
