#include "nn/stack.h"

#include "nn/copy2d.h"
#include "nn/matrix.h"
#include "nn/stack_layout.h"

#include <stdio.h>
#include <string.h>

/* A block of a panel, of weights or of deltas, is read once for each sample or input. For lists it
 * has at most so many rows, which stay near the first-level cache: fewer would make the lists too
 * short, as for a narrow panel any would. */
enum { BLOCK_ROWS = 200 };

/* Floats that stay in the first-level cache: a block of a panel for dense inputs, or of gradients;
 * and the floats of any block at most. */
enum { CACHED_BLOCK = 6 << 10, BLOCK_MAX = 40 << 10 };

/* What one thread works on. */
struct stack_scratch {
    float *block;   /* rows of weights, or of gradients, of one panel */
    float *samples; /* [batch_max x lanes] of one panel: sums forward, deltas backward */
    size_t *cursor; /* [inputs] */
};

/* A product with all panels, as a job of a team: each panel in so many parts, ranges of the rows of
 * the product, which come in steps. No number depends on where they are cut. */
struct panels_job {
    const struct stack *stack;
    const struct minibatch *x;
    struct panel_factor factor;
    size_t rows, parts;
    size_t step;       /* inner indices of a block of lists, */
    const size_t *cut; /* and where they are cut (csr_cut); NULL: not at all */
    const struct stack_step *optimizer_step;
};

/* Blocks of lists over so many inner indices: no more than it takes for very long ones, whose lists
 * have few entries for their length. */
static size_t blocks_of(const struct stack *stack, size_t inner) {
    enum { MANY = 8 };
    const struct stack_panel *first = stack->panels;
    if (stack->panel_count == 1 && first->vectors <= PANEL_NARROW)
        return quotient_up(inner, BLOCK_MAX / first->lanes);
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
    stack->is_in_panels = false;
    for (size_t s = 0; s < count; s++) {
        stack->nets[s] = nets[s];
        stack->kernels[s] = nets[s]->layer[0].kernel;
        stack->gradients[s] = nets[s]->layer[0].kernel_gradient;
    }
    stack_cut(stack);
}

