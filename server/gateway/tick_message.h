/*
 * The message `tick`, in the one place where it is written: alone by a session,
 * or behind a delta that many share, where it costs no write of its own. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct flight_index;
struct strbuf;
struct view;

/* Adds the frame. complete_tick: nothing is missing up to there; view may be NULL. */
void tick_message_add(struct strbuf *out, const struct flight_index *index,
                      uint32_t complete_tick, const struct view *view);

/* True for the ticks at which shared deltas carry the message: within a second. */
bool tick_message_due(const struct flight_index *index);
