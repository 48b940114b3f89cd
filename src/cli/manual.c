#include "cli/manual.h"

#include "base/program.h"
#include "base/stream.h"
#include "report/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct manual_row manual_exit_statuses[] = {
    {"0", "done"},
    {"1", "something failed while running"},
    {"2", "wrong command line"},
    {"3", "invalid experiment or data"},
    {"130", "interrupted"},
    {NULL, NULL},
};

static const struct manual_row variables[] = {
    {"MLPSWEEP_DB", "The database, where --db names no other."},
    {"MLPSWEEP_DATA", "A folder that has data sets by their names, looked in first."},
    {"MLPSWEEP_MIRROR", "The only place that `fetch` asks for a data set: URL/NAME/FILE.gz."},
    {"NO_COLOR", "Where it is set: no colours, and no live display."},
    {"OPENBLAS_CORETYPE",
     "The kernels that OpenBLAS runs. The numbers of a trial are the same, bit "
     "for bit, with one version and one core of OpenBLAS."},
    {"MAKEFLAGS", "Make's job server, from which `run` without --jobs takes its cores."},
    {"TMPDIR", "Where `plot --term` keeps what gnuplot draws for the terminal."},
    {NULL, NULL},
};

static const struct manual_row files[] = {
    {"results/mlpsweep.db",
     "The database: SQLite, with views whose names stay. Beside it lies its lock, "
     "`mlpsweep.db.lock`."},
    {"plots/NAME/", "The figures of an experiment, and its page `index.html`."},
    {"data/NAME/", "A data set by name; also looked for in `~/.cache/mlpsweep/NAME` and in "
                   "`/usr/share/datasets/NAME`."},
    {"/usr/share/mlpsweep/experiments/",
     "Experiments to begin with. What is installed below another "
     "prefix has these files there."},
    {"/usr/share/mlpsweep/fetch",
     "The script that fetches `mnist` or `fashion-mnist` into `data/`."},
    {"/usr/share/doc/mlpsweep/", "The guide, the language of experiment files, the columns of the "
                                 "database, the definitions of all numbers."},
    {NULL, NULL},
};

static const char description[] =
    "mlpsweep trains many small multilayer perceptrons, as an experiment in YAML declares them, "
    "keeps every number in one SQLite database, and shows by figures, tables and verdicts when and "
    "why a net overfits. What is trained already is never trained again; what was interrupted goes "
    "on where it stopped.";

static const char *const session[] = {
    "/usr/share/mlpsweep/fetch mnist", "cp /usr/share/mlpsweep/experiments/notebook.yaml .",
    "mlpsweep run notebook.yaml",      "mlpsweep summary notebook.yaml",
    "mlpsweep plot notebook.yaml",
};

/* Characters of the source as they stand: roff has its own meaning for some. */
static void put_literal(const char *text, size_t length, FILE *source) {
    static const char special[] = "\\-'`^~";
    static const char *const escapes[] = {"\\e", "\\-", "\\(aq", "\\(ga", "\\(ha", "\\(ti"};
    for (size_t i = 0; i < length; i++) {
        const char *found = strchr(special, text[i]);
        if (found)
            fputs(escapes[found - special], source);
        else
            fputc(text[i], source);
    }
}

static void put_bold(const char *text, size_t length, FILE *source) {
    fputs("\\fB", source);
    put_literal(text, length, source);
    fputs("\\fR", source);
}

/* Prose: what stands in back-ticks, and options, are bold. A period at the beginning of a word is
 * none at that of a line, where roff would take it for a request. */
static void put_prose(const char *text, FILE *source) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
    for (bool is_new_word = true; *text; is_new_word = *text++ == ' ') {
        size_t option = strncmp(text, "--", 2) == 0 ? strspn(text, letters) : 0;
        const char *typed_end = *text == '`' ? strchr(text + 1, '`') : NULL;
        if (typed_end) {
            put_bold(text + 1, (size_t)(typed_end - text - 1), source);
            text = typed_end;
        } else if (option > 2) {
            put_bold(text, option, source);
            text += option - 1;
        } else if (*text == '-') {
            fputc('-', source);
        } else {
            fputs(is_new_word && *text == '.' ? "\\&" : "", source);
            put_literal(text, 1, source);
        }
    }
}

/* `[FILE | NAME...]`: what the user puts in is in capitals here, and italic in the page. */
static void put_arguments(const char *text, FILE *source) {
    while (*text) {
        const char *letters = isupper((unsigned char)*text) ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                            : "abcdefghijklmnopqrstuvwxyz_";
        size_t word = strspn(text, letters);
        if (word) {
            fputs(isupper((unsigned char)*text) ? "\\fI" : "\\fB", source);
            put_literal(text, word, source);
            fputs("\\fR", source);
            text += word;
        } else if (*text == '|') {
            fputs(" | ", source);
            text++;
        } else {
            put_literal(text++, 1, source);
        }
    }
}

/* A page while it is written. */
struct page {
    FILE *out;
    struct arena *arena;
    struct stream paragraph;
};

