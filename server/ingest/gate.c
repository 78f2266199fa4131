#include "ingest/gate.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "flight/address_map.h"
#include "flight/flight_table.h"

enum { EXPIRE_MS = 600000, ADSC_EXPIRE_MS = 2100000, TICK = 1 };

struct gate {
    struct filter *filter;
    struct filter_context place;
    struct flight_table *table;
    struct address_map inside; /* aircraft that match; the value is of no use */
};

struct gate *gate_new(const char *filter, const struct filter_context *place,
                      struct strbuf *ret_error)
{
    struct strbuf problem;
    strbuf_init(&problem, FILTER_TEXT_MAX);
    struct filter *parsed = filter_parse(filter, &problem);
    if (parsed == NULL)
        strbuf_addf(ret_error, "filter: %s", strbuf_text(&problem));
    strbuf_release(&problem);
    if (parsed == NULL)
        return NULL;
    struct gate *g = xcalloc(1, sizeof *g);
    g->filter = parsed;
    g->place = *place;
    g->table = flight_table_new();
    address_map_init(&g->inside);
    return g;
}

void gate_free(struct gate *g)
{
    if (g == NULL)
        return;
    filter_free(g->filter);
    flight_table_free(g->table);
    address_map_release(&g->inside);
    free(g);
}

bool gate_admit(struct gate *g, const struct observation *obs, int64_t now_ms,
                const struct flight **ret_row)
{
    uint32_t ignored;
    flight_table_apply(g->table, obs, TICK);
    const struct flight *row = flight_table_find(g->table, obs->icao);
    struct filter_context context = g->place;
    context.now_ms = now_ms;
    bool was = address_map_find(&g->inside, obs->icao, &ignored);
    bool is = row != NULL && filter_match(g->filter, row, &context);
    if (is && !was) {
        address_map_add(&g->inside, obs->icao, 0);
        *ret_row = row;
    } else if (was && !is) {
        address_map_remove(&g->inside, obs->icao);
    }
    return is;
}

void gate_expire(struct gate *g, int64_t now_ms)
{
    size_t count;
    flight_table_expire(g->table, now_ms, EXPIRE_MS, ADSC_EXPIRE_MS, TICK);
    flight_table_take_touched(g->table, &count);
    for (size_t i = 0; i < flight_table_tombstones(g->table); i++) {
        uint32_t icao = flight_table_tombstone(g->table, i)->icao;
        uint32_t ignored;
        if (address_map_find(&g->inside, icao, &ignored) &&
            flight_table_find(g->table, icao) == NULL)
            address_map_remove(&g->inside, icao);
    }
}
