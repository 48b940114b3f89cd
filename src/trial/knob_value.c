/* The values of knobs: from text, to text, compared, and as columns. */
#include "base/text.h"
#include "data/generator.h"
#include "trial/knob.h"

#include <math.h>
#include <string.h>

static void *field(const struct knob *knob, struct trial *trial) {
    return (char *)trial + knob->offset;
}

static uint64_t whole_of(const struct knob *knob, const struct trial *trial) {
    uint64_t whole;
    memcpy(&whole, (const char *)trial + knob->offset, sizeof whole);
    return whole;
}

static double number_of(const struct knob *knob, const struct trial *trial) {
    double number;
    memcpy(&number, (const char *)trial + knob->offset, sizeof number);
    return number;
}

static const struct choice *choice_of(const struct knob *knob, const struct trial *trial) {
    return (const void *)((const char *)trial + knob->offset);
}

/* What an automatic whole number is until it is resolved; train_rows stays 0 for all rows. */
static uint64_t automatic_whole(const struct knob *knob) {
    return knob->role == KNOB_OF_SEED ? SEED_AUTO : 0;
}

static bool check_range(const struct knob *knob, double number, const char *text,
                        struct place place, struct error *err) {
    char low[TEXT_NUMBER_MAX], high[TEXT_NUMBER_MAX];
    bool above = knob->below_maximum ? number >= knob->maximum : number > knob->maximum;
    bool below = knob->above_minimum ? number <= knob->minimum : number < knob->minimum;
    if (!below && !above)
        return true;
    text_from_number(knob->minimum, low);
    text_from_number(knob->maximum, high);
    if (knob->below_maximum || knob->above_minimum)
        return error_at(err, place, "%s is %s, outside %c%s, %s%c", knob->name, text,
                        knob->above_minimum ? '(' : '[', low, high,
                        knob->below_maximum ? ')' : ']');
    return error_at(err, place, "%s is %s, outside %s..%s", knob->name, text, low, high);
}

static bool wrong_type(const struct knob *knob, const char *expected, const char *text,
                       struct place place, struct error *err) {
    if (knob->automatic)
        return error_at(err, place, "%s must be %s or '%s', not '%s'", knob->name, expected,
                        knob->automatic, text);
    return error_at(err, place, "%s must be %s, not '%s'", knob->name, expected, text);
}

static bool parse_whole(const struct knob *knob, const char *text, struct place place,
                        uint64_t *whole, struct error *err) {
    double number;
    if (!text_to_yaml_number(text, strlen(text), &number) || number != floor(number))
        return wrong_type(knob, "a whole number", text, place, err);
    if (!check_range(knob, number, text, place, err))
        return false;
    if (!text_to_whole(text, strlen(text), whole))
        *whole = (uint64_t)number; /* 1e3, 0x10 */
    /* just above 2^53 the double has rounded into the range */
    return *whole <= (uint64_t)knob->maximum ||
           check_range(knob, (double)INFINITY, text, place, err);
}

static bool parse_number(const struct knob *knob, const char *text, struct place place,
                         double *number, struct error *err) {
    if (!text_to_yaml_number(text, strlen(text), number))
        return wrong_type(knob, "a number", text, place, err);
    return check_range(knob, *number, text, place, err);
}

/* Source i of those that may be named: the file's own, the built-ins, the generators. */
static const struct data_source *source_at(const struct dataset_decls *decls, size_t i) {
    size_t declared = decls ? decls->count : 0, builtins = 0;
    while (data_builtin(builtins))
        builtins++;
    return i < declared              ? &decls->sources[i]
           : i - declared < builtins ? data_builtin(i - declared)
                                     : generator_source(i - declared - builtins);
}

static const char *source_name(const void *context, size_t i) {
    const struct data_source *source = source_at(context, i);
    return source ? source->name : NULL;
}

/* A name, or a call of a generator. */
static bool parse_dataset(const char *text, struct place place, const struct dataset_decls *decls,
                          struct trial *trial, struct error *err) {
    const struct data_source *source;
    size_t length = strcspn(text, " (");
    trial->generator = (struct choice){0};
    for (size_t i = 0; (source = source_at(decls, i)); i++) {
        bool is_call = text[length] && source->generator.entry;
        if (strncmp(source->name, text, length) != 0 || source->name[length] ||
            (text[length] && !is_call))
            continue;
        trial->dataset = source;
        return !source->generator.entry ||
               choice_parse(&generators, text, place, &trial->generator, err);
    }
    return error_unknown(err, place, "dataset", text,
                         &(struct names){.at = source_name, .context = decls});
}

