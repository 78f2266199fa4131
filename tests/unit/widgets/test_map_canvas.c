/* Mercator against its other formula (asinh tan), great circles against vectors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "widgets/map_canvas.h"
#include "widgets/map_world.h"

static const struct geo_point zurich = {47.4581, 8.5481};
static const struct geo_point new_york = {40.6395, -73.7789};
static const struct geo_point tokyo = {35.5523, 139.78};
static const struct geo_point san_francisco = {37.619, -122.375};

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", got, tolerance, want);
}

static void heights_are_mercators(void **state)
{
    (void)state;
    const struct {
        double lat_deg, height_deg;
    } rows[] = {{0, 0},
                {47.46, 54.05597562},
                {-33.9461, -36.12634983},
                {60, 75.45612929},
                {84, 168.94807875},
                {89, 168.94807875}}; /* Mercator ends */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_near(map_height_deg(rows[i].lat_deg), rows[i].height_deg, 1e-6);
    assert_near(map_latitude_deg(75.45612929), 60, 1e-6);
}

static void places_and_cells(void **state)
{
    (void)state;
    const struct map_canvas m = {NULL, {0, 0, 80, 20}, {0, 179}, 0.1};
    double dot[2];
    int x, y;
    map_project(&m, (struct geo_point){0, 179}, dot);
    assert_near(dot[0], 80, 1e-9);
    assert_near(dot[1], 40, 1e-9);
    map_project(&m, (struct geo_point){0, -179}, dot); /* over the date line */
    assert_near(dot[0], 100, 1e-9);
    assert_true(map_cell(&m, (struct geo_point){0.01, -179}, &x, &y));
    assert_int_equal(x, 50);
    assert_int_equal(y, 9);
    assert_false(map_cell(&m, (struct geo_point){0, 170}, &x, &y));
    assert_false(map_cell(&m, (struct geo_point){10, 179}, &x, &y));
    struct geo_point back = map_place(&m, 50, 9);
    assert_near(back.lon_deg, -178.9, 1e-9);
    assert_near(back.lat_deg, 0.2, 1e-3);
}

/* The way without trigonometry says the same, but for rounding at the edges. */
static void the_grid_agrees(void **state)
{
    (void)state;
    static const struct map_canvas maps[] = {
        {NULL, {0, 0, 200, 47}, {18, 0}, 0.9},
        {NULL, {3, 2, 80, 21}, {47.46, 8.55}, 0.01},
        {NULL, {0, 0, 40, 7}, {-60, 179.5}, 0.05},
    };
    uint32_t seed = 1;
    for (size_t k = 0; k < ARRAY_LEN(maps); k++) {
        const struct map_canvas *m = &maps[k];
        struct map_grid grid;
        int inside = 0;
        map_grid_init(&grid, m);
        for (int i = 0; i < 20000; i++) {
            seed = seed * 1664525 + 1013904223;
            double north =
                ((seed >> 8) / 16777216.0 - 0.5) * m->area.h * 4 * m->degrees;
            seed = seed * 1664525 + 1013904223;
            double east = ((seed >> 8) / 16777216.0 - 0.5) * m->area.w * 3 * m->degrees;
            int32_t lat =
                geo_to_e5(map_latitude_deg(map_height_deg(m->centre.lat_deg) + north));
            int32_t lon = geo_to_e5(geo_wrap_lon(m->centre.lon_deg + east));
            struct geo_point p = {lat / (double)GEO_E5, lon / (double)GEO_E5};
            double dot[2];
            int x = -1;
            int y = -1;
            bool in = map_grid_cell(&grid, lat, lon, &x, &y);
            map_project(m, p, dot);
            if (!in)
                continue;
            inside++;
            assert_near(x, dot[0] / DOTS_ACROSS - 0.5, 0.51);
            assert_near(y, dot[1] / DOTS_DOWN - 0.5, 0.51);
        }
        assert_true(inside > 5000);
    }
}

static unsigned bits_near(const struct map_canvas *m, const struct dots *dots,
                          struct geo_point p)
{
    int x, y;
    unsigned bits = 0;
    assert_true(map_cell(m, p, &x, &y));
    for (int i = 0; i < 9; i++)
        bits |= dots->bits[(y + i / 3 - 1) * m->area.w + x + i % 3 - 1];
    return bits;
}

