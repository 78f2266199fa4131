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

static void tally_add(struct tally *t, const char *name)
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

void flight_counts_take(struct flight_counts *counts, const struct flight_table *table,
                        const struct flight_view_context *context)
{
    struct tally *tallies = xcalloc(3, sizeof *tallies);
    static const enum flight_column columns[] = {COLUMN_COUNTRY, COLUMN_OPERATOR,
                                                 COLUMN_TYPE};
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < flight_table_slots(table); i++) {
        const struct flight *f = flight_table_at(table, i);
        char text[COLUMN_TEXT_SIZE];
        if (f == NULL)
            continue;
        counts->total++;
        counts->positioned += flight_has_position(f) ? 1 : 0;
        counts->stale += flight_age_s(f, context->now_ms) > STALE_S ? 1 : 0;
        flight_column_text(COLUMN_FLAGS, f, context, text);
        counts->military += strncmp(text, "MIL", 3) == 0 ? 1 : 0;
        count_altitude(counts, f, context);
        for (size_t k = 0; k < 3; k++) {
            flight_column_text(columns[k], f, context, text);
            tally_add(&tallies[k], text);
        }
    }
    tally_top(&tallies[0], counts->countries);
    tally_top(&tallies[1], counts->operators);
    tally_top(&tallies[2], counts->types);
    free(tallies);
}
