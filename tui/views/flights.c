/*
 * The list of flights. The selection is an aircraft (app->selected), not a row:
 * the row is looked up again after every change of order.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/app_events.h"
#include "app/flight_freshness.h"
#include "flight/flight_fields.h"
#include "views/altitude_role.h"
#include "views/empty.h"
#include "views/filter_line.h"
#include "views/flight_chooser.h"
#include "views/flight_detail.h"
#include "views/view.h"
#include "widgets/table.h"

/* Priorities of columns: these are never given up for a chosen one; up to here they
 * are what a narrow screen shows. */
enum { PRIORITY_BASIC = 4, PRIORITY_DEFAULT = 12 };

struct flights_state {
    struct scroll scroll;
    bool detail;
    bool free;   /* scrolled away from the selection */
    bool follow; /* the selected row is kept in the middle */
    struct flight_chooser chooser;
    struct flight_detail detail_state;
    int page; /* rows that were visible */
};

struct drawing {
    const struct flights_state *state;
    const struct app *app;
    struct flight_view_context context;
};

static const struct flight *flight_of(const struct app *app, size_t row)
{
    return flight_table_find(app->flights, app->list.entries[row].icao);
}

/* ---- columns ------------------------------------------------------------------ */

/* What everybody sees stays longest, then what was asked for, then the rest. */
static int priority_of(const struct flight_column_info *info, bool asked)
{
    if (!asked || (info->priority > 0 && info->priority <= PRIORITY_BASIC))
        return info->priority;
    return info->priority == 0 || info->priority > PRIORITY_DEFAULT
               ? PRIORITY_BASIC + 1
               : info->priority + 1;
}

static struct table_column column_of(const struct app *app, enum flight_column id,
                                     bool asked)
{
    const struct flight_column_info *info = flight_column_info(id);
    return (struct table_column){.title = info->title,
                                 .unit = info->unit[app->units],
                                 .width = info->width,
                                 .priority = priority_of(info, asked),
                                 .right = info->right,
                                 .sorted = id == app->list.sort,
                                 .reverse = app->list.reverse,
                                 .id = (int)id};
}

/* Those that were chosen; else all that everybody may want. */
static size_t choose_columns(const struct app *app, int width,
                             struct table_column *ret_columns)
{
    struct table_column all[COLUMN_COUNT];
    struct column_choice choice;
    size_t n = 0;
    column_choice_read(&choice, app->columns);
    for (size_t i = 0; i < choice.count; i++)
        all[n++] = column_of(app, choice.columns[i], true);
    for (int i = 0; i < COLUMN_COUNT && choice.count == 0; i++) {
        bool home = i == COLUMN_DIST || i == COLUMN_BEARING;
        if (flight_column_info((enum flight_column)i)->priority > 0 &&
            (!home || app->has_home))
            all[n++] = column_of(app, (enum flight_column)i, false);
    }
    return table_fit(all, n, width, ret_columns);
}

/* ---- cells -------------------------------------------------------------------- */

static enum role cell_role(const struct flight *f, enum flight_column column,
                           int64_t now_ms)
{
    enum freshness freshness = freshness_of(flight_column_heard_ms(column, f), now_ms);
    if (column == COLUMN_AGE && freshness == FLIGHT_LOST)
        return ROLE_WARN;
    if (freshness != FLIGHT_FRESH)
        return ROLE_STALE;
    switch (column) {
    case COLUMN_ALT: return altitude_role(f);
    case COLUMN_EMERGENCY:
    case COLUMN_SQUAWK: return flight_emergency_text(f) != NULL ? ROLE_FAIL : ROLE_TEXT;
    case COLUMN_CALLSIGN:
        return flight_emergency_text(f) != NULL ? ROLE_EMERGENCY : ROLE_TEXT;
    case COLUMN_AGE: return ROLE_DIM;
    default: return ROLE_TEXT;
    }
}

