/*
 * Questions asked once: equal ones that come while one is on its way, or while
 * its answer is fresh, share it. Bounded in number and in bytes kept. Lives on
 * the upstream loop.
 */
#pragma once

#include "upstream/ticket.h"

struct backend;
struct metrics;
struct questions;
struct upstream_class;

enum {
    QUESTIONS_BYTES_MAX = 32 << 20, /* of answers kept for others */
    QUESTIONS_ERROR_FRESH_MS = 1000 /* a failure is an answer for so long */
};

struct questions *questions_new(struct metrics *metrics);
void questions_free(struct questions *q); /* accepts NULL */

/* Answers the ticket now or later; takes over the upstream side's reference. */
void questions_ask(struct questions *q, const struct upstream_class *class,
                   struct backend *backend, struct upstream_ticket *ticket);

/* Forgets answers that are no longer fresh. now_ms: monotonic. */
void questions_sweep(struct questions *q, int64_t now_ms);
