#include "report/page.h"

#include "base/program.h"
#include "base/stream.h"
#include "base/thread.h"
#include "report/declaration.h"
#include "report/page_assets.h"
#include "report/sentences.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

bool page_load(struct query_database *database, const char *experiment, struct arena *arena,
               struct page *page, struct error *err) {
    static const enum history_metric metrics_shown[PAGE_CURVES] = {
        [PAGE_TRAIN_LOSS] = HISTORY_TRAIN_LOSS,     [PAGE_PROBE_LOSS] = HISTORY_PROBE_LOSS,
        [PAGE_VAL_LOSS] = HISTORY_VAL_LOSS,         [PAGE_PROBE_ACCURACY] = HISTORY_PROBE_ACCURACY,
        [PAGE_VAL_ACCURACY] = HISTORY_VAL_ACCURACY,
    };
    struct sql_value name = sql_text(experiment);
    struct declaration declaration;
    *page = (struct page){0};
    if (!summary_load(database, experiment, HISTORY_METRICS, arena, &page->summary, err))
        return false;
    const struct results *results = &page->summary.results;
    page->curves = arena_alloc(arena, results->count, sizeof *page->curves);
    for (size_t g = 0; g < results->count; g++)
        for (size_t c = 0; c < PAGE_CURVES; c++)
            page->curves[g][c] = history_curve(&page->summary.histories, &results->groups[g],
                                               metrics_shown[c], arena);
    if (!declaration_load(database, experiment, &results->variation, arena, &declaration, err))
        return false;
    page->text = declaration.text;
    return query_table(
        database,
        "SELECT session, started_at, finished_at, version, git_commit, host, cpu, "
        "blas, blas_core, threads, compiler, command FROM session_rows WHERE session "
        "IN (SELECT t.session FROM member_rows m JOIN trial_rows t ON t.id = "
        "m.trial_id WHERE m.experiment = ?1 AND in_plan) ORDER BY session",
        &name, 1, arena, &page->sessions, err);
}

/* The text as HTML shows it: markup escaped, control characters left out. */
static void put_text(const char *text, FILE *out) {
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        switch (*c) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            if ((*c >= 32 && *c != 127) || *c == '\n' || *c == '\t')
                fputc(*c, out);
        }
}

static void put_element(const char *name, const char *text, FILE *out) {
    fprintf(out, "<%s>", name);
    put_text(text, out);
    fprintf(out, "</%.*s>\n", (int)strcspn(name, " "), name);
}

