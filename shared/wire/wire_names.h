/*
 * The rows of wire_messages.def as enums and texts. Read-only; any thread.
 */
#pragma once

#include <stdbool.h>

enum wire_request_type {
#define WIRE_REQUEST(id, type) REQUEST_##id,
#include "wire/wire_messages.def"
    REQUEST_TYPE_COUNT
};

enum wire_channel {
#define WIRE_CHANNEL(id, name) CHANNEL_##id,
#include "wire/wire_messages.def"
    CHANNEL_COUNT
};

enum wire_fault {
#define WIRE_FAULT(id, code) FAULT_##id,
#include "wire/wire_messages.def"
    FAULT_COUNT
};

enum wire_close {
#define WIRE_CLOSE(id, code, reason) CLOSE_##id = (code),
#include "wire/wire_messages.def"
};

/* False, ret_* untouched, when there is no such name. */
bool wire_request_type_parse(const char *text, enum wire_request_type *ret_type);
bool wire_channel_parse(const char *text, enum wire_channel *ret_channel);

const char *wire_channel_name(enum wire_channel channel);
const char *wire_fault_code(enum wire_fault fault);
const char *wire_close_reason(enum wire_close code);
