#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flight/filter.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"

#define T0          INT64_C(1700000000000)
#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

static const struct filter_context zurich = {
    .now_ms = T0, .has_home = true, .home = {47.458, 8.548}};

static void set(struct flight *f, enum flight_field field, int32_t value)
{
    f->v.num[field] = value;
    f->known |= FLIGHT_BIT(field);
}

static void set_text(struct flight *f, enum flight_field field, const char *text)
{
    assert_true(flight_values_set_text(&f->v, field, text, strlen(text)));
    f->known |= FLIGHT_BIT(field);
}

/* A Swiss A320 over Basel, heard 10 s ago. */
static struct flight airliner(void)
{
    struct flight f = {
        .icao = 0x4b1814, .heard_at_ms = T0 - 10000, .pos_at_ms = T0 - 12000};
    set(&f, FLIGHT_LAT, 4755958);
    set(&f, FLIGHT_LON, 758860);
    set(&f, FLIGHT_ALT_BARO, 35000);
    set(&f, FLIGHT_GS, 4312);
    set(&f, FLIGHT_TRACK, 2705);
    set(&f, FLIGHT_GEOM_RATE, -640);
    set(&f, FLIGHT_SQUAWK, 733);
    set(&f, FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_NONE);
    set(&f, FLIGHT_CATEGORY, 0xA3);
    set(&f, FLIGHT_ADDR_TYPE, FLIGHT_ADDR_ADSB_ICAO);
    set(&f, FLIGHT_NAV_MODES, FLIGHT_NAV_TCAS | FLIGHT_NAV_LNAV);
    set_text(&f, FLIGHT_CALLSIGN, "SWR123A");
    set_text(&f, FLIGHT_REGISTRATION, "HB-JLT");
    set_text(&f, FLIGHT_TYPE_CODE, "A320");
    set_text(&f, FLIGHT_SRC, "sim");
    return f;
}

/* A taxiing aircraft without callsign of which little is known. */
static struct flight taxiing(void)
{
    struct flight f = {.icao = 0xae0001, .heard_at_ms = T0 - 100};
    set(&f, FLIGHT_ALT_BARO, FLIGHT_ALT_GROUND);
    return f;
}

static bool matches(const char *text, const struct flight *f)
{
    struct strbuf error;
    strbuf_init(&error, 1024);
    struct filter *filter = filter_parse(text, &error);
    if (filter == NULL)
        fail_msg("%s: %s", text, strbuf_text(&error));
    bool match = filter_match(filter, f, &zurich);

    /* The canonical text is a fixed point and means the same. */
    struct filter *again = filter_parse(filter_text(filter), &error);
    if (again == NULL)
        fail_msg("%s -> %s: %s", text, filter_text(filter), strbuf_text(&error));
    assert_string_equal(filter_text(again), filter_text(filter));
    assert_int_equal(filter_match(again, f, &zurich), match);
    assert_int_equal(filter_fields(again), filter_fields(filter));
    filter_free(again);
    filter_free(filter);
    strbuf_release(&error);
    return match;
}

