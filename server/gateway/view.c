#include "gateway/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight_fields.h"
#include "gateway/chunk.h"
#include "state/flight_index.h"
#include "state/frame_set.h"
#include "wire/wire_row.h"

enum { RESCAN_MS = 1000, FRAGMENTS_MAX = 64 << 20 };

struct fragment {
    uint32_t start;
    uint32_t len; /* 0 = not encoded yet */
};

struct view_set {
    const struct flight_index *index;
    struct filter_context context;
    struct view *first;
    size_t count;
    struct frame_set *frame;
    struct strbuf fragment_text;
    struct fragment *fragments; /* by row of the frame */
    size_t fragment_capacity;
    uint32_t *marks; /* by slot; marked = equals generation */
    size_t mark_count;
    uint32_t generation;
    uint64_t default_fields;
};

struct view_set *view_set_new(const struct flight_index *index, bool has_home,
                              struct geo_point home)
{
    struct view_set *set = xcalloc(1, sizeof *set);
    set->index = index;
    set->context = (struct filter_context){.has_home = has_home, .home = home};
    set->generation = 1;
    set->default_fields = flight_default_fields();
    strbuf_init(&set->fragment_text, FRAGMENTS_MAX);
    return set;
}

static void clear_cache(struct view *view)
{
    for (size_t i = 0; i < view->cache_count; i++)
        chunk_unref(view->cache[i].chunk);
    view->cache_count = 0;
}

static void view_free(struct view *view)
{
    clear_cache(view);
    filter_free(view->filter);
    free(view->members);
    free(view->events);
    free(view);
}

void view_set_free(struct view_set *set)
{
    if (set == NULL)
        return;
    while (set->first != NULL) {
        struct view *view = set->first;
        set->first = view->next;
        assert(view->users == 0);
        view_free(view);
    }
    frame_set_unref(set->frame);
    strbuf_release(&set->fragment_text);
    free(set->fragments);
    free(set->marks);
    free(set);
}

const struct flight_index *view_set_index(const struct view_set *set)
{
    return set->index;
}

size_t view_set_count(const struct view_set *set)
{
    return set->count;
}

/* --- events ------------------------------------------------------------- */

const struct view_event *view_event_at(const struct view *view, size_t i)
{
    return &view->events[(view->event_first + i) & (view->event_capacity - 1)];
}

static void drop_oldest_event(struct view *view)
{
    view->oldest_cursor = view_event_at(view, 0)->tick;
    view->event_first = (view->event_first + 1) & (view->event_capacity - 1);
    view->event_count--;
}

static void grow_events(struct view *view)
{
    size_t capacity = view->event_capacity == 0 ? 16 : view->event_capacity * 2;
    struct view_event *ring = xcalloc(capacity, sizeof *ring);
    for (size_t i = 0; i < view->event_count; i++)
        ring[i] = *view_event_at(view, i);
    free(view->events);
    view->events = ring;
    view->event_capacity = capacity;
    view->event_first = 0;
}

static void add_event(struct view *view, struct view_event event)
{
    if (view->event_count == VIEW_EVENTS_MAX)
        drop_oldest_event(view);
    if (view->event_count == view->event_capacity)
        grow_events(view);
    size_t at = view->event_first + view->event_count++;
    view->events[at & (view->event_capacity - 1)] = event;
}

static void forget_old_events(struct view *view)
{
    uint32_t keep = VIEW_IDLE_MS / flight_index_tick_ms(view->set->index);
    uint32_t now = flight_index_tick(view->set->index);
    while (view->event_count > 0 && view_event_at(view, 0)->tick + keep < now)
        drop_oldest_event(view);
}

/* --- membership --------------------------------------------------------- */

bool view_has(const struct view *view, size_t slot)
{
    if (view->world)
        return flight_index_at(view->set->index, slot) != NULL;
    return slot / 64 < view->member_words &&
           (view->members[slot / 64] >> (slot % 64) & 1) != 0;
}

static void set_member(struct view *view, size_t slot, bool member)
{
    size_t words = slot / 64 + 1;
    if (words > view->member_words) {
        words = MAX_OF(words, view->member_words * 2);
        view->members = xreallocarray(view->members, words, sizeof *view->members);
        memset(view->members + view->member_words, 0,
               (words - view->member_words) * sizeof *view->members);
        view->member_words = words;
    }
    uint64_t bit = UINT64_C(1) << (slot % 64);
    if (member)
        view->members[slot / 64] |= bit;
    else
        view->members[slot / 64] &= ~bit;
    view->member_count += member ? 1 : UINT32_MAX;
}

static bool in_box(const struct view *view, int32_t lat, int32_t lon)
{
    return lat != FRAME_NO_POSITION && geo_box_contains_fixed(&view->box, lat, lon);
}

static bool is_plain_box(const struct view *view)
{
    return view->has_box && view->filter == NULL;
}

bool view_has_row(const struct view *view, const struct frame_row *row)
{
    return is_plain_box(view) ? in_box(view, row->lat, row->lon)
                              : view_has(view, row->slot);
}

