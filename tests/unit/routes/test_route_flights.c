/*
 * Flights over HTTP: our own lists, readsb's form, ADS-B v2, on a real table
 * behind a fake transport.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "fake_exchange.h"
#include "gateway/routes.h"
#include "net/loop.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "state/state.h"
#include "telemetry/metrics.h"

static const int64_t NOW_MS = INT64_C(1700000000250);

/* What arrived before the test's tick. */
/* clang-format off */
static const char *const records[] = {
    ("{\"hex\":\"4b1814\",\"now\":1700000000,\"flight\":\"SWR12\",\"lat\":47.45,\"lon\":8.55,"
     "\"alt_baro\":\"ground\",\"gs\":12.3,\"squawk\":\"7700\",\"type\":\"adsb_icao\",\"r\":\"HB-JCA\","
     "\"t\":\"BCS3\",\"src\":\"roof\",\"category\":\"A3\"}"),
    ("{\"hex\":\"ae01c5\",\"now\":1700000000,\"lat\":-17.5,\"lon\":179.9,\"alt_baro\":35000,"
     "\"type\":\"mlat\",\"seen\":30,\"nav_modes\":[\"autopilot\",\"vnav\"],\"rssi\":-12.5,\"messages\":77}"),
    "{\"hex\":\"3c6444\",\"now\":1700000000,\"lat\":50,\"lon\":8,\"seen_pos\":90,\"nic\":8}",
    "{\"hex\":\"~2cc5b3\",\"now\":1700000000,\"seen\":200,\"alt_geom\":1000}",
};
/* clang-format on */

struct world {
    struct loop *loop;
    struct metrics *metrics;
    struct state *state;
    struct flight_index *index;
    struct route_context context;
    struct http_exchange x;
};

static void on_frame(void *data, struct frame_set *take_frame)
{
    struct world *w = data;
    flight_index_apply(w->index, take_frame);
    frame_set_unref(take_frame);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    size_t route_count = 0;
    w->loop = loop_new();
    w->metrics = metrics_new();
    w->index = flight_index_new();
    const struct state_config config = {.loop = w->loop,
                                        .metrics = w->metrics,
                                        .tick_ms = 250,
                                        .expire_ms = 300000,
                                        .adsc_expire_ms = 2100000,
                                        .on_frame = on_frame,
                                        .frame_data = w};
    w->state = state_new(&config);
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        const struct state_record record = {.value = records[i],
                                            .value_len = strlen(records[i])};
        state_apply_records(w->state, &record, 1, NOW_MS);
    }
    state_tick(w->state, NOW_MS);
    w->context = (struct route_context){.index = w->index,
                                        .loop = w->loop,
                                        .metrics = w->metrics,
                                        .state = w->state,
                                        .routes = routes_gateway(&route_count),
                                        .role = "gateway"};
    w->context.route_count = (unsigned)route_count;
    w->x.context = &w->context;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    free(w->x.body);
    state_free(w->state);
    flight_index_free(w->index);
    metrics_free(w->metrics);
    loop_free(w->loop);
    free(w);
    return 0;
}

static json_int_t number_at(const json_t *root, const char *key)
{
    return json_integer_value(json_object_get(root, key));
}

static void lists_are_narrowed_by_box_and_filter(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *target;
        size_t flights;
        json_int_t matching;
    } rows[] = {
        {"/api/v1/flights", 4, 4},
        {"/api/v1/flights?limit=2", 2, 4},
        {"/api/v1/flights?limit=0", 0, 4},
        {"/api/v1/flights?bbox=5,45,11,48", 1, 1},
        {"/api/v1/flights?bbox=170,-20,-170,0", 1, 1},
        {"/api/v1/flights?filter=squawk = 7700", 1, 1},
        {"/api/v1/flights?filter=alt > 30000", 1, 1},
        {"/api/v1/flights?filter=not ground&bbox=5,45,11,48", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *root = fake_get_json(&w->x, rows[i].target);
        assert_int_equal(w->x.status, 200);
        assert_int_equal(json_array_size(json_object_get(root, "flights")),
                         rows[i].flights);
        assert_int_equal(number_at(root, "matching"), rows[i].matching);
        assert_int_equal(number_at(root, "total"), 4);
        assert_int_equal(number_at(root, "tick"), 1);
        json_decref(root);
    }
}

