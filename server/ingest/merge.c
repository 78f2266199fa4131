/*
 * Each source that has spoken of an aircraft holds a claim on it: the fields it
 * knows and since when. With one source there is nobody to compare with, so the
 * times of the single fields are kept only when there are several: that is the
 * difference between 100 and 300 bytes an aircraft.
 *
 * Times within claims are deciseconds since the merge began, in 32 bits.
 */
#include "ingest/merge.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/address_map.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

#define NO_ENTRY UINT32_MAX

enum {
    SAME_MS = 150,         /* `seen` is rounded to 0.1 s: this is the same moment */
    CLOCK_JUMP_MS = 60000, /* a claim this far ahead is from before a clock change */
    LAPSE_MS = 60000,      /* a source that fell silent no longer "knows" */
    DEFAULT_QUALITY = 0,   /* a port that does not tell (BaseStation) is a receiver */
    WORST_QUALITY = 4
};

struct claim {
    uint8_t source;
    uint8_t quality; /* 0 = best */
    int64_t now_ms;
    int64_t heard_ms;
    uint64_t known;
    uint64_t hash;
    uint32_t *field_ds; /* FLIGHT_FIELD_COUNT times, or NULL with a single source */
};

struct entry {
    uint32_t icao; /* 0 = free */
    uint32_t next_free;
    uint8_t claim_count;
    struct claim *claims;
    int64_t offered_ms;
    int64_t sent_now_ms;
    int64_t sent_heard_ms;
    uint64_t sent_hash;
};

struct merge {
    size_t source_count;
    int64_t epoch_ms; /* of the deciseconds; 0 = not yet */
    struct address_map map;
    struct entry *entries;
    size_t used;
    size_t capacity;
    uint32_t free;
};

struct merge *merge_new(size_t source_count)
{
    assert(source_count <= MERGE_SOURCES_MAX);
    struct merge *m = xcalloc(1, sizeof *m);
    m->source_count = source_count;
    m->free = NO_ENTRY;
    address_map_init(&m->map);
    return m;
}

static void clear_entry(struct entry *entry)
{
    for (size_t i = 0; i < entry->claim_count; i++)
        free(entry->claims[i].field_ds);
    free(entry->claims);
    *entry = (struct entry){0};
}

void merge_free(struct merge *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->used; i++)
        clear_entry(&m->entries[i]);
    address_map_release(&m->map);
    free(m->entries);
    free(m);
}

size_t merge_count(const struct merge *m)
{
    return m->map.count;
}

void merge_expire(struct merge *m, int64_t now_ms)
{
    for (size_t i = 0; i < m->used; i++) {
        struct entry *entry = &m->entries[i];
        int64_t silent_ms = now_ms - entry->offered_ms;
        bool old = silent_ms > MERGE_FORGET_MS || silent_ms < -CLOCK_JUMP_MS;
        if (entry->icao == 0 || !old)
            continue;
        address_map_remove(&m->map, entry->icao);
        clear_entry(entry);
        entry->next_free = m->free;
        m->free = (uint32_t)i;
    }
}

static struct entry *new_entry(struct merge *m, uint32_t icao)
{
    uint32_t at = m->free;
    if (at != NO_ENTRY) {
        m->free = m->entries[at].next_free;
    } else {
        if (m->used == MERGE_MAX)
            return NULL;
        if (m->used == m->capacity) {
            m->capacity = m->capacity == 0 ? 256 : m->capacity * 2;
            m->entries = xreallocarray(m->entries, m->capacity, sizeof *m->entries);
        }
        at = (uint32_t)m->used++;
    }
    m->entries[at] = (struct entry){.icao = icao};
    address_map_add(&m->map, icao, at);
    return &m->entries[at];
}

static struct entry *entry_of(struct merge *m, uint32_t icao)
{
    uint32_t at;
    if (address_map_find(&m->map, icao, &at))
        return &m->entries[at];
    return new_entry(m, icao);
}

static struct claim *claim_of(struct merge *m, struct entry *entry, size_t source)
{
    for (size_t i = 0; i < entry->claim_count; i++)
        if (entry->claims[i].source == source)
            return &entry->claims[i];
    size_t count = (size_t)entry->claim_count + 1;
    entry->claims = xreallocarray(entry->claims, count, sizeof *entry->claims);
    struct claim *claim = &entry->claims[entry->claim_count++];
    *claim = (struct claim){.source = (uint8_t)source, .quality = DEFAULT_QUALITY};
    if (m->source_count > 1)
        claim->field_ds = xcalloc(FLIGHT_FIELD_COUNT, sizeof *claim->field_ds);
    return claim;
}

