#include "report/moments.h"

#include "trial/student.h"

#include <math.h>

struct moments moments_of(const double *values, size_t count, size_t stride) {
    struct moments m = {.mean = (double)NAN,
                        .sd = (double)NAN,
                        .half = (double)NAN,
                        .minimum = (double)NAN,
                        .maximum = (double)NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double x = values[i * stride];
        if (isnan(x))
            continue;
        m.minimum = m.n == 0 || x < m.minimum ? x : m.minimum;
        m.maximum = m.n == 0 || x > m.maximum ? x : m.maximum;
        sum += x;
        m.n++;
    }
    if (!m.n)
        return m;
    m.mean = sum / (double)m.n;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i * stride]))
            squares += (values[i * stride] - m.mean) * (values[i * stride] - m.mean);
    if (m.n > 1) {
        m.sd = sqrt(squares / (double)(m.n - 1));
        m.half = student_quantile(m.n - 1) * m.sd / sqrt((double)m.n);
    }
    return m;
}
