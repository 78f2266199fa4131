#include "views/flight_detail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flight/country.h"
#include "flight/flight_fields.h"
#include "flight/flight_names.h"
#include "flight/operator.h"
#include "views/age_text.h"
#include "views/empty.h"
#include "widgets/graph.h"

enum { FIELD_TITLE = 12, FIELD_VALUE = 22, FIELD_AGE = 8, FIELD_WIDTH = 46 };

void flight_detail_open(struct flight_detail *d)
{
    *d = (struct flight_detail){0};
}

bool flight_detail_act(struct flight_detail *d, enum action action)
{
    int step = action == ACTION_PAGE_UP     ? -d->page
               : action == ACTION_PAGE_DOWN ? d->page
               : action == ACTION_HOME      ? -d->top
                                            : 0;
    if (step == 0)
        return false;
    d->top = MAX_OF(MIN_OF(d->top + step, d->rows - d->page), 0);
    return true;
}

/* ---- values ------------------------------------------------------------------- */

static void bits_text(enum flight_field field, int32_t bits, struct strbuf *out)
{
    for (unsigned bit = 0; bit < 16; bit++) {
        const char *word = bits >> bit & 1 ? flight_bit_text(field, bit) : NULL;
        if (word != NULL)
            strbuf_addf(out, "%s%s", out->len > 0 ? " " : "", word);
    }
}

static void value_text(const struct flight *f, enum flight_field field,
                       struct strbuf *out)
{
    const struct flight_field_info *info = &flight_field_info[field];
    char category[FLIGHT_CATEGORY_SIZE];
    int32_t v = info->kind == FLIGHT_KIND_TEXT ? 0 : f->v.num[field];
    const char *word;
    switch (info->kind) {
    case FLIGHT_KIND_TEXT:
        strbuf_add_text(out, flight_values_text(&f->v, field));
        break;
    case FLIGHT_KIND_SQUAWK: strbuf_addf(out, "%04d", v); break;
    case FLIGHT_KIND_ENUM:
        word = flight_enum_text(field, v);
        strbuf_add_text(out, word != NULL ? word : "?");
        break;
    case FLIGHT_KIND_BITS: bits_text(field, v, out); break;
    case FLIGHT_KIND_CATEGORY:
        flight_category_text(v, category);
        strbuf_add_text(out, category);
        break;
    case FLIGHT_KIND_ALTITUDE:
        if (v == FLIGHT_ALT_GROUND) {
            strbuf_add_text(out, "on the ground");
            return;
        }
        strbuf_add_int(out, v);
        break;
    case FLIGHT_KIND_INT: strbuf_add_fixed(out, v, info->decimals); break;
    }
    if (info->unit[0] != '\0')
        strbuf_addf(out, " %s", info->unit);
}

/* Since when the field has its value: by the tick in which it came. */
static void changed_text(const struct app *app, const struct flight *f,
                         enum flight_field field, char ret_text[AGE_TEXT_SIZE])
{
    int64_t ticks = (int64_t)app->link.tick - f->field_tick[field];
    int64_t ms = ticks * app->link.tick_ms;
    ret_text[0] = '\0';
    if (ms >= 5000)
        age_text(ms, ret_text);
}

static void draw_field(struct pen *pen, const struct app *app, const struct flight *f,
                       enum flight_field field)
{
    struct strbuf value;
    char age[AGE_TEXT_SIZE];
    strbuf_init(&value, 256);
    value_text(f, field, &value);
    changed_text(app, f, field, age);
    pen_left(pen, ROLE_HEADING, FIELD_TITLE, flight_field_info[field].title);
    pen_text(pen, ROLE_TEXT, " ");
    pen_left(pen, ROLE_TEXT, FIELD_VALUE, strbuf_text(&value));
    pen_right(pen, ROLE_DIM, FIELD_AGE, age);
    strbuf_release(&value);
}

/* ---- parts --------------------------------------------------------------------- */