bool view_got_row(const struct view *view, const struct frame_row *row)
{
    if (view->world)
        return (row->flags & FRAME_NEW) != 0;
    return is_plain_box(view) ? !in_box(view, row->was_lat, row->was_lon)
                              : view_set_marked(view->set, row->slot);
}

static bool matches(const struct view *view, const struct flight *f, int32_t lat,
                    int32_t lon)
{
    if (view->has_box && !in_box(view, lat, lon))
        return false;
    return view->filter == NULL || filter_match(view->filter, f, &view->set->context);
}

static void note_activity(struct view *view)
{
    uint32_t tick = flight_index_tick(view->set->index);
    if (view->activity_tick == tick)
        return;
    view->activity_before = view->activity_tick;
    view->activity_tick = tick;
}

static void change_member(struct view *view, const struct flight *f, uint32_t slot,
                          bool is)
{
    set_member(view, slot, is);
    add_event(view, (struct view_event){.slot = slot,
                                        .icao = f->icao,
                                        .tick = flight_index_tick(view->set->index),
                                        .kind = is ? VIEW_ENTERED : VIEW_LEFT});
    note_activity(view);
}

static void scan_all(struct view *view)
{
    const struct flight_index *index = view->set->index;
    const struct index_position *at = flight_index_positions(index);
    for (uint32_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (f != NULL &&
            view_has(view, slot) != matches(view, f, at[slot].lat, at[slot].lon))
            change_member(view, f, slot, !view_has(view, slot));
    }
}

uint32_t view_matching(const struct view *view)
{
    if (view->world)
        return (uint32_t)flight_index_count(view->set->index);
    return view->member_count;
}

bool view_active_since(const struct view *view, uint32_t since)
{
    return view->activity_tick > since;
}

/* --- opening and closing ------------------------------------------------ */

static bool same_filter(const struct filter *a, const struct filter *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(filter_text(a), filter_text(b)) == 0;
}

static bool same_box(const struct geo_box_fixed *a, const struct geo_box_fixed *b)
{
    return a->west == b->west && a->south == b->south && a->east == b->east &&
           a->north == b->north;
}

static struct view *find(struct view_set *set, const struct view_key *key,
                         const struct filter *filter)
{
    struct geo_box_fixed box = {0};
    if (key->has_box)
        box = geo_box_to_fixed(&key->box);
    for (struct view *view = set->first; view != NULL; view = view->next) {
        if (view->has_box == key->has_box && view->fields == key->fields &&
            (!key->has_box || same_box(&view->box, &box)) &&
            same_filter(view->filter, filter))
            return view;
    }
    return NULL;
}

static struct view *make(struct view_set *set, const struct view_key *key,
                         struct filter *take_filter)
{
    struct view *view = xcalloc(1, sizeof *view);
    view->set = set;
    view->next = set->first;
    set->first = view;
    set->count++;
    view->has_box = key->has_box;
    if (key->has_box)
        view->box = geo_box_to_fixed(&key->box);
    view->fields = key->fields;
    view->default_fields = key->fields == set->default_fields;
    view->filter = take_filter;
    view->world = !key->has_box && take_filter == NULL;
    view->reads_time = take_filter != NULL && filter_reads_time(take_filter);
    view->decides = (key->has_box ? FLIGHT_POSITION_FIELDS : 0) |
                    (take_filter != NULL ? filter_fields(take_filter) : 0);
    set->context.now_ms = flight_index_time_ms(set->index);
    if (!view->world)
        scan_all(view);
    view->event_count = 0; /* who was there at the beginning did not enter */
    view->oldest_cursor = view->activity_tick = view->activity_before =
        flight_index_tick(set->index);
    if (view->world)
        view->oldest_cursor = 0;
    return view;
}

struct view *view_open(struct view_set *set, const struct view_key *key,
                       struct filter *take_filter)
{
    struct view *view = find(set, key, take_filter);
    if (view != NULL)
        filter_free(take_filter);
    else
        view = make(set, key, take_filter);
    view->users++;
    return view;
}

void view_close(struct view *view)
{
    assert(view->users > 0);
    if (--view->users == 0)
        view->idle_since_ms = flight_index_time_ms(view->set->index);
}

static void free_idle(struct view_set *set)
{
    size_t idle = 0;
    struct view **oldest = NULL;
    for (struct view **link = &set->first; *link != NULL;) {
        struct view *view = *link;
        if (view->users == 0 &&
            view->idle_since_ms + VIEW_IDLE_MS < set->context.now_ms) {
            *link = view->next;
            set->count--;
            view_free(view);
            continue;
        }
        if (view->users == 0) {
            idle++;
            if (oldest == NULL || view->idle_since_ms < (*oldest)->idle_since_ms)
                oldest = link;
        }
        link = &view->next;
    }
    if (idle <= VIEW_IDLE_MAX)
        return;
    struct view *view = *oldest;
    *oldest = view->next;
    set->count--;
    view_free(view);
}

/* --- a tick ------------------------------------------------------------- */

