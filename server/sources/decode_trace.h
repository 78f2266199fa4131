/*
 * readsb's globe history: trace_full_HEX.json, one aircraft's path of a day.
 * (wiedehopf/readsb README-json.md, "trace jsons".) Pure; any thread.
 */
#pragma once

#include "sources/document.h"

enum { TRACE_HEX_SIZE = 8 };

struct trace {
    uint32_t icao;
    char hex[TRACE_HEX_SIZE];
    int64_t start_ms;
    struct json_slice registration; /* len 0 = none */
    struct json_slice type_code;
    int32_t db_flags; /* -1 = none */
    struct json_cursor points;
};

/* Reads the head. False with one line in ret_error when it is no trace. */
bool decode_trace_open(const char *text, size_t n, struct trace *ret_trace,
                       struct strbuf *ret_error);

/* The next point; false at the end. *ret_reason is set, the rest when it is NONE. */
bool decode_trace_next(struct trace *trace, enum observation_reason *ret_reason,
                       struct observation *ret_obs,
                       struct flight_refusals *ret_refusals);
