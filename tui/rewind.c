#include "rewind.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "views/age_text.h"

void rewind_init(struct rewind *r, struct app *live)
{
    memset(r, 0, sizeof *r);
    r->live = live;
    r->history = history_new();
}

void rewind_release(struct rewind *r)
{
    if (r->active)
        app_release(&r->past);
    history_free(r->history);
    memset(r, 0, sizeof *r);
}

void rewind_second(struct rewind *r)
{
    if (!r->live->replaying)
        history_take(r->history, r->live);
}

void rewind_share(const struct app *from, struct app *to)
{
    struct strbuf error;
    strbuf_init(&error, 256);
    to->selected = from->selected;
    to->units = from->units;
    to->has_home = from->has_home;
    to->home = from->home;
    memcpy(to->columns, from->columns, sizeof to->columns);
    if (to->list.sort != from->list.sort || to->list.reverse != from->list.reverse)
        flight_list_sort_by(&to->list, from->list.sort, from->list.reverse);
    if (strcmp(to->list.filter_text, from->list.filter_text) != 0)
        flight_list_set_filter(&to->list, from->list.filter_text, &error);
    memcpy(to->list.acked, from->list.acked, sizeof to->list.acked);
    to->list.acked_count = from->list.acked_count;
    strbuf_release(&error);
}

/* Those that had begun; what ended later had not. */
static void copy_alerts(const struct alert_list *from, int64_t at_ms,
                        struct alert_list *to)
{
    to->rows = xcalloc(from->count + 1, sizeof *to->rows);
    to->count = 0;
    to->told = from->told;
    for (size_t i = 0; i < from->count; i++) {
        struct alert_row row = from->rows[i];
        if (row.since_ms > at_ms)
            continue;
        row.until_ms = row.until_ms > at_ms ? 0 : row.until_ms;
        to->rows[to->count++] = row;
    }
}

static void begin(struct rewind *r)
{
    const struct app *live = r->live;
    app_init(&r->past);
    r->past.link = live->link;
    r->past.link.state = LINK_UP;
    rewind_share(live, &r->past);
    r->at_ms = app_server_now_ms(live);
    r->active = true;
}

void rewind_set_time(struct rewind *r)
{
    if (!r->active)
        return;
    app_set_time(&r->past, r->live->mono_ms, r->live->wall_ms);
    r->past.server_time_at_ms = r->past.mono_ms;
    r->past.link.heard_ms = r->past.mono_ms;
}

bool rewind_skip(struct rewind *r, int64_t ms)
{
    rewind_second(r); /* the first data may be younger than a second */
    if (history_newest_ms(r->history) < 0)
        return false;
    if (!r->active && ms >= 0)
        return true;
    if (!r->active)
        begin(r);
    int64_t next_ms = history_next_ms(r->history, r->at_ms);
    int64_t to_ms = r->at_ms + ms;
    if (ms > 0 && (next_ms < 0 || to_ms > history_newest_ms(r->history))) {
        rewind_leave(r);
        return true;
    }
    if (ms > 0) /* moments may be further apart than a step */
        to_ms = MAX_OF(to_ms, next_ms);
    app_set_time(&r->past, r->live->mono_ms, r->live->wall_ms);
    r->at_ms = history_show(r->history, to_ms, &r->past);
    copy_alerts(&r->live->alerts, r->at_ms, &r->past.alerts);
    rewind_set_time(r);
    return true;
}

void rewind_leave(struct rewind *r)
{
    if (!r->active)
        return;
    rewind_share(&r->past, r->live);
    app_release(&r->past);
    r->active = false;
    r->live->changes++;
}

void rewind_banner(const struct rewind *r, bool live, struct strbuf *out)
{
    char clock[AGE_TEXT_SIZE];
    char ago[AGE_TEXT_SIZE];
    char reach[AGE_TEXT_SIZE];
    int64_t now_ms = app_server_now_ms(r->live);
    clock_text(r->at_ms, clock);
    age_text(now_ms - r->at_ms, ago);
    age_text(now_ms - history_oldest_ms(r->history), reach);
    strbuf_addf(out, " REWIND %s", clock);
    if (live)
        strbuf_add_text(out, " elsewhere; this view is live.");
    else
        strbuf_addf(out, ", %s ago of %s.", ago, reach);
}
