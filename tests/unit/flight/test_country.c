#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <zlib.h>

#include "base/macros.h"
#include "flight/country.h"

#define RECORDING_MAX (16u << 20)

static void assert_country(uint32_t icao24, const char *want)
{
    const char *got = country_of_icao24(icao24);

    if (!got || !want ? got != want : strcmp(got, want) != 0) {
        fail_msg("%06x: %s, wanted %s", icao24, got ? got : "none",
                 want ? want : "none");
    }
}

/* Edges of blocks as ICAO Annex 10 Volume III Table 9-1 prints them. */
static void blocks_of_the_annex(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
        const char *iso2;
    } rows[] = {
        {0x4b0000, 0x4b6fff, "CH"}, {0x3c0000, 0x3e9fff, "DE"},
        {0xa00000, 0xadf7c7, "US"}, {0xc00000, 0xc1ffff, "CA"},
        {0x100000, 0x1fffff, "RU"}, {0x780000, 0x788fff, "CN"},
        {0x840000, 0x87ffff, "JP"}, {0x700000, 0x700fff, "AF"},
        {0x004000, 0x0043ff, "ZW"}, {0x4ca000, 0x4cafff, "IE"},
        {0x508000, 0x50ffff, "UA"}, {0x896000, 0x896fff, "AE"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_country(rows[i].first, rows[i].iso2);
        assert_country(rows[i].last, rows[i].iso2);
    }
}

static void addresses_of_no_country(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0,        0x003fff, 0x004400, 0x005000, 0xf00000,
                                    0xf09000, 0xb00000, 0xffffff, 0x1000000};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_country(rows[i], NULL);
}

static void the_smallest_enclosing_block_wins(void **state)
{
    (void)state;
    assert_country(0x407abc, "GB");
    assert_country(0x424250, "BM");
    assert_country(0x43e800, "IM");
    assert_country(0x400020, "GB"); /* military, inside Bermuda's, inside Britain's */
    assert_country(0x400040, "BM");
    assert_country(0x789abc, "HK");
    assert_country(0x78a000, "CN");
}

static void military_ranges(void **state)
{
    (void)state;
    static const uint32_t yes[] = {0xae0123, 0xadf7c8, 0x43c001,
                                   0x3f4000, 0x400020, 0x4b7fff};
    static const uint32_t no[] = {0xadf7c7, 0x400040, 0x4b6fff, 0xa00001, 0};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(icao24_is_military(yes[i]));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(icao24_is_military(no[i]));
}

static void every_block_has_a_country_with_a_name(void **state)
{
    (void)state;
    assert_string_equal(country_name("CH"), "Switzerland");
    assert_string_equal(country_name("KR"), "South Korea");
    assert_null(country_name("ZZ"));
    assert_null(country_name(""));
    for (uint32_t icao24 = 0; icao24 <= 0xffffff; icao24 += 0x40) {
        if (country_of_icao24(icao24))
            assert_non_null(country_name(country_of_icao24(icao24)));
    }
}

static void the_civil_range_of_a_country(void **state)
{
    (void)state;
    uint32_t first = 7, count = 7;

    assert_true(country_icao24_range("US", &first, &count));
    assert_int_equal(first, 0xa00000);
    assert_int_equal(count, 0xdf7c8);
    assert_false(country_icao24_range("ZZ", &first, &count));
    assert_int_equal(first, 0xa00000);
}

static void test_data_path(char *path, size_t size, const char *file)
{
    const char *root = getenv("FLIGHTDASH_TEST_DATA");

    (void)snprintf(path, size, "%s/%s", root ? root : "../shared/data", file);
}

static void skip_without(const char *path)
{
    (void)fprintf(stderr, "SKIPPED: no %s (FLIGHTDASH_TEST_DATA)\n", path);
    skip();
}

