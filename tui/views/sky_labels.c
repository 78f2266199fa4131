#include "views/sky_labels.h"

#include <stdio.h>
#include <string.h>

#include "app/flight_column.h"
#include "base/units.h"
#include "ui/text.h"
#include "views/age_text.h"
#include "views/altitude_role.h"

enum {
    LABEL_SIZE = 48,
    CELLS_A_LABEL = 45, /* more labels than one for so many cells are a wall */
    CROWD = 4,          /* so many times more flights: no names at all */
    CARD_WIDTH = 32,
    CARD_HEIGHT = 8,
    CARD_FROM_WIDTH = 70,
    CARD_FROM_HEIGHT = 14
};

/* ---- labels --------------------------------------------------------------- */

/* "234↑": hundreds of feet as controllers read it; metres where those are wanted. */
static void level_text(const struct flight *f, enum unit_system units,
                       char ret_text[LABEL_SIZE])
{
    const struct flight_view_context context = {.units = units};
    double altitude;
    int vertical = flight_vertical(f);
    const char *trend = vertical > 0 ? "↑" : vertical < 0 ? "↓" : "";
    ret_text[0] = '\0';
    if (flight_on_ground(f))
        snprintf(ret_text, LABEL_SIZE, "GND");
    else if (!flight_column_number(COLUMN_ALT, f, &context, &altitude))
        return;
    else if (units == UNITS_METRIC)
        snprintf(ret_text, LABEL_SIZE, "%.0fm%s",
                 units_shown(units, QUANTITY_ALTITUDE, altitude), trend);
    else
        snprintf(ret_text, LABEL_SIZE, "%03.0f%s", altitude / 100, trend);
}

static void label_text(const struct app *app, const struct sky_spot *s,
                       char ret_text[LABEL_SIZE])
{
    const struct flight_view_context context = app_view_context(app);
    char name[COLUMN_TEXT_SIZE];
    char level[LABEL_SIZE];
    flight_column_text(COLUMN_CALLSIGN, s->f, &context, name);
    level_text(s->f, app->units, level);
    if (s->urgent)
        snprintf(ret_text, LABEL_SIZE, "%.10s %.20s", name,
                 flight_emergency_text(s->f));
    else
        snprintf(ret_text, LABEL_SIZE, "%.10s%s%.20s", name,
                 level[0] != '\0' ? " " : "", level);
}

/* Beside the mark, else across a corner of it; always: even over something. */
static bool draw_label(struct sky *sky, const struct map_canvas *m,
                       const struct sky_spot *s, const char *text, enum role role,
                       bool always)
{
    int w = text_width(text);
    const int places[][2] = {{s->x + 1, s->y},     {s->x - w, s->y},
                             {s->x + 1, s->y - 1}, {s->x + 1, s->y + 1},
                             {s->x - w, s->y - 1}, {s->x - w, s->y + 1}};
    size_t i = 0;
    while (i < ARRAY_LEN(places) && !sky_has_room(sky, places[i][0], places[i][1], w))
        i++;
    if (i == ARRAY_LEN(places) && !always)
        return false;
    i = i == ARRAY_LEN(places) ? (s->x + 1 + w > m->area.w ? 1 : 0) : i;
    struct pen pen = pen_on(m->canvas, m->area);
    pen_to(&pen, places[i][0], places[i][1]);
    pen_text(&pen, role, text);
    sky_take_room(sky, places[i][0] - 1, places[i][1], w + 2);
    return true;
}

void sky_draw_labels(struct sky *sky, const struct map_canvas *m, const struct app *app,
                     bool all)
{
    char text[LABEL_SIZE];
    size_t budget = (size_t)(m->area.w * m->area.h / CELLS_A_LABEL);
    for (size_t i = 0; i < sky->count; i++) { /* what must be named comes first */
        const struct sky_spot *s = &sky->spots[i];
        bool selected = s->icao == app->selected;
        if (!selected && !s->urgent)
            continue;
        label_text(app, s, text);
        draw_label(sky, m, s, text, s->urgent ? ROLE_FAIL : ROLE_STRONG, true);
    }
    if (!all || sky->count > CROWD * budget)
        return;
    for (size_t i = 0; i < sky->count && budget > 0; i++) {
        const struct sky_spot *s = &sky->spots[i];
        if (s->hidden || s->urgent || s->icao == app->selected)
            continue;
        label_text(app, s, text);
        budget -= draw_label(sky, m, s, text, ROLE_DIM, false) ? 1 : 0;
    }
}

/* ---- the card ------------------------------------------------------------- */

struct card {
    struct pen pen;
    const struct flight *f;
    struct flight_view_context context;
    bool guessed; /* its place on the map is */
    int row;
};

static void next_row(struct card *card)
{
    pen_to(&card->pen, 2, ++card->row);
}

