/*
 * How many flights there are of each kind: what an overview shows. Pure; one
 * thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "app/flight_column.h"
#include "flight/flight_table.h"

enum { COUNTS_TOP = 24, COUNTS_BANDS = 5, COUNTS_URGENT = 8 };

struct count_row {
    char name[32];
    unsigned count;
    int64_t newest_ms; /* the last one was heard then, the server's clock */
};

struct flight_counts {
    unsigned total, positioned, ground, climbing, descending, level, stale, military;
    unsigned
        bands[COUNTS_BANDS]; /* <10k, 10-20k, 20-30k, 30-40k, >40k ft, in the air */
    struct count_row countries[COUNTS_TOP]; /* the most frequent, largest first */
    struct count_row operators[COUNTS_TOP];
    struct count_row types[COUNTS_TOP];
    struct count_row sources[COUNTS_TOP];
    uint32_t urgent[COUNTS_URGENT]; /* emergencies, by address; 0 = no more */
};

void flight_counts_take(struct flight_counts *counts, const struct flight_table *table,
                        const struct flight_view_context *context);
