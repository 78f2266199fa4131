#include "gateway/view.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "flight/flight_fields.h"
#include "gateway/chunk.h"
#include "gateway/frame_walk.h"
#include "gateway/row_texts.h"
#include "state/flight_index.h"
#include "state/frame_set.h"

enum {
    RESCAN_MS = 1000,
    TEXTS_MAX = 4,
    LINE_BYTES = 64,
    HOT_BYTES = offsetof(struct view, decides)
};

/* The texts of a tick under one set of fields; free when of an older tick. */
struct shared_texts {
    uint32_t tick;
    uint64_t fields;
    struct row_texts *texts;
};

struct view_set {
    const struct flight_index *index;
    struct chunk_pool *pool;
    struct filter_context context;
    struct view *first;
    size_t count;
    struct frame_set *frame;
    struct frame_set *frame_before; /* until it is swept */
    struct shared_texts texts[TEXTS_MAX];
    struct view_run *runs; /* that boxes keep of this frame, view by view */
    size_t run_count;
    size_t run_capacity;
    unsigned texts_next; /* to be given to other fields when all are in use */
    uint32_t *marks;     /* by slot; marked = equals generation */
    size_t mark_count;
    uint32_t generation;
};

struct view_set *view_set_new(const struct flight_index *index, struct chunk_pool *pool,
                              bool has_home, struct geo_point home)
{
    struct view_set *set = xcalloc(1, sizeof *set);
    set->index = index;
    set->pool = pool;
    set->context = (struct filter_context){.has_home = has_home, .home = home};
    set->generation = 1;
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
    frame_set_unref(set->frame_before);
    for (size_t i = 0; i < TEXTS_MAX; i++)
        row_texts_free(set->texts[i].texts);
    free(set->runs);
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

/* Of the position that the index has; an empty slot has none. */
static bool is_in_box(const struct view *view, size_t slot)
{
    const struct index_position *at = flight_index_positions(view->set->index) + slot;
    return view_box_has(&view->box, at->lat, at->lon);
}

bool view_has(const struct view *view, size_t slot)
{
    const struct flight_index *index = view->set->index;
    switch (view->kind) {
    case VIEW_WORLD: return flight_index_at(index, slot) != NULL;
    case VIEW_BOX: return slot < flight_index_slots(index) && is_in_box(view, slot);
    case VIEW_FILTERED: break;
    }
    return slot / 64 < view->member_words &&
           (view->members[slot / 64] >> (slot % 64) & 1) != 0;
}

static void set_bit(struct view *view, size_t slot, bool member)
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
}

static bool matches(const struct view *view, const struct flight *f, uint32_t slot)
{
    return (!view->has_box || is_in_box(view, slot)) &&
           filter_match(view->filter, f, &view->set->context);
}

static void note_activity(struct view *view)
{
    uint32_t tick = flight_index_tick(view->set->index);
    if (view->activity_tick == tick)
        return;
    view->activity_before = view->activity_tick;
    view->activity_tick = tick;
}

static void change_member(struct view *view, uint32_t icao, uint32_t slot,
                          enum view_event_kind kind)
{
    if (view->kind == VIEW_FILTERED)
        set_bit(view, slot, kind == VIEW_ENTERED);
    view->member_count += kind == VIEW_ENTERED ? 1 : UINT32_MAX;
    add_event(view, (struct view_event){.slot = slot,
                                        .icao = icao,
                                        .tick = flight_index_tick(view->set->index),
                                        .kind = kind});
    note_activity(view);
}

static void ask_filter(struct view *view, const struct flight *f, uint32_t slot)
{
    bool is = matches(view, f, slot);
    if (is != view_has(view, slot))
        change_member(view, f->icao, slot, is ? VIEW_ENTERED : VIEW_LEFT);
}

static void scan_all(struct view *view)
{
    const struct flight_index *index = view->set->index;
    for (uint32_t slot = 0; slot < flight_index_slots(index); slot++) {
        const struct flight *f = flight_index_at(index, slot);
        if (f != NULL)
            ask_filter(view, f, slot);
    }
}

