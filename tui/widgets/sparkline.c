#include "widgets/sparkline.h"

#include <math.h>

static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

void sparkline_draw(struct pen *pen, enum role role, const double *values, size_t count,
                    int width, double max)
{
    size_t n = width > 0 ? MIN_OF(count, (size_t)width) : 0;
    const double *shown = values + (count - n);
    for (size_t i = 0; i < n; i++)
        max = fmax(max, shown[i]);
    pen_repeat(pen, role, " ", width - (int)n);
    for (size_t i = 0; i < n; i++) {
        double part = max > 0 ? shown[i] / max : 0;
        int level = (int)lround(fmin(fmax(part, 0), 1) * 8);
        pen_text(pen, role, eighths[shown[i] > 0 && level == 0 ? 1 : level]);
    }
}

void bar_draw(struct pen *pen, enum role role, double part, int width)
{
    static const char *const left[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int units = (int)lround(fmin(fmax(part, 0), 1) * width * 8);
    int x = pen->x;
    pen_repeat(pen, role, "█", units / 8);
    if (units % 8 > 0)
        pen_text(pen, role, left[units % 8]);
    pen_repeat(pen, ROLE_TEXT, " ", width - (pen->x - x));
}