/* Ends the paragraph. Lines of 78 columns; a sentence begins a new one. */
static void end(struct page *page) {
    stream_close(&page->paragraph);
    for (const char *sentence = page->paragraph.text; *sentence;) {
        const char *stop = strstr(sentence, ". ");
        size_t length = stop ? (size_t)(stop - sentence) + 1 : strlen(sentence);
        table_write_wrapped(arena_text(page->arena, sentence, length), 78, 0, 0, page->out);
        sentence += length;
        sentence += strspn(sentence, " ");
    }
    free(page->paragraph.text);
}

static void put_section(struct page *page, const char *title) {
    fprintf(page->out, ".SH %s\n", title);
}

static void put_paragraph(struct page *page, const char *text) {
    FILE *source = stream_open(&page->paragraph);
    put_prose(text, source);
    end(page);
}

/* A phrase of a table as a sentence. */
static void put_sentence(struct page *page, const char *phrase) {
    put_paragraph(page,
                  arena_printf(page->arena, "%c%s.", toupper((unsigned char)*phrase), phrase + 1));
}

static void put_rows(struct page *page, const char *title, const struct manual_row *rows) {
    put_section(page, title);
    for (; rows->name; rows++) {
        FILE *source = stream_open(&page->paragraph);
        put_bold(rows->name, strlen(rows->name), source);
        fputs(".TP\n", page->out);
        end(page);
        put_paragraph(page, rows->text);
    }
}

static void put_commands(struct page *page) {
    put_section(page, "COMMANDS");
    for (size_t i = 0; i < command_count; i++) {
        fprintf(page->out, ".TP\n\\fB%s\\fR\n", commands[i]->name);
        put_sentence(page, commands[i]->help);
    }
}

static void put_option(struct page *page, const struct option_spec *option) {
    FILE *source = stream_open(&page->paragraph);
    fputs(".TP\n", page->out);
    if (option->letter)
        fprintf(source, "\\fB\\-%c\\fR, ", option->letter);
    put_bold(arena_printf(page->arena, "--%s", option->name), strlen(option->name) + 2, source);
    fputc(' ', source);
    put_arguments(option->argument ? option->argument : "", source);
    end(page);
    put_paragraph(page, option->help);
}

static void put_example(struct page *page, const char *const *lines, size_t count) {
    put_section(page, "EXAMPLE");
    fputs(".EX\n", page->out);
    for (size_t i = 0; i < count; i++) {
        put_literal(lines[i], strlen(lines[i]), page->out);
        fputc('\n', page->out);
    }
    fputs(".EE\n", page->out);
}

static void put_title(struct page *page, const char *name, const char *help) {
    char *title = arena_text(page->arena, name, strlen(name));
    for (char *c = title; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    fprintf(page->out,
            ".\\\" Written by mlpsweep help --man.\n"
            ".TH %s 1 %s \"mlpsweep %.*s\" \"mlpsweep manual\"\n",
            title, program_date, (int)strcspn(program_version, " "), program_version);
    put_section(page, "NAME");
    FILE *source = stream_open(&page->paragraph);
    put_prose(name, source);
    fputs(" \\- ", source);
    put_prose(help, source);
    end(page);
}

static void write_main(struct page *page) {
    put_title(page, "mlpsweep",
              "trains sweeps of multilayer perceptrons and shows when they overfit");
    put_section(page, "SYNOPSIS");
    fputs("\\fBmlpsweep\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.br\n"
          "\\fBmlpsweep help\\fR [\\fICOMMAND\\fR]\n.br\n"
          "\\fBmlpsweep \\-\\-version\\fR\n",
          page->out);
    put_section(page, "DESCRIPTION");
    put_paragraph(page, description);
    put_commands(page);
    put_example(page, session, sizeof session / sizeof *session);
    put_rows(page, "EXIT STATUS", manual_exit_statuses);
    put_rows(page, "ENVIRONMENT", variables);
    put_rows(page, "FILES", files);
    put_section(page, "SEE ALSO");
    for (size_t i = 0; i < command_count; i++)
        fprintf(page->out, ".BR mlpsweep\\-%s (1),\n", commands[i]->name);
    fputs(".BR gnuplot (1),\n.BR sqlite3 (1)\n", page->out);
}

static void write_command(struct page *page, const struct command *command) {
    FILE *source;
    put_title(page, arena_printf(page->arena, "mlpsweep-%s", command->name), command->help);
    put_section(page, "SYNOPSIS");
    source = stream_open(&page->paragraph);
    fprintf(source, "\\fBmlpsweep %s\\fR ", command->name);
    if (command->options[0].name)
        fputs("[\\fIOPTIONS\\fR] ", source);
    put_arguments(command->arguments ? command->arguments : "", source);
    end(page);
    put_section(page, "DESCRIPTION");
    put_sentence(page, command->help);
    if (command->details) {
        fputs(".PP\n", page->out);
        put_paragraph(page, command->details);
    }
    if (command->options[0].name)
        put_section(page, "OPTIONS");
    for (size_t i = 0; i < OPTIONS_MAX && command->options[i].name; i++)
        put_option(page, &command->options[i]);
    if (command->example)
        put_example(page, &command->example, 1);
    put_section(page, "SEE ALSO");
    fputs(".BR mlpsweep (1)\n", page->out);
}

void manual_write(const struct command *command, struct arena *arena, FILE *out) {
    struct page page = {.out = out, .arena = arena};
    if (command)
        write_command(&page, command);
    else
        write_main(&page);
}
