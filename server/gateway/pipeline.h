/*
 * The `pipeline` channel's object: what flows through this process a second,
 * how far behind it is, who is connected, how often a slow client was skipped.
 * Made out of the metrics at most once a second. Io thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hub;
struct pipeline;

struct pipeline *pipeline_new(const struct hub *hub);
void pipeline_free(struct pipeline *pipeline); /* accepts NULL */

/* Counts anew; wall_ms: time of the tick. */
void pipeline_refresh(struct pipeline *pipeline, int64_t wall_ms);

/* The JSON object; borrowed until the next refresh. */
const char *pipeline_text(const struct pipeline *pipeline, size_t *ret_len);
