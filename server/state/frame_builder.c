#include "state/frame_builder.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/flight_fields.h"
#include "flight/flight_table.h"
#include "state/frame_set.h"

/* What was last published of the aircraft in a slot. */
struct published {
    uint32_t icao; /* 0 = nothing yet */
    int32_t lat;
    int32_t lon;
    int64_t anchor_ms; /* pos_at when clients were last told a time for it */
};

struct frame_builder {
    struct published *slots;
    size_t capacity;
    struct frame_row *scratch; /* rows in order of touch */
    size_t scratch_capacity;
};

struct frame_builder *frame_builder_new(void)
{
    return xcalloc(1, sizeof(struct frame_builder));
}

void frame_builder_free(struct frame_builder *builder)
{
    if (builder == NULL)
        return;
    free(builder->slots);
    free(builder->scratch);
    free(builder);
}

static void make_room(struct frame_builder *builder, size_t slots, size_t rows)
{
    if (slots > builder->capacity) {
        size_t capacity = slots + slots / 2;
        builder->slots =
            xreallocarray(builder->slots, capacity, sizeof *builder->slots);
        memset(builder->slots + builder->capacity, 0,
               (capacity - builder->capacity) * sizeof *builder->slots);
        builder->capacity = capacity;
    }
    if (rows > builder->scratch_capacity) {
        builder->scratch_capacity = rows + rows / 2;
        builder->scratch = xreallocarray(builder->scratch, builder->scratch_capacity,
                                         sizeof *builder->scratch);
    }
}

static uint64_t changed_fields(const struct flight *f, uint32_t tick)
{
    if (f->changed_tick != tick)
        return 0;
    uint64_t set = 0;
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++)
        set |= (uint64_t)(f->field_tick[i] == tick) << i;
    return set;
}

/* True when the position's age must be told; keeps the anchor. */
static bool position_needs_age(struct published *was, const struct flight *f,
                               uint64_t changed)
{
    if (!flight_has_position(f))
        return false;
    if (changed & FLIGHT_POSITION_FIELDS) {
        was->anchor_ms = f->pos_at_ms;
        return false;
    }
    int64_t drift_ms = f->pos_at_ms - was->anchor_ms;
    if (drift_ms <= FRAME_ANCHOR_MS && drift_ms >= -FRAME_ANCHOR_MS)
        return false;
    was->anchor_ms = f->pos_at_ms;
    return true;
}

static struct frame_row describe(struct published *was, struct flight *f, uint32_t tick)
{
    struct frame_row row = {
        .flight = f, .slot = f->slot, .changed = changed_fields(f, tick)};
    if (was->icao != f->icao || f->born_tick == tick) {
        *was = (struct published){.icao = f->icao, .lat = FRAME_NO_POSITION};
        row.flags |= FRAME_NEW;
    }
    row.was_lat = was->lat;
    row.was_lon = was->lon;
    if (position_needs_age(was, f, row.changed))
        row.flags |= FRAME_SEEN_POS;
    bool placed = flight_has_position(f);
    was->lat = placed ? f->v.num[FLIGHT_LAT] : FRAME_NO_POSITION;
    was->lon = placed ? f->v.num[FLIGHT_LON] : 0;
    row.lat = was->lat;
    row.lon = was->lon;
    row.tile = frame_tile(was->lat, was->lon);
    row.was_tile = frame_tile(row.was_lat, row.was_lon);
    return row;
}

/* Counts become start indices; first[FRAME_TILES] is the total. */
static void counts_to_starts(uint32_t *first)
{
    uint32_t sum = 0;
    for (unsigned t = 0; t <= FRAME_TILES; t++) {
        uint32_t count = first[t];
        first[t] = sum;
        sum += count;
    }
}

static void sort_rows(struct frame_set *frame, const struct frame_row *rows, size_t n)
{
    frame->row_count = n;
    frame->rows = xcalloc(n, sizeof *frame->rows);
    for (size_t i = 0; i < n; i++)
        frame->tile_first[rows[i].tile]++;
    counts_to_starts(frame->tile_first);
    uint32_t *next = xmalloc(sizeof frame->tile_first);
    memcpy(next, frame->tile_first, sizeof frame->tile_first);
    for (size_t i = 0; i < n; i++)
        frame->rows[next[rows[i].tile]++] = rows[i];
    free(next);
}

static int by_left_tile(const void *a, const void *b)
{
    const struct frame_mover *x = a;
    const struct frame_mover *y = b;
    return (x->left_tile > y->left_tile) - (x->left_tile < y->left_tile);
}

static void list_movers(struct frame_set *frame)
{
    size_t count = 0;
    for (size_t i = 0; i < frame->row_count; i++)
        count += frame->rows[i].tile != frame->rows[i].was_tile;
    frame->movers = xcalloc(count, sizeof *frame->movers);
    for (size_t i = 0; i < frame->row_count; i++)
        if (frame->rows[i].tile != frame->rows[i].was_tile)
            frame->movers[frame->mover_count++] = (struct frame_mover){
                .row = (uint32_t)i, .left_tile = frame->rows[i].was_tile};
    qsort(frame->movers, count, sizeof *frame->movers, by_left_tile);
}

static void list_removed(struct frame_set *frame, const struct flight_table *table)
{
    size_t all = flight_table_tombstones(table);
    size_t first = all;
    while (first > 0 && flight_table_tombstone(table, first - 1)->tick == frame->tick)
        first--;
    frame->removed_count = all - first;
    frame->removed = xcalloc(frame->removed_count, sizeof *frame->removed);
    for (size_t i = first; i < all; i++)
        frame->removed[i - first] = flight_table_tombstone(table, i)->icao;
}

struct frame_set *frame_builder_build(struct frame_builder *builder,
                                      struct flight_table *table, uint32_t tick,
                                      int64_t time_ms)
{
    struct frame_set *frame = xcalloc(1, sizeof *frame);
    atomic_init(&frame->refs, 1);
    frame->tick = tick;
    frame->time_ms = time_ms;
    frame->lag_ms = -1;
    frame->total = (uint32_t)flight_table_count(table);
    size_t count;
    const uint32_t *slots = flight_table_take_touched(table, &count);
    make_room(builder, flight_table_slots(table), count);
    for (size_t i = 0; i < count; i++) {
        struct flight *f = flight_ref(flight_table_at(table, slots[i]));
        builder->scratch[i] = describe(&builder->slots[slots[i]], f, tick);
    }
    sort_rows(frame, builder->scratch, count);
    list_movers(frame);
    list_removed(frame, table);
    return frame;
}