static void draw_head(struct pen *pen, const struct app *app, const struct flight *f)
{
    const struct flight_view_context context = app_view_context(app);
    char text[COLUMN_TEXT_SIZE];
    char hex[FLIGHT_HEX_SIZE];
    const char *emergency = flight_emergency_text(f);
    flight_format_hex(f->icao, hex);
    flight_column_text(COLUMN_CALLSIGN, f, &context, text);
    pen_text(pen, emergency != NULL ? ROLE_EMERGENCY : ROLE_STRONG, text);
    pen_textf(pen, ROLE_DIM, "  %s", hex);
    if (emergency != NULL)
        pen_textf(pen, ROLE_FAIL, "  %s", emergency);
    const enum flight_column words[] = {COLUMN_OPERATOR, COLUMN_COUNTRY_NAME,
                                        COLUMN_FLAGS};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        flight_column_text(words[i], f, &context, text);
        if (text[0] != '\0')
            pen_textf(pen, ROLE_TEXT, "  %s", text);
    }
    char heard[AGE_TEXT_SIZE];
    char place[AGE_TEXT_SIZE];
    age_text(context.now_ms - f->heard_at_ms, heard);
    age_text(context.now_ms - f->pos_at_ms, place);
    pen_to(pen, 0, 1);
    pen_textf(pen, ROLE_DIM, "heard %s ago", heard);
    if (f->pos_at_ms > 0 && flight_has_position(f))
        pen_textf(pen, ROLE_DIM, ", position %s ago", place);
    if (context.has_home) {
        char distance[COLUMN_TEXT_SIZE], bearing[COLUMN_TEXT_SIZE];
        flight_column_text(COLUMN_DIST, f, &context, distance);
        flight_column_text(COLUMN_BEARING, f, &context, bearing);
        if (distance[0] != '\0')
            pen_textf(pen, ROLE_DIM, ", %s %s from home at %s", distance,
                      flight_column_info(COLUMN_DIST)->unit[context.units], bearing);
    }
}

static void draw_fields(struct flight_detail *d, const struct app *app,
                        const struct flight *f, struct canvas *canvas, struct rect area)
{
    int across = MAX_OF(area.w / FIELD_WIDTH, 1);
    int known = __builtin_popcountll(f->known);
    int rows = (known + across - 1) / across;
    d->rows = rows;
    d->page = MAX_OF(area.h, 1);
    d->top = MAX_OF(MIN_OF(d->top, rows - d->page), 0);
    int i = 0;
    struct pen pen = pen_on(canvas, area);
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++) {
        if (!flight_has(f, (enum flight_field)field))
            continue;
        int y = i % rows - d->top;
        pen_to(&pen, i / rows * FIELD_WIDTH, y);
        i++;
        if (y >= 0)
            draw_field(&pen, app, f, (enum flight_field)field);
    }
}

/* Altitude and speed over the trail, when there is one and room for it. */
static void draw_profile(const struct app *app, struct canvas *canvas, struct rect area)
{
    const struct trail *t = &app->trail;
    int64_t time_ms[APP_TRAIL_MAX];
    double altitude[APP_TRAIL_MAX];
    double speed[APP_TRAIL_MAX];
    size_t n = 0;
    for (size_t i = 0; i < t->count && n < APP_TRAIL_MAX; i++) {
        time_ms[n] = t->points[i].time_ms;
        altitude[n] = t->points[i].altitude_ft;
        speed[n] = t->points[i].ground_speed_kt;
        n += isfinite(altitude[n]) && isfinite(speed[n]) ? 1 : 0;
    }
    struct pen pen = pen_on(canvas, area);
    pen_text(&pen, ROLE_HEADING, "ALT ft");
    pen_to(&pen, area.w / 2, 0);
    pen_text(&pen, ROLE_HEADING, "GS kt");
    const struct graph_line lines[] = {{"altitude", time_ms, altitude, n},
                                       {"speed", time_ms, speed, n}};
    struct graph g = {.line_count = 1, .gap_ms = 120000, .unit = ""};
    g.to_ms = app_server_now_ms(app);
    g.from_ms = n > 0 ? MIN_OF(time_ms[0], g.to_ms - 60000) : g.to_ms - 60000;
    for (int i = 0; i < 2; i++) {
        int w = area.w / 2 - 1;
        g.lines = &lines[i];
        graph_draw(&g, canvas,
                   (struct rect){area.x + i * (area.w / 2), area.y + 1, w, area.h - 1});
    }
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
    struct rect fields = {inside.x, inside.y + 3, inside.w, inside.h - 3};
    bool profile = app->trail.icao == icao && app->trail.count > 1 && fields.h > 18 &&
                   fields.w >= 60;
    if (profile) {
        int h = MIN_OF(fields.h / 3, 10);
        fields.h -= h;
        draw_profile(app, canvas,
                     (struct rect){fields.x, fields.y + fields.h, fields.w, h});
    }
    draw_fields(d, app, f, canvas, fields);
}