static void draw_cell(const void *data, size_t row, const struct table_column *column,
                      struct pen *pen)
{
    const struct drawing *d = data;
    const struct flight *f = flight_of(d->app, row);
    char text[COLUMN_TEXT_SIZE] = "";
    enum flight_column id = (enum flight_column)column->id;
    if (f == NULL) {
        pen_left(pen, ROLE_TEXT, column->width, "");
        return;
    }
    enum role role = cell_role(f, id, d->context.now_ms);
    flight_column_text(id, f, &d->context, text);
    if (id == COLUMN_ALT) {
        int vertical = flight_vertical(f);
        pen_text(pen, role, vertical > 0 ? "↑" : vertical < 0 ? "↓" : " ");
        pen_right(pen, role, column->width - 1, text);
    } else if (column->right) {
        pen_right(pen, role, column->width, text);
    } else {
        pen_left(pen, role, column->width, text);
    }
}

static void draw_mark(const void *data, size_t row, bool selected, struct pen *pen)
{
    const struct drawing *d = data;
    const struct flight_entry *e = &d->app->list.entries[row];
    bool watched = !e->pinned && !selected && flight_watch_has(&d->app->watch, e->icao);
    pen_text(pen, e->pinned ? ROLE_FAIL : ROLE_ACCENT,
             e->pinned  ? "!"
             : selected ? ">"
             : watched  ? "*"
                        : " ");
}

/* ---- drawing ------------------------------------------------------------------ */

static void draw_empty(const struct app *app, struct canvas *canvas, struct rect area)
{
    char what[600];
    if (app->list.filter != NULL && flight_table_count(app->flights) > 0) {
        snprintf(what, sizeof what, "No flights match %s", app->list.filter_text);
        empty_draw(canvas, area, what, "Esc clears the filter, / changes it.");
    } else if (app->has_snapshot) {
        empty_draw(canvas, area, "The server knows no flights.",
                   "Has it a source? The services view tells.");
    } else {
        snprintf(what, sizeof what, "Waiting for %s", app->link.url);
        empty_draw(canvas, area, what, app->link.problem);
    }
}

/* Where the list is scrolled to: the selection stays in sight, or in the middle. */
static struct scroll place_rows(struct flights_state *st, const struct app *app,
                                int visible)
{
    struct scroll shown = st->scroll;
    size_t row = app->selected != 0 ? flight_list_find(&app->list, app->selected)
                                    : app->list.count;
    bool on_list = row < app->list.count;
    size_t half = (size_t)MAX_OF(visible, 1) / 2;
    if (on_list && st->follow)
        shown.top = row > half ? row - half : 0;
    shown.selected = on_list && !st->free ? row : shown.top;
    scroll_fit(&shown, app->list.count, visible);
    st->scroll.top = shown.top;
    if (on_list)
        st->scroll.selected = row;
    shown.selected = on_list ? row : SIZE_MAX;
    return shown;
}

static void draw_list(struct flights_state *st, const struct app *app,
                      struct canvas *canvas, struct rect area)
{
    struct table_column columns[TABLE_COLUMNS_MAX];
    const struct drawing d = {st, app, app_view_context(app)};
    const struct scroll shown = place_rows(st, app, area.h - 1);
    const struct table table = {
        .columns = columns,
        .column_count = choose_columns(app, area.w - 3, columns),
        .rows = app->list.count,
        .scroll = &shown,
        .data = &d,
        .draw_cell = draw_cell,
        .draw_mark = draw_mark,
    };
    st->page = table_draw(&table, canvas, area);
    st->chooser.shown.count = 0;
    for (size_t i = 0; i < table.column_count; i++)
        st->chooser.shown.columns[st->chooser.shown.count++] =
            (enum flight_column)columns[i].id;
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct flights_state *st = state;
    if (st->detail && app->selected != 0) {
        flight_detail_draw(&st->detail_state, app, app->selected, canvas, area);
        return;
    }
    draw_list(st, app, canvas, area);
    if (app->list.count == 0)
        draw_empty(app, canvas, area);
    if (st->chooser.open)
        flight_chooser_draw(&st->chooser, app, canvas, area);
}

