/*
 * Each update walks the table once. An entry keeps its place while its flight
 * goes on matching; new ones come at the end until the next sorting, at most
 * FLIGHT_LIST_SETTLE_MS later. Finding an entry's flight again is a hash lookup
 * in the table, finding whether a flight has an entry a mark by slot.
 */
#include "app/flight_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/filter.h"

void flight_list_init(struct flight_list *list)
{
    memset(list, 0, sizeof *list);
    list->sort = COLUMN_CALLSIGN;
    list->disorder = true;
}

void flight_list_release(struct flight_list *list)
{
    free(list->entries);
    free(list->slots);
    filter_free(list->filter);
    memset(list, 0, sizeof *list);
}

bool flight_list_set_filter(struct flight_list *list, const char *text,
                            struct strbuf *ret_error)
{
    struct filter *filter = NULL;
    if (text[strspn(text, " ")] != '\0') {
        filter = filter_parse(text, ret_error);
        if (filter == NULL)
            return false;
    }
    filter_free(list->filter);
    list->filter = filter;
    snprintf(list->filter_text, sizeof list->filter_text, "%s",
             filter != NULL ? text : "");
    list->disorder = true;
    return true;
}

void flight_list_sort_by(struct flight_list *list, enum flight_column column,
                         bool reverse)
{
    list->sort = column;
    list->reverse = reverse;
    list->disorder = true;
    for (size_t i = 0; i < list->count; i++) /* asked for: by the exact values */
        list->entries[i].placed = false;
}

bool flight_list_is_acked(const struct flight_list *list, uint32_t icao)
{
    for (size_t i = 0; i < list->acked_count; i++) {
        if (list->acked[i] == icao)
            return true;
    }
    return false;
}

void flight_list_ack(struct flight_list *list, uint32_t icao)
{
    if (flight_list_is_acked(list, icao))
        return;
    if (list->acked_count == FLIGHT_LIST_ACKED_MAX) { /* the oldest makes room */
        list->acked_count--;
        memmove(list->acked, list->acked + 1, list->acked_count * sizeof *list->acked);
    }
    list->acked[list->acked_count++] = icao;
    list->disorder = true;
}

/* ---- order ------------------------------------------------------------------ */

static int compare(const struct flight_entry *a, const struct flight_entry *b)
{
    if (a->pinned != b->pinned)
        return a->pinned ? -1 : 1;
    if (a->unknown != b->unknown) /* what is unknown comes last, either way round */
        return a->unknown ? 1 : -1;
    int order = strcmp(a->text, b->text);
    if (order == 0)
        order = a->number < b->number ? -1 : a->number > b->number ? 1 : 0;
    return order;
}

static int ascending(const void *a, const void *b)
{
    const struct flight_entry *x = a;
    const struct flight_entry *y = b;
    int order = compare(x, y);
    return order != 0 ? order : x->icao < y->icao ? -1 : 1;
}

static int descending(const void *a, const void *b)
{
    const struct flight_entry *x = a;
    const struct flight_entry *y = b;
    if (x->pinned != y->pinned || x->unknown != y->unknown)
        return ascending(a, b);
    int order = compare(y, x);
    return order != 0 ? order : x->icao < y->icao ? -1 : 1;
}

static void set_number(struct flight_entry *e, const struct flight *f,
                       enum flight_column sort,
                       const struct flight_view_context *context)
{
    double number = 0;
    bool known = flight_column_number(sort, f, context, &number);
    bool near = fabs(number - e->number) < flight_column_info(sort)->margin;
    if (e->placed && known && !e->unknown && near)
        return; /* what differs by so little is no reason to move */
    e->number = number;
    e->unknown = !known;
}

static void set_sort_value(struct flight_entry *e, const struct flight *f,
                           enum flight_column sort,
                           const struct flight_view_context *context)
{
    char text[COLUMN_TEXT_SIZE] = "";
    if (flight_column_is_text(sort)) {
        e->number = 0;
        flight_column_text(sort, f, context, text);
        e->unknown = text[0] == '\0';
    } else {
        set_number(e, f, sort, context);
    }
    e->placed = true;
    snprintf(e->text, sizeof e->text, "%.15s", text);
}

