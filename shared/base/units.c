#include "base/units.h"

#include <stddef.h>
#include <string.h>

#include "base/macros.h"

#define METRES_PER_FOOT 0.3048
#define KM_PER_NM       1.852
#define KM_PER_MILE     1.609344

static const struct unit {
    const char *label;
    double factor; /* shown = kept * factor */
    unsigned decimals;
} units[][QUANTITY_COUNT] = {
    [UNITS_AVIATION] = {[QUANTITY_ALTITUDE] = {"ft", 1, 0},
                        [QUANTITY_SPEED] = {"kt", 1, 0},
                        [QUANTITY_DISTANCE] = {"nm", 1, 0},
                        [QUANTITY_VERTICAL_RATE] = {"fpm", 1, 0}},
    [UNITS_METRIC] = {[QUANTITY_ALTITUDE] = {"m", METRES_PER_FOOT, 0},
                      [QUANTITY_SPEED] = {"km/h", KM_PER_NM, 0},
                      [QUANTITY_DISTANCE] = {"km", KM_PER_NM, 0},
                      [QUANTITY_VERTICAL_RATE] = {"m/s", METRES_PER_FOOT / 60, 1}},
    [UNITS_IMPERIAL] = {[QUANTITY_ALTITUDE] = {"ft", 1, 0},
                        [QUANTITY_SPEED] = {"mph", KM_PER_NM / KM_PER_MILE, 0},
                        [QUANTITY_DISTANCE] = {"mi", KM_PER_NM / KM_PER_MILE, 0},
                        [QUANTITY_VERTICAL_RATE] = {"fpm", 1, 0}},
};

static const char *const system_names[] = {
    [UNITS_AVIATION] = "aviation",
    [UNITS_METRIC] = "metric",
    [UNITS_IMPERIAL] = "imperial",
};

bool unit_system_parse(const char *text, enum unit_system *ret_system)
{
    for (size_t i = 0; i < ARRAY_LEN(system_names); i++) {
        if (strcmp(text, system_names[i]) == 0) {
            *ret_system = (enum unit_system)i;
            return true;
        }
    }
    return false;
}

const char *unit_system_name(enum unit_system system)
{
    return system_names[system];
}

enum unit_system unit_system_next(enum unit_system system)
{
    return (enum unit_system)((system + 1) % ARRAY_LEN(system_names));
}

double units_shown(enum unit_system system, enum quantity quantity, double kept)
{
    return kept * units[system][quantity].factor;
}

double units_kept(enum unit_system system, enum quantity quantity, double shown)
{
    return shown / units[system][quantity].factor;
}

const char *units_label(enum unit_system system, enum quantity quantity)
{
    return units[system][quantity].label;
}

unsigned units_decimals(enum unit_system system, enum quantity quantity)
{
    return units[system][quantity].decimals;
}
