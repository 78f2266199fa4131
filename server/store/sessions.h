/*
 * What gateways of one platform share about clients, in Redis: resume sessions
 * (flightdash:v1:session:ID, with a TTL) and acknowledged alerts
 * (flightdash:v1:acks, hash alert -> epoch ms). All of it may be missing; then
 * a client simply gets a snapshot. One thread: the link's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct redis_link;
struct sessions;

#define SESSIONS_PREFIX       "flightdash:v1:session:"
#define SESSIONS_ACKS_KEY     "flightdash:v1:acks"
#define SESSIONS_ACKS_CHANNEL "flightdash:v1:ack-changes"

enum {
    SESSIONS_TTL_S = 900,
    SESSIONS_ID_MAX = 64,
    SESSIONS_TEXT_MAX = 4096,
    SESSIONS_ALERT_MAX = 128,
    SESSIONS_ACKS_MAX = 4096,  /* read at once; more are left alone */
    SESSIONS_ACKS_DAYS = 8,    /* older ones are removed: flight-alerts keeps 7 */
    SESSIONS_UNSENT_MAX = 256, /* acknowledgements kept while Redis is away */
};

/* text is NULL when there is no such session (or no Redis). */
typedef void (*sessions_found_fn)(void *data, const char *text, size_t len);

/* An alert is acknowledged, here or by another gateway; may be told again. */
typedef void (*sessions_ack_fn)(void *data, const char *alert, int64_t at_ms);

/* on_ack may be NULL. */
struct sessions *sessions_new(struct redis_link *link, sessions_ack_fn on_ack,
                              void *data);
void sessions_free(struct sessions *s); /* accepts NULL; before the link */

/* Keeps a session's text for SESSIONS_TTL_S. */
void sessions_save(struct sessions *s, const char *id, const char *text, size_t len);

/* Looks a session up; found is called once, perhaps before this returns. */
void sessions_find(struct sessions *s, const char *id, sessions_found_fn found,
                   void *data);

/*
 * Shares an acknowledgement; while Redis is away it is kept, and shared when it is
 * back (the newest SESSIONS_UNSENT_MAX).
 */
void sessions_ack(struct sessions *s, const char *alert, int64_t at_ms);