static void sort(struct flight_list *list, const struct flight_table *table,
                 const struct flight_view_context *context)
{
    for (size_t i = 0; i < list->count; i++) {
        struct flight_entry *e = &list->entries[i];
        const struct flight *f = flight_table_find(table, e->icao);
        if (f != NULL)
            set_sort_value(e, f, list->sort, context);
    }
    if (list->count > 1)
        qsort(list->entries, list->count, sizeof *list->entries,
              list->reverse ? descending : ascending);
}

/* ---- membership ------------------------------------------------------------- */

struct walk {
    struct flight_list *list;
    const struct flight_table *table;
    struct filter_context context;
};

/* An emergency that nobody has acknowledged yet, here or elsewhere. */
static bool is_urgent(const struct flight_list *list, const struct flight *f)
{
    return flight_emergency_text(f) != NULL && !flight_list_is_acked(list, f->icao);
}

/* Counts an emergency once, of those that are shown and of those that are not. */
static void note_urgent(struct flight_list *list, const struct flight *f)
{
    if (flight_emergency_text(f) == NULL)
        return;
    list->emergencies += is_urgent(list, f) ? 1 : 0;
    if (list->urgent_count < FLIGHT_LIST_URGENT_MAX)
        list->urgent[list->urgent_count++] = f->icao;
}

/* What was acknowledged and is over is new when it begins again. */
static void forget_ended(struct flight_list *list, const struct flight_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->acked_count; i++) {
        const struct flight *f = flight_table_find(table, list->acked[i]);
        if (f == NULL || flight_emergency_text(f) != NULL)
            list->acked[kept++] = list->acked[i];
    }
    list->acked_count = kept;
}

/* Keeps the entries whose flight is still there and matches; marks their slots. */
static void keep_matching(struct walk *w)
{
    struct flight_list *list = w->list;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct flight_entry *e = &list->entries[i];
        const struct flight *f = flight_table_find(w->table, e->icao);
        if (f == NULL || !filter_match(list->filter, f, &w->context))
            continue;
        bool pinned = is_urgent(list, f);
        note_urgent(list, f);
        list->disorder |= pinned != e->pinned;
        e->pinned = pinned;
        list->slots[f->slot] = true;
        list->entries[kept++] = *e;
    }
    list->count = kept;
}

static void add_entry(struct flight_list *list, const struct flight *f)
{
    if (list->count == list->room) {
        list->room = list->room == 0 ? 256 : list->room * 2;
        list->entries = xreallocarray(list->entries, list->room, sizeof *list->entries);
    }
    struct flight_entry *e = &list->entries[list->count++];
    *e = (struct flight_entry){.icao = f->icao, .pinned = is_urgent(list, f)};
    list->disorder |= e->pinned;
}

static void add_new(struct walk *w)
{
    struct flight_list *list = w->list;
    size_t slots = flight_table_slots(w->table);
    bool was_empty = list->count == 0;
    for (size_t i = 0; i < slots; i++) {
        const struct flight *f = list->slots[i] ? NULL : flight_table_at(w->table, i);
        if (f == NULL)
            continue;
        note_urgent(list, f);
        if (filter_match(list->filter, f, &w->context))
            add_entry(list, f);
    }
    list->disorder |= was_empty && list->count > 0;
}

void flight_list_update(struct flight_list *list, const struct flight_table *table,
                        const struct flight_view_context *context, uint64_t version,
                        int64_t mono_ms)
{
    if (!list->disorder && version == list->version &&
        (list->filter == NULL || !filter_reads_time(list->filter)))
        return;
    list->version = version;
    list->emergencies = list->urgent_count = 0;
    forget_ended(list, table);
    struct walk w = {list, table, {context->now_ms, context->has_home, context->home}};
    size_t slots = flight_table_slots(table);
    if (slots > list->slot_room) {
        list->slot_room = slots * 2;
        list->slots = xreallocarray(list->slots, list->slot_room, sizeof *list->slots);
    }
    if (slots > 0)
        memset(list->slots, 0, slots * sizeof *list->slots);
    keep_matching(&w);
    add_new(&w);
    if (list->disorder || mono_ms - list->sorted_at_ms >= FLIGHT_LIST_SETTLE_MS) {
        sort(list, table, context);
        list->sorted_at_ms = mono_ms;
        list->disorder = false;
    }
}

size_t flight_list_find(const struct flight_list *list, uint32_t icao)
{
    size_t i = 0;
    while (i < list->count && list->entries[i].icao != icao)
        i++;
    return i;
}
