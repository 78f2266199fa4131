/*
 * Life of an assignment: on_assigned starts a recovery of the partitions that
 * are new to us; when it is done the group begins to deliver; a step a second
 * sends what changed as one generation of the ledger, and offsets follow when
 * Kafka has confirmed it; on_revoked makes a last step and commits at once. Rows
 * of partitions that come back in the very next assignment stay: nobody else
 * had them in between.
 *
 * When Kafka does not confirm, the ledger fills up and steps send nothing: what
 * changes meanwhile is conflated in the table.
 */
#include "tracker/tracker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "bus/dead_letter.h"
#include "bus/group_consumer.h"
#include "bus/key_partition.h"
#include "bus/producer.h"
#include "flight/flight_decode.h"
#include "flight/flight_encode.h"
#include "net/loop.h"
#include "store/redis_link.h"
#include "store/state_mirror.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "tracker/emergencies.h"
#include "tracker/holdings.h"
#include "tracker/ledger.h"
#include "tracker/minute_counts.h"
#include "tracker/recovery.h"

enum {
    DEFAULT_PERIOD_MS = 1000,
    DEFAULT_STATS_MS = 60000,
    LAST_WORDS_MS = 3000, /* the longest a revocation waits for Kafka */
    SETTLE_MS = 100
};

static const char group_name[] = "flightdash-tracker";
static const char source_name[] = "flightdash-tracker";

struct cells {
    struct metric_cell *applied;
    struct metric_cell *unchanged;
    struct metric_cell *stale;
    struct metric_cell *invalid;
    struct metric_cell *flights;
    struct metric_cell *partitions;
    struct metric_cell *emergencies;
};

struct tracker {
    struct tracker_config config;
    struct tracker_deps deps;
    struct cells cells;
    struct group_consumer *group;
    struct holdings *holdings;
    struct emergencies *emergencies;
    struct minute_counts *counts;
    struct ledger *ledger;
    struct dead_letters *dead_letters;
    struct state_mirror *mirror; /* NULL = no Redis */
    struct recovery *recovery;   /* under way, or NULL */
    struct loop_timer *step_timer;
    struct loop_timer *settle_timer;
    struct strbuf text;
    bool running; /* partitions are ours and recovered */
    bool send_all;
    int64_t next_stats_ms;
};

/* -- Sending -------------------------------------------------------------------- */

static void send(struct tracker *t, enum topic topic, const char *key,
                 const char *value, size_t len)
{
    const struct producer_record record = {.topic = topic,
                                           .key = key,
                                           .key_len = strlen(key),
                                           .value = value,
                                           .value_len = len,
                                           .source = source_name,
                                           .ticket = ledger_ticket(t->ledger)};
    /* What the full queue refuses is part of the state: send it again later. */
    if (producer_send(t->deps.producer, &record) != 0)
        t->send_all = true;
}

static void on_publish(void *data, const struct flight *f)
{
    struct tracker *t = data;
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(f->icao, hex);
    strbuf_clear(&t->text);
    flight_encode_state(&t->text, f);
    send(t, TOPIC_FLIGHT_STATE, hex, strbuf_text(&t->text), t->text.len);
    if (t->mirror != NULL)
        state_mirror_put(t->mirror, f->icao, strbuf_text(&t->text), t->text.len);
}

static void on_heard(void *data, const struct flight *f)
{
    struct tracker *t = data;
    emergencies_look(t->emergencies, f);
}

static void on_gone(void *data, uint32_t icao, int64_t heard_at_ms)
{
    struct tracker *t = data;
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    send(t, TOPIC_FLIGHT_STATE, hex, NULL, 0);
    if (t->mirror != NULL)
        state_mirror_remove(t->mirror, icao);
    emergencies_gone(t->emergencies, icao, heard_at_ms);
}

static void on_emergency(void *data, uint32_t icao, const char *json, size_t len)
{
    struct tracker *t = data;
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    send(t, TOPIC_FLIGHT_ALERTS, hex, json, len);
}

static void on_counts(void *data, const char *dimension, const char *json, size_t len)
{
    send(data, TOPIC_FLIGHT_STATS, dimension, json, len);
}

