#include "plan/file_schema.h"

#include "base/text.h"
#include "plan/dataset_decl.h"
#include "plan/experiment.h"

#include <string.h>

/* Numbers as the text of a call may have them, in a regular expression that stands in JSON. */
#define NUMBER "[-+]?[0-9.][0-9a-fA-FxoeE.+-]*"
#define LIST_FUNCTION "^ *(range|linspace|logspace|uniform|loguniform) *\\\\(.*\\\\) *$"

static void write_number(double number, FILE *out) {
    char text[TEXT_NUMBER_MAX];
    fputs(text_from_number(number, text), out);
}

static void write_range(double least, bool above, double most, bool below, FILE *out) {
    fprintf(out, ", \"%s\": ", above ? "exclusiveMinimum" : "minimum");
    write_number(least, out);
    fprintf(out, ", \"%s\": ", below ? "exclusiveMaximum" : "maximum");
    write_number(most, out);
}

/* `, {"const": NAME, "description": HELP}` */
static void write_constant(const char *name, const char *help, FILE *out) {
    fputs(", {\"const\": ", out);
    text_write_json(name, out);
    fputs(", \"description\": ", out);
    text_write_json(help, out);
    fputc('}', out);
}

/* `name=value` of one argument, as a regular expression in JSON. */
static void write_argument_pattern(const struct argument *argument, FILE *out) {
    fprintf(out, "%s *= *(", argument->name);
    if (argument->type == ARGUMENT_FLAG)
        fputs("true|false", out);
    else if (argument->type == ARGUMENT_WORD)
        for (size_t i = 0; argument->words[i]; i++)
            fprintf(out, "%s%s", i ? "|" : "", argument->words[i]);
    else
        fputs(NUMBER, out);
    fputc(')', out);
}

static void write_arguments_pattern(const struct entry *row, FILE *out) {
    fputc('(', out);
    for (size_t a = 0; a < ARGUMENTS_MAX && row->arguments[a].name; a++) {
        fputs(a ? "|" : "", out);
        write_argument_pattern(&row->arguments[a], out);
    }
    fputc(')', out);
}

/* A row by its bare name, and as a call. In a flow list YAML tears a call at its commas, so that
 * its pieces count, too. */
static void write_row(const struct entry *row, bool in_list, FILE *out) {
    write_constant(row->name, row->help, out);
    fprintf(out, ", {\"type\": \"string\", \"pattern\": \"^%s *\\\\( *(", row->name);
    if (row->arguments[0].name) {
        write_arguments_pattern(row, out);
        fputs("( *, *", out);
        write_arguments_pattern(row, out);
        fputs(")*", out);
    }
    fputs(in_list && row->arguments[0].name ? ")? *\\\\)?$\"}" : ")? *\\\\)$\"}", out);
    if (!in_list || !row->arguments[0].name)
        return;
    fputs(", {\"type\": \"string\", \"pattern\": \"^", out);
    write_arguments_pattern(row, out);
    fputs(" *\\\\)?$\"}", out);
}

static void write_rows(const struct registry *registry, bool in_list, FILE *out) {
    const struct entry *row;
    for (size_t i = 0; registry && (row = registry_row(registry, i)); i++)
        write_row(row, in_list, out);
}

static void write_datasets(const struct knob *knob, bool in_list, FILE *out) {
    const struct data_source *source;
    for (size_t i = 0; (source = data_builtin(i)); i++)
        write_constant(source->name, source->help, out);
    write_rows(knob->rows, in_list, out);
    fputs(", {\"type\": \"string\", \"pattern\": \"^[a-z0-9][a-z0-9_-]{0,63}$\"}", out);
}

static void write_topology_text(FILE *out) {
    fputs(", {\"type\": \"string\", \"pattern\": "
          "\"^(none|[0-9]+(x[0-9]+)?(-[0-9]+(x[0-9]+)?)*)$\"}",
          out);
}

static void write_topology(FILE *out) {
    fprintf(out,
            ", {\"type\": \"array\", \"maxItems\": %d, \"items\": {\"anyOf\": [{\"type\": "
            "\"integer\", \"minimum\": 1, \"maximum\": %d}, {\"type\": \"string\", \"pattern\": "
            "\"^[0-9]+x[0-9]+$\"}]}}",
            HIDDEN_LAYERS_MAX, WIDTH_MAX);
    write_topology_text(out);
}

