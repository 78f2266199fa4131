/*
 * Every service with its status, and on top why: the failing ones that no other
 * failing one explains.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "views/age_text.h"
#include "views/empty.h"
#include "views/view.h"
#include "widgets/table.h"

struct services_state {
    struct scroll scroll;
    bool detail;
    int page;
    int first_row; /* where the table's rows begin in the area */
};

enum { COL_STATUS, COL_NAME, COL_LATENCY, COL_SINCE, COL_NEEDS, COL_SAYS };

static const struct table_column columns[] = {
    {.title = "STATUS", .unit = "", .width = 6, .id = COL_STATUS},
    {.title = "SERVICE", .unit = "", .width = 16, .id = COL_NAME},
    {.title = "LATENCY",
     .unit = "",
     .width = 8,
     .right = true,
     .priority = 3,
     .id = COL_LATENCY},
    {.title = "SINCE",
     .unit = "",
     .width = 7,
     .right = true,
     .priority = 2,
     .id = COL_SINCE},
    {.title = "NEEDS", .unit = "", .width = 16, .priority = 5, .id = COL_NEEDS},
    {.title = "SAYS",
     .unit = "",
     .width = 16,
     .priority = 4,
     .grows = true,
     .id = COL_SAYS},
};

static enum role status_role(enum service_status status)
{
    return status == SERVICE_FAIL   ? ROLE_FAIL
           : status == SERVICE_WARN ? ROLE_WARN
                                    : ROLE_OK;
}

static const char *status_mark(enum service_status status)
{
    return status == SERVICE_FAIL ? "✖" : status == SERVICE_WARN ? "▲" : "●";
}

static void latency_text(const struct service *s, char *ret, size_t size)
{
    if (s->latency_ms < 0)
        snprintf(ret, size, "·");
    else
        snprintf(ret, size, "%.*f ms", s->latency_ms < 10 ? 1 : 0, s->latency_ms);
}

static void since_text(const struct app *app, const struct service *s,
                       char ret_text[AGE_TEXT_SIZE])
{
    ret_text[0] = '\0';
    if (s->since_ms > 0)
        age_text(app_server_now_ms(app) - s->since_ms, ret_text);
    /* Below an hour the minutes are enough: what moves must mean something. */
    char *gap = strchr(ret_text, ' ');
    if (gap != NULL && strchr(ret_text, 's') != NULL)
        *gap = '\0';
}

static void draw_cell(const void *data, size_t row, const struct table_column *column,
                      struct pen *pen)
{
    const struct app *app = data;
    const struct service *s = &app->services.rows[row];
    char text[AGE_TEXT_SIZE] = "";
    switch (column->id) {
    case COL_STATUS:
        pen_text(pen, status_role(s->status), status_mark(s->status));
        pen_left(pen, status_role(s->status), column->width - 1,
                 s->status == SERVICE_PASS   ? " pass"
                 : s->status == SERVICE_WARN ? " warn"
                                             : " fail");
        break;
    case COL_NAME: pen_left(pen, ROLE_TEXT, column->width, s->name); break;
    case COL_LATENCY:
        latency_text(s, text, sizeof text);
        pen_right(pen, ROLE_TEXT, column->width, text);
        break;
    case COL_SINCE:
        since_text(app, s, text);
        pen_right(pen, ROLE_DIM, column->width, text);
        break;
    case COL_NEEDS: pen_left(pen, ROLE_DIM, column->width, s->needs); break;
    default: pen_left(pen, ROLE_TEXT, column->width, s->says); break;
    }
}

/* The services that suffer from one, as "a, b". */
static void add_sufferers(const struct app *app, const struct service *cause,
                          struct strbuf *out)
{
    const char *gap = "";
    for (size_t i = 0; i < app->services.count; i++) {
        const struct service *s = &app->services.rows[i];
        if (s->status != SERVICE_PASS &&
            service_list_cause(&app->services, s) == cause) {
            strbuf_addf(out, "%s%s", gap, s->name);
            gap = ", ";
        }
    }
}

/* Lines that say why; returns how many were drawn. */
static int draw_why(const struct app *app, struct pen *pen, int max)
{
    int y = 0;
    for (size_t i = 0; i < app->services.count && y < max; i++) {
        const struct service *s = &app->services.rows[i];
        if (s->status != SERVICE_FAIL || service_list_cause(&app->services, s) != NULL)
            continue;
        struct strbuf sufferers;
        char since[AGE_TEXT_SIZE];
        char clock[AGE_TEXT_SIZE];
        clock_text(s->since_ms, clock);
        since_text(app, s, since);
        pen_to(pen, 0, y++);
        pen_text(pen, ROLE_HEADING, y == 1 ? "WHY   " : "      ");
        pen_text(pen, ROLE_FAIL, s->name);
        if (s->since_ms > 0)
            pen_textf(pen, ROLE_TEXT, " fails since %s (%s)", clock, since);
        if (s->says[0] != '\0')
            pen_textf(pen, ROLE_TEXT, ": %s", s->says);
        strbuf_init(&sufferers, 512);
        add_sufferers(app, s, &sufferers);
        if (sufferers.len > 0 && y < max) {
            pen_to(pen, 6, y++);
            pen_textf(pen, ROLE_DIM, "suffers: %s", strbuf_text(&sufferers));
        }
        strbuf_release(&sufferers);
    }
    return y;
}

