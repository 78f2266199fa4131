#include "store/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "store/redis_link.h"

enum { KEY_SIZE = sizeof SESSIONS_PREFIX + SESSIONS_ID_MAX };

struct unsent_ack {
    char alert[SESSIONS_ALERT_MAX + 1];
    int64_t at_ms;
};

struct sessions {
    struct redis_link *link;
    sessions_ack_fn on_ack;
    void *data;
    struct unsent_ack unsent[SESSIONS_UNSENT_MAX]; /* a ring, the oldest first */
    size_t unsent_first;
    size_t unsent_count;
};

struct search {
    sessions_found_fn found;
    void *data;
};

void sessions_save(struct sessions *s, const char *id, const char *text, size_t len)
{
    char key[KEY_SIZE];
    char ttl[16];
    if (strlen(id) > SESSIONS_ID_MAX || len > SESSIONS_TEXT_MAX)
        return;
    int key_len = snprintf(key, sizeof key, "%s%s", SESSIONS_PREFIX, id);
    int ttl_len = snprintf(ttl, sizeof ttl, "%d", SESSIONS_TTL_S);
    const struct redis_arg args[] = {{.data = "SETEX", .len = 5},
                                     {.data = key, .len = (size_t)key_len},
                                     {.data = ttl, .len = (size_t)ttl_len},
                                     {.data = text, .len = len}};
    redis_link_command(s->link, args, 4, NULL, NULL);
}

static void on_session(void *data, const struct redis_reply *reply)
{
    struct search *search = data;
    size_t len;
    const char *text = redis_reply_text(reply, &len);
    if (redis_reply_kind(reply) == REDIS_REPLY_IS_TEXT && len <= SESSIONS_TEXT_MAX)
        search->found(search->data, text, len);
    else
        search->found(search->data, NULL, 0);
    free(search);
}

void sessions_find(struct sessions *s, const char *id, sessions_found_fn found,
                   void *data)
{
    char key[KEY_SIZE];
    struct search *search = xcalloc(1, sizeof *search);
    *search = (struct search){.found = found, .data = data};
    snprintf(key, sizeof key, "%s%.*s", SESSIONS_PREFIX, (int)SESSIONS_ID_MAX, id);
    if (strlen(id) <= SESSIONS_ID_MAX &&
        redis_link_call(s->link, on_session, search, "GET", key, NULL) == 0)
        return;
    free(search);
    found(data, NULL, 0);
}

/* -- Acknowledgements -------------------------------------------------------- */

static void on_all(void *data, const struct redis_reply *reply)
{
    struct sessions *s = data;
    size_t count = MIN_OF(redis_reply_count(reply), 2 * (size_t)SESSIONS_ACKS_MAX);
    int64_t kept_since_ms =
        clock_wall_ms() - (int64_t)SESSIONS_ACKS_DAYS * 24 * 3600 * 1000;
    for (size_t i = 0; i + 1 < count; i += 2) {
        size_t len;
        const char *alert = redis_reply_text(redis_reply_at(reply, i), &len);
        const char *at = redis_reply_text(redis_reply_at(reply, i + 1), NULL);
        int64_t at_ms = strtoll(at, NULL, 10);
        if (len == 0 || len > SESSIONS_ALERT_MAX)
            continue;
        if (at_ms < kept_since_ms)
            redis_link_call(s->link, NULL, NULL, "HDEL", SESSIONS_ACKS_KEY, alert,
                            NULL);
        else
            s->on_ack(s->data, alert, at_ms);
    }
}

static void read_all(void *data)
{
    struct sessions *s = data;
    if (s->on_ack != NULL)
        redis_link_call(s->link, on_all, s, "HGETALL", SESSIONS_ACKS_KEY, NULL);
}

/* The message is "EPOCH_MS ALERT". */
static void on_message(void *data, const char *channel, const char *text, size_t len)
{
    struct sessions *s = data;
    char *end = NULL;
    if (strcmp(channel, SESSIONS_ACKS_CHANNEL) != 0 || len > SESSIONS_ALERT_MAX + 24)
        return;
    int64_t at_ms = strtoll(text, &end, 10);
    if (end != text && *end == ' ' && end[1] != '\0')
        s->on_ack(s->data, end + 1, at_ms);
}

static int send_ack(struct sessions *s, const char *alert, int64_t at_ms)
{
    char at[24];
    char message[SESSIONS_ALERT_MAX + 32];
    snprintf(at, sizeof at, "%" PRId64, at_ms);
    snprintf(message, sizeof message, "%s %s", at, alert);
    int rc = redis_link_call(s->link, NULL, NULL, "HSET", SESSIONS_ACKS_KEY, alert, at,
                             NULL);
    if (rc == 0)
        redis_link_call(s->link, NULL, NULL, "PUBLISH", SESSIONS_ACKS_CHANNEL, message,
                        NULL);
    return rc;
}

static void keep_unsent(struct sessions *s, const char *alert, int64_t at_ms)
{
    size_t place = (s->unsent_first + s->unsent_count) % SESSIONS_UNSENT_MAX;
    if (s->unsent_count == SESSIONS_UNSENT_MAX)
        s->unsent_first = (s->unsent_first + 1) % SESSIONS_UNSENT_MAX;
    else
        s->unsent_count++;
    snprintf(s->unsent[place].alert, sizeof s->unsent[place].alert, "%s", alert);
    s->unsent[place].at_ms = at_ms;
}

static void send_unsent(struct sessions *s)
{
    while (s->unsent_count > 0) {
        const struct unsent_ack *ack = &s->unsent[s->unsent_first];
        if (send_ack(s, ack->alert, ack->at_ms) != 0)
            return;
        s->unsent_first = (s->unsent_first + 1) % SESSIONS_UNSENT_MAX;
        s->unsent_count--;
    }
}

void sessions_ack(struct sessions *s, const char *alert, int64_t at_ms)
{
    if (strlen(alert) > SESSIONS_ALERT_MAX)
        return;
    if (send_ack(s, alert, at_ms) != 0)
        keep_unsent(s, alert, at_ms);
}

static void on_up(void *data)
{
    send_unsent(data);
    read_all(data);
}

/* -- Life --------------------------------------------------------------------- */

struct sessions *sessions_new(struct redis_link *link, sessions_ack_fn on_ack,
                              void *data)
{
    static const struct redis_events events = {
        .on_up = on_up, .on_message = on_message, .on_subscribed = read_all};
    struct sessions *s = xcalloc(1, sizeof *s);
    s->link = link;
    s->on_ack = on_ack;
    s->data = data;
    if (on_ack != NULL) {
        redis_link_listen(link, &events, s);
        redis_link_subscribe(link, SESSIONS_ACKS_CHANNEL);
    }
    return s;
}

void sessions_free(struct sessions *s)
{
    if (s == NULL)
        return;
    redis_link_unlisten(s->link, s);
    free(s);
}
