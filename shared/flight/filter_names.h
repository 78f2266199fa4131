/*
 * What a filter can ask about: fields of a row under their wire names and under
 * the shorter ones of flightdash-filter(7), and what is derived from a row.
 * Inside the filter only. Read-only; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"

/* A subject is a field, or one of these. */
enum {
    FILTER_HEX = FLIGHT_FIELD_COUNT,
    FILTER_COUNTRY,
    FILTER_OPERATOR,
    FILTER_DIST,
    FILTER_BEARING,
    FILTER_AGE,
    FILTER_POS_AGE,
    FILTER_VRATE,
    FILTER_GROUND,
    FILTER_MIL,
    FILTER_SUBJECT_COUNT,
    FILTER_SUBJECT_NONE = FILTER_SUBJECT_COUNT
};

enum filter_kind {
    FILTER_NUMBER,
    FILTER_SQUAWK, /* a number that patterns see as four digits */
    FILTER_CHOICE, /* one of a few words */
    FILTER_MODES,  /* some of a few words */
    FILTER_STRING,
    FILTER_BOOLEAN
};

/* The subject of a name in any case; FILTER_SUBJECT_NONE when there is none. */
unsigned filter_subject_find(const char *name, size_t n);

/* The name nearest to a mistyped one; NULL when none is near. */
const char *filter_subject_suggest(const char *name, size_t n);

/* The name that canonical text uses. */
const char *filter_subject_name(unsigned subject);

enum filter_kind filter_subject_kind(unsigned subject);

/* Decimals of a number's fixed-point form. */
unsigned filter_subject_decimals(unsigned subject);

/* The fields of a row that the subject is made of. */
uint64_t filter_subject_fields(unsigned subject);

/* The i-th field name; NULL past the last. */
const char *filter_names_at(size_t i);
