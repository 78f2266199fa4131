/*
 * From single probe results to a status that does not flap: the first result
 * counts at once, a change only when PROBE_CONFIRM results in a row agree on it.
 * Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "telemetry/health.h"

enum { PROBE_CONFIRM = 2 };

struct probe_state {
    bool known;
    enum health_status status; /* what counts */
    int64_t since_ms;
    enum health_status candidate; /* what the last results say instead */
    unsigned agreeing;            /* of them, in a row */
    int64_t candidate_since_ms;
};

/*
 * Takes one result of time now_ms (epoch). True when the status changed; since_ms
 * is then the time of the first result that said so.
 */
bool probe_state_take(struct probe_state *state, enum health_status result,
                      int64_t now_ms);

/* True while a change waits to be confirmed: probe again soon. */
bool probe_state_doubts(const struct probe_state *state);
