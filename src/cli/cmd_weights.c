/* `weights`: one trial's weights as a safetensors file, which is whole or not there. */
#include "base/stream.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "report/safetensors.h"
#include "report/table.h"
#include "trial/knob.h"

#include <string.h>

enum { TENSORS_A_LAYER = 5, NOTES = 7 };

/* `dense_2/kernel`: as Keras names the layers of a model. */
static const char *name_of(const char *layer, size_t number, const char *part,
                           struct arena *arena) {
    return number ? arena_printf(arena, "%s_%zu/%s", layer, number, part)
                  : arena_printf(arena, "%s/%s", layer, part);
}

/* The layers' arrays where a net of this shape has them. A normalized layer's bias is what is added
 * after the normalization, its beta. */
static size_t name_tensors(const struct net *net, struct arena *arena, struct tensor *tensors) {
    size_t n = 0;
    for (size_t l = 0; l < net->shape.layers; l++) {
        const struct net_layer *layer = &net->layer[l];
        const struct normalized *normalized = &layer->normalized;
        tensors[n++] = (struct tensor){name_of("dense", l, "kernel", arena), layer->inputs,
                                       layer->units, layer->kernel};
        if (!layer->normalization) {
            tensors[n++] =
                (struct tensor){name_of("dense", l, "bias", arena), 0, layer->units, layer->bias};
            continue;
        }
        const char *kind =
            arena_printf(arena, "%s_normalization", layer->normalization->entry.name);
        tensors[n++] =
            (struct tensor){name_of(kind, l, "gamma", arena), 0, layer->units, normalized->scale};
        tensors[n++] =
            (struct tensor){name_of(kind, l, "beta", arena), 0, layer->units, layer->bias};
        if (!layer->normalization->has_statistics)
            continue;
        tensors[n++] = (struct tensor){name_of(kind, l, "moving_mean", arena), 0, layer->units,
                                       normalized->statistics};
        tensors[n++] = (struct tensor){name_of(kind, l, "moving_variance", arena), 0, layer->units,
                                       normalized->statistics + layer->units};
    }
    return n;
}

/* A JSON text that a function writes. Owns: lives in the arena. */
static const char *json_of(const struct trained *trained, struct arena *arena,
                           void (*write)(const struct trained *trained, FILE *out)) {
    struct stream stream;
    write(trained, stream_open(&stream));
    return stream_text(&stream, arena);
}

static void write_knobs(const struct trained *trained, FILE *out) {
    const struct table *row = &trained->row;
    bool is_first = true;
    fputc('{', out);
    for (size_t c = 0; c < row->columns; c++) {
        size_t length = strlen(row->names[c]);
        bool is_argument = length > 10 && strcmp(row->names[c] + length - 10, "_arguments") == 0;
        if (!knob_find(row->names[c]) && !is_argument)
            continue;
        fprintf(out, "%s\"%s\":", is_first ? "" : ",", row->names[c]);
        if (is_argument && row->cells[c].type == SQL_TEXT)
            fputs(row->cells[c].text, out); /* JSON already */
        else
            table_json_value(&row->cells[c], out);
        is_first = false;
    }
    fputc('}', out);
}

static void write_classes(const struct trained *trained, FILE *out) {
    fputc('[', out);
    for (size_t c = 0; c < trained->classes; c++) {
        fputs(c ? "," : "", out);
        text_write_json(trained->class_names[c], out);
    }
    fputc(']', out);
}

static void write_floats(const float *values, size_t count, FILE *out) {
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%.9g", i ? "," : "[", (double)values[i]);
    fputc(']', out);
}

/* input = (raw - shift) * factor */
static void write_scale(const struct trained *trained, FILE *out) {
    const struct scale *scale = &trained->scale;
    if (!scale->shifts) {
        fprintf(out, "{\"shift\":0,\"factor\":%.9g}", (double)scale->factor);
        return;
    }
    fputs("{\"shift\":", out);
    write_floats(scale->shifts, trained->shape.width[0], out);
    fputs(",\"factor\":", out);
    write_floats(scale->factors, trained->shape.width[0], out);
    fputc('}', out);
}

static void write_target_scale(const struct trained *trained, FILE *out) {
    fprintf(out, "{\"mean\":%.17g,\"deviation\":%.17g}", trained->target_scale.mean,
            trained->target_scale.deviation);
}

static bool run(const struct invocation *in, struct error *err) {
    const char *path = option_value(in, "output");
    struct query_database *database = NULL;
    struct trained trained;
    struct arena *arena = in->arena;
    enum kept kept;
    if (!path || !*path)
        return error_set(err, ERROR_USAGE, "weights: -o FILE is missing");
    if (!kept_option(in, &kept, err))
        return false;
    bool ok = query_open(option_database(in), &database, err) &&
              trained_load(database, in->arguments[0], kept, arena, &trained, err);
    query_close(database);
    if (!ok)
        return false;
    struct net net;
    net_create(&net, &trained.shape, 1, arena);
    memcpy(net.parameters, trained.weights, net.weight_count * sizeof *net.parameters);
    struct tensor tensors[NET_LAYERS_MAX * TENSORS_A_LAYER];
    size_t count = name_tensors(&net, arena, tensors), notes = 5;
    struct tensor_note note[NOTES] = {{"format", "mlpsweep"},
                                      {"trial", sql_text_or_empty(&trained.row.cells[0])},
                                      {"weights", trained.which},
                                      {"knobs", json_of(&trained, arena, write_knobs)},
                                      {"classes", json_of(&trained, arena, write_classes)}};
    if (trained.has_scale) {
        note[notes++] = (struct tensor_note){"scale", json_of(&trained, arena, write_scale)};
        note[notes++] =
            (struct tensor_note){"target_scale", json_of(&trained, arena, write_target_scale)};
    }
    return safetensors_write(path, tensors, count, note, notes, err);
}

const struct command command_weights = {
    .name = "weights",
    .arguments = "TRIAL",
    .help = "writes one trial's weights as a safetensors file",
    .details =
        "TRIAL is its id, or the beginning of one if no other begins so. Arrays are named as "
        "Keras names them; the file's metadata are the knobs, the classes and the scale: "
        "input = (raw - shift) * factor.",
    .example = "mlpsweep weights e35e9c35 -o notebook.safetensors",
    .least = 1,
    .most = 1,
    .options = {OPTION_DB,
                {"output", 'o', "FILE", "the file that is written"},
                {"best", 0, NULL, "the weights of the best epoch (default where they were kept)"},
                {"last", 0, NULL, "the weights after the last epoch"}},
    .run = run,
};
