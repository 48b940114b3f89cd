#include "cli/session.h"

#include "nn/matrix.h"
#include "nn/stack.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What stands behind `model name :` in /proc/cpuinfo. */
static const char *cpu_name(struct arena *arena) {
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256];
    const char *name = NULL;
    while (file && !name && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            const char *value = strchr(line, ':') + 1;
            value += strspn(value, " \t");
            name = arena_text(arena, value, strcspn(value, "\n"));
        }
    if (file)
        fclose(file);
    return name;
}

static const char *git_commit(struct arena *arena) {
    FILE *pipe = popen("git rev-parse --verify --quiet HEAD 2>/dev/null", "re");
    char line[80] = "";
    if (pipe && !fgets(line, sizeof line, pipe))
        *line = '\0';
    if (pipe)
        pclose(pipe);
    size_t length = strcspn(line, "\n");
    return length ? arena_text(arena, line, length) : NULL;
}

struct session_info session_describe(const struct invocation *in, const struct workload *workloads,
                                     size_t count, size_t threads) {
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        *host = '\0';
    const char *names = "", *text = "";
    for (size_t w = 0; w < count; w++) {
        names = arena_printf(in->arena, "%s%s%s", names, w ? ", " : "", workloads[w].plan.name);
        text = w ? arena_printf(in->arena, "%s---\n%s", text, workloads[w].plan.text)
                 : workloads[w].plan.text;
    }
    return (struct session_info){.command = in->line,
                                 .git_commit = git_commit(in->arena),
                                 .host = arena_text(in->arena, host, strlen(host)),
                                 .cpu = cpu_name(in->arena),
                                 .blas =
                                     matrix_version(arena_alloc(in->arena, MATRIX_VERSION_MAX, 1)),
                                 .blas_core = stack_core(arena_alloc(in->arena, STACK_CORE_MAX, 1)),
                                 .experiment = names,
                                 .text = text,
                                 .threads = threads};
}
