/* The sun against published values: Meeus, the almanac, sunrise tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "widgets/sun.h"

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", got, tolerance, want);
}

/* Meeus, examples 25.a (declination) and 28.b (equation of time): 1992 October 13. */
static void the_example_of_the_book(void **state)
{
    (void)state;
    const struct geo_point p = sun_overhead(INT64_C(718934400000));
    assert_near(p.lat_deg, -7.78507, 0.005);
    assert_near(p.lon_deg, 180 - (13 + 42.6 / 60) / 4, 0.01);
}

/* Times of the almanac (USNO): there the sun crosses the equator, or turns. */
static void equinoxes_and_solstices(void **state)
{
    (void)state;
    const struct {
        int64_t at_ms;
        double declination_deg, tolerance;
    } rows[] = {
        {INT64_C(1710903960000), 0, 0.01},        /* 2024-03-20 03:06 */
        {INT64_C(1718916660000), 23.438, 0.005},  /* 2024-06-20 20:51 */
        {INT64_C(1766329380000), -23.438, 0.005}, /* 2025-12-21 15:03 */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_near(sun_overhead(rows[i].at_ms).lat_deg, rows[i].declination_deg,
                    rows[i].tolerance);
}

/* Zurich, 2026-06-21: sunrise 03:29, sunset 19:26 UTC. */
static void night_ends_with_sunrise(void **state)
{
    (void)state;
    static const struct geo_point zurich = {47.3769, 8.5417};
    static const struct {
        int64_t at_ms;
        bool night;
    } rows[] = {{INT64_C(1782012240000), true},  /* 03:24 */
                {INT64_C(1782012840000), false}, /* 03:34 */
                {INT64_C(1782069660000), false}, /* 19:21 */
                {INT64_C(1782070260000), true}}; /* 19:31 */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(sun_is_night(sun_overhead(rows[i].at_ms), zurich),
                         rows[i].night);
}

/* Above the polar circle the midsummer night has the sun, at the other pole none. */
static void midsummer_at_the_poles(void **state)
{
    (void)state;
    const struct geo_point p = sun_overhead(INT64_C(1718916660000));
    for (double lon = -180; lon < 180; lon += 15) {
        assert_false(sun_is_night(p, (struct geo_point){67, lon}));
        assert_true(sun_is_night(p, (struct geo_point){-70, lon}));
    }
    assert_near(sun_height_sine(p, p), 1, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_book),
        cmocka_unit_test(equinoxes_and_solstices),
        cmocka_unit_test(night_ends_with_sunrise),
        cmocka_unit_test(midsummer_at_the_poles),
    };
    return cmocka_run_group_tests_name("sun", tests, NULL, NULL);
}
