#include "widgets/map_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "widgets/coast.h"
#include "widgets/sun.h"

/* Dots wider than these leave out borders; closer in there is no need for stars. */
#define BORDER_DEGREES 0.3
#define NIGHT_DEGREES  0.05
#define UNIT           0.01 /* degrees, of the table */

static const double pi = 3.14159265358979323846;

/* ---- coasts and borders -------------------------------------------------------- */

/* Where the table's units are in dots: x = x0 + lon * scale, y = y0 - height * scale.
 */
struct frame {
    double x0, y0, scale, w, h;
};

static bool misses(const struct frame *f, const struct coast_line *line)
{
    return f->x0 + line->high.x * f->scale < 0 || f->y0 - line->low.y * f->scale < 0 ||
           f->x0 + line->low.x * f->scale > f->w ||
           f->y0 - line->high.y * f->scale > f->h;
}

/* Smaller than half a dot: an islet that would only be noise. */
static bool vanishes(const struct frame *f, const struct coast_line *line)
{
    return (line->high.x - line->low.x) * f->scale < 0.5 &&
           (line->high.y - line->low.y) * f->scale < 0.5;
}

static void draw_coast(const struct frame *f, struct dots *dots,
                       const struct coast_line *line)
{
    const struct coast_step *steps = coast_steps(line);
    enum role role = line->border ? ROLE_BORDER : ROLE_COAST;
    int x = line->start.x;
    int y = line->start.y;
    double from[2] = {f->x0 + x * f->scale, f->y0 - y * f->scale};
    if (misses(f, line) || vanishes(f, line))
        return;
    for (unsigned i = 0; i + 1 < line->count; i++) {
        x += steps[i].x;
        y += steps[i].y;
        const double to[2] = {f->x0 + x * f->scale, f->y0 - y * f->scale};
        bool short_step = fabs(to[0] - from[0]) < 0.7 && fabs(to[1] - from[1]) < 0.7;
        if (short_step && i + 2 < line->count)
            continue;
        dots_line(dots, role, from, to);
        from[0] = to[0];
        from[1] = to[1];
    }
}

/* The whole table, shifted by a turn where the date line is in sight. */
static void draw_coasts(const struct map_canvas *m, struct dots *dots, bool borders,
                        double turn_deg)
{
    const struct frame f = {
        .x0 =
            m->area.w * DOTS_ACROSS / 2.0 - (m->centre.lon_deg - turn_deg) / m->degrees,
        .y0 = m->area.h * DOTS_DOWN / 2.0 +
              map_height_deg(m->centre.lat_deg) / m->degrees,
        .scale = UNIT / m->degrees,
        .w = m->area.w * DOTS_ACROSS,
        .h = m->area.h * DOTS_DOWN,
    };
    for (size_t i = 0; i < coast_line_count(); i++) {
        const struct coast_line *line = coast_line_at(i);
        if ((line->border != 0) == borders)
            draw_coast(&f, dots, line);
    }
}

static void draw_world(const struct map_canvas *m, struct dots *dots)
{
    double half = m->area.w * DOTS_ACROSS / 2.0 * m->degrees;
    /* Borders first: where both meet in a cell, the coast's colour stays. */
    for (int coasts = m->degrees > BORDER_DEGREES ? 1 : 0; coasts < 2; coasts++) {
        draw_coasts(m, dots, coasts == 0, 0);
        if (m->centre.lon_deg - half < -180)
            draw_coasts(m, dots, coasts == 0, -360);
        if (m->centre.lon_deg + half > 180)
            draw_coasts(m, dots, coasts == 0, 360);
    }
}

/* ---- night --------------------------------------------------------------------- */

/* The height of the sun at a dot is a + b * cosine: both by row, one by column. */
struct sky_light {
    struct geo_point overhead;
    double *cosines; /* per column of dots */
};

