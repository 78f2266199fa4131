/*
 * Output as lines instead of a screen: --once prints what there is and exits, and
 * --plain tells changes as sentences. Main thread.
 */
#pragma once

#include "settings.h"

/* The exit statuses of --once (the contract). */
enum once_status {
    ONCE_OK = 0,
    ONCE_WARNING = 1,
    ONCE_USAGE = 2,
    ONCE_CRITICAL = 3,
    ONCE_UNREACHABLE = 4
};

/* Connects, prints the view once, returns the exit status. */
int once_run(const struct settings *settings);

/* Prints one line per change until interrupted or the reader is gone. */
int plain_run(const struct settings *settings);
