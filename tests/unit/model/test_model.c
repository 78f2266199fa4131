/*
 * The model check: random updates, subscriptions, stalls, kills and resumes out
 * of a seed, through the real state, views and sessions; after some quiet ticks
 * each client's tables must equal the flight table under its subscription.
 *
 *   test_model --seed 17        one seed
 *   test_model --seeds 1..1000  a range (also FLIGHTDASH_MODEL_SEEDS)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "flight/filter.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "flight/geo.h"
#include "gateway/hub.h"
#include "gateway/route_context.h"
#include "gateway/session.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"
#include "tests/unit/model/model_client.h"

enum {
    HUBS = 2,
    CLIENTS = 5,
    AIRCRAFT = 60,
    BUSY_TICKS = 60,
    TICK_MS = 250,
    EXPIRE_MS = 15000
};
enum { QUIET_TICKS = 2, ROUNDS = 4, SETTLE_TICKS = 24 };

struct peer {
    struct model_client client;
    struct session *session; /* NULL = not connected */
    int stalled;             /* ticks in which nothing is read */
    bool dirty;              /* more to read this tick */
};

struct world {
    uint64_t random;
    int64_t now_ms;
    unsigned active; /* aircraft that are heard in this round */
    struct metrics *metrics;
    struct route_context context;
    struct state *state;
    struct hub *hubs[HUBS]; /* two io threads' worth */
    struct peer peers[CLIENTS];
    char failure[512];
};

