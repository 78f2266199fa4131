#include "flight/aircraft_type.h"

#include <stdlib.h>
#include <string.h>

static const struct type {
    char designator[5];
    const char *name;
} types[] = {
#include "flight/aircraft_type_table.inc"
};

#define TYPES (sizeof types / sizeof types[0])

static int compare_designator(const void *key, const void *row)
{
    return strcmp(key, ((const struct type *)row)->designator);
}

const char *aircraft_type_name(const char *designator)
{
    const struct type *found =
        bsearch(designator, types, TYPES, sizeof types[0], compare_designator);
    return found != NULL ? found->name : NULL;
}

const char *aircraft_type_at(size_t i)
{
    return i < TYPES ? types[i].designator : NULL;
}

const char *aircraft_category_name(int32_t category)
{
    static const char *const names[4][8] = {
        {NULL, "light", "small", "large", "high vortex large", "heavy",
         "high performance", "rotorcraft"},
        {NULL, "glider", "lighter than air", "parachutist", "ultralight", NULL,
         "unmanned", "space vehicle"},
        {NULL, "emergency vehicle", "service vehicle", "obstacle", "obstacle cluster",
         "line obstacle", NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
    };
    int32_t set = (category >> 4) - 0xA;
    int32_t number = category & 0xF;
    return set >= 0 && set < 4 && number < 8 ? names[set][number] : NULL;
}