static void mistakes_are_named(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *target;
        int status;
        const char *part;
    } rows[] = {
        {"/api/v1/flights?bbox=1,2,3", 400, "\"bad_request\",\"message\":\"bbox: "},
        {"/api/v1/flights?filter=alt >", 400, "\"bad_filter\",\"message\":\"column "},
        {"/api/v1/flights?fields=lat,colour", 400,
         "fields: no field is called \\\"colour\\\""},
        {"/api/v1/flights?limit=-1", 400,
         "limit: a whole number from 0 to 131072 expected"},
        {"/api/v1/flights?limit=1e3", 400, "limit: "},
        {"/api/v1/flights?format=xml", 400,
         "format: json, geojson, csv or ndjson expected"},
        {"/api/v1/flights?colour=red", 400, "colour: no such parameter here"},
        {"/api/v1/flights/xyz", 400, "icao24: 6 hexadecimal digits expected"},
        {"/api/v1/flights/4b1814?trail=0", 400,
         "trail: a whole number from 1 to 86400 expected"},
        {"/api/v1/flights/abcdef", 404, "\"not_found\""},
        {"/v2/point/91/0/10", 400, "lat: a number from -90 to 90 expected"},
        {"/v2/point/0/0/nan", 400, "nm: "},
        {"/v2/hex/4b1814,xyz", 400, "hex: 1 to 100 addresses"},
        {"/v2/hex/4b1814,", 400, "hex: 1 to 100 addresses"},
        {"/v2/sqk/7800", 400, "squawk: four octal digits expected"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_decref(fake_get_json(&w->x, rows[i].target));
        assert_int_equal(w->x.status, rows[i].status);
        assert_non_null(strstr(w->x.body, rows[i].part));
    }
}

static void the_same_list_has_other_shapes(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *target;
        const char *content_type;
        const char *body;
    } rows[] = {
        {"/api/v1/flights?format=csv&fields=flight,alt_baro,squawk,nav_modes",
         "text/csv; charset=utf-8; header=present",
         "hex,alt_baro,squawk,nav_modes,flight,seen,seen_pos\r\n"
         "4b1814,ground,7700,,SWR12,0.3,0.3\r\n"
         "ae01c5,35000,,autopilot vnav,,30.3,30.3\r\n"
         "3c6444,,,,,0.3,90.3\r\n"
         "~2cc5b3,,,,,200.3,\r\n"},
        {"/api/v1/flights?format=ndjson&fields=alt_baro&filter=mil",
         "application/x-ndjson",
         "{\"hex\":\"ae01c5\",\"alt_baro\":35000,\"seen\":30.3,\"seen_pos\":30.3}\n"},
        {"/api/v1/flights?format=geojson&fields=gs&filter=SWR12",
         "application/geo+json",
         "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
         "\"geometry\":{\"type\":\"Point\","
         "\"coordinates\":[8.55,47.45]},\"properties\":{\"hex\":\"4b1814\",\"gs\":12.3,"
         "\"seen\":0.3,\"seen_pos\":0.3}}],"
         "\"now\":1700000000.25,\"tick\":1,\"total\":4,\"matching\":1}\n"},
        {"/api/v1/flights?format=ndjson&filter=NOBODY", "application/x-ndjson", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake_get(&w->x, rows[i].target);
        assert_int_equal(w->x.status, 200);
        assert_string_equal(w->x.content_type, rows[i].content_type);
        assert_string_equal(w->x.body, rows[i].body);
    }
}

static void within_a_tick_nothing_is_new(void **state)
{
    struct world *w = *state;
    fake_get(&w->x, "/api/v1/flights");
    assert_string_equal(w->x.set[0].name, "ETag");
    char tag[64];
    snprintf(tag, sizeof tag, "%.60s", w->x.set[0].value);
    w->x.if_none_match = tag;
    fake_get(&w->x, "/api/v1/flights");
    assert_int_equal(w->x.status, 304);
    assert_int_equal(w->x.len, 0);
    state_tick(w->state, NOW_MS + 250);
    fake_get(&w->x, "/api/v1/flights");
    assert_int_equal(w->x.status, 200);
}

static void one_flight_comes_with_its_trail(void **state)
{
    struct world *w = *state;
    fake_get(&w->x, "/api/v1/flights/4b1814?trail=600");
    while (!w->x.answered)
        loop_run_once(w->loop, true);
    assert_int_equal(w->x.status, 200);
    assert_non_null(strstr(
        w->x.body,
        "\"country\":\"CH\",\"country_name\":\"Switzerland\",\"operator\":\"SWR\""));
    assert_non_null(strstr(w->x.body, "\"trail\":[[1700000000,47.45,8.55,0]"));
    json_decref(fake_get_json(&w->x, "/api/v1/flights/4B1814"));
    assert_null(strstr(w->x.body, "trail"));
}

/* ---- what other people's programs read ---- */

static const json_t *aircraft_of(const json_t *root, const char *list, const char *hex)
{
    const json_t *array = json_object_get(root, list);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *aircraft = json_array_get(array, i);
        if (strcmp(json_string_value(json_object_get(aircraft, "hex")), hex) == 0)
            return aircraft;
    }
    return NULL;
}

