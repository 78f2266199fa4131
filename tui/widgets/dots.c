#include "widgets/dots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/text.h"

/* Rows of a braille pattern from above, and its columns. */
enum {
    ROW_0 = 0x09,
    ROW_1 = 0x12,
    ROW_2 = 0x24,
    ROW_3 = 0xC0,
    LEFT = 0x47,
    RIGHT = 0xB8
};

void dots_resize(struct dots *d, int w, int h)
{
    size_t n = (size_t)MAX_OF(w, 1) * (size_t)MAX_OF(h, 1);
    d->w = MAX_OF(w, 1);
    d->h = MAX_OF(h, 1);
    d->bits = xreallocarray(d->bits, n, 1);
    d->roles = xreallocarray(d->roles, n, 1);
    memset(d->bits, 0, n);
    memset(d->roles, ROLE_TEXT, n);
}

void dots_release(struct dots *d)
{
    free(d->bits);
    free(d->roles);
    memset(d, 0, sizeof *d);
}

void dots_copy(struct dots *d, const struct dots *from)
{
    size_t n = (size_t)from->w * (size_t)from->h;
    dots_resize(d, from->w, from->h);
    memcpy(d->bits, from->bits, n);
    memcpy(d->roles, from->roles, n);
}

void dots_set(struct dots *d, enum role role, int x, int y)
{
    static const uint8_t bits[DOTS_DOWN][DOTS_ACROSS] = {
        {1, 8}, {2, 16}, {4, 32}, {64, 128}};
    if (x < 0 || y < 0 || x >= d->w * DOTS_ACROSS || y >= d->h * DOTS_DOWN)
        return;
    int i = y / DOTS_DOWN * d->w + x / DOTS_ACROSS;
    d->bits[i] |= bits[y % DOTS_DOWN][x % DOTS_ACROSS];
    d->roles[i] = (uint8_t)role;
}

/* ---- lines --------------------------------------------------------------------- */

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

void dots_dashes(struct dots *d, enum role role, const double from[2],
                 const double to[2], int n)
{
    double w = d->w * DOTS_ACROSS - 1;
    double h = d->h * DOTS_DOWN - 1;
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
    double part = steps > 0 ? 1.0 / steps : 0;
    for (int i = 0; i <= steps; i += n)
        dots_set(d, role, (int)(x + i * part * long_x + 0.5),
                 (int)(y + i * part * long_y + 0.5));
}

void dots_line(struct dots *d, enum role role, const double from[2], const double to[2])
{
    dots_dashes(d, role, from, to, 1);
}

/* ---- characters ---------------------------------------------------------------- */

/* Left dots above and right ones below (or the other way round) lean. */
static char leaning(unsigned bits)
{
    bool top_left = (bits & LEFT & (ROW_0 | ROW_1)) != 0;
    bool top_right = (bits & RIGHT & (ROW_0 | ROW_1)) != 0;
    bool low_left = (bits & LEFT & (ROW_2 | ROW_3)) != 0;
    bool low_right = (bits & RIGHT & (ROW_2 | ROW_3)) != 0;
    if (top_left && low_right && !top_right && !low_left)
        return '\\';
    if (top_right && low_left && !top_left && !low_right)
        return '/';
    if ((bits & LEFT) == 0 || (bits & RIGHT) == 0)
        return '|';
    bool left_heavy = __builtin_popcount(bits & LEFT) > 2;
    return top_left && low_right   ? (left_heavy ? '|' : '\\')
           : top_right && low_left ? '/'
                                   : '+';
}

/* The ASCII character whose ink is about where the dots are. */
static char ascii_of(unsigned bits)
{
    int count = __builtin_popcount(bits);
    if (count == 1)
        return bits & (ROW_0 | ROW_1) ? '\'' : '.';
    if (count >= 7)
        return '#';
    if ((bits & ~(ROW_0 | ROW_1)) == 0)
        return bits & ROW_0 ? '"' : '-';
    if ((bits & ~(ROW_1 | ROW_2)) == 0)
        return '-';
    if ((bits & ~(ROW_2 | ROW_3)) == 0)
        return (bits & ROW_3) == ROW_3 ? '_' : '.';
    return leaning(bits);
}

static uint32_t half_block(unsigned bits)
{
    bool upper = (bits & (ROW_0 | ROW_1)) != 0;
    bool lower = (bits & (ROW_2 | ROW_3)) != 0;
    return upper && lower ? 0x2588 : upper ? 0x2580 : 0x2584;
}

void dots_paint(const struct dots *d, struct canvas *canvas, struct rect area)
{
    char texts[256][5];
    enum canvas_dots kind = canvas_dots(canvas);
    struct pen pen = pen_on(canvas, area);
    for (unsigned bits = 1; bits < 256; bits++) {
        text_encode(kind == CANVAS_BRAILLE  ? 0x2800 + bits
                    : kind == CANVAS_BLOCKS ? half_block(bits)
                                            : (uint32_t)ascii_of(bits),
                    texts[bits]);
    }
    for (int y = 0; y < d->h; y++) {
        for (int x = 0; x < d->w; x++) {
            int i = y * d->w + x;
            if (d->bits[i] == 0)
                continue;
            pen_to(&pen, x, y);
            pen_text(&pen, (enum role)d->roles[i], texts[d->bits[i]]);
        }
    }
}
