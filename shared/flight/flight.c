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

/* The value of a hexadecimal digit, -1 when c is none. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

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
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return false;
        icao = icao << 4 | (uint32_t)digit;
    }
    *ret_icao = icao | flag;
    return true;
}
