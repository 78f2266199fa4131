/*
 * What flights and services were in the last quarter of an hour, for looking back in
 * the live view. It costs at most HISTORY_BYTES_MAX (6 MiB, less than one for
 * 60 flights): the more there is to keep, the rarer the moments that are kept,
 * from one each HISTORY_STEP_MS on. Owned by the dashboard; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct history;

enum {
    HISTORY_SPAN_MS = 15 * 60 * 1000,
    HISTORY_STEP_MS = 5000,
    HISTORY_WHOLE_MS = 5 * 60 * 1000, /* so often a moment stands alone */
    HISTORY_BYTES_MAX = 6 * 1024 * 1024
};

struct history *history_new(void);
void history_free(struct history *h); /* accepts NULL */

/* Keeps this moment of a live app when it is due. Call once a second. */
void history_take(struct history *h, const struct app *app);

/*
 * Gives `past` (whose flights are forgotten first) the newest moment at or before
 * at_ms, epoch; before the first one, the first. Returns the moment's time, or -1
 * when nothing is kept.
 */
int64_t history_show(const struct history *h, int64_t at_ms, struct app *past);

/* Times of the oldest and newest moment, epoch ms; -1 = none. */
int64_t history_oldest_ms(const struct history *h);
int64_t history_newest_ms(const struct history *h);

/* The time of the first moment after at_ms; -1 = there is none. */
int64_t history_next_ms(const struct history *h, int64_t at_ms);

/* The memory that the moments take. */
size_t history_bytes(const struct history *h);
