#include "gateway/flight_formats.h"

#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"

/* ---- JSON ---- */

static void json_head(const struct flight_list *list, struct strbuf *out)
{
    (void)list;
    strbuf_add_text(out, "{\"flights\":[");
}

static void json_flight(const struct flight_list *list, const struct flight *f,
                        size_t nth, struct strbuf *out)
{
    if (nth > 0)
        strbuf_add_char(out, ',');
    flight_encode_flight(out, f, list->fields, list->now_ms);
}

static void add_counts(const struct flight_list *list, struct strbuf *out)
{
    strbuf_add_text(out, "\"now\":");
    strbuf_add_fixed(out, list->now_ms, 3);
    strbuf_addf(out, ",\"tick\":%u,\"total\":%zu,\"matching\":%zu}\n", list->tick,
                list->total, list->matching);
}

static void json_foot(const struct flight_list *list, struct strbuf *out)
{
    strbuf_add_text(out, "],");
    add_counts(list, out);
}

/* ---- GeoJSON (RFC 7946) ---- */

static void geojson_head(const struct flight_list *list, struct strbuf *out)
{
    (void)list;
    strbuf_add_text(out, "{\"type\":\"FeatureCollection\",\"features\":[");
}

static void geojson_flight(const struct flight_list *list, const struct flight *f,
                           size_t nth, struct strbuf *out)
{
    strbuf_add_text(out, nth > 0 ? "," : "");
    strbuf_add_text(out, "{\"type\":\"Feature\",\"geometry\":");
    if (flight_has_position(f)) {
        strbuf_add_text(out, "{\"type\":\"Point\",\"coordinates\":[");
        strbuf_add_fixed(out, f->v.num[FLIGHT_LON], 5);
        strbuf_add_char(out, ',');
        strbuf_add_fixed(out, f->v.num[FLIGHT_LAT], 5);
        strbuf_add_text(out, "]}");
    } else {
        strbuf_add_text(out, "null");
    }
    strbuf_add_text(out, ",\"properties\":");
    flight_encode_flight(out, f, list->fields, list->now_ms);
    strbuf_add_char(out, '}');
}

/* ---- one object a line ---- */

static void ndjson_flight(const struct flight_list *list, const struct flight *f,
                          size_t nth, struct strbuf *out)
{
    (void)nth;
    flight_encode_flight(out, f, list->fields, list->now_ms);
    strbuf_add_char(out, '\n');
}

static void nothing(const struct flight_list *list, struct strbuf *out)
{
    (void)list;
    (void)out;
}

/* ---- CSV (RFC 4180) ---- */

static void csv_head(const struct flight_list *list, struct strbuf *out)
{
    strbuf_add_text(out, "hex");
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++)
        if (list->fields & FLIGHT_BIT(i))
            strbuf_addf(out, ",%s", flight_field_info[i].key);
    strbuf_add_text(out, ",seen,seen_pos\r\n");
}

static void csv_text(const char *text, struct strbuf *out)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        strbuf_add_text(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"')
            strbuf_add_char(out, '"');
        strbuf_add_char(out, *p);
    }
    strbuf_add_char(out, '"');
}

/* A JSON value without quotes and brackets; members of a list parted by blanks. */
static void csv_value(const char *json, struct strbuf *out)
{
    for (const char *p = json; *p; p++) {
        if (*p == ',')
            strbuf_add_char(out, ' ');
        else if (!strchr("\"[]", *p))
            strbuf_add_char(out, *p);
    }
}

static void csv_field(const struct flight *f, enum flight_field field,
                      struct strbuf *out)
{
    const struct flight_field_info *info = &flight_field_info[field];
    strbuf_add_char(out, ',');
    if (!flight_has(f, field))
        return;
    if (info->kind == FLIGHT_KIND_TEXT) {
        csv_text(flight_values_text(&f->v, field), out);
        return;
    }
    struct strbuf json;
    strbuf_init(&json, FLIGHT_ENCODE_MAX);
    flight_encode_fields(&json, f, FLIGHT_BIT(field));
    csv_value(strbuf_text(&json) + info->key_length + 4, out); /* behind ,"key": */
    strbuf_release(&json);
}

static void csv_age(int64_t age_ms, struct strbuf *out)
{
    strbuf_add_char(out, ',');
    strbuf_add_fixed(out, age_ms > 0 ? (age_ms + 50) / 100 : 0, 1);
}

static void csv_flight(const struct flight_list *list, const struct flight *f,
                       size_t nth, struct strbuf *out)
{
    char hex[FLIGHT_HEX_SIZE];
    (void)nth;
    flight_format_hex(f->icao, hex);
    strbuf_add_text(out, hex);
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++)
        if (list->fields & FLIGHT_BIT(i))
            csv_field(f, (enum flight_field)i, out);
    csv_age(list->now_ms - f->heard_at_ms, out);
    if (flight_has_position(f) && f->pos_at_ms > 0)
        csv_age(list->now_ms - f->pos_at_ms, out);
    else
        strbuf_add_char(out, ',');
    strbuf_add_text(out, "\r\n");
}

/* ---- the rows ---- */

static const struct flight_format formats[] = {
    {"json", "application/json", json_head, json_flight, json_foot},
    {"geojson", "application/geo+json", geojson_head, geojson_flight, json_foot},
    {"csv", "text/csv; charset=utf-8; header=present", csv_head, csv_flight, nothing},
    {"ndjson", "application/x-ndjson", nothing, ndjson_flight, nothing},
};

const struct flight_format *flight_format_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
