/*
 * What a live tail of logs remembers: up to which time it has read, which lines
 * near that time it has already shown (documents arrive a little out of order,
 * so each page starts a few seconds earlier and known lines are left out), and
 * the newest lines for somebody who joins. Bounded. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf;
struct log_tail;

enum {
    LOG_TAIL_OVERLAP_MS = 10000, /* how much later than newer ones a line may come */
    LOG_TAIL_IDS_MAX = 4096,     /* lines remembered as shown */
    LOG_TAIL_RECENT_MAX = 200,   /* lines kept for newcomers */
    LOG_TAIL_RECENT_BYTES = 512 * 1024
};

struct log_tail *log_tail_new(void);
void log_tail_free(struct log_tail *tail); /* accepts NULL */

/* True until the first page has come. */
bool log_tail_is_new(const struct log_tail *tail);

/* True when the last page was full: there is more to read at once. */
bool log_tail_is_behind(const struct log_tail *tail);

/* Epoch ms after which the next page begins (search_after, exclusive). */
int64_t log_tail_cursor_ms(const struct log_tail *tail);

/*
 * Offers a line in order of time; json is one object. True when it is new: it
 * is remembered, and kept for newcomers.
 */
bool log_tail_offer(struct log_tail *tail, const char *id, int64_t time_ms,
                    const char *json, size_t len);

/*
 * A page is read. full: there may be more behind last_ms, the time of its last
 * line, and the next page goes on from there.
 */
void log_tail_page_done(struct log_tail *tail, bool full, int64_t last_ms);

/* The lines kept, oldest first, each with a line feed. */
void log_tail_write_recent(const struct log_tail *tail, struct strbuf *out);
