#include "views/overview_panes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flight/country.h"
#include "ui/text.h"
#include "views/age_text.h"
#include "widgets/sparkline.h"

/* In filters; the same as what is counted. */
#define LEVEL "250"
_Static_assert(COLUMN_LEVEL_FPM == 250, "LEVEL says what counts as level");

enum {
    NAME_WIDTH = 20,
    NUMBER_WIDTH = 6,
    SPARK_FROM = 14, /* columns that a sparkline needs beside its number */
    SOURCE_FRESH_MS = 15000,
    SOURCE_LOST_MS = 60000
};

struct rect overview_title(struct canvas *canvas, struct rect area, const char *title)
{
    struct pen pen = pen_on(canvas, area);
    pen_textf(&pen, ROLE_HEADING, "%s ", title);
    pen_repeat(&pen, ROLE_RULE, "─", area.w - pen.x);
    return (struct rect){area.x, area.y + 1, area.w, MAX_OF(area.h - 1, 0)};
}

/* Notes a row of an area as something that can be opened. */
static void note_row(const struct overview_facts *facts, struct rect area, int y,
                     enum spot_kind kind, const char *what)
{
    if (y < area.h)
        spots_add(facts->spots, (struct rect){area.x, area.y + y, area.w, 1}, kind,
                  what);
}

static void note_filter(const struct overview_facts *facts, struct rect area, int y,
                        const char *field, const char *value)
{
    char what[SPOT_TEXT_SIZE];
    spot_filter(what, field, value,
                strlen(value) + 1 == sizeof((struct count_row *)NULL)->name);
    note_row(facts, area, y, SPOT_FILTER, what);
}

/* ---- attention --------------------------------------------------------------- */

/* The emergencies that the server has not made an alert of. */
static bool is_told(const struct app *app, uint32_t icao)
{
    char hex[FLIGHT_HEX_SIZE];
    flight_format_hex(icao, hex);
    return alert_list_of(&app->alerts, hex) != NULL ||
           flight_list_is_acked(&app->list, icao);
}

int overview_attention_rows(const struct overview_facts *facts)
{
    int n = (int)alert_list_open(&facts->app->alerts);
    for (size_t i = 0; i < COUNTS_URGENT && facts->counts->urgent[i] != 0; i++)
        n += is_told(facts->app, facts->counts->urgent[i]) ? 0 : 1;
    return MAX_OF(n, 1);
}

/* "BAW256 emergency  11 250 ft  41 nm 087" */
static void draw_urgent(const struct app *app, struct pen *pen, uint32_t icao)
{
    const struct flight_view_context context = app_view_context(app);
    const struct flight *f = flight_table_find(app->flights, icao);
    static const enum flight_column columns[] = {COLUMN_ALT, COLUMN_DIST};
    char text[COLUMN_TEXT_SIZE];
    if (f == NULL)
        return;
    flight_column_text(COLUMN_CALLSIGN, f, &context, text);
    pen_text(pen, ROLE_EMERGENCY, "!");
    pen_textf(pen, ROLE_STRONG, " %s ", text);
    pen_textf(pen, ROLE_FAIL, "%s ",
              flight_emergency_text(f) != NULL ? flight_emergency_text(f) : "");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        flight_column_text(columns[i], f, &context, text);
        if (text[0] != '\0')
            pen_textf(pen, ROLE_TEXT, " %s %s", text,
                      flight_column_info(columns[i])->unit[context.units]);
    }
}

void overview_attention(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area)
{
    const struct app *app = facts->app;
    struct pen pen = pen_on(canvas, area);
    int64_t now_ms = app_server_now_ms(app);
    int y = 0;
    for (size_t i = 0; i < COUNTS_URGENT && facts->counts->urgent[i] != 0; i++) {
        char hex[FLIGHT_HEX_SIZE];
        if (is_told(app, facts->counts->urgent[i]))
            continue;
        flight_format_hex(facts->counts->urgent[i], hex);
        note_row(facts, area, y, SPOT_FLIGHT, hex);
        pen_to(&pen, 0, y++);
        draw_urgent(app, &pen, facts->counts->urgent[i]);
    }
    for (size_t i = 0; i < alert_list_open(&app->alerts) && y < area.h; i++) {
        const struct alert_row *a = &app->alerts.rows[i];
        char since[AGE_TEXT_SIZE];
        age_text(now_ms - a->since_ms, since);
        note_row(facts, area, y, SPOT_ALERT, a->id);
        pen_to(&pen, 0, y++);
        pen_text(&pen, ROLE_FAIL, "! ");
        pen_left(&pen, ROLE_TEXT, area.w - 11, a->text);
        pen_right(&pen, ROLE_DIM, 9, since);
    }
    if (y == 0)
        pen_text(&pen, ROLE_DIM, "Nothing needs attention.");
}