static void mirror_row(void *data, const struct flight *f)
{
    struct tracker *t = data;
    strbuf_clear(&t->text);
    flight_encode_state(&t->text, f);
    state_mirror_put(t->mirror, f->icao, strbuf_text(&t->text), t->text.len);
}

static void mirror_all(void *data)
{
    struct tracker *t = data;
    if (t->running)
        holdings_visit(t->holdings, mirror_row, t);
}

/* -- The step ------------------------------------------------------------------- */

static void count_row(void *data, const struct flight *f)
{
    struct tracker *t = data;
    minute_counts_add(t->counts, f);
}

static void tell_counts(struct tracker *t, int64_t now_ms, const int32_t *partitions,
                        size_t count)
{
    int64_t period_ms = t->config.stats_period_ms;
    if (now_ms < t->next_stats_ms)
        return;
    if (t->next_stats_ms != 0) {
        holdings_visit(t->holdings, count_row, t);
        minute_counts_tell(t->counts, t->next_stats_ms, partitions, count, on_counts,
                           t);
    }
    t->next_stats_ms = (now_ms / period_ms + 1) * period_ms;
}

static void step(struct tracker *t)
{
    int32_t partitions[GROUP_PARTITIONS_MAX];
    if (!t->running || ledger_full(t->ledger))
        return;
    int64_t now_ms = clock_wall_ms();
    size_t count = holdings_partitions(t->holdings, partitions, GROUP_PARTITIONS_MAX);
    bool all = t->send_all;
    t->send_all = false;
    holdings_step(t->holdings, now_ms, t->config.expire_ms, t->config.adsc_expire_ms,
                  all);
    emergencies_step(t->emergencies, now_ms);
    tell_counts(t, now_ms, partitions, count);
    /* What was refused must not be committed; the next generation repeats it. */
    if (!t->send_all)
        ledger_close(t->ledger, t->group, partitions, count);
    size_t aircraft = holdings_visit(t->holdings, NULL, NULL);
    metric_set(t->cells.flights, (double)aircraft);
    metric_set(t->cells.partitions, (double)count);
    metric_set(t->cells.emergencies, (double)emergencies_active(t->emergencies));
    if (t->mirror != NULL)
        state_mirror_expect(t->mirror, aircraft);
}

static void on_step_timer(void *data)
{
    step(data);
}

static void settle(struct tracker *t, bool wait)
{
    if (ledger_settle(t->ledger, t->group, wait))
        t->send_all = true;
}

static void on_settle_timer(void *data)
{
    settle(data, false);
}

/* The last step before partitions go: results safe, offsets committed. */
static void make_safe(struct tracker *t)
{
    int64_t until_ms = clock_mono_ms() + LAST_WORDS_MS;
    step(t);
    while (ledger_open(t->ledger) > 0 && clock_mono_ms() < until_ms) {
        settle(t, true);
        if (ledger_open(t->ledger) > 0)
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    if (t->mirror != NULL)
        state_mirror_flush(t->mirror);
}

/* -- Records -------------------------------------------------------------------- */

static enum observation_reason decode(const struct bus_record *r, int64_t now_ms,
                                      struct observation *ret_obs)
{
    if (r->value == NULL)
        return OBSERVATION_EMPTY;
    enum observation_reason reason =
        flight_decode(r->value, r->value_len, now_ms, NULL, ret_obs);
    if (reason != OBSERVATION_NONE)
        return reason;
    return flight_check_key(r->key, r->key_len, ret_obs->icao);
}

static struct metric_cell *cell_of(struct tracker *t, enum flight_apply result)
{
    switch (result) {
    case FLIGHT_APPLIED: return t->cells.applied;
    case FLIGHT_UNCHANGED: return t->cells.unchanged;
    case FLIGHT_STALE: return t->cells.stale;
    case FLIGHT_REFUSED: return t->cells.invalid;
    }
    return t->cells.invalid;
}

static void on_records(void *data, const struct bus_record *records, size_t count)
{
    struct tracker *t = data;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        struct observation obs;
        enum observation_reason reason = decode(&records[i], now_ms, &obs);
        if (reason != OBSERVATION_NONE) {
            metric_add(t->cells.invalid, 1);
            dead_letter_send(t->dead_letters, &records[i], reason, now_ms);
            continue;
        }
        metric_add(cell_of(t, holdings_apply(t->holdings, &obs, records[i].partition)),
                   1);
    }
}

