/*
 * Chunks are used in the order of a ring: the next one to be written is always
 * the one that was begun the longest ago, which is then also the first of its
 * owner. A point keeps its time as seconds modulo 2^16 (18 hours), more than
 * TRAIL_MAX_AGE_MS; it is read back against the newest time.
 */
#include "state/trail.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight.h"

#define NO_CHUNK UINT32_MAX
#define NO_SLOT  UINT32_MAX
enum { ALT_STEP_FT = 25, ALT_UNKNOWN = INT16_MIN };

struct packed_point {
    int32_t lat;
    int32_t lon;
    int16_t alt; /* ALT_STEP_FT steps */
    uint16_t at_s;
};

struct chunk {
    uint32_t slot; /* owner */
    uint32_t next; /* newer chunk of the same owner */
    uint32_t count;
    struct packed_point points[TRAIL_CHUNK_POINTS];
};

struct head {
    uint32_t icao; /* 0 = none */
    uint32_t first;
    uint32_t last;
    int32_t track; /* 0.1 degrees, of the last point */
    int32_t alt_ft;
    int64_t at_ms; /* time of the last point */
};

struct trail_store {
    struct chunk *chunks;
    uint32_t chunks_max;
    uint32_t next_chunk;
    bool wrapped;
    struct head *heads; /* by slot */
    size_t head_count;
    size_t points;
};

struct trail_store *trail_store_new(size_t chunks_max)
{
    assert(chunks_max > 0 && chunks_max < NO_CHUNK);
    struct trail_store *store = xcalloc(1, sizeof *store);
    /* Pages that were never written cost nothing. */
    store->chunks = xcalloc(chunks_max, sizeof *store->chunks);
    store->chunks_max = (uint32_t)chunks_max;
    return store;
}

void trail_store_free(struct trail_store *store)
{
    if (store == NULL)
        return;
    free(store->chunks);
    free(store->heads);
    free(store);
}

static struct head *head_of(struct trail_store *store, uint32_t slot)
{
    if (slot >= store->head_count) {
        size_t count = MAX_OF((size_t)slot + 1, store->head_count * 2);
        store->heads = xreallocarray(store->heads, count, sizeof *store->heads);
        for (size_t i = store->head_count; i < count; i++)
            store->heads[i] = (struct head){.first = NO_CHUNK, .last = NO_CHUNK};
        store->head_count = count;
    }
    return &store->heads[slot];
}

/* Takes a chunk away from its owner, whose first one it is. */
static void evict(struct trail_store *store, struct chunk *chunk)
{
    store->points -= chunk->count;
    if (chunk->slot == NO_SLOT)
        return;
    struct head *owner = &store->heads[chunk->slot];
    owner->first = chunk->next;
    if (owner->first == NO_CHUNK)
        owner->last = NO_CHUNK;
}

static struct chunk *add_chunk(struct trail_store *store, struct head *head,
                               uint32_t slot)
{
    assert(store->chunks != NULL);
    uint32_t number = store->next_chunk;
    struct chunk *chunk = &store->chunks[number];
    if (store->wrapped)
        evict(store, chunk);
    store->next_chunk++;
    if (store->next_chunk == store->chunks_max) {
        store->next_chunk = 0;
        store->wrapped = true;
    }
    *chunk = (struct chunk){.slot = slot, .next = NO_CHUNK};
    if (head->last != NO_CHUNK)
        store->chunks[head->last].next = number;
    else
        head->first = number;
    head->last = number;
    return chunk;
}

/* The slot has another aircraft now: its old chunks are nobody's. */
static void forget(struct trail_store *store, struct head *head)
{
    for (uint32_t i = head->first; i != NO_CHUNK; i = store->chunks[i].next)
        store->chunks[i].slot = NO_SLOT;
    *head = (struct head){.first = NO_CHUNK, .last = NO_CHUNK};
}

static int32_t altitude_ft(const struct flight *f)
{
    if (flight_on_ground(f))
        return 0;
    if (flight_has(f, FLIGHT_ALT_BARO))
        return f->v.num[FLIGHT_ALT_BARO];
    return flight_has(f, FLIGHT_ALT_GEOM) ? f->v.num[FLIGHT_ALT_GEOM] : INT32_MIN;
}

static int32_t track_of(const struct flight *f)
{
    return flight_has(f, FLIGHT_TRACK) ? f->v.num[FLIGHT_TRACK] : 0;
}

