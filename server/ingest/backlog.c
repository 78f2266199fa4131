#include "ingest/backlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight_fields.h"

enum { ROWS_AT_FIRST = 256 };

struct backlog {
    struct observation *rows; /* in no order; the last is the first to go */
    size_t count;
    size_t capacity;
    struct address_map places;
};

struct backlog *backlog_new(void)
{
    struct backlog *b = xcalloc(1, sizeof *b);
    address_map_init(&b->places);
    return b;
}

void backlog_free(struct backlog *b)
{
    if (b == NULL)
        return;
    address_map_release(&b->places);
    free(b->rows);
    free(b);
}

static void copy_field(struct flight_values *to, const struct flight_values *from,
                       enum flight_field field)
{
    const char *text;
    if (field < FLIGHT_NUM_COUNT) {
        to->num[field] = from->num[field];
        return;
    }
    text = flight_values_text(from, field);
    flight_values_set_text(to, field, text, strlen(text));
}

static void fold(struct observation *row, const struct observation *obs)
{
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        if ((obs->present & FLIGHT_BIT(i)) != 0)
            copy_field(&row->v, &obs->v, (enum flight_field)i);
    }
    row->present = (row->present & ~obs->cleared) | obs->present;
    row->cleared = (row->cleared & ~obs->present) | obs->cleared;
    row->now_ms = MAX_OF(row->now_ms, obs->now_ms);
    row->heard_at_ms = MAX_OF(row->heard_at_ms, obs->heard_at_ms);
    if ((row->present & FLIGHT_POSITION_FIELDS) != FLIGHT_POSITION_FIELDS)
        row->pos_at_ms = 0;
    else if ((obs->present & FLIGHT_POSITION_FIELDS) == FLIGHT_POSITION_FIELDS)
        row->pos_at_ms = obs->pos_at_ms;
}

static void grow(struct backlog *b)
{
    if (b->count < b->capacity)
        return;
    b->capacity = MAX_OF(2 * b->capacity, (size_t)ROWS_AT_FIRST);
    b->rows = xreallocarray(b->rows, b->capacity, sizeof *b->rows);
}

bool backlog_keep(struct backlog *b, const struct observation *obs)
{
    uint32_t place;
    if (address_map_find(&b->places, obs->icao, &place)) {
        fold(&b->rows[place], obs);
        return true;
    }
    if (b->count == BACKLOG_MAX)
        return false;
    grow(b);
    address_map_add(&b->places, obs->icao, (uint32_t)b->count);
    b->rows[b->count++] = *obs;
    return true;
}

bool backlog_has(const struct backlog *b, uint32_t icao)
{
    uint32_t place;
    return b->count > 0 && address_map_find(&b->places, icao, &place);
}

const struct observation *backlog_first(const struct backlog *b)
{
    return b->count > 0 ? &b->rows[b->count - 1] : NULL;
}

void backlog_drop_first(struct backlog *b)
{
    address_map_remove(&b->places, b->rows[--b->count].icao);
    if (b->count > 0)
        return;
    free(b->rows); /* an outage is rare: its memory is not kept */
    b->rows = NULL;
    b->capacity = 0;
}

size_t backlog_count(const struct backlog *b)
{
    return b->count;
}
