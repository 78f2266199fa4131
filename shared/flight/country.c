#include "flight/country.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Disjoint and in order: nesting is resolved when the table is made. */
struct block {
    uint32_t first, last;
    char iso2[3];
    uint8_t military;
};

struct country {
    char iso2[3];
    const char *name;
};

#include "flight/country_table.inc"

#define BLOCKS    (sizeof blocks / sizeof blocks[0])
#define COUNTRIES (sizeof countries / sizeof countries[0])

static int compare_block(const void *key, const void *row)
{
    uint32_t icao24 = *(const uint32_t *)key;
    const struct block *b = row;

    return icao24 < b->first ? -1 : icao24 > b->last;
}

static const struct block *block_of(uint32_t icao24)
{
    return bsearch(&icao24, blocks, BLOCKS, sizeof blocks[0], compare_block);
}

static int compare_country(const void *key, const void *row)
{
    return strcmp(key, ((const struct country *)row)->iso2);
}

const char *country_of_icao24(uint32_t icao24)
{
    const struct block *b = block_of(icao24);

    return b ? b->iso2 : NULL;
}

const char *country_name(const char *iso2)
{
    const struct country *c =
        bsearch(iso2, countries, COUNTRIES, sizeof countries[0], compare_country);

    return c ? c->name : NULL;
}

bool icao24_is_military(uint32_t icao24)
{
    const struct block *b = block_of(icao24);

    return b && b->military;
}

bool country_icao24_range(const char *iso2, uint32_t *ret_first, uint32_t *ret_count)
{
    const struct block *best = NULL;

    for (size_t i = 0; i < BLOCKS; i++) {
        const struct block *b = &blocks[i];

        if (!b->military && strcmp(b->iso2, iso2) == 0 &&
            (!best || b->last - b->first > best->last - best->first)) {
            best = b;
        }
    }
    if (!best)
        return false;
    *ret_first = best->first;
    *ret_count = best->last - best->first + 1;
    return true;
}
