/*
 * Reads INI text (themes, keymaps) key by key and says where it is wrong. The
 * one user of libinih in the terminal. Any thread.
 */
#pragma once

#include "base/strbuf.h"

/* Takes one setting; false with a sentence in error refuses it. */
typedef bool (*ini_setting_fn)(void *data, const char *section, const char *key,
                               const char *value, struct strbuf *error);

/*
 * Calls fn for every setting of text. 0, or -EINVAL with "NAME:LINE: what" of the
 * first refused one in ret_error (the others were still offered).
 */
int ini_text_read(const char *name, const char *text, ini_setting_fn fn, void *data,
                  struct strbuf *ret_error);

/* The whole of a text file, at most INI_FILE_MAX bytes, malloc'd; else negative errno.
 */
enum { INI_FILE_MAX = 65536 };
int ini_file_load(const char *path, char **ret_text);
