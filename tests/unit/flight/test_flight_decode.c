#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "flight/flight_decode.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "flight/flight_json.h"
#include "flight/flight_names.h"
#include "flight/flight_scan.h"
#include "flight/flight_table.h"

#define T0          INT64_C(1700000000000)
#define HEAD        "{\"hex\":\"4b1814\",\"now\":1700000000"
#define IS_GROUND   FLIGHT_ALT_GROUND
#define ABSENT      (INT32_MIN + 2)
#define CLEARED     (INT32_MIN + 3)
#define REFUSED     (INT32_MIN + 4)
#define POSITION    FLIGHT_POSITION_FIELDS
#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

static const struct flight_decode_options plain = {.clock_ms = T0};

static enum observation_reason decode(const char *json, struct observation *ret_obs,
                                      struct flight_refusals *ret_refusals)
{
    return flight_decode_with(json, strlen(json), &plain, ret_obs, ret_refusals);
}

static struct observation must_decode(const char *json)
{
    struct observation obs;
    assert_int_equal(decode(json, &obs, NULL), OBSERVATION_NONE);
    return obs;
}

/* Where the scanner accepts, the careful decoder says the same. */
static void assert_both_agree(const char *json)
{
    enum observation_reason quick;
    struct observation a;
    struct observation b;
    struct flight_refusals ra;
    struct flight_refusals rb;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    if (!flight_scan(json, strlen(json), &plain, &quick, &a, &ra))
        return;
    if (quick != flight_json_decode(json, strlen(json), &plain, &b, &rb))
        fail_msg("%s: the scanner says %s", json, observation_reason_text(quick));
    if (quick != OBSERVATION_NONE)
        return;
    if (memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%s: the decoders differ", json);
    assert_int_equal(ra.fields, rb.fields);
    assert_int_equal(ra.count, rb.count);
}

static void a_whole_record_is_refused_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum observation_reason want;
    } rows[] = {
        {"", OBSERVATION_EMPTY},
        {" ", OBSERVATION_NOT_JSON},
        {"None", OBSERVATION_NOT_JSON},
        {"[]", OBSERVATION_NOT_OBJECT},
        {"null", OBSERVATION_NOT_OBJECT},
        {"7", OBSERVATION_NOT_OBJECT},
        {"{}", OBSERVATION_NO_HEX},
        {"{ }", OBSERVATION_NO_HEX},
        {HEAD "", OBSERVATION_NOT_JSON},
        {HEAD ",}", OBSERVATION_NOT_JSON},
        {HEAD "}}", OBSERVATION_NOT_JSON},
        {HEAD "},", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":01}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":1.}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":.5}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":-}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":+1}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":NaN}", OBSERVATION_NOT_JSON},
        {HEAD ",\"lat\":NaN,\"lon\":NaN}", OBSERVATION_NOT_JSON},
        {HEAD ",\"lat\":Infinity,\"lon\":1}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":1e999}", OBSERVATION_NOT_JSON},
        {HEAD ",\"r\":\"a\nb\"}", OBSERVATION_NOT_JSON},
        {HEAD ",\"r\":\"\xff\"}", OBSERVATION_NOT_JSON},
        {HEAD ",\"gs\":1,\"gs\":1}", OBSERVATION_DUPLICATE_KEY},
        {HEAD ",\"x\":1,\"y\":1,\"x\":1}", OBSERVATION_DUPLICATE_KEY},
        {HEAD ",\"hex\":\"4b1814\"}", OBSERVATION_DUPLICATE_KEY},
        {HEAD ",\"g\\u0073\":1,\"gs\":1}", OBSERVATION_DUPLICATE_KEY},
        {"{\"now\":1700000000}", OBSERVATION_NO_HEX},
        {"{\"hex\":null,\"now\":1700000000}", OBSERVATION_NO_HEX},
        {"{\"hex\":\"\",\"now\":1700000000}", OBSERVATION_BAD_HEX},
        {"{\"hex\":\"4b181\",\"now\":1700000000}", OBSERVATION_BAD_HEX},
        {"{\"hex\":\"000000\",\"now\":1700000000}", OBSERVATION_BAD_HEX},
        {"{\"hex\":4912148,\"now\":1700000000}", OBSERVATION_BAD_HEX},
        {"{\"hex\":\"4b1814\"}", OBSERVATION_NO_TIME},
        {"{\"hex\":\"4b1814\",\"now\":null}", OBSERVATION_NO_TIME},
        {"{\"hex\":\"4b1814\",\"now\":\"1700000000\"}", OBSERVATION_BAD_TIME},
        {"{\"hex\":\"4b1814\",\"now\":0}", OBSERVATION_BAD_TIME},
        {"{\"hex\":\"4b1814\",\"now\":-1}", OBSERVATION_BAD_TIME},
        {"{\"hex\":\"4b1814\",\"now\":true}", OBSERVATION_BAD_TIME},
        {"{\"hex\":\"4b1814\",\"now\":1e300}", OBSERVATION_BAD_TIME},
        {"{\"hex\":\"4b1814\",\"now\":1700000060}", OBSERVATION_NONE},
        {"{\"hex\":\"4b1814\",\"now\":1700000060.001}", OBSERVATION_FUTURE},
        {"{\"hex\":\"4b1814\",\"now\":1700000000000}", OBSERVATION_FUTURE},
        {HEAD ",\"lat\":90,\"lon\":-180}", OBSERVATION_NONE},
        {HEAD ",\"lat\":91,\"lon\":8}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lat\":-90.1,\"lon\":8}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lat\":47,\"lon\":180.5}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lat\":47,\"lon\":1e99}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lat\":\"47\",\"lon\":8}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lat\":{},\"lon\":8}", OBSERVATION_BAD_POSITION},
        {HEAD ",\"lastPosition\":{\"lat\":99,\"lon\":8}}", OBSERVATION_BAD_POSITION},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct observation obs;
        if (decode(rows[i].json, &obs, NULL) != rows[i].want)
            fail_msg("%s: %s, expected %s", rows[i].json,
                     observation_reason_text(decode(rows[i].json, &obs, NULL)),
                     observation_reason_text(rows[i].want));
        assert_both_agree(rows[i].json);
    }
}