static void an_airliner_matches(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "",
        "   ",
        ("alt > 30000 and type ~ \"A3*\" and not ground and dist < 100 and "
         "squawk in (0733, 7600) and age < 30 and callsign ~ \"SWR*\""),
        "alt = 35000",
        "alt != 34999",
        "alt >= 35000",
        "alt <= 35000",
        "alt < 35000.5",
        "alt > 34999.5",
        "alt in (1, 35000)",
        "gs = 431.2",
        "gs > 431.15",
        "gs < 431.25",
        "gs != 431.25",
        "track >= 270",
        "vrate < 0",
        "lat > 47 lon < 8",
        "squawk = 733",
        "squawk = \"0733\"",
        "squawk ~ \"07*\"",
        "squawk != 7700",
        "emergency = none",
        "emergency != nordo",
        "emergency ~ \"n*\"",
        "emergency in (none, general)",
        "addr_type = adsb_icao",
        "addr_type ~ adsb",
        "nav_modes = tcas",
        "nav_modes in (vnav, lnav)",
        "category = A3",
        "category ~ \"a*\"",
        "country = CH",
        "country = switzerland",
        "country in (de, ch)",
        "operator = SWR",
        "operator ~ swiss",
        "hex = 4b1814",
        "hex ~ 4B18*",
        "callsign = swr123a",
        "callsign ~ 123",
        "callsign ~ \"SWR???A\"",
        "callsign = SWR*",
        "callsign != DLH*",
        "callsign in (DLH*, SWR*)",
        "reg = HB-JLT",
        "src = sim",
        "age >= 10",
        "age < 10.001",
        "seen_pos = 12",
        "dist > 30 and dist < 50",
        "bearing > 260 and bearing < 290",
        "swr",
        "\"JLT\"",
        "A320",
        "4b18",
        "sw* hb*",
        "not mil",
        "not ground",
        "unknown ias",
        "not unknown gs",
        "not not alt > 1",
        "not (alt < 1 or ground)",
        "alt < 1 or ground or gs > 400",
        "not (alt > 1 and gs < 1)",
        "(((alt > 1)))",
        "ALT > 1 AND NOT Ground",
        "unknown dbFlags",
        "rssi > 1 or alt > 1",
    };
    struct flight f = airliner();
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (!matches(yes[i], &f))
            fail_msg("%s: should match", yes[i]);
}

static void an_airliner_does_not_match(void **state)
{
    (void)state;
    static const char *const no[] = {
        "alt > 35000",
        "alt < 35000",
        "alt = 35000.5",
        "gs = 431",
        "gs < 431.2",
        "ground",
        "mil",
        "squawk = 7700",
        "squawk in (7500,7600,7700)",
        "emergency = general",
        "nav_modes = vnav",
        "nav_modes != lnav",
        "country = DE",
        "operator = DLH",
        "callsign = SWR",
        "callsign ~ \"SWR\" and callsign ~ \"DLH\"",
        "callsign != SWR*",
        "type ~ \"A3\" and type ~ \"B7*\"",
        "dlh",
        "unknown alt",
        "not unknown ias",
        "ias > 0",
        "not ias > 0",
        "ias != 5",
        "not (ias = 5)",
        "not (ias > 0 or ias <= 0)",
        "ias > 0 or ias <= 0",
        "dbFlags = 0",
        "age < 10",
        "age > 10",
        "dist < 1",
        "not swr",
        "alt > 1 and alt < 1 or gs < 1",
        "alt > 999999999999999999",
        "alt < -999999999999999999",
    };
    struct flight f = airliner();
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (matches(no[i], &f))
            fail_msg("%s: should not match", no[i]);
}

static void what_is_unknown_matches_only_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
    } rows[] = {
        {"ground", true},
        {"not ground", false},
        {"alt < 1000", true},
        {"alt = 0", true},
        {"unknown alt", false},
        {"unknown callsign", true},
        {"callsign = X", false},
        {"callsign != X", false},
        {"not callsign = X", false},
        {"squawk != 7700", false},
        {"unknown squawk", true},
        {"dist < 99999", false},
        {"not dist < 1", false},
        {"unknown dist", true},
        {"unknown bearing", true},
        {"unknown operator", true},
        {"operator != SWR", false},
        {"country = US", true},
        {"mil", true},
        {"not mil", false},
        {"unknown mil", false},
        {"unknown country", false},
        {"unknown seen_pos", true},
        {"seen_pos > 0", false},
        {"ae", true},
        {"not zz", true},
        {"unknown nav_modes", true},
        {"nav_modes != tcas", false},
        {"emergency != none", false},
        {"vrate = 0", false},
        {"unknown vrate", true},
        {"callsign ~ \"*\"", false},
        {"hex ~ \"*\"", true},
    };
    struct flight f = taxiing();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (matches(rows[i].text, &f) != rows[i].want)
            fail_msg("%s: should be %d", rows[i].text, rows[i].want);

    struct flight stranger = {.icao = 0xae0001 | FLIGHT_NON_ICAO};
    assert_true(matches("unknown country", &stranger));
    assert_false(matches("mil", &stranger));
    assert_true(matches("hex = \"~ae0001\"", &stranger));
    set(&stranger, FLIGHT_DB_FLAGS, FLIGHT_DB_MILITARY);
    assert_true(matches("mil", &stranger));
}