/* Middles of great circles by adding unit vectors; rhumb lines pass elsewhere. */
static void great_circles_pass_their_middle(void **state)
{
    (void)state;
    const struct {
        struct geo_point a, b, middle, not_there;
    } rows[] = {
        {zurich, new_york, {52.07277, -35.49979}, {44, -32.6}},
        {tokyo, san_francisco, {48.48071, -172.17749}, {36.6, -171.3}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct map_canvas m = {NULL, {0, 0, 120, 40}, rows[i].middle, 0.6};
        struct dots dots = {0};
        dots_resize(&dots, 120, 40);
        map_draw_great_circle(&m, &dots, ROLE_RING, rows[i].a, rows[i].b);
        assert_true(bits_near(&m, &dots, rows[i].middle) != 0);
        assert_true(bits_near(&m, &dots, rows[i].not_there) == 0);
        dots_release(&dots);
    }
}

/* All points of a ring are equally far; it is higher than wide nowhere but there. */
static void rings_keep_their_distance(void **state)
{
    (void)state;
    const struct map_canvas m = {NULL, {0, 0, 100, 50}, zurich, 0.02};
    struct dots dots = {0};
    dots_resize(&dots, 100, 50);
    map_draw_ring(&m, &dots, ROLE_RING, zurich, 60);
    int found = 0;
    for (int y = 0; y < 50; y++) {
        for (int x = 0; x < 100; x++) {
            if (dots.bits[y * 100 + x] == 0)
                continue;
            assert_near(geo_distance_nm(zurich, map_place(&m, x, y)), 60, 4);
            found++;
        }
    }
    assert_true(found > 60);
    dots_release(&dots);
}

static enum role role_at(const struct map_world *w, const struct map_canvas *m,
                         struct geo_point p)
{
    int x, y;
    assert_true(map_cell(m, p, &x, &y));
    return (enum role)w->dots.roles[y * m->area.w + x];
}

/* At noon of Greenwich on an equinox it is day in Africa, night in the Pacific. */
static void half_of_the_world_is_dark(void **state)
{
    (void)state;
    const struct map_canvas m = {NULL, {0, 0, 180, 40}, {0, 0}, 1};
    struct map_world world = {0};
    map_world_take(&world, &m, INT64_C(1710936000000)); /* 2024-03-20 12:00 */
    int dark = 0;
    for (int i = 0; i < 180 * 40; i++)
        dark += world.night[i];
    assert_near(dark / (180.0 * 40), 0.5, 0.02);
    assert_int_equal(role_at(&world, &m, (struct geo_point){0, -170}), ROLE_NIGHT);
    assert_int_not_equal(role_at(&world, &m, (struct geo_point){5, 0}), ROLE_NIGHT);
    map_world_take(&world, &m, -1);
    for (int i = 0; i < 180 * 40; i++)
        assert_int_equal(world.night[i], 0);
    map_world_release(&world);
}

/* Known coasts are where they are: Land's End, Cape Town, and Fiji over the line. */
static void coasts_are_where_they_are(void **state)
{
    (void)state;
    static const struct geo_point places[] = {
        {50.07, -5.71}, {-34.36, 18.48}, {-16.8, 179.99}};
    static const struct geo_point nowhere[] = {{0, -30}, {-45, -120}, {-10, 80}};
    struct map_world world = {0};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct map_canvas m = {NULL, {0, 0, 40, 20}, places[i], 0.02};
        map_world_take(&world, &m, -1);
        assert_true(bits_near(&m, &world.dots, places[i]) != 0);
        const struct map_canvas sea = {NULL, {0, 0, 40, 20}, nowhere[i], 0.02};
        map_world_take(&world, &sea, -1);
        for (int k = 0; k < 40 * 20; k++)
            assert_int_equal(world.dots.bits[k], 0);
    }
    map_world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_are_mercators),
        cmocka_unit_test(places_and_cells),
        cmocka_unit_test(the_grid_agrees),
        cmocka_unit_test(great_circles_pass_their_middle),
        cmocka_unit_test(rings_keep_their_distance),
        cmocka_unit_test(half_of_the_world_is_dark),
        cmocka_unit_test(coasts_are_where_they_are),
    };
    return cmocka_run_group_tests_name("map_canvas", tests, NULL, NULL);
}