static void set_automatic(const struct knob *knob, void *at) {
    if (knob->type == KNOB_WHOLE)
        *(uint64_t *)at = automatic_whole(knob);
    else if (knob->type == KNOB_NUMBER)
        *(double *)at = (double)NAN;
    else
        *(struct choice *)at = (struct choice){0};
}

bool knob_parse(const struct knob *knob, const char *text, struct place place,
                const struct dataset_decls *decls, struct trial *trial, struct error *err) {
    void *at = field(knob, trial);
    if (knob->automatic && strcmp(text, knob->automatic) == 0) {
        set_automatic(knob, at);
        return true;
    }
    switch (knob->type) {
    case KNOB_WHOLE:
        return parse_whole(knob, text, place, at, err);
    case KNOB_NUMBER:
        return parse_number(knob, text, place, at, err);
    case KNOB_CHOICE:
        return choice_parse(knob->rows, text, place, at, err);
    case KNOB_TOPOLOGY:
        return topology_parse(text, place, at, err);
    case KNOB_DATASET:
        return parse_dataset(text, place, decls, trial, err);
    }
    return false;
}

const char *knob_text(const struct knob *knob, const struct trial *trial, struct arena *arena) {
    switch (knob->type) {
    case KNOB_WHOLE:
        if (knob->automatic && whole_of(knob, trial) == automatic_whole(knob))
            return knob->automatic;
        return arena_printf(arena, "%llu", (unsigned long long)whole_of(knob, trial));
    case KNOB_NUMBER:
        if (isnan(number_of(knob, trial)))
            return knob->automatic;
        return text_of_number(number_of(knob, trial), arena);
    case KNOB_CHOICE:
        if (!choice_of(knob, trial)->entry)
            return knob->automatic;
        return choice_text(choice_of(knob, trial), arena);
    case KNOB_TOPOLOGY:
        return topology_list(&trial->topology, arena);
    case KNOB_DATASET:
        if (trial->generator.entry)
            return choice_text(&trial->generator, arena);
        return trial->dataset ? trial->dataset->name : "";
    }
    return "";
}

const void *knob_field(const struct knob *knob, const struct trial *trial) {
    return (const char *)trial + knob->offset;
}

size_t knob_size(const struct knob *knob) {
    static const size_t sizes[] = {
        [KNOB_WHOLE] = sizeof(uint64_t),
        [KNOB_NUMBER] = sizeof(double),
        [KNOB_CHOICE] = sizeof(struct choice),
        [KNOB_TOPOLOGY] = sizeof(struct topology),
        [KNOB_DATASET] = sizeof(struct data_source *) + sizeof(struct choice),
    };
    return sizes[knob->type];
}

struct choice *knob_choice(const struct knob *knob, struct trial *trial) {
    if (knob->type == KNOB_DATASET)
        return &trial->generator;
    return knob->type == KNOB_CHOICE ? field(knob, trial) : NULL;
}

void knob_set(const struct knob *knob, const void *value, struct trial *trial) {
    memcpy(field(knob, trial), value, knob_size(knob));
}

size_t knob_bytes(const struct knob *knob, const struct trial *trial,
                  unsigned char bytes[KNOB_BYTES_MAX]) {
    size_t size = knob_size(knob);
    if (knob->type == KNOB_TOPOLOGY)
        size = offsetof(struct topology, width) +
               trial->topology.depth * sizeof *trial->topology.width;
    memcpy(bytes, knob_field(knob, trial), size);
    double number = knob->type == KNOB_NUMBER ? number_of(knob, trial) : 1;
    if (number == 0 || isnan(number)) /* -0 is 0, and one NaN is like another */
        memcpy(bytes, &(double){isnan(number) ? (double)NAN : 0}, sizeof number);
    return size;
}

