/*
 * The two clocks. Only loops and main call these; everything pure takes the
 * time as an argument, which is how the tests own the time. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970-01-01 UTC. May jump. */
int64_t clock_wall_ms(void);

/* Milliseconds, microseconds, nanoseconds that never go back; origin unspecified. */
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_mono_ns(void);

/* CPU time of the calling thread, microseconds. */
int64_t clock_thread_cpu_us(void);

enum { CLOCK_ISO8601_SIZE = 32 };

/* Writes wall_ms as 2026-01-31T23:59:59.123Z; ret_text holds CLOCK_ISO8601_SIZE. */
void clock_iso8601(int64_t wall_ms, char *ret_text);

/*
 * Reads RFC 3339 ("2026-01-31T23:59:59.123Z", offsets and fractions allowed).
 * False, ret_ms untouched, when it is not one.
 */
bool clock_parse_iso8601(const char *text, int64_t *ret_ms);
