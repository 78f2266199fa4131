/*
 * Puts records that could not be used into flight-dead-letters, with the headers
 * reason, topic, partition and offset, so that somebody can look at them. At most
 * DEAD_LETTERS_PER_SECOND; more are only counted. A value over
 * DEAD_LETTER_VALUE_MAX is cut and gets the header `size` with its true length.
 * One thread.
 */
#pragma once

#include <stdint.h>

#include "flight/observation.h"

struct bus_record;
struct metrics;
struct producer;
struct dead_letters;

enum { DEAD_LETTERS_PER_SECOND = 100, DEAD_LETTER_VALUE_MAX = 128 * 1024 };

/* source: who finds them unusable, the header `source`; borrowed. */
struct dead_letters *dead_letters_new(struct producer *producer, const char *source,
                                      struct metrics *metrics);
void dead_letters_free(struct dead_letters *d); /* accepts NULL */

/* Sends one; what is over the rate, or does not fit the queue, is counted. */
void dead_letter_send(struct dead_letters *d, const struct bus_record *record,
                      enum observation_reason reason, int64_t now_ms);
