/*
 * `sent` counts observations since the start; the n-th is of aircraft
 * n % count and due at start + n / (count * rate). So nothing is scheduled per
 * aircraft, and a late timer only makes one larger batch.
 */
#include "sources/sim.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/loop.h"
#include "sources/sim_world.h"
#include "sources/source_url.h"

enum {
    STEP_MS = 20,
    LATE_MAX_MS = 1000, /* behind by more (a suspended machine): skipped */
    DEFAULT_AIRCRAFT = 1000,
    DEFAULT_EMERGENCIES = 1
};

struct sim {
    struct source_sink sink;
    struct sim_world *world;
    struct loop_timer *timer;
    double per_ms; /* observations */
    int64_t start_ms;
    uint64_t sent;
};

static void step(void *data)
{
    struct sim *s = data;
    int64_t now_ms = clock_wall_ms();
    uint32_t count = sim_world_count(s->world);
    if (now_ms < s->start_ms) { /* the clock was set back */
        s->start_ms = now_ms;
        s->sent = 0;
    }
    uint64_t due = (uint64_t)((double)(now_ms - s->start_ms) * s->per_ms);
    uint64_t late = (uint64_t)(LATE_MAX_MS * s->per_ms) + count;
    if (due > s->sent + late)
        s->sent = due - late;
    for (; s->sent < due; s->sent++) {
        struct observation obs;
        sim_world_observe(s->world, (uint32_t)(s->sent % count), now_ms, &obs);
        s->sink.observe(s->sink.data, &obs);
    }
}

/* The parameters; world and rate_hz only where asked for. */
static bool read_parameters(const struct source_url *url, struct sim_config *ret_config,
                            double *ret_rate_hz, struct strbuf *ret_error)
{
    double aircraft;
    double seed;
    double emergencies;
    double rate_hz;
    const struct source_range ranges[] = {
        {1, SIM_AIRCRAFT_MAX, DEFAULT_AIRCRAFT},
        {0.01, 20, 1},
        {0, 9e15, 1},
        {0, SIM_EMERGENCIES_MAX, DEFAULT_EMERGENCIES},
    };
    if (!source_url_number(url, "aircraft", ranges[0], &aircraft, ret_error) ||
        !source_url_number(url, "rate_hz", ranges[1], &rate_hz, ret_error) ||
        !source_url_number(url, "seed", ranges[2], &seed, ret_error) ||
        !source_url_number(url, "emergencies", ranges[3], &emergencies, ret_error))
        return false;
    *ret_config = (struct sim_config){.aircraft = (uint32_t)aircraft,
                                      .seed = (uint64_t)seed,
                                      .emergencies = (uint32_t)emergencies};
    *ret_rate_hz = rate_hz;
    return true;
}

static bool check_sim(const struct source_url *url, struct strbuf *ret_error)
{
    struct sim_config config;
    double rate_hz;
    return read_parameters(url, &config, &rate_hz, ret_error);
}

static void *open_sim(const struct source_url *url,
                      const struct source_context *context,
                      const struct source_sink *sink, struct strbuf *ret_error)
{
    struct sim_config config;
    double rate_hz;
    if (!read_parameters(url, &config, &rate_hz, ret_error))
        return NULL;
    struct sim *s = xcalloc(1, sizeof *s);
    s->sink = *sink;
    s->world = sim_world_new(&config);
    s->per_ms = config.aircraft * rate_hz / 1000;
    s->start_ms = clock_wall_ms();
    s->timer = loop_every_ms(context->loop, STEP_MS, step, s);
    sink->good(sink->data, -1);
    return s;
}

static void close_sim(void *source)
{
    struct sim *s = source;
    loop_timer_free(s->timer);
    sim_world_free(s->world);
    free(s);
}

static const char *const parameters[] = {"aircraft", "rate_hz", "seed", "emergencies",
                                         NULL};

const struct source_class source_sim = {
    .scheme = "sim",
    .name = "sim",
    .form = "sim:[?aircraft=N&rate_hz=R&seed=S&emergencies=K&name=TEXT]",
    .parameters = parameters,
    .check = check_sim,
    .open = open_sim,
    .close = close_sim,
};
