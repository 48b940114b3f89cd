#include "report/sentences.h"

#include "base/text.h"
#include "report/table.h"

#include <string.h>

enum { WIDTH = 100 }; /* columns at which text is wrapped at most */

const struct sentence *const sentences[] = {
    board_sentences, trial_sentences, curve_sentences, comparison_sentences, NULL,
};

static const char *append(const struct sentence *list, const struct subject *subject,
                          const char *text) {
    for (; list->name; list++)
        if (list->holds(subject))
            text =
                arena_printf(subject->arena, "%s%s%s", text, *text ? " " : "", list->text(subject));
    return text;
}

const char *sentences_about(const struct subject *subject, enum sentence_topic topic) {
    switch (topic) {
    case SENTENCE_OF_BOARD:
        return append(board_sentences, subject, "");
    case SENTENCE_OF_VARIANT:
        return append(curve_sentences, subject, append(trial_sentences, subject, ""));
    case SENTENCE_OF_COMPARISON:
        return append(comparison_sentences, subject, "");
    }
    return "";
}

void sentences_write(const char *text, size_t room, size_t first, size_t indent, FILE *out) {
    struct arena arena = {0};
    fprintf(out, "%*s", (int)first, "");
    table_write_wrapped(text_visible(text, strlen(text), &arena),
                        room && room < WIDTH ? room : WIDTH, first, indent, out);
    arena_close(&arena);
}