static void put_table(const struct table *table, const char *caption, const char *class_name,
                      size_t heading, struct arena *arena, FILE *out) {
    fprintf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    put_text(caption, out);
    fprintf(out, "\"><table class=\"%s\"><caption>", class_name);
    put_text(caption, out);
    fputs("</caption><thead><tr>", out);
    for (size_t c = 0; c < table->columns; c++) {
        fputs("<th scope=\"col\">", out);
        put_text(table->names[c], out);
        fputs("</th>", out);
    }
    fputs("</tr></thead><tbody>\n", out);
    for (size_t r = 0; r < table->rows; r++) {
        fputs("<tr>", out);
        for (size_t c = 0; c < table->columns; c++) {
            fputs(c == heading ? "<th scope=\"row\">" : "<td>", out);
            put_text(table_value_text(&table->cells[r * table->columns + c], arena), out);
            fputs(c == heading ? "</th>" : "</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

/* The column that names a row. */
static size_t column_of(const struct table *table, const char *name) {
    size_t c = 0;
    while (c < table->columns && strcmp(table->names[c], name) != 0)
        c++;
    return c;
}

/* More of them than one reads at once open at a click. */
enum { WORDS_SHOWN = 12 };

/* A list of what holds of one variant each, without those of which nothing does. Shapes: labels,
 * texts [count]; labels may be NULL. */
static void put_words(const char *const *labels, const char *const *texts, size_t count,
                      FILE *out) {
    size_t all = 0, written = 0;
    for (size_t i = 0; i < count; i++)
        all += *texts[i] != '\0';
    fputs("<ul class=\"words\">\n", out);
    for (size_t i = 0; i < count; i++) {
        if (!*texts[i])
            continue;
        if (written++ == WORDS_SHOWN)
            fprintf(out, "</ul>\n<details><summary>%zu more</summary>\n<ul class=\"words\">\n",
                    all - WORDS_SHOWN);
        fputs("<li>", out);
        if (labels) {
            fputs("<b>", out);
            put_text(labels[i], out);
            fputs(":</b> ", out);
        }
        put_text(texts[i], out);
        fputs("</li>\n", out);
    }
    fputs(all > WORDS_SHOWN ? "</ul></details>\n" : "</ul>\n", out);
}

static void put_sentences(const struct page *page, const struct leaderboard *board,
                          struct subject *subject, struct arena *arena, FILE *out) {
    const struct results *results = &page->summary.results;
    const char **labels = arena_alloc(arena, board->count, sizeof *labels);
    const char **texts = arena_alloc(arena, board->count, sizeof *texts);
    for (size_t g = 0; g < board->count; g++) {
        subject->group = &board->groups[g];
        subject->verdict = &page->summary.verdicts[subject->group - results->groups];
        labels[g] = subject->group->label;
        texts[g] = subject->group->count ? sentences_about(subject, SENTENCE_OF_VARIANT) : "";
    }
    fputs("<h3>Each variant</h3>\n", out);
    put_words(labels, texts, board->count, out);
}

static void put_comparisons(const struct comparison *comparisons, size_t count,
                            struct subject *subject, struct arena *arena, FILE *out) {
    const char **texts = arena_alloc(arena, count, sizeof *texts);
    if (!count)
        return;
    for (size_t i = 0; i < count; i++) {
        subject->comparison = &comparisons[i];
        texts[i] = sentences_about(subject, SENTENCE_OF_COMPARISON);
    }
    fputs("<h3>Against ", out);
    put_text(comparisons[0].a->label, out);
    fputs("</h3>\n", out);
    put_words(NULL, texts, count, out);
}

static void put_board(const struct page *page, size_t b, struct arena *arena, FILE *out) {
    const struct results *results = &page->summary.results;
    const struct leaderboard *board = &results->boards[b];
    const struct comparison *comparisons;
    size_t count;
    struct subject subject = summary_subject(board, results->baseline, arena, &comparisons, &count);
    struct table table =
        leaderboard_table(board, &page->summary.verdicts[board->groups - results->groups], arena);
    fprintf(out, "<section class=\"leaderboard\" data-board=\"%zu\"><h2>Leaderboard: ", b);
    put_text(board->title, out);
    fputs("</h2>\n", out);
    put_table(&table, arena_printf(arena, "Variants on %s", board->title), "board",
              column_of(&table, "variant"), arena, out);
    fputs("<div class=\"explore\"></div>\n", out);
    put_element("p", sentences_about(&subject, SENTENCE_OF_BOARD), out);
    put_sentences(page, board, &subject, arena, out);
    if (board->is_validated)
        put_comparisons(comparisons, count, &subject, arena, out);
    fputs("</section>\n", out);
}

static void put_base64(const unsigned char *bytes, size_t count, FILE *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        unsigned word = (unsigned)bytes[i] << 16;
        word |= i + 1 < count ? (unsigned)bytes[i + 1] << 8 : 0;
        word |= i + 2 < count ? bytes[i + 2] : 0;
        char text[4] = {digits[word >> 18], digits[word >> 12 & 63],
                        (char)(i + 1 < count ? digits[word >> 6 & 63] : '='),
                        (char)(i + 2 < count ? digits[word & 63] : '=')};
        fwrite(text, 1, sizeof text, out);
    }
}

/* As an image, so that nothing in it can act on the page. */
static void put_figure(const struct page *page, const struct drawing *drawing, const char *caption,
                       struct arena *arena, FILE *out) {
    FILE *file = fopen(arena_printf(arena, "%s/%s.svg", page->folder, drawing->name), "re");
    unsigned char block[3 * 4096];
    size_t count;
    if (!file)
        return;
    fputs("<figure><img loading=\"lazy\" decoding=\"async\" alt=\"", out);
    put_text(caption, out);
    fputs("\" src=\"data:image/svg+xml;base64,", out);
    while ((count = fread(block, 1, sizeof block, file)))
        put_base64(block, count, out);
    fputs("\"><figcaption>", out);
    put_text(caption, out);
    fputs("</figcaption></figure>\n", out);
    fclose(file);
}

static void put_figures(const struct page *page, struct arena *arena, FILE *out) {
    fputs("<section class=\"figures\"><h2>Figures</h2>\n", out);
    for (size_t i = 0; i < page->drawings.count; i++) {
        const struct drawing *drawing = &page->drawings.list[i];
        if (drawing->data)
            put_figure(page, drawing, i < figure_count ? figures[i].help : drawing->name, arena,
                       out);
    }
    fputs("</section>\n", out);
}

static void put_reproduction(const struct page *page, struct arena *arena, FILE *out) {
    const char *name = page->summary.results.experiment;
    fputs("<section><h2>How to reproduce it</h2>\n", out);
    if (page->text) {
        fputs("<p>The experiment's file, as it was last run:</p>\n<pre tabindex=\"0\" "
              "aria-label=\"experiment file\"><code>",
              out);
        put_text(page->text, out);
        fputs("</code></pre>\n<p>Save it as ", out);
        fprintf(out,
                "<code>%s.yaml</code> and run</p>\n<pre><code>mlpsweep run %s.yaml\n"
                "mlpsweep summary %s.yaml</code></pre>\n",
                name, name, name);
        fputs("<p>With the same version, OpenBLAS and its core every number comes out the same, "
              "bit for bit.</p>\n",
              out);
    }
    if (page->sessions.rows)
        put_table(&page->sessions, "Sessions that trained it", "sessions", 0, arena, out);
    fputs("</section>\n", out);
}

static void put_head(const struct page *page, FILE *out) {
    const struct results *results = &page->summary.results;
    fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
          "data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    put_text(results->experiment, out);
    fprintf(out, ": results</title>\n<style>\n%s</style></head>\n<body>\n<header><h1>", page_css);
    put_text(results->experiment, out);
    fputs("</h1>\n", out);
    if (results->question)
        put_element("p class=\"question\"", results->question, out);
    fprintf(out, "<p>%zu variant%s, %zu of %zu trial%s done.</p></header>\n<main>\n",
            results->count, results->count == 1 ? "" : "s", results->done, results->trials,
            results->trials == 1 ? "" : "s");
}

/* What needs neither database nor figures. */
struct page_parts {
    struct stream boards, data;
    pthread_t thread;
    bool has_thread;
};

static void *write_parts(void *argument) {
    const struct page *page = argument;
    struct page_parts *parts = page->parts;
    struct arena arena = {0};
    stream_open(&parts->boards);
    for (size_t b = 0; b < page->summary.results.board_count; b++)
        put_board(page, b, &arena, parts->boards.out);
    stream_close(&parts->boards);
    stream_open(&parts->data);
    page_put_data(page, parts->data.out);
    stream_close(&parts->data);
    arena_close(&arena);
    return NULL;
}

void page_begin(struct page *page) {
    page->parts = calloc(1, sizeof *page->parts);
    if (!page->parts)
        out_of_memory();
    page->parts->has_thread = thread_start(&page->parts->thread, write_parts, page) == 0;
    if (!page->parts->has_thread)
        write_parts(page);
}

void page_end(struct page *page) {
    if (page->parts->has_thread)
        pthread_join(page->parts->thread, NULL);
}

void page_close(struct page *page) {
    free(page->parts->boards.text);
    free(page->parts->data.text);
    free(page->parts);
}

void page_write(const struct page *page, FILE *out) {
    struct arena arena = {0};
    put_head(page, out);
    fwrite(page->parts->boards.text, 1, page->parts->boards.length, out);
    put_figures(page, &arena, out);
    put_reproduction(page, &arena, out);
    fprintf(out,
            "</main>\n<footer><p>Made by mlpsweep %s.</p></footer>\n"
            "<script type=\"application/json\" id=\"data\">",
            program_version);
    fwrite(page->parts->data.text, 1, page->parts->data.length, out);
    fprintf(out, "</script>\n<script>\n%s</script>\n</body></html>\n", page_js);
    arena_close(&arena);
}
