#include "flight/flight_fields.h"

#include <assert.h>
#include <string.h>

#define SCALE_0 1
#define SCALE_1 10
#define SCALE_2 100
#define SCALE_3 1000
#define SCALE_5 100000

const struct flight_field_info flight_field_info[FLIGHT_FIELD_COUNT] = {
#define FIELD_NUM(id, k, kind_, decimals_, min_, max_, unit_, title_, flags_)          \
    [FLIGHT_##id] = {.key = (k),                                                       \
                     .title = (title_),                                                \
                     .unit = (unit_),                                                  \
                     .kind = FLIGHT_KIND_##kind_,                                      \
                     .key_length = sizeof(k) - 1,                                      \
                     .decimals = (decimals_),                                          \
                     .flags = (flags_),                                                \
                     .min = (min_)*SCALE_##decimals_,                                  \
                     .max = (max_)*SCALE_##decimals_},
#define FIELD_TEXT(id, k, member, size_, unit_, title_, flags_)                        \
    [FLIGHT_##id] = {.key = (k),                                                       \
                     .title = (title_),                                                \
                     .unit = (unit_),                                                  \
                     .kind = FLIGHT_KIND_TEXT,                                         \
                     .key_length = sizeof(k) - 1,                                      \
                     .flags = (flags_),                                                \
                     .offset = offsetof(struct flight_values, member),                 \
                     .size = (size_)},
#include "flight/flight_fields.def"
#undef FIELD_NUM
#undef FIELD_TEXT
};

uint64_t flight_default_fields(void)
{
    uint64_t fields = 0;
    for (size_t i = 0; i < FLIGHT_FIELD_COUNT; i++)
        if (!(flight_field_info[i].flags & FLIGHT_VOLATILE))
            fields |= FLIGHT_BIT(i);
    return fields;
}

bool flight_field_by_key(const char *key, size_t n, enum flight_field *ret_field)
{
    for (size_t i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        const struct flight_field_info *info = &flight_field_info[i];
        if (info->key_length == n && memcmp(info->key, key, n) == 0) {
            *ret_field = (enum flight_field)i;
            return true;
        }
    }
    return false;
}

const char *flight_values_text(const struct flight_values *v, enum flight_field field)
{
    assert(flight_field_info[field].kind == FLIGHT_KIND_TEXT);
    return (const char *)v + flight_field_info[field].offset;
}

bool flight_values_set_text(struct flight_values *v, enum flight_field field,
                            const char *text, size_t n)
{
    const struct flight_field_info *info = &flight_field_info[field];
    assert(info->kind == FLIGHT_KIND_TEXT);
    if (n >= info->size)
        return false;
    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    char *member = (char *)v + info->offset;
    memcpy(member, text, n);
    memset(member + n, 0, info->size - n); /* rows compare by bytes */
    return true;
}
