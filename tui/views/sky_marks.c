/*
 * Thousands of flights a frame: their cells come from the map's grid, without
 * trigonometry, and only those in sight are looked at again. Blocks of cells are
 * counted; a block with more than it can show becomes a number. Blocks keep to
 * the world, not to the screen, so that numbers stay while the map moves.
 */
#include "views/sky_marks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "flight/filter.h"
#include "views/altitude_role.h"

enum { BLOCK_W = 6, BLOCK_H = 3, BLOCK_FULL = 6, COUNT_SIZE = 12 };

/* ---- which --------------------------------------------------------------------- */

static bool is_urgent(const struct app *app, const struct flight *f)
{
    return flight_emergency_text(f) != NULL &&
           !flight_list_is_acked(&app->list, f->icao);
}

static void add_spot(struct sky *sky, const struct sky_spot *spot)
{
    if (sky->count == sky->room) {
        sky->room = sky->room == 0 ? 256 : sky->room * 2;
        sky->spots = xreallocarray(sky->spots, sky->room, sizeof *sky->spots);
    }
    sky->spots[sky->count++] = *spot;
}

struct look {
    struct sky *sky;
    const struct app *app;
    const struct map_grid *grid;
    struct filter_context context;
    bool down; /* the link is: positions are guessed on */
};

static void look_at(const struct look *look, const struct flight *f)
{
    const struct app *app = look->app;
    struct geo_point p;
    int x, y;
    struct sky_spot spot = {.f = f, .icao = f->icao};
    int32_t lat_e5 = f->v.num[FLIGHT_LAT];
    int32_t lon_e5 = f->v.num[FLIGHT_LON];
    if (!flight_has_position(f))
        return;
    if (look->down && sky_place(app, f, &p, &spot.ghost) && spot.ghost) {
        lat_e5 = geo_to_e5(p.lat_deg);
        lon_e5 = geo_to_e5(p.lon_deg);
    }
    if (!map_grid_cell(look->grid, lat_e5, lon_e5, &x, &y) ||
        !filter_match(app->list.filter, f, &look->context))
        return;
    spot.urgent = is_urgent(app, f);
    if (look->context.now_ms - f->pos_at_ms > (int64_t)SKY_OFF_MAP_S * 1000 &&
        !spot.urgent && !spot.ghost && f->icao != app->selected)
        return;
    spot.x = (int16_t)x;
    spot.y = (int16_t)y;
    look->sky->ghosts += spot.ghost ? 1 : 0;
    add_spot(look->sky, &spot);
}

/* ---- clusters ------------------------------------------------------------------ */

static int wrapped(double cells, int size)
{
    int n = (int)fmod(floor(cells), size);
    return n < 0 ? n + size : n;
}

static void place_blocks(struct sky *sky, const struct map_canvas *m)
{
    double east = m->centre.lon_deg / (m->degrees * DOTS_ACROSS) - m->area.w / 2.0;
    double south =
        -map_height_deg(m->centre.lat_deg) / (m->degrees * DOTS_DOWN) - m->area.h / 2.0;
    sky->block_x = wrapped(east, BLOCK_W);
    sky->block_y = wrapped(south, BLOCK_H);
    sky->blocks_across = (m->area.w + sky->block_x) / BLOCK_W + 1;
    sky->blocks_down = (m->area.h + sky->block_y) / BLOCK_H + 1;
    size_t n = (size_t)sky->blocks_across * (size_t)sky->blocks_down;
    sky->blocks = xreallocarray(sky->blocks, n, sizeof *sky->blocks);
    memset(sky->blocks, 0, n * sizeof *sky->blocks);
}

static struct sky_block *block_of(const struct sky *sky, int x, int y)
{
    int column = (x + sky->block_x) / BLOCK_W;
    int row = (y + sky->block_y) / BLOCK_H;
    return &sky->blocks[row * sky->blocks_across + column];
}

static void count_blocks(struct sky *sky)
{
    for (size_t i = 0; i < sky->count; i++) {
        const struct sky_spot *s = &sky->spots[i];
        struct sky_block *b = block_of(sky, s->x, s->y);
        unsigned role = altitude_role(s->f) - ROLE_ALT_GROUND;
        b->count++;
        b->sum_x += (uint32_t)s->x;
        b->sum_y += (uint32_t)s->y;
        b->by_role[MIN_OF(role, 4U)]++;
    }
}

