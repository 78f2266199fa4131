/*
 * What the producer refused, kept until it has room again: the latest of each
 * aircraft, later words folded over earlier ones, so that an outage of any length
 * costs history but not the present. Pure; one thread; memory bounded by
 * BACKLOG_MAX aircraft.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

enum { BACKLOG_MAX = 131072 };

struct backlog;

struct backlog *backlog_new(void);
void backlog_free(struct backlog *b); /* accepts NULL */

/* Keeps obs, or folds it over what waits of its aircraft; false when full. */
bool backlog_keep(struct backlog *b, const struct observation *obs);

/* Whether something of this aircraft waits: what is newer must not overtake it. */
bool backlog_has(const struct backlog *b, uint32_t icao);

/* One that waits, NULL when none does. Borrowed until the next change. */
const struct observation *backlog_first(const struct backlog *b);

/* It is sent: forgets what backlog_first gave. */
void backlog_drop_first(struct backlog *b);

/* How many aircraft wait. */
size_t backlog_count(const struct backlog *b);
