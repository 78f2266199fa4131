/* What a sky shows: which flights, where, as what; without any terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flight/flight_fields.h"
#include "views/sky.h"

#define NOW_MS INT64_C(1767268800000)

static const struct sky_options plain = {.clusters = true};

struct world {
    struct app app;
    struct canvas *canvas;
    struct sky sky;
};

static int set_up(void **state)
{
    struct world *w = test_calloc(1, sizeof *w);
    app_init(&w->app);
    app_set_time(&w->app, 1000, NOW_MS);
    w->canvas = canvas_new(60, 20, false);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    sky_release(&w->sky);
    canvas_free(w->canvas);
    app_release(&w->app);
    test_free(w);
    return 0;
}

static void put(struct world *w, uint32_t icao, struct geo_point p, int age_s)
{
    struct observation obs = {.icao = icao, .now_ms = NOW_MS, .heard_at_ms = NOW_MS};
    obs.pos_at_ms = NOW_MS - age_s * 1000;
    obs.present = FLIGHT_BIT(FLIGHT_LAT) | FLIGHT_BIT(FLIGHT_LON) |
                  FLIGHT_BIT(FLIGHT_TRACK) | FLIGHT_BIT(FLIGHT_GS) |
                  FLIGHT_BIT(FLIGHT_ALT_BARO);
    obs.v.num[FLIGHT_LAT] = geo_to_e5(p.lat_deg);
    obs.v.num[FLIGHT_LON] = geo_to_e5(p.lon_deg);
    obs.v.num[FLIGHT_TRACK] = 900;
    obs.v.num[FLIGHT_GS] = 6000;
    obs.v.num[FLIGHT_ALT_BARO] = 35000;
    flight_table_put(w->app.flights, &obs, true, 1);
    w->app.flights_version++;
}

/* Two degrees a cell across, around 0 N 0 E unless told. */
static void draw(struct world *w, struct geo_point centre,
                 const struct sky_options *options)
{
    const struct map_canvas m = {w->canvas, {0, 0, 60, 20}, centre, 0.1};
    canvas_clear(w->canvas);
    sky_draw(&w->sky, &m, &w->app, options);
}

static const char *text_at(struct world *w, int x, int y)
{
    return canvas_cell(w->canvas, x, y)->text;
}

static void arrows_point_where_they_fly(void **state)
{
    struct world *w = *state;
    put(w, 0x4b1814, (struct geo_point){0.01, 0.01}, 0);
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_string_equal(text_at(w, 30, 9), "→");
    assert_int_equal(sky_flight_at(&w->sky, 31, 10), 0x4b1814);
    assert_int_equal(sky_flight_at(&w->sky, 50, 3), 0);
}

static void old_positions_leave_the_map(void **state)
{
    struct world *w = *state;
    put(w, 0x4b1814, (struct geo_point){0.01, 0.01}, 30);
    put(w, 0x4b1815, (struct geo_point){0.01, 1.01}, 61);
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_int_equal(w->sky.count, 1);
    assert_int_equal(canvas_cell(w->canvas, 30, 9)->role, ROLE_STALE);
}

/* 600 kt for 36 s are 6 nm: a tenth of a degree on the equator, marked as a guess. */
static void guesses_only_while_the_link_is_down(void **state)
{
    struct world *w = *state;
    put(w, 0x4b1814, (struct geo_point){0.01, 0.11}, 36);
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_string_equal(text_at(w, 30, 9), "→");
    w->app.link.state = LINK_DOWN;
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_string_equal(text_at(w, 31, 9), "⇢");
    assert_int_equal(w->sky.ghosts, 1);
}

