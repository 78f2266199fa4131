#include "flight/flight.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct flight *flight_ref(struct flight *f)
{
    uint32_t before = atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    assert(before > 0);
    (void)before;
    return f;
}

void flight_unref(struct flight *f)
{
    if (f == NULL)
        return;
    /* Release our reads before another thread frees the row or writes to it. */
    uint32_t before = atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before == 1)
        free(f);
}

void flight_format_hex(uint32_t icao, char ret_hex[FLIGHT_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    char *at = ret_hex;
    if (icao & FLIGHT_NON_ICAO)
        *at++ = '~';
    for (int shift = 20; shift >= 0; shift -= 4)
        *at++ = digits[icao >> shift & 0xf];
    *at = '\0';
}

/* The value of a hexadecimal digit plus one, 0 of all that is none. */
static const uint8_t hex_digits[UCHAR_MAX + 1] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool flight_parse_hex(const char *text, unsigned long n, uint32_t *ret_icao)
{
    uint32_t icao = 0;
    uint32_t flag = 0;
    if (n == 7 && text[0] == '~') {
        flag = FLIGHT_NON_ICAO;
        text++;
        n--;
    }
    if (n != 6)
        return false;
    for (unsigned long i = 0; i < n; i++) {
        unsigned digit = hex_digits[(unsigned char)text[i]];
        if (digit == 0)
            return false;
        icao = icao << 4 | (digit - 1);
    }
    *ret_icao = icao | flag;
    return true;
}
