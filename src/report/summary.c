#include "report/summary.h"

#include "report/words.h"

enum {
    SHOWN_MAX = 8, /* variants with sentences of their own: of the others the table says it */
};

bool summary_load(struct query_database *database, const char *experiment, size_t metrics,
                  struct arena *arena, struct summary *summary, struct error *err) {
    struct results *results = &summary->results;
    if (!results_load(database, experiment, arena, results, err) ||
        !histories_load(database, results, metrics, arena, &summary->histories, err))
        return false;
    summary->verdicts = arena_alloc(arena, results->count, sizeof *summary->verdicts);
    verdicts_of(results, &summary->histories, summary->verdicts);
    return true;
}

static void write_heading(const char *before, const char *text, size_t room, const char *after,
                          FILE *out) {
    fputs(before, out);
    sentences_write(text, room, 0, 0, out);
    fputs(after, out);
}

/* An empty line stands above the first. */
static void write_variant(struct subject *subject, const char *prefix, size_t room, bool *begun,
                          FILE *out) {
    const char *text = sentences_about(subject, SENTENCE_OF_VARIANT);
    if (*text && !*begun)
        fputc('\n', out);
    *begun |= *text != '\0';
    if (*text)
        sentences_write(arena_printf(subject->arena, "%s%s", prefix, text), room, 0, 2, out);
}

static void write_variants(const struct leaderboard *board, const struct verdict *verdicts,
                           struct subject *subject, size_t room, FILE *out) {
    size_t shown = board->count < SHOWN_MAX ? board->count : SHOWN_MAX;
    bool begun = false;
    for (size_t g = 0; g < shown; g++) {
        subject->group = &board->groups[g];
        subject->verdict = &verdicts[g];
        if (subject->group->count)
            write_variant(
                subject,
                board->count > 1 ? arena_printf(subject->arena, "%s: ", subject->group->label) : "",
                room, &begun, out);
    }
    if (shown < board->count)
        fprintf(out, "%zu more variant%s: see the column verdict.\n", board->count - shown,
                words_plural(board->count - shown));
}

static void write_comparisons(const struct comparison *comparisons, size_t count,
                              struct subject *subject, size_t room, FILE *out) {
    size_t written = 0;
    for (size_t i = 0; i < count && written < SHOWN_MAX; i++) {
        subject->comparison = &comparisons[i];
        const char *text = sentences_about(subject, SENTENCE_OF_COMPARISON);
        if (!*text)
            continue;
        if (!written++)
            write_heading("\n",
                          arena_printf(subject->arena, "Against %s:", comparisons[i].a->label),
                          room, "", out);
        sentences_write(text, room, 2, 4, out);
    }
}

struct subject summary_subject(const struct leaderboard *board, const char *baseline,
                               struct arena *arena, const struct comparison **comparisons,
                               size_t *count) {
    struct subject subject = {.board = board, .arena = arena};
    const struct group *reference = board_reference(board, baseline);
    *comparisons = comparisons_of(board, reference, count, arena);
    subject.comparisons = *comparisons;
    subject.comparison_count = *count;
    if (reference != &board->groups[0])
        subject.comparisons =
            comparisons_of(board, &board->groups[0], &subject.comparison_count, arena);
    for (size_t i = 0; i < *count; i++)
        subject.compared += (*comparisons)[i].pairs > 0;
    return subject;
}

static void write_board(const struct leaderboard *board, const struct verdict *verdicts,
                        const char *baseline, size_t room, bool colours, struct arena *arena,
                        FILE *out) {
    const struct comparison *comparisons;
    size_t count;
    struct subject subject = summary_subject(board, baseline, arena, &comparisons, &count);
    struct table table = leaderboard_table(board, verdicts, arena);
    table_style *style =
        board->is_validated && board->count > 1 ? table_style_leader : table_style_states;
    table_write_styled(&table, room, 2, colours ? style : NULL, out);
    fputc('\n', out);
    sentences_write(sentences_about(&subject, SENTENCE_OF_BOARD), room, 0, 0, out);
    write_variants(board, verdicts, &subject, room, out);
    if (board->is_validated)
        write_comparisons(comparisons, count, &subject, room, out);
}

void summary_write(const struct summary *summary, size_t room, bool colours, FILE *out) {
    const struct results *results = &summary->results;
    struct arena arena = {0};
    if (results->question)
        sentences_write(results->question, room, 0, 0, out);
    const char *dataset =
        results->board_count == 1 ? arena_printf(&arena, " (%s)", results->dataset) : "";
    write_heading("",
                  arena_printf(&arena, "%s%s: %zu variant%s, %zu of %zu trial%s done",
                               results->experiment, dataset, results->count,
                               results->count == 1 ? "" : "s", results->done, results->trials,
                               results->trials == 1 ? "" : "s"),
                  room, "\n", out);
    for (size_t b = 0; results->done && b < results->board_count; b++) {
        const struct leaderboard *board = &results->boards[b];
        if (results->board_count > 1)
            write_heading(b ? "\n" : "", board->title, room, "\n", out);
        write_board(board, &summary->verdicts[board->groups - results->groups], results->baseline,
                    room, colours, &arena, out);
    }
    arena_close(&arena);
}
