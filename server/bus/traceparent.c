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
    memset(ret_text, '-', TRACEPARENT_SIZE - 1);
    ret_text[0] = ret_text[1] = '0'; /* version 00 */
    add_hex(add_hex(ret_text + 3, next_random()), next_random());
    add_hex(ret_text + 36, next_random());
    ret_text[53] = '0'; /* flags 01: sampled */
    ret_text[54] = '1';
    ret_text[55] = '\0';
}
