#include "bus/traceparent.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

/* splitmix64 (Steele, Lea, Flood 2014): enough to tell traces apart. */
static uint64_t next_random(void)
{
    static _Thread_local uint64_t state;
    if (state == 0 && getrandom(&state, sizeof state, 0) != sizeof state)
        state = (uint64_t)clock_mono_ns();
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) | 1; /* an id of zeros is invalid */
}

static char *add_hex(char *out, uint64_t v)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *out++ = "0123456789abcdef"[v >> shift & 15];
    return out;
}

void traceparent_random(char ret_text[TRACEPARENT_SIZE])
{
    char *out = ret_text;
    memcpy(out, "00-", 3);
    out = add_hex(out + 3, next_random());
    out = add_hex(out, next_random());
    *out++ = '-';
    out = add_hex(out, next_random());
    memcpy(out, "-01", sizeof "-01");
}
