/*
 * The flights that are shown, filtered and in order. So that rows do not dance
 * while values change, the order is kept for FLIGHT_LIST_SETTLE_MS, and then a row
 * moves only when its value changed by the column's margin. What is an
 * unacknowledged emergency stands on top. Owned by the app; one thread.
 */
#pragma once

#include "app/flight_column.h"
#include "base/strbuf.h"
#include "flight/flight_table.h"

struct filter;

enum {
    FLIGHT_LIST_SETTLE_MS = 3000,
    FLIGHT_LIST_FILTER_MAX = 512,
    FLIGHT_LIST_ACKED_MAX = 64,
    FLIGHT_LIST_URGENT_MAX = 64
};

struct flight_entry {
    uint32_t icao;
    bool pinned;  /* unacknowledged emergency */
    bool unknown; /* has no value to sort by */
    bool placed;  /* unknown, number and text are of an earlier sorting */
    double number;
    char text[16];
};

struct flight_list {
    struct flight_entry *entries;
    size_t count, room;
    enum flight_column sort;
    bool reverse;
    struct filter *filter; /* NULL = everything */
    char filter_text[FLIGHT_LIST_FILTER_MAX];
    bool disorder;        /* sort anew at the next update, whatever the time */
    int64_t sorted_at_ms; /* monotonic */
    size_t emergencies;   /* of all flights, filtered or not, not acknowledged */
    uint64_t version;     /* of the table at the last update */
    bool *slots;          /* scratch of an update: slots that have an entry */
    size_t slot_room;
    uint32_t acked[FLIGHT_LIST_ACKED_MAX]; /* acknowledged emergencies */
    size_t acked_count;
    uint32_t urgent[FLIGHT_LIST_URGENT_MAX]; /* of all flights: emergencies, */
    size_t urgent_count;                     /* acknowledged or not */
};

void flight_list_init(struct flight_list *list);
void flight_list_release(struct flight_list *list);

/*
 * Sets the filter, "" = none. False with a sentence in ret_error, and the old
 * filter kept, when the text is no filter.
 */
bool flight_list_set_filter(struct flight_list *list, const char *text,
                            struct strbuf *ret_error);
void flight_list_sort_by(struct flight_list *list, enum flight_column column,
                         bool reverse);

/*
 * Brings the list up to date with the table. version: grows with every change of
 * the table, so that an update without one costs nothing; mono_ms: for settling.
 */
void flight_list_update(struct flight_list *list, const struct flight_table *table,
                        const struct flight_view_context *context, uint64_t version,
                        int64_t mono_ms);

/* The row of an aircraft, or list->count. */
size_t flight_list_find(const struct flight_list *list, uint32_t icao);

/* An emergency that was looked at: it is pinned no more, until it ends. */
void flight_list_ack(struct flight_list *list, uint32_t icao);
bool flight_list_is_acked(const struct flight_list *list, uint32_t icao);