void stack_create(struct stack *stack, struct net *const *nets, size_t count, size_t batch_max,
                  size_t members, const struct panel_kernel *kernel, struct arena *arena) {
    size_t total = 0;
    for (size_t s = 0; s < count; s++)
        total += nets[s]->layer[0].units;
    kernel = kernel ? kernel : panel_kernel_for(total);
    size_t lanes = PANEL_VECTORS * kernel->lanes;
    *stack = (struct stack){.inputs = nets[0]->layer[0].inputs, .kernel = kernel};
    size_t panels = total / lanes + 1;
    stack->nets = arena_alloc(arena, count, sizeof *stack->nets);
    stack->kernels = arena_alloc(arena, count, sizeof *stack->kernels);
    stack->gradients = arena_alloc(arena, count, sizeof *stack->gradients);
    stack->panels = arena_alloc(arena, panels, sizeof *stack->panels);
    stack->pieces = arena_alloc(arena, count + panels, sizeof *stack->pieces);
    stack->scratch = arena_alloc(arena, members, sizeof *stack->scratch);
    stack->job = arena_alloc(arena, 1, sizeof *stack->job);
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

/* Where the values of row `input` of a panel stand in array number `array` of those laid out in
 * panels: 0 the kernels, then the optimizer's states. */
static float *laid_out(const struct stack *stack, const struct stack_panel *panel, size_t array,
                       size_t input) {
    return stack->laid_out + array * stack->laid_out_stride + stack->inputs * panel->first +
           input * panel->lanes;
}

void stack_reserve_panels(struct stack *stack, size_t states, struct arena *arena) {
    const struct stack_panel *last = &stack->panels[stack->panel_count - 1];
    stack->laid_out_stride = stack->inputs * (last->first + last->lanes);
    stack->laid_out = arena_alloc(arena, (1 + states) * stack->laid_out_stride, sizeof(float));
}

/* All values laid out, from the nets or back to them. */
static void copy_all(const struct stack *stack, float *const *states,
                     void (*copy)(const struct stack *stack, const struct stack_panel *panel,
                                  float *const *of, size_t array)) {
    struct arena scratch = {0};
    float **of = arena_alloc(&scratch, stack->count, sizeof *of);
    for (size_t array = 0; array <= stack->states; array++) {
        for (size_t s = 0; s < stack->count; s++)
            of[s] = array ? states[s] + (array - 1) * stack->nets[s]->parameter_count
                          : stack->kernels[s];
        for (size_t p = 0; p < stack->panel_count; p++)
            copy(stack, &stack->panels[p], of, array);
    }
    arena_close(&scratch);
}

static void load(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                 size_t array) {
    stack_load_rows(stack, panel, of, 0, stack->inputs, laid_out(stack, panel, array, 0));
}

static void store(const struct stack *stack, const struct stack_panel *panel, float *const *of,
                  size_t array) {
    stack_store_rows(stack, panel, of, 0, stack->inputs, laid_out(stack, panel, array, 0));
}

void stack_load_panels(struct stack *stack, size_t count, float *const *states) {
    stack->states = count;
    memset(stack->laid_out, 0, (1 + stack->states) * stack->laid_out_stride * sizeof(float));
    copy_all(stack, states, load);
    stack->is_in_panels = true;
}

void stack_write_back(const struct stack *stack, float *const *states) {
    copy_all(stack, states, store);
}

void stack_leave_panels(struct stack *stack) {
    stack->is_in_panels = false;
}

/* A product with lists. */
static void use_lists(struct panels_job *job, const struct stack *stack, const struct csr *lists) {
    size_t blocks = blocks_of(stack, lists->columns);
    job->step = quotient_up(lists->columns, blocks);
    job->factor = (struct panel_factor){
        .start = lists->start, .end = lists->start + 1, .entry = lists->entry};
    if (blocks > 1) {
        csr_cut(lists, job->step, stack->cut);
        job->cut = stack->cut;
    }
}

static size_t block_rows(const struct panels_job *job, const struct stack_panel *panel) {
    return job->x->dense ? CACHED_BLOCK / panel->lanes : job->step;
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

/* Where part `part` begins. */
static size_t part_begin(const struct panels_job *job, size_t part, size_t step) {
    size_t steps = quotient_up(job->rows, step);
    return least(steps * part / job->parts * step, job->rows);
}

/* Parts of a panel that give all members as much to do: panels differ in width, the parts of one do
 * not. */
static size_t equal_parts(size_t panels, size_t members) {
    size_t parts = 1;
    while (parts % members && (panels * parts % members || panels * parts < 2 * members))
        parts++;
    return parts;
}

/* Parts so small that members who begin with them at different times end at about the same. */
static size_t small_parts(size_t panels, size_t members) {
    enum { PIECES = 6 }; /* for each member */
    return members > 1 ? quotient_up(PIECES * members, panels) : 1;
}

static struct team_job team_job_of(struct panels_job *job, size_t parts, team_work *work) {
    enum { PART_ROWS = 16 }; /* fewer would not be worth loading the panel */
    size_t most = job->factor.is_csc ? 1 : quotient_up(job->rows, PART_ROWS);
    job->parts = least(parts, most);
    return (struct team_job){work, job, job->stack->panel_count * job->parts};
}

/* Outputs of samples `from` to `to`. */
static void multiply_inputs(const struct panels_job *job, const struct stack_scratch *scratch,
                            const struct stack_panel *panel, size_t from, size_t to) {
    const struct stack *stack = job->stack;
    size_t step = block_rows(job, panel);
    for (size_t i = 0, number = 0; i < stack->inputs; i += step, number++) {
        struct panel_block block = {from, to, i, least(i + step, stack->inputs)};
        struct panel_factor factor = factor_of_block(job, number);
        const float *weights = scratch->block;
        if (stack->is_in_panels)
            weights = laid_out(stack, panel, 0, i);
        else
            stack_load_rows(stack, panel, stack->kernels, i, block.inner_to, scratch->block);
        stack->kernel->multiply(&factor, block, panel->vectors, weights, scratch->samples, NULL);
    }
    stack_store_outputs(stack, panel, job->x->count, from, to, scratch->samples);
}

/* Rows of the product are samples, the inner index is the input. */
static void forward_part(void *context, size_t number, size_t member) {
    enum { STEP = 12 };         /* rows: the kernels take two, three or four at once */
    enum { CACHED_ROWS = 192 }; /* whose sums and dense inputs stay near the first-level cache */
    const struct panels_job *job = context;
    const struct stack *stack = job->stack;
    const struct stack_panel *panel = &stack->panels[number / job->parts];
    size_t part = number % job->parts;
    size_t from = part_begin(job, part, STEP), to = part_begin(job, part + 1, STEP);
    bool is_cut = job->x->dense && stack->is_in_panels; /* else blocks would be loaded again */
    size_t step = is_cut ? (size_t)CACHED_ROWS : to - from;
    for (; from < to; from += step)
        multiply_inputs(job, &stack->scratch[member], panel, from, least(from + step, to));
}

void stack_forward(struct stack *stack, const struct minibatch *x, struct team *team) {
    struct panels_job job = {.stack = stack, .x = x, .rows = x->count};
    job.factor = (struct panel_factor){.dense = x->dense, .row_stride = stack->inputs, .stride = 1};
    if (!x->dense)
        use_lists(&job, stack, x->rows);
    size_t parts = equal_parts(stack->panel_count, team_members(team));
    struct team_job all = team_job_of(&job, parts, forward_part);
    team_run_all(team, &all, 1);
}

/* Lists are sorted anew by input where that pays: for one narrow panel they are quicker to walk
 * over as they are. */
static bool wants_columns(const struct stack *stack) {
    enum { NARROW = 48 }; /* lanes */
    return stack->panel_count > 1 || stack->panels->lanes > NARROW;
}

/* The samples of an input are one vector after another where dense inputs are transposed: else each
 * is in another page. That pays where many panels go over them. */
static bool wants_turned(const struct stack *stack) {
    enum { FEW_PANELS = 3 };
    return stack->panel_count > FEW_PANELS;
}

bool stack_wants_transposed(const struct stack *stack, const struct minibatch *x) {
    return x->dense ? wants_turned(stack) : wants_columns(stack);
}

void stack_transpose(const struct stack *stack, const struct minibatch *x, size_t from, size_t to) {
    if (x->dense)
        copy2d_transposed(x->dense + from * stack->inputs, stack->inputs, to - from, stack->inputs,
                          x->turned + from, minibatch_stride(x->count));
    else
        csr_transpose(x->rows, x->columns);
}

static void use_transposed(struct panels_job *job, const struct stack *stack) {
    const struct minibatch *x = job->x;
    bool is_wanted = stack_wants_transposed(stack, x);
    if (is_wanted && !x->is_transposed)
        stack_transpose(stack, x, 0, x->count);
    if (x->dense && is_wanted)
        job->factor = (struct panel_factor){
            .dense = x->turned, .row_stride = minibatch_stride(x->count), .stride = 1};
    else if (x->dense)
        job->factor =
            (struct panel_factor){.dense = x->dense, .row_stride = 1, .stride = stack->inputs};
    else if (is_wanted)
        use_lists(job, stack, x->columns);
    else {
        job->step = x->count;
        job->factor = (struct panel_factor){.start = x->rows->start,
                                            .end = x->rows->start + 1,
                                            .entry = x->rows->entry,
                                            .is_csc = true};
    }
}

/* One block of a panel's gradients, into scratch->block. */
static void multiply_deltas(const struct panels_job *job, const struct stack_scratch *scratch,
                            const struct stack_panel *panel, struct panel_block block) {
    size_t count = job->x->count, step = block_rows(job, panel);
    for (size_t b = 0, number = 0; b < count; b += step, number++) {
        struct panel_factor factor = factor_of_block(job, number);
        block.inner_from = b;
        block.inner_to = least(b + step, count);
        job->stack->kernel->multiply(&factor, block, panel->vectors,
                                     scratch->samples + b * panel->lanes, scratch->block,
                                     scratch->cursor);
    }
}

/* Some rows of a panel's gradients are there: they move the kernels in the panel, or go to the
 * nets. */
static void finish_gradient(const struct panels_job *job, const struct stack_panel *panel,
                            struct panel_block block, const float *gradient) {
    const struct stack *stack = job->stack;
    const struct stack_step *step = job->optimizer_step;
    size_t from = block.row_from, to = block.row_to;
    if (!step || step->keeps_gradient)
        stack_store_rows(stack, panel, stack->gradients, from, to, gradient);
    if (step)
        step->optimizer->update(step->coefficients, true, (to - from) * panel->lanes,
                                laid_out(stack, panel, 0, from), gradient,
                                laid_out(stack, panel, 1, from), stack->laid_out_stride);
}

/* Rows of the product are inputs, the inner index is the sample. */
static void backward_part(void *context, size_t number, size_t member) {
    const struct panels_job *job = context;
    const struct stack *stack = job->stack;
    const struct stack_scratch *scratch = &stack->scratch[member];
    const struct stack_panel *panel = &stack->panels[number / job->parts];
    size_t floats = job->factor.is_csc ? BLOCK_MAX : CACHED_BLOCK;
    size_t part = number % job->parts, step = floats / panel->lanes;
    size_t from = part_begin(job, part, step), to = part_begin(job, part + 1, step);
    if (from < to)
        stack_load_deltas(stack, panel, job->x->count, scratch->samples);
    for (size_t i = from; i < to; i += step) {
        struct panel_block block = {.row_from = i, .row_to = least(i + step, to)};
        multiply_deltas(job, scratch, panel, block);
        finish_gradient(job, panel, block, scratch->block);
    }
}

static struct panels_job backward_job(const struct stack *stack, const struct minibatch *x) {
    struct panels_job job = {.stack = stack, .x = x, .rows = stack->inputs, .parts = 1};
    use_transposed(&job, stack);
    return job;
}

struct team_job stack_backward(struct stack *stack, const struct minibatch *x,
                               const struct stack_step *step, size_t members) {
    *stack->job = backward_job(stack, x);
    stack->job->optimizer_step = step;
    return team_job_of(stack->job, small_parts(stack->panel_count, members), backward_part);
}

void stack_backward_each(struct stack *stack, const struct minibatch *x,
                         void (*finish)(void *context, size_t s), void *context) {
    struct panels_job job = backward_job(stack, x);
    for (size_t p = 0; p < stack->panel_count; p++) {
        backward_part(&job, p, 0);
        for (size_t i = stack->panels[p].from; i < stack->panels[p].to; i++) {
            const struct stack_piece *piece = &stack->pieces[i];
            if (piece->unit + piece->count == stack_units(stack, piece->net))
                finish(context, piece->net);
        }
    }
}