static void aircraft_json_has_what_front_ends_read_without_asking(void **state)
{
    struct world *w = *state;
    static const char *const always[] = {"hex",      "mlat", "tisb",
                                         "messages", "seen", "rssi"};
    json_t *root = fake_get_json(&w->x, "/data/aircraft.json?_=1700000000");
    assert_true(json_is_real(json_object_get(root, "now")));
    assert_int_equal(number_at(root, "messages"), 4);
    const json_t *list = json_object_get(root, "aircraft");
    assert_int_equal(json_array_size(list), 3); /* one was not heard for 200 s */
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < sizeof always / sizeof always[0]; k++)
            assert_non_null(json_object_get(json_array_get(list, i), always[k]));

    const json_t *a = aircraft_of(root, "aircraft", "4b1814");
    assert_string_equal(json_string_value(json_object_get(a, "flight")), "SWR12   ");
    assert_string_equal(json_string_value(json_object_get(a, "alt_baro")), "ground");
    assert_string_equal(json_string_value(json_object_get(a, "category")), "A3");
    const json_t *b = aircraft_of(root, "aircraft", "ae01c5");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(b, "mlat"), 0)), "lat");
    assert_int_equal(number_at(b, "messages"), 77);
    const json_t *c = aircraft_of(root, "aircraft", "3c6444");
    assert_null(json_object_get(c, "lat"));
    const json_t *last = json_object_get(c, "lastPosition");
    assert_int_equal(json_integer_value(json_object_get(last, "lat")), 50);
    assert_int_equal(number_at(last, "nic"), 8);
    json_decref(root);
}

static void receiver_json_tells_where_only_when_it_is_known(void **state)
{
    struct world *w = *state;
    json_t *root = fake_get_json(&w->x, "/data/receiver.json");
    assert_int_equal(number_at(root, "refresh"), 1000);
    assert_int_equal(number_at(root, "history"), 0);
    assert_true(json_is_string(json_object_get(root, "version")));
    assert_null(json_object_get(root, "lat"));
    json_decref(root);
    w->context.has_home = true;
    w->context.home_lat = 47.5;
    root = fake_get_json(&w->x, "/data/receiver.json");
    assert_non_null(json_object_get(root, "lat"));
    json_decref(root);
}

static void v2_finds_by_place_address_callsign_squawk_and_kind(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *target;
        size_t found;
        const char *hex;
    } rows[] = {
        {"/v2/point/47.4/8.5/10", 1, "4b1814"},
        {"/v2/point/47.4/-8.5/10", 0, NULL},
        {"/v2/point/-17.5/-179.9/20", 1, "ae01c5"},
        {"/v2/hex/4B1814", 1, "4b1814"},
        {"/v2/hex/4b1814,ae01c5,000001", 2, "ae01c5"},
        {"/v2/callsign/swr12", 1, "4b1814"},
        {"/v2/callsign/SWR", 0, NULL},
        {"/v2/sqk/7700", 1, "4b1814"},
        {"/v2/mil", 1, "ae01c5"},
        {"/v2/hex/4b1814,ae01c5?limit=1", 1, "4b1814"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *root = fake_get_json(&w->x, rows[i].target);
        assert_int_equal(w->x.status, 200);
        assert_int_equal(json_array_size(json_object_get(root, "ac")), rows[i].found);
        if (rows[i].hex)
            assert_non_null(aircraft_of(root, "ac", rows[i].hex));
        assert_int_equal(number_at(root, "now"), NOW_MS);
        assert_string_equal(json_string_value(json_object_get(root, "msg")),
                            "No error");
        json_decref(root);
    }
}

static void v2_point_tells_distance_and_direction(void **state)
{
    struct world *w = *state;
    json_t *root = fake_get_json(&w->x, "/v2/point/47.45/8.30/60");
    const json_t *a = aircraft_of(root, "ac", "4b1814");
    /* 0.25 degrees of longitude at 47.45 N: 0.25 * 60 * cos(47.45) = 10.14 nm */
    const double nm = json_real_value(json_object_get(a, "dst"));
    const double dir = json_real_value(json_object_get(a, "dir"));
    assert_true(nm > 10.10 && nm < 10.18);
    assert_true(dir > 89.5 && dir < 90.0);
    json_decref(root);
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(lists_are_narrowed_by_box_and_filter),
        WITH_WORLD(mistakes_are_named),
        WITH_WORLD(the_same_list_has_other_shapes),
        WITH_WORLD(within_a_tick_nothing_is_new),
        WITH_WORLD(one_flight_comes_with_its_trail),
        WITH_WORLD(aircraft_json_has_what_front_ends_read_without_asking),
        WITH_WORLD(receiver_json_tells_where_only_when_it_is_known),
        WITH_WORLD(v2_finds_by_place_address_callsign_squawk_and_kind),
        WITH_WORLD(v2_point_tells_distance_and_direction),
    };
    return cmocka_run_group_tests_name("route_flights", tests, NULL, NULL);
}
