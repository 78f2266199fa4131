/*
 * What is drawn of a sky and where: the parts of sky_draw share it, views read it
 * after. A scene keeps what is dear to draw (the world, and all of it while nothing
 * changed). Owned by a view, zeroed at the start; one thread.
 */
#pragma once

#include "app/app.h"
#include "app/flight_tails.h"
#include "widgets/map_canvas.h"
#include "widgets/map_world.h"

enum {
    SKY_OFF_MAP_S = 60, /* a position older than this is shown no more */
    SKY_STALE_S = 15
};

struct sky_options {
    bool labels;   /* callsign and level, where there is room */
    bool details;  /* rings, airports, legend, the card of the selected flight */
    bool night;    /* where it is night */
    bool tails;    /* where flights came from */
    bool clusters; /* a number instead of marks on top of each other */
};

/* A flight that is in sight. */
struct sky_spot {
    const struct flight *f; /* valid while drawing */
    uint32_t icao;
    int16_t x, y; /* cell, relative to the area */
    bool urgent;  /* an emergency that is not acknowledged */
    bool ghost;   /* the place is a guess */
    bool hidden;  /* part of a cluster */
};

/* Some cells that show one number. */
struct sky_block {
    uint32_t count, sum_x, sum_y;
    uint32_t by_role[5]; /* altitudes, from ROLE_ALT_GROUND */
};

/* All that a drawn sky depends on, as numbers; equal keys, equal pictures. */
enum { SKY_KEY_PARTS = 20 };

struct sky_key {
    int64_t part[SKY_KEY_PARTS];
};

struct sky {
    struct map_world world;
    struct dots dots;
    struct flight_tails tails;
    struct sky_spot *spots;
    size_t count, room;
    struct sky_block *blocks;
    int blocks_across, blocks_down, block_x, block_y; /* the offset of the first */
    uint8_t *taken; /* per cell: something is written there */
    struct rect area;
    size_t marks, clusters, ghosts;
    struct canvas *kept;
    struct sky_key key;
    int cursor_x, cursor_y; /* of the selected flight; -1 = not in sight */
};

void sky_release(struct sky *sky);

/* Where a flight is drawn: its position, or the guess while the link is down. */
bool sky_place(const struct app *app, const struct flight *f,
               struct geo_point *ret_place, bool *ret_ghost);

/* The flight that was drawn nearest to a cell, within a few; 0 = none. */
uint32_t sky_flight_at(const struct sky *sky, int x, int y);

/* True when a cluster was drawn around a cell. */
bool sky_is_cluster(const struct sky *sky, int x, int y);

/* The flight in sight after (step > 0) or before another one, in reading order. */
uint32_t sky_step(const struct sky *sky, uint32_t from, int step);

/* Nothing is written anywhere; whether something may be, and that it was. */
void sky_clear_room(struct sky *sky, struct rect area);
bool sky_has_room(const struct sky *sky, int x, int y, int width);
void sky_take_room(struct sky *sky, int x, int y, int width);
