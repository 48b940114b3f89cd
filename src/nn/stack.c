#include "nn/stack.h"

#include "nn/copy2d.h"
#include "nn/matrix.h"

#include <stdio.h>

/* A block of a panel, of weights or of deltas, is read once for each sample or input. For lists it
 * has at most so many rows, which stay near the first-level cache: fewer would make the lists too
 * short, as for a narrow panel any would. */
enum { BLOCK_ROWS = 152 };

/* Floats that stay in the first-level cache: a block of a panel for dense inputs, or of gradients;
 * and the floats of any block at most. */
enum { CACHED_BLOCK = 6 << 10, BLOCK_MAX = 40 << 10 };

/* Units `unit` to `unit + count` of a net, in one panel from lane `lane` on. */
struct stack_piece {
    size_t panel, net, unit, count, lane;
};

/* What one thread works on. */
struct stack_scratch {
    float *block;   /* rows of weights, or of gradients, of one panel */
    float *samples; /* [batch_max x lanes] of one panel: sums forward, deltas backward */
    size_t *cursor; /* [inputs] */
};

/* Pieces `from` to `to` make a panel. */
struct panel {
    size_t from, to, vectors, lanes;
};

static size_t units(const struct stack *stack, size_t s) {
    return stack->nets[s]->layer[0].units;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t quotient_up(size_t a, size_t b) {
    return (a + b - 1) / b;
}

/* As few panels as it takes, all of about the same width. */
static void cut_panels(struct stack *stack) {
    size_t total = 0, unit = 0, at = 0;
    for (size_t s = 0; s < stack->count; s++)
        total += units(stack, s);
    size_t lanes = stack->kernel->lanes, vectors = quotient_up(total, lanes);
    size_t panels = quotient_up(vectors, PANEL_VECTORS);
    stack->piece_count = 0;
    for (size_t p = 0, s = 0; p < panels; p++) {
        size_t begin = at, end = least(total, vectors * (p + 1) / panels * lanes);
        while (at < end) {
            size_t count = least(units(stack, s) - unit, end - at);
            stack->pieces[stack->piece_count++] =
                (struct stack_piece){p, s, unit, count, at - begin};
            at += count;
            unit += count;
            if (unit == units(stack, s)) {
                s++;
                unit = 0;
            }
        }
    }
}

/* The panel that begins with piece `from`. */
static struct panel panel_from(const struct stack *stack, size_t from) {
    size_t to = from, lanes = stack->kernel->lanes;
    while (to < stack->piece_count && stack->pieces[to].panel == stack->pieces[from].panel)
        to++;
    size_t last = stack->pieces[to - 1].lane + stack->pieces[to - 1].count;
    size_t vectors = quotient_up(last, lanes);
    return (struct panel){from, to, vectors, vectors * lanes};
}

static bool is_one_panel(const struct stack *stack) {
    return stack->pieces[stack->piece_count - 1].panel == 0;
}

/* Blocks of lists over so many inner indices: no more than it takes for very long ones, whose lists
 * have few entries for their length. */
static size_t blocks_of(const struct stack *stack, size_t inner) {
    enum { MANY = 8 };
    struct panel first = panel_from(stack, 0);
    if (is_one_panel(stack) && first.vectors <= PANEL_NARROW)
        return quotient_up(inner, BLOCK_MAX / first.lanes);
    size_t usual = quotient_up(inner, BLOCK_ROWS);
    size_t fewest = quotient_up(inner, BLOCK_MAX / (PANEL_VECTORS * stack->kernel->lanes));
    return least(usual, fewest > MANY ? fewest : MANY);
}

const char *stack_core(char out[STACK_CORE_MAX]) {
    snprintf(out, STACK_CORE_MAX, "%s%s", matrix_core(),
             panel_kernel_here()->is_fused ? "" : " unfused");
    return out;
}

void stack_arrange(struct stack *stack, struct net *const *nets, size_t count) {
    stack->count = count;
    for (size_t s = 0; s < count; s++)
        stack->nets[s] = nets[s];
    cut_panels(stack);
}

void stack_create(struct stack *stack, struct net *const *nets, size_t count, size_t batch_max,
                  size_t members, const struct panel_kernel *kernel, struct arena *arena) {
    size_t total = 0;
    for (size_t s = 0; s < count; s++)
        total += nets[s]->layer[0].units;
    kernel = kernel ? kernel : panel_kernel_for(total);
    size_t lanes = PANEL_VECTORS * kernel->lanes;
    *stack = (struct stack){
        .inputs = nets[0]->layer[0].inputs, .batch_max = batch_max, .kernel = kernel};
    stack->nets = arena_alloc(arena, count, sizeof *stack->nets);
    stack->pieces = arena_alloc(arena, count + total / kernel->lanes + 1, sizeof *stack->pieces);
    stack->scratch = arena_alloc(arena, members, sizeof *stack->scratch);
    for (size_t i = 0; i < members; i++) {
        struct stack_scratch *scratch = &stack->scratch[i];
        scratch->block = arena_alloc(arena, BLOCK_MAX, sizeof(float));
        scratch->samples = arena_alloc(arena, batch_max * lanes, sizeof(float));
        scratch->cursor = arena_alloc(arena, stack->inputs, sizeof *scratch->cursor);
    }
    stack_arrange(stack, nets, count);
    size_t forward = (blocks_of(stack, stack->inputs) + 1) * batch_max;
    size_t backward = (blocks_of(stack, batch_max) + 1) * stack->inputs;
    stack->cut = arena_alloc(arena, forward > backward ? forward : backward, sizeof *stack->cut);
}

/* The first kernel of a net is [inputs x units]: row by row, its units go to their lanes. */
static void load_weights(const struct stack *stack, struct panel panel, size_t from, size_t to,
                         float *block) {
    for (size_t i = panel.from; i < panel.to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        size_t width = units(stack, piece->net);
        copy2d(stack->nets[piece->net]->layer[0].kernel + from * width + piece->unit, width,
               block + piece->lane, panel.lanes, to - from, piece->count);
    }
}

static void store_gradient(const struct stack *stack, struct panel panel, size_t from, size_t to,
                           const float *block) {
    for (size_t i = panel.from; i < panel.to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        size_t width = units(stack, piece->net);
        copy2d(block + piece->lane, panel.lanes,
               stack->nets[piece->net]->layer[0].kernel_gradient + from * width + piece->unit,
               width, to - from, piece->count);
    }
}

/* Of samples `from` to `to`. */
static void store_outputs(const struct stack *stack, struct panel panel, size_t batch, size_t from,
                          size_t to, const float *samples) {
    for (size_t i = panel.from; i < panel.to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        copy2d_transposed(samples + piece->lane, panel.lanes, to - from, piece->count,
                          stack->nets[piece->net]->layer[0].output + piece->unit * batch + from,
                          batch);
    }
}

static void load_deltas(const struct stack *stack, struct panel panel, size_t batch,
                        float *samples) {
    for (size_t i = panel.from; i < panel.to; i++) {
        const struct stack_piece *piece = &stack->pieces[i];
        copy2d_transposed(stack->nets[piece->net]->layer[0].delta + piece->unit * batch, batch,
                          piece->count, batch, samples + piece->lane, panel.lanes);
    }
}

/* A product with all panels, as a job of a team: each panel in so many parts, ranges of the rows of
 * the product, which come in steps. No number depends on where they are cut. */
struct panels_job {
    const struct stack *stack;
    const struct minibatch *x;
    struct panel_factor factor;
    size_t rows, parts;
    size_t step;       /* inner indices of a block of lists, */
    const size_t *cut; /* and where they are cut (csr_cut); NULL: not at all */
};

/* A product with lists. */
static void use_lists(struct panels_job *job, const struct stack *stack, const struct csr *lists) {
    size_t blocks = blocks_of(stack, lists->columns);
    job->step = quotient_up(lists->columns, blocks);
    job->factor = (struct panel_factor){.start = lists->start,
                                        .end = lists->start + 1,
                                        .index = lists->column,
                                        .value = lists->value};
    if (blocks > 1) {
        csr_cut(lists, job->step, stack->cut);
        job->cut = stack->cut;
    }
}

static size_t block_rows(const struct panels_job *job, struct panel panel) {
    return job->x->dense ? CACHED_BLOCK / panel.lanes : job->step;
}

/* The factor for block number `block` of the inner indices. */
static struct panel_factor factor_of_block(const struct panels_job *job, size_t block) {
    struct panel_factor factor = job->factor;
    if (job->cut) {
        factor.start = job->cut + block * job->rows;
        factor.end = factor.start + job->rows;
    }
    return factor;
}

static struct panel panel_number(const struct stack *stack, size_t number) {
    struct panel panel = panel_from(stack, 0);
    for (; number; number--)
        panel = panel_from(stack, panel.to);
    return panel;
}

/* Where part `part` begins. */
static size_t part_begin(const struct panels_job *job, size_t part, size_t step) {
    size_t steps = quotient_up(job->rows, step);
    return least(steps * part / job->parts * step, job->rows);
}

/* Parts of a panel that give all members as much to do: panels differ in width, the parts of one do
 * not. */
static size_t parts_for(size_t panels, size_t members) {
    size_t parts = 1;
    while (parts % members && (panels * parts % members || panels * parts < 2 * members))
        parts++;
    return parts;
}

static void run_panels(struct panels_job *job, struct team *team, team_work *work) {
    enum { PART_ROWS = 16 }; /* fewer would not be worth loading the panel */
    const struct stack *stack = job->stack;
    size_t panels = stack->piece_count ? stack->pieces[stack->piece_count - 1].panel + 1 : 0;
    size_t most = job->factor.is_csc ? 1 : quotient_up(job->rows, PART_ROWS);
    job->parts = least(parts_for(panels, team_members(team)), most);
    team_run(team, panels * job->parts, work, job);
}

/* Rows of the product are samples, the inner index is the input. */
static void forward_part(void *context, size_t number, size_t member) {
    enum { STEP = 12 }; /* rows: the kernels take two, three or four at once */
    const struct panels_job *job = context;
    const struct stack *stack = job->stack;
    const struct stack_scratch *scratch = &stack->scratch[member];
    struct panel panel = panel_number(stack, number / job->parts);
    size_t part = number % job->parts, step = block_rows(job, panel);
    size_t from = part_begin(job, part, STEP), to = part_begin(job, part + 1, STEP);
    for (size_t i = 0; i < stack->inputs && from < to; i += step) {
        struct panel_block block = {from, to, i, least(i + step, stack->inputs)};
        struct panel_factor factor = factor_of_block(job, i / step);
        load_weights(stack, panel, block.inner_from, block.inner_to, scratch->block);
        stack->kernel->multiply(&factor, block, panel.vectors, scratch->block, scratch->samples,
                                NULL);
    }
    store_outputs(stack, panel, job->x->count, from, to, scratch->samples);
}

void stack_forward(struct stack *stack, const struct minibatch *x, struct team *team) {
    struct panels_job job = {.stack = stack, .x = x, .rows = x->count};
    job.factor = (struct panel_factor){.dense = x->dense, .row_stride = stack->inputs, .stride = 1};
    if (!x->dense)
        use_lists(&job, stack, x->rows);
    run_panels(&job, team, forward_part);
}

/* Lists are sorted anew by input where that pays: for one narrow panel they are quicker to walk
 * over as they are. */
static bool wants_columns(const struct stack *stack) {
    enum { NARROW = 48 }; /* lanes */
    return !is_one_panel(stack) || panel_from(stack, 0).lanes > NARROW;
}

void stack_transpose(const struct stack *stack, struct minibatch *x) {
    x->is_transposed = !x->dense && wants_columns(stack);
    if (x->is_transposed)
        csr_transpose(x->rows, x->columns);
}

static void use_transposed(struct panels_job *job, const struct stack *stack) {
    const struct minibatch *x = job->x;
    if (x->dense)
        job->factor =
            (struct panel_factor){.dense = x->dense, .row_stride = 1, .stride = stack->inputs};
    else if (wants_columns(stack)) {
        if (!x->is_transposed)
            csr_transpose(x->rows, x->columns);
        use_lists(job, stack, x->columns);
    } else {
        job->step = x->count;
        job->factor = (struct panel_factor){.start = x->rows->start,
                                            .end = x->rows->start + 1,
                                            .index = x->rows->column,
                                            .value = x->rows->value,
                                            .is_csc = true};
    }
}

/* One block of a panel's gradients, into scratch->block. */
static void multiply_deltas(const struct panels_job *job, const struct stack_scratch *scratch,
                            struct panel panel, struct panel_block block) {
    size_t count = job->x->count, step = block_rows(job, panel);
    for (size_t b = 0; b < count; b += step) {
        struct panel_factor factor = factor_of_block(job, b / step);
        block.inner_from = b;
        block.inner_to = least(b + step, count);
        job->stack->kernel->multiply(&factor, block, panel.vectors,
                                     scratch->samples + b * panel.lanes, scratch->block,
                                     scratch->cursor);
    }
}

/* Rows of the product are inputs, the inner index is the sample. */
static void backward_part(void *context, size_t number, size_t member) {
    const struct panels_job *job = context;
    const struct stack *stack = job->stack;
    const struct stack_scratch *scratch = &stack->scratch[member];
    struct panel panel = panel_number(stack, number / job->parts);
    size_t floats = job->factor.is_csc ? BLOCK_MAX : CACHED_BLOCK;
    size_t part = number % job->parts, step = floats / panel.lanes;
    size_t from = part_begin(job, part, step), to = part_begin(job, part + 1, step);
    if (from < to)
        load_deltas(stack, panel, job->x->count, scratch->samples);
    for (size_t i = from; i < to; i += step) {
        struct panel_block block = {.row_from = i, .row_to = least(i + step, to)};
        multiply_deltas(job, scratch, panel, block);
        store_gradient(stack, panel, i, block.row_to, scratch->block);
    }
}

static struct panels_job backward_job(const struct stack *stack, const struct minibatch *x) {
    struct panels_job job = {.stack = stack, .x = x, .rows = stack->inputs, .parts = 1};
    use_transposed(&job, stack);
    return job;
}

void stack_backward(struct stack *stack, const struct minibatch *x, struct team *team) {
    struct panels_job job = backward_job(stack, x);
    run_panels(&job, team, backward_part);
}

void stack_backward_each(struct stack *stack, const struct minibatch *x,
                         void (*finish)(void *context, size_t s), void *context) {
    struct panels_job job = backward_job(stack, x);
    for (size_t i = 0, number = 0; i < stack->piece_count; number++) {
        struct panel panel = panel_from(stack, i);
        backward_part(&job, number, 0);
        for (; i < panel.to; i++) {
            const struct stack_piece *piece = &stack->pieces[i];
            if (piece->unit + piece->count == units(stack, piece->net))
                finish(context, piece->net);
        }
    }
}
