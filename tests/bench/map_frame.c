/*
 * How long one frame of a view takes with 25,000 aircraft on 200x50, as the
 * terminal has it: the data's times moved on, the view updated and drawn. Prints
 * the median of its CPU time in ms.
 *
 *     map_frame [VIEW]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "views/views.h"

enum { AIRCRAFT = 25000, WIDTH = 200, HEIGHT = 50, FRAMES = 41 };

static void put_aircraft(struct app *app, uint32_t number, int64_t now_ms)
{
    struct observation obs = {
        .icao = 0x400000 + number,
        .now_ms = now_ms,
        .heard_at_ms = now_ms,
        .pos_at_ms = now_ms,
    };
    uint32_t mixed = number * UINT32_C(2654435761);
    obs.v.num[FLIGHT_LAT] = (int32_t)(mixed % 13000000) - 5500000;
    obs.v.num[FLIGHT_LON] = (int32_t)(mixed / 7 % 36000000) - 18000000;
    obs.v.num[FLIGHT_ALT_BARO] = (int32_t)(mixed / 3 % 42000);
    obs.v.num[FLIGHT_TRACK] = (int32_t)(mixed / 5 % 3600);
    obs.v.num[FLIGHT_GS] = 4300;
    snprintf(obs.v.callsign, sizeof obs.v.callsign, "TST%u", number);
    obs.present = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
                  FLIGHT_BIT(FLIGHT_ALT_BARO) | FLIGHT_BIT(FLIGHT_TRACK) |
                  FLIGHT_BIT(FLIGHT_GS) | FLIGHT_BIT(FLIGHT_CALLSIGN);
    flight_table_put(app->flights, &obs, true, 1);
}

static int ascending(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* CPU time: what other programs take does not count. */
static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t frame_ns(struct app *app, const struct view_class *view, void *state,
                        struct canvas *canvas)
{
    app->mono_ms += 1000;
    app->wall_ms += 1000;
    app->flights_version++;
    int64_t began = cpu_ns();
    canvas_clear(canvas);
    if (view->update != NULL)
        view->update(state, app);
    view->draw(state, app, canvas, (struct rect){0, 1, WIDTH, HEIGHT - 3});
    return cpu_ns() - began;
}

int main(int argc, char **argv)
{
    struct app app;
    int64_t took[FRAMES];
    int64_t now_ms = clock_wall_ms();
    size_t index = view_by_name(argc > 1 ? argv[1] : "map");
    if (index >= view_count())
        return 2;
    const struct view_class *view = view_at(index);
    void *state = xcalloc(1, view->state_size + 1);
    struct canvas *canvas = canvas_new(WIDTH, HEIGHT, false);
    app_init(&app);
    app_set_time(&app, clock_mono_ms(), now_ms);
    app.has_snapshot = true;
    app.link.state = LINK_UP;
    for (uint32_t i = 0; i < AIRCRAFT; i++)
        put_aircraft(&app, i, now_ms + 30000);
    if (view->open != NULL)
        view->open(state, &app);
    for (size_t i = 0; i < FRAMES; i++)
        took[i] = frame_ns(&app, view, state, canvas);
    qsort(took, FRAMES, sizeof took[0], ascending);
    int64_t median = took[(size_t)FRAMES / 2];
    printf("%s: %.2f ms a frame\n", view->name, (double)median / 1e6);
    if (view->release != NULL)
        view->release(state);
    free(state);
    canvas_free(canvas);
    app_release(&app);
    return 0;
}
