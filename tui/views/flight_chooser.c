#include "views/flight_chooser.h"

#include <stdio.h>
#include <string.h>

enum { CHOOSER_WIDTH = 46, NAME_WIDTH = 14 };

void flight_chooser_open(struct flight_chooser *c)
{
    c->open = true;
    c->at = c->top = 0;
}

/* What is chosen; as long as nobody chose, what is shown. */
static struct column_choice choice_of(const struct flight_chooser *c,
                                      const struct app *app)
{
    struct column_choice choice;
    column_choice_read(&choice, app->columns);
    return app->columns[0] != '\0' ? choice : c->shown;
}

/* The chosen ones, then all others in the order of the table. */
static size_t all_of(const struct column_choice *choice,
                     enum flight_column ret_all[COLUMN_COUNT])
{
    size_t n = 0;
    for (; n < choice->count; n++)
        ret_all[n] = choice->columns[n];
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (column_choice_find(choice, (enum flight_column)i) == choice->count)
            ret_all[n++] = (enum flight_column)i;
    }
    return n;
}

static void keep(struct app *app, const struct column_choice *choice)
{
    column_choice_write(choice, app->columns, sizeof app->columns);
    app->changes++;
}

static void sort_by(struct app *app, enum flight_column column)
{
    bool again = app->list.sort == column;
    flight_list_sort_by(&app->list, column, again && !app->list.reverse);
    app_notice(app, "sorted by %s%s", flight_column_info(column)->name,
               app->list.reverse ? ", reversed" : "");
}

static void change(struct flight_chooser *c, struct app *app, enum action action)
{
    struct column_choice choice = choice_of(c, app);
    enum flight_column all[COLUMN_COUNT];
    all_of(&choice, all);
    enum flight_column column = all[c->at];
    if (action == ACTION_COLUMN_TOGGLE)
        column_choice_toggle(&choice, column);
    else if (!column_choice_move(&choice, column,
                                 action == ACTION_COLUMN_LEFT ? -1 : 1))
        return;
    keep(app, &choice);
    all_of(&choice, all);
    for (c->at = 0; all[c->at] != column;)
        c->at++;
}

static void move(struct flight_chooser *c, long step)
{
    long to = (long)c->at + step;
    c->at = (size_t)MAX_OF(MIN_OF(to, COLUMN_COUNT - 1), 0);
}

bool flight_chooser_act(struct flight_chooser *c, struct app *app, enum action action)
{
    struct column_choice choice = choice_of(c, app);
    enum flight_column all[COLUMN_COUNT];
    all_of(&choice, all);
    switch (action) {
    case ACTION_UP: move(c, -1); break;
    case ACTION_DOWN: move(c, 1); break;
    case ACTION_PAGE_UP: move(c, -c->page); break;
    case ACTION_PAGE_DOWN: move(c, c->page); break;
    case ACTION_HOME: move(c, -COLUMN_COUNT); break;
    case ACTION_END: move(c, COLUMN_COUNT); break;
    case ACTION_COLUMN_TOGGLE:
    case ACTION_COLUMN_LEFT:
    case ACTION_COLUMN_RIGHT: change(c, app, action); break;
    case ACTION_COLUMN_SORT: sort_by(app, all[c->at]); break;
    case ACTION_COLUMN_RESET:
        app->columns[0] = '\0';
        app_notice(app, "all columns that fit");
        break;
    case ACTION_COLUMN_CLOSE:
    case ACTION_BACK: c->open = false; break;
    default: return false;
    }
    return true;
}

/* ---- drawing -------------------------------------------------------------------- */

static void draw_row(const struct flight_chooser *c, const struct app *app,
                     const struct column_choice *choice, enum flight_column column,
                     struct pen *pen)
{
    const struct flight_column_info *info = flight_column_info(column);
    bool chosen = column_choice_find(choice, column) < choice->count;
    bool fits = column_choice_find(&c->shown, column) < c->shown.count;
    bool sorted = app->list.sort == column;
    pen_text(pen, ROLE_ACCENT, chosen ? (fits ? "x" : "-") : " ");
    pen->marked = false;
    pen_text(pen, ROLE_TEXT, " ");
    pen_left(pen, chosen ? ROLE_TEXT : ROLE_DIM, NAME_WIDTH, info->name);
    pen_text(pen, ROLE_ACCENT, sorted ? (app->list.reverse ? "▾" : "▴") : " ");
    pen_text(pen, ROLE_TEXT, " ");
    pen_left(pen, ROLE_DIM, MAX_OF(pen->area.w - pen->x, 0), info->help);
}

static void draw_title(const struct flight_chooser *c,
                       const struct column_choice *choice, struct pen *pen)
{
    size_t missing = 0;
    for (size_t i = 0; i < choice->count; i++) {
        if (column_choice_find(&c->shown, choice->columns[i]) == c->shown.count)
            missing++;
    }
    pen_to(pen, 0, 0);
    pen_textf(pen, ROLE_HEADING, "Columns: %zu of %d", choice->count,
              (int)COLUMN_COUNT);
    if (missing > 0)
        pen_textf(pen, ROLE_WARN, ", %zu (-) without room", missing);
    pen_end_line(pen, ROLE_TEXT);
}

void flight_chooser_draw(struct flight_chooser *c, const struct app *app,
                         struct canvas *canvas, struct rect area)
{
    struct column_choice choice = choice_of(c, app);
    enum flight_column all[COLUMN_COUNT];
    struct scroll scroll = {c->top, c->at};
    int width = MIN_OF(CHOOSER_WIDTH, area.w);
    struct rect all_of_it = {area.x + area.w - width, area.y, width, area.h};
    struct rect inside = {all_of_it.x + 2, area.y, width - 2, area.h};
    struct pen frame = pen_on(canvas, all_of_it);
    struct pen pen = pen_on(canvas, inside);
    size_t n = all_of(&choice, all);
    c->page = MAX_OF(area.h - 1, 1);
    scroll_fit(&scroll, n, c->page);
    c->top = scroll.top;
    for (int y = 0; y < area.h; y++) {
        pen_to(&frame, 0, y);
        pen_text(&frame, ROLE_RULE, "│");
        pen_end_line(&frame, ROLE_TEXT);
    }
    draw_title(c, &choice, &pen);
    for (int y = 1; y < area.h && c->top + (size_t)y - 1 < n; y++) {
        size_t row = c->top + (size_t)y - 1;
        pen_to(&pen, 0, y);
        pen.marked = row == c->at;
        draw_row(c, app, &choice, all[row], &pen);
        if (row == c->at)
            canvas_set_cursor(canvas, inside.x, inside.y + y, false);
    }
}