/* ---- services ---------------------------------------------------------------- */

static const enum role service_roles[] = {ROLE_FAIL, ROLE_WARN, ROLE_OK};
static const char *const service_marks[] = {"✖", "▲", "●"};

void overview_services(const struct overview_facts *facts, struct canvas *canvas,
                       struct rect area)
{
    const struct service_list *list = &facts->app->services;
    struct pen pen = pen_on(canvas, area);
    if (list->count == 0)
        pen_text(&pen, ROLE_DIM, "No service's health is told.");
    for (size_t i = 0; i < list->count && (int)i < area.h; i++) {
        const struct service *s = &list->rows[i];
        bool more = (int)i == area.h - 1 && list->count > i + 1;
        note_row(facts, area, (int)i, SPOT_SERVICE, more ? "" : s->name);
        pen_to(&pen, 0, (int)i);
        if (more) {
            pen_textf(&pen, ROLE_DIM, "and %zu more", list->count - i);
            break;
        }
        pen_text(&pen, service_roles[s->status], service_marks[s->status]);
        pen_text(&pen, ROLE_TEXT, " ");
        pen_left(&pen, ROLE_TEXT, 15, s->name);
        if (s->latency_ms >= 0)
            pen_textf(&pen, ROLE_DIM, "%7.1f ms  ", s->latency_ms);
        pen_left(&pen, ROLE_DIM, area.w - pen.x, s->says);
    }
}

void overview_strip(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area)
{
    const struct service_list *list = &facts->app->services;
    struct pen pen = pen_on(canvas, area);
    size_t i = 0;
    if (list->count == 0)
        pen_text(&pen, ROLE_DIM, "no service's health is told");
    for (; i < list->count; i++) { /* failing ones come first in the list */
        const struct service *s = &list->rows[i];
        int w = text_width(s->name) + 2;
        if (pen.x + w + 8 > area.w)
            break;
        spots_add(facts->spots, (struct rect){area.x + pen.x, area.y, w, 1},
                  SPOT_SERVICE, s->name);
        pen_text(&pen, service_roles[s->status], service_marks[s->status]);
        pen_textf(&pen, s->status == SERVICE_PASS ? ROLE_DIM : ROLE_TEXT, " %s  ",
                  s->name);
    }
    if (i < list->count)
        pen_textf(&pen, ROLE_DIM, "+%zu", list->count - i);
}

/* ---- sources ----------------------------------------------------------------- */

int overview_source_rows(const struct overview_facts *facts)
{
    int n = 0;
    while (n < COUNTS_TOP && facts->counts->sources[n].name[0] != '\0')
        n++;
    return MAX_OF(n, 1);
}

void overview_sources(const struct overview_facts *facts, struct canvas *canvas,
                      struct rect area)
{
    const struct count_row *rows = facts->counts->sources;
    struct pen pen = pen_on(canvas, area);
    /* Ages are of when it was counted: that of many flights is up to 5 s ago. */
    int64_t now_ms =
        app_is_stale(facts->app) ? app_server_now_ms(facts->app) : facts->counted_ms;
    if (rows[0].name[0] == '\0')
        pen_text(&pen, ROLE_DIM, "No flight names its source.");
    for (int i = 0; i < area.h && i < COUNTS_TOP && rows[i].name[0] != '\0'; i++) {
        int64_t age_ms = now_ms - rows[i].newest_ms;
        bool lost = age_ms > SOURCE_LOST_MS;
        bool late = age_ms > SOURCE_FRESH_MS;
        char number[16];
        char age[AGE_TEXT_SIZE];
        age_text(age_ms, age);
        snprintf(number, sizeof number, "%u", rows[i].count);
        note_filter(facts, area, i, "src", rows[i].name);
        pen_to(&pen, 0, i);
        pen_text(&pen,
                 lost   ? ROLE_FAIL
                 : late ? ROLE_WARN
                        : ROLE_OK,
                 lost   ? "✖ "
                 : late ? "▲ "
                        : "● ");
        pen_left(&pen, ROLE_TEXT, MIN_OF(area.w - 17, 16), rows[i].name);
        pen_right(&pen, ROLE_TEXT, NUMBER_WIDTH, number);
        pen_textf(&pen, late ? ROLE_WARN : ROLE_DIM, "  %s%s", lost ? "lost " : "",
                  age);
    }
}

