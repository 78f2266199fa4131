#include "tracker/emergencies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/flight.h"
#include "flight/flight_names.h"

enum { JSON_MAX = 1024, NO_SQUAWK = -1 };

/* What is wrong, worst first. */
static const struct cause {
    int32_t squawk;    /* NO_SQUAWK = told by the emergency field */
    int32_t emergency; /* FLIGHT_EMERGENCY_NONE = told by the squawk */
    const char *severity;
    const char *text;
} causes[] = {
    {7500, FLIGHT_EMERGENCY_NONE, "critical", "squawks 7500 (unlawful interference)"},
    {7700, FLIGHT_EMERGENCY_NONE, "critical", "squawks 7700 (general emergency)"},
    {7600, FLIGHT_EMERGENCY_NONE, "warning", "squawks 7600 (radio failure)"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_DOWNED, "critical", "reports a downed aircraft"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_UNLAWFUL, "critical", "reports unlawful interference"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_GENERAL, "critical", "reports a general emergency"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_NORDO, "warning", "reports radio failure"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_MINFUEL, "warning", "reports minimum fuel"},
    {NO_SQUAWK, FLIGHT_EMERGENCY_LIFEGUARD, "info", "is a medical flight"},
};

struct emergency {
    uint32_t icao;
    const struct cause *cause; /* NULL = over (or restored, not yet heard) */
    const struct cause *told;  /* what was last told; NULL = not told as begun */
    char callsign[9];
    int64_t since_ms;
    int64_t clear_ms; /* since when it is over; 0 = it lasts */
    bool gone;
};

struct emergencies {
    emergency_fn on_alert;
    void *data;
    struct emergency *items;
    size_t count;
    size_t capacity;
};

static const struct cause *cause_of(const struct flight *f)
{
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        const struct cause *c = &causes[i];
        bool by_squawk = c->squawk != NO_SQUAWK && flight_has(f, FLIGHT_SQUAWK) &&
                         f->v.num[FLIGHT_SQUAWK] == c->squawk;
        bool by_field = c->squawk == NO_SQUAWK && flight_has(f, FLIGHT_EMERGENCY) &&
                        f->v.num[FLIGHT_EMERGENCY] == c->emergency;
        if (by_squawk || by_field)
            return c;
    }
    return NULL;
}

static struct emergency *find(struct emergencies *e, uint32_t icao)
{
    for (size_t i = 0; i < e->count; i++) {
        if (e->items[i].icao == icao)
            return &e->items[i];
    }
    return NULL;
}

static struct emergency *add(struct emergencies *e, uint32_t icao)
{
    if (e->count == EMERGENCIES_MAX)
        return NULL;
    if (e->count == e->capacity) {
        e->capacity = MAX_OF(e->capacity * 2, (size_t)16);
        e->items = xreallocarray(e->items, e->capacity, sizeof *e->items);
    }
    e->items[e->count] = (struct emergency){.icao = icao};
    return &e->items[e->count++];
}

static void drop(struct emergencies *e, struct emergency *item)
{
    *item = e->items[--e->count];
}

/* -- Telling ------------------------------------------------------------------ */

static void add_text(struct strbuf *out, const struct emergency *item,
                     const struct cause *cause, const char *hex)
{
    char text[160];
    const char *who = item->callsign[0] != '\0' ? item->callsign : hex;
    int n = snprintf(text, sizeof text, "%s %s%s", who, cause->text,
                     item->gone ? "; no longer heard" : "");
    strbuf_add_json(out, text, (size_t)n);
}

static void tell(struct emergencies *e, struct emergency *item,
                 const struct cause *cause, int64_t until_ms)
{
    char hex[FLIGHT_HEX_SIZE];
    struct strbuf out;
    strbuf_init(&out, JSON_MAX);
    flight_format_hex(item->icao, hex);
    strbuf_addf(&out, "{\"kind\":\"emergency\",\"severity\":\"%s\",\"since\":",
                cause->severity);
    strbuf_add_fixed(&out, item->since_ms, 3);
    if (until_ms != 0) {
        strbuf_add_text(&out, ",\"until\":");
        strbuf_add_fixed(&out, until_ms, 3);
    }
    strbuf_addf(&out, ",\"icao24\":\"%s\"", hex);
    if (cause->squawk != NO_SQUAWK)
        strbuf_addf(&out, ",\"squawk\":\"%04d\"", (int)cause->squawk);
    strbuf_add_text(&out, ",\"text\":");
    add_text(&out, item, cause, hex);
    strbuf_add_char(&out, '}');
    e->on_alert(e->data, item->icao, strbuf_text(&out), out.len);
    strbuf_release(&out);
}

