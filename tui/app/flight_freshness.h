/*
 * How old what is shown of a flight is, and in words why a value is grey. A
 * position ages on its own: an aircraft may be heard without one. Pure; one thread.
 */
#pragma once

#include <stdint.h>

#include "flight/flight.h"

struct strbuf;

enum {
    FLIGHT_FADES_MS = 15000, /* older values are grey */
    FLIGHT_LOST_MS = 60000   /* and from here on the age is a warning */
};

enum freshness { FLIGHT_FRESH, FLIGHT_FADED, FLIGHT_LOST };

/* Of something heard at heard_ms; 0 = never: FLIGHT_FRESH, there is nothing to fade. */
enum freshness freshness_of(int64_t heard_ms, int64_t now_ms);

/*
 * Why values of the flight are grey, as a sentence without a full stop: "grey:
 * not heard for 42s, last by roof (mlat)". Nothing is added when none is.
 */
void freshness_explain(const struct flight *f, int64_t now_ms, struct strbuf *out);
