/*
 * One aircraft in a snapshot or delta of flightdash.v1.json, with the protocol's
 * rules of ages: `seen` is left out when the aircraft was heard within the last
 * two ticks; `seen_pos` always goes with a whole row's position, and with a
 * change when taking the message's time for it would be wrong by more than
 * WIRE_SEEN_POS_MS. Pure; each call adds whole, or false past the ceiling.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/flight.h"

struct strbuf;

/* The clock of the message that the row goes into. */
struct wire_clock {
    int64_t time_ms;
    uint32_t tick_ms;
};

/* {"hex":"4b1814","new":true,...}: the known ones of fields; is_new for deltas. */
bool wire_add_whole(struct strbuf *out, const struct flight *f, uint64_t fields,
                    const struct wire_clock *clock, bool is_new);

/*
 * {"hex":"4b1814","lat":47.1}: the changed fields, null for those now unknown.
 * tell_pos: the position's age is due although it did not move.
 */
bool wire_add_change(struct strbuf *out, const struct flight *f, uint64_t changed,
                     const struct wire_clock *clock, bool tell_pos);
