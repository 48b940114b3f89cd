#include "data/sparse.h"

bool dataset_is_sparse(const struct dataset *dataset) {
    return dataset->train.row_start != NULL;
}

/* As many rows as the longest, but not more than there are. */
static size_t entries_of(const struct data_part *part, size_t rows) {
    size_t longest = 0, all = part->rows ? part->row_start[part->rows] : 0;
    for (size_t r = 0; r < part->rows; r++) {
        size_t length = part->row_start[r + 1] - part->row_start[r];
        longest = length > longest ? length : longest;
    }
    return longest && rows < all / longest ? rows * longest : all;
}

size_t dataset_entries(const struct dataset *dataset, size_t rows) {
    const struct data_part *parts[] = {&dataset->train, &dataset->validation, &dataset->test};
    size_t most = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t entries = entries_of(parts[i], rows);
        most = entries > most ? entries : most;
    }
    return most;
}

static size_t count_lit(const uint8_t *pixels, size_t n) {
    size_t lit = 0;
    for (size_t i = 0; i < n; i++)
        lit += pixels[i] != 0;
    return lit;
}

/* Every pixel is written and only those that are not 0 are kept: a branch would be mispredicted at
 * each edge of a stroke. So there is room for one more. */
static void find_pixels(struct data_part *part, size_t inputs, struct arena *arena) {
    size_t lit = count_lit(part->pixels, part->rows * inputs), e = 0;
    size_t *start = arena_alloc(arena, part->rows + 1, sizeof *start);
    uint16_t *place = arena_alloc(arena, lit + 1, sizeof *place);
    uint8_t *shade = arena_alloc(arena, lit + 1, sizeof *shade);
    for (size_t r = 0; r < part->rows; r++) {
        const uint8_t *row = part->pixels + r * inputs;
        for (size_t i = 0; i < inputs; i++) {
            place[e] = (uint16_t)i;
            shade[e] = row[i];
            e += row[i] != 0;
        }
        start[r + 1] = e;
    }
    part->row_start = start;
    part->place = place;
    part->shade = shade;
}

void dataset_find_pixels(struct dataset *dataset, struct arena *arena) {
    const struct data_part *train = &dataset->train;
    size_t pixels = train->rows * dataset->inputs;
    if (!train->pixels || dataset->inputs > UINT16_MAX ||
        count_lit(train->pixels, pixels) > pixels / 4)
        return;
    find_pixels(&dataset->train, dataset->inputs, arena);
    find_pixels(&dataset->validation, dataset->inputs, arena);
    find_pixels(&dataset->test, dataset->inputs, arena);
}
