/*
 * What the sources say of one aircraft, folded into one stream of records: the
 * better source wins, what tells nothing new ends here, and what a source with
 * full records no longer lists becomes unknown, unless another one knows it.
 *
 * Quality is that of the position's origin (ADS-B, rebroadcast, MLAT, TIS-B,
 * the rest). A better source's field holds for MERGE_FRESH_MS; between equals
 * the later one wins. Pure; one thread; memory bounded by MERGE_MAX aircraft.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight/observation.h"

enum {
    MERGE_MAX = 131072,
    MERGE_SOURCES_MAX = 32,
    MERGE_FRESH_MS = 10000,
    MERGE_REPEAT_MS = 900,   /* the same words again sooner than this are dropped */
    MERGE_FORGET_MS = 900000 /* an aircraft that no source mentions */
};

enum merge_verdict {
    MERGE_SEND,      /* *ret_obs is the record to send */
    MERGE_DUPLICATE, /* nothing new, or a better source said it */
    MERGE_FULL       /* too many aircraft */
};

struct merge;

/* source_count: how many indices merge_offer will see (<= MERGE_SOURCES_MAX). */
struct merge *merge_new(size_t source_count);
void merge_free(struct merge *m); /* accepts NULL */

/*
 * Source number `source` says obs; full_state: it lists all it knows. now_ms is
 * our clock. The observation's own `src` is passed through, not compared.
 */
enum merge_verdict merge_offer(struct merge *m, size_t source, bool full_state,
                               const struct observation *obs, int64_t now_ms,
                               struct observation *ret_obs);

/* Forgets aircraft that no source mentioned for MERGE_FORGET_MS. O(aircraft). */
void merge_expire(struct merge *m, int64_t now_ms);

size_t merge_count(const struct merge *m);
