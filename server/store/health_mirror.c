#include "store/health_mirror.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "store/redis_link.h"

struct own {
    char *service;
    struct strbuf json;
};

struct health_mirror {
    struct redis_link *link;
    health_mirror_fn on_change;
    void *data;
    struct loop_timer *check_timer;
    struct own *own; /* what was put here */
    size_t own_count;
    char **told; /* names of services that on_change knows of */
    size_t told_count;
    int64_t length; /* of the hash when it was last read; -1 = never */
    struct question *questions;
    bool refused; /* Redis did not take all of it */
};

/* What an HGET needs to remember: the name asked for. */
struct question {
    struct health_mirror *mirror; /* NULL when it is gone */
    struct question *next;
    char service[HEALTH_MIRROR_NAME_MAX + 1];
};

/* -- Reading ---------------------------------------------------------------- */

static void free_question(struct question *q)
{
    struct question **place = q->mirror != NULL ? &q->mirror->questions : NULL;
    while (place != NULL && *place != q)
        place = &(*place)->next;
    if (place != NULL)
        *place = q->next;
    free(q);
}

static void tell(struct health_mirror *m, const char *service, const char *json,
                 size_t len)
{
    size_t i = 0;
    while (i < m->told_count && strcmp(m->told[i], service) != 0)
        i++;
    if (i == m->told_count && m->told_count < 2 * (size_t)HEALTH_MIRROR_SERVICES_MAX) {
        m->told = xreallocarray(m->told, m->told_count + 1, sizeof *m->told);
        m->told[m->told_count++] = xstrdup(service);
    }
    m->on_change(m->data, service, json, len);
}

static void tell_gone(struct health_mirror *m, const char *service)
{
    m->on_change(m->data, service, NULL, 0);
    for (size_t i = 0; i < m->told_count; i++) {
        if (strcmp(m->told[i], service) != 0)
            continue;
        free(m->told[i]);
        m->told[i] = m->told[--m->told_count];
        return;
    }
}

static void on_object(void *data, const struct redis_reply *reply)
{
    struct question *q = data;
    struct health_mirror *m = q->mirror;
    size_t len;
    const char *json = redis_reply_text(reply, &len);
    if (m != NULL && redis_reply_kind(reply) == REDIS_REPLY_IS_NONE)
        tell_gone(m, q->service);
    else if (m != NULL && redis_reply_kind(reply) == REDIS_REPLY_IS_TEXT &&
             len <= HEALTH_MIRROR_OBJECT_MAX)
        tell(m, q->service, json, len);
    free_question(q);
}

static void on_message(void *data, const char *channel, const char *text, size_t len)
{
    struct health_mirror *m = data;
    if (strcmp(channel, HEALTH_MIRROR_CHANNEL) != 0 || len == 0 ||
        len > HEALTH_MIRROR_NAME_MAX || memchr(text, '\0', len) != NULL)
        return;
    struct question *q = xcalloc(1, sizeof *q);
    q->mirror = m;
    q->next = m->questions;
    m->questions = q;
    memcpy(q->service, text, len);
    if (redis_link_call(m->link, on_object, q, "HGET", HEALTH_MIRROR_KEY, q->service,
                        NULL) != 0)
        free_question(q);
}

static bool is_in(const struct redis_reply *all, const char *service)
{
    for (size_t i = 0; i + 1 < redis_reply_count(all); i += 2)
        if (strcmp(redis_reply_text(redis_reply_at(all, i), NULL), service) == 0)
            return true;
    return false;
}

/* What was there once and no longer is, whether or not somebody said so. */
static void tell_lost(struct health_mirror *m, const struct redis_reply *all)
{
    char lost[HEALTH_MIRROR_NAME_MAX + 1];
    for (size_t i = m->told_count; i-- > 0;) {
        if (is_in(all, m->told[i]))
            continue;
        snprintf(lost, sizeof lost, "%s", m->told[i]);
        tell_gone(m, lost);
    }
}

static void on_all(void *data, const struct redis_reply *reply)
{
    struct health_mirror *m = data;
    size_t count = redis_reply_count(reply);
    if (count > 2 * (size_t)HEALTH_MIRROR_SERVICES_MAX) {
        log_warn("redis", "%zu services in %s: only the first %d are read", count / 2,
                 HEALTH_MIRROR_KEY, HEALTH_MIRROR_SERVICES_MAX);
        count = 2 * (size_t)HEALTH_MIRROR_SERVICES_MAX;
    }
    for (size_t i = 0; i + 1 < count; i += 2) {
        size_t name_len;
        size_t len;
        const char *name = redis_reply_text(redis_reply_at(reply, i), &name_len);
        const char *json = redis_reply_text(redis_reply_at(reply, i + 1), &len);
        if (name_len > 0 && name_len <= HEALTH_MIRROR_NAME_MAX &&
            len <= HEALTH_MIRROR_OBJECT_MAX)
            tell(m, name, json, len);
    }
    m->length = (int64_t)(redis_reply_count(reply) / 2);
    if (redis_reply_kind(reply) == REDIS_REPLY_IS_LIST)
        tell_lost(m, reply);
}