static void without_a_home_there_is_no_distance(void **state)
{
    (void)state;
    struct filter_context nowhere = {.now_ms = T0};
    struct flight f = airliner();
    struct strbuf error;
    strbuf_init(&error, 256);
    struct filter *near = filter_parse("dist < 1000", &error);
    struct filter *unknown = filter_parse("unknown dist", &error);
    assert_false(filter_match(near, &f, &nowhere));
    assert_true(filter_match(unknown, &f, &nowhere));
    assert_true(filter_match(NULL, &f, &nowhere));
    filter_free(near);
    filter_free(unknown);
    filter_free(NULL);
    strbuf_release(&error);
}

static void errors_name_the_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"atl > 3", "column 1: no field 'atl', did you mean 'alt'?"},
        {"gs > 1 and calsign = A",
         "column 12: no field 'calsign', did you mean 'callsign'?"},
        {"xyzzy > 3", "column 1: no field 'xyzzy'"},
        {"alt >", "column 6: expected a value"},
        {"alt > high", "column 7: alt wants a number, not 'high'"},
        {"alt > 1.2.3", "column 7: alt wants a number, not '1.2.3'"},
        {"alt > 1.", "column 7: alt wants a number, not '1.'"},
        {"alt", "column 4: expected one of = != < <= > >= ~ in"},
        {"alt 3", "column 5: expected one of = != < <= > >= ~ in, not '3'"},
        {"alt ~ 3", "column 5: patterns are for texts; not here: '~'"},
        {"callsign < A", "column 10: only numbers have an order; not here: '<'"},
        {"ground = 1", "column 8: this field is a condition by itself; drop '='"},
        {"squawk = 7800",
         "column 10: a squawk is up to four digits 0 to 7, not '7800'"},
        {"squawk in 7700", "column 11: expected '(' and a list, not '7700'"},
        {"squawk in (7700", "column 16: expected ',' or ')'"},
        {"squawk in (7700,)", "column 17: expected a value, not ')'"},
        {"squawk in ()", "column 12: expected a value, not ')'"},
        {"emergency = loud",
         "column 13: emergency is one of none, general, lifeguard, minfuel, nordo, "
         "unlawful, downed, reserved"},
        {"(alt > 3", "column 1: this '(' is never closed"},
        {"alt > 3)", "column 8: this ')' was never opened"},
        {"alt > 3 and", "column 12: expected a condition"},
        {"and alt > 3", "column 1: expected a condition, not 'and'"},
        {"not", "column 4: expected a condition"},
        {"alt > 3 or or gs > 1", "column 12: expected a condition, not 'or'"},
        {"callsign = and", "column 12: expected a value, not 'and'"},
        {"callsign = \"SWR", "column 12: this quote is never closed"},
        {"alt > 3 & gs > 1", "column 9: this character means nothing here"},
        {"! ground", "column 1: '!' is not an operator; say 'not' or '!='"},
        {"unknown", "column 8: expected a field"},
        {"unknown foo", "column 9: no field 'foo'"},
        {"operator = \"Zürich\" and atl = 3",
         "column 25: no field 'atl', did you mean 'alt'?"},
        {"alt > 3,", "column 8: expected 'and' or 'or', not ','"},
        {"a\x01", "column 2: this character means nothing here"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        assert_null(filter_parse(rows[i].text, &error));
        assert_string_equal(strbuf_text(&error), rows[i].want);
        strbuf_release(&error);
    }
}

/* `n` times `part`, then `end`. */
static char *repeat(const char *part, size_t n, const char *end)
{
    size_t length = strlen(part);
    char *text = malloc(n * length + strlen(end) + 1);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * length, part, length);
    memcpy(text + n * length, end, strlen(end) + 1);
    return text;
}

