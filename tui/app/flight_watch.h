/*
 * The aircraft that somebody waits for: those that a filter expression chooses
 * (--watch) and those marked by key. Tells when one appears, comes near home and
 * leaves, and once of each emergency. Owned by the app; one thread.
 */
#pragma once

#include "app/flight_list.h"

enum {
    WATCH_TEXT_MAX = 512,
    WATCH_MARKS_MAX = 64,
    WATCHED_MAX = 256,
    WATCH_NAME_SIZE = 16,
    WATCH_GRACE_MS = 30000 /* out of sight for so long: it has left */
};

struct watched {
    uint32_t icao;
    bool near;
    int64_t since_ms, seen_ms; /* the server's clock */
    char name[WATCH_NAME_SIZE];
};

struct flight_watch {
    struct filter *filter; /* NULL = none */
    uint32_t marks[WATCH_MARKS_MAX];
    size_t mark_count;
    double near_nm; /* 0 = being near is no news */
    struct watched rows[WATCHED_MAX];
    size_t count;
    uint32_t announced[FLIGHT_LIST_URGENT_MAX]; /* emergencies that were told */
    size_t announced_count;
    bool started; /* what is there at first has not just appeared */
};

enum flight_news_kind { NEWS_EMERGENCY, NEWS_ENTERED, NEWS_NEAR, NEWS_LEFT };

struct flight_news {
    enum flight_news_kind kind;
    uint32_t icao;
    const char *name;
    const struct flight *flight; /* NULL when it is not known any more */
    int64_t since_ms;            /* when it appeared */
    bool at_start;               /* it was there when the watch began */
};

typedef void (*flight_news_fn)(void *data, const struct flight_news *news);

void flight_watch_init(struct flight_watch *w);
void flight_watch_release(struct flight_watch *w);

/* Sets the expression, "" = none; false with a sentence in ret_error. */
bool flight_watch_set(struct flight_watch *w, const char *text,
                      struct strbuf *ret_error);

/* Marks an aircraft that was marked in an earlier session; false without room. */
bool flight_watch_mark(struct flight_watch *w, uint32_t icao);

/* Marks an aircraft or takes its mark away: 1 marked, 0 not, -ENOSPC. */
int flight_watch_toggle(struct flight_watch *w, uint32_t icao);

/* True while it is one of those that are waited for and are here. */
bool flight_watch_has(const struct flight_watch *w, uint32_t icao);

/*
 * Compares what is here with what was and tells the difference. list is up to
 * date with the table; tell is called with news that are valid during the call.
 */
void flight_watch_update(struct flight_watch *w, const struct flight_table *table,
                         const struct flight_list *list,
                         const struct flight_view_context *context, flight_news_fn tell,
                         void *data);
