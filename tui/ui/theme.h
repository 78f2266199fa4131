/*
 * How each role looks: colours and attributes, read from a theme file (INI, see
 * flightdash-theme(5)) or taken from those compiled in. A theme is a plain
 * value; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "ui/role.h"

enum theme_attr { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8 };

/* What a terminal can show: no colour, so many, or any. */
enum colour_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_TRUE };

/* The sections of a theme: [roles.mono], [roles.16], [roles]. */
enum theme_sheet { SHEET_MONO, SHEET_16, SHEET_FULL, SHEET_COUNT };

enum { COLOUR_DEFAULT = -1, COLOUR_RGB = 0x1000000, THEME_NAME_MAX = 32 };

struct theme_style {
    int fg, bg; /* COLOUR_DEFAULT, a palette index 0..255, or COLOUR_RGB | 0xRRGGBB */
    unsigned attrs; /* set of enum theme_attr */
};

struct theme {
    char name[THEME_NAME_MAX];
    int background; /* what the terminal's own is taken for when contrast is asked */
    bool named[ROLE_COUNT]; /* by the file's [roles] */
    struct theme_style styles[SHEET_COUNT][ROLE_COUNT];
};

/*
 * Reads a theme's text, ours or btop's, over the one given (so that a file may name
 * only what it changes). 0, or -EINVAL with "NAME:LINE: what"; *theme has then what was
 * right.
 */
int theme_read(struct theme *theme, const char *name, const char *text,
               struct strbuf *ret_error);

/* Roles and attributes only: what every theme starts from. */
void theme_init(struct theme *theme);

/*
 * A theme by the name of a built-in one, a path, or a name in a folder of
 * themes (may be NULL). 0 or negative errno with a sentence in ret_error.
 */
int theme_load(struct theme *theme, const char *name, const char *folder,
               struct strbuf *ret_error);

/*
 * The file that theme_load would read for a name; false when the name is that of
 * a built-in one or there is no such file.
 */
bool theme_path(const char *name, const char *folder, char *ret_path, size_t size);

/*
 * The style of a role at a depth: palette indexes below 8, 16 or 256; at DEPTH_TRUE
 * what the theme says. marked: on the selection's background. A role without a
 * background has that of "text".
 */
struct theme_style theme_style(const struct theme *theme, enum role role,
                               enum colour_depth depth, bool marked);

/* The themes compiled in, in order of themes.def; NULL past the last. */
const char *theme_builtin_name(size_t i);
const char *theme_builtin_text(size_t i, size_t *ret_len);

/* The palette index nearest to 0xRRGGBB among 16 or 256 (cube and greys only). */
int colour_nearest(unsigned rgb, enum colour_depth depth);

/* 0xRRGGBB of an index of xterm's palette, or of a colour with COLOUR_RGB. */
unsigned colour_rgb(int colour);
