#include "views/sky_scene.h"

#include <stdlib.h>
#include <string.h>

#include "app/flight_ghost.h"
#include "base/alloc.h"

enum { NEAR_CELLS_SQUARED = 9 };

void sky_release(struct sky *sky)
{
    map_world_release(&sky->world);
    dots_release(&sky->dots);
    flight_tails_release(&sky->tails);
    canvas_free(sky->kept);
    free(sky->spots);
    free(sky->blocks);
    free(sky->taken);
    memset(sky, 0, sizeof *sky);
}

bool sky_place(const struct app *app, const struct flight *f,
               struct geo_point *ret_place, bool *ret_ghost)
{
    if (f == NULL || !flight_has_position(f))
        return false;
    *ret_ghost = app->link.state == LINK_DOWN &&
                 flight_ghost_place(f, app_server_now_ms(app), ret_place);
    if (!*ret_ghost)
        *ret_place = (struct geo_point){f->v.num[FLIGHT_LAT] / (double)GEO_E5,
                                        f->v.num[FLIGHT_LON] / (double)GEO_E5};
    return true;
}

/* ---- room ----------------------------------------------------------------- */

bool sky_has_room(const struct sky *sky, int x, int y, int width)
{
    if (x < 0 || x + width > sky->area.w || y < 0 || y >= sky->area.h)
        return false;
    return memchr(&sky->taken[y * sky->area.w + x], 1, (size_t)width) == NULL;
}

void sky_take_room(struct sky *sky, int x, int y, int width)
{
    int from = MAX_OF(x, 0);
    int to = MIN_OF(x + width, sky->area.w);
    if (y >= 0 && y < sky->area.h && from < to)
        memset(&sky->taken[y * sky->area.w + from], 1, (size_t)(to - from));
}

void sky_clear_room(struct sky *sky, struct rect area)
{
    size_t cells = (size_t)MAX_OF(area.w, 1) * (size_t)MAX_OF(area.h, 1);
    sky->area = area;
    sky->taken = xreallocarray(sky->taken, cells, 1);
    memset(sky->taken, 0, cells);
}

/* ---- what is there -------------------------------------------------------- */

uint32_t sky_flight_at(const struct sky *sky, int x, int y)
{
    int best = NEAR_CELLS_SQUARED;
    uint32_t found = 0;
    for (size_t i = 0; i < sky->count; i++) {
        const struct sky_spot *s = &sky->spots[i];
        int far = (s->x - x) * (s->x - x) / 4 + (s->y - y) * (s->y - y);
        if (!s->hidden && far < best) {
            best = far;
            found = s->icao;
        }
    }
    return found;
}

bool sky_is_cluster(const struct sky *sky, int x, int y)
{
    for (size_t i = 0; i < sky->count; i++) {
        const struct sky_spot *s = &sky->spots[i];
        if (s->hidden && abs(s->x - x) <= 3 && abs(s->y - y) <= 1)
            return true;
    }
    return false;
}

static int64_t reading_order(const struct sky_spot *s)
{
    return (((int64_t)s->y * CANVAS_MAX_WIDTH + s->x) << 32) + s->icao;
}

uint32_t sky_step(const struct sky *sky, uint32_t from, int step)
{
    const struct sky_spot *start = NULL;
    const struct sky_spot *next = NULL;
    const struct sky_spot *first = NULL;
    for (size_t i = 0; i < sky->count; i++)
        start = sky->spots[i].icao == from ? &sky->spots[i] : start;
    for (size_t i = 0; i < sky->count; i++) {
        const struct sky_spot *s = &sky->spots[i];
        int64_t at = reading_order(s) * step;
        if (first == NULL || at < reading_order(first) * step)
            first = s;
        if (start != NULL && at > reading_order(start) * step &&
            (next == NULL || at < reading_order(next) * step))
            next = s;
    }
    next = next != NULL ? next : first;
    return next != NULL ? next->icao : 0;
}
