/* Stands in for libFuzzer where there is none: runs each file of a corpus and a fixed number of
 * mutations of them, the same in every run.
 *
 * Real fuzzing, from the root of the tree:
 *
 *   cmake --preset clang && cmake --build --preset clang
 *   build/clang/tests/fuzz_plan -max_total_time=600 /tmp/new-inputs tests/fuzz/corpus/plan
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS_MAX = 200, INPUT_LENGTH_MAX = 1 << 16 };

struct input {
    char name[256];
    uint8_t *bytes;
    size_t length;
};

/* SplitMix64. Source: Steele et al., "Fast splittable pseudorandom number generators", 2014. */
static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static struct input load(const char *folder, const char *name) {
    char path[4096];
    struct input input = {.bytes = malloc(INPUT_LENGTH_MAX)};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(input.name, sizeof input.name, "%s", name);
    FILE *file = fopen(path, "rb");
    if (!file || !input.bytes) {
        perror(path);
        exit(1);
    }
    input.length = fread(input.bytes, 1, INPUT_LENGTH_MAX, file);
    fclose(file);
    return input;
}

static int compare_inputs(const void *left, const void *right) {
    const struct input *a = left, *b = right;
    return strcmp(a->name, b->name);
}

/* The files in the order of their names, so that every run does the same. */
static size_t load_corpus(const char *folder, struct input *inputs) {
    size_t count = 0;
    DIR *entries = opendir(folder);
    if (!entries) {
        perror(folder);
        exit(1);
    }
    for (struct dirent *entry; count < INPUTS_MAX && (entry = readdir(entries));)
        if (*entry->d_name != '.')
            inputs[count++] = load(folder, entry->d_name);
    closedir(entries);
    qsort(inputs, count, sizeof *inputs, compare_inputs);
    return count;
}

/* Flips a few bits, puts in a telling byte, cuts the end off, repeats a piece, or goes on as
 * another input does. Returns the new length. */
static size_t mutate(uint8_t *bytes, size_t length, const struct input *other, uint64_t *state) {
    static const char telling[] = "\0\xFF\x80\n\r\t ,:[]{}()&*#'\"-+.0eE=~|>%@`";
    size_t at = length ? draw(state) % length : 0;
    size_t n = 1 + draw(state) % 16;
    switch (draw(state) % 6) {
    case 0:
        if (length)
            bytes[at] ^= (uint8_t)(1U << draw(state) % 8);
        return length;
    case 1:
        if (length)
            bytes[at] = (uint8_t)telling[draw(state) % (sizeof telling - 1)];
        return length;
    case 2:
        return at;
    case 3: /* a piece once more */
        n = n < length - at ? n : length - at;
        if (length + n > INPUT_LENGTH_MAX)
            return length;
        memmove(bytes + at + n, bytes + at, length - at);
        return length + n;
    case 4: /* a piece less */
        n = n < length - at ? n : length - at;
        memmove(bytes + at, bytes + at + n, length - at - n);
        return length - n;
    default: {
        size_t from = other->length ? draw(state) % other->length : 0, rest = other->length - from;
        rest = rest < INPUT_LENGTH_MAX - at ? rest : INPUT_LENGTH_MAX - at;
        if (rest)
            memcpy(bytes + at, other->bytes + from, rest);
        return at + rest;
    }
    }
}

/* In memory of its own length, so that AddressSanitizer sees a byte too far. */
static void run(const uint8_t *bytes, size_t length) {
    uint8_t *copy = malloc(length ? length : 1);
    if (!copy)
        exit(1);
    if (length)
        memcpy(copy, bytes, length);
    LLVMFuzzerTestOneInput(copy, length);
    free(copy);
}

static void run_mutations(const struct input *inputs, size_t count, long mutations) {
    uint8_t *bytes = malloc(INPUT_LENGTH_MAX);
    uint64_t state = 1;
    for (long m = 0; m < mutations; m++) {
        const struct input *input = &inputs[draw(&state) % count];
        size_t length = input->length;
        if (length)
            memcpy(bytes, input->bytes, length);
        for (size_t turns = 1 + draw(&state) % 5; turns; turns--)
            length = mutate(bytes, length, &inputs[draw(&state) % count], &state);
        run(bytes, length);
    }
    free(bytes);
}

int main(int argc, char **argv) {
    static struct input inputs[INPUTS_MAX];
    if (argc != 3) {
        fprintf(stderr, "usage: %s CORPUS MUTATIONS\n", argv[0]);
        return 2;
    }
    size_t count = load_corpus(argv[1], inputs);
    if (!count) {
        fprintf(stderr, "%s: no inputs\n", argv[1]);
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        run(inputs[i].bytes, inputs[i].length);
    run_mutations(inputs, count, strtol(argv[2], NULL, 10));
    for (size_t i = 0; i < count; i++)
        free(inputs[i].bytes);
    return 0;
}