/* -- Assignments ------------------------------------------------------------------ */

static int32_t home_partition(const struct tracker *t, uint32_t icao)
{
    char hex[FLIGHT_HEX_SIZE];
    int partitions = bus_partitions(t->deps.bus, TOPIC_FLIGHT_UPDATES);
    flight_format_hex(icao, hex);
    return partitions > 0 ? key_partition(hex, strlen(hex), partitions) : 0;
}

static void on_recovered_state(void *data, const struct observation *obs)
{
    struct tracker *t = data;
    /* A live row knows better on which partition its aircraft is heard. */
    if (!holdings_has(t->holdings, obs->icao))
        holdings_apply(t->holdings, obs, home_partition(t, obs->icao));
}

static void on_recovered_alert(void *data, const char *json, size_t len)
{
    struct tracker *t = data;
    emergencies_restore(t->emergencies, json, len);
}

static enum emergency_fate fate_of(void *data, uint32_t icao)
{
    struct tracker *t = data;
    if (holdings_has(t->holdings, icao))
        return EMERGENCY_STAYS;
    return holdings_owns(t->holdings, home_partition(t, icao)) ? EMERGENCY_IS_GONE
                                                               : EMERGENCY_IS_FOREIGN;
}

static void begin(struct tracker *t)
{
    int32_t any;
    t->running = true;
    ledger_clear(t->ledger);
    health_set(t->deps.board, "tracker", HEALTH_PASS, HEALTH_NO_LATENCY, "%s",
               holdings_partitions(t->holdings, &any, 1) > 0
                   ? ""
                   : "other trackers have all partitions");
    group_consumer_begin(t->group);
    if (t->mirror != NULL)
        mirror_all(t);
}

static void on_recovered(void *data, bool complete)
{
    struct tracker *t = data;
    t->recovery = NULL;
    if (!complete)
        log_warn("tracker", "going on with what is known of the new partitions");
    emergencies_sort_out(t->emergencies, clock_wall_ms(), fate_of, t);
    begin(t);
}

static bool contains(const int32_t *list, size_t count, int32_t partition)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == partition)
            return true;
    }
    return false;
}

/* Gives up what is not in the list, takes what is; true when some are new. */
static bool take_partitions(struct tracker *t, const int32_t *partitions, size_t count)
{
    bool news = false;
    int32_t held[GROUP_PARTITIONS_MAX];
    size_t held_count = holdings_partitions(t->holdings, held, GROUP_PARTITIONS_MAX);
    for (size_t i = 0; i < held_count; i++) {
        if (!contains(partitions, count, held[i]))
            holdings_disown(t->holdings, held[i]);
    }
    for (size_t i = 0; i < count; i++) {
        news |= !holdings_owns(t->holdings, partitions[i]);
        holdings_own(t->holdings, partitions[i]);
    }
    return news;
}

static void on_assigned(void *data, const int32_t *partitions, size_t count)
{
    static const struct recovery_events events = {.on_state = on_recovered_state,
                                                  .on_alert = on_recovered_alert,
                                                  .on_done = on_recovered};
    struct tracker *t = data;
    bool news = take_partitions(t, partitions, count);
    log_info("tracker", "%zu partitions are ours%s", count,
             news ? ", recovering their state" : "");
    recovery_cancel(t->recovery);
    t->recovery = NULL;
    if (!news) {
        emergencies_sort_out(t->emergencies, clock_wall_ms(), fate_of, t);
        begin(t);
        return;
    }
    health_set(t->deps.board, "tracker", HEALTH_WARN, HEALTH_NO_LATENCY, "recovering");
    t->recovery = recovery_start(t->deps.bus, t->deps.loop, t->deps.redis,
                                 MAX_OF(t->config.expire_ms, t->config.adsc_expire_ms),
                                 &events, t);
}

