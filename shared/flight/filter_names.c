#include "flight/filter_names.h"

#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

static const struct name_row {
    const char *name;
    unsigned subject;
} rows[] = {
    /* The first row of a subject is its canonical name. */
    {"hex", FILTER_HEX},
    {"callsign", FLIGHT_CALLSIGN},
    {"reg", FLIGHT_REGISTRATION},
    {"type", FLIGHT_TYPE_CODE},
    {"category", FLIGHT_CATEGORY},
    {"country", FILTER_COUNTRY},
    {"operator", FILTER_OPERATOR},
    {"squawk", FLIGHT_SQUAWK},
    {"emergency", FLIGHT_EMERGENCY},
    {"alt", FLIGHT_ALT_BARO},
    {"gs", FLIGHT_GS},
    {"track", FLIGHT_TRACK},
    {"vrate", FILTER_VRATE},
    {"dist", FILTER_DIST},
    {"bearing", FILTER_BEARING},
    {"lat", FLIGHT_LAT},
    {"lon", FLIGHT_LON},
    {"age", FILTER_AGE},
    {"ground", FILTER_GROUND},
    {"mil", FILTER_MIL},
    {"src", FLIGHT_SRC},
    {"seen_pos", FILTER_POS_AGE},
    {"seen", FILTER_AGE},
    {"addr_type", FLIGHT_ADDR_TYPE}, /* its wire name is "type" */
};

enum { NEAR_MAX = 2, NAME_MAX_LENGTH = 24 };

/* The row of a subject's canonical name; NULL when it is known by its wire name. */
static const struct name_row *row_of(unsigned subject)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].subject == subject)
            return &rows[i];
    return NULL;
}

const char *filter_subject_name(unsigned subject)
{
    const struct name_row *row = row_of(subject);
    return row != NULL ? row->name : flight_field_info[subject].key;
}

const char *filter_names_at(size_t i)
{
    if (i < ARRAY_LEN(rows))
        return rows[i].name;
    i -= ARRAY_LEN(rows);
    for (unsigned field = 0; field < FLIGHT_FIELD_COUNT; field++)
        if (row_of(field) == NULL && i-- == 0)
            return flight_field_info[field].key;
    return NULL;
}

static bool same_name(const char *name, const char *text, size_t n)
{
    return strlen(name) == n && strncasecmp(name, text, n) == 0;
}

unsigned filter_subject_find(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (same_name(rows[i].name, name, n))
            return rows[i].subject;
    for (unsigned field = 0; field < FLIGHT_FIELD_COUNT; field++)
        if (same_name(flight_field_info[field].key, name, n))
            return field;
    return FILTER_SUBJECT_NONE;
}

/* Letters to change, add, drop or swap to get from a to b (restricted Damerau). */
static unsigned edits_between(const char *a, size_t a_length, const char *b,
                              size_t b_length)
{
    unsigned cost[NAME_MAX_LENGTH + 1][NAME_MAX_LENGTH + 1];
    for (size_t i = 0; i <= a_length; i++)
        cost[i][0] = (unsigned)i;
    for (size_t j = 0; j <= b_length; j++)
        cost[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        for (size_t j = 1; j <= b_length; j++) {
            bool same = (a[i - 1] | 0x20) == (b[j - 1] | 0x20);
            unsigned best = cost[i - 1][j - 1] + !same;
            best = MIN_OF(best, cost[i - 1][j] + 1);
            best = MIN_OF(best, cost[i][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN_OF(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[a_length][b_length];
}

const char *filter_subject_suggest(const char *name, size_t n)
{
    const char *nearest = NULL;
    unsigned fewest = NEAR_MAX + 1;
    const char *candidate;
    if (n > NAME_MAX_LENGTH)
        return NULL;
    for (size_t i = 0; (candidate = filter_names_at(i)) != NULL; i++) {
        size_t length = strlen(candidate);
        unsigned edits = edits_between(name, n, candidate, length);
        if (edits < fewest && edits <= n / 3) {
            nearest = candidate;
            fewest = edits;
        }
    }
    return nearest;
}

enum filter_kind filter_subject_kind(unsigned subject)
{
    switch (subject) {
    case FILTER_HEX:
    case FILTER_COUNTRY:
    case FILTER_OPERATOR: return FILTER_STRING;
    case FILTER_GROUND:
    case FILTER_MIL: return FILTER_BOOLEAN;
    default: break;
    }
    if (subject >= FLIGHT_FIELD_COUNT)
        return FILTER_NUMBER;
    switch (flight_field_info[subject].kind) {
    case FLIGHT_KIND_INT:
    case FLIGHT_KIND_ALTITUDE: return FILTER_NUMBER;
    case FLIGHT_KIND_SQUAWK: return FILTER_SQUAWK;
    case FLIGHT_KIND_ENUM: return FILTER_CHOICE;
    case FLIGHT_KIND_BITS:
        return flight_bit_text(subject, 0) != NULL ? FILTER_MODES : FILTER_NUMBER;
    case FLIGHT_KIND_CATEGORY:
    case FLIGHT_KIND_TEXT: return FILTER_STRING;
    }
    return FILTER_NUMBER;
}

unsigned filter_subject_decimals(unsigned subject)
{
    switch (subject) {
    case FILTER_DIST:
    case FILTER_BEARING:
    case FILTER_AGE:
    case FILTER_POS_AGE: return 3;
    default: break;
    }
    return subject < FLIGHT_FIELD_COUNT ? flight_field_info[subject].decimals : 0;
}

uint64_t filter_subject_fields(unsigned subject)
{
    switch (subject) {
    case FILTER_DIST:
    case FILTER_BEARING:
    case FILTER_POS_AGE: return FLIGHT_POSITION_FIELDS;
    case FILTER_OPERATOR: return FLIGHT_BIT(FLIGHT_CALLSIGN);
    case FILTER_GROUND: return FLIGHT_BIT(FLIGHT_ALT_BARO);
    case FILTER_MIL: return FLIGHT_BIT(FLIGHT_DB_FLAGS);
    case FILTER_VRATE:
        return FLIGHT_BIT(FLIGHT_BARO_RATE) | FLIGHT_BIT(FLIGHT_GEOM_RATE);
    default: break;
    }
    return subject < FLIGHT_FIELD_COUNT ? FLIGHT_BIT(subject) : 0;
}