static uint8_t quality_of(const struct observation *obs, uint8_t fallback)
{
    if (!(obs->present & FLIGHT_BIT(FLIGHT_ADDR_TYPE)))
        return fallback;
    switch ((enum flight_addr_type)obs->v.num[FLIGHT_ADDR_TYPE]) {
    case FLIGHT_ADDR_ADSB_ICAO:
    case FLIGHT_ADDR_ADSB_ICAO_NT: return 0;
    case FLIGHT_ADDR_ADSB_OTHER:
    case FLIGHT_ADDR_ADSR_ICAO:
    case FLIGHT_ADDR_ADSR_OTHER: return 1;
    case FLIGHT_ADDR_MLAT: return 2;
    case FLIGHT_ADDR_TISB_ICAO:
    case FLIGHT_ADDR_TISB_OTHER:
    case FLIGHT_ADDR_TISB_TRACKFILE: return 3;
    case FLIGHT_ADDR_ADSC:
    case FLIGHT_ADDR_OTHER:
    case FLIGHT_ADDR_MODE_S:
    case FLIGHT_ADDR_MODE_AC:
    case FLIGHT_ADDR_UNKNOWN: return WORST_QUALITY;
    }
    return WORST_QUALITY;
}

/* --- content ------------------------------------------------------------- */

/* What is compared: not who says it, nor what changes with every message. */
#define CONTENT_FIELDS                                                                 \
    (~(FLIGHT_BIT(FLIGHT_SRC) | FLIGHT_BIT(FLIGHT_MESSAGES) | FLIGHT_BIT(FLIGHT_RSSI)))

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = mix(hash, (unsigned char)*text);
    return hash;
}

static uint64_t content_hash(const struct observation *obs)
{
    uint64_t fields = obs->present & CONTENT_FIELDS;
    uint64_t hash = mix(mix(1, fields), obs->cleared);
    for (uint64_t left = fields; left != 0; left &= left - 1) {
        int field = __builtin_ctzll(left);
        if (field < FLIGHT_NUM_COUNT)
            hash = mix(hash, (uint32_t)obs->v.num[field]);
        else
            hash = hash_text(hash, flight_values_text(&obs->v, field));
    }
    return hash;
}

/* --- who wins ------------------------------------------------------------ */

static int64_t field_time_ms(const struct observation *obs, int field)
{
    bool position = (FLIGHT_POSITION_FIELDS & FLIGHT_BIT(field)) != 0;
    return position && obs->pos_at_ms != 0 ? obs->pos_at_ms : obs->heard_at_ms;
}

static uint32_t to_ds(const struct merge *m, int64_t at_ms)
{
    int64_t ds = (at_ms - m->epoch_ms) / 100;
    return ds < 0 ? 0 : (uint32_t)MIN_OF(ds, (int64_t)UINT32_MAX);
}

/* True when the other claim's word on a field stands against one of at_ms. */
static bool is_beaten(const struct merge *m, const struct claim *own,
                      const struct claim *other, int field, int64_t at_ms)
{
    int64_t later_ms =
        ((int64_t)to_ds(m, at_ms) - (int64_t)other->field_ds[field]) * 100;
    if (other->quality < own->quality)
        return later_ms < MERGE_FRESH_MS;
    if (other->quality > own->quality)
        return later_ms < -MERGE_FRESH_MS;
    return later_ms < 0;
}

static uint64_t beaten_by(const struct merge *m, const struct claim *own,
                          const struct claim *other, const struct observation *obs)
{
    uint64_t beaten = 0;
    for (uint64_t left = obs->present & other->known & CONTENT_FIELDS; left != 0;
         left &= left - 1) {
        int field = __builtin_ctzll(left);
        if (is_beaten(m, own, other, field, field_time_ms(obs, field)))
            beaten |= FLIGHT_BIT(field);
    }
    /* Both coordinates or none; and the type tells where the position is from. */
    const uint64_t group = FLIGHT_POSITION_FIELDS | FLIGHT_BIT(FLIGHT_ADDR_TYPE);
    if (beaten & FLIGHT_POSITION_FIELDS)
        beaten |= group & obs->present;
    else if (obs->present & FLIGHT_POSITION_FIELDS)
        beaten &= ~group;
    return beaten;
}

