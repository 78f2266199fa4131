#include "state/flight_stats.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/country.h"
#include "flight/flight_phase.h"
#include "flight/flight_table.h"
#include "flight/operator.h"

enum {
    TALLY_SLOTS_MIN = 64,
    TALLY_SLOTS_MAX = 8192,
    TALLY_KEY_SIZE = 24,
    TALLY_SHOWN_MAX = 100
};

struct tally_item {
    char key[TALLY_KEY_SIZE]; /* "" = free */
    uint32_t count;
    int64_t newest_ms;
};

/* Open addressing; when three quarters full new keys are not counted. */
struct tally {
    struct tally_item *items;
    size_t slots; /* a power of two */
    size_t used;
};

struct counts {
    struct tally countries;
    struct tally operators;
    struct tally types;
    struct tally sources;
    uint32_t phases[FLIGHT_PHASE_COUNT];
    uint32_t bands[FLIGHT_BAND_COUNT];
    uint32_t positions;
    uint32_t emergencies;
};

static void tally_add(struct tally *tally, const char *key, int64_t at_ms)
{
    if (key == NULL || *key == '\0')
        return;
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = key; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (uint32_t i = hash;; i++) {
        struct tally_item *item = &tally->items[i & (tally->slots - 1)];
        if (item->key[0] == '\0') {
            if (tally->used >= tally->slots / 4 * 3)
                return;
            tally->used++;
            memcpy(item->key, key, strnlen(key, TALLY_KEY_SIZE - 1));
        } else if (strncmp(item->key, key, TALLY_KEY_SIZE - 1) != 0) {
            continue;
        }
        item->count++;
        item->newest_ms = MAX_OF(item->newest_ms, at_ms);
        return;
    }
}

static int by_count(const void *a, const void *b)
{
    const struct tally_item *x = a;
    const struct tally_item *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->key, y->key);
}

/* Brings the used items to the front, largest first; returns how many. */
static size_t tally_sort(struct tally *tally)
{
    size_t used = 0;
    for (size_t i = 0; i < tally->slots; i++)
        if (tally->items[i].key[0] != '\0')
            tally->items[used++] = tally->items[i];
    qsort(tally->items, used, sizeof *tally->items, by_count);
    return used;
}

static void count_flight(struct counts *counts, const struct flight *f)
{
    bool icao = (f->icao & FLIGHT_NON_ICAO) == 0;
    tally_add(&counts->countries, icao ? country_of_icao24(f->icao) : NULL, 0);
    if (flight_has(f, FLIGHT_CALLSIGN)) {
        const struct flight_operator *who = operator_of_callsign(f->v.callsign);
        tally_add(&counts->operators, who != NULL ? who->icao : NULL, 0);
    }
    if (flight_has(f, FLIGHT_TYPE_CODE))
        tally_add(&counts->types, f->v.type_code, 0);
    if (flight_has(f, FLIGHT_SRC))
        tally_add(&counts->sources, f->v.src, f->heard_at_ms);
    counts->phases[flight_phase_of(f)]++;
    counts->positions += flight_has_position(f);
    counts->emergencies +=
        flight_has(f, FLIGHT_EMERGENCY) && f->v.num[FLIGHT_EMERGENCY] != 0;
    int band = flight_band_of(f);
    if (band >= 0)
        counts->bands[band]++;
}

typedef const char *(*name_fn)(const char *key);

static const char *operator_name(const char *key)
{
    const struct flight_operator *who = operator_by_icao(key);
    return who != NULL ? who->name : NULL;
}

static void write_tally(struct strbuf *out, const char *title, struct tally *tally,
                        name_fn name_of)
{
    size_t used = tally_sort(tally);
    strbuf_addf(out, ",\"%s\":[", title);
    for (size_t i = 0; i < MIN_OF(used, (size_t)TALLY_SHOWN_MAX); i++) {
        const struct tally_item *item = &tally->items[i];
        strbuf_add_text(out, i > 0 ? ",{\"key\":" : "{\"key\":");
        strbuf_add_json(out, item->key, strlen(item->key));
        const char *name = name_of != NULL ? name_of(item->key) : NULL;
        if (name != NULL) {
            strbuf_add_text(out, ",\"name\":");
            strbuf_add_json(out, name, strlen(name));
        }
        strbuf_addf(out, ",\"count\":%u}", item->count);
    }
    strbuf_addf(out, "],\"%s_total\":%zu", title, used);
}

