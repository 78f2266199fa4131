/*
 * Rows live in slots; a map leads from address to slot. A slot stays with its
 * aircraft for life, so that readers may index by it; when freed it waits in a
 * first-in-first-out list until a later tick, because readers learn of the
 * removal and of the newcomer in one and the same tick.
 *
 * A row that somebody else holds is never written: writable_row copies it
 * first. Only this table hands out references, so a count of one means that
 * nobody can get hold of the row while we write.
 */
#include "flight/flight_table.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

#define NO_SLOT UINT32_MAX

enum { CACHE_LINE = 64 };

struct slot {
    struct flight *row; /* NULL = free */
    uint32_t next_free;
    uint32_t freed_tick;
    bool touched; /* is in the touched list */
};

struct tombstone_ring {
    struct flight_tombstone *items;
    size_t capacity; /* a power of two, at most FLIGHT_TOMBSTONE_MAX */
    size_t first;
    size_t count;
    uint32_t purged_tick; /* of the newest one that was dropped */
};

struct flight_table {
    struct address_map map;
    struct slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    uint32_t free_head; /* oldest free slot */
    uint32_t free_tail;
    uint32_t *touched; /* as long as slots */
    size_t touched_count;
    struct tombstone_ring tombs;
};

/* --- tombstones --------------------------------------------------------- */

static struct flight_tombstone *tomb_at(const struct tombstone_ring *ring, size_t i)
{
    return &ring->items[(ring->first + i) & (ring->capacity - 1)];
}

static void tomb_drop_first(struct tombstone_ring *ring)
{
    ring->purged_tick = MAX_OF(ring->purged_tick, tomb_at(ring, 0)->tick);
    ring->first = (ring->first + 1) & (ring->capacity - 1);
    ring->count--;
}

static void tomb_make_room(struct tombstone_ring *ring)
{
    if (ring->count < ring->capacity)
        return;
    if (ring->capacity == FLIGHT_TOMBSTONE_MAX) {
        tomb_drop_first(ring);
        return;
    }
    size_t capacity = ring->capacity == 0 ? 64 : ring->capacity * 2;
    struct flight_tombstone *items = xcalloc(capacity, sizeof *items);
    for (size_t i = 0; i < ring->count; i++)
        items[i] = *tomb_at(ring, i);
    free(ring->items);
    ring->items = items;
    ring->capacity = capacity;
    ring->first = 0;
}

static void tomb_push(struct tombstone_ring *ring, struct flight_tombstone tomb)
{
    tomb_make_room(ring);
    ring->count++;
    *tomb_at(ring, ring->count - 1) = tomb;
}

static void tomb_purge(struct tombstone_ring *ring, int64_t now_ms)
{
    while (ring->count > 0 && tomb_at(ring, 0)->at_ms + FLIGHT_TOMBSTONE_MS < now_ms)
        tomb_drop_first(ring);
}

/* --- slots -------------------------------------------------------------- */

static uint32_t slot_take(struct flight_table *t, uint32_t tick)
{
    uint32_t slot = t->free_head;
    if (slot != NO_SLOT && t->slots[slot].freed_tick < tick) {
        t->free_head = t->slots[slot].next_free;
        if (t->free_head == NO_SLOT)
            t->free_tail = NO_SLOT;
        return slot;
    }
    if (t->slot_count == t->slot_capacity) {
        t->slot_capacity = t->slot_capacity == 0 ? 256 : t->slot_capacity * 2;
        t->slots = xreallocarray(t->slots, t->slot_capacity, sizeof *t->slots);
        t->touched = xreallocarray(t->touched, t->slot_capacity, sizeof *t->touched);
    }
    slot = (uint32_t)t->slot_count++;
    t->slots[slot] = (struct slot){0};
    return slot;
}

static void slot_give_back(struct flight_table *t, uint32_t slot, uint32_t tick)
{
    struct slot *s = &t->slots[slot];
    s->row = NULL;
    s->freed_tick = tick;
    s->next_free = NO_SLOT;
    if (t->free_tail != NO_SLOT)
        t->slots[t->free_tail].next_free = slot;
    else
        t->free_head = slot;
    t->free_tail = slot;
}