static bool adds_something(const struct head *head, const struct flight *f,
                           size_t total)
{
    int64_t passed_ms = f->pos_at_ms - head->at_ms;
    if (head->at_ms == 0)
        return true;
    if (passed_ms < TRAIL_TURN_MS)
        return false;
    int64_t straight_ms = total > TRAIL_CROWD ? TRAIL_CROWDED_MS : TRAIL_STRAIGHT_MS;
    int32_t turn = abs(track_of(f) - head->track);
    int32_t alt_ft = altitude_ft(f);
    bool climbs = alt_ft != INT32_MIN && head->alt_ft != INT32_MIN &&
                  abs(alt_ft - head->alt_ft) > 400;
    return passed_ms >= straight_ms || MIN_OF(turn, 3600 - turn) > 50 || climbs;
}

void trail_store_note(struct trail_store *store, const struct flight *f, size_t total)
{
    if (!flight_has_position(f))
        return;
    struct head *head = head_of(store, f->slot);
    if (head->icao != f->icao) {
        forget(store, head);
        head->icao = f->icao;
    }
    if (!adds_something(head, f, total))
        return;
    struct chunk *chunk = head->last != NO_CHUNK ? &store->chunks[head->last] : NULL;
    if (chunk == NULL || chunk->count == TRAIL_CHUNK_POINTS)
        chunk = add_chunk(store, head, f->slot);
    head->at_ms = f->pos_at_ms;
    head->track = track_of(f);
    head->alt_ft = altitude_ft(f);
    int32_t steps = head->alt_ft / ALT_STEP_FT;
    chunk->points[chunk->count++] = (struct packed_point){
        .lat = f->v.num[FLIGHT_LAT],
        .lon = f->v.num[FLIGHT_LON],
        .alt = head->alt_ft == INT32_MIN || steps > INT16_MAX ? ALT_UNKNOWN
                                                              : (int16_t)steps,
        .at_s = (uint16_t)(f->pos_at_ms / 1000),
    };
    store->points++;
}

static struct trail_point unpack(const struct packed_point *p, int64_t newest_ms)
{
    int64_t newest_s = newest_ms / 1000;
    uint16_t ago_s = (uint16_t)((uint16_t)newest_s - p->at_s);
    return (struct trail_point){
        .at_ms = (newest_s - ago_s) * 1000,
        .lat = p->lat,
        .lon = p->lon,
        .alt_ft = p->alt == ALT_UNKNOWN ? INT32_MIN : p->alt * ALT_STEP_FT,
    };
}

/* The points that a caller asked for, newest kept when they are too many. */
struct reading {
    struct trail_point *points;
    size_t count;
    size_t max;
    int64_t since_ms;
};

static void append(struct reading *to, struct trail_point point)
{
    if (point.at_ms < to->since_ms || to->max == 0)
        return;
    if (to->count == to->max) {
        memmove(to->points, to->points + 1, (to->max - 1) * sizeof *to->points);
        to->count--;
    }
    to->points[to->count++] = point;
}

/* The point was noted already, with its time in whole seconds. */
static bool is_last(const struct reading *to, const struct trail_point *point)
{
    if (to->count == 0)
        return false;
    const struct trail_point *last = &to->points[to->count - 1];
    return last->lat == point->lat && last->lon == point->lon &&
           last->alt_ft == point->alt_ft && point->at_ms - last->at_ms < 1000;
}

size_t trail_store_read(const struct trail_store *store, const struct flight *f,
                        int64_t since_ms, struct trail_point *ret_points, size_t max)
{
    struct reading to = {.points = ret_points, .max = max, .since_ms = since_ms};
    const struct head *head =
        f->slot < store->head_count && store->heads[f->slot].icao == f->icao
            ? &store->heads[f->slot]
            : NULL;
    uint32_t next = head != NULL ? head->first : NO_CHUNK;
    while (next != NO_CHUNK) {
        const struct chunk *chunk = &store->chunks[next];
        for (uint32_t i = 0; i < chunk->count; i++)
            append(&to, unpack(&chunk->points[i], head->at_ms));
        next = chunk->next;
    }
    struct trail_point now = {.at_ms = f->pos_at_ms,
                              .lat = f->v.num[FLIGHT_LAT],
                              .lon = f->v.num[FLIGHT_LON],
                              .alt_ft = altitude_ft(f)};
    if (flight_has_position(f) && is_last(&to, &now))
        to.points[to.count - 1] = now;
    else if (flight_has_position(f))
        append(&to, now);
    return to.count;
}

size_t trail_store_points(const struct trail_store *store)
{
    return store->points;
}
