/*
 * What a shell offers after Tab, from a program's option rows: options, the words
 * of `choices` (for texts these are but a hint), names from the folder of the
 * class, files where the argument is called FILE. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/options.h"

/* Completion script for "bash", "zsh" or "fish"; false for another shell. */
bool options_print_completion(const struct options_class *class, const char *shell,
                              FILE *out);
