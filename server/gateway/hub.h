/*
 * All sessions of one io thread, and what they share: the flight index, the
 * views, the channels, the settings. A frame set comes in once a tick; the hub
 * brings index and views forward and lets the transport pump each session that
 * is not waiting for its socket. Io thread.
 */
#pragma once

#include <stdint.h>

#include "gateway/hub_shared.h"

struct frame_set;

struct hub *hub_new(const struct hub_config *config);
void hub_free(struct hub *hub); /* accepts NULL; all sessions are gone */

/* A tick: the frame is borrowed. now_ms: monotonic. */
void hub_tick(struct hub *hub, struct frame_set *frame, int64_t now_ms);

/* Sends goaway to all and closes with 1012; new sessions get the same. */
void hub_drain(struct hub *hub, const char *reason, int64_t now_ms);