/* Takes out of ret_obs what other sources know better. */
static void yield_to_others(const struct merge *m, const struct entry *entry,
                            const struct claim *own, struct observation *ret_obs)
{
    uint64_t beaten = 0;
    for (size_t i = 0; i < entry->claim_count; i++)
        if (&entry->claims[i] != own)
            beaten |= beaten_by(m, own, &entry->claims[i], ret_obs);
    ret_obs->present &= ~beaten;
    if (beaten & FLIGHT_POSITION_FIELDS)
        ret_obs->pos_at_ms = 0;
}

/* Fields that other sources, not silent for long, know. */
static uint64_t known_to_others(const struct entry *entry, const struct claim *own,
                                int64_t now_ms)
{
    uint64_t known = 0;
    for (size_t i = 0; i < entry->claim_count; i++)
        if (&entry->claims[i] != own && entry->claims[i].heard_ms > now_ms - LAPSE_MS)
            known |= entry->claims[i].known;
    return known;
}

static void update_claim(const struct merge *m, struct claim *claim, bool full_state,
                         const struct observation *obs)
{
    uint64_t kept = full_state ? 0 : claim->known & ~obs->cleared;
    claim->known = kept | obs->present;
    claim->now_ms = obs->now_ms;
    claim->heard_ms = MAX_OF(claim->heard_ms, obs->heard_at_ms);
    for (uint64_t left = claim->field_ds != NULL ? obs->present : 0; left != 0;
         left &= left - 1) {
        int field = __builtin_ctzll(left);
        claim->field_ds[field] = to_ds(m, field_time_ms(obs, field));
    }
}

/* The source's words of before, or older ones (an address twice in a document). */
static bool tells_nothing_new(const struct claim *claim, const struct observation *obs,
                              uint64_t hash)
{
    int64_t later_ms = obs->heard_at_ms - claim->heard_ms;
    if (later_ms < -SAME_MS && obs->now_ms <= claim->now_ms)
        return true;
    return later_ms <= SAME_MS && hash == claim->hash;
}

/* Whether `out`, what is left of `obs`, is worth a record; if so it counts as sent. */
static bool is_worth_sending(struct entry *entry, const struct observation *obs,
                             struct observation *out)
{
    uint64_t hash = content_hash(out);
    bool all_lost = out->present == 0 && obs->present != 0 && out->cleared == 0;
    bool repeat = hash == entry->sent_hash &&
                  out->heard_at_ms <= entry->sent_heard_ms + MERGE_REPEAT_MS;
    if (all_lost || repeat)
        return false;
    /* Records of several sources cross: none may look older than one before it. */
    out->now_ms = MAX_OF(out->now_ms, entry->sent_now_ms);
    entry->sent_now_ms = out->now_ms;
    entry->sent_heard_ms = MAX_OF(entry->sent_heard_ms, out->heard_at_ms);
    entry->sent_hash = hash;
    return true;
}

enum merge_verdict merge_offer(struct merge *m, size_t source, bool full_state,
                               const struct observation *obs, int64_t now_ms,
                               struct observation *ret_obs)
{
    assert(source < m->source_count);
    if (m->epoch_ms == 0)
        m->epoch_ms = now_ms - MERGE_FORGET_MS;
    struct entry *entry = entry_of(m, obs->icao);
    if (entry == NULL)
        return MERGE_FULL;
    struct claim *claim = claim_of(m, entry, source);
    uint64_t hash = content_hash(obs);
    entry->offered_ms = now_ms;
    if (claim->heard_ms > now_ms + CLOCK_JUMP_MS)
        claim->heard_ms = claim->now_ms = entry->sent_heard_ms = entry->sent_now_ms = 0;
    if (tells_nothing_new(claim, obs, hash))
        return MERGE_DUPLICATE;
    struct observation out = *obs;
    claim->quality = quality_of(obs, claim->quality);
    if (entry->claim_count > 1)
        yield_to_others(m, entry, claim, &out);
    uint64_t gone = full_state ? claim->known & ~obs->present : 0;
    out.cleared |= gone & CONTENT_FIELDS & ~known_to_others(entry, claim, now_ms);
    claim->hash = hash;
    update_claim(m, claim, full_state, obs);
    if (!is_worth_sending(entry, obs, &out))
        return MERGE_DUPLICATE;
    *ret_obs = out;
    return MERGE_SEND;
}