/* Some values change with every message and come only when they are asked for. */
static bool wants_volatile(const struct app *app)
{
    struct column_choice choice;
    column_choice_read(&choice, app->columns);
    for (size_t i = 0; i < choice.count; i++) {
        enum flight_field field = flight_column_info(choice.columns[i])->field;
        if (field < FLIGHT_FIELD_COUNT &&
            (flight_field_info[field].flags & FLIGHT_VOLATILE) != 0)
            return true;
    }
    return false;
}

static void update(void *state, struct app *app)
{
    struct flights_state *st = state;
    app_update_list(app);
    app_want_volatile(app, wants_volatile(app));
    if (st->detail)
        flight_detail_update(&st->detail_state, app);
    if (st->follow) /* one that is gone is told of, not replaced by a neighbour */
        return;
    /* The selected flight is gone: its row stays selected. */
    if (app->selected != 0 && !st->detail && app->has_snapshot && app->list.count > 0 &&
        flight_list_find(&app->list, app->selected) == app->list.count)
        app->selected =
            app->list.entries[MIN_OF(st->scroll.selected, app->list.count - 1)].icao;
}

/* ---- keys --------------------------------------------------------------------- */

static void move_by(struct flights_state *st, struct app *app, long step)
{
    long count = (long)app->list.count;
    size_t row = app->selected != 0 ? flight_list_find(&app->list, app->selected)
                                    : app->list.count;
    long to = row < app->list.count   ? (long)row + step
              : step > 1 || step < -1 ? (long)st->scroll.top + step
                                      : (long)st->scroll.top;
    if (count == 0)
        return;
    to = to < 0 ? 0 : to >= count ? count - 1 : to;
    st->scroll.selected = (size_t)to;
    st->free = false;
    app->selected = app->list.entries[to].icao;
}

/* The next column in a direction that can be seen and sorted by. */
static void sort_step(struct app *app, int step)
{
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t n = choose_columns(app, CANVAS_MAX_WIDTH, columns);
    size_t at = 0;
    while (at < n && columns[at].id != (int)app->list.sort)
        at++;
    at = at == n ? 0 : (at + n + (size_t)step) % n;
    enum flight_column column = (enum flight_column)columns[at].id;
    flight_list_sort_by(&app->list, column, false);
    app_notice(app, "sorted by %s", flight_column_info(column)->name);
}

static void open_detail(struct flights_state *st, struct app *app)
{
    if (app->selected == 0)
        move_by(st, app, 0);
    if (app->selected == 0)
        return;
    st->detail = true;
    flight_detail_open(&st->detail_state);
    flight_detail_update(&st->detail_state, app);
}

static bool go_back(struct flights_state *st, struct app *app)
{
    struct strbuf error;
    if (st->detail) {
        st->detail = false;
    } else if (app->list.filter != NULL) {
        strbuf_init(&error, 64);
        flight_list_set_filter(&app->list, "", &error);
        strbuf_release(&error);
    } else if (app->selected != 0) {
        app->selected = 0;
    } else {
        return false;
    }
    return true;
}

static void follow(struct flights_state *st, struct app *app)
{
    if (app->selected == 0)
        move_by(st, app, 0);
    st->follow = !st->follow && app->selected != 0;
    app_notice(app, st->follow ? "following: the selected aircraft stays in the middle"
                               : "not following");
}

static bool act_on_list(struct flights_state *st, struct app *app, enum action action)
{
    int page = MAX_OF(st->page, 1);
    switch (action) {
    case ACTION_UP: move_by(st, app, -1); break;
    case ACTION_DOWN: move_by(st, app, 1); break;
    case ACTION_PAGE_UP: move_by(st, app, -page); break;
    case ACTION_PAGE_DOWN: move_by(st, app, page); break;
    case ACTION_HOME: move_by(st, app, -1000000); break;
    case ACTION_END: move_by(st, app, 1000000); break;
    case ACTION_SORT: sort_step(app, 1); break;
    case ACTION_SORT_BACK: sort_step(app, -1); break;
    case ACTION_REVERSE:
        flight_list_sort_by(&app->list, app->list.sort, !app->list.reverse);
        break;
    case ACTION_COLUMNS: flight_chooser_open(&st->chooser); break;
    case ACTION_FOLLOW_ROW: follow(st, app); break;
    case ACTION_DETAIL: open_detail(st, app); break;
    default: return false;
    }
    return true;
}