/* True when the item is done with. */
static bool step_item(struct emergencies *e, struct emergency *item, int64_t now_ms)
{
    if (item->clear_ms != 0) {
        if (item->told == NULL)
            return true; /* it never lasted */
        if (!item->gone && now_ms - item->clear_ms < EMERGENCY_END_MS)
            return false;
        tell(e, item, item->told, item->clear_ms);
        return true;
    }
    if (item->cause == NULL || item->cause == item->told)
        return false;
    if (item->told == NULL && now_ms - item->since_ms < EMERGENCY_BEGIN_MS)
        return false;
    item->told = item->cause;
    tell(e, item, item->cause, 0);
    return false;
}

void emergencies_step(struct emergencies *e, int64_t now_ms)
{
    for (size_t i = e->count; i-- > 0;) {
        if (step_item(e, &e->items[i], now_ms))
            drop(e, &e->items[i]);
    }
}

/* -- Looking ------------------------------------------------------------------ */

void emergencies_look(struct emergencies *e, const struct flight *f)
{
    const struct cause *cause = cause_of(f);
    struct emergency *item = find(e, f->icao);
    if (item == NULL && cause != NULL) {
        item = add(e, f->icao);
        if (item != NULL)
            item->since_ms = f->now_ms;
    }
    if (item == NULL)
        return;
    if (cause == NULL && item->clear_ms == 0)
        item->clear_ms = f->now_ms;
    else if (cause != NULL)
        item->clear_ms = 0;
    if (cause != NULL)
        item->cause = cause;
    if (flight_has(f, FLIGHT_CALLSIGN))
        snprintf(item->callsign, sizeof item->callsign, "%s", f->v.callsign);
}

void emergencies_gone(struct emergencies *e, uint32_t icao, int64_t heard_at_ms)
{
    struct emergency *item = find(e, icao);
    if (item == NULL)
        return;
    item->gone = true;
    if (item->clear_ms == 0)
        item->clear_ms = heard_at_ms;
}

void emergencies_forget(struct emergencies *e, uint32_t icao)
{
    struct emergency *item = find(e, icao);
    if (item != NULL)
        drop(e, item);
}

/* -- Taking over -------------------------------------------------------------- */

static const struct cause *cause_told(const json_t *alert)
{
    const char *squawk = json_string_value(json_object_get(alert, "squawk"));
    const char *text = json_string_value(json_object_get(alert, "text"));
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        bool same_squawk = squawk != NULL && causes[i].squawk != NO_SQUAWK &&
                           strtol(squawk, NULL, 10) == causes[i].squawk;
        bool same_text =
            squawk == NULL && text != NULL && strstr(text, causes[i].text) != NULL;
        if (same_squawk || same_text)
            return &causes[i];
    }
    return NULL;
}

static void restore(struct emergencies *e, const json_t *alert)
{
    uint32_t icao;
    const json_t *hex = json_object_get(alert, "icao24");
    const char *kind = json_string_value(json_object_get(alert, "kind"));
    double since_s = json_number_value(json_object_get(alert, "since"));
    const struct cause *cause = cause_told(alert);
    if (kind == NULL || strcmp(kind, "emergency") != 0 || cause == NULL ||
        !json_is_string(hex) || !(since_s > 0 && since_s < 1e11) ||
        !flight_parse_hex(json_string_value(hex), json_string_length(hex), &icao))
        return;
    struct emergency *item = find(e, icao);
    if (json_is_number(json_object_get(alert, "until"))) {
        if (item != NULL)
            drop(e, item);
        return;
    }
    if (item == NULL)
        item = add(e, icao);
    if (item == NULL)
        return;
    item->since_ms = (int64_t)(since_s * 1000 + 0.5);
    item->cause = cause;
    item->told = cause;
}

void emergencies_restore(struct emergencies *e, const char *json, size_t len)
{
    json_t *alert = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(alert))
        restore(e, alert);
    json_decref(alert);
}

void emergencies_sort_out(struct emergencies *e, int64_t now_ms, emergency_fate_fn fate,
                          void *data)
{
    for (size_t i = e->count; i-- > 0;) {
        switch (fate(data, e->items[i].icao)) {
        case EMERGENCY_STAYS: break;
        case EMERGENCY_IS_GONE: emergencies_gone(e, e->items[i].icao, now_ms); break;
        case EMERGENCY_IS_FOREIGN: drop(e, &e->items[i]); break;
        }
    }
}

/* -- Life --------------------------------------------------------------------- */

struct emergencies *emergencies_new(emergency_fn on_alert, void *data)
{
    struct emergencies *e = xcalloc(1, sizeof *e);
    e->on_alert = on_alert;
    e->data = data;
    return e;
}

void emergencies_free(struct emergencies *e)
{
    if (e == NULL)
        return;
    free(e->items);
    free(e);
}

size_t emergencies_active(const struct emergencies *e)
{
    size_t n = 0;
    for (size_t i = 0; i < e->count; i++)
        n += e->items[i].told != NULL;
    return n;
}
