#include "gateway/view_delta.h"

#include <assert.h>

#include "base/macros.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "gateway/chunk.h"
#include "gateway/row_texts.h"
#include "gateway/tick_message.h"
#include "gateway/ws_frame.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "wire/wire_limits.h"
#include "wire/wire_row.h"

enum {
    ROW_ROOM = FLIGHT_ENCODE_MAX + 128, /* one more row always fits into this */
    REMOVED_ROOM = 48
};

/* A delta or snapshot message that is being written. */
struct message {
    struct view *view;
    struct strbuf *out;
    struct strbuf removed; /* the text of its removals, added at the end */
    size_t mark;
    size_t start;
    size_t max_bytes;
    int64_t id;
    uint32_t since;
    uint32_t target;
    bool any_row;
    struct wire_clock clock;
};

static void begin_delta(struct message *m)
{
    m->mark = ws_begin(m->out);
    m->start = m->out->len;
    m->any_row = false;
    strbuf_clear(&m->removed);
    strbuf_add_text(m->out, "{\"type\":\"delta\",\"id\":");
    strbuf_add_int(m->out, m->id);
    strbuf_add_text(m->out, ",\"base_tick\":");
    strbuf_add_int(m->out, m->since);
    strbuf_add_text(m->out, ",\"time\":");
    strbuf_add_fixed(m->out, m->clock.time_ms, 3);
    strbuf_add_text(m->out, ",\"changed\":[");
}

/* tick: where the client is after this message. */
static void end_delta(struct message *m, uint32_t tick)
{
    strbuf_add_text(m->out, "],\"removed\":[");
    strbuf_add(m->out, strbuf_text(&m->removed), m->removed.len);
    strbuf_add_text(m->out, "],\"tick\":");
    strbuf_add_int(m->out, tick);
    strbuf_add_char(m->out, '}');
    ws_end(m->out, m->mark, WS_TEXT);
}

static struct message new_message(struct view *view, struct strbuf *out, int64_t id)
{
    const struct flight_index *index = view_set_index(view->set);
    struct message m = {
        .view = view,
        .out = out,
        .id = id,
        .max_bytes = WIRE_PART_MAX,
        .clock = {flight_index_time_ms(index), flight_index_tick_ms(index)}};
    strbuf_init(&m.removed, WIRE_PART_MAX);
    return m;
}

static bool is_full(const struct message *m, size_t room)
{
    return m->out->len - m->start + m->removed.len + room > m->max_bytes;
}

static void separate_row(struct message *m)
{
    if (m->any_row)
        strbuf_add_char(m->out, ',');
    m->any_row = true;
}

static void add_whole(struct message *m, const struct flight *f, bool is_new)
{
    separate_row(m);
    wire_add_whole(m->out, f, m->view->fields, &m->clock, is_new);
}

static void add_removed(struct message *m, uint32_t icao, enum view_event_kind kind)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    strbuf_addf(&m->removed, "%s{\"hex\":\"%s\",\"reason\":\"%s\"}",
                m->removed.len > 0 ? "," : "", hex,
                kind == VIEW_EXPIRED ? "expired" : "left");
}

/* A removal is not told of an aircraft that is there (again): it comes whole. */
static bool is_back(const struct view *view, uint32_t icao)
{
    const struct flight *f = flight_index_find(view_set_index(view->set), icao);
    return f != NULL && view_has(view, f->slot);
}

/* --- the delta of one tick, for the many who are up to date ------------- */

/* A message that is full is sent on its own; its client stays at `since`. */
static void split_if_full(struct message *m, size_t room)
{
    if (!is_full(m, room))
        return;
    end_delta(m, m->since);
    begin_delta(m);
}

/* Texts of rows as row_texts makes them: the first of a message has no comma. */
static void add_text(struct message *m, const char *text, size_t len)
{
    split_if_full(m, len);
    size_t comma = m->any_row ? 0 : 1;
    strbuf_add(m->out, text + comma, len - comma);
    m->any_row = true;
}

static void add_row(struct message *m, struct row_texts *texts, size_t row)
{
    size_t len;
    const char *text = row_texts_row(texts, row, &len);
    add_text(m, text, len);
}

/* The world: who is new comes whole. */
static void add_world_row(struct message *m, struct row_texts *texts, size_t number)
{
    const struct frame_row *row = &view_set_frame(m->view->set)->rows[number];
    if ((row->flags & FRAME_NEW) == 0) {
        add_row(m, texts, number);
        return;
    }
    split_if_full(m, ROW_ROOM);
    add_whole(m, row->flight, true);
}

