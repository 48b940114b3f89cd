/* A multilayer perceptron in double precision and plain loops, written from numerics.md: what
 * nets, stacks, losses and optimizers compute together must come near to it. */
#include "nn/initializer.h"
#include "nn/matrix.h"
#include "nn/optimizer.h"
#include "nn/stack.h"

#include <math.h>
#include <string.h>

#include "inputs.h"
#include "test.h"

enum { BATCH = 32, STEPS = 20, LAYERS_MAX = 3, WIDTH_LIMIT = 784, PARAMETERS_MAX = 17000 };

static const struct training {
    size_t layers;
    uint32_t width[LAYERS_MAX + 1];
    const char *activation, *loss, *optimizer;
    bool classes;
} trainings[] = {
    {3, {784, 20, 15, 10}, "relu", "cross_entropy", "sgd", true},
    {3, {784, 20, 15, 10}, "relu", "cross_entropy", "adam", true},
    {3, {784, 20, 15, 10}, "tanh", "mse", "adam", true},
    {2, {5, 7, 3}, "relu", "cross_entropy", "sgd(momentum=0.9)", true},
    {2, {5, 7, 3}, "tanh", "cross_entropy", "adam", true},
    {2, {5, 7, 3}, "sigmoid", "mse", "sgd(momentum=0.9, nesterov=true)", true},
    {2, {5, 7, 1}, "tanh", "mse", "adam", false},
    {3, {5, 7, 4, 1}, "relu", "mse", "sgd", false},
    {1, {20, 4}, "relu", "cross_entropy", "adam", true},
};
enum { TRAININGS = sizeof trainings / sizeof *trainings };

static const double learning_rate = 0.01;

/* Layer by layer, the kernel [inputs x units] and then the biases: as struct weights has them. */
struct mlp {
    const struct training *training;
    double parameters[PARAMETERS_MAX], gradient[PARAMETERS_MAX];
    double state[2][PARAMETERS_MAX];
    double output[LAYERS_MAX + 1][WIDTH_LIMIT], delta[LAYERS_MAX + 1][WIDTH_LIMIT];
};

static struct mlp mlp; /* too large for the stack */

static float inputs[BATCH * WIDTH_LIMIT], targets[BATCH];
static uint16_t labels[BATCH];

static size_t kernel_at(const struct training *training, size_t l) {
    size_t offset = 0;
    for (size_t i = 0; i < l; i++)
        offset += (size_t)training->width[i + 1] * (training->width[i] + 1);
    return offset;
}

static size_t bias_at(const struct training *training, size_t l) {
    return kernel_at(training, l) + (size_t)training->width[l] * training->width[l + 1];
}

static double activate(const char *name, double z) {
    if (strcmp(name, "relu") == 0)
        return z > 0 ? z : 0;
    if (strcmp(name, "tanh") == 0)
        return tanh(z);
    return 1 / (1 + exp(-z));
}

static double slope(const char *name, double a) {
    if (strcmp(name, "relu") == 0)
        return a > 0 ? 1 : 0;
    if (strcmp(name, "tanh") == 0)
        return 1 - a * a;
    return a * (1 - a);
}

static void forward(const float *x) {
    const struct training *training = mlp.training;
    for (size_t i = 0; i < training->width[0]; i++)
        mlp.output[0][i] = (double)x[i];
    for (size_t l = 0; l < training->layers; l++)
        for (size_t u = 0; u < training->width[l + 1]; u++) {
            const double *kernel = mlp.parameters + kernel_at(training, l) + u;
            double z = mlp.parameters[bias_at(training, l) + u];
            for (size_t i = 0; i < training->width[l]; i++)
                z += kernel[i * training->width[l + 1]] * mlp.output[l][i];
            bool hidden = l + 1 < training->layers;
            mlp.output[l + 1][u] = hidden ? activate(training->activation, z) : z;
        }
}

/* The loss of sample i; its gradient by the outputs goes to the last delta. */
static double lose(size_t i) {
    const struct training *training = mlp.training;
    size_t outputs = training->width[training->layers];
    const double *z = mlp.output[training->layers];
    double *delta = mlp.delta[training->layers], p[WIDTH_LIMIT], total = 0, sum = 0, mixed = 0;
    if (!training->classes) {
        delta[0] = 2 * (z[0] - (double)targets[i]);
        return delta[0] * delta[0] / 4;
    }
    for (size_t k = 0; k < outputs; k++)
        total += exp(z[k]);
    for (size_t k = 0; k < outputs; k++) {
        p[k] = exp(z[k]) / total;
        delta[k] = p[k] - (k == labels[i]);
        sum += delta[k] * delta[k];
        mixed += 2 * delta[k] * p[k] / (double)outputs;
    }
    if (strcmp(training->loss, "cross_entropy") == 0)
        return -log(p[labels[i]]);
    for (size_t k = 0; k < outputs; k++)
        delta[k] = p[k] * (2 * delta[k] / (double)outputs - mixed);
    return sum / (double)outputs;
}

