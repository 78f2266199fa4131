#include "sources/decode_adsbv2.h"

static enum observation_reason decode_object(struct json_slice row, int64_t now_ms,
                                             struct observation *ret_obs,
                                             struct flight_refusals *ret_refusals)
{
    const struct flight_decode_options options = {
        .clock_ms = now_ms, .base_now_ms = now_ms, .now_in_ms = true};
    return flight_decode_with(row.at, row.len, &options, ret_obs, ret_refusals);
}

const struct document_format decode_adsbv2_format = {
    .rows_keys = {"ac", "aircraft"},
    .now_key = "now",
    .decode = decode_object,
};
