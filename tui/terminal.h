/*
 * The dashboard on a real terminal: keys in, frames out, at the pace of the data
 * and of the eye. Main thread.
 */
#pragma once

#include "settings.h"

struct caps;

/* Runs until the user quits or the terminal is gone. Returns the exit status. */
int terminal_run(struct settings *settings, const struct caps *caps);