static void slot_touch(struct flight_table *t, uint32_t slot)
{
    if (t->slots[slot].touched)
        return;
    t->slots[slot].touched = true;
    t->touched[t->touched_count++] = slot;
}

/* --- rows --------------------------------------------------------------- */

static struct flight *row_add(struct flight_table *t, uint32_t icao, uint32_t tick)
{
    if (t->map.count >= FLIGHT_TABLE_MAX)
        return NULL;
    struct flight *f = xcalloc(1, sizeof *f);
    atomic_init(&f->refs, 1);
    f->icao = icao;
    f->slot = slot_take(t, tick);
    f->born_tick = f->changed_tick = tick;
    f->tick_base = tick > 0 ? tick - 1 : 0;
    f->now_ms = INT64_MIN;
    f->heard_at_ms = INT64_MIN;
    t->slots[f->slot].row = f;
    address_map_add(&t->map, icao, f->slot);
    return f;
}

static struct flight *writable_row(struct flight_table *t, uint32_t slot)
{
    struct flight *shared = t->slots[slot].row;
    /* Acquire: other holders' reads happen before our writes. */
    if (atomic_load_explicit(&shared->refs, memory_order_acquire) == 1)
        return shared;
    struct flight *own = xmalloc(sizeof *own);
    memcpy(own, shared, sizeof *own);
    atomic_init(&own->refs, 1);
    t->slots[slot].row = own;
    flight_unref(shared);
    return own;
}

/* Moves the base of the fields' ticks, so that this tick lies within its reach. */
static void move_tick_base(struct flight *f, uint32_t tick)
{
    uint32_t base = tick > FLIGHT_TICKS_KEPT ? tick - FLIGHT_TICKS_KEPT : 0;
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        uint32_t was = flight_field_tick(f, (enum flight_field)i);
        uint32_t kept = was > base ? MIN_OF(was - base, (uint32_t)UINT16_MAX) : 1;
        f->field_ticks[i] = was != 0 ? (uint16_t)kept : 0;
    }
    f->tick_base = base;
}

/* The tick as field_ticks keep it. */
static uint16_t kept_tick(struct flight *f, uint32_t tick)
{
    if (tick <= f->tick_base || tick - f->tick_base > UINT16_MAX)
        move_tick_base(f, tick);
    return (uint16_t)(tick - f->tick_base);
}

static bool set_text(struct flight *f, enum flight_field field,
                     const struct flight_values *from)
{
    const struct flight_field_info *info = &flight_field_info[field];
    char *to = (char *)&f->v + info->offset;
    const char *text = (const char *)from + info->offset;
    if (flight_has(f, field) && strncmp(to, text, info->size) == 0)
        return false;
    memcpy(to, text, info->size);
    return true;
}

/*
 * Which of these numbers change. Every one is written, its old tick again where
 * it stays: which ones change has no pattern that a processor could guess.
 */
static uint64_t set_numbers(struct flight *f, const struct flight_values *from,
                            uint64_t fields, uint16_t kept)
{
    uint64_t changed = 0;
    for (uint64_t rest = fields; rest != 0; rest &= rest - 1) {
        unsigned field = (unsigned)__builtin_ctzll(rest);
        uint64_t differs = f->v.num[field] != from->num[field];
        differs |= ~f->known >> field & 1;
        f->v.num[field] = from->num[field];
        f->field_ticks[field] = differs ? kept : f->field_ticks[field];
        changed |= differs << field;
    }
    return changed;
}

static uint64_t set_texts(struct flight *f, const struct flight_values *from,
                          uint64_t fields, uint16_t kept)
{
    uint64_t changed = 0;
    for (uint64_t rest = fields; rest != 0; rest &= rest - 1) {
        enum flight_field field = (enum flight_field)__builtin_ctzll(rest);
        if (!set_text(f, field, from))
            continue;
        f->field_ticks[field] = kept;
        changed |= FLIGHT_BIT(field);
    }
    return changed;
}

