/*
 * What one frame of the map costs: 25,000 aircraft over the world, 200x50, all of
 * it drawn anew but the coasts, as a delta makes it. Prints microseconds of CPU a
 * frame, the median of many, and the same with the coasts (after a key that moves
 * the map).
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "base/clock.h"
#include "flight/observation.h"
#include "ui/canvas.h"
#include "views/sky.h"

enum { AIRCRAFT = 25000, FRAMES = 101, WIDTH = 200, HEIGHT = 50 };
#define NOW_MS INT64_C(1767268800000)

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Half of them in two dense regions, the others anywhere planes fly. */
static void add_aircraft(struct app *app, uint32_t *seed, uint32_t number)
{
    struct observation obs = {.icao = 0x400000 + number * 13, .now_ms = NOW_MS};
    int32_t region = (int32_t)(number % 4);
    int32_t lon = (int32_t)(next_random(seed) % 3600) * 10000 - 18000000;
    int32_t lat = (int32_t)(next_random(seed) % 1200) * 10000 - 5000000;
    lon = region == 0 ? lon / 10 + 1000000 : region == 1 ? lon / 8 - 9000000 : lon;
    lat = region == 0 ? lat / 10 + 4800000 : region == 1 ? lat / 8 + 3800000 : lat;
    obs.heard_at_ms = obs.pos_at_ms = NOW_MS;
    obs.present = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
                  FLIGHT_BIT(FLIGHT_TRACK) | FLIGHT_BIT(FLIGHT_ALT_BARO);
    obs.v.num[FLIGHT_LAT] = lat;
    obs.v.num[FLIGHT_LON] = lon;
    obs.v.num[FLIGHT_TRACK] = (int32_t)(next_random(seed) % 3600);
    obs.v.num[FLIGHT_ALT_BARO] = (int32_t)(next_random(seed) % 41000);
    flight_table_put(app->flights, &obs, true, 1);
}

static int ascending(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

static int64_t frame_us(struct app *app, struct canvas *canvas, bool moving)
{
    struct sky sky = {0};
    const struct sky_options options = {.labels = true,
                                        .details = true,
                                        .night = true,
                                        .tails = true,
                                        .clusters = true};
    int64_t times_us[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
        struct map_canvas m = {canvas, {0, 1, WIDTH, HEIGHT - 3}, {18, 0}, 0.9};
        m.centre.lon_deg += moving ? i * 0.9 : 0;
        int64_t start_us = clock_thread_cpu_us();
        app->flights_version++;
        canvas_clear(canvas);
        sky_draw(&sky, &m, app, &options);
        times_us[i] = clock_thread_cpu_us() - start_us;
    }
    sky_release(&sky);
    qsort(times_us, FRAMES, sizeof times_us[0], ascending);
    return times_us[FRAMES / 2];
}

int main(void)
{
    struct app app;
    uint32_t seed = 1;
    app_init(&app);
    app_set_time(&app, 1000, NOW_MS);
    for (uint32_t i = 0; i < AIRCRAFT; i++)
        add_aircraft(&app, &seed, i);
    struct canvas *canvas = canvas_new(WIDTH, HEIGHT, false);
    printf("frame_us %lld\n", (long long)frame_us(&app, canvas, false));
    printf("moved_us %lld\n", (long long)frame_us(&app, canvas, true));
    canvas_free(canvas);
    app_release(&app);
    return 0;
}
