/* `predict`: what a trained net says of new rows, as csv or jsonl. Reads the database, and trains
 * nothing. */
#include "base/text.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "data/rows.h"
#include "report/table.h"
#include "run/predict.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is being written. */
struct writing {
    const struct trained *trained;
    enum table_format format;
    struct table table; /* its names, and the cells of one row */
};

/* A class as the data have it: a whole number where it is one. */
static struct sql_value class_cell(const char *name) {
    double number;
    bool is_whole = text_to_number(name, strlen(name), &number) && fabs(number) < 1e15 &&
                    number == floor(number);
    return is_whole ? sql_integer((int64_t)number) : sql_text(name);
}

/* What a net computes is a float: the fewest digits that read back as the same one. The value of a
 * target that was scaled need not be one, and keeps all of its digits. */
static struct sql_value output_cell(double output, bool is_float) {
    char text[TEXT_NUMBER_MAX];
    float rounded = (float)output;
    if (!is_float && (double)rounded != output)
        return sql_real(output);
    for (int digits = FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)rounded);
        if (strtof(text, NULL) == rounded)
            break;
    }
    return sql_real(strtod(text, NULL));
}

static void write_row(void *context, size_t row, const double *outputs) {
    struct writing *writing = context;
    struct sql_value *cells = writing->table.cells;
    size_t classes = writing->trained->classes, best = 0;
    cells[0] = sql_integer((int64_t)row);
    for (size_t c = 1; c < classes; c++)
        best = outputs[c] > outputs[best] ? c : best;
    cells[1] =
        classes ? class_cell(writing->trained->class_names[best]) : output_cell(outputs[0], false);
    for (size_t c = 0; c < classes; c++)
        cells[2 + c] = output_cell(outputs[c], true);
    table_row(&writing->table, cells, writing->format, row == 0, stdout);
}

static void name_columns(struct writing *writing, struct arena *arena) {
    const struct trained *trained = writing->trained;
    struct table *table = &writing->table;
    table->columns = 2 + trained->classes;
    table->names = arena_alloc(arena, table->columns, sizeof *table->names);
    table->cells = arena_alloc(arena, table->columns, sizeof *table->cells);
    table->names[0] = "row";
    table->names[1] = trained->classes ? "class" : "value";
    for (size_t c = 0; c < trained->classes; c++)
        table->names[2 + c] = arena_printf(arena, "p_%s", trained->class_names[c]);
}

static bool run(const struct invocation *in, struct error *err) {
    static const char *const formats[] = {"csv", "jsonl", NULL};
    static const enum table_format table_of[] = {TABLE_CSV, TABLE_JSONL};
    struct query_database *database = NULL;
    struct trained trained;
    struct data_part part;
    enum kept kept;
    size_t format;
    if (!option_word(in, "format", formats, &format, err) || !kept_option(in, &kept, err))
        return false;
    bool ok = query_open(option_database(in), &database, err) &&
              trained_load(database, in->arguments[0], kept, in->arena, &trained, err);
    query_close(database);
    if (!ok)
        return false;
    if (!trained.has_scale)
        return error_set(err, ERROR_FAILED,
                         "%s was trained by a version that did not keep how inputs are scaled; run "
                         "--fresh trains it again",
                         trained.row.cells[0].text);
    const char *target = option_value(in, "target");
    if (!rows_load(in->arguments[1], trained.shape.width[0], target, in->arena, &part, err))
        return !target && err->first && err->first->line
                   ? error_at(err, (struct place){0},
                              "--target COLUMN leaves out a column that is no input")
                   : false;
    struct writing writing = {.trained = &trained, .format = table_of[format]};
    name_columns(&writing, in->arena);
    struct predictor predictor = {trained.shape, trained.weights, trained.scale,
                                  trained.target_scale};
    table_begin(&writing.table, writing.format, stdout);
    predict_rows(&predictor, &part, write_row, &writing);
    table_end(writing.format, part.rows == 0, stdout);
    return true;
}

const struct command command_predict = {
    .name = "predict",
    .arguments = "TRIAL DATA",
    .help = "what a trained net says of new rows",
    .details = "DATA is a file of rows or - for standard input: CSV with or without a target, "
               "LIBSVM or IDX images, gzipped or not. Written is the class and the probability of "
               "each, or the value, a row; rows count from 0. Numbers have as many digits as a "
               "float needs.",
    .example = "mlpsweep predict e35e9c35 data/mnist/t10k-images-idx3-ubyte >digits.csv",
    .least = 2,
    .most = 2,
    .options = {OPTION_DB,
                {"best", 0, NULL, "by the weights of the best epoch (default if kept)"},
                {"last", 0, NULL, "by the weights after the last epoch"},
                {"target", 0, "COLUMN",
                 "of a CSV file: the column that is no input (default: "
                 "the last, if there is one too many)"},
                {"format", 0, "csv|jsonl", "how rows are written (default: csv)"}},
    .run = run,
};