static void draw_detail(const struct app *app, const struct service *s,
                        struct canvas *canvas, struct rect area)
{
    struct pen pen =
        pen_on(canvas, (struct rect){area.x + 1, area.y, area.w - 2, area.h});
    char since[AGE_TEXT_SIZE];
    char latency[AGE_TEXT_SIZE];
    char heard[AGE_TEXT_SIZE];
    const struct service *cause = service_list_cause(&app->services, s);
    since_text(app, s, since);
    latency_text(s, latency, sizeof latency);
    age_text(app_server_now_ms(app) - s->heard_ms, heard);
    const struct {
        const char *title;
        const char *text;
    } lines[] = {{"Service", s->name}, {"Status", service_status_text(s->status)},
                 {"Since", since},     {"Latency", latency},
                 {"Needs", s->needs},  {"Because of", cause != NULL ? cause->name : ""},
                 {"Says", s->says},    {"Told", heard}};
    int y = 0;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (lines[i].text[0] == '\0')
            continue;
        pen_to(&pen, 0, y++);
        pen_left(&pen, ROLE_HEADING, 12, lines[i].title);
        pen_text(&pen, i == 1 ? status_role(s->status) : ROLE_TEXT, lines[i].text);
    }
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct services_state *st = state;
    const struct service_list *list = &app->services;
    if (list->count == 0) {
        empty_draw(canvas, area,
                   app->link.state == LINK_UP ? "The server tells no service's health."
                                              : "Not connected: no service is known.",
                   "A monitor role (flightdashd --role monitor) probes them.");
        return;
    }
    scroll_fit(&st->scroll, list->count, area.h - 1);
    if (st->detail) {
        draw_detail(app, &list->rows[st->scroll.selected], canvas, area);
        return;
    }
    struct pen pen =
        pen_on(canvas, (struct rect){area.x + 1, area.y, area.w - 2, area.h});
    int why = draw_why(app, &pen, area.h / 3);
    why += why > 0 ? 1 : 0;
    struct rect rest = {area.x + 1, area.y + why, area.w - 2, area.h - why};
    struct table_column fitted[TABLE_COLUMNS_MAX];
    st->first_row = why + 1;
    scroll_fit(&st->scroll, list->count, rest.h - 1);
    const struct table table = {
        .columns = fitted,
        .column_count = table_fit(columns, ARRAY_LEN(columns), rest.w, fitted),
        .rows = list->count,
        .scroll = &st->scroll,
        .data = app,
        .draw_cell = draw_cell,
    };
    st->page = table_draw(&table, canvas, rest);
}

static bool act(void *state, struct app *app, enum action action)
{
    struct services_state *st = state;
    size_t page = (size_t)MAX_OF(st->page, 1);
    size_t *at = &st->scroll.selected;
    switch (action) {
    case ACTION_UP: *at -= *at > 0 ? 1 : 0; break;
    case ACTION_DOWN: *at += 1; break;
    case ACTION_PAGE_UP: *at -= MIN_OF(*at, page); break;
    case ACTION_PAGE_DOWN: *at += page; break;
    case ACTION_HOME: *at = 0; break;
    case ACTION_END: *at = SERVICES_MAX; break;
    case ACTION_DETAIL: st->detail = app->services.count > 0; break;
    case ACTION_BACK:
        if (!st->detail)
            return false;
        st->detail = false;
        break;
    default: return false;
    }
    if (*at >= app->services.count)
        *at = app->services.count > 0 ? app->services.count - 1 : 0;
    return true;
}

static void select_what(void *state, struct app *app, const char *what)
{
    struct services_state *st = state;
    const struct service *s = service_list_find(&app->services, what);
    st->detail = false;
    if (s != NULL)
        st->scroll.selected = (size_t)(s - app->services.rows);
}

/* A click selects, a second one on the same row shows all about it. */
static void click(void *state, struct app *app, int x, int y)
{
    struct services_state *st = state;
    size_t row = st->scroll.top + (size_t)(y - st->first_row);
    (void)x;
    if (st->detail || y < st->first_row || row >= app->services.count)
        return;
    st->detail = st->scroll.selected == row;
    st->scroll.selected = row;
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    size_t by_status[3] = {0};
    (void)state;
    for (size_t i = 0; i < app->services.count; i++)
        by_status[app->services.rows[i].status]++;
    if (app->services.count > 0)
        strbuf_addf(out, "%zu pass, %zu warn, %zu fail", by_status[SERVICE_PASS],
                    by_status[SERVICE_WARN], by_status[SERVICE_FAIL]);
}

static const enum action hints[] = {ACTION_DETAIL, ACTION_NONE};

extern const struct view_class view_services;
const struct view_class view_services = {
    .name = "services",
    .title = "Services",
    .key = '4',
    .context = CONTEXT_SERVICES,
    .state_size = sizeof(struct services_state),
    .draw = draw,
    .select = select_what,
    .act = act,
    .click = click,
    .describe = describe,
    .hints = hints,
};
