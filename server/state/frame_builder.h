/*
 * Makes a frame set out of what a tick touched in the flight table. Remembers
 * per slot what clients were last told of the position, for two reasons: the
 * tile that an aircraft left, and the age of a position that does not move.
 *
 * A client takes "the last message that carried lat or lon" as the time of the
 * position. That is wrong for one that is confirmed again and again without
 * moving (a parked aircraft): when the position is FRAME_ANCHOR_MS newer than
 * the one with which lat or lon last changed, the row is marked FRAME_SEEN_POS
 * and the age goes out. Held to that bound, the guess of every client, however
 * far behind, is at most FRAME_ANCHOR_MS off. State thread.
 */
#pragma once

#include <stdint.h>

struct flight_table;
struct frame_builder;
struct frame_set;

/* 5 s are promised; ages are told in tenths, and a client adds two of them. */
enum { FRAME_ANCHOR_MS = 4900 };

struct frame_builder *frame_builder_new(void);
void frame_builder_free(struct frame_builder *builder); /* accepts NULL */

/*
 * The frame of `tick`: takes the table's touched rows and this tick's removals.
 * Fills tick, time_ms, total, rows and removed; the rest is the caller's.
 */
struct frame_set *frame_builder_build(struct frame_builder *builder,
                                      struct flight_table *table, uint32_t tick,
                                      int64_t time_ms);
