#include "sources/coalescer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight_fields.h"

struct coalescer {
    coalescer_fn flushed;
    void *data;
    struct address_map map;
    struct observation *items;
    size_t count;
    size_t capacity;
};

struct coalescer *coalescer_new(coalescer_fn flushed, void *data)
{
    struct coalescer *c = xcalloc(1, sizeof *c);
    c->flushed = flushed;
    c->data = data;
    address_map_init(&c->map);
    return c;
}

void coalescer_free(struct coalescer *c)
{
    if (c == NULL)
        return;
    address_map_release(&c->map);
    free(c->items);
    free(c);
}

static void overlay(struct observation *onto, const struct observation *obs)
{
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++) {
        if (!(obs->present & FLIGHT_BIT(field)))
            continue;
        if (field < FLIGHT_NUM_COUNT) {
            onto->v.num[field] = obs->v.num[field];
        } else {
            const char *text = flight_values_text(&obs->v, field);
            flight_values_set_text(&onto->v, field, text, strlen(text));
        }
    }
    onto->present |= obs->present;
    onto->cleared = (onto->cleared & ~obs->present) | obs->cleared;
    onto->present &= ~obs->cleared;
    onto->now_ms = MAX_OF(onto->now_ms, obs->now_ms);
    onto->heard_at_ms = MAX_OF(onto->heard_at_ms, obs->heard_at_ms);
    if (obs->pos_at_ms != 0)
        onto->pos_at_ms = obs->pos_at_ms;
}

void coalescer_add(struct coalescer *c, const struct observation *obs)
{
    uint32_t at;
    if (address_map_find(&c->map, obs->icao, &at)) {
        overlay(&c->items[at], obs);
        return;
    }
    if (c->count == COALESCER_MAX)
        coalescer_flush(c);
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 64 : c->capacity * 2;
        c->items = xreallocarray(c->items, c->capacity, sizeof *c->items);
    }
    address_map_add(&c->map, obs->icao, (uint32_t)c->count);
    c->items[c->count++] = *obs;
}

void coalescer_flush(struct coalescer *c)
{
    for (size_t i = 0; i < c->count; i++)
        address_map_remove(&c->map, c->items[i].icao);
    for (size_t i = 0; i < c->count; i++)
        c->flushed(c->data, &c->items[i]);
    c->count = 0;
}
