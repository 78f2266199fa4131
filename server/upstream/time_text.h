/*
 * Durations and moments as people write them in a question: "15m", "1h30m",
 * "500ms", "90" (seconds); "1700000000.5" (epoch seconds) or RFC 3339. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Reads a duration of more than 0 ms and at most 10 years; false when it is none. */
bool time_text_duration(const char *text, int64_t *ret_ms);

/* Reads a moment as epoch ms; false when it is none. */
bool time_text_moment(const char *text, int64_t *ret_ms);