static bool set_fields(struct flight *f, const struct flight_values *from,
                       uint64_t fields, uint32_t tick)
{
    const uint64_t numbers = FLIGHT_BIT(FLIGHT_NUM_COUNT) - 1;
    uint16_t kept = kept_tick(f, tick);
    uint64_t changed = set_numbers(f, from, fields & numbers, kept);
    changed |= set_texts(f, from, fields & ~numbers, kept);
    f->known |= changed;
    if (changed != 0)
        f->changed_tick = tick;
    return changed != 0;
}

static bool clear_fields(struct flight *f, uint64_t fields, uint32_t tick)
{
    const uint64_t gone = fields & f->known;
    uint16_t kept = kept_tick(f, tick);
    for (uint64_t rest = gone; rest != 0; rest &= rest - 1)
        f->field_ticks[__builtin_ctzll(rest)] = kept;
    if (gone != 0)
        f->changed_tick = tick;
    f->known &= ~gone;
    return gone != 0;
}

/* Half a position is none; with one half unknown the position is unknown. */
static void whole_position(uint64_t *present, uint64_t *cleared)
{
    if (*cleared & FLIGHT_POSITION_FIELDS) {
        *cleared |= FLIGHT_POSITION_FIELDS;
        *present &= ~FLIGHT_POSITION_FIELDS;
    } else if ((*present & FLIGHT_POSITION_FIELDS) != FLIGHT_POSITION_FIELDS) {
        *present &= ~FLIGHT_POSITION_FIELDS;
    }
}

/* Folds sets of the observation's fields into the row; true when one changed. */
static bool fold(struct flight *f, const struct observation *obs, uint64_t present,
                 uint64_t cleared, uint32_t tick)
{
    bool changed = clear_fields(f, cleared & FLIGHT_ALL_FIELDS & ~present, tick);
    changed |= set_fields(f, &obs->v, present & FLIGHT_ALL_FIELDS, tick);
    f->now_ms = obs->now_ms;
    f->heard_tick = tick;
    return changed;
}

/* --- the table ---------------------------------------------------------- */

struct flight_table *flight_table_new(void)
{
    struct flight_table *t = xcalloc(1, sizeof *t);
    address_map_init(&t->map);
    t->free_head = t->free_tail = NO_SLOT;
    return t;
}

static void release_all(struct flight_table *t)
{
    for (size_t i = 0; i < t->slot_count; i++)
        flight_unref(t->slots[i].row);
    address_map_release(&t->map);
    free(t->slots);
    free(t->touched);
    free(t->tombs.items);
}

void flight_table_free(struct flight_table *t)
{
    if (t == NULL)
        return;
    release_all(t);
    free(t);
}

void flight_table_clear(struct flight_table *t)
{
    release_all(t);
    *t = (struct flight_table){.free_head = NO_SLOT, .free_tail = NO_SLOT};
    address_map_init(&t->map);
}

enum flight_apply flight_table_apply(struct flight_table *t,
                                     const struct observation *obs, uint32_t tick)
{
    uint32_t slot;
    struct flight *f;
    bool born = !address_map_find(&t->map, obs->icao, &slot);
    if (born)
        f = row_add(t, obs->icao, tick);
    else if (obs->now_ms < t->slots[slot].row->now_ms)
        return FLIGHT_STALE;
    else
        f = writable_row(t, slot);
    if (f == NULL)
        return FLIGHT_REFUSED;
    uint64_t present = obs->present;
    uint64_t cleared = obs->cleared;
    whole_position(&present, &cleared);
    bool changed = fold(f, obs, present, cleared, tick);
    if (present & FLIGHT_BIT(FLIGHT_LAT))
        f->pos_at_ms = obs->pos_at_ms;
    /* A newer record of a second source may have heard it earlier. */
    f->heard_at_ms = MAX_OF(f->heard_at_ms, obs->heard_at_ms);
    slot_touch(t, f->slot);
    return born || changed ? FLIGHT_APPLIED : FLIGHT_UNCHANGED;
}

