/*
 * The v2 form of ADS-B Exchange and those that speak it: `ac` instead of
 * `aircraft`, `now` in milliseconds, and errors as {"message": ...} or
 * {"msg": ...} without rows. Pure; any thread.
 */
#pragma once

#include "sources/document.h"

extern const struct document_format decode_adsbv2_format;
