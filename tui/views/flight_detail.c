#include "views/flight_detail.h"

#include <stdio.h>
#include <string.h>

#include "app/flight_freshness.h"
#include "app/flight_value.h"
#include "flight/flight_fields.h"
#include "views/age_text.h"
#include "views/empty.h"
#include "views/flight_profile.h"

enum { FIELD_TITLE = 11, FIELD_VALUE = 17, FIELD_AGE = 8, FIELD_WIDTH = 39 };
enum { PROFILE_LEAST = 6, PROFILE_MOST = 12, PROFILE_WIDTH = 60 };
enum { TRAIL_AGAIN_MS = 15000, NEW_MS = 5000 };

void flight_detail_open(struct flight_detail *d)
{
    *d = (struct flight_detail){0};
}

void flight_detail_update(struct flight_detail *d, struct app *app)
{
    bool other = d->icao != app->selected;
    if (app->selected == 0 ||
        (!other && (app->send == NULL || app->mono_ms - d->asked_ms < TRAIL_AGAIN_MS)))
        return;
    d->icao = app->selected;
    d->asked_ms = app->mono_ms;
    d->top = other ? 0 : d->top;
    app_want_trail(app, app->selected);
}

bool flight_detail_act(struct flight_detail *d, enum action action)
{
    int step = 0;
    switch (action) {
    case ACTION_PAGE_UP: step = -d->page; break;
    case ACTION_PAGE_DOWN: step = d->page; break;
    case ACTION_HOME: step = -d->top; break;
    case ACTION_END: step = d->rows; break;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        d->trail = !d->trail;
        d->top = 0;
        return true;
    default: return false;
    }
    d->top = MAX_OF(MIN_OF(d->top + step, d->rows - d->page), 0);
    return true;
}

/* ---- who and how old ------------------------------------------------------------- */

static void draw_words(struct pen *pen, const struct flight *f,
                       const struct flight_view_context *context)
{
    static const enum flight_column words[] = {
        COLUMN_REG,           COLUMN_TYPE_NAME, COLUMN_OPERATOR, COLUMN_COUNTRY_NAME,
        COLUMN_CATEGORY_NAME, COLUMN_PHASE,     COLUMN_FLAGS};
    char text[COLUMN_TEXT_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        flight_column_text(words[i], f, context, text);
        if (text[0] != '\0')
            pen_textf(pen, ROLE_TEXT, "  %s", text);
    }
}

static void draw_heard(struct pen *pen, const struct flight *f,
                       const struct flight_view_context *context)
{
    char age[AGE_TEXT_SIZE];
    char via[COLUMN_TEXT_SIZE];
    age_text(context->now_ms - f->heard_at_ms, age);
    flight_column_text(COLUMN_VIA, f, context, via);
    pen_textf(pen, ROLE_DIM, "heard %s ago", age);
    if (flight_has(f, FLIGHT_SRC))
        pen_textf(pen, ROLE_DIM, " by %s", f->v.src);
    if (via[0] != '\0')
        pen_textf(pen, ROLE_DIM, " (%s)", via);
    age_text(context->now_ms - f->pos_at_ms, age);
    if (f->pos_at_ms > 0 && flight_has_position(f))
        pen_textf(pen, ROLE_DIM, ", position %s ago", age);
    char distance[COLUMN_TEXT_SIZE], bearing[COLUMN_TEXT_SIZE];
    flight_column_text(COLUMN_DIST, f, context, distance);
    flight_column_text(COLUMN_BEARING, f, context, bearing);
    if (distance[0] != '\0')
        pen_textf(pen, ROLE_DIM, ", %s %s from home at %s", distance,
                  flight_column_info(COLUMN_DIST)->unit[context->units], bearing);
}

/* Nothing while all is fresh; else why some of it is grey. */
static void draw_why(struct pen *pen, const struct app *app, const struct flight *f)
{
    struct strbuf why;
    strbuf_init(&why, 256);
    freshness_explain(f, app_server_now_ms(app), &why);
    if (why.len > 0)
        pen_textf(pen, ROLE_WARN, "%s; values fade after 15s", strbuf_text(&why));
    strbuf_release(&why);
}

static void draw_head(struct pen *pen, const struct app *app, const struct flight *f)
{
    const struct flight_view_context context = app_view_context(app);
    char text[COLUMN_TEXT_SIZE];
    char hex[FLIGHT_HEX_SIZE];
    const char *emergency = flight_emergency_text(f);
    flight_format_hex(f->icao, hex);
    flight_column_text(COLUMN_CALLSIGN, f, &context, text);
    pen_text(pen, emergency != NULL ? ROLE_EMERGENCY : ROLE_STRONG, text);
    if (strcmp(text, hex) != 0)
        pen_textf(pen, ROLE_DIM, "  %s", hex);
    if (emergency != NULL)
        pen_textf(pen, ROLE_FAIL, "  %s%s", emergency,
                  flight_list_is_acked(&app->list, f->icao) ? " (acknowledged)" : "");
    if (flight_watch_has(&app->watch, f->icao))
        pen_text(pen, ROLE_ACCENT, "  * watched");
    draw_words(pen, f, &context);
    pen_to(pen, 0, 1);
    draw_heard(pen, f, &context);
    pen_to(pen, 0, 2);
    draw_why(pen, app, f);
}

