/* BaseStation lines, one after the other. */
#include <string.h>

#include "fuzz_record.h"
#include "sources/decode_sbs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *end = at + size;
    while (at < end) {
        struct observation obs;
        struct flight_refusals refusals;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline != NULL ? newline : end) - at);
        int64_t at_ms;
        decode_sbs_time(at, n, &at_ms);
        if (decode_sbs(at, n, INT64_C(1700000000000), &obs, &refusals) ==
            OBSERVATION_NONE)
            check_record(&obs);
        at += n + (newline != NULL);
    }
    return 0;
}
