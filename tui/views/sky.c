#include "views/sky.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/filter.h"
#include "views/sky_labels.h"
#include "views/sky_layers.h"
#include "views/sky_marks.h"

#define DEGREES_MIN 0.0005
#define DEGREES_MAX 3.0
#define FIT_MARGIN  1.15

void sky_update(struct sky *sky, const struct app *app)
{
    flight_tails_sample(&sky->tails, app->flights, app->mono_ms);
}

/* ---- where ---------------------------------------------------------------- */

/* West and east of all that matches, longitudes from `from` on; false: none. */
static bool span(const struct app *app, int32_t from_e5, struct geo_box_fixed *ret)
{
    const struct filter_context context = {app_server_now_ms(app), app->has_home,
                                           app->home};
    struct geo_box_fixed box = {INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    for (size_t i = 0; i < flight_table_slots(app->flights); i++) {
        const struct flight *f = flight_table_at(app->flights, i);
        if (f == NULL || !flight_has_position(f) ||
            !filter_match(app->list.filter, f, &context))
            continue;
        int32_t lat = f->v.num[FLIGHT_LAT];
        int32_t lon = f->v.num[FLIGHT_LON];
        lon += lon < from_e5 ? 2 * GEO_LON_MAX_E5 : 0;
        box.west = MIN_OF(box.west, lon);
        box.east = MAX_OF(box.east, lon);
        box.south = MIN_OF(box.south, lat);
        box.north = MAX_OF(box.north, lat);
    }
    *ret = box;
    return box.west <= box.east;
}

/* The narrower of both: flights on both sides of the date line are neighbours. */
static bool bounds(const struct app *app, struct geo_box_fixed *ret)
{
    struct geo_box_fixed pacific;
    if (!span(app, -GEO_LON_MAX_E5, ret) || !span(app, 0, &pacific))
        return false;
    if (pacific.east - pacific.west < ret->east - ret->west)
        *ret = pacific;
    return true;
}

double sky_bounded_degrees(double degrees, struct rect area)
{
    double world = 360.0 / (MAX_OF(area.w, 1) * DOTS_ACROSS);
    return fmin(fmax(degrees, DEGREES_MIN), fmin(fmax(world, 0.1), DEGREES_MAX));
}

bool sky_fit(const struct app *app, struct rect area, struct geo_point *ret_centre,
             double *ret_degrees)
{
    struct geo_box_fixed box;
    if (!bounds(app, &box))
        return false;
    double e5 = GEO_E5;
    double north = map_height_deg(box.north / e5);
    double south = map_height_deg(box.south / e5);
    double across = (box.east - box.west) / e5 / (area.w * DOTS_ACROSS);
    double down = (north - south) / (area.h * DOTS_DOWN);
    *ret_centre = (struct geo_point){map_latitude_deg((north + south) / 2),
                                     geo_wrap_lon((box.west / e5 + box.east / e5) / 2)};
    *ret_degrees = sky_bounded_degrees(fmax(across, down) * FIT_MARGIN, area);
    return true;
}

/* ---- drawing -------------------------------------------------------------- */

static int64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037U;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return (int64_t)(hash >> 1);
}

static int64_t bits_of(const struct sky_options *options)
{
    return options->labels + 2 * options->details + 4 * options->night +
           8 * options->tails + 16 * options->clusters;
}

/* Ages move marks, once a second. */
static struct sky_key make_key(const struct map_canvas *m, const struct app *app,
                               const struct sky_options *options)
{
    return (struct sky_key){{
        llround(m->degrees * 1e9),
        llround(m->centre.lat_deg * 1e7),
        llround(m->centre.lon_deg * 1e7),
        m->area.x,
        m->area.y,
        m->area.w,
        m->area.h,
        canvas_dots(m->canvas),
        bits_of(options),
        (int64_t)(intptr_t)app->flights, /* the past has another table */
        (int64_t)app->flights_version,
        hash_text(app->list.filter_text),
        app_server_now_ms(app) / 1000,
        app->selected,
        app->trail.icao,
        (int64_t)app->trail.count,
        (int64_t)app->list.acked_count,
        app->units,
        app->link.state,
    }};
}

static void draw_all(struct sky *sky, const struct map_canvas *m, const struct app *app,
                     const struct sky_options *options)
{
    map_world_take(&sky->world, m, options->night ? app_server_now_ms(app) : -1);
    dots_copy(&sky->dots, &sky->world.dots);
    sky_clear_room(sky, m->area);
    sky_gather(sky, m, app, options);
    if (options->details) {
        sky_draw_rings(sky, m, app);
        sky_draw_way_home(sky, m, app);
    }
    if (options->tails)
        sky_draw_tails(sky, m, app);
    sky_draw_trail(sky, m, app);
    dots_paint(&sky->dots, m->canvas, m->area);
    sky_draw_marks(sky, m, app);
    if (options->details) {
        sky_draw_card(sky, m, app);
        sky_draw_legend(sky, m, app);
        sky_draw_ring_texts(sky, m, app);
        sky_draw_airports(sky, m);
    }
    sky_draw_labels(sky, m, app, options->labels);
}

static bool is_kept(const struct sky *sky, const struct sky_key *key,
                    const struct canvas *canvas)
{
    return sky->kept != NULL && memcmp(&sky->key, key, sizeof *key) == 0 &&
           canvas_width(sky->kept) == canvas_width(canvas) &&
           canvas_height(sky->kept) == canvas_height(canvas);
}

void sky_draw(struct sky *sky, const struct map_canvas *m, const struct app *app,
              const struct sky_options *options)
{
    const struct sky_key key = make_key(m, app, options);
    if (!is_kept(sky, &key, m->canvas)) {
        canvas_free(sky->kept);
        sky->kept = canvas_new(canvas_width(m->canvas), canvas_height(m->canvas),
                               canvas_is_ascii(m->canvas));
        canvas_set_dots(sky->kept, canvas_dots(m->canvas));
        struct map_canvas onto = *m;
        onto.canvas = sky->kept;
        draw_all(sky, &onto, app, options);
        sky->key = key;
    }
    canvas_copy(m->canvas, sky->kept, m->area);
    if (sky->cursor_x >= 0)
        canvas_set_cursor(m->canvas, m->area.x + sky->cursor_x,
                          m->area.y + sky->cursor_y, false);
}
