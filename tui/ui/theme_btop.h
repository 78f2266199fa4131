/*
 * btop's theme files (lines `theme[main_fg]="#D8DEE9"`) made into ours: its keys
 * have other meanings, so each of our roles takes the nearest one. Pure; any
 * thread.
 */
#pragma once

#include <stdbool.h>

struct strbuf;

/* True when a text has lines of that kind. */
bool theme_btop_is(const char *text);

/*
 * Writes the theme as one of ours. 0, or -EINVAL with "NAME:LINE: what"; what is
 * not said there is left out.
 */
int theme_btop_translate(const char *name, const char *text, struct strbuf *ret_ini,
                         struct strbuf *ret_error);
