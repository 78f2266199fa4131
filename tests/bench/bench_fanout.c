/*
 * What the fan-out costs besides the kernel: the real state, views and sessions
 * with a transport that takes everything and sends nothing.
 *
 *   bench_fanout [CLIENTS [TICKS]]
 *
 * 25,000 aircraft at 1 Hz, four ticks a second, a viewport for every client (the
 * same as ws_load's). Prints microseconds of CPU: per tick for making the frame
 * and for bringing index and views forward, per delivered message for the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "flight/observation.h"
#include "gateway/hub.h"
#include "gateway/route_context.h"
#include "gateway/session.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"

enum { AIRCRAFT = 25000, TICK_MS = 250, TICKS_PER_S = 4, WARM_TICKS = 12 };

struct aircraft {
    struct observation obs;
    int32_t step_lat;
    int32_t step_lon;
};

struct bench {
    int64_t now_ms;
    struct aircraft *fleet;
    struct metrics *metrics;
    struct route_context context;
    struct state *state;
    struct hub *hub;
    int64_t tick_us;  /* when the tick began */
    int64_t first_us; /* when the first session of the tick was pumped; 0 = not yet */
    /* Sums over the measured ticks. */
    int64_t build_us;
    int64_t apply_us;
    int64_t deliver_us;
    uint64_t messages;
    uint64_t bytes;
};

static struct bench *bench_of(const struct session *s)
{
    return s->transport;
}

static void pump(struct session *s)
{
    struct bench *b = bench_of(s);
    if (b->first_us == 0)
        b->first_us = clock_thread_cpu_us();
    size_t len;
    session_receive_pong(s, b->now_ms); /* or it would be closed as dead */
    while (session_peek(s, b->now_ms, &len) != NULL) {
        b->messages++;
        b->bytes += len;
        session_sent(s, len, false, b->now_ms);
    }
}

static void on_frame(void *data, struct frame_set *take_frame)
{
    struct bench *b = data;
    int64_t begin_us = clock_thread_cpu_us();
    b->first_us = 0;
    hub_tick(b->hub, take_frame, b->now_ms);
    int64_t end_us = clock_thread_cpu_us();
    frame_set_unref(take_frame);
    b->build_us += begin_us - b->tick_us;
    if (b->first_us == 0)
        b->first_us = end_us;
    b->apply_us += b->first_us - begin_us;
    b->deliver_us += end_us - b->first_us;
}

/* --- traffic ------------------------------------------------------------ */

static unsigned mix(unsigned i)
{
    i *= 2654435761U;
    i ^= i >> 15;
    i *= 2246822519U;
    return i ^ i >> 13;
}

/* Half of them where the clients look: 105 W to 45 E, 28 N to 65 N. */
static void place(struct aircraft *a, unsigned i)
{
    const uint64_t fields = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
                            FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_TRACK) |
                            FLIGHT_BIT(FLIGHT_ALT_BARO) | FLIGHT_BIT(FLIGHT_SQUAWK);
    struct flight_values *v = &a->obs.v;
    unsigned x = mix(i);
    unsigned y = mix(i + AIRCRAFT);
    a->obs.icao = 0x100000 + i * 5;
    a->obs.present = fields;
    bool busy = x % 2 == 0;
    v->num[FLIGHT_LON] = busy ? -10500000 + (int32_t)(x % 15000000)
                              : -17900000 + (int32_t)(x % 35800000);
    v->num[FLIGHT_LAT] =
        busy ? 2800000 + (int32_t)(y % 3700000) : -6500000 + (int32_t)(y % 9300000);
    v->num[FLIGHT_GS] = 3500 + (int32_t)(x % 1500);
    v->num[FLIGHT_TRACK] = (int32_t)(y % 3600);
    v->num[FLIGHT_ALT_BARO] = (int32_t)(x % 41) * 1000;
    v->num[FLIGHT_SQUAWK] = 2000 + (int32_t)(y % 700);
    a->step_lat = (int32_t)(x % 300) - 150;
    a->step_lon = (int32_t)(y % 300) - 150;
}