static void on_revoked(void *data, const int32_t *partitions, size_t count, bool lost)
{
    struct tracker *t = data;
    if (t->running && !lost)
        make_safe(t);
    if (lost) {
        log_warn("tracker", "the group gave our partitions to others");
        for (size_t i = 0; i < count; i++)
            holdings_disown(t->holdings, partitions[i]);
    }
    recovery_cancel(t->recovery);
    if (t->recovery != NULL) /* not known well: recover again whatever comes */
        take_partitions(t, NULL, 0);
    t->recovery = NULL;
    t->running = false;
    ledger_clear(t->ledger);
}

/* -- Life ------------------------------------------------------------------------- */

static void open_cells(struct tracker *t)
{
    struct metrics *m = t->deps.metrics;
    t->cells = (struct cells){
        .applied = metrics_cell_of(m, METRIC_TRACKER_RECORDS, "applied", NULL),
        .unchanged = metrics_cell_of(m, METRIC_TRACKER_RECORDS, "unchanged", NULL),
        .stale = metrics_cell_of(m, METRIC_TRACKER_RECORDS, "stale", NULL),
        .invalid = metrics_cell_of(m, METRIC_TRACKER_RECORDS, "invalid", NULL),
        .flights = metrics_cell(m, METRIC_TRACKER_FLIGHTS),
        .partitions = metrics_cell(m, METRIC_TRACKER_PARTITIONS),
        .emergencies = metrics_cell(m, METRIC_TRACKER_EMERGENCIES)};
}

static void open_parts(struct tracker *t)
{
    static const struct holdings_events events = {
        .on_heard = on_heard, .on_publish = on_publish, .on_gone = on_gone};
    t->holdings = holdings_new(&events, t);
    t->emergencies = emergencies_new(on_emergency, t);
    t->counts = minute_counts_new();
    t->ledger = ledger_new();
    t->dead_letters = dead_letters_new(t->deps.producer, source_name, t->deps.metrics);
    strbuf_init(&t->text, FLIGHT_ENCODE_MAX);
    if (t->deps.redis != NULL)
        t->mirror = state_mirror_new(t->deps.redis, t->deps.loop, t->deps.metrics,
                                     mirror_all, t);
    t->step_timer =
        loop_every_ms(t->deps.loop, t->config.state_period_ms, on_step_timer, t);
    t->settle_timer = loop_every_ms(t->deps.loop, SETTLE_MS, on_settle_timer, t);
}

struct tracker *tracker_new(const struct tracker_config *config,
                            const struct tracker_deps *deps, struct strbuf *ret_error)
{
    static const struct group_events events = {
        .on_records = on_records, .on_assigned = on_assigned, .on_revoked = on_revoked};
    struct tracker *t = xcalloc(1, sizeof *t);
    t->config = *config;
    t->deps = *deps;
    if (t->config.state_period_ms == 0)
        t->config.state_period_ms = DEFAULT_PERIOD_MS;
    if (t->config.stats_period_ms == 0)
        t->config.stats_period_ms = DEFAULT_STATS_MS;
    const struct group_config group = {
        .topic = TOPIC_FLIGHT_UPDATES,
        .group = group_name,
        .fresh_start_ms = MAX_OF(config->expire_ms, config->adsc_expire_ms)};
    open_cells(t);
    open_parts(t);
    t->group = group_consumer_new(deps->bus, &group, deps->loop, &events, t, ret_error);
    if (t->group == NULL) {
        tracker_free(t);
        return NULL;
    }
    health_set(deps->board, "tracker", HEALTH_WARN, HEALTH_NO_LATENCY,
               "joining the group");
    return t;
}

void tracker_free(struct tracker *t)
{
    if (t == NULL)
        return;
    group_consumer_free(t->group); /* calls on_revoked, which makes all safe */
    recovery_cancel(t->recovery);
    loop_timer_free(t->step_timer);
    loop_timer_free(t->settle_timer);
    state_mirror_free(t->mirror);
    dead_letters_free(t->dead_letters);
    ledger_free(t->ledger);
    minute_counts_free(t->counts);
    emergencies_free(t->emergencies);
    holdings_free(t->holdings);
    strbuf_release(&t->text);
    free(t);
}
