/*
 * What a client at one tick must be told to be at the current one: deltas that
 * are made once and shared, and scans, which make a snapshot or a long delta
 * part by part, as fast as the client's socket takes them.
 *
 * All rows are absolute values, so a part may be newer than the tick it belongs
 * to; a scan that began at tick N ends with its client at N, and the next delta
 * starts from there. Io thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/view.h"

struct chunk;
struct strbuf;

enum view_mode {
    VIEW_SINCE,    /* the events since the tick are all known */
    VIEW_STRANGER, /* only the rows' ticks are: more is said than needed */
    VIEW_SNAPSHOT  /* too long ago */
};

/* How a delta since that tick (0 = never seen) can be made. */
enum view_mode view_mode_since(const struct view *view, uint32_t since);

/*
 * False when the client must scan; else *ret_chunk, NULL for nothing to say.
 * with_tick: the message `tick` goes behind it, for a client of this view alone.
 */
bool view_delta(struct view *view, uint32_t since, int64_t id, bool with_tick,
                struct chunk **ret_chunk);

struct view_scan {
    bool active;
    bool foreign; /* the client's table may be of another io thread's view */
    enum view_mode mode;
    uint32_t since;  /* the client's tick; 0 for a snapshot */
    uint32_t target; /* the client's tick when the scan has ended */
    uint32_t part;   /* messages made so far */
    size_t slot;     /* next */
    size_t removals; /* looked at */
};

/* Begins at the index' current tick. foreign: the client resumes. */
void view_scan_begin(struct view_scan *scan, const struct view *view, uint32_t since,
                     bool foreign);

/*
 * Adds the next message, of at most about max_bytes, to out. Returns true when
 * it was the last (scan->active is false then).
 */
bool view_scan_part(struct view_scan *scan, struct view *view, int64_t id,
                    size_t max_bytes, struct strbuf *out);
