/*
 * What a filter costs per flight. Prints nanoseconds of CPU per match for a few
 * filters over flights of which about half match.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "flight/filter.h"
#include "flight/flight_fields.h"

enum { FLIGHTS = 4096, ROUNDS = 50 };

static struct flight *make_flights(void)
{
    static const char *const types[] = {"A320", "B738", "A333", "E190"};
    struct flight *flights = xcalloc(FLIGHTS, sizeof *flights);
    for (unsigned i = 0; i < FLIGHTS; i++) {
        struct flight *f = &flights[i];
        unsigned mixed = i * 2654435761U >> 12;
        f->icao = 0x400000 + mixed % 0x80000;
        f->known = FLIGHT_ALL_FIELDS;
        f->v.num[FLIGHT_ALT_BARO] = (int32_t)(mixed % 45000);
        f->v.num[FLIGHT_LAT] = (int32_t)(mixed % 6000000);
        f->v.num[FLIGHT_LON] = (int32_t)(mixed % 3000000);
        flight_values_set_text(&f->v, FLIGHT_TYPE_CODE, types[mixed % 4], 4);
        flight_values_set_text(&f->v, FLIGHT_CALLSIGN, "SWR123A", 7);
    }
    return flights;
}

/* Nanoseconds per match; the number of matches keeps the work from vanishing. */
static double measure(const struct filter *filter, const struct flight *flights,
                      size_t *ret_matches)
{
    static const struct filter_context context = {
        .now_ms = 1000, .has_home = true, .home = {47, 8}};
    int64_t start_us = clock_thread_cpu_us();
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < FLIGHTS; i++)
            *ret_matches += filter_match(filter, &flights[i], &context);
    return (double)(clock_thread_cpu_us() - start_us) * 1000 / (ROUNDS * FLIGHTS);
}

int main(void)
{
    static const char *const texts[] = {
        "alt > 30000",
        "alt > 10000 and type ~ \"A3*\" and not ground",
        "swr",
        "dist < 500",
        "country = CH or operator = SWR",
        "squawk in (7500, 7600, 7700) or emergency != none",
    };
    struct flight *flights = make_flights();
    struct strbuf error;
    strbuf_init(&error, 1024);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct filter *filter = filter_parse(texts[i], &error);
        size_t matches = 0;
        if (filter == NULL) {
            fprintf(stderr, "bench_filter: %s\n", strbuf_text(&error));
            return 1;
        }
        double ns = measure(filter, flights, &matches);
        printf("%6.1f ns  %3zu %% match  %s\n", ns, matches * 100 / (ROUNDS * FLIGHTS),
               texts[i]);
        filter_free(filter);
    }
    strbuf_release(&error);
    free(flights);
    return 0;
}