static uint32_t count_in_box(const struct view *view)
{
    uint32_t count = 0;
    for (size_t slot = 0; slot < flight_index_slots(view->set->index); slot++)
        count += is_in_box(view, slot);
    return count;
}

uint32_t view_matching(const struct view *view)
{
    if (view->kind == VIEW_WORLD)
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
            (!key->has_box || same_box(&view->box.fixed, &box)) &&
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
        view->box = view_box_of(&key->box);
    view->fields = key->fields;
    view->filter = take_filter;
    view->kind = take_filter != NULL ? VIEW_FILTERED
                 : key->has_box      ? VIEW_BOX
                                     : VIEW_WORLD;
    view->reads_time = take_filter != NULL && filter_reads_time(take_filter);
    view->decides = (key->has_box ? FLIGHT_POSITION_FIELDS : 0) |
                    (take_filter != NULL ? filter_fields(take_filter) : 0);
    set->context.now_ms = flight_index_time_ms(set->index);
    if (view->kind == VIEW_FILTERED)
        scan_all(view);
    else if (view->kind == VIEW_BOX)
        view->member_count = count_in_box(view);
    view->event_count = 0; /* who was there at the beginning did not enter */
    view->oldest_cursor = view->activity_tick = view->activity_before =
        flight_index_tick(set->index);
    if (view->kind == VIEW_WORLD)
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

struct frame_walk view_walk(const struct view *view)
{
    return frame_walk(view->set->frame, view->has_box ? &view->box : NULL);
}

const struct view_run *view_kept_runs(const struct view *view, size_t *ret_count)
{
    *ret_count = view->runs_count;
    return view->set->runs + view->runs_first;
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
        bool was = view->kind == VIEW_BOX ? view_box_has(&view->box, gone->position.lat,
                                                         gone->position.lon)
                                          : view_has(view, gone->slot);
        if (was)
            change_member(view, gone->icao, gone->slot, VIEW_EXPIRED);
    }
}

/* True when the aircraft was inside and is. */
static bool update_place(struct view *view, size_t number)
{
    const struct frame_place *place = &view->set->frame->places[number];
    bool was = view_box_has(&view->box, place->was_lat, place->was_lon);
    bool is = view_box_has(&view->box, place->lat, place->lon);
    if (was != is) {
        const struct frame_row *row = &view->set->frame->rows[number];
        change_member(view, row->flight->icao, row->slot,
                      is ? VIEW_ENTERED : VIEW_LEFT);
    }
    return was & is;
}

static struct view_run *room_for_runs(struct view_set *set, size_t more)
{
    if (set->run_count + more > set->run_capacity) {
        set->run_capacity = MAX_OF(set->run_count + more, set->run_capacity * 2);
        set->runs = xreallocarray(set->runs, set->run_capacity, sizeof *set->runs);
    }
    return set->runs + set->run_count;
}

/* Rows of the edge, in runs: written first and counted if right, without a branch. */
static void ask_rows(struct view *view, const struct frame_run *asked)
{
    struct view_run *kept = room_for_runs(view->set, asked->end - asked->first);
    uint32_t first = asked->first; /* of the run under way, empty at its own row */
    for (uint32_t i = asked->first; i < asked->end; i++) {
        bool stays = update_place(view, i);
        *kept = (struct view_run){first, i};
        kept += !stays & (first < i);
        first = stays ? first : i + 1;
    }
    if (first < asked->end)
        *kept++ = (struct view_run){first, asked->end};
    view->set->run_count = (size_t)(kept - view->set->runs);
}

static void walk_box(struct view *view)
{
    struct view_set *set = view->set;
    struct frame_walk walk = view_walk(view);
    struct frame_run run;
    view->runs_first = (uint32_t)set->run_count;
    while (frame_walk_next(&walk, &run)) {
        if (run.inside) {
            *room_for_runs(set, 1) = (struct view_run){run.first, run.end};
            set->run_count++;
        } else {
            ask_rows(view, &run);
        }
    }
    view->runs_count = (uint32_t)set->run_count - view->runs_first;
    if (view->runs_count > 0)
        note_activity(view);
}

