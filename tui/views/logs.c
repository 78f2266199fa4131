/*
 * Log lines, newest at the bottom. While the tail is followed the last line stays
 * in sight; moving up stops that, End takes it up again.
 */
#include <stdio.h>
#include <string.h>

#include "ui/text.h"
#include "views/age_text.h"
#include "views/empty.h"
#include "views/view.h"
#include "widgets/sparkline.h"

enum { BUCKETS = 60, DETAIL_NAME = 26 };

struct logs_state {
    bool opened;
    bool paused;       /* does not follow the newest line */
    uint64_t selected; /* number of the line, counted from the first ever received */
    bool detail;
    int detail_top, page;
    size_t level;
    char query[512];
};

static const char *const levels[] = {"", "debug", "info", "warn", "error"};

static void ask(struct logs_state *st, struct app *app)
{
    app_want_logs(app, st->query, levels[st->level]);
    st->paused = false;
}

static void open(void *state, struct app *app)
{
    struct logs_state *st = state;
    if (!st->opened)
        ask(st, app);
    st->opened = true;
}

/* Lines are numbered for ever; these are in the ring. */
static uint64_t first_number(const struct app *app)
{
    return app->logs.received - app->logs.count;
}

static size_t selected_index(const struct logs_state *st, const struct app *app)
{
    uint64_t first = first_number(app);
    size_t last = app->logs.count - 1;
    if (!st->paused)
        return last;
    return st->selected <= first ? 0
                                 : (size_t)MIN_OF(st->selected - first, (uint64_t)last);
}

/* ---- drawing -------------------------------------------------------------- */

static enum role mark_role(enum log_mark mark)
{
    switch (mark) {
    case LOG_MARK_ERROR: return ROLE_FAIL;
    case LOG_MARK_WARN: return ROLE_WARN;
    case LOG_MARK_INFO: return ROLE_TEXT;
    case LOG_MARK_DEBUG: return ROLE_DIM;
    }
    return ROLE_TEXT;
}

static const char *mark_text(enum log_mark mark)
{
    static const char *const texts[] = {"E", "W", "i", "d"};
    return texts[mark];
}

static void draw_line(struct pen *pen, const struct log_line *line, int y,
                      bool selected)
{
    char clock[AGE_TEXT_SIZE] = "--:--:--";
    bool wide = pen->area.w >= 72;
    if (line->time_ms > 0)
        clock_text(line->time_ms, clock);
    pen_to(pen, 0, y);
    pen->marked = selected;
    pen_left(pen, ROLE_DIM, 9, clock);
    pen_left(pen, mark_role(line->mark), 2, mark_text(line->mark));
    if (wide)
        pen_left(pen, ROLE_DIM, 15, line->service);
    if (wide)
        pen_text(pen, ROLE_TEXT, " ");
    pen_left(pen, mark_role(line->mark), pen->area.w - pen->x, line->message);
    pen->marked = false;
    if (selected)
        canvas_set_cursor(pen->canvas, pen->area.x, pen->area.y + y, false);
}

/* How many lines there were over the time of what is here. */
static void draw_histogram(const struct app *app, struct pen *pen)
{
    const struct log_ring *ring = &app->logs;
    int64_t from = log_ring_at(ring, 0)->time_ms;
    int64_t to = log_ring_at(ring, ring->count - 1)->time_ms;
    int width = MIN_OF(pen->area.w - 22, (int)BUCKETS);
    double counts[BUCKETS] = {0};
    if (from <= 0 || to <= from || width < 10)
        return;
    for (size_t i = 0; i < ring->count; i++) {
        int64_t t = log_ring_at(ring, i)->time_ms;
        int64_t bucket = (t - from) * width / (to - from + 1);
        if (bucket >= 0 && bucket < width)
            counts[bucket]++;
    }
    char clock[AGE_TEXT_SIZE];
    clock_text(from, clock);
    pen_textf(pen, ROLE_HEADING, "%s ", clock);
    sparkline_draw(pen, ROLE_GRAPH_1, counts, (size_t)width, width, 0);
    clock_text(to, clock);
    pen_textf(pen, ROLE_HEADING, " %s", clock);
}

/* Bytes of the text's first `room` characters. */
static size_t head_of(const char *text, size_t n, int room)
{
    size_t take = 0;
    for (int columns = 0; take < n && columns < room; columns++) {
        uint32_t cp;
        take += text_decode(text + take, n - take, &cp);
    }
    return take;
}

/* A value that is longer than the line goes on in the next ones, under its start. */
static int draw_value(struct pen *pen, const char *text, size_t n, int y)
{
    int room = MAX_OF(pen->area.w - DETAIL_NAME - 1, 10);
    do {
        size_t take = head_of(text, n, room);
        pen_to(pen, DETAIL_NAME + 1, y);
        if (y >= 0)
            pen_textf(pen, ROLE_TEXT, "%.*s", (int)take, text);
        text += take;
        n -= take;
        y++;
    } while (n > 0);
    return y;
}

static void draw_detail(struct logs_state *st, const struct log_line *line,
                        struct canvas *canvas, struct rect area)
{
    struct pen pen = pen_on(canvas, area);
    int y = -st->detail_top;
    for (const char *at = line->fields; *at != '\0';) {
        char name[DETAIL_NAME * 4 + 1];
        size_t n = strcspn(at, "\n");
        const char *colon = strstr(at, ": ");
        size_t name_len = colon != NULL && colon < at + n ? (size_t)(colon - at) : 0;
        size_t value = name_len > 0 ? name_len + 2 : 0;
        snprintf(name, sizeof name, "%.*s", (int)name_len, at);
        pen_to(&pen, 0, y);
        if (y >= 0)
            pen_left(&pen, ROLE_HEADING, DETAIL_NAME, name);
        y = draw_value(&pen, at + value, n - value, y);
        at += n + (at[n] == '\n' ? 1 : 0);
    }
    st->page = area.h;
}

