#include "data/nonzero.h"

#include <string.h>

static const size_t *row_starts(const struct data_part *part) {
    return part->pixels ? part->nonzero.start : part->csr.start;
}

bool dataset_has_csr(const struct dataset *dataset) {
    return row_starts(&dataset->train) != NULL;
}

static size_t entries_of(const struct data_part *part, size_t rows) {
    const size_t *start = row_starts(part);
    size_t longest = 0, all = part->rows ? start[part->rows] : 0;
    for (size_t r = 0; r < part->rows; r++) {
        size_t length = start[r + 1] - start[r];
        longest = length > longest ? length : longest;
    }
    return longest && rows < all / longest ? rows * longest : all;
}

size_t dataset_csr_entries(const struct dataset *dataset, size_t rows) {
    const struct data_part *parts[] = {&dataset->train, &dataset->validation, &dataset->test};
    size_t most = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t entries = entries_of(parts[i], rows);
        most = entries > most ? entries : most;
    }
    return most;
}

static size_t count_nonzero(const uint8_t *pixels, size_t n) {
    size_t nonzero = 0;
    for (size_t i = 0; i < n; i++)
        nonzero += pixels[i] != 0;
    return nonzero;
}

/* Black groups are passed over. The others are taken without a branch, which would be mispredicted
 * at each edge of a stroke: every pixel is written, and the place to write moves on only where it
 * is not 0: the arrays have room for one more, and for batch_csr to read whole vectors. */
static void find_nonzero(struct data_part *part, size_t inputs, struct arena *arena) {
    size_t entries = count_nonzero(part->pixels, part->rows * inputs), e = 0;
    size_t *start = arena_alloc(arena, part->rows + 1, sizeof *start);
    uint16_t *column = arena_alloc(arena, entries + CSR_SPARE, sizeof *column);
    uint8_t *value = arena_alloc(arena, entries + CSR_SPARE, sizeof *value);
    for (size_t r = 0; r < part->rows; r++) {
        const uint8_t *row = part->pixels + r * inputs;
        for (size_t i = 0, end; i < inputs; i = end) {
            uint64_t group = 1;
            end = i + sizeof group;
            if (end <= inputs)
                memcpy(&group, row + i, sizeof group);
            else
                end = inputs;
            if (!group)
                continue;
            for (size_t j = i; j < end; j++) {
                column[e] = (uint16_t)j;
                value[e] = row[j];
                e += row[j] != 0;
            }
        }
        start[r + 1] = e;
    }
    part->nonzero = (struct pixel_csr){start, column, value};
}

void dataset_find_nonzero(struct dataset *dataset, struct arena *arena) {
    const struct data_part *train = &dataset->train;
    size_t pixels = train->rows * dataset->inputs;
    if (!train->pixels || dataset->inputs > UINT16_MAX ||
        count_nonzero(train->pixels, pixels) > pixels / 4)
        return;
    find_nonzero(&dataset->train, dataset->inputs, arena);
    find_nonzero(&dataset->validation, dataset->inputs, arena);
    find_nonzero(&dataset->test, dataset->inputs, arena);
}