static void apply_to_box(struct view *view)
{
    const struct frame_set *frame = view->set->frame;
    walk_box(view);
    /* Who left for a tile that the walk does not touch; from nowhere nobody does. */
    for (size_t i = 0; i < frame->mover_count; i++) {
        const struct frame_mover *mover = &frame->movers[i];
        if (mover->left_tile == FRAME_NOWHERE)
            break;
        if (!view_box_touches(&view->box, frame->rows[mover->row].tile))
            update_place(view, mover->row);
    }
}

static void update_row(struct view *view, size_t number)
{
    const struct frame_row *row = &view->set->frame->rows[number];
    bool was = view_has(view, row->slot);
    ask_filter(view, row->flight, row->slot);
    if (was || view_has(view, row->slot))
        note_activity(view);
}

static void apply_to_filter(struct view *view, int64_t now_ms)
{
    const struct frame_set *frame = view->set->frame;
    struct frame_walk walk = view_walk(view);
    struct frame_run run;
    while (frame_walk_next(&walk, &run))
        for (uint32_t i = run.first; i < run.end; i++)
            update_row(view, i);
    for (size_t i = 0; view->has_box && i < frame->mover_count; i++)
        update_row(view, frame->movers[i].row);
    if (view->reads_time &&
        (now_ms - view->rescanned_ms >= RESCAN_MS || now_ms < view->rescanned_ms)) {
        view->rescanned_ms = now_ms;
        scan_all(view);
    }
}

static void apply_to_view(struct view *view, int64_t now_ms)
{
    const struct frame_set *frame = view->set->frame;
    clear_cache(view);
    if (view->kind == VIEW_WORLD) {
        if (frame->row_count + frame->removed_count > 0)
            note_activity(view);
        return;
    }
    drop_removed(view);
    if (view->kind == VIEW_BOX)
        apply_to_box(view);
    else
        apply_to_filter(view, now_ms);
    forget_old_events(view);
}

static void take_frame(struct view_set *set, struct frame_set *frame)
{
    view_set_sweep(set);
    set->frame_before = set->frame;
    set->frame = frame_set_ref(frame);
    set->context.now_ms = frame->time_ms;
    set->run_count = 0;
}

void view_set_apply(struct view_set *set, struct frame_set *frame)
{
    take_frame(set, frame);
    for (struct view *view = set->first; view != NULL; view = view->next) {
        /* Views lie anywhere: the next one is fetched meanwhile. */
        for (size_t at = 0; view->next != NULL && at < HOT_BYTES; at += LINE_BYTES)
            __builtin_prefetch((const char *)view->next + at, 1);
        apply_to_view(view, frame->time_ms);
    }
    free_idle(set);
}

void view_set_sweep(struct view_set *set)
{
    frame_set_unref(set->frame_before);
    set->frame_before = NULL;
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

struct row_texts *view_set_texts(struct view_set *set, uint64_t fields)
{
    uint32_t tick = flight_index_tick(set->index);
    struct shared_texts *unused = NULL;
    for (unsigned i = 0; i < TEXTS_MAX; i++) {
        struct shared_texts *shared = &set->texts[i];
        if (shared->tick != tick)
            unused = shared;
        else if (shared->fields == fields)
            return shared->texts;
    }
    if (unused == NULL)
        unused = &set->texts[set->texts_next++ % TEXTS_MAX];
    if (unused->texts == NULL)
        unused->texts = row_texts_new();
    unused->tick = tick;
    unused->fields = fields;
    row_texts_begin(unused->texts, set->frame, fields);
    return unused->texts;
}

struct chunk_pool *view_set_pool(const struct view_set *set)
{
    return set->pool;
}
