/*
 * Records are stamped with the coming tick; the tick then publishes exactly
 * those rows. Trail points are taken from the rows of a tick, not from each
 * record: one look per aircraft and tick is enough for them.
 */
#include "state/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_decode.h"
#include "flight/flight_table.h"
#include "net/loop.h"
#include "state/flight_stats.h"
#include "state/frame_builder.h"
#include "state/frame_set.h"
#include "state/trail.h"
#include "telemetry/metrics.h"

enum {
    EXPIRE_PERIOD_MS = 1000,
    STATS_PERIOD_MS = 1000,
    STATS_CROWDED_MS = 5000, /* a pass over so many aircraft costs milliseconds */
    STATS_CROWD = 5000,
    GROUP_MAX = 16, /* records whose rows are fetched at once */
    STATS_JSON_MAX = 262144,
    TRAIL_REPLY_MAX = 2048
};

enum fate {
    FATE_CONSUMED,
    FATE_APPLIED,
    FATE_STALE,
    FATE_INVALID,
    FATE_UNCHANGED,
    FATES
};

struct state {
    struct state_config config;
    char epoch[17];
    struct flight_table *table;
    struct frame_builder *builder;
    struct trail_store *trails;
    struct loop_timer *timer;
    struct flight_key_order order; /* of the records' keys */
    uint32_t tick;                 /* last published; records are stamped tick + 1 */
    uint64_t counts[FATES];
    uint64_t published[FATES];        /* counts at the last metrics update */
    uint64_t rated[FATES];            /* counts at the last stats */
    struct metric_cell *cells[FATES]; /* FATE_INVALID: by reason instead */
    struct metric_cell *reasons[OBSERVATION_REASON_COUNT];
    uint64_t reason_counts[OBSERVATION_REASON_COUNT];
    int64_t expired_ms;
    int64_t stats_ms;
    struct frame_text *stats;
    int64_t lag_ms;
    int64_t stale_since_ms;
    char stale_source[16];
};

static void find_cells(struct state *state)
{
    struct metrics *m = state->config.metrics;
    if (m == NULL)
        return;
    state->cells[FATE_CONSUMED] = metrics_cell(m, METRIC_RECORDS_CONSUMED);
    state->cells[FATE_APPLIED] = metrics_cell(m, METRIC_RECORDS_APPLIED);
    state->cells[FATE_STALE] = metrics_cell(m, METRIC_RECORDS_STALE);
    state->cells[FATE_UNCHANGED] = metrics_cell(m, METRIC_RECORDS_UNCHANGED);
}

static void make_epoch(char *ret_epoch, size_t size)
{
    uint64_t random = 0;
    /* Before the kernel has gathered enough: the clock tells processes apart. */
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint64_t)clock_wall_ms() * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(ret_epoch, size, "%016" PRIx64, random);
}

struct state *state_new(const struct state_config *config)
{
    assert(config->tick_ms > 0 && config->on_frame != NULL);
    struct state *state = xcalloc(1, sizeof *state);
    state->config = *config;
    state->table = flight_table_new();
    state->builder = frame_builder_new();
    state->trails = trail_store_new(TRAIL_CHUNKS_MAX);
    state->lag_ms = -1;
    make_epoch(state->epoch, sizeof state->epoch);
    find_cells(state);
    return state;
}

void state_free(struct state *state)
{
    if (state == NULL)
        return;
    loop_timer_free(state->timer);
    frame_text_unref(state->stats);
    trail_store_free(state->trails);
    frame_builder_free(state->builder);
    flight_table_free(state->table);
    free(state);
}

const char *state_epoch(const struct state *state)
{
    return state->epoch;
}

static void refuse(struct state *state, const struct state_record *record,
                   enum observation_reason reason)
{
    state->counts[FATE_INVALID]++;
    state->reason_counts[reason]++;
    if (state->config.on_invalid != NULL)
        state->config.on_invalid(state->config.invalid_data, record, reason);
}

static enum fate fate_of(enum flight_apply result)
{
    switch (result) {
    case FLIGHT_APPLIED: return FATE_APPLIED;
    case FLIGHT_UNCHANGED: return FATE_UNCHANGED;
    case FLIGHT_STALE: return FATE_STALE;
    case FLIGHT_REFUSED: break;
    }
    return FATE_INVALID;
}