/* A filter: who has passed it just now was told as an event, and is marked. */
static void add_filtered_row(struct message *m, struct row_texts *texts, size_t number)
{
    const struct frame_row *row = &view_set_frame(m->view->set)->rows[number];
    if (view_has(m->view, row->slot) && !view_set_marked(m->view->set, row->slot))
        add_row(m, texts, number);
}

/* Rows of one tile in one piece; false when they are too many for the message. */
static bool add_run(struct message *m, struct row_texts *texts, uint32_t first,
                    uint32_t end)
{
    size_t len;
    const char *text = row_texts_run(texts, first, end, &len);
    if (is_full(m, len))
        return false;
    add_text(m, text, len);
    return true;
}

static void add_kept_rows(struct message *m, struct row_texts *texts)
{
    size_t count;
    const struct view_run *run = view_kept_runs(m->view, &count);
    for (const struct view_run *end = run + count; run < end; run++) {
        if (run->end - run->first > 1 && add_run(m, texts, run->first, run->end))
            continue;
        for (uint32_t i = run->first; i < run->end; i++)
            add_row(m, texts, i);
    }
}

static void add_walked_rows(struct message *m, struct row_texts *texts)
{
    bool world = m->view->kind == VIEW_WORLD;
    struct frame_walk walk = view_walk(m->view);
    struct frame_run run;
    while (frame_walk_next(&walk, &run)) {
        if (world && run.inside && add_run(m, texts, run.first, run.end))
            continue;
        for (uint32_t i = run.first; i < run.end; i++)
            (world ? add_world_row : add_filtered_row)(m, texts, i);
    }
}

/* Events of the current tick: who entered comes whole and is marked. */
static void add_tick_events(struct message *m)
{
    struct view *view = m->view;
    const struct flight_index *index = view_set_index(view->set);
    uint32_t tick = flight_index_tick(index);
    for (size_t i = view->event_count; i > 0; i--) {
        const struct view_event *event = view_event_at(view, i - 1);
        if (event->tick != tick)
            break;
        split_if_full(m, ROW_ROOM);
        if (event->kind != VIEW_ENTERED) {
            if (!is_back(view, event->icao))
                add_removed(m, event->icao, event->kind);
            continue;
        }
        if (!view_has(view, event->slot) || view_set_marked(view->set, event->slot))
            continue;
        view_set_mark(view->set, event->slot);
        add_whole(m, flight_index_at(index, event->slot), true);
    }
}

static void add_world_removals(struct message *m)
{
    const struct flight_index *index = view_set_index(m->view->set);
    uint32_t tick = flight_index_tick(index);
    for (size_t i = flight_index_removed_count(index); i > 0; i--) {
        const struct index_removed *gone = flight_index_removed(index, i - 1);
        if (gone->tick != tick)
            return;
        split_if_full(m, REMOVED_ROOM);
        if (flight_index_find(index, gone->icao) == NULL)
            add_removed(m, gone->icao, VIEW_EXPIRED);
    }
}

static void encode_tick(struct view *view, uint32_t since, int64_t id,
                        struct strbuf *out)
{
    struct message m = new_message(view, out, id);
    m.since = since;
    m.target = flight_index_tick(view_set_index(view->set));
    view_set_unmark_all(view->set);
    begin_delta(&m);
    if (view->kind == VIEW_WORLD)
        add_world_removals(&m);
    else
        add_tick_events(&m);
    struct row_texts *texts = view_set_texts(view->set, view->fields);
    (view->kind == VIEW_BOX ? add_kept_rows : add_walked_rows)(&m, texts);
    end_delta(&m, m.target);
    strbuf_release(&m.removed);
}

/* --- scans -------------------------------------------------------------- */

enum view_mode view_mode_since(const struct view *view, uint32_t since)
{
    const struct flight_index *index = view_set_index(view->set);
    if (since == 0 || since > flight_index_tick(index) ||
        since < flight_index_oldest_cursor(index))
        return VIEW_SNAPSHOT;
    return view->kind == VIEW_WORLD || since >= view->oldest_cursor ? VIEW_SINCE
                                                                    : VIEW_STRANGER;
}

/*
 * When an age filter is looked at again differs between io threads, so that the
 * events of this one do not fit a table of another.
 */
static enum view_mode scan_mode(const struct view *view, uint32_t since, bool foreign)
{
    enum view_mode mode = view_mode_since(view, since);
    return mode == VIEW_SINCE && foreign && view->reads_time ? VIEW_STRANGER : mode;
}

