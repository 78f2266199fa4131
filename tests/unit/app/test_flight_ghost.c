/* Dead reckoning against values from rotated unit vectors, and when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/flight_ghost.h"
#include "base/macros.h"

static struct flight flight_at(double lat, double lon, double track, double gs_kt)
{
    struct flight f = {.icao = 1, .pos_at_ms = 1000000};
    f.known = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
              FLIGHT_BIT(FLIGHT_TRACK) | FLIGHT_BIT(FLIGHT_GS);
    f.v.num[FLIGHT_LAT] = geo_to_e5(lat);
    f.v.num[FLIGHT_LON] = geo_to_e5(lon);
    f.v.num[FLIGHT_TRACK] = (int32_t)(track * 10 + 0.5);
    f.v.num[FLIGHT_GS] = (int32_t)(gs_kt * 10 + 0.5);
    return f;
}

static void it_moves_along_the_great_circle(void **state)
{
    (void)state;
    static const struct {
        double lat, lon, track, gs_kt;
        int seconds;
        double expected_lat, expected_lon;
    } rows[] = {
        {47.46, 8.55, 90, 480, 60, 47.459831, 8.747075},
        {47.46, 8.55, 0, 480, 600, 48.792433, 8.550000},
        {-17.5, 179.95, 90, 450, 300, -17.498927, -179.395114},
        {70, -30, 315, 500, 600, 70.957158, -33.009071},
        {0, 0, 225.5, 360, 15, -0.017511, -0.017819},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct flight f =
            flight_at(rows[i].lat, rows[i].lon, rows[i].track, rows[i].gs_kt);
        struct geo_point p;
        int64_t now_ms = f.pos_at_ms + rows[i].seconds * 1000;
        assert_true(flight_ghost_place(&f, now_ms, &p));
        assert_float_equal(p.lat_deg, rows[i].expected_lat, 1e-5);
        assert_float_equal(p.lon_deg, rows[i].expected_lon, 1e-5);
    }
}

static void there_is_none_while_it_is_heard_nor_after_ten_minutes(void **state)
{
    (void)state;
    struct flight f = flight_at(47, 8, 90, 400);
    struct geo_point p = {-1, -1};
    assert_false(flight_ghost_place(&f, f.pos_at_ms + FLIGHT_GHOST_FROM_MS - 1, &p));
    assert_true(flight_ghost_place(&f, f.pos_at_ms + FLIGHT_GHOST_FROM_MS, &p));
    assert_true(flight_ghost_place(&f, f.pos_at_ms + FLIGHT_GHOST_TO_MS, &p));
    p = (struct geo_point){-1, -1};
    assert_false(flight_ghost_place(&f, f.pos_at_ms + FLIGHT_GHOST_TO_MS + 1, &p));
    assert_float_equal(p.lat_deg, -1, 0); /* untouched */
}

static void what_is_not_known_is_not_guessed(void **state)
{
    (void)state;
    static const enum flight_field needed[] = {FLIGHT_LAT, FLIGHT_LON, FLIGHT_TRACK,
                                               FLIGHT_GS};
    struct geo_point p;
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        struct flight f = flight_at(47, 8, 90, 400);
        f.known &= ~FLIGHT_BIT(needed[i]);
        assert_false(flight_ghost_place(&f, f.pos_at_ms + 60000, &p));
    }
    struct flight parked = flight_at(47, 8, 90, 4);
    parked.known |= FLIGHT_BIT(FLIGHT_ALT_BARO);
    parked.v.num[FLIGHT_ALT_BARO] = FLIGHT_ALT_GROUND;
    assert_false(flight_ghost_place(&parked, parked.pos_at_ms + 60000, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_moves_along_the_great_circle),
        cmocka_unit_test(there_is_none_while_it_is_heard_nor_after_ten_minutes),
        cmocka_unit_test(what_is_not_known_is_not_guessed),
    };
    return cmocka_run_group_tests_name("flight_ghost", tests, NULL, NULL);
}