void view_each_row(const struct view *view, view_row_fn fn, void *data)
{
    const struct frame_set *frame = view->set->frame;
    if (!view->has_box) {
        for (size_t i = 0; i < frame->row_count; i++)
            fn(data, i);
        return;
    }
    struct geo_tiles tiles = geo_tiles_of(&view->box);
    unsigned tile;
    while (geo_tiles_next(&tiles, &tile))
        for (uint32_t i = frame->tile_first[tile]; i < frame->tile_first[tile + 1]; i++)
            fn(data, i);
}

/* Flights and bits are far in memory: most rows of a plain box need neither. */
static void update_row(void *data, size_t number)
{
    struct view *view = data;
    const struct frame_row *row = &view->set->frame->rows[number];
    bool plain = is_plain_box(view);
    bool was =
        plain ? in_box(view, row->was_lat, row->was_lon) : view_has(view, row->slot);
    bool is = plain ? in_box(view, row->lat, row->lon)
                    : matches(view, row->flight, row->lat, row->lon);
    if (was || is)
        note_activity(view);
    if (was != is && view_has(view, row->slot) != is)
        change_member(view, row->flight, row->slot, is);
}

/* The frame's removals are the newest in the index' ring. */
static void drop_removed(struct view *view)
{
    const struct flight_index *index = view->set->index;
    uint32_t tick = flight_index_tick(index);
    for (size_t i = flight_index_removed_count(index); i > 0; i--) {
        const struct index_removed *gone = flight_index_removed(index, i - 1);
        if (gone->tick != tick)
            return;
        if (!view_has(view, gone->slot))
            continue;
        note_activity(view);
        set_member(view, gone->slot, false);
        add_event(view, (struct view_event){.slot = gone->slot,
                                            .icao = gone->icao,
                                            .tick = tick,
                                            .kind = VIEW_EXPIRED});
    }
}

static void apply_to_view(struct view *view, int64_t now_ms)
{
    const struct frame_set *frame = view->set->frame;
    clear_cache(view);
    if (view->world) {
        if (frame->row_count + frame->removed_count > 0)
            note_activity(view);
        return;
    }
    drop_removed(view);
    view_each_row(view, update_row, view);
    for (size_t i = 0; view->has_box && i < frame->mover_count; i++)
        update_row(view, frame->movers[i].row);
    if (view->reads_time &&
        (now_ms - view->rescanned_ms >= RESCAN_MS || now_ms < view->rescanned_ms)) {
        view->rescanned_ms = now_ms;
        scan_all(view);
    }
    forget_old_events(view);
}

static void take_frame(struct view_set *set, struct frame_set *frame)
{
    frame_set_unref(set->frame);
    set->frame = frame_set_ref(frame);
    set->context.now_ms = frame->time_ms;
    if (frame->row_count > set->fragment_capacity) {
        set->fragment_capacity = frame->row_count + frame->row_count / 2;
        free(set->fragments);
        set->fragments = xcalloc(set->fragment_capacity, sizeof *set->fragments);
    } else if (set->fragment_capacity > 0) {
        memset(set->fragments, 0, set->fragment_capacity * sizeof *set->fragments);
    }
    strbuf_clear(&set->fragment_text);
}

void view_set_apply(struct view_set *set, struct frame_set *frame)
{
    take_frame(set, frame);
    for (struct view *view = set->first; view != NULL; view = view->next)
        apply_to_view(view, frame->time_ms);
    free_idle(set);
}

const struct frame_set *view_set_frame(const struct view_set *set)
{
    return set->frame;
}

/* --- scratch ------------------------------------------------------------ */

void view_set_unmark_all(struct view_set *set)
{
    size_t slots = flight_index_slots(set->index);
    if (slots > set->mark_count) {
        set->marks = xreallocarray(set->marks, slots, sizeof *set->marks);
        memset(set->marks + set->mark_count, 0,
               (slots - set->mark_count) * sizeof *set->marks);
        set->mark_count = slots;
    }
    if (++set->generation == 0) { /* wrapped: old marks would look new */
        memset(set->marks, 0, set->mark_count * sizeof *set->marks);
        set->generation = 1;
    }
}

void view_set_mark(struct view_set *set, size_t slot)
{
    assert(slot < set->mark_count);
    set->marks[slot] = set->generation;
}

bool view_set_marked(const struct view_set *set, size_t slot)
{
    return slot < set->mark_count && set->marks[slot] == set->generation;
}

const char *view_set_fragment(struct view_set *set, size_t row, size_t *ret_len)
{
    struct fragment *fragment = &set->fragments[row];
    if (fragment->len == 0) {
        const struct frame_row *from = &set->frame->rows[row];
        const struct wire_clock clock = {set->frame->time_ms, set->frame->tick_ms};
        fragment->start = (uint32_t)set->fragment_text.len;
        wire_add_change(&set->fragment_text, from->flight,
                        from->changed & set->default_fields, &clock,
                        (from->flags & FRAME_SEEN_POS) != 0);
        fragment->len = (uint32_t)set->fragment_text.len - fragment->start;
    }
    *ret_len = fragment->len;
    return set->fragment_text.data + fragment->start;
}