void view_scan_begin(struct view_scan *scan, const struct view *view, uint32_t since,
                     bool foreign)
{
    *scan = (struct view_scan){
        .active = true,
        .foreign = foreign,
        .mode = scan_mode(view, since, foreign),
        .target = flight_index_tick(view_set_index(view->set)),
    };
    if (scan->mode != VIEW_SNAPSHOT)
        scan->since = since;
}

/* Marks who entered after the client's tick. */
static void mark_entered(const struct view_scan *scan, struct view *view)
{
    view_set_unmark_all(view->set);
    if (view->kind == VIEW_WORLD || scan->mode != VIEW_SINCE)
        return;
    for (size_t i = view->event_count; i > 0; i--) {
        const struct view_event *event = view_event_at(view, i - 1);
        if (event->tick <= scan->since)
            return;
        if (event->kind == VIEW_ENTERED)
            view_set_mark(view->set, event->slot);
    }
}

/* Removals out of the view's own ring; false when the message is full. */
static bool scan_events(struct view_scan *scan, struct message *m)
{
    const struct view *view = m->view;
    size_t first = view->event_count;
    while (first > 0 && view_event_at(view, first - 1)->tick > scan->since)
        first--;
    for (; first + scan->removals < view->event_count; scan->removals++) {
        const struct view_event *event = view_event_at(view, first + scan->removals);
        if (event->kind == VIEW_ENTERED || is_back(view, event->icao))
            continue;
        if (is_full(m, REMOVED_ROOM))
            return false;
        add_removed(m, event->icao, event->kind);
    }
    return true;
}

/* Removals out of the index' ring, for those who rely on no events of the view. */
static bool scan_removed(struct view_scan *scan, struct message *m)
{
    const struct flight_index *index = view_set_index(m->view->set);
    size_t first = flight_index_removed_count(index);
    while (first > 0 && flight_index_removed(index, first - 1)->tick > scan->since)
        first--;
    for (; first + scan->removals < flight_index_removed_count(index);
         scan->removals++) {
        const struct index_removed *gone =
            flight_index_removed(index, first + scan->removals);
        if (is_back(m->view, gone->icao))
            continue;
        if (is_full(m, REMOVED_ROOM))
            return false;
        add_removed(m, gone->icao, VIEW_EXPIRED);
    }
    return true;
}

static void add_change_since(struct message *m, const struct flight *f)
{
    const struct view *view = m->view;
    if (f->heard_tick <= m->since)
        return;
    bool tell_pos =
        (view->fields & FLIGHT_POSITION_FIELDS) != 0 &&
        flight_index_seen_pos_tick(view_set_index(view->set), f->slot) > m->since;
    separate_row(m);
    wire_add_change(m->out, f, flight_changed_since(f, m->since) & view->fields,
                    &m->clock, tell_pos);
}

/* True when the client cannot have the flight, or only perhaps. */
static bool comes_whole(const struct view_scan *scan, const struct view *view,
                        const struct flight *f)
{
    if (f->born_tick > scan->since)
        return true;
    if (scan->mode == VIEW_STRANGER)
        return view->reads_time ||
               (flight_changed_since(f, scan->since) & view->decides) != 0;
    return view_set_marked(view->set, f->slot);
}

static void scan_row(const struct view_scan *scan, struct message *m,
                     const struct flight *f)
{
    struct view *view = m->view;
    bool member = view_has(view, f->slot);
    if (scan->mode == VIEW_SNAPSHOT) {
        /* One born since comes with the next delta, perhaps after its removal. */
        if (member && f->born_tick <= scan->target)
            add_whole(m, f, false);
    } else if (member && comes_whole(scan, view, f)) {
        add_whole(m, f, true);
    } else if (member) {
        add_change_since(m, f);
    } else if (scan->mode == VIEW_STRANGER && f->born_tick <= scan->since &&
               comes_whole(scan, view, f)) {
        add_removed(m, f->icao, VIEW_LEFT);
    }
}

/* Rows from scan->slot on; false when the message is full. */
static bool scan_rows(struct view_scan *scan, struct message *m)
{
    const struct flight_index *index = view_set_index(m->view->set);
    for (; scan->slot < flight_index_slots(index); scan->slot++) {
        const struct flight *f = flight_index_at(index, scan->slot);
        if (f == NULL || (scan->mode != VIEW_STRANGER && !view_has(m->view, f->slot)))
            continue;
        if (is_full(m, ROW_ROOM) && (m->any_row || m->removed.len > 0))
            return false;
        scan_row(scan, m, f);
    }
    return true;
}