static uint64_t next_random(struct world *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

static unsigned below(struct world *w, unsigned n)
{
    return (unsigned)((next_random(w) >> 20) % n);
}

static bool chance(struct world *w, unsigned percent)
{
    return below(w, 100) < percent;
}

/* --- the transport ------------------------------------------------------ */

static void mark_dirty(struct session *s)
{
    struct peer *peer = s->transport;
    peer->dirty = true;
}

/* Reads what the session has; a lazy reader stops in the middle. */
static void drain(struct world *w, struct peer *peer, bool lazy)
{
    size_t len;
    const char *data;
    while ((data = session_peek(peer->session, w->now_ms, &len)) != NULL) {
        size_t n = lazy ? 1 + below(w, (unsigned)len) : len;
        model_client_take(&peer->client, data, n);
        bool blocked = lazy && chance(w, 30);
        session_sent(peer->session, n, blocked, w->now_ms);
        if (blocked) {
            peer->stalled = 1 + (int)below(w, 4);
            return;
        }
    }
}

static void run_peer(struct world *w, struct peer *peer, bool quiet)
{
    if (peer->session == NULL)
        return;
    if (quiet)
        peer->stalled = 0;
    if (peer->stalled > 0) {
        peer->stalled--;
        return;
    }
    session_unblocked(peer->session, w->now_ms);
    drain(w, peer, !quiet && chance(w, 30));
}

/* --- what clients do ---------------------------------------------------- */

static void say(struct world *w, struct peer *peer, const char *text)
{
    session_receive(peer->session, text, strlen(text), w->now_ms);
}

static const char *random_subscription(struct world *w, char *text, size_t size)
{
    static const char *const parts[] = {
        "",
        ",\"bbox\":[0,0,40,40]",
        ",\"bbox\":[-20.5,-30,33.3,50]",
        ",\"bbox\":[170,-60,-170,60]",
        ",\"bbox\":[-180,-90,180,90]",
        ",\"bbox\":[90,-10,180,10]",
        ",\"filter\":\"alt > 20000\"",
        ",\"filter\":\"callsign ~ \\\"SW*\\\"\"",
        ",\"filter\":\"unknown squawk or gs < 200\"",
        ",\"filter\":\"alt < 30000\",\"bbox\":[-90,-45,90,45]",
        ",\"filter\":\"age < 2\"",
        ",\"fields\":[\"lat\",\"lon\"]",
        ",\"fields\":[\"gs\",\"flight\",\"messages\"]",
        ",\"fields\":[\"alt_baro\"],\"bbox\":[-90,-45,90,45]",
    };
    static const char *const rates[] = {"", "", "", ",\"max_hz\":1", ",\"max_hz\":2"};
    snprintf(text, size, "\"channel\":\"flights\"%s%s",
             parts[below(w, ARRAY_LEN(parts))], rates[below(w, ARRAY_LEN(rates))]);
    return text;
}

static void send_subscription(struct world *w, struct peer *peer, struct model_sub *sub,
                              bool with_tick)
{
    char text[512];
    char tick[32] = "";
    if (with_tick)
        snprintf(tick, sizeof tick, ",\"tick\":%u", sub->lost ? 0 : sub->tick);
    snprintf(text, sizeof text, "{\"type\":\"subscribe\",\"id\":%d,%s%s}", (int)sub->id,
             sub->request, tick);
    say(w, peer, text);
}

static void subscribe(struct world *w, struct peer *peer)
{
    char request[400];
    size_t at = below(w, MODEL_SUBS_MAX);
    struct model_sub *sub = &peer->client.subs[at];
    bool had = sub->used;
    sub->used = true;
    sub->confirmed = false;
    sub->id = (int64_t)at + 1;
    free(sub->request);
    sub->request = strdup(random_subscription(w, request, sizeof request));
    model_sub_reset(sub);
    /* A new one in the time after a resume must say that it is new. */
    send_subscription(w, peer, sub, !had || chance(w, 50));
}

static void unsubscribe(struct world *w, struct peer *peer)
{
    char text[80];
    struct model_sub *sub = &peer->client.subs[below(w, MODEL_SUBS_MAX)];
    if (!sub->used)
        return;
    snprintf(text, sizeof text, "{\"type\":\"unsubscribe\",\"id\":%d}", (int)sub->id);
    say(w, peer, text);
    sub->used = false;
}

static void resync(struct world *w, struct peer *peer)
{
    char text[80];
    struct model_sub *sub = &peer->client.subs[below(w, MODEL_SUBS_MAX)];
    if (!sub->used || !sub->confirmed)
        return;
    snprintf(text, sizeof text, "{\"type\":\"resync\",\"id\":%d}", (int)sub->id);
    say(w, peer, text);
}

static void hang_up(struct peer *peer)
{
    session_free(peer->session);
    peer->session = NULL;
    model_client_cut(&peer->client);
}

static void connect_peer(struct world *w, struct peer *peer)
{
    char hello[200];
    uint32_t tick = model_client_tick(&peer->client);
    /* On the other io thread nobody knows its views: more must be said. */
    struct hub *hub = w->hubs[below(w, HUBS)];
    peer->session = session_new(hub, true, peer, w->now_ms);
    peer->stalled = 0;
    if (tick > 0 && chance(w, 85))
        snprintf(hello, sizeof hello,
                 "{\"type\":\"hello\",\"version\":1,"
                 "\"resume\":{\"epoch\":\"%s\",\"tick\":%u}}",
                 peer->client.epoch, tick);
    else
        snprintf(hello, sizeof hello, "{\"type\":\"hello\",\"version\":1}");
    say(w, peer, hello);
    bool own_ticks = chance(w, 50);
    for (size_t i = 0; i < MODEL_SUBS_MAX; i++) {
        struct model_sub *sub = &peer->client.subs[i];
        if (sub->used)
            send_subscription(w, peer, sub, own_ticks || sub->lost);
    }
}

static void act(struct world *w, struct peer *peer)
{
    if (peer->session == NULL) {
        if (chance(w, 25))
            connect_peer(w, peer);
        return;
    }
    if (chance(w, 12))
        subscribe(w, peer);
    if (chance(w, 3))
        unsubscribe(w, peer);
    if (chance(w, 3))
        resync(w, peer);
    if (chance(w, 8))
        peer->stalled += (int)below(w, 10);
    if (chance(w, 5))
        hang_up(peer);
}

/* --- what aircraft do --------------------------------------------------- */

static void add_position(struct world *w, struct observation *obs)
{
    static const int32_t edges[] = {0,         4000000,  17000000,
                                    -17000000, 18000000, -18000000};
    obs->present |= FLIGHT_POSITION_FIELDS;
    obs->v.num[FLIGHT_LAT] = (int32_t)below(w, 18000001) - 9000000;
    obs->v.num[FLIGHT_LON] = chance(w, 20) ? edges[below(w, ARRAY_LEN(edges))]
                                           : (int32_t)below(w, 36000001) - 18000000;
    obs->pos_at_ms = obs->now_ms - (chance(w, 30) ? (int64_t)below(w, 9000) : 0);
}

static void observe(struct world *w)
{
    static const char *const names[] = {"SWR1", "SWR22", "DLH3", "X"};
    struct observation obs = {.icao = 0x400000 + below(w, w->active)};
    obs.now_ms = w->now_ms - (int64_t)below(w, 3000);
    obs.heard_at_ms = obs.now_ms - (int64_t)below(w, 1000);
    if (chance(w, 50))
        add_position(w, &obs);
    if (chance(w, 40)) {
        obs.present |= FLIGHT_BIT(FLIGHT_ALT_BARO);
        obs.v.num[FLIGHT_ALT_BARO] = (int32_t)below(w, 45) * 1000;
    }
    if (chance(w, 30)) {
        obs.present |= FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_MESSAGES);
        obs.v.num[FLIGHT_GS] = (int32_t)below(w, 5000);
        obs.v.num[FLIGHT_MESSAGES] = (int32_t)below(w, 100);
    }
    if (chance(w, 20)) {
        obs.present |= FLIGHT_BIT(FLIGHT_CALLSIGN);
        snprintf(obs.v.callsign, sizeof obs.v.callsign, "%s",
                 names[below(w, ARRAY_LEN(names))]);
    }
    if (chance(w, 10))
        obs.cleared = (FLIGHT_BIT(FLIGHT_SQUAWK) | FLIGHT_BIT(FLIGHT_GS) |
                       FLIGHT_POSITION_FIELDS) &
                      ~obs.present;
    state_apply_observation(w->state, &obs);
}

