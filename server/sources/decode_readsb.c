#include "sources/decode_readsb.h"

static enum observation_reason decode_object(struct json_slice row, int64_t now_ms,
                                             struct observation *ret_obs,
                                             struct flight_refusals *ret_refusals)
{
    const struct flight_decode_options options = {.clock_ms = now_ms,
                                                  .base_now_ms = now_ms};
    return flight_decode_with(row.at, row.len, &options, ret_obs, ret_refusals);
}

const struct document_format decode_readsb_format = {
    .rows_keys = {"aircraft", "ac"},
    .now_key = "now",
    .decode = decode_object,
};

enum observation_reason decode_readsb_line(const char *line, size_t len,
                                           int64_t heard_ms,
                                           struct observation *ret_obs,
                                           struct flight_refusals *ret_refusals)
{
    struct json_slice object = json_slice_trim(line, len);
    if (object.len > 0 && object.at[object.len - 1] == ',')
        object = json_slice_trim(object.at, object.len - 1);
    if (object.len == 0)
        return OBSERVATION_EMPTY;
    /* The other clock may be ahead: source_clock judges that, not the decoder. */
    const struct flight_decode_options options = {.clock_ms = DECODE_ANY_CLOCK_MS,
                                                  .base_now_ms = heard_ms};
    return flight_decode_with(object.at, object.len, &options, ret_obs, ret_refusals);
}