static void one_member_gives_one_value(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        enum flight_field field;
        int32_t want;
    } rows[] = {
        {"\"gs\":431.2", FLIGHT_GS, 4312},
        {"\"gs\":431.25", FLIGHT_GS, 4313},
        {"\"gs\":431.249999999", FLIGHT_GS, 4312},
        {"\"gs\":0", FLIGHT_GS, 0},
        {"\"gs\":-0.0", FLIGHT_GS, 0},
        {"\"gs\":-0.1", FLIGHT_GS, REFUSED},
        {"\"gs\":5083.3", FLIGHT_GS, 50833},
        {"\"gs\":1e2", FLIGHT_GS, 1000},
        {"\"gs\":1E+2", FLIGHT_GS, 1000},
        {"\"gs\":1.5e-3", FLIGHT_GS, 0},
        {"\"gs\":99999", FLIGHT_GS, REFUSED},
        {"\"gs\":\"431\"", FLIGHT_GS, REFUSED},
        {"\"gs\":\"\"", FLIGHT_GS, REFUSED},
        {"\"gs\":true", FLIGHT_GS, REFUSED},
        {"\"gs\":[1]", FLIGHT_GS, REFUSED},
        {"\"gs\":{\"a\":1}", FLIGHT_GS, REFUSED},
        {"\"gs\":null", FLIGHT_GS, CLEARED},
        {"\"gs\": 1 ", FLIGHT_GS, 10},
        {"\"speed\":400", FLIGHT_GS, 4000},
        {"\"gscp\":240", FLIGHT_GS, 2400},
        {"\"speed\":400,\"gs\":401", FLIGHT_GS, 4010},
        {"\"speed\":400,\"gs\":null", FLIGHT_GS, CLEARED},
        {"\"alt_baro\":38000", FLIGHT_ALT_BARO, 38000},
        {"\"alt_baro\":-1000", FLIGHT_ALT_BARO, -1000},
        {"\"alt_baro\":\"ground\"", FLIGHT_ALT_BARO, IS_GROUND},
        {"\"alt_baro\":\"air\"", FLIGHT_ALT_BARO, REFUSED},
        {"\"altitude\":\"ground\"", FLIGHT_ALT_BARO, IS_GROUND},
        {"\"altitude\":12000", FLIGHT_ALT_BARO, 12000},
        {"\"alt_geom\":\"ground\"", FLIGHT_ALT_GEOM, REFUSED},
        {"\"vert_rate\":-640", FLIGHT_BARO_RATE, -640},
        {"\"track\":359.9", FLIGHT_TRACK, 3599},
        {"\"track\":360", FLIGHT_TRACK, 0},
        {"\"track\":359.96", FLIGHT_TRACK, 0},
        {"\"track\":360.1", FLIGHT_TRACK, REFUSED},
        {"\"track_rate\":-0.03", FLIGHT_TRACK_RATE, -3},
        {"\"roll\":-180", FLIGHT_ROLL, -1800},
        {"\"squawk\":\"7700\"", FLIGHT_SQUAWK, 7700},
        {"\"squawk\":\"733\"", FLIGHT_SQUAWK, 733},
        {"\"squawk\":733", FLIGHT_SQUAWK, 733},
        {"\"squawk\":\"0000\"", FLIGHT_SQUAWK, 0},
        {"\"squawk\":\"7800\"", FLIGHT_SQUAWK, REFUSED},
        {"\"squawk\":1298", FLIGHT_SQUAWK, REFUSED},
        {"\"squawk\":7700.5", FLIGHT_SQUAWK, REFUSED},
        {"\"squawk\":-1", FLIGHT_SQUAWK, REFUSED},
        {"\"squawk\":\"    \"", FLIGHT_SQUAWK, ABSENT},
        {"\"emergency\":\"lifeguard\"", FLIGHT_EMERGENCY, FLIGHT_EMERGENCY_LIFEGUARD},
        {"\"emergency\":\"panic\"", FLIGHT_EMERGENCY, REFUSED},
        {"\"emergency\":1", FLIGHT_EMERGENCY, REFUSED},
        {"\"category\":\"A5\"", FLIGHT_CATEGORY, 0xA5},
        {"\"category\":\"Z9\"", FLIGHT_CATEGORY, REFUSED},
        {"\"type\":\"adsc\"", FLIGHT_ADDR_TYPE, FLIGHT_ADDR_ADSC},
        {"\"type\":\"B738\"", FLIGHT_ADDR_TYPE, REFUSED},
        {"\"dbFlags\":9", FLIGHT_DB_FLAGS, 9},
        {"\"dbFlags\":[]", FLIGHT_DB_FLAGS, REFUSED},
        {"\"nav_modes\":[]", FLIGHT_NAV_MODES, 0},
        {"\"nav_modes\":[\"autopilot\", \"tcas\"]", FLIGHT_NAV_MODES, 33},
        {"\"nav_modes\":[\"warp\"]", FLIGHT_NAV_MODES, REFUSED},
        {"\"nav_modes\":[1]", FLIGHT_NAV_MODES, REFUSED},
        {"\"nav_modes\":3", FLIGHT_NAV_MODES, REFUSED},
        {"\"mach\":0.784", FLIGHT_MACH, 784},
        {"\"messages\":2147483647", FLIGHT_MESSAGES, INT32_MAX},
        {"\"messages\":9007199254740993", FLIGHT_MESSAGES, REFUSED},
        {"\"rssi\":-23.5", FLIGHT_RSSI, -235},
        {"\"lat\":47.4", FLIGHT_LAT, REFUSED}, /* half a position */
        {"\"lat\":47.4,\"lon\":null", FLIGHT_LON, CLEARED},
        {"\"lat\":47.4,\"lon\":null", FLIGHT_LAT, REFUSED},
        {"\"lat\":47.458125,\"lon\":8", FLIGHT_LAT, 4745813},
        {"\"lat\":47.458124999999,\"lon\":8", FLIGHT_LAT, 4745812},
        {"\"lat\":-33.9461,\"lon\":151.177222", FLIGHT_LON, 15117722},
        {"\"lat\":1.23456789012345678,\"lon\":8", FLIGHT_LAT, 123457},
        {"\"lastPosition\":{\"lat\":26.45494,\"lon\":1}", FLIGHT_LAT, 2645494},
        {"\"lat\":1,\"lon\":2,\"lastPosition\":{\"lat\":3,\"lon\":4}", FLIGHT_LAT,
         100000},
        {"\"lastPosition\":null", FLIGHT_LAT, ABSENT},
        {"\"calc_track\":74,\"mlat\":[],\"tisb\":[\"lat\",\"lon\"]", FLIGHT_TRACK,
         ABSENT},
        {"\"acas_ra\":{\"utc\":\"x\",\"l\":[1,{}]}", FLIGHT_TRACK, ABSENT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[256];
        struct observation obs;
        struct flight_refusals refusals;
        const uint64_t bit = FLIGHT_BIT(rows[i].field);
        snprintf(json, sizeof json, HEAD ",%s}", rows[i].member);
        if (decode(json, &obs, &refusals) != OBSERVATION_NONE)
            fail_msg("%s: not accepted", json);
        int32_t got = obs.present & bit       ? obs.v.num[rows[i].field]
                      : refusals.fields & bit ? REFUSED
                      : obs.cleared & bit     ? CLEARED
                                              : ABSENT;
        if (got != rows[i].want)
            fail_msg("%s: %d, expected %d", json, got, rows[i].want);
        assert_int_equal(refusals.count > 0, refusals.fields != 0);
        assert_both_agree(json);
    }
}

