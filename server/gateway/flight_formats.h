/*
 * The shapes in which a list of flights is handed out: one row each. A new shape
 * is a new row. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct flight;
struct strbuf;

/* What is known of a list when its head and foot are written. */
struct flight_list {
    int64_t now_ms; /* epoch; ages are before it */
    uint32_t tick;
    size_t total;    /* aircraft known */
    size_t matching; /* of them; known only in the foot */
    uint64_t fields; /* set of enum flight_field */
};

struct flight_format {
    const char *name; /* "json" */
    const char *content_type;
    void (*head)(const struct flight_list *list, struct strbuf *out);
    void (*flight)(const struct flight_list *list, const struct flight *f, size_t nth,
                   struct strbuf *out);
    void (*foot)(const struct flight_list *list, struct strbuf *out);
};

/* The row of a name, NULL when there is none. */
const struct flight_format *flight_format_find(const char *name);
