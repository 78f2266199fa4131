/*
 * How many connections each peer address has, over all io threads, to limit
 * them. 127.0.0.1 and ::1, where a proxy before us would come from, are not
 * counted. Any thread: a short lock per connection.
 */
#pragma once

#include <stdbool.h>

struct address_count;

struct address_count *address_count_new(unsigned max);
void address_count_free(struct address_count *counts); /* accepts NULL */

/* One more from there; false when it has its maximum already (0 = no limit). */
bool address_count_enter(struct address_count *counts, const char *address);
void address_count_leave(struct address_count *counts, const char *address);
