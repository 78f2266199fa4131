#include "state/frame_builder.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/flight_fields.h"
#include "flight/flight_table.h"
#include "state/frame_set.h"

enum {
    PREFETCH_ROWS = 8,
    LINE_BYTES = 64,
    SCRATCH_MIN = 64,
    SCRATCH_WASTE = 4 /* more room than so many times the rows is given back */
};

/* What was last published of the aircraft in a slot. */
struct published {
    uint32_t icao; /* 0 = nothing yet */
    int32_t lat;
    int32_t lon;
    int64_t anchor_ms; /* pos_at when clients were last told a time for it */
};

struct described {
    struct frame_row row;
    struct frame_place place;
};

struct frame_builder {
    struct published *slots;
    size_t capacity;
    struct described *scratch; /* rows in order of touch */
    size_t scratch_capacity;
    uint32_t stayed[FRAME_TILES]; /* where a tile's next row goes */
    uint32_t came[FRAME_TILES];
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
    bool wasteful = rows < builder->scratch_capacity / SCRATCH_WASTE;
    if (rows > builder->scratch_capacity || wasteful) {
        builder->scratch_capacity = rows + rows / 2 + SCRATCH_MIN;
        builder->scratch = xreallocarray(builder->scratch, builder->scratch_capacity,
                                         sizeof *builder->scratch);
    }
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

static struct described describe(struct published *was, struct flight *f, uint32_t tick)
{
    struct frame_row row = {
        .flight = f, .slot = f->slot, .changed = flight_changed_since(f, tick - 1)};
    if (was->icao != f->icao || f->born_tick == tick) {
        *was = (struct published){.icao = f->icao, .lat = FRAME_NO_POSITION};
        row.flags |= FRAME_NEW;
    }
    struct frame_place place = {.was_lat = was->lat, .was_lon = was->lon};
    if (position_needs_age(was, f, row.changed))
        row.flags |= FRAME_SEEN_POS;
    bool placed = flight_has_position(f);
    place.lat = was->lat = placed ? f->v.num[FLIGHT_LAT] : FRAME_NO_POSITION;
    place.lon = was->lon = placed ? f->v.num[FLIGHT_LON] : 0;
    row.tile = frame_tile(place.lat, place.lon);
    row.was_tile = frame_tile(place.was_lat, place.was_lon);
    return (struct described){row, place};
}

static bool has_come(const struct frame_row *row)
{
    return row->tile != row->was_tile || (row->flags & FRAME_NEW) != 0;
}

/* Each tile has two buckets, of who stayed and who came: counts become starts. */
static void counts_to_starts(struct frame_builder *builder, struct frame_set *frame)
{
    uint32_t sum = 0;
    for (unsigned t = 0; t < FRAME_TILES; t++) {
        uint32_t stayed = builder->stayed[t];
        uint32_t came = builder->came[t];
        frame->tile_first[t] = builder->stayed[t] = sum;
        frame->tile_came[t] = builder->came[t] = sum + stayed;
        sum += stayed + came;
    }
    frame->tile_first[FRAME_TILES] = sum;
}

static void sort_rows(struct frame_builder *builder, struct frame_set *frame, size_t n)
{
    const struct described *rows = builder->scratch;
    frame->row_count = n;
    frame->rows = xcalloc(n, sizeof *frame->rows);
    frame->places = xcalloc(n, sizeof *frame->places);
    memset(builder->stayed, 0, sizeof builder->stayed);
    memset(builder->came, 0, sizeof builder->came);
    for (size_t i = 0; i < n; i++) {
        const struct frame_row *row = &rows[i].row;
        (has_come(row) ? builder->came : builder->stayed)[row->tile]++;
    }
    counts_to_starts(builder, frame);
    for (size_t i = 0; i < n; i++) {
        const struct frame_row *row = &rows[i].row;
        uint32_t at = (has_come(row) ? builder->came : builder->stayed)[row->tile]++;
        frame->rows[at] = *row;
        frame->places[at] = rows[i].place;
    }
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

/* Rows lie anywhere in memory: the processor is told some of them ahead. */
static void prefetch_flight(const struct frame_builder *builder,
                            const struct flight_table *table, uint32_t slot)
{
    const struct flight *f = flight_table_at(table, slot);
    __builtin_prefetch(f, 1);
    __builtin_prefetch(&builder->slots[slot], 1);
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT;
         i += LINE_BYTES / sizeof *f->field_ticks)
        __builtin_prefetch(&f->field_ticks[i]);
}

static void describe_touched(struct frame_builder *builder, struct flight_table *table,
                             const uint32_t *slots, size_t count, uint32_t tick)
{
    for (size_t i = 0; i < count; i++) {
        if (i + PREFETCH_ROWS < count)
            prefetch_flight(builder, table, slots[i + PREFETCH_ROWS]);
        struct flight *f = flight_ref(flight_table_at(table, slots[i]));
        builder->scratch[i] = describe(&builder->slots[slots[i]], f, tick);
    }
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
    describe_touched(builder, table, slots, count, tick);
    sort_rows(builder, frame, count);
    list_movers(frame);
    list_removed(frame, table);
    return frame;
}
