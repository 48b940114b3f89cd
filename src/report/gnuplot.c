#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_MAX = 60 };

/* Bytes of the UTF-8 sequence at `text` if it is one that may be shown, else 0. */
static size_t shown_bytes(const char *text) {
    const unsigned char *t = (const unsigned char *)text;
    if (t[0] < 0x80)
        return t[0] >= 0x20 && t[0] != 0x7F;
    size_t bytes = t[0] >= 0xC2 && t[0] < 0xE0   ? 2
                   : t[0] >= 0xE0 && t[0] < 0xF0 ? 3
                   : t[0] >= 0xF0 && t[0] < 0xF5 ? 4
                                                 : 0;
    for (size_t i = 1; i < bytes; i++)
        if ((t[i] & 0xC0) != 0x80)
            return 0;
    if ((t[0] == 0xC2 && t[1] < 0xA0) || (t[0] == 0xE0 && t[1] < 0xA0) ||
        (t[0] == 0xED && t[1] > 0x9F) || (t[0] == 0xF0 && t[1] < 0x90) ||
        (t[0] == 0xF4 && t[1] > 0x8F) || (t[0] == 0xEF && t[1] == 0xBF && t[2] > 0xBD))
        return 0; /* a second set of controls, overlong, surrogates, beyond Unicode, no character */
    return bytes;
}

const char *gnuplot_plain(const char *text, struct arena *arena) {
    char *plain = arena_alloc(arena, strlen(text) + 1, 1), *to = plain;
    while (*text) {
        size_t bytes = shown_bytes(text);
        if (bytes)
            memcpy(to, text, bytes);
        else
            *to = strchr("\t\r\n", *text) ? ' ' : '?';
        to += bytes ? bytes : 1;
        text += bytes ? bytes : 1;
        while (!bytes && ((unsigned char)*text & 0xC0) == 0x80)
            text++;
    }
    return plain;
}

/* Gnuplot misreads some rows of quotes in single quotes, and runs what stands between back-ticks in
 * double quotes: so quotes stand in double quotes, all else in single ones. */
const char *gnuplot_quoted(const char *text, struct arena *arena) {
    char *quoted = arena_alloc(arena, 6 * strlen(text) + 8, 1), *at = quoted;
    text = gnuplot_plain(text, arena);
    *at++ = '\'';
    while (*text) {
        size_t quotes = strspn(text, "'");
        if (quotes)
            at += sprintf(at, "' . \"%.*s\" . '", (int)quotes, text);
        for (text += quotes; *text && *text != '\''; text++)
            *at++ = *text;
    }
    *at = '\'';
    return quoted;
}

static bool write_file(const char *path, const char *text, struct error *err) {
    FILE *file = fopen(path, "we");
    bool ok = file && fputs(text, file) >= 0;
    ok &= file && fclose(file) == 0;
    return ok || error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
}

/* What the body relies on. */
static const char *preamble_of(const struct drawing *drawing, bool plain, struct arena *arena) {
    return arena_printf(arena,
                        "set encoding utf8\n"
                        "set datafile separator \"\\t\"\n"
                        "set datafile missing 'NaN'\n"
                        "W = %d.0\n"
                        "H = %d.0\n"
                        "plain = %d\n",
                        drawing->width, drawing->height, plain);
}

static const char *script_of(const struct drawing *drawing, unsigned formats, struct arena *arena) {
    return arena_printf(
        arena,
        "# Redraw with: gnuplot %s.gp\n"
        "%s"
        "do for [format in '%s%s'] {\n"
        "  reset\n"
        "  if (format eq 'svg') {\n"
        "    set terminal svg size %d,%d noenhanced font 'DejaVu Sans,12' background rgb 'white'\n"
        "  } else {\n"
        "    set terminal pngcairo size %d,%d noenhanced font 'DejaVu Sans,12' fontscale 1.5 "
        "linewidth 2 pointscale 2\n"
        "  }\n"
        "  set output '%s.' . format\n"
        "%s"
        "  unset output\n"
        "}\n",
        drawing->name, preamble_of(drawing, false, arena), formats & GNUPLOT_SVG ? "svg " : "",
        formats & GNUPLOT_PNG ? "png" : "", drawing->width, drawing->height, 2 * drawing->width,
        2 * drawing->height, drawing->name, drawing->body);
}

