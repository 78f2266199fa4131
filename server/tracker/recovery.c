/*
 * One step after the other: Redis, flight-state, flight-alerts. A consumer may
 * not be freed inside its callbacks, so each step ends by arming the timer,
 * which takes the next one. Rows come in any order: the table keeps the newer.
 */
#include "tracker/recovery.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "bus/bus.h"
#include "bus/consumer.h"
#include "flight/flight_decode.h"
#include "net/loop.h"
#include "store/warm_read.h"

enum step { STEP_REDIS, STEP_STATE, STEP_ALERTS, STEP_DONE };

struct recovery {
    struct bus *bus;
    struct loop *loop;
    struct redis_link *redis;
    struct recovery_events events;
    void *data;
    int64_t state_ms;
    enum step step;
    struct warm_read *warm;
    struct consumer *reader;
    struct loop_timer *next_timer;
    struct loop_timer *deadline;
    bool late;
    int64_t rows;
};

static void take_state(struct recovery *r, const char *json, size_t len)
{
    struct observation obs;
    if (flight_decode(json, len, clock_wall_ms(), NULL, &obs) != OBSERVATION_NONE)
        return;
    r->rows++;
    r->events.on_state(r->data, &obs);
}

/* -- Redis --------------------------------------------------------------------- */

static void on_object(void *data, const char *json, size_t len)
{
    take_state(data, json, len);
}

static void end_step(struct recovery *r)
{
    r->step++;
    loop_timer_arm(r->next_timer, 0);
}

static void on_redis_done(void *data, int64_t objects_or_error)
{
    struct recovery *r = data;
    r->warm = NULL;
    if (objects_or_error > 0)
        r->state_ms = RECOVERY_OVERLAP_MS;
    end_step(r);
}

/* -- Kafka --------------------------------------------------------------------- */

static void on_states(void *data, const struct bus_record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (records[i].value != NULL)
            take_state(data, records[i].value, records[i].value_len);
    }
}

static void on_alerts(void *data, const struct bus_record *records, size_t count)
{
    struct recovery *r = data;
    for (size_t i = 0; i < count; i++) {
        if (records[i].value != NULL)
            r->events.on_alert(r->data, records[i].value, records[i].value_len);
    }
}

static void on_caught_up(void *data)
{
    end_step(data);
}

static void read_topic(struct recovery *r, enum topic topic, bus_records_fn on_records,
                       int64_t back_ms)
{
    const struct consumer_config config = {.topic = topic,
                                           .start = CONSUMER_FROM_TIME,
                                           .start_ms = clock_wall_ms() - back_ms,
                                           .drop_when_caught_up = true};
    const struct consumer_events events = {.on_records = on_records,
                                           .on_caught_up = on_caught_up};
    struct strbuf error;
    strbuf_init(&error, 512);
    r->reader = consumer_assign(r->bus, &config, r->loop, &events, r, &error);
    if (r->reader == NULL) {
        log_error("tracker", "cannot read %s: %s", topic_name(topic),
                  strbuf_text(&error));
        end_step(r);
    }
    strbuf_release(&error);
}

/* -- Steps --------------------------------------------------------------------- */

static void release(struct recovery *r)
{
    warm_read_cancel(r->warm);
    consumer_free(r->reader);
    loop_timer_free(r->next_timer);
    loop_timer_free(r->deadline);
    free(r);
}

static void finish(struct recovery *r)
{
    void (*on_done)(void *data, bool complete) = r->events.on_done;
    void *data = r->data;
    bool complete = !r->late;
    log_info("tracker", "recovered %lld rows%s", (long long)r->rows,
             complete ? "" : "; not all: time ran out");
    release(r);
    on_done(data, complete);
}

static void begin_redis(struct recovery *r)
{
    static const struct warm_read_events events = {.on_object = on_object,
                                                   .on_done = on_redis_done};
    if (r->redis == NULL)
        end_step(r);
    else
        r->warm =
            warm_read_start(r->redis, r->loop, RECOVERY_REDIS_WAIT_MS, &events, r);
}

static void take_next(void *data)
{
    struct recovery *r = data;
    consumer_free(r->reader);
    r->reader = NULL;
    if (r->late)
        r->step = STEP_DONE;
    switch (r->step) {
    case STEP_REDIS: begin_redis(r); return;
    case STEP_STATE: read_topic(r, TOPIC_FLIGHT_STATE, on_states, r->state_ms); return;
    case STEP_ALERTS:
        read_topic(r, TOPIC_FLIGHT_ALERTS, on_alerts, RECOVERY_ALERTS_MS);
        return;
    case STEP_DONE: finish(r); return;
    }
}

static void on_deadline(void *data)
{
    struct recovery *r = data;
    r->late = true;
    loop_timer_arm(r->next_timer, 0);
}

struct recovery *recovery_start(struct bus *bus, struct loop *loop,
                                struct redis_link *redis, int64_t state_ms,
                                const struct recovery_events *events, void *data)
{
    struct recovery *r = xcalloc(1, sizeof *r);
    *r = (struct recovery){.bus = bus,
                           .loop = loop,
                           .redis = redis,
                           .events = *events,
                           .data = data,
                           .state_ms = state_ms,
                           .step = STEP_REDIS};
    r->next_timer = loop_timer_new(loop, take_next, r);
    r->deadline = loop_after_ms(loop, RECOVERY_TIMEOUT_MS, on_deadline, r);
    loop_timer_arm(r->next_timer, 0);
    return r;
}

void recovery_cancel(struct recovery *r)
{
    if (r != NULL)
        release(r);
}
