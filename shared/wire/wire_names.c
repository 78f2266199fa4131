#include "wire/wire_names.h"

#include <stddef.h>
#include <string.h>

#include "base/macros.h"

static const char *const request_types[] = {
#define WIRE_REQUEST(id, type) type,
#include "wire/wire_messages.def"
};

static const char *const channel_names[] = {
#define WIRE_CHANNEL(id, name) name,
#include "wire/wire_messages.def"
};

static const char *const fault_codes[] = {
#define WIRE_FAULT(id, code) code,
#include "wire/wire_messages.def"
};

bool wire_request_type_parse(const char *text, enum wire_request_type *ret_type)
{
    for (size_t i = 0; i < ARRAY_LEN(request_types); i++) {
        if (strcmp(text, request_types[i]) == 0) {
            *ret_type = (enum wire_request_type)i;
            return true;
        }
    }
    return false;
}

bool wire_channel_parse(const char *text, enum wire_channel *ret_channel)
{
    for (size_t i = 0; i < ARRAY_LEN(channel_names); i++) {
        if (strcmp(text, channel_names[i]) == 0) {
            *ret_channel = (enum wire_channel)i;
            return true;
        }
    }
    return false;
}

const char *wire_channel_name(enum wire_channel channel)
{
    return channel_names[channel];
}

const char *wire_fault_code(enum wire_fault fault)
{
    return fault_codes[fault];
}

static const struct {
    enum wire_close code;
    const char *reason;
} close_reasons[] = {
#define WIRE_CLOSE(id, code, reason) {CLOSE_##id, reason},
#include "wire/wire_messages.def"
};

const char *wire_close_reason(enum wire_close code)
{
    for (size_t i = 0; i < ARRAY_LEN(close_reasons); i++)
        if (close_reasons[i].code == code)
            return close_reasons[i].reason;
    return "";
}
