/*
 * The kinds of servers that can be asked, one row each. Constant data.
 */
#pragma once

#include "upstream/ask.h"

struct upstream_class;

/* The row of a target, NULL where there is none (yet). */
const struct upstream_class *upstream_class_of(enum upstream_target target);
