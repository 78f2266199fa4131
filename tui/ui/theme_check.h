/*
 * Whether a theme can be read: the contrast of every role with what lies under
 * it, by the formula of WCAG 2.2 ("relative luminance", "contrast ratio"), as
 * drawn with 256 colours; at least 4.5:1 for text (success criterion 1.4.3) and
 * 3:1 for graphics (1.4.11). Pure; any thread.
 */
#pragma once

#include <stdbool.h>

#include "ui/theme.h"

#define THEME_CONTRAST_TEXT     4.5
#define THEME_CONTRAST_GRAPHICS 3.0

/* The contrast of two colours 0xRRGGBB, 1 to 21. */
double theme_contrast(unsigned a, unsigned b);

/* Lines and dots, not letters. */
bool theme_role_is_graphic(enum role role);

/*
 * The contrast of a role with its background, or with the selection under it; 0
 * when the terminal decides one of both colours.
 */
double theme_role_contrast(const struct theme *theme, enum role role, bool marked);

/* With 16 colours, fore- and background of the role are not one and the same. */
bool theme_role_is_visible_16(const struct theme *theme, enum role role);
