/*
 * Replays frames and keys against the dashboard without a terminal and prints
 * what the screen shows: the golden tests' engine. Main thread.
 */
#pragma once

#include "settings.h"

/* Runs the file of --script; returns the exit status. */
int script_run(struct settings *settings);
