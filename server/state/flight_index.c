#include "state/flight_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight_table.h"
#include "state/frame_set.h"

enum { PREFETCH_ROWS = 12 };

struct flight_index {
    struct address_map map;
    const struct flight **rows; /* by slot */
    struct index_position *positions;
    uint32_t *seen_pos_ticks;
    size_t slots;
    size_t capacity;
    const struct flight **replaced; /* rows to be swept */
    size_t replaced_count;
    size_t replaced_capacity;
    struct index_removed *removed; /* a ring */
    size_t removed_capacity;       /* a power of two */
    size_t removed_first;
    size_t removed_count;
    uint32_t purged_tick;
    uint32_t tick;
    uint32_t tick_ms;
    int64_t time_ms;
    int64_t lag_ms;
    int64_t stale_since_ms;
    char stale_source[16];
    struct frame_text *stats;
    uint64_t stats_version;
};

struct flight_index *flight_index_new(void)
{
    struct flight_index *index = xcalloc(1, sizeof *index);
    address_map_init(&index->map);
    index->lag_ms = -1;
    index->tick_ms = 250;
    return index;
}

/* Rows are shared with other threads: the count is all that we may change. */
static void drop_row(const struct flight *row)
{
    union {
        const struct flight *shared;
        struct flight *counted;
    } holder = {.shared = row};
    flight_unref(holder.counted);
}

void flight_index_sweep(struct flight_index *index)
{
    for (size_t i = 0; i < index->replaced_count; i++)
        drop_row(index->replaced[i]);
    index->replaced_count = 0;
}

void flight_index_free(struct flight_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->slots; i++)
        drop_row(index->rows[i]);
    flight_index_sweep(index);
    free(index->replaced);
    address_map_release(&index->map);
    frame_text_unref(index->stats);
    free(index->rows);
    free(index->positions);
    free(index->seen_pos_ticks);
    free(index->removed);
    free(index);
}

static void grow(struct flight_index *index, size_t slots)
{
    if (slots > index->capacity) {
        size_t capacity = MAX_OF(slots, index->capacity * 2);
        index->rows = xreallocarray(index->rows, capacity, sizeof *index->rows);
        index->positions =
            xreallocarray(index->positions, capacity, sizeof *index->positions);
        index->seen_pos_ticks = xreallocarray(index->seen_pos_ticks, capacity,
                                              sizeof *index->seen_pos_ticks);
        index->capacity = capacity;
    }
    for (; index->slots < slots; index->slots++) {
        index->rows[index->slots] = NULL;
        index->positions[index->slots].lat = FRAME_NO_POSITION;
        index->seen_pos_ticks[index->slots] = 0;
    }
}

static struct index_removed *removed_at(const struct flight_index *index, size_t i)
{
    return &index->removed[(index->removed_first + i) & (index->removed_capacity - 1)];
}

static void forget_oldest_removal(struct flight_index *index)
{
    index->purged_tick = removed_at(index, 0)->tick;
    index->removed_first = (index->removed_first + 1) & (index->removed_capacity - 1);
    index->removed_count--;
}

static void grow_removed(struct flight_index *index)
{
    size_t capacity = index->removed_capacity == 0 ? 64 : index->removed_capacity * 2;
    struct index_removed *ring = xcalloc(capacity, sizeof *ring);
    for (size_t i = 0; i < index->removed_count; i++)
        ring[i] = *removed_at(index, i);
    free(index->removed);
    index->removed = ring;
    index->removed_capacity = capacity;
    index->removed_first = 0;
}

static void remember_removal(struct flight_index *index, uint32_t icao, uint32_t slot)
{
    if (index->removed_count == FLIGHT_TOMBSTONE_MAX)
        forget_oldest_removal(index);
    if (index->removed_count == index->removed_capacity)
        grow_removed(index);
    index->removed_count++;
    *removed_at(index, index->removed_count - 1) =
        (struct index_removed){.icao = icao,
                               .slot = slot,
                               .position = index->positions[slot],
                               .tick = index->tick,
                               .at_ms = index->time_ms};
}

static void remove_flight(struct flight_index *index, uint32_t icao)
{
    uint32_t slot;
    if (!address_map_find(&index->map, icao, &slot))
        return; /* came and went within one tick */
    address_map_remove(&index->map, icao);
    remember_removal(index, icao, slot);
    drop_row(index->rows[slot]);
    index->rows[slot] = NULL;
    index->positions[slot].lat = FRAME_NO_POSITION;
    index->seen_pos_ticks[slot] = 0;
}

