/*
 * What one tick changed: the immutable, reference-counted message from the
 * state thread to every io thread. Built by frame_set_new's caller alone, never
 * changed after it was posted; frame_set_ref/frame_set_unref: any thread.
 *
 * Rows are sorted by the 3-degree tile in which the aircraft is now, so that a
 * viewport looks at its own tiles only; within a tile, those that were there at
 * the last tick go first. An aircraft that came out of another tile is also
 * listed in `movers`, sorted by the tile that it left. Where the rows' aircraft
 * are stands apart, packed, because every viewport asks for nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/flight.h"
#include "flight/geo.h"

enum {
    FRAME_NOWHERE = GEO_TILE_COUNT, /* the tile of no position */
    FRAME_TILES = FRAME_NOWHERE + 1,
    FRAME_NO_POSITION = INT32_MIN /* value of lat when there is none */
};

enum frame_row_flags {
    FRAME_NEW = 1,     /* not in the table at the last tick */
    FRAME_SEEN_POS = 2 /* the position's age must be told (see frame_builder) */
};

struct frame_row {
    struct flight *flight; /* held by the frame set; immutable */
    uint64_t changed;      /* fields whose value changed in this tick */
    uint32_t slot;
    uint16_t tile; /* now */
    uint16_t was_tile;
    uint8_t flags; /* enum frame_row_flags */
};

/* Where the aircraft of a row is and was at the last tick, 1e-5 degrees. */
struct frame_place {
    int32_t lat;
    int32_t lon;
    int32_t was_lat;
    int32_t was_lon;
};

/* A row whose aircraft came out of another tile. */
struct frame_mover {
    uint32_t row; /* index into rows */
    uint16_t left_tile;
};

/* A JSON text that many frames share; counted like them. */
struct frame_text {
    _Atomic uint32_t refs;
    uint32_t len;
    char text[];
};

struct frame_set {
    _Atomic uint32_t refs;
    uint32_t tick;
    uint32_t total;           /* aircraft in the table */
    uint32_t tick_ms;         /* the period */
    int64_t time_ms;          /* wall clock of the tick */
    int64_t lag_ms;           /* age of the newest record read from Kafka; -1 unknown */
    int64_t stale_since_ms;   /* 0 = the feed lives */
    char stale_source[16];    /* who is silent: "kafka" */
    struct frame_text *stats; /* body of /api/v1/stats, newest; NULL before the first */
    size_t row_count;
    struct frame_row *rows;
    struct frame_place *places;           /* of each row */
    uint32_t tile_first[FRAME_TILES + 1]; /* rows[tile_first[t] .. tile_first[t+1]) */
    uint32_t tile_came[FRAME_TILES];      /* of these, from here on: not there before */
    size_t mover_count;
    struct frame_mover *movers; /* sorted by left_tile */
    size_t removed_count;
    uint32_t *removed; /* addresses that expired; they come before the rows */
};

/* The tile of a position in 1e-5 degrees, FRAME_NOWHERE for FRAME_NO_POSITION. */
uint16_t frame_tile(int32_t lat, int32_t lon);

struct frame_set *frame_set_ref(struct frame_set *frame);
void frame_set_unref(struct frame_set *frame); /* accepts NULL */

/* n bytes of text, one reference. */
struct frame_text *frame_text_new(const char *text, size_t n);
struct frame_text *frame_text_ref(struct frame_text *text); /* accepts NULL */
void frame_text_unref(struct frame_text *text);             /* accepts NULL */