/* Each step needs what the one before has asked for. */
void flight_table_prefetch(const struct flight_table *t,
                           const struct observation *observations, size_t count)
{
    uint32_t slot;
    for (size_t i = 0; i < count; i++)
        address_map_prefetch(&t->map, observations[i].icao);
    for (size_t i = 0; i < count; i++) {
        if (address_map_find(&t->map, observations[i].icao, &slot))
            __builtin_prefetch(&t->slots[slot]);
    }
    for (size_t i = 0; i < count; i++) {
        if (!address_map_find(&t->map, observations[i].icao, &slot))
            continue;
        const char *row = (const char *)t->slots[slot].row;
        for (size_t at = 0; at < sizeof(struct flight); at += CACHE_LINE)
            __builtin_prefetch(row + at, 1);
    }
}

struct flight *flight_table_put(struct flight_table *t, const struct observation *obs,
                                bool replace, uint32_t tick)
{
    uint32_t slot;
    bool known = address_map_find(&t->map, obs->icao, &slot);
    struct flight *f = known ? writable_row(t, slot) : row_add(t, obs->icao, tick);
    if (f == NULL)
        return NULL;
    fold(f, obs, obs->present, replace ? FLIGHT_ALL_FIELDS : obs->cleared, tick);
    if (obs->pos_at_ms != 0)
        f->pos_at_ms = obs->pos_at_ms;
    f->heard_at_ms = obs->heard_at_ms;
    slot_touch(t, f->slot);
    return f;
}

bool flight_table_remove(struct flight_table *t, uint32_t icao, uint32_t tick,
                         int64_t now_ms)
{
    uint32_t slot;
    if (!address_map_find(&t->map, icao, &slot))
        return false;
    struct flight_tombstone tomb = {.icao = icao, .tick = tick, .at_ms = now_ms};
    address_map_remove(&t->map, icao);
    flight_unref(t->slots[slot].row);
    slot_give_back(t, slot, tick);
    tomb_push(&t->tombs, tomb);
    return true;
}

static bool is_expired(const struct flight *f, int64_t now_ms, int64_t expire_ms,
                       int64_t adsc_expire_ms)
{
    bool adsc = flight_has(f, FLIGHT_ADDR_TYPE) &&
                f->v.num[FLIGHT_ADDR_TYPE] == FLIGHT_ADDR_ADSC;
    return now_ms - f->heard_at_ms > (adsc ? adsc_expire_ms : expire_ms);
}

size_t flight_table_expire(struct flight_table *t, int64_t now_ms, int64_t expire_ms,
                           int64_t adsc_expire_ms, uint32_t tick)
{
    size_t removed = 0;
    for (size_t i = 0; i < t->slot_count; i++) {
        const struct flight *f = t->slots[i].row;
        if (f != NULL && is_expired(f, now_ms, expire_ms, adsc_expire_ms))
            removed += flight_table_remove(t, f->icao, tick, now_ms);
    }
    tomb_purge(&t->tombs, now_ms);
    return removed;
}

const struct flight *flight_table_find(const struct flight_table *t, uint32_t icao)
{
    uint32_t slot;
    return address_map_find(&t->map, icao, &slot) ? t->slots[slot].row : NULL;
}

struct flight *flight_table_at(const struct flight_table *t, size_t slot)
{
    assert(slot < t->slot_count);
    return t->slots[slot].row;
}

size_t flight_table_slots(const struct flight_table *t)
{
    return t->slot_count;
}

size_t flight_table_count(const struct flight_table *t)
{
    return t->map.count;
}

const uint32_t *flight_table_take_touched(struct flight_table *t, size_t *ret_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->touched_count; i++) {
        struct slot *s = &t->slots[t->touched[i]];
        s->touched = false;
        if (s->row != NULL) /* else removed since */
            t->touched[kept++] = t->touched[i];
    }
    t->touched_count = 0;
    *ret_count = kept;
    return t->touched;
}

size_t flight_table_tombstones(const struct flight_table *t)
{
    return t->tombs.count;
}

const struct flight_tombstone *flight_table_tombstone(const struct flight_table *t,
                                                      size_t i)
{
    assert(i < t->tombs.count);
    return tomb_at(&t->tombs, i);
}

uint32_t flight_table_oldest_cursor(const struct flight_table *t)
{
    return t->tombs.purged_tick;
}
