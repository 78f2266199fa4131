/*
 * One line of the BaseStation ("SBS-1") port 30003 -> what that message says.
 * 22 columns; empty = not in this message; -1 = true, 0 = false.
 * (woodair.net, "Barebones Socket Data" 42.) Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/observation_fill.h"

/*
 * heard_ms is the time of receipt: the line's own dates are in the receiver's
 * local time, or blank. OBSERVATION_EMPTY: nothing for us in a good line
 * (heartbeat, STA, CLK). ret_refusals is set when a line is accepted.
 */
enum observation_reason decode_sbs(const char *line, size_t len, int64_t heard_ms,
                                   struct observation *ret_obs,
                                   struct flight_refusals *ret_refusals);

/*
 * When the line was generated, by its own columns read as UTC: for recordings.
 * False when it does not say.
 */
bool decode_sbs_time(const char *line, size_t len, int64_t *ret_ms);
