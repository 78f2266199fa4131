#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "flight/geo.h"

static const struct geo_point zurich = {47.4581, 8.5481};
static const struct geo_point new_york = {40.6395, -73.7789};
static const struct geo_point fiji = {-17.7554, 177.443};
static const struct geo_point samoa = {-14.3310, -170.710};

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", got, tolerance, want);
}

/* Wanted distances by the cross product of unit vectors, not by haversine. */
static void distances_between_known_places(void **state)
{
    (void)state;
    const struct {
        struct geo_point a, b;
        double nm;
    } rows[] = {
        {zurich, new_york, 3406.9906},
        {{35.5523, 139.780}, {37.6190, -122.3750}, 4474.0195},
        {{-33.9461, 151.177}, {-33.3930, -70.7858}, 6123.3043},
        {fiji, samoa, 713.6364},
        {{0, 0}, {0, 1}, 60.0405},
        {{90, 0}, {-90, 77}, 10807.2972},
        {{10, 20}, {10, 20}, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_near(geo_distance_nm(rows[i].a, rows[i].b), rows[i].nm, 0.001);
        assert_near(geo_distance_nm(rows[i].b, rows[i].a), rows[i].nm, 0.001);
    }
}

static void bearings_are_initial_true_courses(void **state)
{
    (void)state;
    const struct {
        struct geo_point a, b;
        double deg;
    } rows[] = {
        {{0, 0}, {1, 0}, 0},          {{0, 0}, {0, 1}, 90},
        {{0, 0}, {-1, 0}, 180},       {{0, 0}, {0, -1}, 270},
        {{0, 179}, {0, -179}, 90},    {{0, -179}, {0, 179}, 270},
        {{89, 0}, {89, 180}, 0},      {{5, 5}, {5, 5}, 0},
        {{45, 0}, {45, 90}, 54.7356}, /* atan(sqrt 2) */
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_near(geo_bearing_deg(rows[i].a, rows[i].b), rows[i].deg, 0.0001);
}

static void a_destination_lies_where_distance_and_bearing_say(void **state)
{
    (void)state;

    for (int i = 0; i < 16; i++) {
        double bearing = 22.5 * i;
        struct geo_point p = geo_destination(fiji, bearing, 900);

        assert_true(geo_point_is_valid(p));
        assert_near(geo_distance_nm(fiji, p), 900, 1e-6);
        assert_near(geo_bearing_deg(fiji, p), bearing, 1e-6);
    }
}

static void over_the_pole_the_longitude_flips(void **state)
{
    (void)state;
    struct geo_point p = geo_destination((struct geo_point){89, 10}, 0, 120.0809);

    assert_near(p.lat_deg, 89, 0.001);
    assert_near(p.lon_deg, -170, 0.001);
}

static void intermediate_points_divide_the_great_circle(void **state)
{
    (void)state;
    double whole = geo_distance_nm(fiji, samoa);

    for (int i = 0; i <= 8; i++) {
        double f = i / 8.0;
        struct geo_point p = geo_intermediate(fiji, samoa, f);

        assert_true(geo_point_is_valid(p));
        assert_near(geo_distance_nm(fiji, p), f * whole, 1e-6);
        assert_near(geo_distance_nm(p, samoa), (1 - f) * whole, 1e-6);
    }
    assert_near(geo_intermediate(zurich, zurich, 0.5).lat_deg, zurich.lat_deg, 1e-9);
}

static void longitudes_wrap_into_one_turn(void **state)
{
    (void)state;
    static const double rows[][2] = {{0, 0},      {180, -180}, {-180, -180},
                                     {190, -170}, {-190, 170}, {540, -180},
                                     {725, 5}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_near(geo_wrap_lon(rows[i][0]), rows[i][1], 1e-9);
}

static void points_outside_the_globe_are_invalid(void **state)
{
    (void)state;
    assert_true(geo_point_is_valid((struct geo_point){-90, 180}));
    assert_false(geo_point_is_valid((struct geo_point){90.01, 0}));
    assert_false(geo_point_is_valid((struct geo_point){0, -180.5}));
    assert_false(geo_point_is_valid((struct geo_point){nan(""), 0}));
    assert_false(geo_point_is_valid((struct geo_point){0, HUGE_VAL}));
}

static void boxes_contain_their_edges_and_cross_the_date_line(void **state)
{
    (void)state;
    const struct {
        struct geo_box box;
        struct geo_point p;
        bool inside;
    } rows[] = {
        {{5, 45, 11, 48}, {47, 8}, true},
        {{5, 45, 11, 48}, {45, 5}, true},
        {{5, 45, 11, 48}, {48, 11}, true},
        {{5, 45, 11, 48}, {48.1, 8}, false},
        {{5, 45, 11, 48}, {47, 11.1}, false},
        {{170, -30, -160, 0}, {-17.7, 177.4}, true},
        {{170, -30, -160, 0}, {-14.3, -170.7}, true},
        {{170, -30, -160, 0}, {-14.3, 0}, false},
        {{170, -30, 180, 0}, {-10, -180}, true}, /* one meridian, two names */
        {{-180, -30, -170, 0}, {-10, 180}, true},
        {{-180, -90, 180, 90}, {90, 12}, true},
        {{-180, -90, 180, 90}, {nan(""), 12}, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct geo_box_fixed fixed = geo_box_to_fixed(&rows[i].box);

        assert_int_equal(geo_box_contains(&rows[i].box, rows[i].p), rows[i].inside);
        if (geo_point_is_valid(rows[i].p)) {
            assert_int_equal(geo_box_contains_fixed(&fixed,
                                                    geo_to_e5(rows[i].p.lat_deg),
                                                    geo_to_e5(rows[i].p.lon_deg)),
                             rows[i].inside);
        }
    }
}

static void boxes_are_read_from_text(void **state)
{
    (void)state;
    struct geo_box box;
    char error[GEO_ERROR_MAX] = "";

    assert_int_equal(geo_box_parse("5.5,45,11,48.25", &box, error), 0);
    assert_near(box.west, 5.5, 0);
    assert_near(box.south, 45, 0);
    assert_near(box.east, 11, 0);
    assert_near(box.north, 48.25, 0);
    assert_int_equal(geo_box_parse("170,-30,-160,0", &box, error), 0);
}

static void bad_boxes_are_refused_with_the_part_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "west"},
        {"5,45,11", "east"},
        {"5;45;11;48", "west"},
        {"5,45,11,48,1", "north"},
        {"5,45,11,x", "north"},
        {"5,nan,11,48", "south"},
        {"5,45,inf,48", "east"},
        {"181,0,0,0", "west"},
        {"0,-91,0,0", "south"},
        {"0,0,999,0", "east"},
        {"0,0,0,90.5", "north"},
        {"5,48,11,45", "order"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct geo_box box = {1, 2, 3, 4};
        char error[GEO_ERROR_MAX] = "";

        assert_int_equal(geo_box_parse(rows[i].text, &box, error), -EINVAL);
        assert_non_null(strstr(error, rows[i].says));
        assert_near(box.north, 4, 0);
    }
}

static void tiles_number_the_globe_from_the_south_west(void **state)
{
    (void)state;
    static const struct {
        double lat, lon;
        unsigned tile;
    } rows[] = {
        {-90, -180, 0},
        {-90, 179.99, 119},
        {-90, 180, 0},
        {90, -180, 59 * 120},
        {90, 180, 59 * 120},
        {89.99999, 179.99999, 7199},
        {0, 0, 30 * 120 + 60},
        {-0.00001, -0.00001, 29 * 120 + 59},
        {2.99999, 2.99999, 30 * 120 + 60},
        {3, 3, 31 * 120 + 61},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(
            geo_tile_of_fixed(geo_to_e5(rows[i].lat), geo_to_e5(rows[i].lon)),
            rows[i].tile);
    }
}

static unsigned count_tiles(const struct geo_box *box, uint8_t seen[GEO_TILE_COUNT])
{
    struct geo_box_fixed fixed = geo_box_to_fixed(box);
    struct geo_tiles walk = geo_tiles_of(&fixed);
    unsigned tile, count = 0;

    memset(seen, 0, (size_t)GEO_TILE_COUNT);
    while (geo_tiles_next(&walk, &tile)) {
        assert_in_range(tile, 0, GEO_TILE_COUNT - 1);
        assert_int_equal(seen[tile]++, 0);
        count++;
    }
    return count;
}

/* The property that the fan-out needs, on a grid of points with all the edges. */
static void the_tiles_of_a_box_hold_every_point_in_it(void **state)
{
    (void)state;
    static const struct {
        struct geo_box box;
        unsigned tiles;
    } rows[] = {
        {{0, 0, 2, 2}, 1},
        {{0, 0, 3, 3}, 4},
        {{-180, -90, 180, 90}, 7200},
        {{10, -90, 9, 90}, 7200}, /* the whole turn, starting elsewhere */
        {{170, -30, -160, 0}, 11 * 11},
        {{170, 80, 180, 90}, 4 * 5}, /* 180 reaches into column 0 */
        {{-180, -90, -180, -90}, 1},
        {{180, 90, 180, 90}, 1},
    };
    uint8_t seen[GEO_TILE_COUNT];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(count_tiles(&rows[i].box, seen), rows[i].tiles);
        struct geo_box_fixed fixed = geo_box_to_fixed(&rows[i].box);

        for (int32_t lat = -90; lat <= 90; lat++) {
            for (int32_t lon = -180; lon <= 180; lon++) {
                if (geo_box_contains_fixed(&fixed, lat * GEO_E5, lon * GEO_E5)) {
                    assert_int_equal(
                        seen[geo_tile_of_fixed(lat * GEO_E5, lon * GEO_E5)], 1);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_between_known_places),
        cmocka_unit_test(bearings_are_initial_true_courses),
        cmocka_unit_test(a_destination_lies_where_distance_and_bearing_say),
        cmocka_unit_test(over_the_pole_the_longitude_flips),
        cmocka_unit_test(intermediate_points_divide_the_great_circle),
        cmocka_unit_test(longitudes_wrap_into_one_turn),
        cmocka_unit_test(points_outside_the_globe_are_invalid),
        cmocka_unit_test(boxes_contain_their_edges_and_cross_the_date_line),
        cmocka_unit_test(boxes_are_read_from_text),
        cmocka_unit_test(bad_boxes_are_refused_with_the_part_named),
        cmocka_unit_test(tiles_number_the_globe_from_the_south_west),
        cmocka_unit_test(the_tiles_of_a_box_hold_every_point_in_it),
    };

    return cmocka_run_group_tests_name("geo", tests, NULL, NULL);
}