static void add_text(struct card *card, enum role role, enum flight_column column,
                     const char *before, const char *after)
{
    char text[COLUMN_TEXT_SIZE];
    flight_column_text(column, card->f, &card->context, text);
    if (text[0] == '\0')
        return;
    pen_text(&card->pen, ROLE_DIM, before);
    pen_text(&card->pen, role, text);
    pen_text(&card->pen, ROLE_DIM, after);
}

static const char *unit_of(const struct card *card, enum flight_column column)
{
    return flight_column_info(column)->unit[card->context.units];
}

static void draw_frame(struct card *card)
{
    struct rect a = card->pen.area;
    struct pen *pen = &card->pen;
    char name[COLUMN_TEXT_SIZE];
    for (int y = 0; y < a.h; y++) {
        pen_to(pen, 0, y);
        pen_text(pen, ROLE_RULE, y == 0 ? "┌" : y == a.h - 1 ? "└" : "│");
        pen_repeat(pen, ROLE_RULE, y == 0 || y == a.h - 1 ? "─" : " ", a.w - 2);
        pen_text(pen, ROLE_RULE, y == 0 ? "┐" : y == a.h - 1 ? "┘" : "│");
    }
    flight_column_text(COLUMN_CALLSIGN, card->f, &card->context, name);
    pen_to(pen, 2, 0);
    pen_textf(pen, ROLE_STRONG, " %s ", name);
    if (flight_emergency_text(card->f) != NULL)
        pen_textf(pen, ROLE_EMERGENCY, " %s ", flight_emergency_text(card->f));
}

static void draw_place(struct card *card)
{
    struct pen *pen = &card->pen;
    char age[AGE_TEXT_SIZE];
    if (!flight_has_position(card->f) || card->f->pos_at_ms == 0) {
        pen_text(pen, ROLE_DIM, "  its position is not known");
        return;
    }
    if (card->context.has_home) {
        add_text(card, ROLE_TEXT, COLUMN_DIST, "  ", " ");
        pen_textf(pen, ROLE_DIM, "%s  ", unit_of(card, COLUMN_DIST));
        add_text(card, ROLE_TEXT, COLUMN_BEARING, "", "° from home");
        next_row(card);
    }
    age_text(card->context.now_ms - card->f->pos_at_ms, age);
    pen_textf(pen, ROLE_DIM, "  position %s ago%s", age,
              card->guessed ? ", guessed" : "");
}

static void draw_facts(struct card *card)
{
    struct pen *pen = &card->pen;
    int vertical = flight_vertical(card->f);
    next_row(card);
    add_text(card, ROLE_TEXT, COLUMN_TYPE, "", "  ");
    add_text(card, ROLE_TEXT, COLUMN_REG, "", "  ");
    add_text(card, ROLE_DIM, COLUMN_COUNTRY, "", "");
    next_row(card);
    add_text(card, ROLE_TEXT, COLUMN_OPERATOR, "", "");
    next_row(card);
    pen_text(pen, altitude_role(card->f),
             vertical > 0   ? "↑ "
             : vertical < 0 ? "↓ "
                            : "  ");
    add_text(card, altitude_role(card->f), COLUMN_ALT, "", " ");
    pen_textf(pen, ROLE_DIM, "%s  ", unit_of(card, COLUMN_ALT));
    if (vertical != 0) {
        add_text(card, ROLE_TEXT, COLUMN_VRATE, "", " ");
        pen_text(pen, ROLE_DIM, unit_of(card, COLUMN_VRATE));
    }
    next_row(card);
    add_text(card, ROLE_TEXT, COLUMN_GS, "  ", " ");
    pen_textf(pen, ROLE_DIM, "%s  ", unit_of(card, COLUMN_GS));
    add_text(card, ROLE_TEXT, COLUMN_TRACK, "", "°  ");
    add_text(card, ROLE_TEXT, COLUMN_SQUAWK, "sq ", "");
    next_row(card);
    draw_place(card);
}

void sky_draw_card(struct sky *sky, const struct map_canvas *m, const struct app *app)
{
    const struct flight *f = flight_table_find(app->flights, app->selected);
    if (app->selected == 0 || f == NULL || m->area.w < CARD_FROM_WIDTH ||
        m->area.h < CARD_FROM_HEIGHT)
        return;
    bool left = sky->cursor_x > m->area.w / 2 && sky->cursor_y < m->area.h / 2;
    int h = CARD_HEIGHT - (app->has_home ? 0 : 1);
    int x = left ? 1 : m->area.w - CARD_WIDTH - 1;
    struct rect area = {m->area.x + x, m->area.y, CARD_WIDTH, h};
    struct card card = {
        .pen = pen_on(m->canvas, area), .f = f, .context = app_view_context(app)};
    struct geo_point p;
    sky_place(app, f, &p, &card.guessed);
    draw_frame(&card);
    draw_facts(&card);
    for (int y = 0; y < h; y++)
        sky_take_room(sky, x, y, CARD_WIDTH);
}
