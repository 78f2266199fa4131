/*
 * The first record is due at once; each other one as much later as it was when
 * recorded, divided by the speed. Its times move with it, so that ages stay what
 * they were. A record whose time lies before the first one's is sent at once,
 * as old as it is.
 */
#include "sources/replay.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "sources/replay_reader.h"
#include "sources/source_url.h"

enum { BATCH = 1000, LOOP_PAUSE_MS = 1000, TEXT_MAX = 600, WAIT_MAX_MS = 1000 };

struct replay {
    const struct source_url *url;
    struct source_sink sink;
    struct replay_reader *reader; /* NULL = ended */
    struct loop *on;
    struct loop_timer *timer;
    double speed;
    bool loop;
    bool waiting;     /* record holds the next one */
    int64_t first_ms; /* of the recording; 0 = none yet */
    int64_t start_ms; /* ours, then */
    uint64_t records; /* of this round */
    struct replay_record record;
};

static void finish(struct replay *r, const char *text)
{
    replay_reader_close(r->reader);
    r->reader = NULL;
    r->sink.end(r->sink.data, text);
}

static void rewind_or_end(struct replay *r)
{
    char text[80];
    struct strbuf error;
    snprintf(text, sizeof text, "end of the recording after %llu records",
             (unsigned long long)r->records);
    if (!r->loop || r->records == 0) {
        finish(r, text);
        return;
    }
    strbuf_init(&error, TEXT_MAX);
    replay_reader_close(r->reader);
    r->reader = replay_reader_open(r->url->target, &error);
    r->first_ms = 0;
    r->records = 0;
    if (r->reader == NULL) {
        r->sink.trouble(r->sink.data, SOURCE_TROUBLE_FILE, strbuf_text(&error), -1);
        finish(r, strbuf_text(&error));
    } else {
        loop_timer_arm(r->timer, LOOP_PAUSE_MS);
    }
    strbuf_release(&error);
}

/* Reads on to a record that can be used; false at the end, or when it failed. */
static bool read_next(struct replay *r)
{
    struct strbuf error;
    enum replay_next next;
    strbuf_init(&error, TEXT_MAX);
    do {
        next = replay_reader_next(r->reader, &r->record, &error);
        if (next == REPLAY_NEXT_REFUSED)
            r->sink.refuse(r->sink.data, r->record.reason, 1);
    } while (next == REPLAY_NEXT_REFUSED);
    r->waiting = next == REPLAY_NEXT_RECORD;
    if (next == REPLAY_NEXT_FAILED) {
        r->sink.trouble(r->sink.data, SOURCE_TROUBLE_FILE, strbuf_text(&error), -1);
        finish(r, strbuf_text(&error));
    } else if (next == REPLAY_NEXT_END) {
        rewind_or_end(r);
    } else if (r->record.refusals.count > 0) {
        r->sink.refuse(r->sink.data, OBSERVATION_OUT_OF_RANGE,
                       r->record.refusals.count);
    }
    strbuf_release(&error);
    return r->waiting;
}

/* When the waiting record is due, by our clock. */
static int64_t due_ms(struct replay *r, int64_t now_ms)
{
    int64_t at_ms = r->record.obs.now_ms;
    if (r->first_ms == 0) {
        r->first_ms = at_ms;
        r->start_ms = now_ms;
    }
    return r->start_ms + (int64_t)((double)(at_ms - r->first_ms) / r->speed);
}

static void step(void *data)
{
    struct replay *r = data;
    int64_t now_ms = clock_wall_ms();
    for (int i = 0; i < BATCH; i++) {
        if (!r->waiting && !read_next(r))
            return;
        int64_t due = due_ms(r, now_ms);
        if (due > now_ms) {
            loop_update_time(r->on);
            loop_timer_arm(r->timer, MIN_OF(due - now_ms, (int64_t)WAIT_MAX_MS));
            return;
        }
        observation_shift(&r->record.obs, due - r->record.obs.now_ms);
        r->sink.observe(r->sink.data, &r->record.obs);
        r->waiting = false;
        r->records++;
    }
    loop_timer_arm(r->timer, 1); /* others on this loop want their turn */
}

static bool read_parameters(const struct source_url *url, double *ret_speed,
                            bool *ret_loop, struct strbuf *ret_error)
{
    const struct source_range speeds = {0.01, 100000, 1};
    const struct source_range loops = {0, 1, 0};
    double speed;
    double loop;
    if (!source_url_number(url, "speed", speeds, &speed, ret_error) ||
        !source_url_number(url, "loop", loops, &loop, ret_error))
        return false;
    *ret_speed = speed;
    *ret_loop = loop > 0;
    return true;
}

static bool check_replay(const struct source_url *url, struct strbuf *ret_error)
{
    double speed;
    bool loop;
    struct strbuf problem;
    if (!read_parameters(url, &speed, &loop, ret_error))
        return false;
    strbuf_init(&problem, TEXT_MAX);
    struct replay_reader *reader = replay_reader_open(url->target, &problem);
    if (reader == NULL)
        strbuf_addf(ret_error, "source \"%s\": %s", url->text, strbuf_text(&problem));
    replay_reader_close(reader);
    strbuf_release(&problem);
    return reader != NULL;
}

static void *open_replay(const struct source_url *url,
                         const struct source_context *context,
                         const struct source_sink *sink, struct strbuf *ret_error)
{
    double speed;
    bool loop;
    if (!read_parameters(url, &speed, &loop, ret_error))
        return NULL;
    struct replay_reader *reader = replay_reader_open(url->target, ret_error);
    if (reader == NULL)
        return NULL;
    struct replay *r = xcalloc(1, sizeof *r);
    r->url = url;
    r->sink = *sink;
    r->reader = reader;
    r->speed = speed;
    r->loop = loop;
    r->on = context->loop;
    r->timer = loop_after_ms(context->loop, 0, step, r);
    sink->good(sink->data, -1);
    return r;
}

static void close_replay(void *source)
{
    struct replay *r = source;
    loop_timer_free(r->timer);
    replay_reader_close(r->reader);
    free(r);
}

static const char *const parameters[] = {"speed", "loop", NULL};

const struct source_class source_replay = {
    .scheme = "replay",
    .name = "replay",
    .form = "replay:FILE[?speed=X&loop=1&name=TEXT]",
    .parameters = parameters,
    .check = check_replay,
    .open = open_replay,
    .close = close_replay,
};
