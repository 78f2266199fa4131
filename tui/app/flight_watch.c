#include "app/flight_watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "flight/filter.h"

/* Coming near is told again only after it was this much further away. */
#define NEAR_AGAIN 1.2

struct round {
    struct flight_watch *w;
    const struct flight_table *table;
    const struct flight_view_context *context;
    flight_news_fn tell;
    void *data;
};

void flight_watch_init(struct flight_watch *w)
{
    memset(w, 0, sizeof *w);
}

void flight_watch_release(struct flight_watch *w)
{
    filter_free(w->filter);
    memset(w, 0, sizeof *w);
}

bool flight_watch_set(struct flight_watch *w, const char *text,
                      struct strbuf *ret_error)
{
    struct filter *filter = NULL;
    if (text[strspn(text, " ")] != '\0') {
        filter = filter_parse(text, ret_error);
        if (filter == NULL)
            return false;
    }
    filter_free(w->filter);
    w->filter = filter;
    return true;
}

static size_t find_mark(const struct flight_watch *w, uint32_t icao)
{
    size_t i = 0;
    while (i < w->mark_count && w->marks[i] != icao)
        i++;
    return i;
}

static size_t find_row(const struct flight_watch *w, uint32_t icao)
{
    size_t i = 0;
    while (i < w->count && w->rows[i].icao != icao)
        i++;
    return i;
}

bool flight_watch_mark(struct flight_watch *w, uint32_t icao)
{
    if (find_mark(w, icao) == w->mark_count && w->mark_count < WATCH_MARKS_MAX)
        w->marks[w->mark_count++] = icao;
    return find_mark(w, icao) < w->mark_count;
}

int flight_watch_toggle(struct flight_watch *w, uint32_t icao)
{
    size_t i = find_mark(w, icao);
    size_t row = find_row(w, icao);
    if (i < w->mark_count) {
        w->marks[i] = w->marks[--w->mark_count];
        if (row < w->count) /* taken away by hand: no news that it left */
            w->rows[row] = w->rows[--w->count];
        return 0;
    }
    if (w->mark_count == WATCH_MARKS_MAX)
        return -ENOSPC;
    w->marks[w->mark_count++] = icao;
    if (row == w->count && w->count < WATCHED_MAX) /* nor that it appeared */
        w->rows[w->count++] = (struct watched){.icao = icao};
    return 1;
}

bool flight_watch_has(const struct flight_watch *w, uint32_t icao)
{
    return find_row(w, icao) < w->count;
}

/* ---- who is here ------------------------------------------------------------- */

static void report(const struct round *r, enum flight_news_kind kind,
                   const struct watched *row, const struct flight *f)
{
    const struct flight_news news = {.kind = kind,
                                     .icao = row->icao,
                                     .name = row->name,
                                     .flight = f,
                                     .since_ms = row->since_ms,
                                     .at_start = !r->w->started};
    r->tell(r->data, &news);
}

static void set_name(struct watched *row, const struct flight *f,
                     const struct flight_view_context *context)
{
    char text[COLUMN_TEXT_SIZE];
    flight_column_text(COLUMN_CALLSIGN, f, context, text);
    snprintf(row->name, sizeof row->name, "%.*s", WATCH_NAME_SIZE - 1, text);
}

static bool is_wanted(const struct round *r, const struct flight *f)
{
    const struct filter_context context = {r->context->now_ms, r->context->has_home,
                                           r->context->home};
    if (find_mark(r->w, f->icao) < r->w->mark_count)
        return true;
    return r->w->filter != NULL && filter_match(r->w->filter, f, &context);
}

static void enter(const struct round *r, const struct flight *f)
{
    struct flight_watch *w = r->w;
    if (w->count == WATCHED_MAX || find_row(w, f->icao) < w->count)
        return;
    struct watched *row = &w->rows[w->count++];
    *row = (struct watched){
        .icao = f->icao, .since_ms = r->context->now_ms, .seen_ms = r->context->now_ms};
    set_name(row, f, r->context);
    report(r, NEWS_ENTERED, row, f);
}

static void look_for_new(const struct round *r)
{
    const struct flight_watch *w = r->w;
    size_t slots = w->filter != NULL ? flight_table_slots(r->table) : 0;
    for (size_t i = 0; i < slots; i++) {
        const struct flight *f = flight_table_at(r->table, i);
        if (f != NULL && is_wanted(r, f))
            enter(r, f);
    }
    for (size_t i = 0; i < w->mark_count; i++) {
        const struct flight *f = flight_table_find(r->table, w->marks[i]);
        if (f != NULL)
            enter(r, f);
    }
}

static void look_how_near(const struct round *r, struct watched *row,
                          const struct flight *f)
{
    double nm;
    if (r->w->near_nm <= 0 || !flight_column_number(COLUMN_DIST, f, r->context, &nm))
        return;
    bool was = row->near;
    row->near = nm < (was ? r->w->near_nm * NEAR_AGAIN : r->w->near_nm);
    if (row->near && !was)
        report(r, NEWS_NEAR, row, f);
}

/* Those that are here stay, those that are not for long enough leave. */
static void look_after_known(const struct round *r)
{
    struct flight_watch *w = r->w;
    int64_t now_ms = r->context->now_ms;
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct watched *row = &w->rows[i];
        const struct flight *f = flight_table_find(r->table, row->icao);
        if (row->since_ms == 0) /* marked a moment ago */
            row->since_ms = row->seen_ms = now_ms;
        if (f != NULL && is_wanted(r, f)) {
            row->seen_ms = now_ms;
            set_name(row, f, r->context);
            look_how_near(r, row, f);
        }
        if (now_ms - row->seen_ms >= WATCH_GRACE_MS)
            report(r, NEWS_LEFT, row, f);
        else
            w->rows[kept++] = *row;
    }
    w->count = kept;
}

/* ---- emergencies --------------------------------------------------------------- */

static bool holds(const uint32_t *icaos, size_t n, uint32_t icao)
{
    size_t i = 0;
    while (i < n && icaos[i] != icao)
        i++;
    return i < n;
}

static void look_for_emergencies(const struct round *r, const struct flight_list *list)
{
    struct flight_watch *w = r->w;
    for (size_t i = 0; i < list->urgent_count; i++) {
        uint32_t icao = list->urgent[i];
        const struct flight *f = flight_table_find(r->table, icao);
        struct watched row = {.icao = icao, .since_ms = r->context->now_ms};
        if (f == NULL || holds(w->announced, w->announced_count, icao) ||
            flight_list_is_acked(list, icao))
            continue;
        set_name(&row, f, r->context);
        report(r, NEWS_EMERGENCY, &row, f);
    }
    /* One that ended and begins again is news again. */
    memcpy(w->announced, list->urgent, list->urgent_count * sizeof *list->urgent);
    w->announced_count = list->urgent_count;
}

void flight_watch_update(struct flight_watch *w, const struct flight_table *table,
                         const struct flight_list *list,
                         const struct flight_view_context *context, flight_news_fn tell,
                         void *data)
{
    const struct round r = {w, table, context, tell, data};
    look_for_emergencies(&r, list);
    look_for_new(&r);
    look_after_known(&r);
    w->started = true;
}
