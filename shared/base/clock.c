#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ms(void)
{
    return read_ns(CLOCK_REALTIME) / 1000000;
}

int64_t clock_mono_ms(void)
{
    return read_ns(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_mono_us(void)
{
    return read_ns(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_mono_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_thread_cpu_us(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID) / 1000;
}

void clock_iso8601(int64_t wall_ms, char *ret_text)
{
    int64_t ms = wall_ms % 1000;
    time_t seconds = (time_t)(wall_ms / 1000);
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL)
        tm = (struct tm){.tm_mday = 1, .tm_year = 70};
    size_t n = strftime(ret_text, CLOCK_ISO8601_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_text + n, CLOCK_ISO8601_SIZE - n, ".%03dZ", (int)ms);
}

/* Reads ".123456" (any length) as milliseconds; *at moves past it. */
static int64_t parse_fraction(const char **at)
{
    int64_t ms = 0;
    int64_t unit = 100;
    if (**at != '.')
        return 0;
    for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
        ms += unit * (**at - '0');
    return ms;
}

/* Two digits at text as a number, -1 when they are not digits. */
static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* Reads Z, +hh:mm or -hhmm as minutes east; false when it is none of them. */
static bool parse_offset(const char *at, int *ret_minutes)
{
    if (strcmp(at, "Z") == 0 || strcmp(at, "z") == 0) {
        *ret_minutes = 0;
        return true;
    }
    if (*at != '+' && *at != '-')
        return false;
    int hours = two_digits(at + 1);
    if (hours < 0 || hours > 23)
        return false;
    const char *rest = at[3] == ':' ? at + 4 : at + 3;
    int minutes = two_digits(rest);
    if (minutes < 0 || minutes > 59 || rest[2] != '\0')
        return false;
    *ret_minutes = (*at == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool clock_parse_iso8601(const char *text, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *at = strptime(text, "%Y-%m-%d", &tm);
    if (at == NULL || (*at != 'T' && *at != 't' && *at != ' '))
        return false;
    at = strptime(at + 1, "%H:%M:%S", &tm);
    if (at == NULL)
        return false;
    int64_t ms = parse_fraction(&at);
    int minutes_east;
    if (!parse_offset(at, &minutes_east))
        return false;
    *ret_ms = ((int64_t)timegm(&tm) - (int64_t)minutes_east * 60) * 1000 + ms;
    return true;
}
