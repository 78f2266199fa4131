/*
 * The box of a subscription, made for one question that is asked very often: is
 * this place inside? And the 3-degree tiles that it touches, of which the inner
 * ones lie inside as a whole, so that nobody needs to ask. Boxes may cross the
 * date line; the meridians 180 and -180 are one. Values; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "flight/geo.h"

struct view_box {
    struct geo_box_fixed fixed; /* as it was asked for, 1e-5 degrees */
    uint32_t height;
    int32_t width; /* from west to east, over the date line where need be */
    /* Tiles; columns count from column_first on, around the world. */
    uint16_t row_first;
    uint16_t row_end;
    uint16_t column_first;
    uint16_t column_count;
    /* The inner ones among them. */
    uint16_t inner_row_first;
    uint16_t inner_row_end;
    uint16_t inner_column_first; /* from column_first */
    uint16_t inner_column_end;
};

struct view_box view_box_of(const struct geo_box *from);

/* The same answer as geo_box_contains_fixed; false for FRAME_NO_POSITION. */
static inline bool view_box_has(const struct view_box *box, int32_t lat, int32_t lon)
{
    const int32_t around = 2 * GEO_LON_MAX_E5;
    int32_t east = lon - box->fixed.west; /* of the western edge, 0 .. around */
    east += east < 0 ? around : 0;
    east -= east >= around && box->width < around ? around : 0;
    /* Unsigned: what is south of the box is very large. No branch is taken. */
    return ((uint32_t)lat - (uint32_t)box->fixed.south <= box->height) &
           (east <= box->width);
}

/* True when the box touches the tile. */
static inline bool view_box_touches(const struct view_box *box, unsigned tile)
{
    unsigned row = tile / GEO_TILE_COLS;
    unsigned column = tile % GEO_TILE_COLS + GEO_TILE_COLS - box->column_first;
    return row >= box->row_first && row < box->row_end &&
           column % GEO_TILE_COLS < box->column_count;
}
