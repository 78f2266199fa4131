/*
 * What must hold of every record a decoder accepts: it can be written as a
 * Kafka value, and read back it is of the same aircraft at the same time.
 */
#pragma once

#include <assert.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "flight/flight_encode.h"
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
