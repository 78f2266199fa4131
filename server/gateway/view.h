/*
 * Which flights a subscription sees, shared by all sessions of an io thread that
 * subscribe to the same box, filter and fields. A view keeps who is a member
 * (one bit a slot) and a bounded ring of who entered and left when; with those,
 * and the change ticks in the rows, a delta from any recent tick can be made for
 * any number of clients without keeping anything per client.
 *
 * The view of the whole world without a filter (`world`) keeps nothing: the
 * index knows who came and who went.
 *
 * A view that nobody uses any more is kept up for VIEW_IDLE_MS, so that a client
 * which comes back finds the answer to "since". One io thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "flight/filter.h"
#include "flight/geo.h"

struct chunk;
struct flight;
struct flight_index;
struct frame_set;

enum {
    VIEW_IDLE_MS = 600000,
    VIEW_IDLE_MAX = 512,      /* views without users; over it the oldest goes */
    VIEW_EVENTS_MAX = 16384,  /* entered and left, remembered of a view */
    VIEW_CACHE_MAX = 8,       /* different deltas of one tick that are shared */
    VIEW_SHARED_MAX = 1 << 20 /* bytes of a delta that laggards share */
};

enum view_event_kind { VIEW_ENTERED, VIEW_LEFT, VIEW_EXPIRED };

struct view_event {
    uint32_t slot;
    uint32_t icao;
    uint32_t tick;
    enum view_event_kind kind;
};

struct view_cached {
    uint32_t since;
    bool with_tick;
    int64_t id;
    struct chunk *chunk;
};

struct view {
    struct view_set *set;
    struct view *next;
    unsigned users;
    int64_t idle_since_ms;
    bool world;
    bool has_box;
    struct geo_box_fixed box;
    struct filter *filter; /* NULL = none */
    bool reads_time;
    bool default_fields;
    uint64_t fields;   /* that are sent */
    uint64_t decides;  /* fields whose change may change membership */
    uint64_t *members; /* bits by slot */
    size_t member_words;
    uint32_t member_count;
    struct view_event *events; /* a ring */
    size_t event_capacity;     /* a power of two */
    size_t event_first;
    size_t event_count;
    uint32_t oldest_cursor;   /* the events after this tick are complete */
    uint32_t activity_tick;   /* newest tick with anything to send */
    uint32_t activity_before; /* the one before that */
    int64_t rescanned_ms;
    size_t last_size; /* bytes of the last delta: a good guess for the next */
    struct view_cached cache[VIEW_CACHE_MAX]; /* of the current tick */
    size_t cache_count;
};

/* What is subscribed to; copied by view_open. */
struct view_key {
    bool has_box;
    struct geo_box box;
    uint64_t fields;
};

struct view_set;

struct view_set *view_set_new(const struct flight_index *index, bool has_home,
                              struct geo_point home);
void view_set_free(struct view_set *set); /* accepts NULL; no view may be in use */

/* The view of key and filter (taken; NULL = none), made when there is none yet. */
struct view *view_open(struct view_set *set, const struct view_key *key,
                       struct filter *take_filter);
void view_close(struct view *view);

/* Brings every view to the frame's tick; after flight_index_apply of the frame. */
void view_set_apply(struct view_set *set, struct frame_set *frame);

/* Flights in the view now. */
uint32_t view_matching(const struct view *view);

/* True when the flight in a slot is a member now. */
bool view_has(const struct view *view, size_t slot);

/*
 * Whether the aircraft of a row of the current frame is a member now, and is new
 * to the view this tick. A box without filter is asked by position alone, which
 * is in the row.
 */
struct frame_row;
bool view_has_row(const struct view *view, const struct frame_row *row);
bool view_got_row(const struct view *view, const struct frame_row *row);

/* True when anything was to be sent after that tick. */
bool view_active_since(const struct view *view, uint32_t since);

const struct flight_index *view_set_index(const struct view_set *set);
size_t view_set_count(const struct view_set *set);

/* --- for view_delta.c ---------------------------------------------------- */

/* The event at position i, 0 = oldest. */
const struct view_event *view_event_at(const struct view *view, size_t i);

/* The frame of the current tick (borrowed) and a scratch mark per slot. */
const struct frame_set *view_set_frame(const struct view_set *set);
void view_set_unmark_all(struct view_set *set);
void view_set_mark(struct view_set *set, size_t slot);
bool view_set_marked(const struct view_set *set, size_t slot);

/* Calls fn with each row of the current frame that may be a member. */
typedef void (*view_row_fn)(void *data, size_t row);
void view_each_row(const struct view *view, view_row_fn fn, void *data);

/*
 * The default fields' change of a row of the current frame as JSON text, encoded
 * when first asked for and then shared by all views of the thread.
 */
const char *view_set_fragment(struct view_set *set, size_t row, size_t *ret_len);