static void read_all(struct health_mirror *m)
{
    if (m->on_change != NULL)
        redis_link_call(m->link, on_all, m, "HGETALL", HEALTH_MIRROR_KEY, NULL);
}

static void on_subscribed(void *data)
{
    read_all(data);
}

/* -- Writing ---------------------------------------------------------------- */

static void on_written(void *data, const struct redis_reply *reply)
{
    struct health_mirror *m = data;
    if (redis_reply_kind(reply) == REDIS_REPLY_IS_FAILURE)
        m->refused = true; /* written again by the check */
}

static void write_own(struct health_mirror *m, const struct own *own)
{
    const struct redis_arg set[] = {
        {.data = "HSET", .len = 4},
        {.data = HEALTH_MIRROR_KEY, .len = sizeof HEALTH_MIRROR_KEY - 1},
        {.data = own->service, .len = strlen(own->service)},
        {.data = strbuf_text(&own->json), .len = own->json.len}};
    if (redis_link_command(m->link, set, 4, on_written, m) == 0)
        redis_link_call(m->link, NULL, NULL, "PUBLISH", HEALTH_MIRROR_CHANNEL,
                        own->service, NULL);
}

static void write_all(struct health_mirror *m)
{
    for (size_t i = 0; i < m->own_count; i++)
        write_own(m, &m->own[i]);
}

static void on_up(void *data)
{
    struct health_mirror *m = data;
    write_all(m);
    read_all(m);
}

static struct own *own_of(struct health_mirror *m, const char *service)
{
    for (size_t i = 0; i < m->own_count; i++) {
        if (strcmp(m->own[i].service, service) == 0)
            return &m->own[i];
    }
    if (m->own_count == HEALTH_MIRROR_SERVICES_MAX)
        return NULL;
    m->own = xreallocarray(m->own, m->own_count + 1, sizeof *m->own);
    struct own *own = &m->own[m->own_count++];
    own->service = xstrdup(service);
    strbuf_init(&own->json, HEALTH_MIRROR_OBJECT_MAX + 1);
    return own;
}

void health_mirror_put(struct health_mirror *m, const char *service, const char *json,
                       size_t len)
{
    if (strlen(service) > HEALTH_MIRROR_NAME_MAX || len > HEALTH_MIRROR_OBJECT_MAX)
        return;
    struct own *own = own_of(m, service);
    if (own == NULL)
        return;
    strbuf_clear(&own->json);
    strbuf_add(&own->json, json, len);
    write_own(m, own);
}

static void on_length(void *data, const struct redis_reply *reply)
{
    struct health_mirror *m = data;
    if (redis_reply_kind(reply) != REDIS_REPLY_IS_INT)
        return;
    if (redis_reply_int(reply) < (int64_t)m->own_count)
        write_all(m);
    if (redis_reply_int(reply) != m->length)
        read_all(m);
}

static void on_check_timer(void *data)
{
    struct health_mirror *m = data;
    if (m->refused) {
        m->refused = false;
        write_all(m);
    }
    if (m->own_count > 0 || m->on_change != NULL)
        redis_link_call(m->link, on_length, m, "HLEN", HEALTH_MIRROR_KEY, NULL);
}

/* -- Life -------------------------------------------------------------------- */

struct health_mirror *health_mirror_new(struct redis_link *link,
                                        health_mirror_fn on_change, void *data)
{
    static const struct redis_events events = {
        .on_up = on_up, .on_message = on_message, .on_subscribed = on_subscribed};
    struct health_mirror *m = xcalloc(1, sizeof *m);
    m->link = link;
    m->on_change = on_change;
    m->data = data;
    m->length = -1;
    m->check_timer =
        loop_every_ms(redis_link_loop(link), HEALTH_MIRROR_CHECK_MS, on_check_timer, m);
    redis_link_listen(link, &events, m);
    if (on_change != NULL)
        redis_link_subscribe(link, HEALTH_MIRROR_CHANNEL);
    return m;
}

void health_mirror_free(struct health_mirror *m)
{
    if (m == NULL)
        return;
    redis_link_unlisten(m->link, m);
    for (struct question *q = m->questions; q != NULL; q = q->next)
        q->mirror = NULL;
    loop_timer_free(m->check_timer);
    for (size_t i = 0; i < m->own_count; i++) {
        free(m->own[i].service);
        strbuf_release(&m->own[i].json);
    }
    free(m->own);
    for (size_t i = 0; i < m->told_count; i++)
        free(m->told[i]);
    free(m->told);
    free(m);
}