/* A quarter of the fleet is heard in a tick, and a third of that climbs or turns. */
static void hear(struct bench *b, unsigned tick)
{
    for (unsigned i = tick % TICKS_PER_S; i < AIRCRAFT; i += TICKS_PER_S) {
        struct aircraft *a = &b->fleet[i];
        struct flight_values *v = &a->obs.v;
        v->num[FLIGHT_LAT] += a->step_lat;
        v->num[FLIGHT_LON] += a->step_lon;
        if (mix(i + tick) % 3 == 0) {
            v->num[FLIGHT_ALT_BARO] += 25;
            v->num[FLIGHT_TRACK] = (v->num[FLIGHT_TRACK] + 3) % 3600;
            v->num[FLIGHT_GS] ^= 1;
        }
        a->obs.now_ms = a->obs.heard_at_ms = a->obs.pos_at_ms = b->now_ms - 100;
        state_apply_observation(b->state, &a->obs);
    }
}

static void run_tick(struct bench *b, unsigned tick)
{
    b->now_ms += TICK_MS;
    hear(b, tick);
    b->tick_us = clock_thread_cpu_us();
    state_tick(b->state, b->now_ms);
}

/* --- clients ------------------------------------------------------------ */

static void open_client(struct bench *b, int i)
{
    char text[256];
    double west = -100.0 + i % 8 * 15.0 + i * 0.003;
    double south = 30.0 + i % 5 * 4.0 + i * 0.001;
    struct session *s = session_new(b->hub, true, b, b->now_ms);
    snprintf(text, sizeof text,
             "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"flights\","
             "\"bbox\":[%.3f,%.3f,%.3f,%.3f]}",
             west, south, west + 12.0, south + 9.0);
    session_receive(s, text, strlen(text), b->now_ms);
    pump(s);
}

static void begin(struct bench *b)
{
    b->fleet = xcalloc(AIRCRAFT, sizeof *b->fleet);
    for (unsigned i = 0; i < AIRCRAFT; i++)
        place(&b->fleet[i], i);
    b->metrics = metrics_new();
    b->context = (struct route_context){.metrics = b->metrics};
    const struct state_config config = {.metrics = b->metrics,
                                        .tick_ms = TICK_MS,
                                        .expire_ms = 300000,
                                        .adsc_expire_ms = 300000,
                                        .on_frame = on_frame,
                                        .frame_data = b};
    b->state = state_new(&config);
    const struct hub_config hub = {
        .context = &b->context, .epoch = state_epoch(b->state), .pump = pump};
    b->hub = hub_new(&hub);
}

static void end(struct bench *b)
{
    while (b->hub->first != NULL)
        session_free(b->hub->first);
    hub_free(b->hub);
    state_free(b->state);
    metrics_free(b->metrics);
    free(b->fleet);
}

int main(int argc, char **argv)
{
    int clients = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
    int ticks = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 40;
    struct bench b = {.now_ms = 1700000000000};
    begin(&b);
    unsigned tick = 0;
    while (tick < WARM_TICKS)
        run_tick(&b, tick++);
    for (int i = 0; i < clients; i++)
        open_client(&b, i);
    for (unsigned last = tick + WARM_TICKS; tick < last; tick++)
        run_tick(&b, tick);
    b.build_us = b.apply_us = b.deliver_us = 0;
    b.messages = b.bytes = 0;
    for (unsigned last = tick + (unsigned)ticks; tick < last; tick++)
        run_tick(&b, tick);
    double messages = b.messages > 0 ? (double)b.messages : 1;
    printf("frame %.0f us, apply %.0f us a tick; apply + deliver %.2f us a message of "
           "%.0f bytes; %.0f messages a tick\n",
           (double)b.build_us / ticks, (double)b.apply_us / ticks,
           (double)(b.apply_us + b.deliver_us) / messages, (double)b.bytes / messages,
           messages / ticks);
    end(&b);
    return 0;
}