/* ---- rates ------------------------------------------------------------------- */

void overview_rates(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area)
{
    static const char *const names[OVERVIEW_RATES] = {"flights", "updates/s", "kB/s",
                                                      "lag ms"};
    const struct overview_history *h = facts->history;
    struct pen pen = pen_on(canvas, area);
    for (int i = 0; i < OVERVIEW_RATES && i < area.h; i++) {
        char number[24] = "·";
        double now = h->count > 0 ? h->values[i][h->count - 1] : 0;
        if (h->count > 0)
            snprintf(number, sizeof number,
                     now < 10 && now > floor(now) ? "%.1f" : "%.0f", now);
        pen_to(&pen, 0, i);
        note_row(facts, area, i, SPOT_METRICS, names[i]);
        pen_left(&pen, ROLE_DIM, 10, names[i]);
        pen_right(&pen, ROLE_TEXT, NUMBER_WIDTH, number);
        pen_text(&pen, ROLE_TEXT, " ");
        if (area.w - pen.x >= 4)
            sparkline_draw(&pen, ROLE_GRAPH_1, h->values[i], h->count,
                           MIN_OF(area.w - pen.x, (int)OVERVIEW_HISTORY), 0);
    }
}

/* ---- counts ------------------------------------------------------------------ */

static void draw_number(struct pen *pen, enum role role, unsigned n)
{
    char text[16];
    snprintf(text, sizeof text, "%u", n);
    pen_right(pen, role, NUMBER_WIDTH, text);
}

void overview_traffic(const struct overview_facts *facts, struct canvas *canvas,
                      struct rect area)
{
    const struct flight_counts *c = facts->counts;
    const struct overview_history *h = facts->history;
    const struct {
        const char *name;
        unsigned count;
        bool bar;
        const char *filter;
    } lines[] = {
        {"flights", c->total, false, ""},
        {"climb", c->climbing, true, "vrate > " LEVEL " and not ground"},
        {"level", c->level, true,
         "not ground and not vrate > " LEVEL " and not vrate < -" LEVEL},
        {"descent", c->descending, true, "vrate < -" LEVEL " and not ground"},
        {"ground", c->ground, true, "ground"},
        {"military", c->military, false, "mil"},
        {"no position", c->total - c->positioned, false, "unknown lat"},
        {"not heard 15 s", c->stale, false, "age > 15"},
    };
    struct pen pen = pen_on(canvas, area);
    for (int i = 0; i < (int)ARRAY_LEN(lines) && i < area.h; i++) {
        pen_to(&pen, 0, i);
        note_row(facts, area, i, SPOT_FILTER, lines[i].filter);
        draw_number(&pen, i == 0 ? ROLE_STRONG : ROLE_TEXT, lines[i].count);
        pen_textf(&pen, ROLE_DIM, " %-8s", lines[i].name);
        int room = area.w - pen.x - 1;
        if (i == 0 && room >= SPARK_FROM / 2)
            sparkline_draw(&pen, ROLE_GRAPH_1, h->values[OVERVIEW_FLIGHTS], h->count,
                           MIN_OF(room, (int)OVERVIEW_HISTORY), 0);
        else if (lines[i].bar && room >= 4)
            bar_draw(&pen, ROLE_GRAPH_1, lines[i].count / (double)MAX_OF(c->total, 1U),
                     room);
    }
}

struct bars {
    const struct count_row *rows;
    size_t count;
    int name_width;
    const enum role *roles;       /* of each bar; NULL = all the same */
    const char *field;            /* a row's flights have this field ... */
    const struct count_row *keys; /* ... as its name here; NULL = the rows' own */
    const char *const *filters;   /* or these are its flights */
};