static void backward(void) {
    const struct training *training = mlp.training;
    for (size_t l = training->layers; l-- > 0;) {
        size_t fan_in = training->width[l], units = training->width[l + 1];
        size_t kernel = kernel_at(training, l);
        memset(mlp.delta[l], 0, sizeof mlp.delta[l]);
        for (size_t u = 0; u < units; u++) {
            double delta = mlp.delta[l + 1][u];
            if (l + 1 < training->layers)
                delta *= slope(training->activation, mlp.output[l + 1][u]);
            mlp.gradient[bias_at(training, l) + u] += delta / BATCH;
            for (size_t i = 0; i < fan_in; i++) {
                mlp.gradient[kernel + i * units + u] += delta * mlp.output[l][i] / BATCH;
                mlp.delta[l][i] += delta * mlp.parameters[kernel + i * units + u];
            }
        }
    }
}

static void step_reference(const struct choice *optimizer, double t) {
    const double *a = optimizer->arguments;
    size_t n = kernel_at(mlp.training, mlp.training->layers);
    for (size_t i = 0; i < n; i++) {
        double g = mlp.gradient[i], *first = &mlp.state[0][i], *second = &mlp.state[1][i];
        if (strcmp(optimizer->entry->name, "sgd") == 0) {
            *first = a[0] * *first - learning_rate * g;
            mlp.parameters[i] += a[1] != 0 ? a[0] * *first - learning_rate * g : *first;
            continue;
        }
        *first = a[0] * *first + (1 - a[0]) * g;
        *second = a[1] * *second + (1 - a[1]) * g * g;
        mlp.parameters[i] -= learning_rate * sqrt(1 - pow(a[1], t)) / (1 - pow(a[0], t)) * *first /
                             (sqrt(*second) + a[2]);
    }
}

/* The mean loss of the batch before the step. */
static double train_reference(const struct choice *optimizer, double t) {
    double loss = 0;
    memset(mlp.gradient, 0, sizeof mlp.gradient);
    for (size_t i = 0; i < BATCH; i++) {
        forward(inputs + i * mlp.training->width[0]);
        loss += lose(i);
        backward();
    }
    step_reference(optimizer, t);
    return loss / BATCH;
}

/* One net in a stack, with its optimizer's state. */
struct trained {
    struct arena arena;
    struct stack stack;
    struct net net;
    struct choice optimizer;
    double carried;
    float *state, *scratch;
};

static void open_trained(struct trained *it, const struct training *training) {
    *it = (struct trained){0};
    struct net_shape shape = {.layers = training->layers,
                              .activation = choice_default(&activations, training->activation),
                              .loss = choice_default(&losses, training->loss)};
    memcpy(shape.width, training->width, (training->layers + 1) * sizeof *shape.width);
    it->optimizer = inputs_choice(&optimizers, training->optimizer);
    struct net *net = &it->net;
    net_create(net, &shape, BATCH, &it->arena);
    stack_create(&it->stack, &net, 1, BATCH, 1, panel_kernel_here(), &it->arena);
    size_t states = optimizer_of(&it->optimizer)->states;
    it->state = arena_alloc(&it->arena, states * net->parameter_count, sizeof(float));
    size_t of_a_sample = LOSS_SCRATCH + training->width[training->layers];
    it->scratch = arena_alloc(&it->arena, of_a_sample * BATCH, sizeof(float));
}

static float *kernel_of(const struct trained *it, size_t l) {
    return it->net.layer[l].kernel;
}

static float *biases_of(const struct trained *it, size_t l) {
    return it->net.layer[l].bias;
}

/* Both start with the same weights; biases other than 0, so that they count. */
static void start(struct trained *it, const struct training *training) {
    struct choice initializer = choice_default(&initializers, "glorot_uniform");
    memset(&mlp, 0, sizeof mlp);
    mlp.training = training;
    for (size_t l = 0; l < training->layers; l++) {
        size_t fan_in = training->width[l], units = training->width[l + 1];
        struct kernel_shape shape = {1, (uint32_t)l, training->width[l], training->width[l + 1]};
        initializer_of(&initializer)
            ->draw(initializer.arguments, &shape, &it->arena, kernel_of(it, l));
        for (size_t u = 0; u < units; u++)
            biases_of(it, l)[u] = (float)(u % 5) * 0.05F - 0.1F;
        for (size_t i = 0; i < units * fan_in; i++)
            mlp.parameters[kernel_at(training, l) + i] = (double)kernel_of(it, l)[i];
        for (size_t u = 0; u < units; u++)
            mlp.parameters[bias_at(training, l) + u] = (double)biases_of(it, l)[u];
    }
}

