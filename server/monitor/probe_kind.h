/*
 * How a service can be probed, one row a kind: by HTTP, or by saying a few bytes
 * over TCP and looking at the answer. A service of another sort is another row.
 * Constant data and pure functions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "telemetry/health.h"

struct strbuf;

enum { PROBE_ANSWER_MAX = 64 }; /* bytes of an answer that are looked at */

struct probe_kind {
    const char *name;
    bool http;       /* GET address; else TCP to address, "host:port[,host:port]" */
    const char *say; /* what is sent; NULL = connecting is enough */
    size_t say_len;
    /* True when the bytes are the beginning of a right answer; NULL with say NULL. */
    bool (*is_answer)(const char *bytes, size_t len);
};

/* The row: "http", "kafka", "redis", "tcp"; NULL when there is none. */
const struct probe_kind *probe_kind_find(const char *name);

/*
 * What an HTTP answer says of a service: its own words where it is a health
 * document ({"status", "checks"}), else the status code. ret_output: why not pass.
 */
enum health_status probe_http_verdict(int http_status, const char *body, size_t len,
                                      struct strbuf *ret_output);
