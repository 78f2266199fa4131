/*
 * What a program's option rows look like to people: --help and --print-config.
 * Main thread, before the program serves.
 */
#pragma once

#include <stdio.h>

#include "base/options.h"

void options_print_help(const struct options_class *class, FILE *out);

/*
 * Every value in the file's own syntax with its origin as a comment; what may
 * be secret (passwords in K=V lists and in URLs) shows as ***.
 */
void options_print_config(const struct options_class *class, const struct options *o,
                          FILE *out);
