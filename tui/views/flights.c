/*
 * The list of flights. The selection is an aircraft (app->selected), not a row:
 * the row is looked up again after every change of order.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "views/altitude_role.h"
#include "views/empty.h"
#include "views/filter_line.h"
#include "views/flight_detail.h"
#include "views/view.h"
#include "widgets/table.h"

struct flights_state {
    struct scroll scroll;
    size_t column_set;
    bool detail;
    bool free; /* scrolled away from the selection */
    struct flight_detail detail_state;
    int page; /* rows that were visible */
};

/* What `c` goes through; NULL = every column that fits. */
static const char *const column_sets[] = {
    NULL,
    "callsign alt gs track vrate squawk age",
    "callsign reg type operator category flags age",
    "callsign lat lon alt track dist bearing posage",
    "callsign hex country_name via src rssi age",
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

static bool in_set(const char *set, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = set; (at = strstr(at, name)) != NULL; at += n) {
        if ((at == set || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    }
    return false;
}

static size_t choose_columns(const struct flights_state *st, const struct app *app,
                             int width, struct table_column *ret_columns)
{
    struct table_column all[COLUMN_COUNT];
    const char *set = column_sets[st->column_set];
    const char *wanted = app->columns[0] != '\0' && set == NULL ? app->columns : set;
    size_t n = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const struct flight_column_info *info =
            flight_column_info((enum flight_column)i);
        bool home = i == COLUMN_DIST || i == COLUMN_BEARING;
        bool in = wanted != NULL ? in_set(wanted, info->name)
                                 : info->priority > 0 && (!home || app->has_home);
        bool sorted = (enum flight_column)i == app->list.sort;
        if (!in)
            continue;
        all[n++] = (struct table_column){.title = info->title,
                                         .unit = info->unit[app->units],
                                         .width = info->width,
                                         .priority = info->priority + 1,
                                         .right = info->right,
                                         .sorted = sorted,
                                         .reverse = app->list.reverse,
                                         .id = i};
    }
    return table_fit(all, n, width, ret_columns);
}

/* ---- cells -------------------------------------------------------------------- */

static enum role cell_role(const struct flight *f, enum flight_column column,
                           int64_t age_s)
{
    if (column == COLUMN_AGE && age_s > 60)
        return ROLE_WARN;
    if (age_s > 15)
        return ROLE_STALE;
    switch (column) {
    case COLUMN_ALT: return altitude_role(f);
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
    enum role role = cell_role(f, id, flight_age_s(f, d->context.now_ms));
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
    bool pinned = d->app->list.entries[row].pinned;
    pen_text(pen, pinned ? ROLE_FAIL : ROLE_ACCENT,
             pinned     ? "!"
             : selected ? ">"
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

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct flights_state *st = state;
    if (st->detail && app->selected != 0) {
        flight_detail_draw(&st->detail_state, app, app->selected, canvas, area);
        return;
    }
    struct table_column columns[TABLE_COLUMNS_MAX];
    const struct drawing d = {st, app, app_view_context(app)};
    struct scroll shown = st->scroll;
    size_t row = app->selected != 0 ? flight_list_find(&app->list, app->selected)
                                    : app->list.count;
    bool on_list = row < app->list.count;
    shown.selected = on_list && !st->free ? row : shown.top;
    scroll_fit(&shown, app->list.count, area.h - 1);
    st->scroll.top = shown.top;
    if (on_list)
        st->scroll.selected = row;
    shown.selected = on_list ? row : SIZE_MAX;
    const struct table table = {
        .columns = columns,
        .column_count = choose_columns(st, app, area.w - 3, columns),
        .rows = app->list.count,
        .scroll = &shown,
        .data = &d,
        .draw_cell = draw_cell,
        .draw_mark = draw_mark,
    };
    st->page = table_draw(&table, canvas, area);
    if (app->list.count == 0)
        draw_empty(app, canvas, area);
}

static void update(void *state, struct app *app)
{
    struct flights_state *st = state;
    app_update_list(app);
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
static void sort_step(const struct flights_state *st, struct app *app, int step)
{
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t n = choose_columns(st, app, CANVAS_MAX_WIDTH, columns);
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
    app_want_trail(app, app->selected);
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
    case ACTION_SORT: sort_step(st, app, 1); break;
    case ACTION_SORT_BACK: sort_step(st, app, -1); break;
    case ACTION_REVERSE:
        flight_list_sort_by(&app->list, app->list.sort, !app->list.reverse);
        break;
    case ACTION_COLUMNS:
        st->column_set = (st->column_set + 1) % ARRAY_LEN(column_sets);
        app_notice(app, "columns: %s",
                   column_sets[st->column_set] != NULL ? column_sets[st->column_set]
                                                       : "all that fit");
        break;
    case ACTION_DETAIL: open_detail(st, app); break;
    default: return false;
    }
    return true;
}

static bool act(void *state, struct app *app, enum action action)
{
    struct flights_state *st = state;
    if (action == ACTION_BACK)
        return go_back(st, app);
    if (action == ACTION_ACK) {
        if (app->selected != 0)
            app_acknowledge(app, app->selected);
        return true;
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

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    (void)state;
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
    .state_size = sizeof(struct flights_state),
    .update = update,
    .draw = draw,
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
