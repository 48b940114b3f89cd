#include "trial/topology.h"

#include "base/text.h"

#include <string.h>

static bool refuse(const char *text, struct place place, struct error *err) {
    return error_at(err, place, "topology must be a list of widths such as [20, 15], not '%s'",
                    text);
}

/* A run of digits at *at; moves behind it. */
static bool read_whole(const char **at, uint64_t *whole) {
    size_t length = strspn(*at, "0123456789");
    bool ok = text_to_whole(*at, length, whole);
    *at += length;
    return ok;
}

static bool add_layers(struct topology *topology, uint64_t width, uint64_t layers,
                       struct place place, struct error *err) {
    if (width < 1 || width > WIDTH_MAX)
        return error_at(err, place, "a layer has 1 to %d units, not %llu", WIDTH_MAX,
                        (unsigned long long)width);
    if (layers < 1)
        return error_at(err, place, "%llux0 has no layers", (unsigned long long)width);
    if (layers > HIDDEN_LAYERS_MAX - topology->depth)
        return error_at(err, place, "a topology has at most %d hidden layers", HIDDEN_LAYERS_MAX);
    for (uint64_t l = 0; l < layers; l++)
        topology->width[topology->depth++] = (uint32_t)width;
    return true;
}

bool topology_parse(const char *text, struct place place, struct topology *topology,
                    struct error *err) {
    *topology = (struct topology){0};
    if (strcmp(text, "none") == 0)
        return true;
    const char *at = text;
    bool list = *at == '[';
    at += list;
    at += strspn(at, " ");
    if (list && strcmp(at, "]") == 0)
        return true;
    for (;;) {
        uint64_t width, layers = 1;
        if (!read_whole(&at, &width))
            return refuse(text, place, err);
        if (*at == 'x') {
            at++;
            if (!read_whole(&at, &layers))
                return refuse(text, place, err);
        }
        if (!add_layers(topology, width, layers, place, err))
            return false;
        at += strspn(at, " ");
        if (*at != (list ? ',' : '-'))
            break;
        at++;
        at += strspn(at, " ");
    }
    if (strcmp(at, list ? "]" : "") != 0)
        return refuse(text, place, err);
    return true;
}

const char *topology_text(const struct topology *topology, struct arena *arena) {
    const char *text = topology->depth ? "" : "none";
    for (uint32_t l = 0; l < topology->depth; l++)
        text = arena_printf(arena, "%s%s%u", text, l ? "-" : "", topology->width[l]);
    return text;
}

const char *topology_list(const struct topology *topology, struct arena *arena) {
    const char *text = "[";
    for (uint32_t l = 0; l < topology->depth; l++)
        text = arena_printf(arena, "%s%s%u", text, l ? ", " : "", topology->width[l]);
    return arena_printf(arena, "%s]", text);
}

int topology_compare(const struct topology *a, const struct topology *b) {
    int order = (a->depth > b->depth) - (a->depth < b->depth);
    for (uint32_t l = 0; l < a->depth && !order; l++)
        order = (a->width[l] > b->width[l]) - (a->width[l] < b->width[l]);
    return order;
}