/* The selected emergency; without a selection, the first one on top. */
static void acknowledge(struct app *app)
{
    const struct flight_list *list = &app->list;
    if (app->selected != 0)
        app_acknowledge(app, app->selected);
    else if (list->count > 0 && list->entries[0].pinned)
        app_acknowledge(app, list->entries[0].icao);
    else
        app_notice(app, "nothing to acknowledge: no emergency is pinned");
}

static enum context context_now(const void *state)
{
    const struct flights_state *st = state;
    return st->chooser.open ? CONTEXT_CHOOSER : CONTEXT_FLIGHTS;
}

/* `what` is a filter. */
static void select_what(void *state, struct app *app, const char *what)
{
    struct flights_state *st = state;
    struct strbuf error;
    strbuf_init(&error, 256);
    st->detail = false;
    st->chooser.open = false;
    if (what[0] != '\0' && !flight_list_set_filter(&app->list, what, &error))
        app_notice(app, "%s: %s", what, strbuf_text(&error));
    strbuf_release(&error);
}

static bool act(void *state, struct app *app, enum action action)
{
    struct flights_state *st = state;
    if (st->chooser.open)
        return flight_chooser_act(&st->chooser, app, action);
    switch (action) {
    case ACTION_BACK: return go_back(st, app);
    case ACTION_ACK: acknowledge(app); return true;
    case ACTION_WATCH: app_toggle_watch(app); return true;
    default: break;
    }
    if (st->detail && action != ACTION_UP && action != ACTION_DOWN)
        return flight_detail_act(&st->detail_state, action) || action == ACTION_DETAIL;
    return act_on_list(st, app, action);
}

static void click(void *state, struct app *app, int x, int y)
{
    struct flights_state *st = state;
    size_t row = st->scroll.top + (size_t)(y - 1);
    (void)x;
    if (st->detail || y < 1 || row >= app->list.count)
        return;
    bool again = app->selected == app->list.entries[row].icao;
    app->selected = app->list.entries[row].icao;
    if (again)
        open_detail(st, app);
}

/* Of the selected aircraft: why it is grey, or that it is gone. */
static void describe_selected(const struct app *app, struct strbuf *out)
{
    const struct flight *f = flight_table_find(app->flights, app->selected);
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(app->selected, hex);
    if (f != NULL)
        freshness_explain(f, app_server_now_ms(app), out);
    else if (app->selected != 0)
        strbuf_addf(out, "%s is not heard any more", hex);
    if (out->len > 0)
        strbuf_add_text(out, "   ");
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct flights_state *st = state;
    describe_selected(app, out);
    if (st->follow && app->selected != 0)
        strbuf_add_text(out, "following   ");
    if (app->list.filter != NULL)
        strbuf_addf(out, "filter  %s", app->list.filter_text);
    else if (app->list.count > 0)
        strbuf_addf(out, "%zu flights by %s%s", app->list.count,
                    flight_column_info(app->list.sort)->name,
                    app->list.reverse ? ", reversed" : "");
}

static const enum action hints[] = {ACTION_DETAIL, ACTION_FILTER, ACTION_SORT,
                                    ACTION_COLUMNS, ACTION_NONE};

extern const struct view_class view_flights;
const struct view_class view_flights = {
    .name = "flights",
    .title = "Flights",
    .key = '2',
    .context = CONTEXT_FLIGHTS,
    .context_now = context_now,
    .state_size = sizeof(struct flights_state),
    .update = update,
    .draw = draw,
    .select = select_what,
    .act = act,
    .click = click,
    .line_prompt = filter_line_prompt,
    .line_text = filter_line_text,
    .line_take = filter_line_take,
    .line_note = filter_line_note,
    .line_complete = filter_line_complete,
    .describe = describe,
    .hints = hints,
};
