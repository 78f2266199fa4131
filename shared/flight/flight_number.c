#include "flight/flight_number.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT     (UINT64_C(1) << 62)
#define DIGITS_15 UINT64_C(1000000000000000)

enum {
    DIGITS_SAFE = 15, /* DBL_DIG: survive the way through a double */
    DIGITS_FULL = 17, /* enough to tell any two doubles apart */
    SHORT_DECIMALS = 9
};

const uint64_t flight_number_powers[FLIGHT_NUMBER_POWERS] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* m / 10^places, rounded half up; one digit too many is common and cheaper. */
static uint64_t drop_digits(uint64_t m, int32_t places)
{
    if (places == 1)
        return m / 10 + (m % 10 >= 5);
    if (places >= FLIGHT_NUMBER_POWERS)
        return 0; /* m < 2^64 < 10^20 / 2 */
    uint64_t power = flight_number_powers[places];
    return m / power + (m % power >= power / 2);
}

bool flight_number_to_fixed(struct flight_number number, int32_t decimals,
                            int64_t *ret_value)
{
    uint64_t m = number.mantissa;
    int32_t shift = decimals - number.decimals;
    if (shift < 0) {
        m = drop_digits(m, -shift);
    } else if (m != 0 && shift > 0) {
        if (shift >= FLIGHT_NUMBER_POWERS || m > LIMIT / flight_number_powers[shift])
            return false;
        m *= flight_number_powers[shift];
    }
    if (m > LIMIT)
        return false;
    *ret_value = number.negative ? -(int64_t)m : (int64_t)m;
    return true;
}

/* Reads d.ddde+xx as "%e" writes it, whatever the locale's decimal point is. */
static struct flight_number read_scientific(const char *text, int32_t precision)
{
    struct flight_number number = {.negative = *text == '-'};
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at >= '0' && *at <= '9')
            number.mantissa = number.mantissa * 10 + (uint64_t)(*at - '0');
    number.decimals = precision - (int32_t)strtol(at + 1, NULL, 10);
    return number;
}

/*
 * Most numbers have few decimals: m / 10^k is rounded correctly, so where it
 * gives back d, and m has 15 digits at most, m and k are what was written.
 */
static bool read_short(double d, struct flight_number *ret_number)
{
    double magnitude = fabs(d);
    for (int32_t k = 0; k <= SHORT_DECIMALS; k++) {
        double power = (double)flight_number_powers[k];
        double m = nearbyint(magnitude * power);
        if (m >= (double)DIGITS_15)
            return false;
        double back = m / power;
        if (back >= magnitude && back <= magnitude) {
            *ret_number = (struct flight_number){
                .mantissa = (uint64_t)m, .decimals = k, .negative = d < 0};
            return true;
        }
    }
    return false;
}

struct flight_number flight_number_from_double(double d)
{
    char text[40];
    struct flight_number number;
    assert(isfinite(d));
    if (read_short(d, &number))
        return number;
    for (int digits = DIGITS_SAFE; digits < DIGITS_FULL; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, d);
        double back = strtod(text, NULL);
        if (back >= d && back <= d)
            return read_scientific(text, digits - 1);
    }
    snprintf(text, sizeof text, "%.*e", DIGITS_FULL - 1, d);
    return read_scientific(text, DIGITS_FULL - 1);
}

bool flight_number_long_survives(struct flight_number number, int32_t decimals)
{
    int32_t places = number.decimals - decimals;
    if (places <= 0 || places >= FLIGHT_NUMBER_POWERS)
        return false;
    uint64_t power = flight_number_powers[places];
    uint64_t rest = number.mantissa % power;
    uint64_t from_tie = rest > power / 2 ? rest - power / 2 : power / 2 - rest;
    /* A double is off by 2^-53 of its value at most; leave eight times that. */
    return from_tie > number.mantissa >> 50;
}
