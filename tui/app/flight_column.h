/*
 * The columns a list of flights can have: what they are called, how wide they
 * are, what they say of a flight and how they sort. Rows of flight_columns.def.
 * Pure; one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "flight/flight.h"
#include "flight/geo.h"

enum flight_column {
#define COLUMN(id, ...) COLUMN_##id,
#include "app/flight_columns.def"
#undef COLUMN
    COLUMN_COUNT
};

enum { UNITS_COUNT = UNITS_IMPERIAL + 1 };

/* What a value depends on besides the flight. */
struct flight_view_context {
    int64_t now_ms; /* the server's clock */
    enum unit_system units;
    bool has_home;
    struct geo_point home;
};

struct flight_column_info {
    const char *name; /* for --columns, --sort and --once */
    const char *title;
    const char *unit[UNITS_COUNT]; /* shown in the header, "" = none */
    int width;
    int priority; /* 1 = the last to go when it gets narrow; 0 = only when asked for */
    bool right;   /* numbers */
    enum flight_field field; /* shown as it is; FLIGHT_FIELD_COUNT: made of more */
    double margin;           /* a row moves when its value changed by so much */
    const char *help;
};

enum { COLUMN_TEXT_SIZE = 64, COLUMN_LEVEL_FPM = 250 /* below: neither up nor down */ };

const struct flight_column_info *flight_column_info(enum flight_column column);
enum flight_column flight_column_by_name(const char *name, size_t n);

/* What the column says; "" when it is unknown. */
void flight_column_text(enum flight_column column, const struct flight *f,
                        const struct flight_view_context *context,
                        char ret_text[COLUMN_TEXT_SIZE]);

/* What a number column sorts by; false when it is unknown or a text. */
bool flight_column_number(enum flight_column column, const struct flight *f,
                          const struct flight_view_context *context, double *ret);

/* True for columns that sort by their text. */
bool flight_column_is_text(enum flight_column column);

/* When the message came that the column's value stands on, epoch ms; 0 = never. */
int64_t flight_column_heard_ms(enum flight_column column, const struct flight *f);

/* Military by the database or by the block of its address. */
bool flight_is_military(const struct flight *f);

/* Seconds since the flight was heard, >= 0. */
int64_t flight_age_s(const struct flight *f, int64_t now_ms);

/* 7500, 7600, 7700 or an emergency status: a short word, NULL when there is none. */
const char *flight_emergency_text(const struct flight *f);

/* Climbing 1, descending -1, level or unknown 0 (more than 250 ft/min). */
int flight_vertical(const struct flight *f);