static void texts_are_trimmed_and_printable(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        enum flight_field field;
        const char *want; /* NULL = absent, "!" = refused */
    } rows[] = {
        {"\"flight\":\"SWR123  \"", FLIGHT_CALLSIGN, "SWR123"},
        {"\"flight\":\"  SWR 1 \"", FLIGHT_CALLSIGN, "SWR 1"},
        {"\"flight\":\"        \"", FLIGHT_CALLSIGN, NULL},
        {"\"flight\":\"@@@@@@@@\"", FLIGHT_CALLSIGN, NULL},
        {"\"flight\":\"AB@@@@@@\"", FLIGHT_CALLSIGN, "AB"},
        {"\"flight\":\"\"", FLIGHT_CALLSIGN, NULL},
        {"\"flight\":\"123456789\"", FLIGHT_CALLSIGN, "!"},
        {"\"flight\":\"\\u001b[2J\"", FLIGHT_CALLSIGN, "!"},
        {"\"flight\":\"\x7f\"", FLIGHT_CALLSIGN, "!"},
        {"\"flight\":\"Z\xc3\xbcri\"", FLIGHT_CALLSIGN, "!"},
        {"\"flight\":\"S\\u0057R1\"", FLIGHT_CALLSIGN, "SWR1"},
        {"\"flight\":5", FLIGHT_CALLSIGN, "!"},
        {"\"r\":\"HB-JVN\"", FLIGHT_REGISTRATION, "HB-JVN"},
        {"\"r\":\"@\"", FLIGHT_REGISTRATION, "@"},
        {"\"t\":\"BCS3\"", FLIGHT_TYPE_CODE, "BCS3"},
        {"\"src\":\"adsb.lol\"", FLIGHT_SRC, "adsb.lol"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[256];
        struct observation obs;
        struct flight_refusals refusals;
        const uint64_t bit = FLIGHT_BIT(rows[i].field);
        snprintf(json, sizeof json, HEAD ",%s}", rows[i].member);
        assert_int_equal(decode(json, &obs, &refusals), OBSERVATION_NONE);
        bool refused = rows[i].want != NULL && strcmp(rows[i].want, "!") == 0;
        assert_int_equal((refusals.fields & bit) != 0, refused);
        assert_int_equal((obs.present & bit) != 0, rows[i].want != NULL && !refused);
        if (obs.present & bit)
            assert_string_equal(flight_values_text(&obs.v, rows[i].field),
                                rows[i].want);
        assert_both_agree(json);
    }
}