static void take_row(struct flight_index *index, const struct frame_row *row,
                     const struct frame_place *place)
{
    grow(index, row->slot + 1);
    const struct flight *old = index->rows[row->slot];
    if (old == NULL)
        address_map_add(&index->map, row->flight->icao, row->slot);
    else
        index->replaced[index->replaced_count++] = old;
    index->rows[row->slot] = flight_ref(row->flight);
    index->positions[row->slot] = (struct index_position){place->lat, place->lon};
    if (row->flags & FRAME_SEEN_POS)
        index->seen_pos_ticks[row->slot] = index->tick;
}

/*
 * The rows were written by another core a moment ago: the processor is told some
 * rows ahead which reference counts it will have to fetch.
 */
static void take_rows(struct flight_index *index, const struct frame_set *frame)
{
    if (frame->row_count > index->replaced_capacity) {
        index->replaced_capacity = frame->row_count + frame->row_count / 2;
        free(index->replaced);
        index->replaced = xcalloc(index->replaced_capacity, sizeof *index->replaced);
    }
    for (size_t i = 0; i < frame->row_count; i++) {
        if (i + PREFETCH_ROWS < frame->row_count)
            __builtin_prefetch(frame->rows[i + PREFETCH_ROWS].flight, 1);
        take_row(index, &frame->rows[i], &frame->places[i]);
    }
}

void flight_index_apply(struct flight_index *index, const struct frame_set *frame)
{
    assert(frame->tick > index->tick);
    flight_index_sweep(index);
    index->tick = frame->tick;
    index->time_ms = frame->time_ms;
    index->tick_ms = frame->tick_ms;
    index->lag_ms = frame->lag_ms;
    index->stale_since_ms = frame->stale_since_ms;
    memcpy(index->stale_source, frame->stale_source, sizeof index->stale_source);
    if (frame->stats != index->stats) {
        frame_text_unref(index->stats);
        index->stats = frame_text_ref(frame->stats);
        index->stats_version++;
    }
    for (size_t i = 0; i < frame->removed_count; i++)
        remove_flight(index, frame->removed[i]);
    take_rows(index, frame);
    while (index->removed_count > 0 &&
           removed_at(index, 0)->at_ms + FLIGHT_TOMBSTONE_MS < index->time_ms)
        forget_oldest_removal(index);
}

const struct flight *flight_index_find(const struct flight_index *index, uint32_t icao)
{
    uint32_t slot;
    return address_map_find(&index->map, icao, &slot) ? index->rows[slot] : NULL;
}

const struct flight *flight_index_at(const struct flight_index *index, size_t slot)
{
    return slot < index->slots ? index->rows[slot] : NULL;
}

size_t flight_index_slots(const struct flight_index *index)
{
    return index->slots;
}

size_t flight_index_count(const struct flight_index *index)
{
    return index->map.count;
}

const struct index_position *flight_index_positions(const struct flight_index *index)
{
    return index->positions;
}

uint32_t flight_index_seen_pos_tick(const struct flight_index *index, size_t slot)
{
    return slot < index->slots ? index->seen_pos_ticks[slot] : 0;
}

uint32_t flight_index_tick(const struct flight_index *index)
{
    return index->tick;
}

int64_t flight_index_time_ms(const struct flight_index *index)
{
    return index->time_ms;
}

uint32_t flight_index_tick_ms(const struct flight_index *index)
{
    return index->tick_ms;
}

int64_t flight_index_lag_ms(const struct flight_index *index)
{
    return index->lag_ms;
}

int64_t flight_index_stale_since_ms(const struct flight_index *index,
                                    const char **ret_source)
{
    if (ret_source != NULL)
        *ret_source = index->stale_source;
    return index->stale_since_ms;
}

const char *flight_index_stats(const struct flight_index *index, size_t *ret_len)
{
    if (ret_len != NULL)
        *ret_len = index->stats != NULL ? index->stats->len : 2;
    return index->stats != NULL ? index->stats->text : "{}";
}

uint64_t flight_index_stats_version(const struct flight_index *index)
{
    return index->stats_version;
}

size_t flight_index_removed_count(const struct flight_index *index)
{
    return index->removed_count;
}

const struct index_removed *flight_index_removed(const struct flight_index *index,
                                                 size_t i)
{
    assert(i < index->removed_count);
    return removed_at(index, i);
}

uint32_t flight_index_oldest_cursor(const struct flight_index *index)
{
    return index->purged_tick;
}
