#include "nn/orthogonal.h"

#include <math.h>

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void subtract_projection(double *vector, const double *unit, size_t n) {
    double along = dot(vector, unit, n);
    for (size_t i = 0; i < n; i++)
        vector[i] -= along * unit[i];
}

/* Gram-Schmidt gives R a positive diagonal, which is the sign convention asked for; done twice it
 * is orthogonal to machine precision (Giraud et al. 2005). Vectors are the shorter side's rows, so
 * that each is contiguous. */
void orthogonal_columns(size_t fan_in, size_t fan_out, double gain, struct arena *scratch,
                        float *kernel) {
    bool tall = fan_in >= fan_out; /* columns of the kernel are the vectors, else its rows */
    size_t count = tall ? fan_out : fan_in, length = tall ? fan_in : fan_out;
    double *vectors = arena_alloc(scratch, count * length, sizeof *vectors);
    for (size_t v = 0; v < count; v++)
        for (size_t i = 0; i < length; i++)
            vectors[v * length + i] = (double)kernel[tall ? i * fan_out + v : v * fan_out + i];
    for (size_t v = 0; v < count; v++) {
        double *vector = vectors + v * length;
        for (int pass = 0; pass < 2; pass++)
            for (size_t u = 0; u < v; u++)
                subtract_projection(vector, vectors + u * length, length);
        double norm = sqrt(dot(vector, vector, length));
        for (size_t i = 0; i < length; i++)
            vector[i] /= norm;
    }
    for (size_t v = 0; v < count; v++)
        for (size_t i = 0; i < length; i++)
            kernel[tall ? i * fan_out + v : v * fan_out + i] =
                (float)(gain * vectors[v * length + i]);
}
