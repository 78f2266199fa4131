/*
 * What one record costs on its way through the state thread: scanning, the
 * careful decoder, folding into the table, encoding. Prints nanoseconds of CPU
 * per record, and records per CPU-second of scan + apply.
 *
 *     bench_decode [RECORDS]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "flight/flight_encode.h"
#include "flight/flight_json.h"
#include "flight/flight_scan.h"
#include "flight/flight_table.h"

enum { AIRCRAFT = 25000, RECORD_MAX = 400, ROUNDS = 4 };

#define T0 INT64_C(1700000000000)

struct corpus {
    struct flight_key_order order;
    struct flight_decode_options options;
    char (*texts)[RECORD_MAX];
    size_t *lengths;
    struct observation *decoded;
    size_t count;
    size_t bytes;
};

/* Record i of a feed that has the shape and size of what ingest produces. */
static size_t write_record(char *text, size_t i)
{
    size_t a = i % AIRCRAFT;
    unsigned step = (unsigned)(i / AIRCRAFT);
    int n = snprintf(
        text, RECORD_MAX,
        "{\"hex\":\"%06zx\",\"now\":%u.%03zu,\"type\":\"adsb_icao\",\"flight\":\"SWR%"
        "zu\","
        "\"r\":\"HB-J%zu\",\"t\":\"A320\",\"lat\":%zu.%05u,\"lon\":-%zu.%05u,"
        "\"alt_baro\":%zu,\"alt_geom\":%zu,\"gs\":%zu.%u,\"track\":%zu.%u,"
        "\"baro_rate\":-%u,\"squawk\":\"%04zo\",\"emergency\":\"none\","
        "\"category\":\"A3\",\"nic\":8,\"rc\":186,\"seen_pos\":0.4,\"src\":\"sim\"}",
        0x400000 + a, 1700000000 + step, a % 1000, a % 9999, a % 100, a % 80,
        (unsigned)(a * 7 + step * 31) % 99999, a % 170,
        (unsigned)(a * 3 + step * 17) % 99999, 30000 + a % 9000, 30100 + a % 9000,
        400 + a % 99, step % 10, a % 360, step % 10,
        (step + (unsigned)a) % 64 * 64 + 64, a % 4096);
    return (size_t)n;
}

static struct corpus make_corpus(size_t count)
{
    struct corpus c = {.count = count};
    c.texts = xcalloc(count, sizeof *c.texts);
    c.lengths = xcalloc(count, sizeof *c.lengths);
    c.decoded = xcalloc(count, sizeof *c.decoded);
    for (size_t i = 0; i < count; i++)
        c.bytes += c.lengths[i] = write_record(c.texts[i], i);
    return c;
}

static void set_options(struct corpus *c)
{
    c->options =
        (struct flight_decode_options){.clock_ms = T0 + 3600000, .order = &c->order};
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_decode: %s\n", what);
    exit(1);
}

static void scan_all(struct corpus *c)
{
    enum observation_reason reason;
    for (size_t i = 0; i < c->count; i++)
        must(flight_scan(c->texts[i], c->lengths[i], &c->options, &reason,
                         &c->decoded[i], NULL) &&
                 reason == OBSERVATION_NONE,
             "the scanner declined a record");
}

static void parse_all(struct corpus *c)
{
    for (size_t i = 0; i < c->count; i++)
        must(flight_json_decode(c->texts[i], c->lengths[i], &c->options, &c->decoded[i],
                                NULL) == OBSERVATION_NONE,
             "jansson refused a record");
}

static void scan_and_apply_all(struct corpus *c)
{
    struct flight_table *table = flight_table_new();
    struct observation obs;
    enum observation_reason reason;
    size_t touched;
    for (size_t i = 0; i < c->count; i++) {
        flight_scan(c->texts[i], c->lengths[i], &c->options, &reason, &obs, NULL);
        flight_table_apply(table, &obs, (uint32_t)(1 + i / AIRCRAFT));
        if (i % AIRCRAFT == 0)
            flight_table_take_touched(table, &touched);
    }
    flight_table_free(table);
}

static void apply_all(struct corpus *c)
{
    struct flight_table *table = flight_table_new();
    for (size_t i = 0; i < c->count; i++)
        flight_table_apply(table, &c->decoded[i], (uint32_t)(1 + i / AIRCRAFT));
    flight_table_free(table);
}

static void encode_all(struct corpus *c)
{
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    for (size_t i = 0; i < c->count; i++) {
        if (i % 256 == 0)
            strbuf_clear(&out);
        flight_encode_record(&out, &c->decoded[i]);
    }
    strbuf_release(&out);
}

/* Nanoseconds of this thread's CPU per record, the best of a few rounds. */
static double measure(void (*work)(struct corpus *), struct corpus *c)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start_us = clock_thread_cpu_us();
        work(c);
        double ns =
            (double)(clock_thread_cpu_us() - start_us) * 1000 / (double)c->count;
        best = round == 0 || ns < best ? ns : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 4 * AIRCRAFT;
    must(count > 0 && count <= 10000000, "usage: bench_decode [RECORDS]");
    struct corpus c = make_corpus((size_t)count);
    set_options(&c);
    double json = measure(parse_all, &c);
    double scan = measure(scan_all, &c);
    double apply = measure(apply_all, &c);
    double both = measure(scan_and_apply_all, &c);
    double encode = measure(encode_all, &c);
    printf("record_bytes %.0f\njansson_ns %.0f\nscan_ns %.0f\napply_ns %.0f\n"
           "scan_apply_ns %.0f\nencode_ns %.0f\nrecords_per_cpu_s %.0f\n",
           (double)c.bytes / (double)c.count, json, scan, apply, both, encode,
           1e9 / both);
    free(c.texts);
    free(c.lengths);
    free(c.decoded);
    return 0;
}
