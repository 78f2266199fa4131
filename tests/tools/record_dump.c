/*
 * record_dump BASE_NOW_MS: what flight_decode makes of each line of stdin, one
 * JSON line each, for tests that compare with another reading:
 *   {"fast":true,"record":{..as written to Kafka..},"refused":["gs",...]}
 *   {"fast":false,"reason":"bad_hex"}
 * fast: the scanner took it. Ends with status 1 when the two decoders differ.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "flight/flight_json.h"
#include "flight/flight_scan.h"

enum { LINE_MAX_BYTES = 1 << 20 };

struct reading {
    enum observation_reason reason;
    struct observation obs;
    struct flight_refusals refusals;
};

static void print_reading(bool fast, const struct reading *r)
{
    struct strbuf text;
    const char *comma = "";
    printf("{\"fast\":%s,", fast ? "true" : "false");
    if (r->reason != OBSERVATION_NONE) {
        printf("\"reason\":\"%s\"}\n", observation_reason_text(r->reason));
        return;
    }
    strbuf_init(&text, FLIGHT_ENCODE_MAX);
    flight_encode_record(&text, &r->obs);
    printf("\"record\":%s,\"refused\":[", strbuf_text(&text));
    for (unsigned i = 0; i < FLIGHT_FIELD_COUNT; i++) {
        if (r->refusals.fields & FLIGHT_BIT(i)) {
            printf("%s\"%s\"", comma, flight_field_info[i].key);
            comma = ",";
        }
    }
    printf("]}\n");
    strbuf_release(&text);
}

static bool same(const struct reading *a, const struct reading *b)
{
    return a->reason == b->reason && (a->reason != OBSERVATION_NONE ||
                                      (memcmp(&a->obs, &b->obs, sizeof a->obs) == 0 &&
                                       a->refusals.fields == b->refusals.fields));
}

/* False when the decoders differ. */
static bool dump_line(const char *line, size_t n,
                      const struct flight_decode_options *options)
{
    struct reading quick = {0};
    struct reading careful = {0};
    bool fast =
        flight_scan(line, n, options, &quick.reason, &quick.obs, &quick.refusals);
    careful.reason =
        flight_json_decode(line, n, options, &careful.obs, &careful.refusals);
    print_reading(fast, &careful);
    return !fast || same(&quick, &careful);
}

int main(int argc, char **argv)
{
    struct flight_decode_options options = {.clock_ms = INT64_MAX / 2};
    static char line[LINE_MAX_BYTES];
    if (argc != 2) {
        fprintf(stderr, "usage: record_dump BASE_NOW_MS\n");
        return 2;
    }
    options.base_now_ms = strtoll(argv[1], NULL, 10);
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t n = strcspn(line, "\n");
        if (!dump_line(line, n, &options)) {
            fprintf(stderr, "the decoders differ: %.*s\n", (int)n, line);
            return 1;
        }
    }
    return 0;
}