static void draw_empty(const struct app *app, struct canvas *canvas, struct rect area)
{
    if (app->logs.problem[0] != '\0')
        empty_draw(canvas, area, app->logs.problem,
                   "Logs come from Elasticsearch: flightdashd --elasticsearch URL.");
    else if (app->logs.told || app->logs.accepted)
        empty_draw(canvas, area, "No log line matches so far.",
                   "/ changes the query, v the level; new lines appear by themselves.");
    else if (app->replaying)
        empty_draw(canvas, area, "This recording has no log lines up to here.",
                   "It has them when this view was open while it was made.");
    else
        empty_draw(canvas, area, "Asked for log lines, no answer yet.", "");
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct logs_state *st = state;
    struct rect inside = {area.x + 1, area.y, area.w - 2, area.h};
    if (app->logs.count == 0) {
        draw_empty(app, canvas, area);
        return;
    }
    size_t selected = selected_index(st, app);
    if (st->detail) {
        draw_detail(st, log_ring_at(&app->logs, selected), canvas, inside);
        return;
    }
    struct pen pen = pen_on(canvas, inside);
    int rows = inside.h;
    int y0 = 0;
    if (inside.h >= 10) {
        draw_histogram(app, &pen);
        y0 = 1;
        rows--;
    }
    st->page = rows;
    size_t last = MIN_OF(MAX_OF(selected + 1, (size_t)rows), app->logs.count);
    size_t first = last > (size_t)rows ? last - (size_t)rows : 0;
    for (size_t i = first; i < last; i++)
        draw_line(&pen, log_ring_at(&app->logs, i), y0 + (int)(i - first),
                  st->paused && i == selected);
}

/* ---- keys ----------------------------------------------------------------- */

static void move_by(struct logs_state *st, const struct app *app, long step)
{
    if (app->logs.count == 0)
        return;
    long to = (long)selected_index(st, app) + step;
    long last = (long)app->logs.count - 1;
    st->paused = to < last;
    to = to < 0 ? 0 : to > last ? last : to;
    st->selected = first_number(app) + (uint64_t)to;
}

static bool act_on_detail(struct logs_state *st, enum action action)
{
    switch (action) {
    case ACTION_UP: st->detail_top -= st->detail_top > 0 ? 1 : 0; break;
    case ACTION_DOWN: st->detail_top++; break;
    case ACTION_PAGE_UP: st->detail_top = MAX_OF(st->detail_top - st->page, 0); break;
    case ACTION_PAGE_DOWN: st->detail_top += st->page; break;
    case ACTION_HOME: st->detail_top = 0; break;
    case ACTION_DETAIL:
    case ACTION_BACK: st->detail = false; break;
    default: return false;
    }
    return true;
}

static bool act(void *state, struct app *app, enum action action)
{
    struct logs_state *st = state;
    if (st->detail)
        return act_on_detail(st, action);
    switch (action) {
    case ACTION_UP: move_by(st, app, -1); break;
    case ACTION_DOWN: move_by(st, app, 1); break;
    case ACTION_PAGE_UP: move_by(st, app, -MAX_OF(st->page, 1)); break;
    case ACTION_PAGE_DOWN: move_by(st, app, MAX_OF(st->page, 1)); break;
    case ACTION_HOME: move_by(st, app, -LOG_RING_MAX); break;
    case ACTION_END: st->paused = false; break;
    case ACTION_TAIL:
        move_by(st, app, 0);
        st->paused = !st->paused;
        break;
    case ACTION_LEVEL:
        st->level = (st->level + 1) % ARRAY_LEN(levels);
        ask(st, app);
        break;
    case ACTION_DETAIL:
        move_by(st, app, 0);
        st->paused = app->logs.count > 0;
        st->detail = app->logs.count > 0;
        st->detail_top = 0;
        break;
    case ACTION_BACK:
        if (!st->paused)
            return false;
        st->paused = false;
        break;
    default: return false;
    }
    return true;
}

static const char *line_prompt(const void *state)
{
    (void)state;
    return "query ";
}

static const char *line_text(const void *state, const struct app *app)
{
    const struct logs_state *st = state;
    (void)app;
    return st->query;
}

static bool line_take(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error)
{
    struct logs_state *st = state;
    (void)error;
    if (!done)
        return true;
    snprintf(st->query, sizeof st->query, "%s", text);
    ask(st, app);
    return true;
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct logs_state *st = state;
    strbuf_addf(out, "%s   level %s   query %s",
                st->paused ? "stopped, End follows" : "following",
                st->level == 0 ? "all" : levels[st->level],
                st->query[0] != '\0' ? st->query : "*");
    if (app->logs.lost > 0)
        strbuf_addf(out, "   %llu lines skipped", (unsigned long long)app->logs.lost);
}

static const enum action hints[] = {ACTION_DETAIL, ACTION_FILTER, ACTION_LEVEL,
                                    ACTION_TAIL, ACTION_NONE};

extern const struct view_class view_logs;
const struct view_class view_logs = {
    .name = "logs",
    .title = "Logs",
    .key = '6',
    .context = CONTEXT_LOGS,
    .state_size = sizeof(struct logs_state),
    .open = open,
    .draw = draw,
    .act = act,
    .line_prompt = line_prompt,
    .line_text = line_text,
    .line_take = line_take,
    .describe = describe,
    .hints = hints,
};
