#include "report/discordant.h"

#include "data/dataset.h"
#include "run/predict.h"
#include "store/trained.h"

#include <math.h>
#include <string.h>

/* Which rows one net has right. */
struct answers {
    const uint16_t *labels;
    size_t classes, right;
    bool *is_right;
};

static void note_answer(void *context, size_t row, const double *outputs) {
    struct answers *answers = context;
    size_t best = 0;
    for (size_t c = 1; c < answers->classes; c++)
        best = outputs[c] > outputs[best] ? c : best;
    answers->is_right[row] = best == answers->labels[row];
    answers->right += answers->is_right[row];
}

static const struct data_source *builtin(const struct sql_value *name) {
    const struct data_source *source = NULL;
    for (size_t i = 0; name && name->type == SQL_TEXT && (source = data_builtin(i)); i++)
        if (strcmp(source->name, name->text) == 0)
            break;
    return source;
}

/* False: this net cannot be asked, or answers otherwise than it did. */
static bool ask(const struct trained *trained, const struct dataset *dataset,
                struct answers *answers, struct arena *arena) {
    const struct data_part *test = &dataset->test;
    const struct sql_value *accuracy = sql_find(&trained->row, "test_accuracy_at_best");
    if (!trained->has_scale || !trained->classes || trained->classes != dataset->classes ||
        trained->shape.width[0] != dataset->inputs || !test->rows || !accuracy)
        return false;
    struct predictor predictor = {trained->shape, trained->weights, trained->scale,
                                  trained->target_scale};
    *answers = (struct answers){.labels = test->labels,
                                .classes = trained->classes,
                                .is_right = arena_alloc(arena, test->rows, sizeof(bool))};
    predict_rows(&predictor, test, note_answer, answers);
    return (double)answers->right == round(sql_number(accuracy) * (double)test->rows);
}

struct discordant discordant_rows(struct query_database *database, const char *const trials[2],
                                  struct arena *arena) {
    struct discordant result = {0};
    struct trained trained[2];
    struct answers answers[2];
    struct dataset dataset;
    struct data_source located;
    struct error ignored = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++)
        ok = trained_load(database, trials[i], KEPT_BEST, arena, &trained[i], &ignored);
    const struct data_source *source = ok ? builtin(sql_find(&trained[0].row, "dataset")) : NULL;
    ok = source && builtin(sql_find(&trained[1].row, "dataset")) == source &&
         data_locate(source, arena, &located, &ignored) &&
         dataset_load(&located, NULL, arena, &dataset, &ignored);
    for (size_t i = 0; ok && i < 2; i++)
        ok = ask(&trained[i], &dataset, &answers[i], arena);
    error_clear(&ignored);
    if (!ok)
        return result;
    result = (struct discordant){.is_known = true, .rows = dataset.test.rows};
    for (size_t i = 0; i < result.rows; i++) {
        result.only_a += answers[0].is_right[i] && !answers[1].is_right[i];
        result.only_b += answers[1].is_right[i] && !answers[0].is_right[i];
    }
    return result;
}