/* A second, larger list of blocks, kept by other people. */
static void agrees_with_the_reference_blocks(void **state)
{
    (void)state;
    char path[512], line[256];

    test_data_path(path, sizeof path, "reference/icao24-blocks.csv");
    FILE *file = fopen(path, "r");

    if (!file) {
        skip_without(path);
        return;
    }
    unsigned rows = 0, same = 0, military = 0, military_same = 0;

    while (fgets(line, sizeof line, file)) {
        if (strlen(line) < 18 || line[6] != ',' || line[14] >= 'X')
            continue;
        uint32_t first = (uint32_t)strtoul(line, NULL, 16);
        uint32_t last = (uint32_t)strtoul(line + 7, NULL, 16);
        uint32_t middle = first + (last - first) / 2;
        bool flag = line[strcspn(line, "\r\n") - 1] == '1' && last - first >= 0xff;
        const char *got = country_of_icao24(middle);

        rows++;
        same += got && strncmp(got, line + 14, 2) == 0;
        military += flag;
        military_same += flag && icao24_is_military(middle);
    }
    (void)fclose(file);
    print_message("reference blocks: %u of %u countries, %u of %u military ranges\n",
                  same, rows, military_same, military);
    assert_in_range(rows, 600, 2000);
    assert_in_range(same * 100, rows * 75, rows * 100);
    assert_in_range(military_same * 100, military * 40, military * 100);
}

static json_t *load_gzip_json(const char *path)
{
    gzFile in = gzopen(path, "rb");

    if (!in)
        return NULL;
    char *text = malloc(RECORDING_MAX);
    int n = text ? gzread(in, text, RECORDING_MAX) : -1;
    json_t *root = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;

    free(text);
    (void)gzclose(in);
    return root;
}

/* OpenSky writes some names its own way and counts territories to their State. */
static const char *opensky_name(const char *iso2)
{
    static const struct {
        const char *iso2, *name;
    } rows[] = {
        {"BM", "United Kingdom"},
        {"IM", "United Kingdom"},
        {"GG", "United Kingdom"},
        {"KY", "United Kingdom"},
        {"TC", "United Kingdom"},
        {"HK", "China"},
        {"NL", "Kingdom of the Netherlands"},
        {"RU", "Russian Federation"},
        {"KR", "Republic of Korea"},
        {"TR", "Turkey"},
        {"CZ", "Czech Republic"},
        {"MD", "Republic of Moldova"},
        {"BN", "Brunei Darussalam"},
        {"IR", "Islamic Republic of Iran"},
        {"CV", "Cape Verde"},
        {"SZ", "Swaziland"},
        {"SY", "Syrian Arab Republic"},
        {"LY", "Libyan Arab Jamahiriya"},
        {"CI", "Cote d'Ivoire"},
        {"LA", "Lao People's Democratic Republic"},
        {"TZ", "United Republic of Tanzania"},
        {"CD", "Democratic Republic of the Congo"},
        {"MK", "The former Yugoslav Republic of Macedonia"},
    };

    for (size_t i = 0; iso2 && i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].iso2, iso2) == 0)
            return rows[i].name;
    }
    return iso2 ? country_name(iso2) : NULL;
}

static void agrees_with_a_day_of_the_world(void **state)
{
    static const char *const files[] = {"opensky/states-world-20250622.json.gz",
                                        "opensky/states-world-20220408-18col.json.gz"};
    (void)state;

    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        char path[512];

        test_data_path(path, sizeof path, files[f]);
        json_t *root = load_gzip_json(path), *row;
        size_t i, same = 0;

        if (!root) {
            skip_without(path);
            return;
        }
        json_t *states = json_object_get(root, "states");
        size_t total = json_array_size(states);

        json_array_foreach(states, i, row)
        {
            const char *hex = json_string_value(json_array_get(row, 0));
            const char *want = json_string_value(json_array_get(row, 2));
            const char *iso2 = country_of_icao24((uint32_t)strtoul(hex, NULL, 16));
            const char *got = opensky_name(iso2);

            if (got &&
                (strcmp(got, want) == 0 || strcmp(country_name(iso2), want) == 0)) {
                same++;
            } else {
                print_message("%s: %s, OpenSky says %s\n", hex, got ? got : "none",
                              want);
            }
        }
        print_message("%s: %zu of %zu agree\n", files[f], same, total);
        json_decref(root);
        assert_true(total > 1000 && same * 1000 > total * 995);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_the_annex),
        cmocka_unit_test(addresses_of_no_country),
        cmocka_unit_test(the_smallest_enclosing_block_wins),
        cmocka_unit_test(military_ranges),
        cmocka_unit_test(every_block_has_a_country_with_a_name),
        cmocka_unit_test(the_civil_range_of_a_country),
        cmocka_unit_test(agrees_with_the_reference_blocks),
        cmocka_unit_test(agrees_with_a_day_of_the_world),
    };

    return cmocka_run_group_tests_name("country", tests, NULL, NULL);
}