static void every_dimension_has_a_ceiling(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        size_t n;
        const char *end;
        const char *want; /* NULL = accepted */
    } rows[] = {
        {"x ", 84, "x", NULL},
        {"x ", 200, "x", "column 173: the filter has too many terms"},
        {"(", 64, "x", "column 64: this '(' is never closed"},
        {"(", 65, "x", "column 65: the filter is nested too deep"},
        {"not ", 64, "ground", NULL},
        {"not ", 65, "ground", "column 257: the filter is nested too deep"},
        {" ", 4096, "", NULL},
        {" ", 4097, "", "column 1: the filter is longer than 4096 bytes"},
        {"x", 64, "", NULL},
        {"x", 65, "", "column 1: this value is too long"},
        {"'\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"' ", 84, "",
         "column 1: the filter is too long written out"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = repeat(rows[i].part, rows[i].n, rows[i].end);
        struct strbuf error;
        strbuf_init(&error, 1024);
        struct filter *filter = filter_parse(text, &error);
        assert_int_equal(filter != NULL, rows[i].want == NULL);
        assert_string_equal(strbuf_text(&error), rows[i].want ? rows[i].want : "");
        filter_free(filter);
        strbuf_release(&error);
        free(text);
    }
}

static void canonical_text_is_one_for_equal_filters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"", ""},
        {" ALT>+30000.50 and(  t~'A3*')", "alt > 30000.5 and type ~ \"A3*\""},
        {"swr a320", "\"swr\" and \"a320\""},
        {"squawk in(7,0077)", "squawk in (0007, 0077)"},
        {"a or b and not (c or d)", "\"a\" or \"b\" and not (\"c\" or \"d\")"},
        {"(a or b) c", "(\"a\" or \"b\") and \"c\""},
        {"unknown flight", "unknown callsign"},
        {"lat>-0.0", "lat > 0"},
        {"lon < -8.05", "lon < -8.05"},
        {"callsign = \"a\\\"b\"", "callsign = \"a\\\"b\""},
        {"baro_rate >= 64", "baro_rate >= 64"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        struct filter *filter = filter_parse(rows[i].text, &error);
        assert_non_null(filter);
        assert_string_equal(filter_text(filter), rows[i].want);
        filter_free(filter);
        strbuf_release(&error);
    }
}

static void a_filter_tells_what_it_reads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t fields;
        bool time, home;
    } rows[] = {
        {"", 0, false, false},
        {"alt > 1 or ground", FLIGHT_BIT(FLIGHT_ALT_BARO), false, false},
        {"age < 5", 0, true, false},
        {"not dist < 5", FLIGHT_POSITION_FIELDS, false, true},
        {"swr",
         FLIGHT_BIT(FLIGHT_CALLSIGN) | FLIGHT_BIT(FLIGHT_REGISTRATION) |
             FLIGHT_BIT(FLIGHT_TYPE_CODE),
         false, false},
        {"mil operator = SWR",
         FLIGHT_BIT(FLIGHT_DB_FLAGS) | FLIGHT_BIT(FLIGHT_CALLSIGN), false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        struct filter *filter = filter_parse(rows[i].text, &error);
        assert_non_null(filter);
        assert_int_equal(filter_fields(filter), rows[i].fields);
        assert_int_equal(filter_reads_time(filter), rows[i].time);
        assert_int_equal(filter_reads_home(filter), rows[i].home);
        filter_free(filter);
        strbuf_release(&error);
    }
}

static void every_field_can_be_asked_for(void **state)
{
    (void)state;
    struct flight f = airliner();
    const char *name;
    size_t count = 0;
    for (; (name = filter_field_name(count)) != NULL; count++) {
        char text[64];
        snprintf(text, sizeof text, "unknown %s", name);
        matches(text, &f);
    }
    assert_in_range(count, FLIGHT_FIELD_COUNT, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_airliner_matches),
        cmocka_unit_test(an_airliner_does_not_match),
        cmocka_unit_test(what_is_unknown_matches_only_unknown),
        cmocka_unit_test(without_a_home_there_is_no_distance),
        cmocka_unit_test(errors_name_the_column),
        cmocka_unit_test(every_dimension_has_a_ceiling),
        cmocka_unit_test(canonical_text_is_one_for_equal_filters),
        cmocka_unit_test(a_filter_tells_what_it_reads),
        cmocka_unit_test(every_field_can_be_asked_for),
    };
    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
