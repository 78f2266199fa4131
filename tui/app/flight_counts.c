#include "app/flight_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/country.h"

enum { TALLY_MAX = 512, STALE_S = 15 };

/* Names with counts, open addressing; names past TALLY_MAX / 2 are not counted. */
struct tally {
    struct count_row rows[TALLY_MAX];
    size_t used;
};

static void tally_add(struct tally *t, const char *name, int64_t heard_ms)
{
    uint32_t hash = 2166136261U;
    if (name[0] == '\0')
        return;
    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619U;
    for (uint32_t i = hash;; i++) {
        struct count_row *row = &t->rows[i % TALLY_MAX];
        if (row->count == 0) {
            if (t->used >= TALLY_MAX / 2)
                return;
            t->used++;
            snprintf(row->name, sizeof row->name, "%.31s", name);
        } else if (strncmp(row->name, name, sizeof row->name - 1) != 0) {
            continue;
        }
        row->count++;
        row->newest_ms = MAX_OF(row->newest_ms, heard_ms);
        return;
    }
}

static int largest_first(const void *a, const void *b)
{
    const struct count_row *x = a;
    const struct count_row *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void tally_top(struct tally *t, struct count_row ret_top[COUNTS_TOP])
{
    qsort(t->rows, TALLY_MAX, sizeof t->rows[0], largest_first);
    memcpy(ret_top, t->rows, COUNTS_TOP * sizeof ret_top[0]);
}

static void count_altitude(struct flight_counts *counts, const struct flight *f,
                           const struct flight_view_context *context)
{
    double feet;
    int vertical = flight_vertical(f);
    if (flight_on_ground(f)) {
        counts->ground++;
        return;
    }
    counts->climbing += vertical > 0 ? 1 : 0;
    counts->descending += vertical < 0 ? 1 : 0;
    counts->level += vertical == 0 ? 1 : 0;
    if (!flight_column_number(COLUMN_ALT, f, context, &feet))
        return;
    int band = feet < 0 ? 0 : (int)(feet / 10000);
    counts->bands[MIN_OF(band, COUNTS_BANDS - 1)]++;
}

/* Emergencies in order of address, so that they stay where they are. */
static void count_urgent(struct flight_counts *counts, const struct flight *f)
{
    size_t at = 0;
    if (flight_emergency_text(f) == NULL)
        return;
    while (at < COUNTS_URGENT && counts->urgent[at] != 0 &&
           counts->urgent[at] < f->icao)
        at++;
    if (at == COUNTS_URGENT)
        return;
    memmove(&counts->urgent[at + 1], &counts->urgent[at],
            (COUNTS_URGENT - 1 - at) * sizeof counts->urgent[0]);
    counts->urgent[at] = f->icao;
}

static void count_flight(struct flight_counts *counts, const struct flight *f,
                         const struct flight_view_context *context)
{
    char flags[COLUMN_TEXT_SIZE];
    counts->total++;
    counts->positioned += flight_has_position(f) ? 1 : 0;
    counts->stale += flight_age_s(f, context->now_ms) > STALE_S ? 1 : 0;
    flight_column_text(COLUMN_FLAGS, f, context, flags);
    counts->military += strncmp(flags, "MIL", 3) == 0 ? 1 : 0;
    count_altitude(counts, f, context);
    count_urgent(counts, f);
}

void flight_counts_take(struct flight_counts *counts, const struct flight_table *table,
                        const struct flight_view_context *context)
{
    static const enum flight_column columns[] = {COLUMN_COUNTRY, COLUMN_OPERATOR,
                                                 COLUMN_TYPE, COLUMN_SRC};
    struct count_row *tops[] = {counts->countries, counts->operators, counts->types,
                                counts->sources};
    struct tally *tallies = xcalloc(ARRAY_LEN(columns), sizeof *tallies);
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < flight_table_slots(table); i++) {
        const struct flight *f = flight_table_at(table, i);
        char text[COLUMN_TEXT_SIZE];
        if (f == NULL)
            continue;
        count_flight(counts, f, context);
        for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
            flight_column_text(columns[k], f, context, text);
            tally_add(&tallies[k], text, f->heard_at_ms);
        }
    }
    for (size_t k = 0; k < ARRAY_LEN(columns); k++)
        tally_top(&tallies[k], tops[k]);
    free(tallies);
}
