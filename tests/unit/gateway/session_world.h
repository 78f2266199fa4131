/*
 * A state and a hub with time of the test's own, for tests of sessions.
 */
#pragma once

#include <stdint.h>

#include "base/strbuf.h"
#include "gateway/route_context.h"

struct hub;
struct metrics;
struct session;
struct state;

struct session_world {
    int64_t now_ms; /* both clocks */
    uint32_t tick;
    struct metrics *metrics;
    struct route_context context;
    struct state *state;
    struct hub *hub;
    struct strbuf told; /* bytes of the session that was listened to */
    struct strbuf text; /* the same, made printable */
};

int session_world_set_up(void **state);
int session_world_tear_down(void **state);

/* Lets time pass, in ticks of 250 ms. */
void session_world_pass(struct session_world *w, int64_t ms);

/* An aircraft is heard, somewhere. */
void session_world_fly(struct session_world *w, uint32_t icao);

/* A session that has said hello. */
struct session *session_world_open(struct session_world *w);
void session_world_say(struct session_world *w, struct session *s, const char *text);

/* Listens to all that it has to say; _more keeps what was heard before. */
void session_world_tell(struct session_world *w, struct session *s);
void session_world_tell_more(struct session_world *w, struct session *s);

/* What was heard, with frame headers in between; the code of a close frame, or 0. */
const char *session_world_text(struct session_world *w);
int session_world_close_code(const struct session_world *w);
