/*
 * What waits is one entry per aircraft: its newest object, or that it is gone.
 * Batches of BATCH_ROWS leave while fewer than BATCHES_MAX are unanswered, so a
 * slow Redis gets fewer, newer objects. While Redis is away objects are not kept
 * (its owner is asked again) but removals are, or they would never happen.
 *
 * That Redis lost what was written (flushed, restarted empty) shows in two ways:
 * our own marker key is gone, or the hash is smaller than what we put there.
 */
#include "store/state_mirror.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight.h"
#include "net/loop.h"
#include "store/redis_link.h"
#include "telemetry/metrics.h"

enum { BATCH_ROWS = 250, BATCHES_MAX = 16, MARKER_SIZE = 64 };

struct entry {
    uint32_t icao;
    char *json; /* NULL = remove */
    size_t len;
};

struct state_mirror {
    struct redis_link *link;
    struct metric_cell *rows_cell;
    struct metric_cell *rewrites_cell;
    state_mirror_rewrite_fn rewrite;
    void *data;
    struct loop_timer *send_timer;
    struct loop_timer *check_timer;
    struct entry *entries;
    size_t count;
    size_t capacity;
    struct address_map index; /* icao -> entry */
    size_t expected;
    unsigned unanswered; /* batches */
    unsigned changed;    /* since the last announcement */
    bool marker_answered;
    char marker[MARKER_SIZE];
};

/* -- What waits ------------------------------------------------------------- */

static struct entry *entry_of(struct state_mirror *m, uint32_t icao)
{
    uint32_t slot;
    if (address_map_find(&m->index, icao, &slot))
        return &m->entries[slot];
    if (m->count == STATE_MIRROR_WAITING_MAX)
        return NULL;
    if (m->count == m->capacity) {
        m->capacity = MAX_OF(m->capacity * 2, (size_t)256);
        m->entries = xreallocarray(m->entries, m->capacity, sizeof *m->entries);
    }
    address_map_add(&m->index, icao, (uint32_t)m->count);
    m->entries[m->count] = (struct entry){.icao = icao};
    return &m->entries[m->count++];
}

/* The last one; it leaves the list. */
static struct entry take_last(struct state_mirror *m)
{
    struct entry entry = m->entries[--m->count];
    address_map_remove(&m->index, entry.icao);
    return entry;
}

void state_mirror_put(struct state_mirror *m, uint32_t icao, const char *json,
                      size_t len)
{
    if (!redis_link_up(m->link))
        return; /* the owner is asked for everything when it is back */
    struct entry *entry = entry_of(m, icao);
    if (entry == NULL)
        return;
    free(entry->json);
    entry->json = xmalloc(len + 1);
    memcpy(entry->json, json, len);
    entry->len = len;
}

void state_mirror_remove(struct state_mirror *m, uint32_t icao)
{
    struct entry *entry = entry_of(m, icao);
    if (entry == NULL)
        return;
    free(entry->json);
    entry->json = NULL;
}

void state_mirror_expect(struct state_mirror *m, size_t aircraft)
{
    m->expected = aircraft;
}

/* -- Sending ---------------------------------------------------------------- */

static void send_waiting(struct state_mirror *m, unsigned batches_max);

static void on_batch_answer(void *data, const struct redis_reply *reply)
{
    struct state_mirror *m = data;
    m->unanswered--;
    if (reply != NULL)
        send_waiting(m, BATCHES_MAX);
}

/* One command for the last entries of a kind (objects or removals). */
static void send_batch(struct state_mirror *m)
{
    struct entry taken[BATCH_ROWS];
    char hex[BATCH_ROWS][FLIGHT_HEX_SIZE];
    struct redis_arg args[2 + 2 * BATCH_ROWS];
    bool removing = m->entries[m->count - 1].json == NULL;
    size_t rows = 0;
    size_t n = 0;
    args[n++] = (struct redis_arg){.data = removing ? "HDEL" : "HSET", .len = 4};
    args[n++] = (struct redis_arg){.data = STATE_MIRROR_KEY,
                                   .len = sizeof STATE_MIRROR_KEY - 1};
    while (m->count > 0 && rows < BATCH_ROWS &&
           (m->entries[m->count - 1].json == NULL) == removing) {
        taken[rows] = take_last(m);
        flight_format_hex(taken[rows].icao, hex[rows]);
        args[n++] = (struct redis_arg){.data = hex[rows], .len = strlen(hex[rows])};
        if (!removing)
            args[n++] =
                (struct redis_arg){.data = taken[rows].json, .len = taken[rows].len};
        rows++;
    }
    if (redis_link_command(m->link, args, n, on_batch_answer, m) == 0) {
        m->unanswered++;
        m->changed += (unsigned)rows;
        metric_add(m->rows_cell, (int64_t)rows);
    }
    for (size_t i = 0; i < rows; i++)
        free(taken[i].json);
}

