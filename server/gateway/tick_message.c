#include "gateway/tick_message.h"

#include "base/strbuf.h"
#include "gateway/view.h"
#include "gateway/ws_frame.h"
#include "state/flight_index.h"
#include "wire/wire_limits.h"

void tick_message_add(struct strbuf *out, const struct flight_index *index,
                      uint32_t complete_tick, const struct view *view)
{
    size_t mark = ws_begin(out);
    strbuf_add_text(out, "{\"type\":\"tick\",\"tick\":");
    strbuf_add_int(out, complete_tick);
    strbuf_add_text(out, ",\"time\":");
    strbuf_add_fixed(out, flight_index_time_ms(index), 3);
    strbuf_add_text(out, ",\"total\":");
    strbuf_add_int(out, (int64_t)flight_index_count(index));
    if (view != NULL) {
        strbuf_add_text(out, ",\"matching\":");
        strbuf_add_int(out, view_matching(view));
    }
    if (flight_index_lag_ms(index) >= 0) {
        strbuf_add_text(out, ",\"lag_ms\":");
        strbuf_add_int(out, flight_index_lag_ms(index));
    }
    strbuf_add_char(out, '}');
    ws_end(out, mark, WS_TEXT);
}

bool tick_message_due(const struct flight_index *index)
{
    /* A tick early rather than late: silence means broken. */
    uint32_t every = WIRE_TICK_MESSAGE_MS / flight_index_tick_ms(index);
    return every <= 2 || flight_index_tick(index) % (every - 1) == 0;
}
