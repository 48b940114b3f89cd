#include "inputs.h"

#include "test.h"

struct choice inputs_choice(const struct registry *registry, const char *text) {
    struct choice choice;
    struct error err = {0};
    assert_ok(choice_parse(registry, text, (struct place){0}, &choice, &err), err);
    return choice;
}

void inputs_fill(float *values, size_t n, uint32_t state) {
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525U + 1013904223U;
        values[i] = ((float)(state >> 9) - 0x1p22F) * 0x1p-22F;
    }
}

struct csr inputs_csr(const float *values, size_t rows, size_t columns, struct arena *arena) {
    struct csr matrix = csr_create(rows, columns, rows * columns, arena);
    matrix.rows = rows;
    for (size_t i = 0, e = 0; i < rows * columns; i++) {
        if (values[i] != 0)
            matrix.entry[e++] = (struct csr_entry){(uint32_t)(i % columns), values[i]};
        matrix.start[i / columns + 1] = e;
    }
    return matrix;
}
