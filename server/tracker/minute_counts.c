#include "tracker/minute_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "flight/country.h"
#include "flight/flight.h"
#include "flight/flight_phase.h"
#include "flight/operator.h"

enum { KEY_SIZE = 16, BUCKETS_MAX = 4096, RECORD_MAX = 256 * 1024 };

enum dimension { BY_COUNTRY, BY_OPERATOR, BY_PHASE, BY_ALTITUDE_BAND, DIMENSIONS };
static const char *const dimension_names[DIMENSIONS] = {"country", "operator", "phase",
                                                        "altitude_band"};

struct bucket {
    char key[KEY_SIZE]; /* "" = free */
    uint32_t count;
};

struct minute_counts {
    struct bucket *buckets[DIMENSIONS]; /* open addressing, BUCKETS_MAX each */
    size_t used[DIMENSIONS];
    uint32_t total;
};

static void count_key(struct minute_counts *c, enum dimension d, const char *key)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (const char *p = key; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619U;
    for (;; hash++) {
        struct bucket *b = &c->buckets[d][hash % BUCKETS_MAX];
        if (b->key[0] == '\0') {
            if (c->used[d] >= BUCKETS_MAX / 2)
                return;
            c->used[d]++;
            memcpy(b->key, key, strnlen(key, KEY_SIZE - 1));
        }
        if (strncmp(b->key, key, KEY_SIZE - 1) == 0) {
            b->count++;
            return;
        }
    }
}

void minute_counts_add(struct minute_counts *c, const struct flight *f)
{
    bool is_icao = (f->icao & FLIGHT_NON_ICAO) == 0;
    const char *country = is_icao ? country_of_icao24(f->icao) : NULL;
    const struct flight_operator *who =
        flight_has(f, FLIGHT_CALLSIGN) ? operator_of_callsign(f->v.callsign) : NULL;
    int band = flight_band_of(f);
    c->total++;
    count_key(c, BY_COUNTRY, country != NULL ? country : "unknown");
    count_key(c, BY_OPERATOR, who != NULL ? who->icao : "unknown");
    count_key(c, BY_PHASE, flight_phase_text(flight_phase_of(f)));
    count_key(c, BY_ALTITUDE_BAND,
              band >= 0             ? flight_band_text(band)
              : flight_on_ground(f) ? "ground"
                                    : "unknown");
}

static void write_counts(struct strbuf *out, struct minute_counts *c, enum dimension d)
{
    const char *comma = "";
    for (size_t i = 0; i < BUCKETS_MAX; i++) {
        struct bucket *b = &c->buckets[d][i];
        if (b->key[0] == '\0')
            continue;
        strbuf_add_text(out, comma);
        strbuf_add_json(out, b->key, strlen(b->key));
        strbuf_addf(out, ":%u", b->count);
        comma = ",";
    }
}

void minute_counts_tell(struct minute_counts *c, int64_t minute_ms,
                        const int32_t *partitions, size_t partition_count,
                        minute_counts_fn fn, void *data)
{
    struct strbuf out;
    strbuf_init(&out, RECORD_MAX);
    for (unsigned d = 0; d < DIMENSIONS; d++) {
        strbuf_clear(&out);
        strbuf_addf(&out, "{\"dimension\":\"%s\",\"minute\":", dimension_names[d]);
        strbuf_add_int(&out, minute_ms / 1000);
        strbuf_addf(&out, ",\"total\":%u,\"partitions\":[", c->total);
        for (size_t i = 0; i < partition_count; i++)
            strbuf_addf(&out, "%s%d", i > 0 ? "," : "", (int)partitions[i]);
        strbuf_add_text(&out, "],\"counts\":{");
        write_counts(&out, c, (enum dimension)d);
        strbuf_add_text(&out, "}}");
        fn(data, dimension_names[d], strbuf_text(&out), out.len);
        memset(c->buckets[d], 0, BUCKETS_MAX * sizeof *c->buckets[d]);
        c->used[d] = 0;
    }
    c->total = 0;
    strbuf_release(&out);
}

struct minute_counts *minute_counts_new(void)
{
    struct minute_counts *c = xcalloc(1, sizeof *c);
    for (unsigned d = 0; d < DIMENSIONS; d++)
        c->buckets[d] = xcalloc(BUCKETS_MAX, sizeof *c->buckets[d]);
    return c;
}

void minute_counts_free(struct minute_counts *c)
{
    if (c == NULL)
        return;
    for (unsigned d = 0; d < DIMENSIONS; d++)
        free(c->buckets[d]);
    free(c);
}