static bool snapshot_part(struct view_scan *scan, struct message *m)
{
    m->mark = ws_begin(m->out);
    m->start = m->out->len;
    strbuf_add_text(m->out, "{\"type\":\"snapshot\",\"id\":");
    strbuf_add_int(m->out, m->id);
    strbuf_addf(m->out, ",\"tick\":%u,\"time\":", scan->target);
    strbuf_add_fixed(m->out, m->clock.time_ms, 3);
    strbuf_addf(m->out, ",\"part\":%u,\"flights\":[", scan->part);
    bool last = scan_rows(scan, m);
    strbuf_addf(m->out, "],\"last\":%s}", last ? "true" : "false");
    ws_end(m->out, m->mark, WS_TEXT);
    return last;
}

static bool delta_part(struct view_scan *scan, struct message *m)
{
    bool from_events = scan->mode == VIEW_SINCE && m->view->kind != VIEW_WORLD;
    begin_delta(m);
    bool last =
        (from_events ? scan_events : scan_removed)(scan, m) && scan_rows(scan, m);
    end_delta(m, last ? scan->target : scan->since);
    return last;
}

bool view_scan_part(struct view_scan *scan, struct view *view, int64_t id,
                    size_t max_bytes, struct strbuf *out)
{
    assert(scan->active);
    /* What the delta relies on may have been forgotten meanwhile: start over. */
    if (scan->mode != VIEW_SNAPSHOT &&
        scan_mode(view, scan->since, scan->foreign) != scan->mode)
        view_scan_begin(scan, view, scan->since, scan->foreign);
    struct message m = new_message(view, out, id);
    m.max_bytes = max_bytes;
    m.since = scan->since;
    m.target = scan->target;
    scan->part++;
    bool last;
    if (scan->mode == VIEW_SNAPSHOT) {
        last = snapshot_part(scan, &m);
    } else {
        mark_entered(scan, view);
        last = delta_part(scan, &m);
    }
    scan->active = !last;
    strbuf_release(&m.removed);
    return last;
}

/* --- shared deltas ------------------------------------------------------ */

/* Several ticks in one; false when it gets too long to be shared. */
static bool encode_since(struct view *view, uint32_t since, int64_t id,
                         struct strbuf *out)
{
    struct view_scan scan;
    view_scan_begin(&scan, view, since, false);
    while (out->len < VIEW_SHARED_MAX)
        if (view_scan_part(&scan, view, id, WIRE_PART_MAX, out))
            return true;
    return false;
}

static struct chunk *find_cached(const struct view *view, uint32_t since, int64_t id,
                                 bool with_tick)
{
    for (size_t i = 0; i < view->cache_count; i++) {
        if (view->cache[i].since == since && view->cache[i].id == id &&
            view->cache[i].with_tick == with_tick)
            return chunk_ref(view->cache[i].chunk);
    }
    return NULL;
}

static bool encode_delta(struct view *view, uint32_t since, int64_t id,
                         struct strbuf *out)
{
    bool of_this_tick =
        view->activity_tick == flight_index_tick(view_set_index(view->set));
    if (!of_this_tick || since < view->activity_before)
        return encode_since(view, since, id, out);
    encode_tick(view, since, id, out);
    return true;
}

static struct chunk *make_chunk(struct view *view, uint32_t since, int64_t id,
                                bool with_tick)
{
    const struct flight_index *index = view_set_index(view->set);
    struct chunk *chunk = chunk_new(view_set_pool(view->set));
    if (!encode_delta(view, since, id, &chunk->bytes)) {
        chunk_unref(chunk);
        return NULL;
    }
    if (with_tick)
        tick_message_add(&chunk->bytes, index, flight_index_tick(index), view);
    return chunk;
}

bool view_delta(struct view *view, uint32_t since, int64_t id, bool with_tick,
                struct chunk **ret_chunk)
{
    *ret_chunk = NULL;
    if (view_mode_since(view, since) != VIEW_SINCE)
        return false;
    if (!view_active_since(view, since))
        return true;
    *ret_chunk = find_cached(view, since, id, with_tick);
    if (*ret_chunk != NULL)
        return true;
    *ret_chunk = make_chunk(view, since, id, with_tick);
    if (*ret_chunk == NULL)
        return false;
    /* With one user there is nobody to share with: its memory goes to the next. */
    if (view->users > 1 && view->cache_count < VIEW_CACHE_MAX)
        view->cache[view->cache_count++] =
            (struct view_cached){since, with_tick, id, chunk_ref(*ret_chunk)};
    return true;
}