static int compare_wholes(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* NaN (automatic) equals NaN and stands before all numbers. */
static int compare_numbers(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(b) - isnan(a);
    return (a > b) - (a < b);
}

static int compare_choices(const struct choice *a, const struct choice *b) {
    int order = compare_wholes((uintptr_t)a->entry, (uintptr_t)b->entry);
    for (size_t i = 0; i < ARGUMENTS_MAX && !order; i++)
        order = compare_numbers(a->arguments[i], b->arguments[i]);
    return order;
}

int knob_compare(const struct knob *knob, const struct trial *a, const struct trial *b) {
    switch (knob->type) {
    case KNOB_WHOLE:
        return compare_wholes(whole_of(knob, a), whole_of(knob, b));
    case KNOB_NUMBER:
        return compare_numbers(number_of(knob, a), number_of(knob, b));
    case KNOB_CHOICE:
        return compare_choices(choice_of(knob, a), choice_of(knob, b));
    case KNOB_TOPOLOGY:
        return topology_compare(&a->topology, &b->topology);
    case KNOB_DATASET:
        if (a->dataset != b->dataset)
            return compare_wholes((uintptr_t)a->dataset, (uintptr_t)b->dataset);
        return compare_choices(&a->generator, &b->generator);
    }
    return 0;
}

bool knob_equal(const struct knob *knob, const struct trial *a, const struct trial *b) {
    return knob_compare(knob, a, b) == 0;
}

bool knob_is_default(const struct knob *knob, const struct trial *trial) {
    struct trial standard = *trial;
    struct error none = {0};
    if (!knob->fallback ||
        !knob_parse(knob, knob->fallback, (struct place){0}, NULL, &standard, &none)) {
        error_clear(&none);
        return false;
    }
    trial_resolve(&standard);
    return knob_equal(knob, trial, &standard);
}

struct sql_value knob_column(const struct knob *knob, const struct trial *trial,
                             struct arena *arena) {
    switch (knob->type) {
    case KNOB_WHOLE:
        if (knob->automatic && whole_of(knob, trial) == automatic_whole(knob))
            return sql_null();
        return sql_integer((int64_t)whole_of(knob, trial));
    case KNOB_NUMBER:
        return sql_real(number_of(knob, trial));
    case KNOB_CHOICE: {
        const struct entry *entry = choice_of(knob, trial)->entry;
        return sql_text(entry ? entry->name : knob->automatic);
    }
    case KNOB_TOPOLOGY:
        return sql_text(topology_text(&trial->topology, arena));
    case KNOB_DATASET:
        return sql_text(trial->dataset->name);
    }
    return sql_null();
}

bool knob_has_arguments(const struct knob *knob) {
    const struct entry *row;
    for (size_t i = 0; knob->rows && (row = registry_row(knob->rows, i)); i++)
        if (row->arguments[0].name)
            return true;
    return false;
}

const char *knob_arguments_json(const struct knob *knob, const struct trial *trial,
                                struct arena *arena) {
    const struct choice *choice =
        knob->type == KNOB_DATASET ? &trial->generator : choice_of(knob, trial);
    const char *json = "{";
    for (size_t i = 0; choice->entry && i < ARGUMENTS_MAX && choice->entry->arguments[i].name;
         i++) {
        const struct argument *argument = &choice->entry->arguments[i];
        const char *quote = argument->type == ARGUMENT_WORD ? "\"" : "";
        json = arena_printf(arena, "%s%s\"%s\":%s%s%s", json, i ? "," : "", argument->name, quote,
                            argument_text(argument, choice->arguments[i], arena), quote);
    }
    return arena_printf(arena, "%s}", json);
}

/* `sgd` and {"momentum":0.9,"nesterov":true} as a call: sgd(momentum=0.9,nesterov=true). */
static const char *call_text(const char *name, const char *json, struct arena *arena) {
    char *arguments = arena_text(arena, json, strlen(json)), *to = arguments;
    for (const char *from = json; *from; from++)
        if (!strchr("{}\"", *from))
            *to++ = (char)(*from == ':' ? '=' : *from);
    *to = '\0';
    return *arguments ? arena_printf(arena, "%s(%s)", name, arguments) : name;
}

const char *knob_column_text(const struct knob *knob, const struct sql_value *value,
                             const struct sql_value *arguments, struct arena *arena) {
    switch (value->type) {
    case SQL_INTEGER:
        return arena_printf(arena, "%lld", (long long)value->integer);
    case SQL_REAL:
        return text_of_number(value->real, arena);
    case SQL_NULL:
        return knob->automatic ? knob->automatic : "none";
    case SQL_TEXT:
    case SQL_BLOB:
        break;
    }
    return arguments && arguments->type == SQL_TEXT ? call_text(value->text, arguments->text, arena)
                                                    : value->text;
}
