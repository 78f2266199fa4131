#include "widgets/dots.h"

#include <math.h>
#include <string.h>

#include "ui/text.h"

void dots_set(const struct dots *d, enum role role, int x, int y)
{
    static const unsigned char bits[DOTS_DOWN][DOTS_ACROSS] = {
        {1, 8}, {2, 16}, {4, 32}, {64, 128}};
    int column = d->area.x + x / DOTS_ACROSS;
    int row = d->area.y + y / DOTS_DOWN;
    struct rect inside = rect_clip(d->area, canvas_rect(d->canvas));
    if (x < 0 || y < 0 || column >= inside.x + inside.w || row >= inside.y + inside.h)
        return;
    uint32_t cp = 0;
    const char *old = canvas_cell(d->canvas, column, row)->text;
    text_decode(old, strlen(old), &cp);
    bool braille = cp >= 0x2800 && cp <= 0x28FF;
    if (d->under && !braille && cp != ' ')
        return;
    struct pen pen = pen_on(d->canvas, d->area);
    pen_to(&pen, column - d->area.x, row - d->area.y);
    if (canvas_is_ascii(d->canvas)) {
        pen_text(&pen, role, d->ascii);
        return;
    }
    char text[5];
    uint32_t dots = braille ? cp - 0x2800 : 0;
    text_encode(0x2800 + (dots | bits[y % DOTS_DOWN][x % DOTS_ACROSS]), text);
    pen_text(&pen, role, text);
}

/* One side of Liang and Barsky's clipping; false when nothing is left. */
static bool clip_side(double direction, double distance, double *t0, double *t1)
{
    if (fabs(direction) < 1e-12)
        return distance >= 0;
    double t = distance / direction;
    if (direction < 0)
        *t0 = fmax(*t0, t);
    else
        *t1 = fmin(*t1, t);
    return *t0 <= *t1;
}

void dots_line(const struct dots *d, enum role role, const double from[2],
               const double to[2])
{
    double w = d->area.w * DOTS_ACROSS - 1;
    double h = d->area.h * DOTS_DOWN - 1;
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double t0 = 0;
    double t1 = 1;
    if (!clip_side(-dx, from[0], &t0, &t1) || !clip_side(dx, w - from[0], &t0, &t1) ||
        !clip_side(-dy, from[1], &t0, &t1) || !clip_side(dy, h - from[1], &t0, &t1))
        return;
    double x = from[0] + t0 * dx;
    double y = from[1] + t0 * dy;
    double long_x = (t1 - t0) * dx;
    double long_y = (t1 - t0) * dy;
    int steps = (int)ceil(fmax(fabs(long_x), fabs(long_y)));
    for (int i = 0; i <= steps; i++) {
        double part = steps > 0 ? (double)i / steps : 0;
        dots_set(d, role, (int)lround(x + part * long_x),
                 (int)lround(y + part * long_y));
    }
}
