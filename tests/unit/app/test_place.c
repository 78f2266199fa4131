/* Places by name: airports by code, countries by their airports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/place.h"
#include "base/macros.h"

static void places_are_where_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double lat_deg, lon_deg, within_deg;
    } rows[] = {
        {"LSZH", 47.46, 8.55, 0.1},   {"zrh", 47.46, 8.55, 0.1},
        {"CH", 46.8, 8.2, 1},         {"switzerland", 46.8, 8.2, 1},
        {"New Zealand", -41, 174, 3}, {"FJ", -17.5, 178, 3}, /* the date line */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct place place;
        assert_true(place_find(rows[i].name, &place));
        assert_float_equal(place.centre.lat_deg, rows[i].lat_deg, rows[i].within_deg);
        assert_float_equal(place.centre.lon_deg, rows[i].lon_deg, rows[i].within_deg);
    }
}

static void nobody_knows_them(void **state)
{
    (void)state;
    static const char *const names[] = {"", "Atlantis", "47.5", "-", "QQ"};
    struct place place;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_false(place_find(names[i], &place));
}

static void a_country_fits_on_the_screen(void **state)
{
    (void)state;
    struct place swiss, us;
    assert_true(place_find("CH", &swiss) && place_find("US", &us));
    assert_true(place_zoom(&swiss) > 4 && place_zoom(&swiss) < 6);
    assert_true(place_zoom(&us) >= 1 && place_zoom(&us) < 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_where_they_are),
        cmocka_unit_test(nobody_knows_them),
        cmocka_unit_test(a_country_fits_on_the_screen),
    };
    return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