static void ages_lead_to_times(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        int64_t heard_ms; /* before T0 */
        int64_t pos_ms;   /* before T0; -1 = no position */
    } rows[] = {
        {"\"gs\":1", 0, -1},
        {"\"seen\":0.3", 300, -1},
        {"\"seen\":0.3,\"seen_pos\":1.25", 300, -1},
        {"\"lat\":1,\"lon\":1", 0, 0},
        {"\"lat\":1,\"lon\":1,\"seen\":2", 2000, 2000},
        {"\"lat\":1,\"lon\":1,\"seen_pos\":2.427", 0, 2427},
        {"\"lat\":1,\"lon\":1,\"seen\":0.1,\"seen_pos\":353839.524", 100, 353839524},
        {"\"seen\":1,\"lastPosition\":{\"lat\":1,\"lon\":1,\"seen_pos\":62.5}", 1000,
         62500},
        {"\"seen\":1,\"lastPosition\":{\"lat\":1,\"lon\":1}", 1000, 1000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[256];
        snprintf(json, sizeof json, HEAD ",%s}", rows[i].members);
        struct observation obs = must_decode(json);
        assert_int_equal(obs.now_ms, T0);
        assert_int_equal(T0 - obs.heard_at_ms, rows[i].heard_ms);
        assert_int_equal(obs.pos_at_ms, rows[i].pos_ms < 0 ? 0 : T0 - rows[i].pos_ms);
        assert_both_agree(json);
    }
    struct observation obs;
    struct flight_refusals refusals;
    assert_int_equal(decode(HEAD ",\"seen\":-5,\"seen_pos\":\"x\"}", &obs, &refusals),
                     OBSERVATION_NONE);
    assert_int_equal(obs.heard_at_ms, T0);
    assert_int_equal(refusals.count, 2);
    assert_int_equal(refusals.fields, 0);
}

