#include "flight/operator.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct flight_operator operators[] = {
#include "flight/operator_table.inc"
};

#define OPERATORS (sizeof operators / sizeof operators[0])

/* ASCII only: the locale must not decide what a callsign is. */
static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int compare_icao(const void *key, const void *row)
{
    return strncmp(key, ((const struct flight_operator *)row)->icao, 3);
}

const struct flight_operator *operator_of_callsign(const char *callsign)
{
    for (int i = 0; i < 3; i++) {
        if (!is_letter(callsign[i]))
            return NULL;
    }
    if (!is_digit(callsign[3]))
        return NULL;
    return bsearch(callsign, operators, OPERATORS, sizeof operators[0], compare_icao);
}

const struct flight_operator *operator_by_icao(const char *icao)
{
    if (strlen(icao) != 3)
        return NULL;
    return bsearch(icao, operators, OPERATORS, sizeof operators[0], compare_icao);
}
