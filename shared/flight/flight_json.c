#include "flight/flight_json.h"

#include <string.h>

#include <jansson.h>

#include "base/macros.h"
#include "flight/flight_names.h"
#include "flight/flight_record.h"

/* Names that older programs give to what readsb calls otherwise. */
static const struct alias {
    unsigned name;
    unsigned means;
} aliases[] = {
    {FLIGHT_KEY_TS, FLIGHT_KEY_NOW},
    {FLIGHT_KEY_ALTITUDE, FLIGHT_ALT_BARO},
    {FLIGHT_KEY_SPEED, FLIGHT_GS},
    {FLIGHT_KEY_GSCP, FLIGHT_GS},
    {FLIGHT_KEY_VERT_RATE, FLIGHT_BARO_RATE},
    {FLIGHT_KEY_NAV_ALTITUDE, FLIGHT_NAV_ALTITUDE_MCP},
};

/* The values of one object by key; NULL = not there. */
struct key_values {
    const json_t *at[FLIGHT_KEY_COUNT];
};

static void take_array(struct flight_record *r, unsigned key, const json_t *array)
{
    int32_t bits = 0;
    bool ok = key < FLIGHT_FIELD_COUNT && flight_bit_text(key, 0) != NULL;
    for (size_t i = 0; ok && i < json_array_size(array); i++) {
        const json_t *word = json_array_get(array, i);
        int32_t bit = 0;
        ok = json_is_string(word) && flight_bit_value(key, json_string_value(word),
                                                      json_string_length(word), &bit);
        bits |= bit;
    }
    if (ok)
        flight_record_bits(r, key, bits);
    else
        flight_record_refuse(r, key);
}

static struct flight_number integer_number(json_int_t i)
{
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    return (struct flight_number){.mantissa = magnitude, .negative = i < 0};
}

static void take_value(struct flight_record *r, unsigned key, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        flight_record_text(r, key, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        flight_record_number(r, key, integer_number(json_integer_value(value)));
        break;
    case JSON_REAL:
        flight_record_number(r, key, flight_number_from_double(json_real_value(value)));
        break;
    case JSON_NULL: flight_record_null(r, key); break;
    case JSON_ARRAY: take_array(r, key, value); break;
    case JSON_OBJECT:
    case JSON_TRUE:
    case JSON_FALSE: flight_record_refuse(r, key); break;
    }
}

static struct key_values sort_by_key(const json_t *object)
{
    struct key_values values = {0};
    const char *name;
    json_t *value;
    /* The iterator does not write, but its type in jansson is not const. */
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        unsigned key = flight_key_find(name, strlen(name));
        if (key != FLIGHT_KEY_NONE)
            values.at[key] = value;
    }
    return values;
}

/* The readsb name wins, then the first of the table. */
static void apply_aliases(struct key_values *values)
{
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
        if (values->at[aliases[i].means] == NULL)
            values->at[aliases[i].means] = values->at[aliases[i].name];
}

/* Where readsb put the position that is too old for the object itself. */
static void apply_last_position(struct key_values *values)
{
    const json_t *last = values->at[FLIGHT_KEY_LAST_POSITION];
    if (!json_is_object(last) || values->at[FLIGHT_LAT] != NULL ||
        values->at[FLIGHT_LON] != NULL)
        return;
    values->at[FLIGHT_LAT] = json_object_get(last, "lat");
    values->at[FLIGHT_LON] = json_object_get(last, "lon");
    const json_t *age = json_object_get(last, "seen_pos");
    if (age != NULL)
        values->at[FLIGHT_KEY_SEEN_POS] = age;
}

enum observation_reason flight_json_object(const struct json_t *object,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals)
{
    if (!json_is_object(object))
        return OBSERVATION_NOT_OBJECT;
    struct key_values values = sort_by_key(object);
    apply_aliases(&values);
    apply_last_position(&values);
    struct flight_record record;
    flight_record_begin(&record, options);
    for (unsigned i = 0; i <= FLIGHT_KEY_SEEN_POS; i++)
        if (values.at[i] != NULL)
            take_value(&record, i, values.at[i]);
    return flight_record_finish(&record, options, ret_obs, ret_refusals);
}

enum observation_reason flight_json_decode(const char *json, size_t n,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals)
{
    json_error_t error;
    json_t *object =
        json_loadb(json, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (object == NULL)
        return json_error_code(&error) == json_error_duplicate_key
                   ? OBSERVATION_DUPLICATE_KEY
                   : OBSERVATION_NOT_JSON;
    enum observation_reason reason =
        flight_json_object(object, options, ret_obs, ret_refusals);
    json_decref(object);
    return reason;
}
