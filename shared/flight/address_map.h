/*
 * Aircraft address -> slot: an open-addressing hash with linear probing and
 * backward-shift deletion, so that it never fills up with deleted entries. At
 * most half full. Owned by one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_entry {
    uint32_t icao;
    uint32_t slot_plus_1; /* 0 = empty */
};

struct address_map {
    struct address_entry *entries;
    size_t capacity; /* a power of two */
    size_t count;
};

void address_map_init(struct address_map *map);
void address_map_release(struct address_map *map);

/* The slot of an address; false when it is not in the map. */
bool address_map_find(const struct address_map *map, uint32_t icao, uint32_t *ret_slot);

/* Starts to fetch the place where an address is looked for into the cache. */
void address_map_prefetch(const struct address_map *map, uint32_t icao);

/* Adds an address that is not in the map. */
void address_map_add(struct address_map *map, uint32_t icao, uint32_t slot);

/* Removes an address that is in the map. */
void address_map_remove(struct address_map *map, uint32_t icao);
