#include "nn/stack_layout.h"

#include "nn/copy2d.h"

#include <string.h>

void stack_cut(struct stack *stack) {
    size_t total = 0;
    for (size_t s = 0; s < stack->count; s++)
        total += stack_units(stack, s);
    stack->panel_count = panel_count(stack->kernel, total);
    struct stack_piece *piece = stack->pieces;
    for (size_t p = 0, at = 0, s = 0, unit = 0; p < stack->panel_count; p++) {
        struct panel_columns columns = panel_at(stack->kernel, total, stack->panel_count, p);
        struct stack_panel *panel = &stack->panels[p];
        *panel = (struct stack_panel){.from = (size_t)(piece - stack->pieces),
                                      .first = columns.from,
                                      .vectors = columns.vectors,
                                      .lanes = columns.lanes};
        while (at < columns.to) {
            size_t count = least(stack_units(stack, s) - unit, columns.to - at);
            *piece++ = (struct stack_piece){s, unit, count, at - panel->first};
            at += count;
            unit += count;
            if (unit == stack_units(stack, s)) {
                s++;
                unit = 0;
            }
        }
        panel->to = (size_t)(piece - stack->pieces);
    }
}

void stack_load_rows(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                     size_t from, size_t to, float *block) {
    for (size_t i = panel->from; i < panel->to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        size_t width = stack_units(stack, piece->net);
        copy2d(of[piece->net] + from * width + piece->unit, width, block + piece->lane,
               panel->lanes, to - from, piece->count);
    }
}

void stack_store_rows(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                      size_t from, size_t to, const float *block) {
    for (size_t i = panel->from; i < panel->to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        size_t width = stack_units(stack, piece->net);
        copy2d(block + piece->lane, panel->lanes, of[piece->net] + from * width + piece->unit,
               width, to - from, piece->count);
    }
}

void stack_store_outputs(const struct stack *stack, const struct stack_panel *panel, size_t batch,
                         size_t from, size_t to, const float *samples) {
    for (size_t i = panel->from; i < panel->to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        copy2d_transposed(samples + piece->lane, panel->lanes, to - from, piece->count,
                          stack->nets[piece->net]->layer[0].output + piece->unit * batch + from,
                          batch);
    }
}

/* Lanes behind the last unit are 0, or what other panels left there would run on. */
static void clear_unused(const struct stack *stack, const struct stack_panel *panel, size_t batch,
                         float *samples) {
    const struct stack_piece *last = &stack->pieces[panel->to - 1];
    size_t used = last->lane + last->count;
    for (size_t r = 0; r < batch && used < panel->lanes; r++)
        memset(samples + r * panel->lanes + used, 0, (panel->lanes - used) * sizeof *samples);
}

void stack_load_deltas(const struct stack *stack, const struct stack_panel *panel, size_t batch,
                       float *samples) {
    for (size_t i = panel->from; i < panel->to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        copy2d_transposed(stack->nets[piece->net]->layer[0].delta + piece->unit * batch, batch,
                          piece->count, batch, samples + piece->lane, panel->lanes);
    }
    clear_unused(stack, panel, batch, samples);
}