/* The alternatives for one value, each with a comma in front. */
static void write_alternatives(const struct knob *knob, bool in_list, FILE *out) {
    if (knob->automatic)
        write_constant(knob->automatic, "decided by other settings", out);
    switch (knob->type) {
    case KNOB_WHOLE:
    case KNOB_NUMBER:
        fprintf(out, ", {\"type\": \"%s\"", knob->type == KNOB_WHOLE ? "integer" : "number");
        write_range(knob->minimum, knob->above_minimum, knob->maximum, knob->below_maximum, out);
        fputc('}', out);
        break;
    case KNOB_CHOICE:
        write_rows(knob->rows, in_list, out);
        break;
    case KNOB_TOPOLOGY:
        write_topology(out);
        break;
    case KNOB_DATASET:
        write_datasets(knob, in_list, out);
        break;
    }
}

static void write_description(const struct knob *knob, FILE *out) {
    fputs("\"description\": ", out);
    text_write_json(knob->help, out);
    if (knob->fallback) {
        fputs(", \"default\": ", out);
        bool is_text =
            knob->type != KNOB_WHOLE && knob->type != KNOB_NUMBER && knob->type != KNOB_TOPOLOGY;
        is_text |= knob->automatic && strcmp(knob->fallback, knob->automatic) == 0;
        if (is_text)
            text_write_json(knob->fallback, out);
        else
            fputs(knob->fallback, out);
    }
}

/* "anyOf" of alternatives that come with a comma in front; nothing matches `false`. */
static void open_alternatives(FILE *out) {
    fputs("\"anyOf\": [false", out);
}

static void write_values(const struct knob *knob, FILE *out) {
    fprintf(out, "    \"value.%s\": {", knob->name);
    write_description(knob, out);
    fputs(", ", out);
    open_alternatives(out);
    write_alternatives(knob, false, out);
    fprintf(out, "]},\n    \"axis.%s\": {", knob->name);
    write_description(knob, out);
    fputs(", ", out);
    open_alternatives(out);
    if (knob->type == KNOB_TOPOLOGY)
        write_topology_text(out); /* a list is one of topologies here */
    else
        fprintf(out, ", {\"$ref\": \"#/$defs/value.%s\"}", knob->name);
    if (knob->role != KNOB_OF_MEASURE) {
        fputs(", {\"type\": \"array\", \"minItems\": 1, \"items\": {", out);
        open_alternatives(out);
        write_alternatives(knob, true, out);
        fputs("]}}", out);
    }
    if (knob->type == KNOB_WHOLE || knob->type == KNOB_NUMBER)
        fputs(", {\"type\": \"string\", \"pattern\": \"" LIST_FUNCTION "\"}", out);
    if (knob->type == KNOB_TOPOLOGY)
        fputs(", {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"width\", "
              "\"depth\"], \"properties\": {\"width\": {\"$ref\": \"#/$defs/sizes\"}, \"depth\": "
              "{\"$ref\": \"#/$defs/sizes\"}}}",
              out);
    fputs("]},\n", out);
}

/* One argument of a row, as a key `optimizer.momentum`. */
static void write_argument_value(const struct argument *argument, bool as_axis, FILE *out) {
    fputc('{', out);
    fputs("\"description\": ", out);
    text_write_json(argument->help, out);
    fputs(", ", out);
    open_alternatives(out);
    for (int list = 0; list <= (as_axis ? 1 : 0); list++) {
        if (list)
            fputs(", {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [false", out);
        if (argument->type == ARGUMENT_FLAG)
            fputs(", {\"type\": \"boolean\"}", out);
        else if (argument->type == ARGUMENT_WORD)
            for (size_t i = 0; argument->words[i]; i++)
                write_constant(argument->words[i], argument->help, out);
        else
            fprintf(out, ", {\"type\": \"%s\"}",
                    argument->type == ARGUMENT_WHOLE ? "integer" : "number");
        if (list)
            fputs("]}}", out);
    }
    if (as_axis && argument->type <= ARGUMENT_WHOLE)
        fputs(", {\"type\": \"string\", \"pattern\": \"" LIST_FUNCTION "\"}", out);
    fputs("]}", out);
}

/* Whether an earlier row of the registry has an argument of this name. */
static bool is_written(const struct registry *rows, size_t before, const char *name) {
    for (size_t i = 0; i < before; i++)
        if (argument_find(registry_row(rows, i), name))
            return true;
    return false;
}