static void draw_terminator_row(const struct map_canvas *m, struct dots *dots,
                                const struct sky_light *light, int y)
{
    double height = map_height_deg(m->centre.lat_deg) +
                    (m->area.h * DOTS_DOWN / 2.0 - (y + 0.5)) * m->degrees;
    double lat = map_latitude_deg(height) * pi / 180;
    double sun = light->overhead.lat_deg * pi / 180;
    double a = sin(lat) * sin(sun) - SUN_SET_SINE;
    double b = cos(lat) * cos(sun);
    double next_lat = map_latitude_deg(height - m->degrees) * pi / 180;
    double next_a = sin(next_lat) * sin(sun) - SUN_SET_SINE;
    double next_b = cos(next_lat) * cos(sun);
    int w = m->area.w * DOTS_ACROSS;
    for (int x = 0; x + 1 < w; x++) {
        bool night = a + b * light->cosines[x] < 0;
        bool edge = night != (a + b * light->cosines[x + 1] < 0) ||
                    night != (next_a + next_b * light->cosines[x] < 0);
        bool star =
            night && y % (3 * DOTS_DOWN) == 1 &&
            (x + (y / (3 * DOTS_DOWN) % 2) * 3 * DOTS_ACROSS) % (6 * DOTS_ACROSS) == 0;
        if ((edge && (x + y) % 2 == 0) ||
            (star && dots->bits[y / DOTS_DOWN * dots->w + x / DOTS_ACROSS] == 0))
            dots_set(dots, ROLE_NIGHT, x, y);
    }
}

static void darken_row(const struct map_canvas *m, struct map_world *world,
                       const struct sky_light *light, int y)
{
    double lat = map_place(m, 0, y).lat_deg * pi / 180;
    double sun = light->overhead.lat_deg * pi / 180;
    double a = sin(lat) * sin(sun) - SUN_SET_SINE;
    double b = cos(lat) * cos(sun);
    for (int x = 0; x < m->area.w; x++) {
        int i = y * m->area.w + x;
        world->night[i] = a + b * light->cosines[x * DOTS_ACROSS + 1] < 0;
        if (world->night[i])
            world->dots.roles[i] = ROLE_NIGHT;
    }
}

static void draw_night(const struct map_canvas *m, struct map_world *world,
                       int64_t now_ms)
{
    int w = m->area.w * DOTS_ACROSS;
    struct sky_light light = {sun_overhead(now_ms),
                              xreallocarray(NULL, (size_t)w, sizeof(double))};
    for (int x = 0; x < w; x++) {
        double east = (x + 0.5 - w / 2.0) * m->degrees;
        light.cosines[x] =
            cos((m->centre.lon_deg + east - light.overhead.lon_deg) * (pi / 180));
    }
    for (int y = 0; y < m->area.h; y++)
        darken_row(m, world, &light, y);
    for (int y = 0; y < m->area.h * DOTS_DOWN && m->degrees > NIGHT_DEGREES; y++)
        draw_terminator_row(m, &world->dots, &light, y);
    free(light.cosines);
}

/* ---- keeping -------------------------------------------------------------- */

static bool same(double a, double b)
{
    return !(a < b || a > b);
}

static bool is_current(const struct map_world *w, const struct map_canvas *m,
                       int64_t minute)
{
    return w->drawn && w->area.w == m->area.w && w->area.h == m->area.h &&
           same(w->degrees, m->degrees) && same(w->centre.lat_deg, m->centre.lat_deg) &&
           same(w->centre.lon_deg, m->centre.lon_deg) && w->minute == minute;
}

void map_world_take(struct map_world *world, const struct map_canvas *m, int64_t now_ms)
{
    int64_t minute = now_ms < 0 ? -1 : now_ms / 60000;
    size_t cells = (size_t)MAX_OF(m->area.w, 1) * (size_t)MAX_OF(m->area.h, 1);
    if (is_current(world, m, minute))
        return;
    dots_resize(&world->dots, m->area.w, m->area.h);
    world->night = xreallocarray(world->night, cells, 1);
    memset(world->night, 0, cells);
    world->area = m->area;
    world->centre = m->centre;
    world->degrees = m->degrees;
    world->minute = minute;
    world->drawn = true;
    draw_world(m, &world->dots);
    if (minute >= 0)
        draw_night(m, world, minute * 60000);
}

void map_world_release(struct map_world *world)
{
    dots_release(&world->dots);
    free(world->night);
    memset(world, 0, sizeof *world);
}
