#include "flight/address_map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

enum { FIRST_CAPACITY = 1024 };

void address_map_init(struct address_map *map)
{
    *map = (struct address_map){.capacity = FIRST_CAPACITY};
    map->entries = xcalloc(map->capacity, sizeof *map->entries);
}

void address_map_release(struct address_map *map)
{
    free(map->entries);
    *map = (struct address_map){0};
}

/* Fibonacci hashing: blocks of consecutive addresses spread over the table. */
static size_t home_of(const struct address_map *map, uint32_t icao)
{
    return (size_t)(icao * UINT32_C(2654435769) >> 7) & (map->capacity - 1);
}

/* The entry of an address, or the empty one where it would go. */
static struct address_entry *probe(const struct address_map *map, uint32_t icao)
{
    size_t at = home_of(map, icao);
    while (map->entries[at].slot_plus_1 != 0 && map->entries[at].icao != icao)
        at = (at + 1) & (map->capacity - 1);
    return &map->entries[at];
}

bool address_map_find(const struct address_map *map, uint32_t icao, uint32_t *ret_slot)
{
    const struct address_entry *entry = probe(map, icao);
    if (entry->slot_plus_1 == 0)
        return false;
    *ret_slot = entry->slot_plus_1 - 1;
    return true;
}

void address_map_prefetch(const struct address_map *map, uint32_t icao)
{
    __builtin_prefetch(&map->entries[home_of(map, icao)]);
}

static void grow(struct address_map *map)
{
    struct address_map bigger = {.capacity = map->capacity * 2, .count = map->count};
    bigger.entries = xcalloc(bigger.capacity, sizeof *bigger.entries);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].slot_plus_1 != 0)
            *probe(&bigger, map->entries[i].icao) = map->entries[i];
    free(map->entries);
    *map = bigger;
}

void address_map_add(struct address_map *map, uint32_t icao, uint32_t slot)
{
    if ((map->count + 1) * 2 > map->capacity)
        grow(map);
    struct address_entry *entry = probe(map, icao);
    assert(entry->slot_plus_1 == 0);
    *entry = (struct address_entry){.icao = icao, .slot_plus_1 = slot + 1};
    map->count++;
}

void address_map_remove(struct address_map *map, uint32_t icao)
{
    const size_t mask = map->capacity - 1;
    size_t hole = (size_t)(probe(map, icao) - map->entries);
    assert(map->entries[hole].slot_plus_1 != 0);
    /* Move back what probing would no longer reach across the hole. */
    for (size_t at = (hole + 1) & mask; map->entries[at].slot_plus_1 != 0;
         at = (at + 1) & mask) {
        size_t home = home_of(map, map->entries[at].icao);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->entries[hole] = map->entries[at];
            hole = at;
        }
    }
    map->entries[hole] = (struct address_entry){0};
    map->count--;
}