static void a_crowd_becomes_a_number(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 0; i < 12; i++)
        put(w, 0x400000 + i, (struct geo_point){0.03, 0.01 + 0.001 * i}, 0);
    put(w, 0x4b1814, (struct geo_point){2.01, 4.01}, 0);
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_int_equal(w->sky.clusters, 1);
    assert_int_equal(w->sky.marks, 1);
    assert_true(sky_is_cluster(&w->sky, 30, 9));
    int found = 0;
    for (int x = 25; x < 36; x++)
        found += strcmp(text_at(w, x, 9), "1") == 0 &&
                 strcmp(text_at(w, x + 1, 9), "2") == 0;
    assert_int_equal(found, 1);
    const struct sky_options all = {0};
    draw(w, (struct geo_point){0, 0}, &all);
    assert_int_equal(w->sky.clusters, 0);
    assert_string_equal(text_at(w, 30, 9), "→");
}

static void the_selected_one_is_no_part_of_a_crowd(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 0; i < 12; i++)
        put(w, 0x400000 + i, (struct geo_point){0.03, 0.01}, 0);
    w->app.selected = 0x400003;
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_int_equal(w->sky.marks, 1);
    assert_true(canvas_cell(w->canvas, 30, 9)->marked);
    assert_int_equal(w->sky.cursor_x, 30);
}

static void labels_do_not_collide(void **state)
{
    struct world *w = *state;
    const struct sky_options labels = {.labels = true};
    struct strbuf text;
    for (uint32_t i = 0; i < 9; i++) /* neighbours, three by three */
        put(w, 0x400000 + i,
            (struct geo_point){1.0 - 0.4 * (i / 3), -0.3 + 0.2 * (i % 3)}, 0);
    draw(w, (struct geo_point){0, 0}, &labels);
    strbuf_init(&text, 10000);
    canvas_to_text(w->canvas, &text);
    int arrows = 0;
    for (const char *at = strbuf_text(&text); (at = strstr(at, "→")) != NULL; at++)
        arrows++;
    assert_int_equal(arrows, 9); /* no name lies over a mark */
    assert_non_null(strstr(strbuf_text(&text), "400002 350"));
    strbuf_release(&text);
}

static void steps_go_in_reading_order(void **state)
{
    struct world *w = *state;
    put(w, 3, (struct geo_point){-1, 0}, 0);
    put(w, 1, (struct geo_point){1, 2}, 0);
    put(w, 2, (struct geo_point){1, -2}, 0);
    draw(w, (struct geo_point){0, 0}, &plain);
    assert_int_equal(sky_step(&w->sky, 0, 1), 2);
    assert_int_equal(sky_step(&w->sky, 2, 1), 1);
    assert_int_equal(sky_step(&w->sky, 1, 1), 3);
    assert_int_equal(sky_step(&w->sky, 3, 1), 2);
    assert_int_equal(sky_step(&w->sky, 2, -1), 3);
    assert_int_equal(sky_step(&w->sky, 0, -1), 3);
}

/* Fiji's neighbours: fitted across the date line, not around the world. */
static void the_fit_knows_the_date_line(void **state)
{
    struct world *w = *state;
    struct geo_point centre;
    double degrees;
    const struct rect area = {0, 0, 60, 20};
    assert_false(sky_fit(&w->app, area, &centre, &degrees));
    put(w, 1, (struct geo_point){-17.5, 178.9}, 0);
    put(w, 2, (struct geo_point){-16.5, -179.1}, 0);
    assert_true(sky_fit(&w->app, area, &centre, &degrees));
    assert_true(centre.lon_deg > 179 || centre.lon_deg < -179);
    assert_true(degrees < 0.1);
}

int main(void)
{
#define SKY_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SKY_TEST(arrows_point_where_they_fly),
        SKY_TEST(old_positions_leave_the_map),
        SKY_TEST(guesses_only_while_the_link_is_down),
        SKY_TEST(a_crowd_becomes_a_number),
        SKY_TEST(the_selected_one_is_no_part_of_a_crowd),
        SKY_TEST(labels_do_not_collide),
        SKY_TEST(steps_go_in_reading_order),
        SKY_TEST(the_fit_knows_the_date_line),
    };
    return cmocka_run_group_tests_name("sky", tests, NULL, NULL);
}