static enum observation_reason decode(struct state *state,
                                      const struct state_record *record, int64_t now_ms,
                                      struct observation *ret_obs)
{
    const struct flight_decode_options options = {.clock_ms = now_ms,
                                                  .order = &state->order};
    enum observation_reason reason =
        flight_decode_with(record->value, record->value_len, &options, ret_obs, NULL);
    return reason == OBSERVATION_NONE
               ? flight_check_key(record->key, record->key_len, ret_obs->icao)
               : reason;
}

static void apply(struct state *state, const struct state_record *record,
                  enum observation_reason reason, const struct observation *obs)
{
    state->counts[FATE_CONSUMED]++;
    if (reason != OBSERVATION_NONE) {
        refuse(state, record, reason);
        return;
    }
    enum fate fate = fate_of(flight_table_apply(state->table, obs, state->tick + 1));
    if (fate == FATE_INVALID)
        refuse(state, record, OBSERVATION_TABLE_FULL);
    else
        state->counts[fate]++;
}

/* At most GROUP_MAX records: all are decoded, then their rows fetched, then applied. */
static void apply_group(struct state *state, const struct state_record *records,
                        size_t count, int64_t now_ms)
{
    struct observation decoded[GROUP_MAX];
    enum observation_reason reasons[GROUP_MAX];
    for (size_t i = 0; i < count; i++) {
        decoded[i].icao = 0; /* whose row is asked for should it be invalid */
        reasons[i] = decode(state, &records[i], now_ms, &decoded[i]);
    }
    flight_table_prefetch(state->table, decoded, count);
    for (size_t i = 0; i < count; i++)
        apply(state, &records[i], reasons[i], &decoded[i]);
}

void state_apply_records(struct state *state, const struct state_record *records,
                         size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < count; i += GROUP_MAX)
        apply_group(state, records + i, MIN_OF(count - i, (size_t)GROUP_MAX), now_ms);
}

void state_apply_observation(struct state *state, const struct observation *obs)
{
    flight_table_apply(state->table, obs, state->tick + 1);
}

static void publish_counts(struct state *state)
{
    struct metrics *m = state->config.metrics;
    if (m == NULL)
        return;
    for (unsigned i = 0; i < FATES; i++) {
        if (state->cells[i] != NULL)
            metric_add(state->cells[i],
                       (int64_t)(state->counts[i] - state->published[i]));
        state->published[i] = state->counts[i];
    }
    for (unsigned i = 0; i < OBSERVATION_REASON_COUNT; i++) {
        if (state->reason_counts[i] == 0)
            continue;
        if (state->reasons[i] == NULL)
            state->reasons[i] = metrics_cell_of(
                m, METRIC_RECORDS_INVALID,
                observation_reason_text((enum observation_reason)i), NULL);
        metric_add(state->reasons[i], (int64_t)state->reason_counts[i]);
        state->reason_counts[i] = 0;
    }
    metrics_set(m, METRIC_FLIGHTS, (double)flight_table_count(state->table));
    metrics_add(m, METRIC_TICKS, 1);
}

static double rate_of(const struct state *state, enum fate fate, int64_t passed_ms)
{
    return (double)(state->counts[fate] - state->rated[fate]) * 1000.0 /
           (double)passed_ms;
}

static void refresh_stats(struct state *state, int64_t now_ms)
{
    size_t total = flight_table_count(state->table);
    int64_t period_ms = total > STATS_CROWD ? STATS_CROWDED_MS : STATS_PERIOD_MS;
    int64_t passed_ms = now_ms - state->stats_ms;
    if (state->stats != NULL && passed_ms >= 0 && passed_ms < period_ms)
        return;
    struct stats_rates rates = {0};
    if (state->stats != NULL && passed_ms > 0) {
        rates = (struct stats_rates){
            .consumed = rate_of(state, FATE_CONSUMED, passed_ms),
            .applied = rate_of(state, FATE_APPLIED, passed_ms),
            .stale = rate_of(state, FATE_STALE, passed_ms),
            .invalid = rate_of(state, FATE_INVALID, passed_ms),
            .unchanged = rate_of(state, FATE_UNCHANGED, passed_ms),
        };
    }
    struct strbuf json;
    strbuf_init(&json, STATS_JSON_MAX);
    flight_stats_write(state->table, state->tick, now_ms, &rates, &json);
    frame_text_unref(state->stats);
    state->stats = frame_text_new(strbuf_text(&json), json.len);
    strbuf_release(&json);
    state->stats_ms = now_ms;
    memcpy(state->rated, state->counts, sizeof state->rated);
}