/* Of more digits than a double holds, the double counts: jansson has no more. */
static void now_is_read_to_the_millisecond(void **state)
{
    (void)state;
    static const struct {
        const char *now;
        int64_t want_ms;
    } rows[] = {
        {"1699999999.9", T0 - 100},           {"1699999999.1234", T0 - 877},
        {"1699999999.1235", T0 - 876},        {"1699999999.123499999999999", T0 - 876},
        {"1699999999.1234567", T0 - 877},     {"1.6999999991235e9", T0 - 876},
        {"1699999999.12300000000", T0 - 877},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"hex\":\"4b1814\",\"now\":%s}", rows[i].now);
        assert_int_equal(must_decode(json).now_ms, rows[i].want_ms);
        assert_both_agree(json);
    }
    assert_int_equal(must_decode("{\"hex\":\"4b1814\",\"ts\":1699999999.5}").now_ms,
                     T0 - 500);
}

static void options_give_time_and_source(void **state)
{
    (void)state;
    static const char json[] = "{\"hex\":\"~2A0042\"}";
    static const char own[] =
        "{\"hex\":\"4b1814\",\"now\":1699999999000,\"src\":\"me\"}";
    struct flight_decode_options options = {.clock_ms = T0,
                                            .base_now_ms = T0 - 1000,
                                            .now_in_ms = true,
                                            .default_src = "readsb"};
    struct observation obs;
    assert_int_equal(flight_decode_with(json, strlen(json), &options, &obs, NULL),
                     OBSERVATION_NONE);
    assert_int_equal(obs.icao, 0x2a0042 | FLIGHT_NON_ICAO);
    assert_int_equal(obs.now_ms, T0 - 1000);
    assert_string_equal(obs.v.src, "readsb");
    assert_int_equal(flight_decode_with(own, strlen(own), &options, &obs, NULL),
                     OBSERVATION_NONE);
    assert_int_equal(obs.now_ms, T0 - 1000);
    assert_string_equal(obs.v.src, "me");
    options.base_now_ms = T0 + 60001;
    assert_int_equal(flight_decode_with(json, strlen(json), &options, &obs, NULL),
                     OBSERVATION_FUTURE);
    assert_int_equal(flight_decode(own, strlen(own), T0, NULL, &obs),
                     OBSERVATION_FUTURE); /* milliseconds taken for seconds */
}

static void a_parsed_object_gives_the_same(void **state)
{
    (void)state;
    static const char json[] =
        HEAD ",\"gs\":431.2,\"mlat\":[],\"alt_baro\":\"ground\"}";
    json_t *object = json_loads(json, 0, NULL);
    struct observation obs;
    assert_int_equal(flight_json_object(object, &plain, &obs, NULL), OBSERVATION_NONE);
    assert_int_equal(obs.v.num[FLIGHT_GS], 4312);
    json_decref(object);
    assert_int_equal(flight_json_object(NULL, &plain, &obs, NULL),
                     OBSERVATION_NOT_OBJECT);
}

