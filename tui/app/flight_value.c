#include "app/flight_value.h"

#include <string.h>

#include "base/strbuf.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

bool flight_value_number(const struct flight *f, enum flight_field field, double *ret)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e4, 1e5};
    if (!flight_has(f, field) || field >= FLIGHT_NUM_COUNT)
        return false;
    *ret = f->v.num[field] / scale[flight_field_info[field].decimals];
    return true;
}

enum quantity flight_value_quantity(enum flight_field field)
{
    const char *unit = flight_field_info[field].unit;
    if (strcmp(unit, "ft") == 0)
        return QUANTITY_ALTITUDE;
    if (strcmp(unit, "kt") == 0)
        return QUANTITY_SPEED;
    return strcmp(unit, "fpm") == 0 ? QUANTITY_VERTICAL_RATE : QUANTITY_COUNT;
}

const char *flight_value_unit(enum flight_field field, enum unit_system units)
{
    enum quantity quantity = flight_value_quantity(field);
    return quantity < QUANTITY_COUNT ? units_label(units, quantity)
                                     : flight_field_info[field].unit;
}

static void bits_text(enum flight_field field, int32_t bits, struct strbuf *out)
{
    for (unsigned bit = 0; bit < 16; bit++) {
        const char *word = bits >> bit & 1 ? flight_bit_text(field, bit) : NULL;
        if (word != NULL)
            strbuf_addf(out, "%s%s", out->len > 0 ? " " : "", word);
    }
}

static void number_text(const struct flight *f, enum flight_field field,
                        enum unit_system units, struct strbuf *out)
{
    enum quantity quantity = flight_value_quantity(field);
    int32_t kept = f->v.num[field];
    double v;
    if (field == FLIGHT_ALT_BARO && kept == FLIGHT_ALT_GROUND) {
        strbuf_add_text(out, "GND");
    } else if (quantity == QUANTITY_COUNT || units == UNITS_AVIATION) {
        strbuf_add_fixed(out, kept, flight_field_info[field].decimals);
    } else if (flight_value_number(f, field, &v)) {
        unsigned decimals = units_decimals(units, quantity);
        decimals = MAX_OF(decimals, flight_field_info[field].decimals);
        strbuf_addf(out, "%.*f", (int)decimals, units_shown(units, quantity, v));
    }
}

void flight_value_text(const struct flight *f, enum flight_field field,
                       enum unit_system units, struct strbuf *out)
{
    char category[FLIGHT_CATEGORY_SIZE];
    const char *word;
    if (!flight_has(f, field))
        return;
    switch (flight_field_info[field].kind) {
    case FLIGHT_KIND_TEXT:
        strbuf_add_text(out, flight_values_text(&f->v, field));
        break;
    case FLIGHT_KIND_SQUAWK: strbuf_addf(out, "%04d", f->v.num[field]); break;
    case FLIGHT_KIND_ENUM:
        word = flight_enum_text(field, f->v.num[field]);
        strbuf_add_text(out, word != NULL ? word : "?");
        break;
    case FLIGHT_KIND_BITS: bits_text(field, f->v.num[field], out); break;
    case FLIGHT_KIND_CATEGORY:
        flight_category_text(f->v.num[field], category);
        strbuf_add_text(out, category);
        break;
    case FLIGHT_KIND_ALTITUDE:
    case FLIGHT_KIND_INT: number_text(f, field, units, out); break;
    }
}

int64_t flight_value_heard_ms(const struct flight *f, enum flight_field field)
{
    return field == FLIGHT_LAT || field == FLIGHT_LON ? f->pos_at_ms : f->heard_at_ms;
}
