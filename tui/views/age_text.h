/*
 * Times as short words: "4s", "1m 19s", "3d 04h", "14:02:31". Pure.
 */
#pragma once

#include <stdint.h>

enum { AGE_TEXT_SIZE = 24 };

/* How long: at most two units. */
void age_text(int64_t ms, char ret_text[AGE_TEXT_SIZE]);

/* The time of day of an epoch time, UTC: HH:MM:SS. */
void clock_text(int64_t epoch_ms, char ret_text[AGE_TEXT_SIZE]);
