#include "wire/wire_row.h"

#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "wire/wire_limits.h"

static bool add_age(struct strbuf *out, const char *key, int64_t age_ms)
{
    return strbuf_add_text(out, key) &&
           strbuf_add_fixed(out, (age_ms > 0 ? age_ms + 50 : 0) / 100, 1);
}

static bool add_seen(struct strbuf *out, const struct flight *f,
                     const struct wire_clock *clock)
{
    int64_t age_ms = clock->time_ms - f->heard_at_ms;
    return age_ms <= 2 * (int64_t)clock->tick_ms || add_age(out, ",\"seen\":", age_ms);
}

static bool add_hex(struct strbuf *out, const struct flight *f)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(f->icao, hex);
    return strbuf_add(out, "{\"hex\":\"", 8) && strbuf_add_text(out, hex) &&
           strbuf_add_char(out, '"');
}

/* All or nothing: a row that does not fit leaves no trace but `overflowed`. */
static bool close_row(struct strbuf *out, size_t start, bool ok)
{
    ok = ok && strbuf_add_char(out, '}');
    if (!ok)
        strbuf_truncate(out, start);
    return ok;
}

bool wire_add_whole(struct strbuf *out, const struct flight *f, uint64_t fields,
                    const struct wire_clock *clock, bool is_new)
{
    size_t start = out->len;
    bool ok = add_hex(out, f) && (!is_new || strbuf_add_text(out, ",\"new\":true")) &&
              flight_encode_fields(out, f, fields) && add_seen(out, f, clock);
    if (ok && flight_has_position(f) && (fields & FLIGHT_POSITION_FIELDS))
        ok = add_age(out, ",\"seen_pos\":", clock->time_ms - f->pos_at_ms);
    return close_row(out, start, ok);
}

bool wire_add_change(struct strbuf *out, const struct flight *f, uint64_t changed,
                     const struct wire_clock *clock, bool tell_pos)
{
    size_t start = out->len;
    bool ok = add_hex(out, f) && flight_encode_changes(out, f, changed) &&
              add_seen(out, f, clock);
    int64_t age_ms = clock->time_ms - f->pos_at_ms;
    bool moved_late = (changed & FLIGHT_POSITION_FIELDS) && age_ms > WIRE_SEEN_POS_MS;
    if (ok && flight_has_position(f) && (tell_pos || moved_late))
        ok = add_age(out, ",\"seen_pos\":", age_ms);
    return close_row(out, start, ok);
}
