/* `doctor`: what training would find on this machine, and what slows or breaks it. Changes nothing.
 */
#include "base/machine.h"
#include "cli/commands.h"
#include "cli/speed.h"
#include "cli/versions.h"
#include "data/dataset.h"
#include "nn/matrix.h"
#include "nn/panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *name, const char *value) {
    printf("%-14s %s\n", name, value);
}

static void warn(const char *text) {
    printf("%-14s %s\n", "  warning", text);
}

static bool has_avx512(void) {
#if defined __x86_64__
    return __builtin_cpu_supports("avx512f");
#else
    return false;
#endif
}

static void examine_products(struct arena *arena) {
    const struct panel_kernel *kernel = panel_kernel_here();
    char text[160];
    bool wide = strcmp(matrix_core(), "SkylakeX") == 0 ||
                strcmp(matrix_core(), "Cooperlake") == 0 ||
                strcmp(matrix_core(), "SapphireRapids") == 0;
    show("BLAS threads", "1 in each worker");
    if (has_avx512() && !wide && getenv("OPENBLAS_CORETYPE"))
        warn(
            "OPENBLAS_CORETYPE keeps BLAS from its AVX-512 kernels: on many processors products of "
            "wide layers after the first then run at half the speed (env -u OPENBLAS_CORETYPE)");
    snprintf(text, sizeof text, "%s%s", kernel->name,
             kernel->is_fused ? "" : ", no fused multiply-add");
    show("first layers", text);
    snprintf(text, sizeof text, "%.0f GFLOP/s a core by BLAS, %.0f in first layers",
             speed_of_blas(5, arena), speed_of_panels(5, arena));
    show("speed", text);
    snprintf(text, sizeof text, "%zu", machine_cores(""));
    show("cores", text);
}

static void examine_data(struct arena *arena) {
    const struct data_source *source;
    for (size_t i = 0; (source = data_builtin(i)); i++) {
        struct data_source located;
        struct error err = {0};
        if (data_locate(source, arena, &located, &err))
            show(source->name, located.train[0]);
        else {
            show(source->name, "not found");
            warn(err.first->text);
        }
        error_clear(&err);
    }
}

static void examine_gnuplot(void) {
    char version[80] = "";
    FILE *pipe = popen("gnuplot --version 2>/dev/null", "r");
    if (pipe && fgets(version, sizeof version, pipe))
        version[strcspn(version, "\n")] = '\0';
    if (pipe)
        pclose(pipe);
    show("gnuplot", *version ? version : "not found");
    if (!*version)
        warn("no figures without gnuplot (apt-get install gnuplot-nox)");
}

static bool run(const struct invocation *in, struct error *err) {
    (void)err;
    versions_write(in->arena, stdout);
    examine_products(in->arena);
    examine_gnuplot();
    examine_data(in->arena);
    show("database", option_database(in));
    return true;
}

const struct command command_doctor = {
    .name = "doctor",
    .help = "what this machine has: BLAS, speed, data sets, gnuplot; warns of what slows or breaks",
    .example = "mlpsweep doctor",
    .options = {OPTION_DB},
    .run = run,
};
