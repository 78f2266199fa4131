/*
 * Counts over all aircraft: by country, operator, type, phase, altitude band and
 * source, as the JSON object of /api/v1/stats and the `stats` channel. One pass
 * over the table, at most once a second. State thread.
 */
#pragma once

#include <stdint.h>

struct flight_table;
struct strbuf;

/* Records per second over the last interval, by fate. */
struct stats_rates {
    double consumed;
    double applied;
    double stale;
    double invalid;
    double unchanged;
};

/* Adds the object to out. time_ms: wall clock of the tick. */
void flight_stats_write(const struct flight_table *table, uint32_t tick,
                        int64_t time_ms, const struct stats_rates *rates,
                        struct strbuf *out);
