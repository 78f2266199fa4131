/*
 * What waits is one entry per aircraft: its newest object, or that it is gone.
 * Batches of BATCH_ROWS leave while fewer than BATCHES_MAX are unanswered, so a
 * slow Redis gets fewer, newer objects. While Redis is away objects are not kept
 * (its owner is asked again) but removals are, or they would never happen.
 *
 * Redis may refuse what it is sent (read-only, out of memory): removals wait
 * again, and once a write is taken everything is written anew.
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

enum { BATCH_ROWS = 250, BATCHES_MAX = 16, CHECKS_OFF = 4, MARKER_SIZE = 64 };

struct entry {
    uint32_t icao;
    char *json; /* NULL = remove */
    size_t len;
};

/* What a command carried that is not answered; answers come in order. */
struct batch {
    struct batch *next;
    bool removing;
    size_t rows;
    uint32_t icaos[BATCH_ROWS];
};

struct state_mirror {
    struct redis_link *link;
    struct metric_cell *rows_cell;
    struct metric_cell *refused_cell;
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
    struct batch *oldest; /* of the unanswered ... */
    struct batch *newest;
    unsigned unanswered; /* ... and how many they are */
    bool refused;        /* something was, and is not made good yet */
    unsigned checks_off; /* so many without a try to make it good */
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

static void push_batch(struct state_mirror *m, struct batch *batch)
{
    if (m->newest != NULL)
        m->newest->next = batch;
    else
        m->oldest = batch;
    m->newest = batch;
    m->unanswered++;
}

static struct batch *pop_batch(struct state_mirror *m)
{
    struct batch *batch = m->oldest;
    m->oldest = batch->next;
    if (m->oldest == NULL)
        m->newest = NULL;
    m->unanswered--;
    return batch;
}

/* Removals wait again; who has come back since stays. */
static void keep_removals(struct state_mirror *m, const struct batch *batch)
{
    uint32_t slot;
    for (size_t i = 0; batch->removing && i < batch->rows; i++) {
        if (!address_map_find(&m->index, batch->icaos[i], &slot))
            state_mirror_remove(m, batch->icaos[i]);
    }
}

static void on_batch_answer(void *data, const struct redis_reply *reply)
{
    struct state_mirror *m = data;
    struct batch *batch = pop_batch(m);
    bool taken = redis_reply_kind(reply) != REDIS_REPLY_IS_FAILURE;
    metric_add(taken ? m->rows_cell : m->refused_cell, (int64_t)batch->rows);
    if (!taken)
        keep_removals(m, batch);
    if (taken)
        send_waiting(m, BATCHES_MAX);
    else
        m->refused = true;
    free(batch);
}

/* One command for the last entries of a kind (objects or removals). */
static bool send_batch(struct state_mirror *m)
{
    struct entry taken[BATCH_ROWS];
    char hex[BATCH_ROWS][FLIGHT_HEX_SIZE];
    struct redis_arg args[2 + 2 * BATCH_ROWS];
    struct batch *batch = xcalloc(1, sizeof *batch);
    batch->removing = m->entries[m->count - 1].json == NULL;
    size_t n = 0;
    args[n++] = (struct redis_arg){.data = batch->removing ? "HDEL" : "HSET", .len = 4};
    args[n++] = (struct redis_arg){.data = STATE_MIRROR_KEY,
                                   .len = sizeof STATE_MIRROR_KEY - 1};
    do {
        size_t i = batch->rows++;
        taken[i] = take_last(m);
        batch->icaos[i] = taken[i].icao;
        flight_format_hex(taken[i].icao, hex[i]);
        args[n++] = (struct redis_arg){.data = hex[i], .len = strlen(hex[i])};
        if (!batch->removing)
            args[n++] = (struct redis_arg){.data = taken[i].json, .len = taken[i].len};
    } while (m->count > 0 && batch->rows < BATCH_ROWS &&
             (m->entries[m->count - 1].json == NULL) == batch->removing);
    bool sent = redis_link_command(m->link, args, n, on_batch_answer, m) == 0;
    for (size_t i = 0; i < batch->rows; i++)
        free(taken[i].json);
    if (sent) {
        m->changed += (unsigned)batch->rows;
        push_batch(m, batch);
    } else {
        keep_removals(m, batch);
        m->refused = true;
        free(batch);
    }
    return sent;
}

static void send_waiting(struct state_mirror *m, unsigned batches_max)
{
    while (m->count > 0 && m->unanswered < batches_max && redis_link_up(m->link) &&
           send_batch(m))
        ;
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

static void on_probe(void *data, const struct redis_reply *reply)
{
    struct state_mirror *m = data;
    if (redis_reply_kind(reply) == REDIS_REPLY_IS_FAILURE || !m->refused)
        return;
    m->refused = false;
    m->checks_off = CHECKS_OFF; /* should it refuse the rows again */
    rewrite_all(m);
}

static void on_check_timer(void *data)
{
    struct state_mirror *m = data;
    if (m->checks_off > 0)
        m->checks_off--;
    else if (m->refused)
        redis_link_call(m->link, on_probe, m, "SET", m->marker, "1", "EX", "3600",
                        NULL);
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
    m->refused = false;
    m->checks_off = 0;
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
    m->refused_cell = metrics_cell(metrics, METRIC_MIRROR_REFUSED);
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
    while (m->oldest != NULL)
        free(pop_batch(m));
    free(m->entries);
    address_map_release(&m->index);
    free(m);
}
