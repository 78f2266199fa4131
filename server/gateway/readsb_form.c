#include "gateway/readsb_form.h"

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight.h"
#include "flight/flight_encode.h"
#include "flight/flight_names.h"

/* What readsb writes when it knows no signal strength: RSSI of no signal. */
#define NO_RSSI "-49.5"

static const uint64_t position_fields = FLIGHT_BIT(FLIGHT_LAT) |
                                        FLIGHT_BIT(FLIGHT_LON) |
                                        FLIGHT_BIT(FLIGHT_NIC) | FLIGHT_BIT(FLIGHT_RC);

/* Written by their own rules below. */
static const uint64_t own_fields =
    FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) | FLIGHT_BIT(FLIGHT_NIC) |
    FLIGHT_BIT(FLIGHT_RC) | FLIGHT_BIT(FLIGHT_CALLSIGN) | FLIGHT_BIT(FLIGHT_MESSAGES) |
    FLIGHT_BIT(FLIGHT_RSSI) | FLIGHT_BIT(FLIGHT_SRC);

static bool is_of_type(const struct flight *f, enum flight_addr_type first,
                       enum flight_addr_type last)
{
    return flight_has(f, FLIGHT_ADDR_TYPE) &&
           f->v.num[FLIGHT_ADDR_TYPE] >= (int32_t)first &&
           f->v.num[FLIGHT_ADDR_TYPE] <= (int32_t)last;
}

bool readsb_form_lists(const struct flight *f, int64_t now_ms)
{
    return now_ms - f->heard_at_ms <= READSB_HEARD_MS ||
           is_of_type(f, FLIGHT_ADDR_ADSC, FLIGHT_ADDR_ADSC);
}

static void write_age(const char *key, int64_t age_ms, struct strbuf *out)
{
    strbuf_addf(out, ",\"%s\":", key);
    strbuf_add_fixed(out, (MAX_OF(age_ms, INT64_C(0)) + 50) / 100, 1);
}

/* A last position has all its members: front ends read them without asking. */
static void write_last_position(const struct flight *f, int64_t age_ms,
                                struct strbuf *out)
{
    strbuf_add_text(out, ",\"lastPosition\":{\"lat\":");
    strbuf_add_fixed(out, f->v.num[FLIGHT_LAT], 5);
    strbuf_add_text(out, ",\"lon\":");
    strbuf_add_fixed(out, f->v.num[FLIGHT_LON], 5);
    strbuf_addf(out, ",\"nic\":%d,\"rc\":%d",
                flight_has(f, FLIGHT_NIC) ? f->v.num[FLIGHT_NIC] : 0,
                flight_has(f, FLIGHT_RC) ? f->v.num[FLIGHT_RC] : 0);
    write_age("seen_pos", age_ms, out);
    strbuf_add_char(out, '}');
}

static void write_position(const struct flight *f, int64_t now_ms, struct strbuf *out)
{
    if (!flight_has_position(f))
        return;
    const int64_t age_ms = now_ms - f->pos_at_ms;
    if (age_ms > READSB_POSITION_MS &&
        !is_of_type(f, FLIGHT_ADDR_ADSC, FLIGHT_ADDR_ADSC)) {
        write_last_position(f, age_ms, out);
        return;
    }
    flight_encode_fields(out, f, position_fields);
    write_age("seen_pos", age_ms, out);
}

static void write_callsign(const struct flight *f, struct strbuf *out)
{
    char padded[16];
    if (!flight_has(f, FLIGHT_CALLSIGN))
        return;
    snprintf(padded, sizeof padded, "%-8s", f->v.callsign);
    strbuf_add_text(out, ",\"flight\":");
    strbuf_add_json(out, padded, strlen(padded));
}

/* Which fields came by multilateration, or by traffic information. */
static void write_origins(const struct flight *f, struct strbuf *out)
{
    static const char derived[] = "\"lat\",\"lon\"";
    const bool mlat = is_of_type(f, FLIGHT_ADDR_MLAT, FLIGHT_ADDR_MLAT);
    const bool tisb = is_of_type(f, FLIGHT_ADDR_TISB_ICAO, FLIGHT_ADDR_TISB_ICAO) ||
                      is_of_type(f, FLIGHT_ADDR_TISB_OTHER, FLIGHT_ADDR_TISB_TRACKFILE);
    strbuf_addf(out, ",\"mlat\":[%s],\"tisb\":[%s]", mlat ? derived : "",
                tisb ? derived : "");
}

void readsb_form_write_open(const struct flight *f, int64_t now_ms, struct strbuf *out)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(f->icao, hex);
    strbuf_addf(out, "{\"hex\":\"%s\"", hex);
    write_callsign(f, out);
    flight_encode_fields(out, f, ~own_fields);
    write_position(f, now_ms, out);
    write_origins(f, out);
    const bool counted = flight_has(f, FLIGHT_MESSAGES);
    strbuf_addf(out, ",\"messages\":%d", counted ? f->v.num[FLIGHT_MESSAGES] : 0);
    write_age("seen", now_ms - f->heard_at_ms, out);
    if (flight_has(f, FLIGHT_RSSI))
        flight_encode_fields(out, f, FLIGHT_BIT(FLIGHT_RSSI));
    else
        strbuf_add_text(out, ",\"rssi\":" NO_RSSI);
}
