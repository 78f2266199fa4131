/*
 * A hit is {"time"|"@timestamp", "level"|"log.level", "service", "message", and
 * whatever else}, nested (ECS) or with dotted names, with or without an Elastic
 * `_source` around it: read forgivingly, shown whole.
 */
#include "app/log_ring.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"

enum { DEPTH_MAX = 6 };

/* The value at "a.b": as a dotted key, or nested. */
static const json_t *dotted(const json_t *o, const char *path)
{
    const json_t *v = json_object_get(o, path);
    const char *dot = strchr(path, '.');
    if (v != NULL || dot == NULL)
        return v;
    char head[32];
    snprintf(head, sizeof head, "%.*s", (int)(dot - path), path);
    const json_t *inner = json_object_get(o, head);
    return json_is_object(inner) ? dotted(inner, dot + 1) : NULL;
}

static const char *first_text(const json_t *o, const char *const *paths)
{
    for (; *paths != NULL; paths++) {
        const char *text = json_string_value(dotted(o, *paths));
        if (text != NULL)
            return text;
    }
    return "";
}

static int64_t hit_time_ms(const json_t *o)
{
    static const char *const paths[] = {"@timestamp", "time", "timestamp", NULL};
    for (int i = 0; paths[i] != NULL; i++) {
        const json_t *v = dotted(o, paths[i]);
        int64_t ms;
        if (json_is_number(v) && fabs(json_number_value(v)) < 1e14) {
            double t = json_number_value(v);
            return (int64_t)llround(t > 1e11 ? t : t * 1000);
        }
        if (json_is_string(v) && clock_parse_iso8601(json_string_value(v), &ms))
            return ms;
    }
    return 0;
}

static enum log_mark mark_of(const char *level)
{
    static const struct {
        const char *start;
        enum log_mark mark;
    } rows[] = {{"err", LOG_MARK_ERROR},   {"fatal", LOG_MARK_ERROR},
                {"crit", LOG_MARK_ERROR},  {"alert", LOG_MARK_ERROR},
                {"emerg", LOG_MARK_ERROR}, {"warn", LOG_MARK_WARN},
                {"debug", LOG_MARK_DEBUG}, {"trace", LOG_MARK_DEBUG}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strncasecmp(level, rows[i].start, strlen(rows[i].start)) == 0)
            return rows[i].mark;
    }
    return LOG_MARK_INFO;
}

static void flatten(struct strbuf *out, const char *prefix, const json_t *o, int depth)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        char name[128];
        snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "",
                 key);
        if (json_is_object(v) && depth < DEPTH_MAX) {
            flatten(out, name, v, depth + 1);
            continue;
        }
        char *text = json_is_string(v) ? xstrdup(json_string_value(v))
                                       : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
        strbuf_addf(out, "%s: %s\n", name, text != NULL ? text : "");
        free(text);
    }
}

static void free_line(struct log_line *line)
{
    free(line->message);
    free(line->fields);
}

static void add_line(struct log_ring *ring, const json_t *hit)
{
    static const char *const levels[] = {"log.level", "level", "severity", NULL};
    static const char *const services[] = {"service.name", "service", "log.logger",
                                           NULL};
    static const char *const messages[] = {"message", "msg", NULL};
    const json_t *source = json_object_get(hit, "_source");
    const json_t *o = json_is_object(source) ? source : hit;
    if (ring->lines == NULL)
        ring->lines = xcalloc(LOG_RING_MAX, sizeof *ring->lines);
    struct log_line line = {.time_ms = hit_time_ms(o)};
    struct strbuf fields;
    strbuf_init(&fields, LOG_FIELDS_MAX);
    line.mark = mark_of(first_text(o, levels));
    snprintf(line.service, sizeof line.service, "%s", first_text(o, services));
    line.message = xstrndup(first_text(o, messages), LOG_MESSAGE_MAX);
    const json_t *all = json_object_get(o, "fields");
    flatten(&fields, "", json_is_object(all) ? all : o, 0);
    line.fields = fields.data != NULL ? strbuf_detach(&fields) : xstrdup("");
    size_t at = (ring->first + ring->count) % LOG_RING_MAX;
    if (ring->count == LOG_RING_MAX) {
        free_line(&ring->lines[ring->first]);
        ring->first = (ring->first + 1) % LOG_RING_MAX;
    } else {
        ring->count++;
    }
    ring->lines[at] = line;
    ring->received++;
}

/* Hits come newest first from a search and oldest first from a tail: either. */
static bool newest_first(const json_t *hits)
{
    size_t n = json_array_size(hits);
    return n > 1 && hit_time_ms(json_array_get(hits, 0)) >
                        hit_time_ms(json_array_get(hits, n - 1));
}

size_t log_ring_take(struct log_ring *ring, const struct json_t *body)
{
    static const char *const names[] = {"logs", "hits", "lines", "entries", NULL};
    const json_t *hits = NULL;
    for (int i = 0; names[i] != NULL && !json_is_array(hits); i++)
        hits = json_object_get(body, names[i]);
    size_t n = json_array_size(hits);
    bool backwards = newest_first(hits);
    for (size_t i = 0; i < n; i++) {
        const json_t *hit = json_array_get(hits, backwards ? n - 1 - i : i);
        if (json_is_object(hit))
            add_line(ring, hit);
    }
    ring->told = true;
    ring->problem[0] = '\0';
    return n;
}

const struct log_line *log_ring_at(const struct log_ring *ring, size_t i)
{
    return &ring->lines[(ring->first + i) % LOG_RING_MAX];
}

void log_ring_clear(struct log_ring *ring)
{
    for (size_t i = 0; i < ring->count; i++)
        free_line(&ring->lines[(ring->first + i) % LOG_RING_MAX]);
    ring->first = ring->count = 0;
    ring->lost = 0;
    ring->accepted = ring->told = false;
    ring->problem[0] = '\0';
}

void log_ring_release(struct log_ring *ring)
{
    log_ring_clear(ring);
    free(ring->lines);
    ring->lines = NULL;
}