static void write_argument_keys(const struct knob *knob, bool as_axis, FILE *out) {
    const struct entry *row;
    for (size_t i = 0; knob->rows && (row = registry_row(knob->rows, i)); i++)
        for (size_t a = 0; a < ARGUMENTS_MAX && row->arguments[a].name; a++) {
            if (is_written(knob->rows, i, row->arguments[a].name))
                continue;
            fprintf(out, ",\n      \"%s.%s\": ", knob->name, row->arguments[a].name);
            write_argument_value(&row->arguments[a], as_axis, out);
        }
}

/* What a mapping of knobs holds. */
enum holds { ONE_VALUE, LISTS, LISTS_AND_ZIP, ONE_OR_LISTS };

static void write_knob_key(const struct knob *knob, enum holds holds, FILE *out) {
    const char *name = knob->name;
    if (holds == ONE_OR_LISTS)
        fprintf(out,
                "\n      \"%s\": {\"anyOf\": [{\"$ref\": \"#/$defs/value.%s\"}, {\"$ref\": "
                "\"#/$defs/axis.%s\"}]}",
                name, name, name);
    else
        fprintf(out, "\n      \"%s\": {\"$ref\": \"#/$defs/%s.%s\"}", name,
                holds == ONE_VALUE ? "value" : "axis", name);
}

static void write_settings(const char *name, enum holds holds, FILE *out) {
    fprintf(out,
            "    \"%s\": {\"type\": \"object\", \"additionalProperties\": false, "
            "\"properties\": {",
            name);
    for (size_t k = 0; k < knob_count; k++) {
        fputs(k ? "," : "", out);
        write_knob_key(&knobs[k], holds, out);
        write_argument_keys(&knobs[k], holds != ONE_VALUE, out);
    }
    if (holds == LISTS_AND_ZIP)
        fputs(",\n      \"zip\": {\"description\": \"pairs lists of one length instead of "
              "multiplying them\", \"minProperties\": 1, \"$ref\": \"#/$defs/lists\"}",
              out);
    fputs("}},\n", out);
}

static void write_formats(FILE *out) {
    const struct entry *row;
    fputs("    \"format\": {", out);
    open_alternatives(out);
    for (size_t i = 0; (row = registry_row(&data_formats, i)); i++)
        write_constant(row->name, row->help, out);
    fputs("]},\n", out);
}

static void write_declaration(FILE *out) {
    const char *field;
    fputs("    \"declaration\": {\"type\": \"object\", \"additionalProperties\": false, "
          "\"required\": "
          "[\"format\", \"train\"], \"properties\": {",
          out);
    for (size_t i = 0; (field = dataset_decl_fields.at(NULL, i)); i++) {
        fprintf(out, "%s\"%s\": ", i ? ", " : "", field);
        if (strcmp(field, "format") == 0)
            fputs("{\"$ref\": \"#/$defs/format\"}", out);
        else if (strcmp(field, "task") == 0)
            fputs("{\"enum\": [\"classification\", \"regression\"]}", out);
        else
            fputs("true", out);
    }
    fputs("}},\n", out);
}

static void write_keys(FILE *out) {
    const struct experiment_key *key;
    for (size_t i = 0; (key = experiment_key(i)); i++) {
        fprintf(out, "%s\n    \"%s\": {\"description\": ", i ? "," : "", key->name);
        text_write_json(key->help, out);
        fprintf(out, ", %s}", key->shape);
    }
}

void file_schema_write(FILE *out) {
    fputs("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
          "  \"title\": \"mlpsweep experiment\",\n  \"type\": \"object\",\n"
          "  \"additionalProperties\": false,\n  \"properties\": {",
          out);
    write_keys(out);
    fputs("\n  },\n  \"$defs\": {\n", out);
    for (size_t k = 0; k < knob_count; k++)
        write_values(&knobs[k], out);
    write_settings("settings", ONE_VALUE, out);
    write_settings("lists", LISTS, out);
    write_settings("sweep", LISTS_AND_ZIP, out);
    write_settings("conditions", ONE_OR_LISTS, out);
    write_formats(out);
    write_declaration(out);
    fputs("    \"sizes\": {\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1}, {\"type\": "
          "\"array\", "
          "\"minItems\": 1, \"items\": {\"type\": \"integer\", \"minimum\": 1}}, {\"type\": "
          "\"string\", \"pattern\": \"" LIST_FUNCTION "\"}]}\n  }\n}\n",
          out);
}