static void write_sources(struct strbuf *out, struct tally *tally, int64_t time_ms)
{
    size_t used = tally_sort(tally);
    strbuf_add_text(out, ",\"sources\":[");
    for (size_t i = 0; i < MIN_OF(used, (size_t)TALLY_SHOWN_MAX); i++) {
        const struct tally_item *item = &tally->items[i];
        strbuf_add_text(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        strbuf_add_json(out, item->key, strlen(item->key));
        strbuf_addf(out, ",\"flights\":%u,\"age\":", item->count);
        strbuf_add_fixed(out, MAX_OF(time_ms - item->newest_ms, 0) / 100, 1);
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
}

static const char *phase_text(size_t i)
{
    return flight_phase_text((enum flight_phase)i);
}

static const char *band_text(size_t i)
{
    return flight_band_text((int)i);
}

static void write_named(struct strbuf *out, const char *title,
                        const char *(*name)(size_t i), const uint32_t *values, size_t n)
{
    strbuf_addf(out, ",\"%s\":[", title);
    for (size_t i = 0; i < n; i++)
        strbuf_addf(out, "%s{\"key\":\"%s\",\"count\":%u}", i > 0 ? "," : "", name(i),
                    values[i]);
    strbuf_add_char(out, ']');
}

static void write_rate(struct strbuf *out, const char *name, double per_s)
{
    strbuf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", name);
    strbuf_add_fixed(out, (int64_t)(per_s * 10 + 0.5), 1);
}

static void write_rates(struct strbuf *out, const struct stats_rates *rates)
{
    strbuf_add_text(out, ",\"records_per_s\":{");
    write_rate(out, "consumed", rates->consumed);
    write_rate(out, "applied", rates->applied);
    write_rate(out, "stale", rates->stale);
    write_rate(out, "invalid", rates->invalid);
    write_rate(out, "unchanged", rates->unchanged);
    strbuf_add_char(out, '}');
}

/* There are never more keys than aircraft. */
static void init_tally(struct tally *tally, size_t flights)
{
    tally->slots = TALLY_SLOTS_MIN;
    while (tally->slots < flights * 2 && tally->slots < TALLY_SLOTS_MAX)
        tally->slots *= 2;
    tally->items = xcalloc(tally->slots, sizeof *tally->items);
}

void flight_stats_write(const struct flight_table *table, uint32_t tick,
                        int64_t time_ms, const struct stats_rates *rates,
                        struct strbuf *out)
{
    struct counts counts = {0};
    size_t flights = flight_table_count(table);
    init_tally(&counts.countries, flights);
    init_tally(&counts.operators, flights);
    init_tally(&counts.types, flights);
    init_tally(&counts.sources, flights);
    for (size_t i = 0; i < flight_table_slots(table); i++) {
        const struct flight *f = flight_table_at(table, i);
        if (f != NULL)
            count_flight(&counts, f);
    }
    strbuf_add_text(out, "{\"now\":");
    strbuf_add_fixed(out, time_ms, 3);
    strbuf_addf(out, ",\"tick\":%u,\"total\":%zu", tick, flight_table_count(table));
    strbuf_addf(out, ",\"with_position\":%u,\"emergencies\":%u", counts.positions,
                counts.emergencies);
    write_rates(out, rates);
    write_named(out, "phase", phase_text, counts.phases, FLIGHT_PHASE_COUNT);
    write_named(out, "altitude_ft", band_text, counts.bands, FLIGHT_BAND_COUNT);
    write_tally(out, "country", &counts.countries, country_name);
    write_tally(out, "operator", &counts.operators, operator_name);
    /* Not "type": the object becomes a message of that channel, and they have one. */
    write_tally(out, "aircraft_type", &counts.types, NULL);
    write_sources(out, &counts.sources, time_ms);
    strbuf_add_char(out, '}');
    free(counts.countries.items);
    free(counts.operators.items);
    free(counts.types.items);
    free(counts.sources.items);
}
