/* Spherical trigonometry after E. Williams, "Aviation Formulary". */
#include "flight/geo.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DEG_PER_RAD (180.0 / M_PI)

static double radians(double deg)
{
    return deg / DEG_PER_RAD;
}

static double degrees(double rad)
{
    return rad * DEG_PER_RAD;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

bool geo_point_is_valid(struct geo_point p)
{
    return fabs(p.lat_deg) <= 90.0 && fabs(p.lon_deg) <= 180.0; /* false for NaN */
}

double geo_wrap_lon(double lon_deg)
{
    if (lon_deg >= -180.0 && lon_deg < 180.0)
        return lon_deg;
    double turned = fmod(lon_deg + 180.0, 360.0);

    return turned < 0 ? turned + 180.0 : turned - 180.0;
}

/* Angle at the centre between two points; haversine keeps metres exact. */
static double central_angle(struct geo_point a, struct geo_point b)
{
    double lat = sin(radians(b.lat_deg - a.lat_deg) / 2);
    double lon = sin(radians(b.lon_deg - a.lon_deg) / 2);
    double h =
        lat * lat + cos(radians(a.lat_deg)) * cos(radians(b.lat_deg)) * lon * lon;

    return 2 * asin(sqrt(clamp(h, 0, 1)));
}

double geo_distance_nm(struct geo_point a, struct geo_point b)
{
    return central_angle(a, b) * GEO_NM_PER_RAD;
}

double geo_bearing_deg(struct geo_point a, struct geo_point b)
{
    double lat_a = radians(a.lat_deg), lat_b = radians(b.lat_deg);
    double lon = radians(b.lon_deg - a.lon_deg);
    double east = sin(lon) * cos(lat_b);
    double north = cos(lat_a) * sin(lat_b) - sin(lat_a) * cos(lat_b) * cos(lon);
    double course = degrees(atan2(east, north));

    if (course < 0)
        course += 360.0;
    return course < 360.0 ? course : 0.0;
}

struct geo_point geo_destination(struct geo_point a, double bearing_deg, double nm)
{
    double angle = nm / GEO_NM_PER_RAD, course = radians(bearing_deg);
    double lat = radians(a.lat_deg);
    double sin_lat = sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(course);
    double east = sin(course) * sin(angle) * cos(lat);
    double north = cos(angle) - sin(lat) * sin_lat;

    return (struct geo_point){
        .lat_deg = degrees(asin(clamp(sin_lat, -1, 1))),
        .lon_deg = geo_wrap_lon(a.lon_deg + degrees(atan2(east, north))),
    };
}

struct geo_point geo_intermediate(struct geo_point a, struct geo_point b,
                                  double fraction)
{
    double angle = central_angle(a, b);

    if (angle < 1e-12)
        return a;
    double wa = sin((1 - fraction) * angle) / sin(angle);
    double wb = sin(fraction * angle) / sin(angle);
    double lat_a = radians(a.lat_deg), lat_b = radians(b.lat_deg);
    double lon_a = radians(a.lon_deg), lon_b = radians(b.lon_deg);
    double x = wa * cos(lat_a) * cos(lon_a) + wb * cos(lat_b) * cos(lon_b);
    double y = wa * cos(lat_a) * sin(lon_a) + wb * cos(lat_b) * sin(lon_b);
    double z = wa * sin(lat_a) + wb * sin(lat_b);

    return (struct geo_point){
        .lat_deg = degrees(atan2(z, hypot(x, y))),
        .lon_deg = geo_wrap_lon(degrees(atan2(y, x))),
    };
}

const char *geo_box_problem(const struct geo_box *box)
{
    if (!(fabs(box->west) <= 180.0))
        return "west is not a longitude between -180 and 180";
    if (!(fabs(box->south) <= 90.0))
        return "south is not a latitude between -90 and 90";
    if (!(fabs(box->east) <= 180.0))
        return "east is not a longitude between -180 and 180";
    if (!(fabs(box->north) <= 90.0))
        return "north is not a latitude between -90 and 90";
    if (box->south > box->north)
        return "south is north of north (the order is west,south,east,north)";
    return NULL;
}

/* One number and what must follow it; NULL when either is not there. */
static const char *read_edge(const char *at, char follows, double *ret_deg)
{
    char *end;
    double deg = strtod(at, &end);

    if (end == at || *end != follows || !isfinite(deg))
        return NULL;
    *ret_deg = deg;
    return end + (follows != '\0');
}

int geo_box_parse(const char *text, struct geo_box *ret_box, char *ret_error)
{
    static const char *const names[] = {"west", "south", "east", "north"};
    double edges[4];
    const char *at = text;

    for (int i = 0; i < 4; i++) {
        at = read_edge(at, i < 3 ? ',' : '\0', &edges[i]);
        if (!at) {
            (void)snprintf(ret_error, GEO_ERROR_MAX,
                           "%s is not a number of degrees (west,south,east,north)",
                           names[i]);
            return -EINVAL;
        }
    }
    struct geo_box box = {edges[0], edges[1], edges[2], edges[3]};
    const char *problem = geo_box_problem(&box);

    if (problem) {
        (void)snprintf(ret_error, GEO_ERROR_MAX, "%s", problem);
        return -EINVAL;
    }
    *ret_box = box;
    return 0;
}

struct geo_box_fixed geo_box_to_fixed(const struct geo_box *box)
{
    return (struct geo_box_fixed){
        .west = geo_to_e5(box->west),
        .south = geo_to_e5(box->south),
        .east = geo_to_e5(box->east),
        .north = geo_to_e5(box->north),
    };
}

static bool spans_lon(const struct geo_box *box, double lon)
{
    return box->west <= box->east ? lon >= box->west && lon <= box->east
                                  : lon >= box->west || lon <= box->east;
}

bool geo_box_contains(const struct geo_box *box, struct geo_point p)
{
    if (!(p.lat_deg >= box->south && p.lat_deg <= box->north))
        return false;
    return spans_lon(box, p.lon_deg) ||
           (fabs(p.lon_deg) >= 180.0 && spans_lon(box, -p.lon_deg));
}

struct geo_tiles geo_tiles_of(const struct geo_box_fixed *box)
{
    const int32_t step = GEO_TILE_DEG * GEO_E5;
    int32_t row_first = (box->south + GEO_LAT_MAX_E5) / step;
    int32_t row_last = (box->north + GEO_LAT_MAX_E5) / step;
    int32_t west = (box->west + GEO_LON_MAX_E5) / step;
    int32_t east = (box->east + GEO_LON_MAX_E5) / step;

    /* the meridian of 180 lives in column 0, so an east of 180 reaches into it */
    if (box->west > box->east)
        east += GEO_TILE_COLS;
    int32_t columns = east - west + 1;

    if (columns > GEO_TILE_COLS)
        columns = GEO_TILE_COLS;
    if (row_first >= GEO_TILE_ROWS)
        row_first = GEO_TILE_ROWS - 1;
    if (row_last >= GEO_TILE_ROWS)
        row_last = GEO_TILE_ROWS - 1;
    return (struct geo_tiles){
        .row = (uint16_t)row_first,
        .row_last = (uint16_t)row_last,
        .column_first = (uint16_t)west,
        .column_count = (uint16_t)columns,
    };
}

bool geo_tiles_next(struct geo_tiles *tiles, unsigned *ret_tile)
{
    if (tiles->row > tiles->row_last)
        return false;
    unsigned column = (unsigned)tiles->column_first + tiles->column;

    *ret_tile = (unsigned)tiles->row * GEO_TILE_COLS + column % GEO_TILE_COLS;
    if (++tiles->column == tiles->column_count) {
        tiles->column = 0;
        tiles->row++;
    }
    return true;
}
