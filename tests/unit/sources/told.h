/*
 * What a decoder made of its input, as one line of text: the record as it would
 * go to Kafka, or "refused REASON"; " -N" behind it when N fields were refused.
 */
#pragma once

#include "sources/observation_fill.h"

/* Borrowed until the next call; for tests on one thread. */
const char *told(enum observation_reason reason, const struct observation *obs,
                 const struct flight_refusals *refusals);
