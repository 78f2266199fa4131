#include "tests/unit/gateway/session_world.h"

#include <string.h>

#include "gateway/hub.h"
#include "gateway/session.h"
#include "gateway/ws_frame.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"

enum { TICK_MS = 250 };

static void on_frame(void *data, struct frame_set *take_frame)
{
    struct session_world *w = data;
    w->tick = take_frame->tick;
    hub_tick(w->hub, take_frame, w->now_ms);
    frame_set_unref(take_frame);
}

static void no_transport(struct session *s)
{
    (void)s;
}

int session_world_set_up(void **state)
{
    static struct session_world w;
    w = (struct session_world){.now_ms = 1700000000000, .metrics = metrics_new()};
    w.context = (struct route_context){.metrics = w.metrics};
    strbuf_init(&w.told, 64 << 20);
    strbuf_init(&w.text, 64 << 20);
    const struct state_config config = {.metrics = w.metrics,
                                        .tick_ms = TICK_MS,
                                        .expire_ms = 300000,
                                        .adsc_expire_ms = 300000,
                                        .on_frame = on_frame,
                                        .frame_data = &w};
    w.state = state_new(&config);
    const struct hub_config hub = {
        .context = &w.context, .epoch = state_epoch(w.state), .pump = no_transport};
    w.hub = hub_new(&hub);
    *state = &w;
    session_world_pass(&w, TICK_MS);
    return 0;
}

int session_world_tear_down(void **state)
{
    struct session_world *w = *state;
    while (w->hub->first != NULL) /* a test that failed leaves some */
        session_free(w->hub->first);
    strbuf_release(&w->told);
    strbuf_release(&w->text);
    hub_free(w->hub);
    state_free(w->state);
    metrics_free(w->metrics);
    return 0;
}

void session_world_pass(struct session_world *w, int64_t ms)
{
    for (int64_t end_ms = w->now_ms + ms; w->now_ms < end_ms;) {
        w->now_ms += TICK_MS;
        state_tick(w->state, w->now_ms);
    }
}

void session_world_fly(struct session_world *w, uint32_t icao)
{
    struct observation obs = {.icao = icao,
                              .now_ms = w->now_ms,
                              .heard_at_ms = w->now_ms,
                              .pos_at_ms = w->now_ms,
                              .present =
                                  FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON)};
    obs.v.num[FLIGHT_LAT] = 4700000 + (int32_t)(icao % 1000);
    obs.v.num[FLIGHT_LON] = 800000;
    state_apply_observation(w->state, &obs);
}

struct session *session_world_open(struct session_world *w)
{
    struct session *s = session_new(w->hub, true, NULL, w->now_ms);
    session_world_say(w, s, "{\"type\":\"hello\",\"version\":1}");
    session_world_tell(w, s);
    return s;
}

void session_world_say(struct session_world *w, struct session *s, const char *text)
{
    session_receive(s, text, strlen(text), w->now_ms);
}

void session_world_tell_more(struct session_world *w, struct session *s)
{
    size_t len;
    const char *data;
    while ((data = session_peek(s, w->now_ms, &len)) != NULL) {
        strbuf_add(&w->told, data, len);
        session_sent(s, len, false, w->now_ms);
    }
}

void session_world_tell(struct session_world *w, struct session *s)
{
    strbuf_clear(&w->told);
    session_world_tell_more(w, s);
}

const char *session_world_text(struct session_world *w)
{
    strbuf_clear(&w->text);
    strbuf_add(&w->text, strbuf_text(&w->told), w->told.len);
    for (size_t i = 0; i < w->text.len; i++) /* headers hold zeros */
        if (w->text.data[i] == '\0')
            w->text.data[i] = ' ';
    return strbuf_text(&w->text);
}

int session_world_close_code(const struct session_world *w)
{
    size_t at = 0;
    while (at + 2 <= w->told.len) {
        const unsigned char *frame = (const unsigned char *)w->told.data + at;
        if ((frame[0] & 0x0f) == WS_CLOSE)
            return frame[2] << 8 | frame[3];
        at += ws_frame_size(w->told.data + at, w->told.len - at);
    }
    return 0;
}
