#include "views/flight_profile.h"

#include <math.h>
#include <stdio.h>

#include "views/age_text.h"
#include "widgets/graph.h"

enum { GAP_MS = 120000, SHORTEST_MS = 60000, FAR_WIDTH = 60 };

bool flight_profile_has(const struct app *app, uint32_t icao)
{
    return app->trail.icao == icao && app->trail.count > 1;
}

/* ---- graphs ------------------------------------------------------------------- */

struct line {
    int64_t time_ms[APP_TRAIL_MAX];
    double value[APP_TRAIL_MAX];
    size_t count;
};

static void add(struct line *line, int64_t time_ms, double value)
{
    if (!isfinite(value) || line->count == APP_TRAIL_MAX)
        return;
    line->time_ms[line->count] = time_ms;
    line->value[line->count++] = value;
}

static void draw_line(const struct app *app, const struct line *line, const char *title,
                      const char *unit, struct canvas *canvas, struct rect area)
{
    const struct graph_line one = {title, line->time_ms, line->value, line->count};
    int64_t to_ms = app_server_now_ms(app);
    int64_t first_ms = line->count > 0 ? line->time_ms[0] : to_ms;
    const struct graph g = {.lines = &one,
                            .line_count = 1,
                            .from_ms = MIN_OF(first_ms, to_ms - SHORTEST_MS),
                            .to_ms = to_ms,
                            .gap_ms = GAP_MS,
                            .unit = ""};
    struct pen pen = pen_on(canvas, area);
    pen_textf(&pen, ROLE_HEADING, "%s %s", title, unit);
    if (line->count > 0)
        pen_textf(&pen, ROLE_TEXT, "  %.0f", line->value[line->count - 1]);
    else
        pen_text(&pen, ROLE_DIM, "  not known");
    graph_draw(&g, canvas, (struct rect){area.x, area.y + 1, area.w, area.h - 1});
}

void flight_profile_draw(const struct app *app, struct canvas *canvas, struct rect area)
{
    struct line altitude = {.count = 0};
    struct line speed = {.count = 0};
    for (size_t i = 0; i < app->trail.count; i++) {
        const struct trail_point *p = &app->trail.points[i];
        add(&altitude, p->time_ms,
            units_shown(app->units, QUANTITY_ALTITUDE, p->altitude_ft));
        add(&speed, p->time_ms,
            units_shown(app->units, QUANTITY_SPEED, p->ground_speed_kt));
    }
    int half = area.w / 2;
    draw_line(app, &altitude, "ALT", units_label(app->units, QUANTITY_ALTITUDE), canvas,
              (struct rect){area.x, area.y, half - 1, area.h});
    draw_line(app, &speed, "GS", units_label(app->units, QUANTITY_SPEED), canvas,
              (struct rect){area.x + half, area.y, area.w - half - 1, area.h});
}

/* ---- the trail ------------------------------------------------------------------ */

static void number(struct pen *pen, int width, double v)
{
    char text[32] = "";
    if (isfinite(v))
        snprintf(text, sizeof text, "%.0f", v);
    pen_right(pen, ROLE_TEXT, width, text);
}

static void draw_point(const struct app *app, const struct trail_point *p, bool far,
                       struct pen *pen)
{
    const struct geo_point place = {p->lat_deg, p->lon_deg};
    char text[AGE_TEXT_SIZE];
    clock_text(p->time_ms, text);
    pen_left(pen, ROLE_DIM, 10, text);
    number(pen, 8, units_shown(app->units, QUANTITY_ALTITUDE, p->altitude_ft));
    number(pen, 7, units_shown(app->units, QUANTITY_SPEED, p->ground_speed_kt));
    pen_textf(pen, ROLE_TEXT, "  %8.4f %9.4f", p->lat_deg, p->lon_deg);
    if (!far || !app->has_home)
        return;
    double nm = geo_distance_nm(app->home, place);
    number(pen, 9, units_shown(app->units, QUANTITY_DISTANCE, nm));
    pen_textf(pen, ROLE_TEXT, "  %03d",
              (int)lround(geo_bearing_deg(app->home, place)) % 360);
}

void flight_trail_draw(const struct app *app, size_t top, struct canvas *canvas,
                       struct rect area)
{
    const struct trail *t = &app->trail;
    struct pen pen = pen_on(canvas, area);
    bool far = area.w >= FAR_WIDTH;
    pen_textf(&pen, ROLE_HEADING, "%-10s%5s %-2s%4s %-4s%9s %9s", "TIME", "ALT",
              units_label(app->units, QUANTITY_ALTITUDE), "GS",
              units_label(app->units, QUANTITY_SPEED), "LAT", "LON");
    if (far && app->has_home)
        pen_textf(&pen, ROLE_HEADING, "%6s %-2s  BRG", "DIST",
                  units_label(app->units, QUANTITY_DISTANCE));
    for (int y = 1; y < area.h && top + (size_t)y - 1 < t->count; y++) {
        pen_to(&pen, 0, y);
        draw_point(app, &t->points[t->count - (top + (size_t)y)], far, &pen);
    }
}
