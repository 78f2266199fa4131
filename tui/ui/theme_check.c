#include "ui/theme_check.h"

#include <math.h>

#include "base/macros.h"

/* WCAG 2.2, "relative luminance": one channel of sRGB made linear. */
static double linear(unsigned channel)
{
    double c = (double)channel / 255;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
    return 0.2126 * linear(rgb >> 16 & 0xFF) + 0.7152 * linear(rgb >> 8 & 0xFF) +
           0.0722 * linear(rgb & 0xFF);
}

/* WCAG 2.2, "contrast ratio": (L1 + 0.05) / (L2 + 0.05), the lighter one above. */
double theme_contrast(unsigned a, unsigned b)
{
    double first = luminance(a);
    double second = luminance(b);
    return (fmax(first, second) + 0.05) / (fmin(first, second) + 0.05);
}

bool theme_role_is_graphic(enum role role)
{
    static const enum role graphics[] = {
        ROLE_RULE,  ROLE_GRAPH_1, ROLE_GRAPH_2, ROLE_GRAPH_3, ROLE_GRAPH_4,
        ROLE_COAST, ROLE_BORDER,  ROLE_NIGHT,   ROLE_TRAIL,   ROLE_RING,
    };
    for (size_t i = 0; i < ARRAY_LEN(graphics); i++) {
        if (graphics[i] == role)
            return true;
    }
    return false;
}

static double contrast_at(const struct theme *theme, enum role role, bool marked,
                          enum colour_depth depth)
{
    struct theme_style style = theme_style(theme, role, depth, marked);
    int bg = style.bg >= 0 ? style.bg : theme->background;
    if (style.fg < 0 || bg == COLOUR_DEFAULT)
        return 0;
    if (bg >= COLOUR_RGB && depth == DEPTH_256)
        bg = colour_nearest(colour_rgb(bg), DEPTH_256);
    return theme_contrast(colour_rgb(style.fg), colour_rgb(bg));
}

double theme_role_contrast(const struct theme *theme, enum role role, bool marked)
{
    return fmin(contrast_at(theme, role, marked, DEPTH_256),
                contrast_at(theme, role, marked, DEPTH_TRUE));
}

bool theme_role_is_visible_16(const struct theme *theme, enum role role)
{
    struct theme_style style = theme_style(theme, role, DEPTH_16, false);
    return style.fg < 0 || style.fg != style.bg;
}