/* --- checking ----------------------------------------------------------- */

static json_t *expected_row(const struct flight *f, uint64_t fields)
{
    struct strbuf text;
    strbuf_init(&text, 8192);
    strbuf_add_text(&text, "{\"_\":0");
    flight_encode_fields(&text, f, fields);
    strbuf_add_char(&text, '}');
    json_t *row = json_loadb(text.data, text.len, 0, NULL);
    json_object_del(row, "_");
    strbuf_release(&text);
    return row;
}

static bool is_expected(const struct subscription *sub, const struct flight *f,
                        int64_t now_ms)
{
    const struct view *view = sub->view;
    const struct filter_context context = {.now_ms = now_ms};
    if (view->has_box &&
        (!flight_has_position(f) ||
         !geo_box_contains_fixed(&view->box.fixed, f->v.num[FLIGHT_LAT],
                                 f->v.num[FLIGHT_LON])))
        return false;
    return filter_match(view->filter, f, &context);
}

static void complain(struct world *w, const struct model_sub *sub, const char *what,
                     const char *hex)
{
    if (w->failure[0] == '\0')
        snprintf(w->failure, sizeof w->failure, "tick %u, id %d (%s): %s %s",
                 flight_index_tick(w->hubs[0]->index), (int)sub->id, sub->request, what,
                 hex);
}

static void check_ages(struct world *w, const struct model_sub *sub,
                       const struct view *view, const struct flight *f, const char *hex)
{
    int64_t heard = json_integer_value(json_object_get(sub->heard, hex));
    if (llabs(heard - f->heard_at_ms) > 2 * TICK_MS + 100)
        complain(w, sub, "heard at another time:", hex);
    if (!flight_has_position(f) || (view->fields & FLIGHT_POSITION_FIELDS) == 0)
        return;
    int64_t located = json_integer_value(json_object_get(sub->located, hex));
    if (llabs(located - f->pos_at_ms) > 5000 + 100)
        complain(w, sub, "located at another time:", hex);
}

static void check_flight(struct world *w, const struct model_sub *model,
                         const struct subscription *sub, const struct flight *f,
                         size_t *expected)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(f->icao, hex);
    const json_t *have = json_object_get(model->table, hex);
    if (!is_expected(sub, f, flight_index_time_ms(w->hubs[0]->index))) {
        if (have != NULL)
            complain(w, model, "has what is not in the subscription:", hex);
        return;
    }
    (*expected)++;
    json_t *want = expected_row(f, sub->view->fields);
    if (have == NULL)
        complain(w, model, "misses", hex);
    else if (!json_equal(have, want))
        complain(w, model, "has other values:", hex);
    else
        check_ages(w, model, sub->view, f, hex);
    json_decref(want);
}

static void check_sub(struct world *w, struct peer *peer, const struct model_sub *model)
{
    const struct subscription *sub = session_find(peer->session, model->id);
    const struct flight_index *index = w->hubs[0]->index;
    size_t expected = 0;
    if (sub == NULL || model->lost) {
        complain(w, model, "has no table", "");
        return;
    }
    for (size_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (f != NULL)
            check_flight(w, model, sub, f, &expected);
    }
    if (json_object_size(model->table) != expected)
        complain(w, model, "has flights that do not exist", "");
}

