#include "flight/flight_decode.h"

#include "flight/flight_json.h"
#include "flight/flight_scan.h"

enum observation_reason flight_decode_with(const char *json, size_t n,
                                           const struct flight_decode_options *options,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals)
{
    enum observation_reason reason;
    if (n == 0)
        return OBSERVATION_EMPTY;
    if (n > FLIGHT_DECODE_MAX)
        return OBSERVATION_TOO_LARGE;
    if (flight_scan(json, n, options, &reason, ret_obs, ret_refusals))
        return reason;
    return flight_json_decode(json, n, options, ret_obs, ret_refusals);
}

enum observation_reason flight_decode(const char *json, size_t n, int64_t clock_ms,
                                      const char *default_src,
                                      struct observation *ret_obs)
{
    struct flight_decode_options options = {.clock_ms = clock_ms,
                                            .default_src = default_src};
    return flight_decode_with(json, n, &options, ret_obs, NULL);
}

enum observation_reason flight_check_key(const void *key, size_t n, uint32_t icao)
{
    uint32_t named;
    if (n == 0 || (flight_parse_hex(key, n, &named) && named == icao))
        return OBSERVATION_NONE;
    return OBSERVATION_WRONG_KEY;
}
