/*
 * Any bytes as a Kafka value: nothing crashes, where the scanner accepts the
 * careful decoder says the same, and what was decoded survives encoding and
 * decoding again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flight/flight_decode.h"
#include "flight/flight_encode.h"
#include "flight/flight_json.h"
#include "flight/flight_scan.h"
#include "flight/flight_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct flight_decode_options options = {.clock_ms = INT64_C(1700000000000),
                                                     .default_src = "fuzz"};

static void must(bool claim)
{
    if (!claim)
        abort();
}

/* The second time every key is where the first time has left a guess. */
static void scan_again(const char *json, size_t n, enum observation_reason want,
                       const struct observation *first)
{
    struct flight_key_order order = {{0}};
    struct flight_decode_options remembering = options;
    remembering.order = &order;
    for (int i = 0; i < 2; i++) {
        enum observation_reason reason;
        struct observation obs;
        must(flight_scan(json, n, &remembering, &reason, &obs, NULL));
        must(reason == want);
        must(want != OBSERVATION_NONE || memcmp(&obs, first, sizeof obs) == 0);
    }
}

static void compare(const char *json, size_t n)
{
    enum observation_reason quick;
    struct observation a;
    struct observation b;
    struct flight_refusals ra;
    struct flight_refusals rb;
    if (!flight_scan(json, n, &options, &quick, &a, &ra))
        return;
    scan_again(json, n, quick, &a);
    must(flight_json_decode(json, n, &options, &b, &rb) == quick);
    if (quick != OBSERVATION_NONE)
        return;
    must(memcmp(&a, &b, sizeof a) == 0);
    must(ra.fields == rb.fields && ra.count == rb.count);
}

/* Equal as far as the text can tell: values that are not present do not count. */
static void must_equal(const struct observation *a, const struct observation *b)
{
    must(a->icao == b->icao && a->now_ms == b->now_ms && a->present == b->present);
    must(a->heard_at_ms == b->heard_at_ms && a->pos_at_ms == b->pos_at_ms);
    must(a->cleared == b->cleared);
    for (unsigned i = 0; i < FLIGHT_NUM_COUNT; i++)
        must(!(a->present & FLIGHT_BIT(i)) || a->v.num[i] == b->v.num[i]);
    for (unsigned i = FLIGHT_NUM_COUNT; i < FLIGHT_FIELD_COUNT; i++)
        must(!(a->present & FLIGHT_BIT(i)) ||
             strcmp(flight_values_text(&a->v, i), flight_values_text(&b->v, i)) == 0);
}

static void apply(const struct observation *obs)
{
    struct flight_table *table = flight_table_new();
    must(flight_table_apply(table, obs, 1) == FLIGHT_APPLIED);
    must(flight_table_apply(table, obs, 2) == FLIGHT_UNCHANGED);
    flight_table_free(table);
}

static void round_trip(const char *json, size_t n)
{
    struct observation obs;
    struct observation back;
    struct flight_refusals refusals;
    struct strbuf text;
    if (flight_decode_with(json, n, &options, &obs, NULL) != OBSERVATION_NONE)
        return;
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    must(flight_encode_record(&text, &obs));
    must(flight_decode_with(text.data, text.len, &options, &back, &refusals) ==
         OBSERVATION_NONE);
    must(refusals.count == 0);
    must_equal(&obs, &back);
    apply(&obs);
    strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of exactly this size, so that reading past it is found. */
    char *json = malloc(size != 0 ? size : 1);
    if (json == NULL)
        return 0;
    if (size > 0)
        memcpy(json, data, size);
    compare(json, size);
    round_trip(json, size);
    free(json);
    return 0;
}