/* ---- fields -----------------------------------------------------------------------
 */

/*
 * Since when the field has its value: by the tick in which it came, ">" when that
 * was before we were told of the aircraft. Nothing for what came a moment ago.
 */
static void changed_text(const struct app *app, const struct flight *f,
                         enum flight_field field, char ret_text[AGE_TEXT_SIZE + 1])
{
    char age[AGE_TEXT_SIZE];
    uint32_t tick = flight_field_tick(f, field);
    int64_t ticks = (int64_t)app->link.tick - tick;
    int64_t ms =
        ticks * app->link.tick_ms + app_server_now_ms(app) - app->server_time_ms;
    bool before = tick <= f->born_tick;
    ret_text[0] = '\0';
    age_text(ms, age);
    if (ms >= NEW_MS)
        snprintf(ret_text, AGE_TEXT_SIZE + 1, "%s%s", before ? ">" : "", age);
}

static void draw_field(struct pen *pen, const struct app *app, const struct flight *f,
                       enum flight_field field)
{
    struct strbuf value;
    char age[AGE_TEXT_SIZE + 1];
    const char *unit = flight_value_unit(field, app->units);
    enum freshness freshness =
        freshness_of(flight_value_heard_ms(f, field), app_server_now_ms(app));
    strbuf_init(&value, 256);
    flight_value_text(f, field, app->units, &value);
    if (unit[0] != '\0' && strcmp(strbuf_text(&value), "GND") != 0)
        strbuf_addf(&value, " %s", unit);
    changed_text(app, f, field, age);
    pen_left(pen, ROLE_HEADING, FIELD_TITLE, flight_field_info[field].title);
    pen_text(pen, ROLE_TEXT, " ");
    pen_left(pen, freshness == FLIGHT_FRESH ? ROLE_TEXT : ROLE_STALE, FIELD_VALUE,
             strbuf_text(&value));
    pen_right(pen, ROLE_DIM, FIELD_AGE, age);
    strbuf_release(&value);
}

static int field_rows(const struct flight *f, int width)
{
    int across = MAX_OF(width / FIELD_WIDTH, 1);
    return (__builtin_popcountll(f->known) + across - 1) / across;
}

static void draw_fields(struct flight_detail *d, const struct app *app,
                        const struct flight *f, struct canvas *canvas, struct rect area)
{
    int rows = field_rows(f, area.w);
    d->rows = rows;
    d->page = MAX_OF(area.h - 1, 1);
    d->top = MAX_OF(MIN_OF(d->top, rows - d->page), 0);
    int i = 0;
    struct pen pen = pen_on(canvas, area);
    pen_text(&pen, ROLE_DIM, "values, and since when they are the same; Right: trail");
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++) {
        if (!flight_has(f, (enum flight_field)field))
            continue;
        int y = i % rows - d->top + 1;
        pen_to(&pen, i / rows * FIELD_WIDTH, y);
        i++;
        if (y >= 1)
            draw_field(&pen, app, f, (enum flight_field)field);
    }
}

static void draw_trail(struct flight_detail *d, const struct app *app,
                       struct canvas *canvas, struct rect area)
{
    d->rows = (int)app->trail.count;
    d->page = MAX_OF(area.h - 1, 1);
    d->top = MAX_OF(MIN_OF(d->top, d->rows - d->page), 0);
    if (flight_profile_has(app, app->selected))
        flight_trail_draw(app, (size_t)d->top, canvas, area);
    else
        empty_draw(canvas, area, "No trail is known yet.",
                   "Right shows the values again.");
}

/* How many lines the graphs get: what the fields leave, some in any case. */
static int profile_height(const struct app *app, uint32_t icao, int rows,
                          struct rect area)
{
    if (!flight_profile_has(app, icao) || area.w < PROFILE_WIDTH ||
        area.h < PROFILE_LEAST * 2)
        return 0;
    int left = area.h - rows - 2;
    return MAX_OF(MIN_OF(left, PROFILE_MOST), PROFILE_LEAST);
}

void flight_detail_draw(struct flight_detail *d, const struct app *app, uint32_t icao,
                        struct canvas *canvas, struct rect area)
{
    const struct flight *f = flight_table_find(app->flights, icao);
    struct rect inside = {area.x + 1, area.y, area.w - 2, area.h};
    if (f == NULL) {
        empty_draw(canvas, area, "This aircraft is not heard any more.",
                   "Esc goes back to the list.");
        return;
    }
    struct pen pen = pen_on(canvas, inside);
    draw_head(&pen, app, f);
    struct rect body = {inside.x, inside.y + 3, inside.w, inside.h - 3};
    int rows = d->trail ? body.h / 2 : field_rows(f, body.w);
    int h = profile_height(app, icao, rows, body);
    body.h -= h;
    if (h > 0)
        flight_profile_draw(app, canvas,
                            (struct rect){body.x, body.y + body.h, body.w, h});
    if (d->trail)
        draw_trail(d, app, canvas, body);
    else
        draw_fields(d, app, f, canvas, body);
}
