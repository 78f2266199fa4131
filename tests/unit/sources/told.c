#include "told.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "flight/flight_encode.h"

const char *told(enum observation_reason reason, const struct observation *obs,
                 const struct flight_refusals *refusals)
{
    static char line[FLIGHT_ENCODE_MAX + 32];
    struct strbuf text;
    if (reason != OBSERVATION_NONE) {
        snprintf(line, sizeof line, "refused %s", observation_reason_text(reason));
        return line;
    }
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    flight_encode_record(&text, obs);
    if (refusals->count > 0)
        snprintf(line, sizeof line, "%s -%u", strbuf_text(&text), refusals->count);
    else
        snprintf(line, sizeof line, "%s", strbuf_text(&text));
    strbuf_release(&text);
    return line;
}
