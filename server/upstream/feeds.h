/*
 * Questions asked again and again for those who follow them: equal subscriptions
 * share one feed, its requests and its answers. Bounded in number. Lives on the
 * upstream loop.
 */
#pragma once

#include "upstream/ticket.h"

struct backend;
struct feeds;
struct metrics;
struct upstream_class;

enum { FEEDS_MAX = 256, FEEDS_RETRY_MS = 2000 };

struct feeds *feeds_new(struct metrics *metrics);
void feeds_free(struct feeds *feeds); /* accepts NULL */

/* Lets a ticket follow; takes over the upstream side's reference. */
void feeds_join(struct feeds *feeds, const struct upstream_class *class,
                struct backend *backend, struct upstream_ticket *ticket);

/* Asks what is due and ends the feeds that nobody follows. now_ms: monotonic. */
void feeds_tick(struct feeds *feeds, int64_t now_ms);
