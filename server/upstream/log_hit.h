/*
 * One hit of an Elasticsearch search as a log line of ours:
 *   {"id","index","time","level"?,"service"?,"message"?,"fields":{...},"truncated"?}
 * `fields` holds everything of the source, flattened to dotted names ("log.level")
 * whichever way it was nested; values are texts, numbers, booleans, or JSON texts
 * of arrays. Pure; jansson values do not leave the upstream folder.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct strbuf;

enum {
    LOG_HIT_FIELDS_MAX = 128,
    LOG_HIT_BYTES_MAX = 24576, /* of fields; the one that goes over it is the last */
    LOG_HIT_TEXT_MAX = 4096,   /* bytes of one text, before escapes */
    LOG_HIT_DEPTH_MAX = 8
};

/* Writes a hit; false, with nothing written, when it is none. */
bool log_hit_write(const json_t *hit, struct strbuf *out);

/* The hit's id; NULL when it has none. Borrowed from the hit. */
const char *log_hit_id(const json_t *hit);

/* Its time (the first sort value, epoch ms as number or text); false without. */
bool log_hit_time(const json_t *hit, int64_t *ret_ms);