static void the_common_record_takes_the_fast_path(void **state)
{
    (void)state;
    static const char *const rows[] = {
        HEAD ",\"lat\":47.458131,\"lon\":8.555522,\"gs\":1.5,\"squawk\":\"7700\"}",
        "{\"hex\": \"4b1814\", \"now\": 1699999999.1234567, \"gs\": null, \"xyz\": "
        "[\"a\"]}\n",
        HEAD
        ",\"mlat\":[],\"tisb\":[],\"nav_modes\":[\"tcas\"],\"r_dst\":1.5,\"ok\":true}",
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum observation_reason reason;
        struct observation obs;
        assert_true(flight_scan(rows[i], strlen(rows[i]), &plain, &reason, &obs, NULL));
        assert_int_equal(reason, OBSERVATION_NONE);
        assert_both_agree(rows[i]);
    }
}

static void the_order_of_keys_is_only_a_guess(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum observation_reason want;
        int32_t gs;
    } rows[] = {
        {HEAD ",\"gs\":1,\"track\":5,\"src\":\"b\"}", OBSERVATION_NONE, 10},
        {HEAD ",\"gs\":2,\"track\":6,\"src\":\"b\"}", OBSERVATION_NONE, 20},
        {HEAD ",\"track\":6,\"gs\":3,\"src\":\"b\"}", OBSERVATION_NONE, 30},
        {HEAD ", \"gs\" : 4, \"src\": \"b\"}", OBSERVATION_NONE, 40},
        {HEAD ",\"gs2\":1,\"gs\":5}", OBSERVATION_NONE, 50},
        {HEAD ",\"nav_altitude_mcp\":1,\"gs\":6}", OBSERVATION_NONE, 60},
        {HEAD ",\"nav_altitude_fms\":1,\"gs\":7}", OBSERVATION_NONE, 70},
        {HEAD ",\"nav_altitude_fms\":1,\"gs\":8}", OBSERVATION_NONE, 80},
        {"{\"now\":1699999999,\"gs\":1}", OBSERVATION_NO_HEX, 0},
        {HEAD ",\"gs\":9}", OBSERVATION_NONE, 90},
    };
    struct flight_key_order order = {{0}};
    struct flight_decode_options remembering = plain;
    remembering.order = &order;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum observation_reason reason;
        struct observation obs;
        assert_true(flight_scan(rows[i].json, strlen(rows[i].json), &remembering,
                                &reason, &obs, NULL));
        assert_int_equal(reason, rows[i].want);
        if (reason == OBSERVATION_NONE)
            assert_int_equal(obs.v.num[FLIGHT_GS], rows[i].gs);
    }
}

static void a_value_has_a_ceiling(void **state)
{
    (void)state;
    char *json = malloc(FLIGHT_DECODE_MAX + 2);
    struct observation obs;
    assert_non_null(json);
    memset(json, ' ', FLIGHT_DECODE_MAX + 2);
    memcpy(json, HEAD "}", strlen(HEAD "}"));
    assert_int_equal(flight_decode(json, FLIGHT_DECODE_MAX, T0, NULL, &obs),
                     OBSERVATION_NONE);
    assert_int_equal(flight_decode(json, FLIGHT_DECODE_MAX + 1, T0, NULL, &obs),
                     OBSERVATION_TOO_LARGE);
    free(json);
}