static const char *script_for_screen(const struct drawing *drawing, const struct screen *screen,
                                     struct arena *arena) {
    const char *terminal =
        screen->sixel
            ? arena_printf(arena, "sixelgd size %d,%d truecolor noenhanced font 'DejaVu Sans,9'",
                           drawing->width, drawing->height)
            : arena_printf(arena, "dumb nofeed size %d,%d noenhanced %s",
                           drawing->width / GNUPLOT_CHARACTER_WIDTH + 1,
                           drawing->height / GNUPLOT_CHARACTER_HEIGHT + 1,
                           screen->colours ? "ansi256" : "mono");
    return arena_printf(arena, "%sset terminal %s\n%s", preamble_of(drawing, !screen->sixel, arena),
                        terminal, drawing->body);
}

/* Gnuplot's first complaint, which names its script and line, or what is known of its end. That the
 * C locale has no degree sign is none. */
static bool complain(const char *folder, const char *what, struct error *err) {
    struct arena arena = {0};
    char line[512], path[4096];
    const char *first = "";
    snprintf(path, sizeof path, "%s/errors", folder);
    FILE *file = fopen(path, "re");
    while (file && !*first && fgets(line, sizeof line, file))
        if (*line == '"' && !strstr(line, "iconv"))
            first = gnuplot_plain(arena_printf(&arena, ": %.*s", (int)strcspn(line, "\n"), line),
                                  &arena);
    if (file)
        fclose(file);
    error_set(err, ERROR_FAILED, "gnuplot: %s%s", what, first);
    arena_close(&arena);
    return false;
}

/* Waits for the child; -1: it took too long and was killed. */
static int wait_for(pid_t child) {
    const struct timespec pause = {.tv_nsec = 5000000};
    int status;
    for (int i = 0; i < SECONDS_MAX * 200; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

/* This process's environment, but in the C locale. */
static char **environment(struct arena *arena) {
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **own = arena_alloc(arena, count + 2, sizeof *own);
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "LC_ALL=", strlen("LC_ALL=")) != 0)
            own[kept++] = environ[i];
    own[kept] = arena_text(arena, "LC_ALL=C", strlen("LC_ALL=C"));
    return own;
}

/* Runs the script in its folder; what it draws to standard output goes to the file `out`. missing:
 * takes the message where there is no gnuplot, err where it fails. */
static bool run(const char *folder, const char *script, const char *out, struct error *missing,
                struct error *err) {
    char *arguments[] = {"gnuplot", "-d", (char *)(uintptr_t)script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_addopen(&actions, 2, "errors", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    struct arena arena = {0};
    int status = posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environment(&arena));
    arena_close(&arena);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0)
        return error_set(missing, ERROR_FAILED, "gnuplot: %s (apt-get install gnuplot-nox)",
                         strerror(status));
    status = wait_for(child);
    if (status == -1)
        return complain(folder, "killed after a minute", err);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return error_set(missing, ERROR_FAILED,
                         "gnuplot is not here (apt-get install gnuplot-nox)");
    return status == 0 || complain(folder, "the figure could not be drawn", err);
}

/* The files of a figure, in the order in which they are put in place. */
static const struct {
    const char *suffix;
    unsigned format; /* 0: always there */
} files[] = {{"tsv", 0}, {"gp", 0}, {"svg", GNUPLOT_SVG}, {"png", GNUPLOT_PNG}};
enum { FILES = sizeof files / sizeof *files };

static bool is_wanted(size_t file, unsigned formats) {
    return !files[file].format || formats & files[file].format;
}

/* Whether gnuplot drew something into every file. */
static bool check_files(const char *folder, const char *name, unsigned formats, struct error *err) {
    char path[4096];
    struct stat info;
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", folder, name, files[i].suffix);
        if (is_wanted(i, formats) && (stat(path, &info) != 0 || info.st_size == 0))
            return complain(folder, "a figure came out empty", err);
    }
    return true;
}