/* all: also those who asked for less than every tick, or look at the time. */
static void check(struct world *w, bool all)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        struct peer *peer = &w->peers[i];
        if (peer->client.wrong[0] != '\0' && w->failure[0] == '\0')
            snprintf(w->failure, sizeof w->failure, "client %zu: %s", i,
                     peer->client.wrong);
        for (size_t j = 0; peer->session != NULL && j < MODEL_SUBS_MAX; j++) {
            const struct model_sub *sub = &peer->client.subs[j];
            bool every_tick = sub->used && strstr(sub->request, "max_hz") == NULL &&
                              strstr(sub->request, "age") == NULL &&
                              peer->session->slow_divisor == 1;
            bool soon = peer->session->slow_divisor <= 2;
            if (sub->used && (every_tick || (all && soon)))
                check_sub(w, peer, sub);
        }
    }
}

/* --- a run -------------------------------------------------------------- */

static void on_frame(void *data, struct frame_set *take_frame)
{
    struct world *w = data;
    for (size_t i = 0; i < HUBS; i++)
        hub_tick(w->hubs[i], take_frame, w->now_ms);
    frame_set_unref(take_frame);
}

static void tick(struct world *w, bool quiet)
{
    w->now_ms += TICK_MS;
    state_tick(w->state, w->now_ms);
    for (size_t i = 0; i < CLIENTS; i++) {
        struct peer *peer = &w->peers[i];
        run_peer(w, peer, quiet);
        if (peer->session != NULL && peer->client.closed)
            hang_up(peer);
    }
}

static void world_init(struct world *w, uint64_t seed)
{
    *w = (struct world){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
                        .now_ms = 1700000000000};
    w->metrics = metrics_new();
    w->context = (struct route_context){.metrics = w->metrics};
    const struct state_config config = {.metrics = w->metrics,
                                        .tick_ms = TICK_MS,
                                        .expire_ms = EXPIRE_MS,
                                        .adsc_expire_ms = EXPIRE_MS,
                                        .on_frame = on_frame,
                                        .frame_data = w};
    w->state = state_new(&config);
    const struct hub_config hub = {
        .context = &w->context, .epoch = state_epoch(w->state), .pump = mark_dirty};
    for (size_t i = 0; i < HUBS; i++)
        w->hubs[i] = hub_new(&hub);
    for (size_t i = 0; i < CLIENTS; i++)
        model_client_init(&w->peers[i].client);
    tick(w, true);
}

static void world_release(struct world *w)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        session_free(w->peers[i].session);
        model_client_release(&w->peers[i].client);
    }
    for (size_t i = 0; i < HUBS; i++)
        hub_free(w->hubs[i]);
    state_free(w->state);
    metrics_free(w->metrics);
}

/* Nobody expires while the slower clients come to rest. */
static void hear_everybody(struct world *w)
{
    const struct flight_index *index = w->hubs[0]->index;
    for (size_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (f == NULL)
            continue;
        struct observation obs = {
            .icao = f->icao, .now_ms = w->now_ms, .heard_at_ms = w->now_ms};
        state_apply_observation(w->state, &obs);
    }
}

static void busy_time(struct world *w)
{
    w->active = 1 + below(w, AIRCRAFT);
    for (unsigned i = 0; i < BUSY_TICKS; i++) {
        for (unsigned n = below(w, 25); n > 0; n--)
            observe(w);
        for (size_t p = 0; p < CLIENTS; p++)
            act(w, &w->peers[p]);
        tick(w, false);
    }
}

static bool run_seed(uint64_t seed)
{
    static struct world w;
    world_init(&w, seed);
    for (unsigned round = 0; round < ROUNDS && w.failure[0] == '\0'; round++) {
        busy_time(&w);
        for (unsigned i = 0; i < QUIET_TICKS; i++)
            tick(&w, true);
        check(&w, false);
        hear_everybody(&w);
        for (unsigned i = 0; i < SETTLE_TICKS; i++)
            tick(&w, true);
        check(&w, true);
    }
    bool ok = w.failure[0] == '\0';
    if (!ok)
        print_error("seed %llu: %s\n", (unsigned long long)seed, w.failure);
    world_release(&w);
    return ok;
}

static uint64_t first_seed = 1;
static uint64_t last_seed = 100;

static void tables_of_clients_equal_the_server_s(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (uint64_t seed = first_seed; seed <= last_seed; seed++)
        failed += run_seed(seed) ? 0 : 1;
    assert_int_equal(failed, 0);
}

static void read_range(const char *text)
{
    char *end;
    first_seed = last_seed = strtoull(text, &end, 10);
    if (strncmp(end, "..", 2) == 0)
        last_seed = strtoull(end + 2, NULL, 10);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_clients_equal_the_server_s),
    };
    const char *range = getenv("FLIGHTDASH_MODEL_SEEDS");
    if (range != NULL)
        read_range(range);
    if (argc == 3 && strncmp(argv[1], "--seed", 6) == 0)
        read_range(argv[2]);
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
