#include "gateway/view_box.h"

#include "base/macros.h"

enum { TILE = GEO_TILE_DEG * GEO_E5 };

/* Tiles that begin at or after a place, counted from the edge of the map. */
static int first_whole(int32_t from_edge)
{
    return (from_edge + TILE - 1) / TILE;
}

/* Tiles that end at or before a place; a tile ends one step before the next. */
static int last_whole(int32_t from_edge)
{
    return (from_edge + 1) / TILE;
}

static void find_inner(struct view_box *box, int column_first)
{
    int32_t south = box->fixed.south + GEO_LAT_MAX_E5;
    int32_t north = box->fixed.north + GEO_LAT_MAX_E5;
    int32_t west = box->fixed.west + GEO_LON_MAX_E5;
    /* The pole itself is in the last row. */
    int rows = north < 2 * GEO_LAT_MAX_E5 ? GEO_TILE_ROWS - 1 : GEO_TILE_ROWS;
    box->inner_row_first = (uint16_t)first_whole(south);
    box->inner_row_end = (uint16_t)MIN_OF(last_whole(north), rows);
    int end = last_whole(west + box->width) - column_first;
    box->inner_column_first = (uint16_t)(first_whole(west) - column_first);
    box->inner_column_end = (uint16_t)MIN_OF(end, (int)box->column_count);
}

struct view_box view_box_of(const struct geo_box *from)
{
    struct view_box box = {.fixed = geo_box_to_fixed(from)};
    struct geo_tiles tiles = geo_tiles_of(&box.fixed);
    box.height = (uint32_t)(box.fixed.north - box.fixed.south);
    box.width = box.fixed.east - box.fixed.west;
    if (box.width < 0)
        box.width += 2 * GEO_LON_MAX_E5;
    box.row_first = tiles.row;
    box.row_end = (uint16_t)(tiles.row_last + 1);
    box.column_first = tiles.column_first % GEO_TILE_COLS;
    box.column_count = tiles.column_count;
    find_inner(&box, tiles.column_first);
    return box;
}