static void the_key_must_name_the_same_aircraft(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        uint32_t icao;
        enum observation_reason want;
    } rows[] = {
        {"4b1814", 0x4b1814, OBSERVATION_NONE},
        {"4B1814", 0x4b1814, OBSERVATION_NONE},
        {"", 0x4b1814, OBSERVATION_NONE},
        {"4b1815", 0x4b1814, OBSERVATION_WRONG_KEY},
        {"~4b1814", 0x4b1814, OBSERVATION_WRONG_KEY},
        {"~4b1814", 0x4b1814 | FLIGHT_NON_ICAO, OBSERVATION_NONE},
        {"SWR123", 0x4b1814, OBSERVATION_WRONG_KEY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(
            flight_check_key(rows[i].key, strlen(rows[i].key), rows[i].icao),
            rows[i].want);
    assert_int_equal(flight_check_key(NULL, 0, 1), OBSERVATION_NONE);
}

static bool is_quick(const char *json)
{
    enum observation_reason reason;
    struct observation obs;
    return flight_scan(json, strlen(json), &plain, &reason, &obs, NULL);
}

/* A small generator, so that the rows are the same everywhere. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static struct observation random_observation(uint64_t *seed, const char *callsign)
{
    struct observation obs = {.icao = 1 + next_random(seed) % 0xffffff,
                              .now_ms = T0 - next_random(seed) % 100000};
    obs.heard_at_ms = obs.now_ms - next_random(seed) % 2 * (next_random(seed) % 5000);
    for (unsigned i = 0; i < FLIGHT_NUM_COUNT; i++) {
        const struct flight_field_info *info = &flight_field_info[i];
        uint32_t range = (uint32_t)info->max - (uint32_t)info->min;
        uint32_t steps = range == UINT32_MAX ? range : range + 1;
        if (info->kind == FLIGHT_KIND_INT || info->kind == FLIGHT_KIND_ALTITUDE)
            obs.v.num[i] = (int32_t)((uint32_t)info->min +
                                     next_random(seed) % (steps != 0 ? steps : 1));
        else
            obs.v.num[i] = 0;
        obs.present |= (uint64_t)(next_random(seed) % 2) << i;
    }
    static const enum flight_field circles[] = {FLIGHT_TRACK, FLIGHT_MAG_HEADING,
                                                FLIGHT_TRUE_HEADING, FLIGHT_NAV_HEADING,
                                                FLIGHT_WIND_DIRECTION};
    for (size_t i = 0; i < COUNT_OF(circles); i++)
        if (obs.v.num[circles[i]] == flight_field_info[circles[i]].max)
            obs.v.num[circles[i]] = 0;
    obs.v.num[FLIGHT_SQUAWK] = 1234;
    obs.v.num[FLIGHT_CATEGORY] = 0xB2;
    obs.v.num[FLIGHT_NAV_MODES] = (int32_t)(next_random(seed) % 64);
    if ((obs.present & POSITION) != POSITION)
        obs.present &= ~POSITION;
    else
        obs.pos_at_ms = obs.heard_at_ms - next_random(seed) % 2 * 1234;
    flight_values_set_text(&obs.v, FLIGHT_CALLSIGN, callsign, strlen(callsign));
    obs.present |= FLIGHT_BIT(FLIGHT_CALLSIGN);
    obs.cleared = FLIGHT_BIT(FLIGHT_REGISTRATION);
    for (unsigned i = 0; i < FLIGHT_NUM_COUNT; i++)
        if (!(obs.present & FLIGHT_BIT(i)))
            obs.v.num[i] = 0;
    return obs;
}

static void decoding_undoes_encoding(void **state)
{
    (void)state;
    struct strbuf text;
    uint64_t seed = 7;
    strbuf_init(&text, 65536);
    for (int i = 0; i < 2000; i++) {
        bool odd = i % 2;
        struct observation obs = random_observation(&seed, odd ? "A\"\\Z" : "SWR1");
        strbuf_clear(&text);
        flight_encode_record(&text, &obs);
        assert_int_equal(is_quick(text.data), !odd); /* escapes go the careful way */
        struct observation back = must_decode(text.data);
        assert_memory_equal(&back, &obs, sizeof obs);
        assert_both_agree(text.data);
    }
    strbuf_release(&text);
}

/* A number with up to 20 digits and a point anywhere, now and then an exponent. */
static void add_random_number(struct strbuf *json, uint64_t *seed)
{
    unsigned digits = 1 + next_random(seed) % 20;
    unsigned point = next_random(seed) % 3 == 0 ? 99 : next_random(seed) % digits;
    if (next_random(seed) % 4 == 0)
        strbuf_add_char(json, '-');
    for (unsigned i = 0; i < digits; i++) {
        unsigned digit = next_random(seed) % 2 * (next_random(seed) % 10);
        bool leads = i == 0 && point != 0 && next_random(seed) % 20;
        strbuf_add_char(json, (char)('0' + (leads && digit == 0 ? 1 : digit)));
        if (i == point && i + 1 < digits)
            strbuf_add_char(json, '.');
    }
    if (next_random(seed) % 50 == 0)
        strbuf_addf(json, "e%d", (int)(next_random(seed) % 40) - 20);
}

