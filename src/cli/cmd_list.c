/* `list`: the tables that an experiment file is read by, and those of what comes of it. */
#include "base/text.h"
#include "cli/commands.h"
#include "data/generator.h"
#include "data/scale.h"
#include "nn/activation.h"
#include "nn/initializer.h"
#include "nn/loss.h"
#include "nn/normalization.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"
#include "report/figure.h"
#include "trial/knob.h"
#include "trial/metric.h"
#include "trial/stopping.h"

#include <stdio.h>
#include <string.h>

static void list_knobs(struct arena *arena) {
    printf("%-17s %-15s %s\n", "knob", "default", "what it sets");
    for (size_t i = 0; i < knob_count; i++) {
        const struct knob *knob = &knobs[i];
        const char *range = "";
        if (knob->type == KNOB_WHOLE || knob->type == KNOB_NUMBER) {
            char low[TEXT_NUMBER_MAX], high[TEXT_NUMBER_MAX];
            range = arena_printf(arena, " %s%s, %s%s", knob->above_minimum ? "(" : "[",
                                 text_from_number(knob->minimum, low),
                                 text_from_number(knob->maximum, high),
                                 knob->below_maximum ? ")" : "]");
        }
        printf("%-17s %-15s %s%s%s%s\n", knob->name, knob->fallback ? knob->fallback : "required",
               knob->help, range, knob->unit ? ", " : "", knob->unit ? knob->unit : "");
    }
}

/* `name(argument=default, ...)` */
static const char *signature(const struct entry *entry, struct arena *arena) {
    const char *text = entry->name;
    size_t i = 0;
    for (; i < ARGUMENTS_MAX && entry->arguments[i].name; i++)
        text =
            arena_printf(arena, "%s%s%s=%s", text, i ? ", " : "(", entry->arguments[i].name,
                         argument_text(&entry->arguments[i], entry->arguments[i].fallback, arena));
    return i ? arena_printf(arena, "%s)", text) : text;
}

static void list_registry(const struct registry *registry, struct arena *arena) {
    size_t width = 0;
    const struct entry *entry;
    for (size_t i = 0; (entry = registry_row(registry, i)); i++) {
        size_t own = strlen(signature(entry, arena));
        width = own > width && own <= 40 ? own : width;
    }
    for (size_t i = 0; (entry = registry_row(registry, i)); i++) {
        const char *text = signature(entry, arena);
        if (strlen(text) > width)
            printf("%s\n%*s  %s\n", text, (int)width, "", entry->help);
        else
            printf("%-*s  %s\n", (int)width, text, entry->help);
    }
}

static void list_datasets(struct arena *arena) {
    const struct data_source *source;
    for (size_t i = 0; (source = data_builtin(i)); i++) {
        struct data_source located;
        struct error err = {0};
        bool found = data_locate(source, arena, &located, &err);
        printf("%-15s %s%s\n", source->name, source->help, found ? "" : " (not fetched yet)");
        error_clear(&err);
    }
    puts("\nGenerators, computed from their arguments:");
    list_registry(&generators, arena);
    puts("\nFormats for files of your own, under datasets: in an experiment file:");
    const struct entry *format;
    for (size_t i = 0; (format = registry_row(&data_formats, i)); i++)
        printf("%-15s %s\n", format->name, format->help);
}

static void list_optimizers(struct arena *arena) {
    list_registry(&optimizers, arena);
    puts("\nlearning_rate: auto is");
    const struct entry *entry;
    for (size_t i = 0; (entry = registry_row(&optimizers, i)); i++) {
        const struct choice choice = {.entry = entry};
        printf("%g for %s%s", optimizer_of(&choice)->learning_rate, entry->name,
               i + 1 < optimizers.count ? ", " : "\n");
    }
}

static void list_metrics(struct arena *arena) {
    static const char *const better[] = {[LOWER_IS_BETTER] = "lower is better",
                                         [HIGHER_IS_BETTER] = "higher is better",
                                         [NEITHER_IS_BETTER] = ""};
    (void)arena;
    printf("%-15s %-9s %-17s %s\n", "metric", "unit", "", "what it is, for every epoch");
    for (size_t i = 0; i < metric_count; i++)
        printf("%-15s %-9s %-17s %s\n", metrics[i].name, metrics[i].unit ? metrics[i].unit : "",
               better[metrics[i].direction], metrics[i].help);
}

static void list_figures(struct arena *arena) {
    (void)arena;
    for (size_t i = 0; i < figure_count; i++)
        printf("%-10s %s\n", figures[i].name, figures[i].help);
}

static const struct {
    const char *name;
    const struct registry *registry; /* or */
    void (*list)(struct arena *arena);
} kinds[] = {
    {"knobs", NULL, list_knobs},
    {"datasets", NULL, list_datasets},
    {"scales", &scales, NULL},
    {"activations", &activations, NULL},
    {"initializers", &initializers, NULL},
    {"losses", &losses, NULL},
    {"optimizers", NULL, list_optimizers},
    {"schedules", &schedules, NULL},
    {"normalizations", &normalizations, NULL},
    {"early_stoppings", &early_stoppings, NULL},
    {"metrics", NULL, list_metrics},
    {"figures", NULL, list_figures},
};

static bool run(const struct invocation *in, struct error *err) {
    const char *all = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, in->arguments[0]) == 0) {
            if (kinds[i].list)
                kinds[i].list(in->arena);
            else
                list_registry(kinds[i].registry, in->arena);
            return true;
        }
        all = arena_printf(in->arena, "%s%s%s", all, i ? ", " : "", kinds[i].name);
    }
    return error_set(err, ERROR_USAGE, "list: '%s' is none of %s", in->arguments[0], all);
}

const struct command command_list = {
    .name = "list",
    .arguments = "knobs|datasets|scales|activations|initializers|losses|optimizers|schedules|"
                 "normalizations|early_stoppings|"
                 "metrics|figures",
    .help = "what can be written in an experiment file, with defaults, and what comes of it",
    .example = "mlpsweep list optimizers",
    .least = 1,
    .most = 1,
    .run = run,
};
