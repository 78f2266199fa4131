/*
 * --check-themes: are theme files right, whole, and can they be read. Main thread.
 */
#pragma once

#include <stddef.h>

/*
 * Checks the files, or the themes compiled in when there are none: a line on
 * stdout for each that is right, "FILE:LINE: what" on stderr for each fault.
 * Returns the exit status: 0, or 1 when something is wrong.
 */
int check_themes_run(const char *const *files, size_t count);
