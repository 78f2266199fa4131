#include "store/warm_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "net/loop.h"
#include "store/redis_link.h"
#include "store/state_mirror.h"

struct warm_read {
    struct redis_link *link;
    struct warm_read_events events;
    void *data;
    struct loop_timer *timer;
    bool asking; /* an answer is under way */
    int64_t objects;
    char cursor[24]; /* a 64-bit number, as Redis says it */
};

static void ask(struct warm_read *w);

static void retire(struct warm_read *w)
{
    redis_link_unlisten(w->link, w); /* no answer comes any more */
    loop_timer_free(w->timer);
    free(w);
}

static void finish(struct warm_read *w, int64_t objects_or_error)
{
    void (*on_done)(void *data, int64_t objects_or_error) = w->events.on_done;
    void *data = w->data;
    retire(w);
    on_done(data, objects_or_error);
}

static void take_objects(struct warm_read *w, const struct redis_reply *list)
{
    for (size_t i = 1; i < redis_reply_count(list); i += 2) {
        size_t len;
        const char *json = redis_reply_text(redis_reply_at(list, i), &len);
        w->events.on_object(w->data, json, len);
        w->objects++;
    }
}

/* HSCAN's answer: the next cursor, then field, value, field, value, ... */
static void on_chunk(void *data, const struct redis_reply *reply)
{
    struct warm_read *w = data;
    w->asking = false;
    if (redis_reply_count(reply) != 2) {
        finish(w, -EIO);
        return;
    }
    const char *cursor = redis_reply_text(redis_reply_at(reply, 0), NULL);
    snprintf(w->cursor, sizeof w->cursor, "%s", cursor);
    take_objects(w, redis_reply_at(reply, 1));
    if (strcmp(w->cursor, "0") == 0)
        finish(w, w->objects);
    else
        ask(w);
}

static void ask(struct warm_read *w)
{
    char count[16];
    snprintf(count, sizeof count, "%d", WARM_READ_CHUNK);
    w->asking = redis_link_call(w->link, on_chunk, w, "HSCAN", STATE_MIRROR_KEY,
                                w->cursor, "COUNT", count, NULL) == 0;
    if (!w->asking)
        finish(w, -ENOTCONN);
}

static void begin(struct warm_read *w)
{
    loop_timer_arm(w->timer, WARM_READ_TIMEOUT_MS);
    if (!w->asking)
        ask(w);
}

static void on_up(void *data)
{
    begin(data);
}

static void on_timer(void *data)
{
    struct warm_read *w = data;
    if (!w->asking && redis_link_up(w->link))
        begin(w);
    else
        finish(w, -ETIMEDOUT);
}

struct warm_read *warm_read_start(struct redis_link *link, struct loop *loop,
                                  int64_t wait_ms,
                                  const struct warm_read_events *events, void *data)
{
    static const struct redis_events link_events = {.on_up = on_up};
    struct warm_read *w = xcalloc(1, sizeof *w);
    w->link = link;
    w->events = *events;
    w->data = data;
    snprintf(w->cursor, sizeof w->cursor, "0");
    w->timer = loop_timer_new(loop, on_timer, w);
    if (redis_link_up(link)) {
        loop_timer_arm(w->timer, 0); /* never tells before it returned */
        return w;
    }
    loop_timer_arm(w->timer, MAX_OF(wait_ms, (int64_t)0));
    redis_link_listen(link, &link_events, w);
    return w;
}

void warm_read_cancel(struct warm_read *w)
{
    if (w != NULL)
        retire(w);
}
