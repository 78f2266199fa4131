/*
 * The fast decoder of what there is most of: snapshots and deltas as flightdashd
 * writes them, one pass, no allocation per value. Of any frame it either gives
 * what the careful decoder gives, or declines (tests/fuzz/fuzz_wire.c compares).
 * Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "wire/wire_message.h"

/*
 * False: declined, ask the careful decoder; nothing is left in ret_message. True:
 * release it after use.
 */
bool wire_scan(const char *frame, size_t len, struct wire_message *ret_message);
