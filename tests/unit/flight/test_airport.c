#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flight/airport.h"
#include "flight/country.h"

/* Aerodrome reference points and elevations of the national AIPs. */
static void airports_by_code(void **state)
{
    (void)state;
    const struct airport *zurich = airport_by_icao("LSZH");

    assert_non_null(zurich);
    assert_string_equal(zurich->iata, "ZRH");
    assert_string_equal(zurich->country, "CH");
    assert_int_equal(zurich->size, AIRPORT_LARGE);
    assert_in_range(zurich->elevation_ft, 1400, 1420);
    assert_true(geo_distance_nm(airport_position(zurich),
                                (struct geo_point){47.4581, 8.5481}) < 1);
    assert_non_null(airport_by_icao("KJFK"));
    assert_null(airport_by_icao("ZZZZ"));
    assert_null(airport_by_icao("KJF"));
    assert_null(airport_by_icao(""));
}

static void rows_are_sorted_and_sound(void **state)
{
    (void)state;
    size_t n = airport_count();

    assert_in_range(n, 2000, 4500);
    for (size_t i = 0; i < n; i++) {
        const struct airport *a = airport_at(i);

        assert_true(i == 0 || strcmp(airport_at(i - 1)->icao, a->icao) < 0);
        assert_ptr_equal(airport_by_icao(a->icao), a);
        assert_true(geo_point_is_valid(airport_position(a)));
        assert_in_range(a->elevation_ft + 1300, 0, 16000);
        assert_non_null(country_name(a->country));
        assert_in_range(strlen(a->name), 1, 40);
    }
}

static void the_nearest_airport_is_found(void **state)
{
    (void)state;
    double nm = -1;
    const struct airport *a = airport_nearest((struct geo_point){40.64, -73.78}, &nm);

    assert_string_equal(a->icao, "KJFK");
    assert_true(nm >= 0 && nm < 1);
    a = airport_nearest((struct geo_point){-17.7, -179.99},
                        &nm); /* Fiji, from the east */
    assert_string_equal(a->country, "FJ");
    assert_true(nm < 120);
    assert_non_null(airport_nearest((struct geo_point){-90, 0}, NULL));
}

/* Brute force over all rows must agree with the search that skips by latitude. */
static void nothing_is_nearer_than_the_nearest(void **state)
{
    (void)state;

    for (int lat = -85; lat <= 85; lat += 17) {
        for (int lon = -180; lon <= 180; lon += 45) {
            struct geo_point p = {lat, lon};
            double nm;

            (void)airport_nearest(p, &nm);
            for (size_t i = 0; i < airport_count(); i++) {
                assert_true(geo_distance_nm(p, airport_position(airport_at(i))) >=
                            nm - 1e-9);
            }
        }
    }
}

static void agrees_with_the_reference_list(void **state)
{
    (void)state;
    const char *root = getenv("FLIGHTDASH_TEST_DATA");
    char path[512], line[512];

    (void)snprintf(path, sizeof path, "%s/reference/airports.csv",
                   root ? root : "../shared/data");
    FILE *file = fopen(path, "r");

    if (!file) {
        (void)fprintf(stderr, "SKIPPED: no %s (FLIGHTDASH_TEST_DATA)\n", path);
        skip();
        return;
    }
    unsigned both = 0, far = 0, elevation_off = 0;

    while (fgets(line, sizeof line, file)) {
        char *comma = strchr(line, ',');
        double lat, lon;
        int elevation_ft;

        if (comma)
            *comma = '\0';
        const struct airport *a = airport_by_icao(line);

        if (!a)
            continue;
        for (comma = line + strlen(line + 5) + 5; comma > line + 5; comma--) {
            if (sscanf(comma, ",%lf,%lf,%d", &lat, &lon, &elevation_ft) == 3)
                break;
        }
        both++;
        far += geo_distance_nm(airport_position(a), (struct geo_point){lat, lon}) > 2;
        elevation_off += abs(a->elevation_ft - elevation_ft) > 100;
    }
    (void)fclose(file);
    print_message(
        "reference airports: %u in both, %u over 2 nm off, %u over 100 ft off\n", both,
        far, elevation_off);
    assert_true(both > 2500 && far * 100 < both && elevation_off * 100 < both * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(airports_by_code),
        cmocka_unit_test(rows_are_sorted_and_sound),
        cmocka_unit_test(the_nearest_airport_is_found),
        cmocka_unit_test(nothing_is_nearer_than_the_nearest),
        cmocka_unit_test(agrees_with_the_reference_list),
    };

    return cmocka_run_group_tests_name("airport", tests, NULL, NULL);
}
