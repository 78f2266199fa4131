/*
 * Places on the globe: distances, bearings, boxes and the 3-degree tiles that
 * the fan-out is sorted by.
 *
 * Pure arithmetic on values; any thread. Degrees are WGS-84 taken as a sphere of
 * mean radius 6371.0088 km (IUGG), which is within 0.6 % of the ellipsoid and
 * what readsb does as well. "e5" means fixed point, degrees times 100,000.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEO_E5         100000
#define GEO_LAT_MAX_E5 (90 * GEO_E5)
#define GEO_LON_MAX_E5 (180 * GEO_E5)
#define GEO_TILE_DEG   3
#define GEO_TILE_COLS  (360 / GEO_TILE_DEG)
#define GEO_TILE_ROWS  (180 / GEO_TILE_DEG)
#define GEO_TILE_COUNT (GEO_TILE_COLS * GEO_TILE_ROWS)
#define GEO_NM_PER_RAD 3440.069546
#define GEO_ERROR_MAX  96

struct geo_point {
    double lat_deg, lon_deg;
};

/* West to east: west > east means that the box crosses the date line. */
struct geo_box {
    double west, south, east, north;
};

struct geo_box_fixed {
    int32_t west, south, east, north;
};

/* Walks the tiles of a box; see geo_tiles_of(). */
struct geo_tiles {
    uint16_t row, row_last;
    uint16_t column_first, column_count, column;
};

/* Finite and inside -90..90, -180..180. */
bool geo_point_is_valid(struct geo_point p);

/* Great circle distance in nautical miles. */
double geo_distance_nm(struct geo_point a, struct geo_point b);

/* Initial true course from a to b, 0 <= result < 360; 0 when they coincide. */
double geo_bearing_deg(struct geo_point a, struct geo_point b);

/* Where the great circle from `a` with this initial course is after `nm`. */
struct geo_point geo_destination(struct geo_point a, double bearing_deg, double nm);

/* The point at a fraction (0..1) of the great circle from a to b. */
struct geo_point geo_intermediate(struct geo_point a, struct geo_point b,
                                  double fraction);

/* Brings any longitude into -180 <= result < 180. */
double geo_wrap_lon(double lon_deg);

/* NULL when the box is usable, else what is wrong with it. */
const char *geo_box_problem(const struct geo_box *box);

/*
 * Reads "west,south,east,north" in degrees. 0, or -EINVAL with a sentence that
 * names the offending part in ret_error (GEO_ERROR_MAX bytes).
 */
int geo_box_parse(const char *text, struct geo_box *ret_box, char *ret_error);

bool geo_box_contains(const struct geo_box *box, struct geo_point p);
struct geo_box_fixed geo_box_to_fixed(const struct geo_box *box);

/* Tiles count from the south-west corner, row by row: 0..GEO_TILE_COUNT-1. */
struct geo_tiles geo_tiles_of(const struct geo_box_fixed *box);

/* True with the next tile of the walk, false at its end. */
bool geo_tiles_next(struct geo_tiles *tiles, unsigned *ret_tile);

static inline int32_t geo_to_e5(double deg)
{
    return (int32_t)(deg < 0 ? deg * GEO_E5 - 0.5 : deg * GEO_E5 + 0.5);
}

/* The tile of a valid position; longitudes 180 and -180 are one meridian. */
static inline unsigned geo_tile_of_fixed(int32_t lat_e5, int32_t lon_e5)
{
    unsigned row = (unsigned)(lat_e5 + GEO_LAT_MAX_E5) / (GEO_TILE_DEG * GEO_E5);
    unsigned col = (unsigned)(lon_e5 + GEO_LON_MAX_E5) / (GEO_TILE_DEG * GEO_E5);

    row = row < GEO_TILE_ROWS ? row : GEO_TILE_ROWS - 1;
    col = col < GEO_TILE_COLS ? col : 0;
    return row * GEO_TILE_COLS + col;
}

static inline bool geo_box_spans_lon(const struct geo_box_fixed *box, int32_t lon_e5)
{
    return box->west <= box->east ? lon_e5 >= box->west && lon_e5 <= box->east
                                  : lon_e5 >= box->west || lon_e5 <= box->east;
}

static inline bool geo_box_contains_fixed(const struct geo_box_fixed *box,
                                          int32_t lat_e5, int32_t lon_e5)
{
    if (lat_e5 < box->south || lat_e5 > box->north)
        return false;
    if (geo_box_spans_lon(box, lon_e5))
        return true;
    return (lon_e5 == GEO_LON_MAX_E5 || lon_e5 == -GEO_LON_MAX_E5) &&
           geo_box_spans_lon(box, -lon_e5);
}
