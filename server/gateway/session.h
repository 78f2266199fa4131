/*
 * One WebSocket client: the protocol of flightdash-protocol(7) as a state
 * machine without socket and clock. Text messages go in, chunks of WebSocket
 * frames come out when the transport can take them. What a client costs does
 * not depend on how slow it is: nothing is queued but the one chunk under way
 * and the answers to its own requests (at most SESSION_ANSWERS_MAX bytes); what
 * flights it is owed is computed from its cursors at the moment of sending.
 * Io thread; times are monotonic milliseconds unless they are called wall.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "gateway/view_delta.h"
#include "wire/wire_names.h"
#include "wire/wire_request.h"

struct channel;
struct chunk;
struct hub;
struct mailbox;

enum {
    SESSION_ANSWERS_MAX = 1 << 20,
    SESSION_JOIN_MAX = 16384,      /* bytes of flights that a tick message goes with */
    SESSION_SNAPSHOT_PART = 65536, /* bytes; less for those who ask for less */
    SESSION_PART_MIN = 8192,
    SESSION_SLOWEST = 64,       /* the slow ladder divides the rate by this at most */
    SESSION_RECOVER_MS = 30000, /* without trouble, then the rate doubles again */
    SESSION_LINGER_MS = 30000   /* for a slow client to take its close frame */
};

/* One subscription of a client. */
struct subscription {
    int64_t id;
    enum wire_channel channel;
    uint32_t period_ticks;  /* out of its own max_hz */
    struct view *view;      /* flights */
    uint32_t base_tick;     /* of the last delta or snapshot that was sent */
    uint32_t complete_tick; /* nothing is missing up to here */
    struct view_scan scan;
    struct channel *source; /* other channels */
    uint64_t seen;          /* what of it was sent; CHANNEL_UNSEEN at first */
};

enum session_phase {
    SESSION_FRESH, /* nothing said yet */
    SESSION_OPEN,
    SESSION_CLOSING /* the close frame is on its way; input is ignored */
};

struct session {
    struct hub *hub;
    struct session *next;
    struct session *previous;
    void *transport; /* whose the socket is; for the hub's wake-up */
    struct mailbox *mailbox;
    enum session_phase phase;
    bool authorized;
    bool stale_told;
    enum wire_close close_code;
    int64_t opened_ms;
    int64_t heard_ms;   /* last byte from the client */
    int64_t pinged_ms;  /* 0 = no ping is out */
    int64_t closing_ms; /* since when */

    int64_t tokens_milli; /* flood control, thousandths of a message */
    int64_t tokens_ms;
    unsigned strikes;
    unsigned queries;

    bool resumed;
    uint32_t resume_tick;
    int64_t resume_until_ms;

    struct subscription *subs;
    uint8_t sub_count;
    uint8_t next_sub; /* whose turn it is */

    uint32_t period_ticks; /* out of the session's own `rate` */
    uint32_t slow_divisor; /* of the slow ladder, a power of two */
    int64_t max_bytes_s;   /* 0 = unlimited */
    int64_t budget_ms;     /* no flights before this */
    int64_t tick_told_ms;

    struct strbuf answers; /* frames that go first */
    struct chunk *sending;
    uint32_t sent;       /* bytes of it */
    int64_t sending_ms;  /* since when */
    int64_t progress_ms; /* last time that the socket took anything */
    int64_t slowed_ms;
    bool blocked; /* the transport waits for the socket */
};

struct session *session_new(struct hub *hub, bool authorized, void *transport,
                            int64_t now_ms);
void session_free(struct session *s); /* accepts NULL */

/* A whole text message. */
void session_receive(struct session *s, const char *text, size_t len, int64_t now_ms);

/* Control frames. */
void session_receive_ping(struct session *s, const char *data, size_t len,
                          int64_t now_ms);
void session_receive_pong(struct session *s, int64_t now_ms);

/* Answers with a close frame, after what is half sent; nothing else follows. */
void session_close(struct session *s, enum wire_close code, const char *reason,
                   int64_t now_ms);

/* Bytes to send now, NULL when there are none; the same until session_sent. */
const char *session_peek(struct session *s, int64_t now_ms, size_t *ret_len);

/* The transport took n of them; blocked: it must wait for the socket now. */
void session_sent(struct session *s, size_t n, bool blocked, int64_t now_ms);

/* The socket can be written again. */
void session_unblocked(struct session *s, int64_t now_ms);

/* Once a tick: time-outs and the slow ladder. */
void session_tick(struct session *s, int64_t now_ms);

/* True when the connection may be cut: all said, or waited long enough. */
bool session_is_over(const struct session *s, int64_t now_ms);

/* --- for session_requests.c and the hub ----------------------------------- */

/* Begins and ends a message among the answers: {"type":"...","id":N is written. */
struct strbuf *session_begin(struct session *s, const char *type, bool has_id,
                             int64_t id, size_t *ret_mark);
void session_end(struct session *s, size_t mark);

void session_error(struct session *s, const struct wire_request *request,
                   enum wire_fault fault, const char *message, int64_t retry_ms);

/* The subscription of an id, NULL when there is none. */
struct subscription *session_find(struct session *s, int64_t id);
void session_drop(struct session *s, struct subscription *sub);

/* Ticks between frames at max_hz (0 = no wish). */
uint32_t session_period(const struct session *s, double max_hz);

/* Does what the request says (hello included). */
void session_obey(struct session *s, const struct wire_request *request,
                  const char *text, size_t len, int64_t now_ms);
