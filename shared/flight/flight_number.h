/*
 * A decimal number as it was written, and its exact way to fixed point: the
 * scanner and the careful decoder round the same digits the same way, and no
 * binary fraction comes between. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* (negative ? -1 : 1) * mantissa / 10^decimals; decimals may be negative. */
struct flight_number {
    uint64_t mantissa;
    int32_t decimals;
    bool negative;
};

enum { FLIGHT_NUMBER_POWERS = 20 };

/* 10^0 .. 10^19. */
extern const uint64_t flight_number_powers[FLIGHT_NUMBER_POWERS];

/*
 * The number times 10^decimals (0..9), rounded half away from zero; false when
 * that is beyond 2^62.
 */
bool flight_number_to_fixed(struct flight_number number, int32_t decimals,
                            int64_t *ret_value);

/*
 * The shortest decimal number that reads back as this double (17 digits at
 * most), which is what its writer meant; d is finite.
 */
struct flight_number flight_number_from_double(double d);

/* The case of more than 15 digits of flight_number_survives_double. */
bool flight_number_long_survives(struct flight_number number, int32_t decimals);

/*
 * True when rounding to `decimals` cannot come out differently after the number
 * went through a double: always for 15 digits or fewer.
 */
static inline bool flight_number_survives_double(struct flight_number number,
                                                 int32_t decimals)
{
    return number.mantissa < UINT64_C(1000000000000000) ||
           flight_number_long_survives(number, decimals);
}
