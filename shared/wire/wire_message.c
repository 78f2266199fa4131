#include "wire/wire_message.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/macros.h"
#include "flight/flight_fields.h"

void wire_message_release(struct wire_message *message)
{
    free(message->flights);
    free(message->entered);
    free(message->removed);
    json_decref(message->body);
    memset(message, 0, sizeof *message);
}

void wire_settle_ages(struct observation *obs, struct wire_ages ages, int64_t time_ms,
                      bool snapshot)
{
    obs->now_ms = time_ms;
    obs->heard_at_ms = time_ms - MAX_OF(ages.seen_ms, 0);
    if (ages.seen_pos_ms >= 0)
        obs->pos_at_ms = time_ms - ages.seen_pos_ms;
    else if ((obs->present & FLIGHT_POSITION_FIELDS) != 0)
        obs->pos_at_ms = snapshot ? obs->heard_at_ms : time_ms;
}
