/*
 * What somebody should look at: emergencies and failures, open ones first.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "views/age_text.h"
#include "views/empty.h"
#include "views/view.h"
#include "widgets/table.h"

struct alerts_state {
    struct scroll scroll;
    int page;
};

enum { COL_MARK, COL_SINCE, COL_LASTS, COL_WHAT, COL_WHO, COL_TEXT };

static const struct table_column columns[] = {
    {.title = "STATE", .unit = "", .width = 7, .id = COL_MARK},
    {.title = "SINCE", .unit = "", .width = 8, .priority = 3, .id = COL_SINCE},
    {.title = "LASTS",
     .unit = "",
     .width = 7,
     .right = true,
     .priority = 2,
     .id = COL_LASTS},
    {.title = "KIND", .unit = "", .width = 10, .priority = 5, .id = COL_WHAT},
    {.title = "ABOUT", .unit = "", .width = 12, .priority = 1, .id = COL_WHO},
    {.title = "TEXT",
     .unit = "",
     .width = 16,
     .priority = 4,
     .grows = true,
     .id = COL_TEXT},
};

/* The aircraft that an alert is about; NULL when it is none or not heard any more. */
static const struct flight *flight_of(const struct app *app,
                                      const struct alert_row *row)
{
    uint32_t icao;
    if (!flight_parse_hex(row->icao24, strlen(row->icao24), &icao))
        return NULL;
    return flight_table_find(app->flights, icao);
}

static void about_text(const struct app *app, const struct alert_row *row,
                       char ret_text[COLUMN_TEXT_SIZE])
{
    const struct flight_view_context context = app_view_context(app);
    const struct flight *f = flight_of(app, row);
    snprintf(ret_text, COLUMN_TEXT_SIZE, "%s",
             row->service[0] != '\0' ? row->service : row->icao24);
    if (f != NULL)
        flight_column_text(COLUMN_CALLSIGN, f, &context, ret_text);
}

static enum role row_role(const struct alert_row *row)
{
    if (row->until_ms != 0 || row->acked)
        return ROLE_DIM;
    if (row->local)
        return ROLE_TEXT;
    return strcmp(row->severity, "critical") == 0 ? ROLE_FAIL : ROLE_WARN;
}

static const char *state_text(const struct alert_row *a)
{
    if (a->local)
        return a->until_ms != 0 ? "  past" : "* here";
    return a->until_ms != 0 ? "  over" : a->acked ? "  seen" : "! open";
}

static void draw_cell(const void *data, size_t row, const struct table_column *column,
                      struct pen *pen)
{
    const struct app *app = data;
    const struct alert_row *a = &app->alerts.rows[row];
    enum role role = row_role(a);
    int64_t end_ms = a->until_ms != 0 ? a->until_ms : app_server_now_ms(app);
    char text[COLUMN_TEXT_SIZE] = "";
    switch (column->id) {
    case COL_MARK: pen_left(pen, role, column->width, state_text(a)); return;
    case COL_SINCE: clock_text(a->since_ms, text); break;
    case COL_LASTS: age_text(end_ms - a->since_ms, text); break;
    case COL_WHO: about_text(app, a, text); break;
    default: break;
    }
    if (column->id == COL_WHAT)
        pen_left(pen, role, column->width, a->kind);
    else if (column->id == COL_TEXT)
        pen_left(pen, role, column->width, a->text);
    else if (column->right)
        pen_right(pen, role, column->width, text);
    else
        pen_left(pen, role, column->width, text);
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct alerts_state *st = state;
    struct table_column fitted[TABLE_COLUMNS_MAX];
    struct rect inside = {area.x + 1, area.y, area.w - 2, area.h};
    if (app->alerts.count == 0) {
        empty_draw(canvas, area,
                   app->alerts.told ? "Nothing needs attention." : "No alert is known.",
                   "Emergencies and failing services appear here by themselves.");
        return;
    }
    scroll_fit(&st->scroll, app->alerts.count, inside.h - 1);
    const struct table table = {
        .columns = fitted,
        .column_count = table_fit(columns, ARRAY_LEN(columns), inside.w, fitted),
        .rows = app->alerts.count,
        .scroll = &st->scroll,
        .data = app,
        .draw_cell = draw_cell,
    };
    st->page = table_draw(&table, canvas, inside);
}

/* The selected alert's aircraft becomes the subject of every view. */
static void select_flight(const struct alerts_state *st, struct app *app)
{
    const struct flight *f = flight_of(app, &app->alerts.rows[st->scroll.selected]);
    if (f == NULL) {
        app_notice(app, "this alert is about no aircraft that is heard now");
        return;
    }
    app->selected = f->icao;
    app_notice(app, "selected; 2 shows it in the list, m on the map");
}

static void select_what(void *state, struct app *app, const char *what)
{
    struct alerts_state *st = state;
    for (size_t i = 0; i < app->alerts.count; i++) {
        if (strcmp(app->alerts.rows[i].id, what) == 0)
            st->scroll.selected = i;
    }
}

static bool act(void *state, struct app *app, enum action action)
{
    struct alerts_state *st = state;
    size_t *at = &st->scroll.selected;
    size_t page = (size_t)MAX_OF(st->page, 1);
    if (app->alerts.count == 0)
        return false;
    switch (action) {
    case ACTION_UP: *at -= *at > 0 ? 1 : 0; break;
    case ACTION_DOWN: *at += 1; break;
    case ACTION_PAGE_UP: *at -= MIN_OF(*at, page); break;
    case ACTION_PAGE_DOWN: *at += page; break;
    case ACTION_HOME: *at = 0; break;
    case ACTION_END: *at = ALERTS_MAX; break;
    case ACTION_DETAIL: select_flight(st, app); break;
    case ACTION_ACK_ALERT: app_acknowledge_alert(app, *at); break;
    default: return false;
    }
    *at = MIN_OF(*at, app->alerts.count - 1);
    return true;
}

/* A click selects, a second one on the same row does what Enter does. */
static void click(void *state, struct app *app, int x, int y)
{
    struct alerts_state *st = state;
    size_t row = st->scroll.top + (size_t)(y - 1);
    (void)x;
    if (y < 1 || row >= app->alerts.count)
        return;
    bool again = st->scroll.selected == row;
    st->scroll.selected = row;
    if (again)
        select_flight(st, app);
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct alerts_state *st = state;
    char clock[AGE_TEXT_SIZE];
    if (app->alerts.count == 0)
        return;
    const struct alert_row *row =
        &app->alerts.rows[MIN_OF(st->scroll.selected, app->alerts.count - 1)];
    strbuf_addf(out, "%zu open of %zu", alert_list_open(&app->alerts),
                app->alerts.count);
    clock_text(row->acked_ms, clock);
    if (row->local)
        strbuf_add_text(out, "   told to you alone: you watch it");
    else if (row->acked && row->acked_ms > 0)
        strbuf_addf(out, "   acknowledged at %s", clock);
    else if (row->acked)
        strbuf_add_text(out, "   acknowledged");
    else if (row->until_ms == 0)
        strbuf_add_text(out, "   nobody has acknowledged it yet");
}

static const enum action hints[] = {ACTION_DETAIL, ACTION_ACK_ALERT, ACTION_NONE};

extern const struct view_class view_alerts;
const struct view_class view_alerts = {
    .name = "alerts",
    .title = "Alerts",
    .key = '8',
    .context = CONTEXT_ALERTS,
    .state_size = sizeof(struct alerts_state),
    .draw = draw,
    .select = select_what,
    .act = act,
    .click = click,
    .describe = describe,
    .hints = hints,
};
