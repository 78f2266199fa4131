#include "upstream/log_tail.h"

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"

struct line {
    char *json;
    size_t len;
};

struct log_tail {
    bool started;
    int64_t newest_ms;              /* time of the newest line shown */
    int64_t resume_ms;              /* > 0: the last page was full, go on here */
    uint64_t ids[LOG_TAIL_IDS_MAX]; /* hashes: a ring, 0 = empty */
    int64_t times_ms[LOG_TAIL_IDS_MAX];
    size_t id_next;
    struct line recent[LOG_TAIL_RECENT_MAX]; /* a ring */
    size_t recent_first;
    size_t recent_count;
    size_t recent_bytes;
};

struct log_tail *log_tail_new(void)
{
    return xcalloc(1, sizeof(struct log_tail));
}

static void drop_oldest(struct log_tail *tail)
{
    struct line *line = &tail->recent[tail->recent_first];
    tail->recent_bytes -= line->len;
    free(line->json);
    *line = (struct line){.json = NULL};
    tail->recent_first = (tail->recent_first + 1) % LOG_TAIL_RECENT_MAX;
    tail->recent_count--;
}

void log_tail_free(struct log_tail *tail)
{
    if (!tail)
        return;
    while (tail->recent_count > 0)
        drop_oldest(tail);
    free(tail);
}

bool log_tail_is_new(const struct log_tail *tail)
{
    return !tail->started;
}

int64_t log_tail_cursor_ms(const struct log_tail *tail)
{
    if (tail->resume_ms > 0)
        return tail->resume_ms;
    const int64_t overlap_ms = tail->newest_ms - LOG_TAIL_OVERLAP_MS;
    /* What is no longer remembered as shown must not be read again. */
    const bool ring_full = tail->ids[tail->id_next] != 0;
    return ring_full ? MAX_OF(overlap_ms, tail->times_ms[tail->id_next]) : overlap_ms;
}

bool log_tail_is_behind(const struct log_tail *tail)
{
    return tail->resume_ms > 0;
}

/* FNV-1a, 64 bits: ids are random, a clash would hide one line in a lifetime. */
static uint64_t hash_of(const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *p = id; *p; p++)
        hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

static bool is_known(const struct log_tail *tail, uint64_t hash)
{
    for (size_t i = 0; i < LOG_TAIL_IDS_MAX; i++)
        if (tail->ids[i] == hash)
            return true;
    return false;
}

static void keep_recent(struct log_tail *tail, const char *json, size_t len)
{
    if (len > LOG_TAIL_RECENT_BYTES)
        return;
    while (tail->recent_count == LOG_TAIL_RECENT_MAX ||
           (tail->recent_count > 0 && tail->recent_bytes + len > LOG_TAIL_RECENT_BYTES))
        drop_oldest(tail);
    const size_t at = (tail->recent_first + tail->recent_count) % LOG_TAIL_RECENT_MAX;
    tail->recent[at] = (struct line){xstrndup(json, len), len};
    tail->recent_count++;
    tail->recent_bytes += len;
}

bool log_tail_offer(struct log_tail *tail, const char *id, int64_t time_ms,
                    const char *json, size_t len)
{
    const uint64_t hash = hash_of(id);
    if (is_known(tail, hash))
        return false;
    tail->ids[tail->id_next] = hash;
    tail->times_ms[tail->id_next] = time_ms;
    tail->id_next = (tail->id_next + 1) % LOG_TAIL_IDS_MAX;
    tail->newest_ms = MAX_OF(tail->newest_ms, time_ms);
    keep_recent(tail, json, len);
    return true;
}

void log_tail_page_done(struct log_tail *tail, bool full, int64_t last_ms)
{
    tail->started = true;
    if (!full) {
        tail->resume_ms = 0;
        return;
    }
    /* More than a page within one millisecond cannot be told apart: step over it. */
    const int64_t before = last_ms - 1;
    tail->resume_ms = before > tail->resume_ms ? before : last_ms;
}

void log_tail_write_recent(const struct log_tail *tail, struct strbuf *out)
{
    for (size_t i = 0; i < tail->recent_count; i++) {
        const struct line *line =
            &tail->recent[(tail->recent_first + i) % LOG_TAIL_RECENT_MAX];
        strbuf_add(out, line->json, line->len);
        strbuf_add_char(out, '\n');
    }
}
