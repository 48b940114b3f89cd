#define _DEFAULT_SOURCE /* struct winsize */
#include "cli/screen.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum {
    ROWS_DEFAULT = 24,
    COLUMNS_DEFAULT = 80,
    COLUMNS_LEAST = 40,
    COLUMNS_MOST = 250,
    ANSWER_MILLISECONDS = 200
};

/* The terminal's answer to "what are you": ESC [ ? 62 ; 4 ; ... c. Attribute 4 is sixel graphics.
 * Source: DEC VT340, primary device attributes. */
static bool answers_sixel(int terminal) {
    char answer[64] = "";
    size_t length = 0;
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    if (write(terminal, "\033[c", 3) != 3)
        return false;
    while (length + 1 < sizeof answer && !strchr(answer, 'c') &&
           poll(&ready, 1, ANSWER_MILLISECONDS) == 1) {
        ssize_t got = read(terminal, answer + length, 1);
        if (got != 1)
            break;
        answer[++length] = '\0';
    }
    for (const char *at = strchr(answer, ';'); at; at = strchr(at + 1, ';'))
        if (at[1] == '4' && (at[2] == ';' || at[2] == 'c'))
            return true;
    return false;
}

static bool shows_sixel(void) {
    struct termios before, raw;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return false;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return false;
    bool sixel = answers_sixel(STDIN_FILENO);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return sixel;
}

size_t screen_size(int descriptor, size_t *rows) {
    struct winsize size;
    bool known = isatty(descriptor) == 1 && ioctl(descriptor, TIOCGWINSZ, &size) == 0;
    *rows = known && size.ws_row ? size.ws_row : ROWS_DEFAULT;
    if (isatty(descriptor) != 1)
        return 0;
    return known && size.ws_col ? size.ws_col : COLUMNS_DEFAULT;
}

size_t screen_columns(int descriptor) {
    size_t rows;
    return screen_size(descriptor, &rows);
}

bool screen_has_colours(int descriptor) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(descriptor) == 1 && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

struct screen screen_of_output(void) {
    struct screen screen = {.columns = COLUMNS_DEFAULT};
    size_t columns = screen_columns(STDOUT_FILENO);
    if (!columns)
        return screen;
    screen.columns = columns < COLUMNS_LEAST  ? COLUMNS_LEAST
                     : columns > COLUMNS_MOST ? COLUMNS_MOST
                                              : (int)columns;
    screen.colours = screen_has_colours(STDOUT_FILENO);
    screen.sixel = screen.colours && shows_sixel();
    return screen;
}
