/*
 * A viewport's box gives the answers of the plain definition (geo_box_contains),
 * and an inner tile holds nothing that is outside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "gateway/view_box.h"
#include "state/frame_set.h"

static const struct geo_box boxes[] = {
    {-180, -90, 180, 90},     {5.5, 45.5, 10.5, 48}, {6, 45, 12, 48},
    {170, -60, -170, 60},     {180, -10, -170, 10},  {170, -10, 180, 10},
    {-180, -10, -170, 10},    {180, 0, 180, 10},     {-180, 0, -180, 10},
    {10, -90, 9.99, 90},      {-10, 80, 10, 90},     {-10, 80, 10, 89.99999},
    {7.25, 47.1, 7.25, 47.1},
};

/* Edges of tiles, a step to either side, and the edges of the map. */
static size_t edges(int32_t max, int32_t *ret_places)
{
    size_t n = 0;
    for (int32_t at = -max; at <= max; at += GEO_TILE_DEG * GEO_E5)
        for (int32_t step = -1; step <= 1; step++)
            if (at + step >= -max && at + step <= max)
                ret_places[n++] = at + step;
    return n;
}

static bool is_inner(const struct view_box *box, unsigned tile)
{
    unsigned row = tile / GEO_TILE_COLS;
    unsigned column =
        (tile % GEO_TILE_COLS + GEO_TILE_COLS - box->column_first) % GEO_TILE_COLS;
    return row >= box->inner_row_first && row < box->inner_row_end &&
           column >= box->inner_column_first && column < box->inner_column_end;
}

static void check_place(const struct view_box *box, int32_t lat, int32_t lon)
{
    bool expected = geo_box_contains_fixed(&box->fixed, lat, lon);
    unsigned tile = geo_tile_of_fixed(lat, lon);
    assert_int_equal(view_box_has(box, lat, lon), expected);
    if (expected)
        assert_true(view_box_touches(box, tile));
    if (is_inner(box, tile))
        assert_true(expected);
}

static void places_are_inside_as_defined(void **state)
{
    (void)state;
    static int32_t lats[3 * GEO_TILE_ROWS + 8];
    static int32_t lons[3 * GEO_TILE_COLS + 8];
    size_t lat_count = edges(GEO_LAT_MAX_E5, lats);
    size_t lon_count = edges(GEO_LON_MAX_E5, lons);
    lats[lat_count++] = 4710000;
    lons[lon_count++] = 725000;
    for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
        struct view_box box = view_box_of(&boxes[i]);
        for (size_t a = 0; a < lat_count; a++)
            for (size_t o = 0; o < lon_count; o++)
                check_place(&box, lats[a], lons[o]);
        assert_false(view_box_has(&box, FRAME_NO_POSITION, 0));
    }
}

static void inner_tiles_are_found(void **state)
{
    (void)state;
    struct view_box world = view_box_of(&boxes[0]);
    for (unsigned tile = 0; tile < GEO_TILE_COUNT; tile++)
        assert_true(is_inner(&world, tile));
    /* 6 to 12 degrees east are two tiles, of which the edge at 12 opens a third. */
    struct view_box even = view_box_of(&boxes[2]);
    assert_int_equal(even.column_count, 3);
    assert_int_equal(even.inner_column_end - even.inner_column_first, 2);
    assert_int_equal(even.inner_row_end - even.inner_row_first, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_inside_as_defined),
        cmocka_unit_test(inner_tiles_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