static double train(struct trained *it, uint64_t t) {
    const struct net_shape *shape = &it->net.shape;
    bool classes = mlp.training->classes;
    struct loss_target target = {shape->width[shape->layers], BATCH, classes ? labels : NULL,
                                 classes ? NULL : targets,    0,     it->scratch};
    struct loss_sums sums = {0};
    int32_t predicted[BATCH];
    struct minibatch minibatch = {.count = BATCH, .dense = inputs};
    stack_forward(&it->stack, &minibatch, NULL);
    const float *z = net_forward(&it->net, BATCH, &(struct net_training){0}, NULL);
    loss_measure(&shape->loss, &target, z, net_output_delta(&it->net), predicted, &sums);
    net_backward(&it->net, BATCH, NULL);
    net_kernel_gradients(&it->net, BATCH);
    struct team_job job = stack_backward(&it->stack, &minibatch, NULL, 1);
    team_run_all(NULL, &job, 1);
    const struct optimizer *optimizer = optimizer_of(&it->optimizer);
    struct optimizer_step step = {it->optimizer.arguments, learning_rate, t, &it->carried};
    float coefficients[OPTIMIZER_COEFFICIENTS] = {0};
    optimizer->prepare(&step, coefficients);
    optimizer->update(coefficients, true, it->net.parameter_count, it->net.parameters,
                      it->net.gradient, it->state, it->net.parameter_count);
    return sums.loss / BATCH;
}

/* Synthetic rows with classes that can be learned: a batch of its own for each step. */
static void make_batch(const struct training *training, size_t t) {
    size_t width = training->width[0], outputs = training->width[training->layers];
    for (size_t i = 0; i < BATCH; i++) {
        labels[i] = (uint16_t)((i * 7 + t) % outputs);
        targets[i] = 0;
        for (size_t j = 0; j < width; j++) {
            float noise = (float)((i * 7919 + j * 104729 + t * 1299709) % 1009) / 1009;
            float *x = &inputs[i * width + j];
            *x = noise * 0.5F + (j % outputs == labels[i] && training->classes ? 0.5F : 0.0F);
            targets[i] += *x * (j % 2 ? -1.0F : 1.0F);
        }
    }
}

/* The distance of n floats from n doubles, by the length of the latter. */
static double relative_distance(const float *got, const double *expected, size_t n) {
    double distance = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        distance += pow((double)got[i] - expected[i], 2);
        length += pow(expected[i], 2);
    }
    return sqrt(distance / length);
}

static const double tolerance = 1e-4;

static void assert_weights_are_near(const struct trained *it, size_t number) {
    const struct training *training = mlp.training;
    for (size_t l = 0; l < training->layers; l++) {
        size_t units = training->width[l + 1];
        double kernel = relative_distance(kernel_of(it, l), mlp.parameters + kernel_at(training, l),
                                          units * training->width[l]);
        double biases =
            relative_distance(biases_of(it, l), mlp.parameters + bias_at(training, l), units);
        if (!(kernel <= tolerance && biases <= tolerance))
            fail_msg("training %zu, layer %zu: off by %g and %g", number, l, kernel, biases);
    }
}

static void training_follows_the_double_precision_reference(void **state) {
    (void)state;
    for (size_t n = 0; n < TRAININGS; n++) {
        struct trained it;
        open_trained(&it, &trainings[n]);
        start(&it, &trainings[n]);
        for (size_t t = 1; t <= STEPS; t++) {
            make_batch(&trainings[n], t);
            double expected = train_reference(&it.optimizer, (double)t), got = train(&it, t);
            if (!(fabs(got - expected) <= tolerance * expected))
                fail_msg("training %zu, step %zu: loss %.9g, not %.9g", n, t, got, expected);
        }
        assert_weights_are_near(&it, n);
        arena_close(&it.arena);
    }
}

/* Else agreement of the two would tell little. */
static void training_lowers_the_loss(void **state) {
    (void)state;
    for (size_t n = 0; n < TRAININGS; n++) {
        struct trained it;
        open_trained(&it, &trainings[n]);
        start(&it, &trainings[n]);
        make_batch(&trainings[n], 1);
        double first = train(&it, 1), last = first;
        for (size_t t = 2; t <= STEPS; t++)
            last = train(&it, t);
        if (!(last < first))
            fail_msg("training %zu: loss went from %g to %g", n, first, last);
        arena_close(&it.arena);
    }
}

static int prepare(void **state) {
    (void)state;
    matrix_use_one_thread();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_follows_the_double_precision_reference),
        cmocka_unit_test(training_lowers_the_loss),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