static void send_waiting(struct state_mirror *m, unsigned batches_max)
{
    while (m->count > 0 && m->unanswered < batches_max && redis_link_up(m->link))
        send_batch(m);
}

static void announce(struct state_mirror *m)
{
    char number[16];
    if (m->changed == 0)
        return;
    snprintf(number, sizeof number, "%u", m->changed);
    redis_link_call(m->link, NULL, NULL, "PUBLISH", STATE_MIRROR_CHANNEL, number, NULL);
    m->changed = 0;
}

static void on_send_timer(void *data)
{
    struct state_mirror *m = data;
    send_waiting(m, BATCHES_MAX);
    announce(m);
}

void state_mirror_flush(struct state_mirror *m)
{
    send_waiting(m, UINT32_MAX);
    announce(m);
}

/* -- Is it still there? ------------------------------------------------------ */

static void rewrite_all(struct state_mirror *m)
{
    metric_add(m->rewrites_cell, 1);
    redis_link_call(m->link, NULL, NULL, "SET", m->marker, "1", "EX", "3600", NULL);
    m->rewrite(m->data);
}

/* EXPIRE answers 0 when the key is not there. */
static void on_marker(void *data, const struct redis_reply *reply)
{
    struct state_mirror *m = data;
    m->marker_answered = true;
    if (redis_reply_kind(reply) != REDIS_REPLY_IS_INT || redis_reply_int(reply) != 0)
        return;
    log_warn("redis", "what was written is gone: writing all aircraft again");
    rewrite_all(m);
}

static void on_length(void *data, const struct redis_reply *reply)
{
    struct state_mirror *m = data;
    if (redis_reply_kind(reply) != REDIS_REPLY_IS_INT || m->count > 0 ||
        m->unanswered > 0 || redis_reply_int(reply) >= (int64_t)m->expected)
        return;
    log_info("redis", "%" PRId64 " of %zu aircraft are there: writing all again",
             redis_reply_int(reply), m->expected);
    rewrite_all(m);
}

static void on_check_timer(void *data)
{
    struct state_mirror *m = data;
    if (!m->marker_answered || m->unanswered > 0 || m->count > 0)
        return;
    m->marker_answered =
        redis_link_call(m->link, on_marker, m, "EXPIRE", m->marker, "3600", NULL) != 0;
    redis_link_call(m->link, on_length, m, "HLEN", STATE_MIRROR_KEY, NULL);
}

/* -- Life -------------------------------------------------------------------- */

static void on_up(void *data)
{
    struct state_mirror *m = data;
    m->marker_answered = true;
    rewrite_all(m);
}

static void on_down(void *data)
{
    struct state_mirror *m = data;
    size_t kept = 0;
    address_map_release(&m->index);
    address_map_init(&m->index);
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].json != NULL) {
            free(m->entries[i].json);
            continue;
        }
        address_map_add(&m->index, m->entries[i].icao, (uint32_t)kept);
        m->entries[kept++] = m->entries[i];
    }
    m->count = kept;
}

struct state_mirror *state_mirror_new(struct redis_link *link, struct loop *loop,
                                      struct metrics *metrics,
                                      state_mirror_rewrite_fn rewrite, void *data)
{
    static const struct redis_events events = {.on_up = on_up, .on_down = on_down};
    struct state_mirror *m = xcalloc(1, sizeof *m);
    m->link = link;
    m->rows_cell = metrics_cell(metrics, METRIC_MIRROR_ROWS);
    m->rewrites_cell = metrics_cell(metrics, METRIC_MIRROR_REWRITES);
    m->rewrite = rewrite;
    m->data = data;
    m->marker_answered = true;
    address_map_init(&m->index);
    snprintf(m->marker, sizeof m->marker, "flightdash:v1:mirror:%" PRIx64,
             (uint64_t)clock_mono_ns() ^ (uint64_t)clock_wall_ms() << 20);
    m->send_timer = loop_every_ms(loop, STATE_MIRROR_PERIOD_MS, on_send_timer, m);
    m->check_timer = loop_every_ms(loop, STATE_MIRROR_CHECK_MS, on_check_timer, m);
    redis_link_listen(link, &events, m);
    return m;
}

void state_mirror_free(struct state_mirror *m)
{
    if (m == NULL)
        return;
    redis_link_unlisten(m->link, m);
    loop_timer_free(m->send_timer);
    loop_timer_free(m->check_timer);
    for (size_t i = 0; i < m->count; i++)
        free(m->entries[i].json);
    free(m->entries);
    address_map_release(&m->index);
    free(m);
}
