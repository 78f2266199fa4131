#include "upstream/time_text.h"

#include <ctype.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/macros.h"

static const int64_t DURATION_MAX_MS = INT64_C(10) * 366 * 86400 * 1000;
static const double SECONDS_MAX = 253402300799.0; /* the end of the year 9999 */

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"ms", 1},
             {"s", 1000},
             {"m", 60000},
             {"h", 3600000},
             {"d", 86400000},
             {"w", 604800000},
             {"y", INT64_C(31536000000)}};

/* The unit at *p, which is moved behind it; 0 when there is none. */
static int64_t take_unit(const char **p)
{
    size_t len = 0;
    while (isalpha((unsigned char)(*p)[len]))
        len++;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (strlen(units[i].name) == len && strncmp(*p, units[i].name, len) == 0) {
            *p += len;
            return units[i].ms;
        }
    }
    return 0;
}

/* A plain decimal number that ends the text: no sign, no exponent, no hex. */
static bool read_seconds(const char *text, double *ret_seconds)
{
    if (!*text || text[strspn(text, "0123456789.")] != '\0')
        return false;
    char *end = NULL;
    *ret_seconds = strtod(text, &end);
    return *end == '\0' && end != text && *ret_seconds < SECONDS_MAX;
}

bool time_text_duration(const char *text, int64_t *ret_ms)
{
    double seconds = 0;
    int64_t total_ms = 0;
    if (read_seconds(text, &seconds)) {
        total_ms = seconds < 1e9 ? (int64_t)(seconds * 1e3 + 0.5) : 0;
    } else {
        const char *p = text;
        do {
            if (!isdigit((unsigned char)*p))
                return false;
            char *end = NULL;
            const unsigned long long n = strtoull(p, &end, 10);
            p = end;
            const int64_t unit_ms = take_unit(&p);
            if (unit_ms == 0 || n > (unsigned long long)(DURATION_MAX_MS / unit_ms))
                return false;
            total_ms += (int64_t)n * unit_ms;
        } while (*p && total_ms <= DURATION_MAX_MS);
    }
    if (total_ms <= 0 || total_ms > DURATION_MAX_MS)
        return false;
    *ret_ms = total_ms;
    return true;
}

bool time_text_moment(const char *text, int64_t *ret_ms)
{
    double seconds = 0;
    if (read_seconds(text, &seconds)) {
        *ret_ms = (int64_t)(seconds * 1e3 + 0.5);
        return true;
    }
    return clock_parse_iso8601(text, ret_ms);
}