static void expire(struct state *state, int64_t now_ms)
{
    int64_t passed_ms = now_ms - state->expired_ms;
    if (passed_ms >= 0 && passed_ms < EXPIRE_PERIOD_MS)
        return;
    state->expired_ms = now_ms;
    flight_table_expire(state->table, now_ms, state->config.expire_ms,
                        state->config.adsc_expire_ms, state->tick);
}

static void note_trails(struct state *state, const struct frame_set *frame)
{
    for (size_t i = 0; i < frame->row_count; i++)
        trail_store_note(state->trails, frame->rows[i].flight, frame->total);
}

static struct frame_set *make_frame(struct state *state, int64_t now_ms)
{
    struct frame_set *frame =
        frame_builder_build(state->builder, state->table, state->tick, now_ms);
    frame->tick_ms = state->config.tick_ms;
    frame->lag_ms = state->lag_ms;
    frame->stale_since_ms = state->stale_since_ms;
    memcpy(frame->stale_source, state->stale_source, sizeof frame->stale_source);
    frame->stats = frame_text_ref(state->stats);
    return frame;
}

/* Clients wait for the frame: what they do not wait for comes after it. */
void state_tick(struct state *state, int64_t now_ms)
{
    int64_t begin_us = clock_mono_us();
    state->tick++;
    expire(state, now_ms);
    if (state->stats == NULL)
        refresh_stats(state, now_ms);
    struct frame_set *frame = make_frame(state, now_ms);
    state->config.on_frame(state->config.frame_data, frame_set_ref(frame));
    note_trails(state, frame);
    frame_set_unref(frame);
    refresh_stats(state, now_ms);
    publish_counts(state);
    if (state->config.metrics != NULL)
        metric_observe(metrics_cell(state->config.metrics, METRIC_TICK_DURATION),
                       (double)(clock_mono_us() - begin_us) / 1e6);
}

static void on_timer(void *data)
{
    struct state *state = data;
    state_tick(state, clock_wall_ms());
    /* libuv would else count the next wait from before this work. */
    loop_update_time(state->config.loop);
}

void state_start(struct state *state)
{
    assert(state->timer == NULL);
    state->timer =
        loop_every_ms(state->config.loop, state->config.tick_ms, on_timer, state);
}

void state_set_lag(struct state *state, int64_t lag_ms)
{
    state->lag_ms = lag_ms;
}

void state_set_stale(struct state *state, const char *source, int64_t since_ms)
{
    state->stale_since_ms = since_ms;
    snprintf(state->stale_source, sizeof state->stale_source, "%s", source);
}

/* --- trails for other threads ------------------------------------------ */

struct trail_request {
    struct state *state;
    struct loop *loop;
    state_trail_fn fn;
    void *data;
    uint32_t icao;
    int64_t since_ms;
    size_t count;
    struct trail_point *points;
};

static void answer_trail(void *data)
{
    struct trail_request *request = data;
    request->fn(request->data, request->points, request->count);
    free(request->points);
    free(request);
}

static void read_trail(void *data)
{
    struct trail_request *request = data;
    const struct flight *f = flight_table_find(request->state->table, request->icao);
    if (f != NULL) {
        request->points = xcalloc(TRAIL_REPLY_MAX, sizeof *request->points);
        request->count = trail_store_read(request->state->trails, f, request->since_ms,
                                          request->points, TRAIL_REPLY_MAX);
    }
    loop_post(request->loop, answer_trail, request);
}

void state_request_trail(struct state *state, uint32_t icao, int64_t since_ms,
                         struct loop *loop, state_trail_fn fn, void *data)
{
    struct trail_request *request = xcalloc(1, sizeof *request);
    *request = (struct trail_request){.state = state,
                                      .loop = loop,
                                      .fn = fn,
                                      .data = data,
                                      .icao = icao,
                                      .since_ms = since_ms};
    loop_post(state->config.loop, read_trail, request);
}