static void add_random_value(struct strbuf *json, uint64_t *seed)
{
    static const char *const values[] = {"null",
                                         "\"\"",
                                         "\" A1 \"",
                                         "\"ground\"",
                                         "\"none\"",
                                         "\"7700\"",
                                         "\"4b1814\"",
                                         "\"@@\"",
                                         "\"adsb_icao\"",
                                         "\"\x7f\"",
                                         "\"\\t\"",
                                         "true",
                                         "{}",
                                         "[]",
                                         "[\"tcas\"]",
                                         "[ \"lnav\" , \"vnav\" ]",
                                         "[\"x\"]",
                                         "0",
                                         "-0",
                                         "00",
                                         "7777",
                                         "90",
                                         "180.000001",
                                         "1700000000.0005",
                                         "1e3",
                                         "\"\\ud83d\"",
                                         "[1]",
                                         "{\"lat\":1,\"lon\":2}"};
    if (next_random(seed) % 2)
        add_random_number(json, seed);
    else
        strbuf_add_text(json, values[next_random(seed) % COUNT_OF(values)]);
}

static void add_random_key(struct strbuf *json, uint64_t *seed)
{
    static const char *const others[] = {
        "hex",          "now",          "seen",    "seen_pos", "ts", "altitude",
        "speed",        "lastPosition", "mlat",    "r_dst",    "x",  "y",
        "nav_altitude", "gscp",         "flight_", "la"};
    unsigned i = next_random(seed) % (FLIGHT_FIELD_COUNT + COUNT_OF(others));
    strbuf_addf(json, "\"%s\"",
                i < FLIGHT_FIELD_COUNT ? flight_field_info[i].key
                                       : others[i - FLIGHT_FIELD_COUNT]);
}

/* Mostly valid records of odd members; nine in ten start with address and time. */
static void the_decoders_agree_on_any_members(void **state)
{
    (void)state;
    static const char *const blanks[] = {"", "", "", " ", "\n\t "};
    struct strbuf json;
    uint64_t seed = 11;
    strbuf_init(&json, 65536);
    for (int i = 0; i < 30000; i++) {
        strbuf_clear(&json);
        strbuf_add_text(&json, next_random(&seed) % 10 ? HEAD : "{\"x1\":0");
        for (unsigned members = next_random(&seed) % 6; members > 0; members--) {
            strbuf_addf(&json, "%s,", blanks[next_random(&seed) % COUNT_OF(blanks)]);
            strbuf_add_text(&json, blanks[next_random(&seed) % COUNT_OF(blanks)]);
            add_random_key(&json, &seed);
            strbuf_addf(&json, "%s:", blanks[next_random(&seed) % COUNT_OF(blanks)]);
            strbuf_add_text(&json, blanks[next_random(&seed) % COUNT_OF(blanks)]);
            add_random_value(&json, &seed);
        }
        strbuf_addf(&json, "%s}", blanks[next_random(&seed) % COUNT_OF(blanks)]);
        assert_both_agree(json.data);
    }
    strbuf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_record_is_refused_with_its_reason),
        cmocka_unit_test(one_member_gives_one_value),
        cmocka_unit_test(texts_are_trimmed_and_printable),
        cmocka_unit_test(ages_lead_to_times),
        cmocka_unit_test(now_is_read_to_the_millisecond),
        cmocka_unit_test(options_give_time_and_source),
        cmocka_unit_test(a_parsed_object_gives_the_same),
        cmocka_unit_test(the_common_record_takes_the_fast_path),
        cmocka_unit_test(the_order_of_keys_is_only_a_guess),
        cmocka_unit_test(a_value_has_a_ceiling),
        cmocka_unit_test(the_key_must_name_the_same_aircraft),
        cmocka_unit_test(decoding_undoes_encoding),
        cmocka_unit_test(the_decoders_agree_on_any_members),
    };
    return cmocka_run_group_tests_name("flight_decode", tests, NULL, NULL);
}