/* Moves NAME.SUFFIX from one folder to the other. */
static bool move(const char *from, const char *to, const char *name, const char *suffix,
                 struct error *err) {
    char source[4096], target[4096];
    snprintf(source, sizeof source, "%s/%s.%s", from, name, suffix);
    snprintf(target, sizeof target, "%s/%s.%s", to, name, suffix);
    return rename(source, target) == 0 ||
           error_set(err, ERROR_FAILED, "%s: %s", target, strerror(errno));
}

static bool move_files(const char *from, const char *to, const char *name, unsigned formats,
                       struct error *err) {
    for (size_t i = 0; i < FILES; i++)
        if (is_wanted(i, formats) && !move(from, to, name, files[i].suffix, err))
            return false;
    return true;
}

static void remove_files(const char *folder, const char *name, bool script_too) {
    char path[4096];
    for (size_t i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/%s.%s", folder, name, files[i].suffix);
        if (script_too || files[i].format)
            unlink(path);
    }
    snprintf(path, sizeof path, "%s/errors", folder);
    unlink(path);
}

/* A script that failed stays beside the figures, whole, with its data: FOLDER/NAME.failed/NAME.gp.
 */
static void keep_failed(const char *work, const char *failed, const char *name) {
    remove_files(work, name, false);
    remove_files(failed, name, true);
    rmdir(failed);
    rename(work, failed);
}

/* The first message, with the place of the script that it is about. */
static bool name_script(const char *failed, const char *name, const struct error *own,
                        struct error *err) {
    return error_set(err, own->kind, "%s (script: %s/%s.gp)", own->first->text, failed, name);
}

bool gnuplot_draw(const struct drawing *drawing, const char *folder, unsigned formats,
                  struct error *err) {
    struct arena arena = {0};
    struct error own = {0};
    const char *name = drawing->name;
    const char *failed = arena_printf(&arena, "%s/%s.failed", folder, name);
    char *work = arena_printf(&arena, "%s/.drawing-XXXXXX", folder);
    if (!mkdtemp(work)) {
        error_set(err, ERROR_FAILED, "%s: %s", folder, strerror(errno));
        arena_close(&arena);
        return false;
    }
    bool written = write_file(arena_printf(&arena, "%s/%s.gp", work, name),
                              script_of(drawing, formats, &arena), err) &&
                   write_file(arena_printf(&arena, "%s/%s.tsv", work, name), drawing->data, err);
    bool ok = written && run(work, arena_printf(&arena, "%s.gp", name), "/dev/null", err, &own) &&
              check_files(work, name, formats, &own);
    if (ok) {
        ok = move_files(work, folder, name, formats, err);
        remove_files(failed, name, true);
        rmdir(failed);
    } else if (own.first) {
        keep_failed(work, failed, name);
        name_script(failed, name, &own, err);
    }
    remove_files(work, name, true);
    rmdir(work);
    error_clear(&own);
    arena_close(&arena);
    return ok;
}

/* Copies to standard output, without the form feed that gnuplot begins a page of characters with.
 */
static bool copy_out(const char *path, struct error *err) {
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ERROR_FAILED, "%s: %s", path, strerror(errno));
    for (int c; (c = fgetc(file)) != EOF;)
        if (c != '\f')
            putchar(c);
    putchar('\n');
    fclose(file);
    return true;
}

bool gnuplot_show(const struct drawing *drawing, const struct screen *screen, struct error *err) {
    struct arena arena = {0};
    const char *folder = getenv("TMPDIR"), *name = drawing->name;
    char *work = arena_printf(&arena, "%s/mlpsweep-XXXXXX", folder && *folder ? folder : "/tmp");
    if (!mkdtemp(work)) {
        error_set(err, ERROR_FAILED, "%s: %s", work, strerror(errno));
        arena_close(&arena);
        return false;
    }
    bool ok = write_file(arena_printf(&arena, "%s/%s.gp", work, name),
                         script_for_screen(drawing, screen, &arena), err) &&
              write_file(arena_printf(&arena, "%s/%s.tsv", work, name), drawing->data, err) &&
              run(work, arena_printf(&arena, "%s.gp", name), "shown", err, err) &&
              copy_out(arena_printf(&arena, "%s/shown", work), err);
    unlink(arena_printf(&arena, "%s/shown", work));
    remove_files(work, name, true);
    rmdir(work);
    arena_close(&arena);
    return ok;
}
