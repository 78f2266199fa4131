/*
 * What must hold of every record a decoder accepts: it can be written as a
 * Kafka value, and read back it is of the same aircraft at the same time; and
 * of every document: it is refused with a reason, or read to its end.
 */
#pragma once

#include <assert.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "sources/document.h"
#include "sources/observation_fill.h"

static inline void check_record(const struct observation *obs)
{
    struct strbuf text;
    struct observation again;
    assert(obs->icao != 0);
    assert((obs->present & obs->cleared) == 0);
    assert(obs->heard_at_ms <= obs->now_ms);
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    assert(flight_encode_record(&text, obs));
    enum observation_reason reason =
        flight_decode(text.data, text.len, DECODE_ANY_CLOCK_MS, NULL, &again);
    if (reason != OBSERVATION_NONE || again.icao != obs->icao ||
        again.now_ms != obs->now_ms)
        abort();
    strbuf_release(&text);
}

static inline void check_document(const struct document_format *format,
                                  const uint8_t *data, size_t size)
{
    struct document document;
    struct json_slice row;
    struct strbuf error;
    strbuf_init(&error, 1000);
    if (document_open((const char *)data, size, format, &document, &error)) {
        while (json_cursor_element(&document.rows, &row)) {
            struct observation obs;
            struct flight_refusals refusals;
            int64_t now_ms = document.now_ms != 0 ? document.now_ms : 1000;
            if (format->decode(row, now_ms, &obs, &refusals) == OBSERVATION_NONE)
                check_record(&obs);
        }
        assert(!document.rows.failed); /* document_open has seen it all */
    } else {
        assert(error.len > 0);
    }
    strbuf_release(&error);
}
