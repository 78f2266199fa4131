/*
 * What one field of a flight says, as text in the viewer's units: for every field
 * there is, from its row in flight_fields.def. Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/units.h"
#include "flight/flight.h"

struct strbuf;

/* The field as a number in the units it is kept in; false when it is not known. */
bool flight_value_number(const struct flight *f, enum flight_field field, double *ret);

/* The quantity of a field, QUANTITY_COUNT when no system of units changes it. */
enum quantity flight_value_quantity(enum flight_field field);

/* The value without its unit; "" when it is not known. */
void flight_value_text(const struct flight *f, enum flight_field field,
                       enum unit_system units, struct strbuf *out);

/* The unit that flight_value_text's value is in, "" = none. */
const char *flight_value_unit(enum flight_field field, enum unit_system units);

/*
 * When the message came that the field's value stands on, epoch ms: the last one
 * with a position for latitude and longitude, the last one of any kind else.
 */
int64_t flight_value_heard_ms(const struct flight *f, enum flight_field field);