void sky_gather(struct sky *sky, const struct map_canvas *m, const struct app *app,
                const struct sky_options *options)
{
    struct map_grid grid;
    const struct look look = {sky,
                              app,
                              &grid,
                              {app_server_now_ms(app), app->has_home, app->home},
                              app->link.state == LINK_DOWN};
    map_grid_init(&grid, m);
    sky->count = sky->marks = sky->clusters = sky->ghosts = 0;
    for (size_t i = 0; i < flight_table_slots(app->flights); i++) {
        const struct flight *f = flight_table_at(app->flights, i);
        if (f != NULL)
            look_at(&look, f);
    }
    place_blocks(sky, m);
    count_blocks(sky);
    for (size_t i = 0; i < sky->count; i++) {
        struct sky_spot *s = &sky->spots[i];
        s->hidden = options->clusters && !s->urgent && s->icao != app->selected &&
                    block_of(sky, s->x, s->y)->count > BLOCK_FULL;
        sky->marks += s->hidden ? 0 : 1;
    }
}

/* ---- drawing ------------------------------------------------------------------- */

const char *sky_arrow(const struct flight *f, bool ghost)
{
    static const char *const arrows[] = {"↑", "↗", "→", "↘", "↓", "↙", "←", "↖"};
    static const char *const dashed[] = {"⇡", "⇢", "⇣", "⇠"};
    if (flight_on_ground(f))
        return "▪";
    if (!flight_has(f, FLIGHT_TRACK))
        return "•";
    int track = f->v.num[FLIGHT_TRACK];
    return ghost ? dashed[(track + 450) / 900 % 4] : arrows[(track + 225) / 450 % 8];
}

static void draw_mark(struct sky *sky, const struct map_canvas *m,
                      const struct app *app, const struct sky_spot *s)
{
    int64_t age_ms = app_server_now_ms(app) - s->f->pos_at_ms;
    bool stale = age_ms > (int64_t)SKY_STALE_S * 1000;
    struct pen pen = pen_on(m->canvas, m->area);
    pen.marked = s->icao == app->selected;
    pen_to(&pen, s->x, s->y);
    pen_text(&pen,
             s->urgent           ? ROLE_EMERGENCY
             : stale || s->ghost ? ROLE_STALE
                                 : altitude_role(s->f),
             sky_arrow(s->f, s->ghost));
    sky_take_room(sky, s->x, s->y, 1);
}

static void count_text(uint32_t n, char ret_text[COUNT_SIZE])
{
    if (n < 1000)
        snprintf(ret_text, COUNT_SIZE, "%u", n);
    else
        snprintf(ret_text, COUNT_SIZE, "%.1fk", n / 1000.0);
}

static void draw_block(struct sky *sky, const struct map_canvas *m, int column, int row)
{
    const struct sky_block *b = &sky->blocks[row * sky->blocks_across + column];
    char text[COUNT_SIZE];
    unsigned most = 0;
    if (b->count <= BLOCK_FULL)
        return;
    for (unsigned i = 1; i < ARRAY_LEN(b->by_role); i++)
        most = b->by_role[i] > b->by_role[most] ? i : most;
    count_text(b->count, text);
    int width = (int)strlen(text);
    int left = MAX_OF(column * BLOCK_W - sky->block_x, 0);
    int right = MIN_OF((column + 1) * BLOCK_W - sky->block_x - 1, m->area.w) - width;
    int x = (int)(b->sum_x / b->count) - width / 2;
    struct pen pen = pen_on(m->canvas, m->area);
    x = MAX_OF(MIN_OF(x, right), left);
    int y = (int)(b->sum_y / b->count);
    pen_to(&pen, x, y);
    pen_text(&pen, (enum role)(ROLE_ALT_GROUND + most), text);
    sky_take_room(sky, x, y, width);
    sky->clusters++;
}

void sky_draw_marks(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    const struct sky_spot *last = NULL;
    for (int row = 0; row < sky->blocks_down && sky->marks < sky->count; row++) {
        for (int column = 0; column < sky->blocks_across; column++)
            draw_block(sky, m, column, row);
    }
    for (size_t i = 0; i < sky->count; i++) {
        const struct sky_spot *s = &sky->spots[i];
        if (s->icao == app->selected)
            last = s;
        else if (!s->hidden && !s->urgent)
            draw_mark(sky, m, app, s);
    }
    for (size_t i = 0; i < sky->count; i++) {
        if (sky->spots[i].urgent)
            draw_mark(sky, m, app, &sky->spots[i]);
    }
    sky->cursor_x = last != NULL ? last->x : -1;
    sky->cursor_y = last != NULL ? last->y : -1;
    if (last != NULL)
        draw_mark(sky, m, app, last);
}
