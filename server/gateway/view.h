/*
 * Which flights a subscription sees, shared by all sessions of an io thread that
 * subscribe to the same box, filter and fields. Three kinds, by what must be kept
 * to know who is a member:
 *
 *   WORLD     all flights; the index knows who came and who went;
 *   BOX       a box without filter: the position says it, before and now;
 *   FILTERED  anything else: one bit a slot.
 *
 * The latter two also keep a bounded ring of who entered and left when. With
 * that, and the change ticks in the rows, a delta from any recent tick can be
 * made for any number of clients without keeping anything per client.
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
#include "gateway/frame_walk.h"
#include "gateway/view_box.h"

struct chunk;
struct chunk_pool;
struct flight;
struct flight_index;
struct frame_set;
struct row_texts;

enum {
    VIEW_IDLE_MS = 600000,
    VIEW_IDLE_MAX = 512,      /* views without users; over it the oldest goes */
    VIEW_EVENTS_MAX = 16384,  /* entered and left, remembered of a view */
    VIEW_CACHE_MAX = 8,       /* different deltas of one tick that are shared */
    VIEW_SHARED_MAX = 1 << 20 /* bytes of a delta that laggards share */
};

enum view_kind { VIEW_WORLD, VIEW_BOX, VIEW_FILTERED };

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

/* What every tick touches stands first, in few cache lines. */
struct view {
    struct view_set *set;
    struct view *next;
    enum view_kind kind;
    bool has_box;
    struct view_box box;
    uint32_t activity_tick;   /* newest tick with anything to send */
    uint32_t activity_before; /* the one before that */
    uint32_t oldest_cursor;   /* the events after this tick are complete */
    uint32_t member_count;
    unsigned users;
    uint32_t runs_first; /* BOX: who was and is inside; see view_kept_runs */
    uint32_t runs_count;
    struct view_event *events; /* a ring */
    size_t event_capacity;     /* a power of two */
    size_t event_first;
    size_t event_count;
    uint64_t fields; /* that are sent */
    size_t cache_count;
    int64_t idle_since_ms;
    struct filter *filter; /* NULL = none */
    bool reads_time;
    uint64_t decides;  /* fields whose change may change membership */
    uint64_t *members; /* FILTERED: bits by slot */
    size_t member_words;
    int64_t rescanned_ms;
    struct view_cached cache[VIEW_CACHE_MAX]; /* of the current tick */
};

/* What is subscribed to; copied by view_open. */
struct view_key {
    bool has_box;
    struct geo_box box;
    uint64_t fields;
};

struct view_set;

/* Index and pool are borrowed. */
struct view_set *view_set_new(const struct flight_index *index, struct chunk_pool *pool,
                              bool has_home, struct geo_point home);
void view_set_free(struct view_set *set); /* accepts NULL; no view may be in use */

/* The view of key and filter (taken; NULL = none), made when there is none yet. */
struct view *view_open(struct view_set *set, const struct view_key *key,
                       struct filter *take_filter);
void view_close(struct view *view);

/* Brings every view to the frame's tick; after flight_index_apply of the frame. */
void view_set_apply(struct view_set *set, struct frame_set *frame);

/* Lets go of the frame before, which takes a while: when all has been sent. */
void view_set_sweep(struct view_set *set);

/* Flights in the view now. */
uint32_t view_matching(const struct view *view);

/* True when the flight in a slot is a member now. */
bool view_has(const struct view *view, size_t slot);

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

/* A walk over the rows of the current frame that can be members. */
struct frame_walk view_walk(const struct view *view);

/*
 * BOX: the rows of the current frame whose aircraft was inside and is, found when
 * the frame came: some of one tile at a time.
 */
struct view_run {
    uint32_t first;
    uint32_t end;
};
const struct view_run *view_kept_runs(const struct view *view, size_t *ret_count);

/* The texts of the current frame's rows under these fields. */
struct row_texts *view_set_texts(struct view_set *set, uint64_t fields);

struct chunk_pool *view_set_pool(const struct view_set *set);