static void note_bar(const struct overview_facts *facts, const struct bars *bars,
                     struct rect area, size_t i)
{
    const struct count_row *keys = bars->keys != NULL ? bars->keys : bars->rows;
    if (bars->filters != NULL)
        note_row(facts, area, (int)i, SPOT_FILTER, bars->filters[i]);
    else
        note_filter(facts, area, (int)i, bars->field, keys[i].name);
}

static void draw_bars(const struct overview_facts *facts, const struct bars *bars,
                      struct canvas *canvas, struct rect area)
{
    unsigned most = 1;
    struct pen pen = pen_on(canvas, area);
    for (size_t i = 0; i < bars->count; i++)
        most = MAX_OF(most, bars->rows[i].count);
    for (size_t i = 0; i < bars->count && (int)i < area.h; i++) {
        const struct count_row *row = &bars->rows[i];
        if (row->name[0] == '\0')
            break;
        note_bar(facts, bars, area, i);
        pen_to(&pen, 0, (int)i);
        pen_left(&pen, ROLE_TEXT, bars->name_width, row->name);
        draw_number(&pen, ROLE_TEXT, row->count);
        pen_text(&pen, ROLE_TEXT, " ");
        bar_draw(&pen, bars->roles != NULL ? bars->roles[i] : ROLE_GRAPH_1,
                 (double)row->count / most, MAX_OF(area.w - pen.x - 1, 0));
    }
}

void overview_altitudes(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area)
{
    static const char *const feet[] = {"< 10k", "10k", "20k", "30k", "> 40k"};
    static const char *const metres[] = {"< 3k", "3k", "6k", "9k", "> 12k"};
    static const enum role roles[] = {ROLE_ALT_TOP, ROLE_ALT_TOP, ROLE_ALT_HIGH,
                                      ROLE_ALT_MID, ROLE_ALT_LOW, ROLE_ALT_GROUND};
    static const char *const filters[] = {"alt >= 40000",
                                          "alt >= 30000 and alt < 40000",
                                          "alt >= 20000 and alt < 30000",
                                          "alt >= 10000 and alt < 20000",
                                          "alt < 10000 and not ground",
                                          "ground"};
    const char *const *names = facts->app->units == UNITS_METRIC ? metres : feet;
    struct count_row rows[COUNTS_BANDS + 1] = {0};
    for (int i = 0; i < COUNTS_BANDS; i++) {
        int band = COUNTS_BANDS - 1 - i;
        snprintf(rows[i].name, sizeof rows[i].name, "%s", names[band]);
        rows[i].count = facts->counts->bands[band];
    }
    snprintf(rows[COUNTS_BANDS].name, sizeof rows[0].name, "ground");
    rows[COUNTS_BANDS].count = facts->counts->ground;
    const struct bars bars = {.rows = rows,
                              .count = ARRAY_LEN(rows),
                              .name_width = 6,
                              .roles = roles,
                              .filters = filters};
    draw_bars(facts, &bars, canvas, area);
}

/* "DE Germany" where there is room for it. */
void overview_countries(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area)
{
    struct count_row rows[COUNTS_TOP];
    bool wide = area.w >= 30;
    memcpy(rows, facts->counts->countries, sizeof rows);
    for (size_t i = 0; i < COUNTS_TOP && wide && rows[i].name[0] != '\0'; i++) {
        const char *name = country_name(facts->counts->countries[i].name);
        if (name != NULL && name[0] != '\0')
            snprintf(rows[i].name, sizeof rows[i].name, "%.31s", name);
    }
    const struct bars bars = {.rows = rows,
                              .count = COUNTS_TOP,
                              .name_width = wide ? 16 : 5,
                              .field = "country",
                              .keys = facts->counts->countries};
    draw_bars(facts, &bars, canvas, area);
}

void overview_operators(const struct overview_facts *facts, struct canvas *canvas,
                        struct rect area)
{
    const struct bars bars = {.rows = facts->counts->operators,
                              .count = COUNTS_TOP,
                              .name_width = MIN_OF(NAME_WIDTH, area.w - 12),
                              .field = "operator"};
    draw_bars(facts, &bars, canvas, area);
}

void overview_types(const struct overview_facts *facts, struct canvas *canvas,
                    struct rect area)
{
    const struct bars bars = {.rows = facts->counts->types,
                              .count = COUNTS_TOP,
                              .name_width = 5,
                              .field = "type"};
    draw_bars(facts, &bars, canvas, area);
}
