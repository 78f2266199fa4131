/*
 * What an operator leaves open: the sky, what needs attention, services, sources,
 * rates, and counts with bars. Panes come and go with the room and with keys;
 * the sky takes what the others leave.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/flight_counts.h"
#include "views/overview_panes.h"
#include "views/sky.h"
#include "views/view.h"

enum {
    SIDE_FROM = 100, /* columns from which some panes stand beside the sky */
    SIDE_WIDTH = 42,
    SIDE_WIDTH_MAX = 56,
    TILE_WIDTH = 24,
    TILES_MAX = 6,
    SMALL_HEIGHT = 10, /* below: no picture, the facts */
    COUNT_MS = 5000,   /* between counts of many flights */
    MANY = 2000,
    REFIT_MS = 60000,
    SOURCE_KEPT_MS = 3600000
};

/* Sets of panes. */
enum {
    PANE_SKY = 1,
    PANE_ATTENTION = 2,
    PANE_SERVICES = 4,
    PANE_SOURCES = 8,
    PANE_RATES = 16,
    PANE_TRAFFIC = 32,
    PANE_BUSIEST = 64,
    PANES_ALL = 127,
    PANES_SIDE = PANE_ATTENTION | PANE_SERVICES | PANE_SOURCES | PANE_RATES,
    PANES_TILES = PANE_TRAFFIC | PANE_BUSIEST
};

static const struct {
    const char *name;
    unsigned panes;
} presets[] = {
    {"all", PANES_ALL},
    {"sky", PANE_SKY | PANE_ATTENTION},
    {"numbers", PANES_ALL & ~PANE_SKY},
    {"platform", PANE_ATTENTION | PANE_SERVICES | PANE_SOURCES | PANE_RATES},
};

struct overview_state {
    unsigned hidden; /* panes that are off */
    size_t preset;
    struct flight_counts counts;
    const struct flight_table *counted_table;
    uint64_t counted_version;
    int64_t counted_at_ms, counted_server_ms;
    struct overview_history history;
    struct spots spots;
    int top; /* of the area on the canvas */
    struct sky sky;
    struct rect sky_area; /* as last drawn ... */
    struct geo_point centre;
    double degrees;
    int64_t fitted_at_ms; /* ... and fitted; 0 = not yet */
    char fitted_filter[FLIGHT_LIST_FILTER_MAX];
};

static bool shows(const struct overview_state *st, unsigned panes)
{
    return (~st->hidden & panes) != 0;
}

/* ---- keeping count ----------------------------------------------------------- */

/* Sources whose last flight has gone stay in the list, lost, with their age. */
static void keep_sources(struct flight_counts *counts, const struct count_row *before,
                         int64_t now_ms)
{
    size_t n = 0;
    while (n < COUNTS_TOP && counts->sources[n].name[0] != '\0')
        n++;
    for (size_t i = 0; i < COUNTS_TOP && before[i].name[0] != '\0'; i++) {
        int64_t age_ms = now_ms - before[i].newest_ms;
        size_t k = 0;
        while (k < n && strcmp(counts->sources[k].name, before[i].name) != 0)
            k++;
        if (k < n || n == COUNTS_TOP || age_ms < 0 || age_ms > SOURCE_KEPT_MS)
            continue;
        counts->sources[n] = before[i];
        counts->sources[n++].count = 0;
    }
}

static void count(struct overview_state *st, const struct app *app)
{
    struct count_row sources[COUNTS_TOP];
    const struct flight_view_context context = app_view_context(app);
    bool many = flight_table_count(app->flights) > MANY;
    bool other = st->counted_table != app->flights || st->counted_at_ms == 0;
    if (!other && (st->counted_version == app->flights_version ||
                   (many && app->mono_ms - st->counted_at_ms < COUNT_MS)))
        return;
    memcpy(sources, st->counts.sources, sizeof sources);
    flight_counts_take(&st->counts, app->flights, &context);
    if (st->counted_table == app->flights)
        keep_sources(&st->counts, sources, context.now_ms);
    st->counted_server_ms = context.now_ms;
    st->counted_table = app->flights;
    st->counted_version = app->flights_version;
    st->counted_at_ms = app->mono_ms;
}

static void sample(struct overview_history *h, const struct app *app)
{
    double seconds = h->count > 0 ? (double)(app->mono_ms - h->at_ms) / 1000 : 0;
    if (!app->has_snapshot ||
        (h->count > 0 && app->mono_ms - h->at_ms < OVERVIEW_STEP_MS))
        return;
    if (h->count == OVERVIEW_HISTORY) {
        for (size_t i = 0; i < OVERVIEW_RATES; i++)
            memmove(h->values[i], h->values[i] + 1,
                    (OVERVIEW_HISTORY - 1) * sizeof h->values[i][0]);
        h->count--;
    }
    double rows = (double)(app->link.rows - h->rows);
    double bytes = (double)(app->link.bytes - h->bytes);
    h->values[OVERVIEW_FLIGHTS][h->count] = (double)flight_table_count(app->flights);
    h->values[OVERVIEW_UPDATES][h->count] = seconds > 0 ? rows / seconds : 0;
    h->values[OVERVIEW_BYTES][h->count] = seconds > 0 ? bytes / seconds / 1000 : 0;
    h->values[OVERVIEW_LAG][h->count] = app->lag_ms > 0 ? (double)app->lag_ms : 0;
    h->count++;
    h->at_ms = app->mono_ms;
    h->rows = app->link.rows;
    h->bytes = app->link.bytes;
}

static void update(void *state, struct app *app)
{
    struct overview_state *st = state;
    if (st->counted_at_ms == 0 || app->list.disorder ||
        app->mono_ms - st->counted_at_ms >= COUNT_MS)
        app_update_list(app);
    count(st, app);
    sample(&st->history, app);
}

static void release(void *state)
{
    struct overview_state *st = state;
    sky_release(&st->sky);
}

/* ---- the sky ----------------------------------------------------------------- */

/* The picture stands still: it is fitted anew once a minute, or to another filter. */
static void fit(struct overview_state *st, const struct app *app, struct rect area)
{
    bool same_area = area.w == st->sky_area.w && area.h == st->sky_area.h;
    st->sky_area = area;
    if (same_area && st->fitted_at_ms > 0 &&
        app->mono_ms - st->fitted_at_ms < REFIT_MS &&
        strcmp(st->fitted_filter, app->list.filter_text) == 0)
        return;
    st->fitted_at_ms = 0;
    st->centre = (struct geo_point){25, 10};
    st->degrees = sky_bounded_degrees(3, area);
    if (!sky_fit(app, area, &st->centre, &st->degrees))
        return;
    st->fitted_at_ms = app->mono_ms;
    snprintf(st->fitted_filter, sizeof st->fitted_filter, "%s", app->list.filter_text);
}

static void draw_sky(struct overview_state *st, const struct app *app,
                     struct canvas *canvas, struct rect area)
{
    const struct sky_options options = {
        .labels = area.w >= 60, .night = true, .clusters = true};
    if (area.h < 3 || area.w < 10)
        return;
    fit(st, app, area);
    spots_add(&st->spots, area, SPOT_SKY, "");
    const struct map_canvas m = {canvas, area, st->centre, st->degrees};
    sky_draw(&st->sky, &m, app, &options);
}

/* ---- layout ------------------------------------------------------------------ */

struct tile {
    unsigned pane;
    const char *title;
    overview_pane_fn draw;
    int rows; /* worth having */
};

/* The tiles that are on; operators may stand at the side already. */
static size_t choose_tiles(const struct overview_state *st, bool operators,
                           struct tile *ret)
{
    static const struct tile tiles[] = {
        {PANE_TRAFFIC, "Traffic", overview_traffic, 8},
        {PANE_TRAFFIC, "Altitude", overview_altitudes, 6},
        {PANE_BUSIEST, "Countries", overview_countries, 24},
        {PANE_BUSIEST, "Operators", overview_operators, 24},
        {PANE_BUSIEST, "Types", overview_types, 24},
    };
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(tiles); i++) {
        if (shows(st, tiles[i].pane) &&
            (operators || tiles[i].draw != overview_operators))
            ret[n++] = tiles[i];
    }
    return n;
}

/* Tiles beside each other, in as many lines as the height is for. */
static void draw_tiles(const struct overview_facts *facts, const struct tile *tiles,
                       size_t n, struct canvas *canvas, struct rect area)
{
    int across = MAX_OF(MIN_OF(area.w / TILE_WIDTH, (int)n), 1);
    int lines = area.h >= 12 ? ((int)n + across - 1) / across : 1;
    int h = area.h / lines;
    across = ((int)n + lines - 1) / lines < across && lines > 1
                 ? ((int)n + lines - 1) / lines
                 : across;
    int w = area.w / across;
    for (int i = 0; i < (int)n && i < across * lines; i++) {
        int column = i % across;
        struct rect r = {area.x + column * w, area.y + i / across * h,
                         column == across - 1 ? area.w - column * w : w - 2, h};
        tiles[i].draw(facts, canvas, overview_title(canvas, r, tiles[i].title));
    }
}

/* One pane of the side; returns where the next one begins. */
static int draw_side_pane(const struct overview_facts *facts, const struct tile *tile,
                          struct canvas *canvas, struct rect area)
{
    int h = MIN_OF(tile->rows + 1, area.h);
    if (h >= 2)
        tile->draw(facts, canvas,
                   overview_title(canvas, (struct rect){area.x, area.y, area.w, h},
                                  tile->title));
    return h >= 2 ? h : 0;
}

/*
 * From above: attention and services, sources, rates; operators in what is left.
 * True when there was room for those.
 */
static bool draw_side(const struct overview_state *st,
                      const struct overview_facts *facts, struct canvas *canvas,
                      struct rect area)
{
    int services = MAX_OF((int)facts->app->services.count, 1);
    const struct tile panes[] = {
        {PANE_ATTENTION, "Attention", overview_attention,
         MIN_OF(overview_attention_rows(facts), MAX_OF(area.h / 4, 1))},
        {PANE_SERVICES, "Services", overview_services,
         MIN_OF(services, MAX_OF(area.h / 3, 2))},
        {PANE_SOURCES, "Sources", overview_sources,
         MIN_OF(overview_source_rows(facts), MAX_OF(area.h / 5, 1))},
        {PANE_RATES, "Rates", overview_rates, OVERVIEW_RATES},
    };
    int y = 0;
    for (size_t i = 0; i < ARRAY_LEN(panes); i++) {
        struct rect left = {area.x, area.y + y, area.w, area.h - y};
        if (shows(st, panes[i].pane))
            y += draw_side_pane(facts, &panes[i], canvas, left);
    }
    struct rect rest = {area.x, area.y + y, area.w, area.h - y};
    if (!shows(st, PANE_BUSIEST) || rest.h < 4)
        return false;
    overview_operators(facts, canvas, overview_title(canvas, rest, "Operators"));
    return true;
}

/* The narrow form: lines under the sky; returns how many were used from below. */
static int draw_strips(const struct overview_state *st,
                       const struct overview_facts *facts, struct canvas *canvas,
                       struct rect area)
{
    int rows = MIN_OF(overview_attention_rows(facts), MAX_OF(area.h / 6, 1));
    int attention = shows(st, PANE_ATTENTION) ? rows + 1 : 0;
    int services = shows(st, PANE_SERVICES) && area.h >= 14 ? 1 : 0;
    int used = attention + services;
    int y = area.y + area.h - used;
    struct rect r = {area.x, y, area.w, attention};
    if (attention > 0)
        overview_attention(facts, canvas, overview_title(canvas, r, "Attention"));
    if (services > 0)
        overview_strip(facts, canvas, (struct rect){area.x, y + attention, area.w, 1});
    return used;
}

static int tiles_height(const struct overview_state *st, size_t n, int h)
{
    if (n == 0)
        return 0;
    if (!shows(st, PANE_SKY))
        return h;
    return h >= 44 ? 13 : h >= 34 ? 10 : h >= 24 ? 8 : h >= 16 ? 6 : h >= 12 ? 4 : 0;
}

static void draw_main(struct overview_state *st, const struct overview_facts *facts,
                      struct canvas *canvas, struct rect area, bool operators)
{
    struct tile tiles[TILES_MAX];
    size_t n = choose_tiles(st, operators, tiles);
    int bottom = tiles_height(st, n, area.h);
    struct rect below = {area.x, area.y + area.h - bottom, area.w, bottom};
    struct rect above = {area.x, area.y, area.w, area.h - bottom};
    if (bottom >= 2)
        draw_tiles(facts, tiles, n, canvas, below);
    if (shows(st, PANE_SKY))
        draw_sky(st, facts->app, canvas, above);
}

/* Too low for a picture. */
static void draw_small(const struct overview_facts *facts, struct canvas *canvas,
                       struct rect area)
{
    int rows = MIN_OF(overview_attention_rows(facts), 3);
    struct rect top = {area.x, area.y, area.w, MIN_OF(rows, area.h)};
    struct rect rest = {area.x, area.y + rows, area.w, MAX_OF(area.h - rows, 0)};
    overview_attention(facts, canvas, top);
    overview_traffic(facts, canvas, rest);
}

static void draw_panes(struct overview_state *st, const struct app *app,
                       struct canvas *canvas, struct rect area)
{
    const struct overview_facts facts = {app, &st->counts, &st->history, &st->spots,
                                         st->counted_server_ms};
    struct rect in = {area.x + 1, area.y, area.w - 2, area.h};
    if (area.h < SMALL_HEIGHT) {
        draw_small(&facts, canvas, in);
        return;
    }
    bool alone = !shows(st, PANE_SKY | PANES_TILES);
    if (!alone && (area.w < SIDE_FROM || !shows(st, PANES_SIDE))) {
        in.h -= draw_strips(st, &facts, canvas, in);
        draw_main(st, &facts, canvas, in, true);
        return;
    }
    int w = alone ? in.w : MAX_OF(MIN_OF(in.w / 4, (int)SIDE_WIDTH_MAX), SIDE_WIDTH);
    bool listed =
        draw_side(st, &facts, canvas, (struct rect){in.x + in.w - w, in.y, w, in.h});
    in.w -= w + 2;
    if (!alone)
        draw_main(st, &facts, canvas, in, !listed);
}

/* The row that has the focus; of the sky, a word in its corner. */
static void mark_focus(const struct overview_state *st, struct canvas *canvas)
{
    const struct spot *spot = spots_focus(&st->spots);
    if (spot == NULL)
        return;
    struct pen pen = pen_on(canvas, spot->at);
    pen.marked = true;
    canvas_set_cursor(canvas, spot->at.x, spot->at.y, false);
    if (spot->kind == SPOT_SKY) {
        pen_text(&pen, ROLE_TEXT, " sky ");
        return;
    }
    for (int x = 0; x < spot->at.w; x++) {
        const struct cell cell = *canvas_cell(canvas, spot->at.x + x, spot->at.y);
        pen_to(&pen, x, 0);
        pen_text(&pen, (enum role)cell.role, cell.text);
    }
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct overview_state *st = state;
    st->top = area.y;
    spots_begin(&st->spots);
    draw_panes(st, app, canvas, area);
    spots_end(&st->spots);
    mark_focus(st, canvas);
}

/* ---- keys -------------------------------------------------------------------- */

static void open_flight(struct app *app, uint32_t icao)
{
    app->selected = icao;
    app_want_trail(app, icao);
    app_jump_to(app, "flights", "", true);
}

/* To what the alert is about. */
static void open_alert(struct app *app, const char *id)
{
    uint32_t icao;
    size_t i = 0;
    while (i < app->alerts.count && strcmp(app->alerts.rows[i].id, id) != 0)
        i++;
    const struct alert_row *a = i < app->alerts.count ? &app->alerts.rows[i] : NULL;
    if (a != NULL && flight_parse_hex(a->icao24, strlen(a->icao24), &icao) &&
        flight_table_find(app->flights, icao) != NULL)
        open_flight(app, icao);
    else if (a != NULL && a->service[0] != '\0' &&
             service_list_find(&app->services, a->service) != NULL)
        app_jump_to(app, "services", a->service, false);
    else
        app_jump_to(app, "alerts", id, false);
}

static void open_spot(struct app *app, const struct spot *spot)
{
    uint32_t icao;
    switch (spot->kind) {
    case SPOT_SKY: app_jump_to(app, "map", "", false); break;
    case SPOT_ALERT: open_alert(app, spot->what); break;
    case SPOT_SERVICE: app_jump_to(app, "services", spot->what, false); break;
    case SPOT_FILTER: app_jump_to(app, "flights", spot->what, false); break;
    case SPOT_METRICS: app_jump_to(app, "metrics", "", false); break;
    case SPOT_FLIGHT:
        if (flight_parse_hex(spot->what, strlen(spot->what), &icao))
            open_flight(app, icao);
        break;
    }
}

/* What Enter would do there is said in the place of an older notice. */
static void move_focus(struct overview_state *st, struct app *app, int dx, int dy)
{
    spots_move(&st->spots, dx, dy);
    app->notice[0] = '\0';
}

static bool act_on_spots(struct overview_state *st, struct app *app, enum action action)
{
    const struct spot *spot = spots_focus(&st->spots);
    switch (action) {
    case ACTION_UP: move_focus(st, app, 0, -1); break;
    case ACTION_DOWN: move_focus(st, app, 0, 1); break;
    case ACTION_LEFT: move_focus(st, app, -1, 0); break;
    case ACTION_RIGHT: move_focus(st, app, 1, 0); break;
    case ACTION_OPEN:
        if (spot != NULL)
            open_spot(app, spot);
        else
            move_focus(st, app, 0, 1);
        break;
    case ACTION_BACK:
        if (spot == NULL)
            return false;
        st->spots.focused = false;
        break;
    default: return false;
    }
    return true;
}

static void toggle(struct overview_state *st, struct app *app, unsigned pane,
                   const char *name)
{
    unsigned hidden = st->hidden ^ pane;
    if ((~hidden & PANES_ALL) == 0) {
        app_notice(app, "one pane stays");
        return;
    }
    st->hidden = hidden;
    app_notice(app, "%s %s", name, hidden & pane ? "off" : "on");
}

static bool act(void *state, struct app *app, enum action action)
{
    struct overview_state *st = state;
    switch (action) {
    case ACTION_PRESET:
        st->preset = (st->preset + 1) % ARRAY_LEN(presets);
        st->hidden = PANES_ALL & ~presets[st->preset].panes;
        app_notice(app, "panes: %s", presets[st->preset].name);
        break;
    case ACTION_PANE_SKY: toggle(st, app, PANE_SKY, "sky"); break;
    case ACTION_PANE_ATTENTION: toggle(st, app, PANE_ATTENTION, "attention"); break;
    case ACTION_PANE_SERVICES: toggle(st, app, PANE_SERVICES, "services"); break;
    case ACTION_PANE_SOURCES: toggle(st, app, PANE_SOURCES, "sources"); break;
    case ACTION_PANE_RATES: toggle(st, app, PANE_RATES, "rates"); break;
    case ACTION_PANE_TRAFFIC: toggle(st, app, PANE_TRAFFIC, "traffic"); break;
    case ACTION_PANE_BUSIEST: toggle(st, app, PANE_BUSIEST, "busiest"); break;
    default: return act_on_spots(st, app, action);
    }
    return true;
}

/* What Enter does on it; an aircraft of the sky is selected first, and opened by a
 * second click. */
static void click(void *state, struct app *app, int x, int y)
{
    struct overview_state *st = state;
    const struct spot *spot = spots_at(&st->spots, x, y + st->top);
    bool sky = spot != NULL && spot->kind == SPOT_SKY;
    uint32_t icao = sky ? sky_flight_at(&st->sky, x - 1, y) : 0;
    if (icao != 0 && icao == app->selected) {
        open_flight(app, icao);
    } else if (icao != 0) {
        app->selected = icao;
        app_want_trail(app, icao);
    } else if (spot != NULL) {
        open_spot(app, spot);
    }
}

/* What Enter would do. */
static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct overview_state *st = state;
    const struct spot *spot = spots_focus(&st->spots);
    (void)app;
    if (spot == NULL)
        return;
    switch (spot->kind) {
    case SPOT_SKY: strbuf_add_text(out, "Enter: the map"); break;
    case SPOT_FLIGHT: strbuf_add_text(out, "Enter: all about this flight"); break;
    case SPOT_ALERT: strbuf_add_text(out, "Enter: what this is about"); break;
    case SPOT_SERVICE:
        strbuf_addf(out, "Enter: %s %s", spot->what[0] != '\0' ? "the service" : "all",
                    spot->what[0] != '\0' ? spot->what : "services");
        break;
    case SPOT_METRICS: strbuf_addf(out, "Enter: the metrics (%s)", spot->what); break;
    case SPOT_FILTER:
        strbuf_addf(out, "Enter: the flights with  %s", spot->what);
        if (spot->what[0] == '\0') {
            strbuf_clear(out);
            strbuf_add_text(out, "Enter: all flights");
        }
        break;
    }
    strbuf_add_text(out, "   arrows: another row");
}

/* ---- what is kept ------------------------------------------------------------ */

static void keep(const void *state, const struct app *app, view_note_fn note,
                 void *data)
{
    const struct overview_state *st = state;
    char text[16];
    (void)app;
    if (st->hidden == 0)
        return;
    snprintf(text, sizeof text, "%u", PANES_ALL & ~st->hidden);
    note(data, "panes", text);
}

static bool take(void *state, struct app *app, const char *name, const char *text)
{
    struct overview_state *st = state;
    char *end;
    unsigned long panes = strtoul(text, &end, 10);
    (void)app;
    if (strcmp(name, "panes") != 0 || end == text || *end != '\0' || panes == 0 ||
        panes > PANES_ALL)
        return false;
    st->hidden = PANES_ALL & ~(unsigned)panes;
    return true;
}

static const enum action hints[] = {ACTION_OPEN,     ACTION_NEXT_VIEW, ACTION_PRESET,
                                    ACTION_PANE_SKY, ACTION_COMMAND,   ACTION_NONE};

extern const struct view_class view_overview;
const struct view_class view_overview = {
    .name = "overview",
    .title = "Overview",
    .key = '1',
    .context = CONTEXT_OVERVIEW,
    .state_size = sizeof(struct overview_state),
    .update = update,
    .release = release,
    .draw = draw,
    .act = act,
    .click = click,
    .describe = describe,
    .keep = keep,
    .take = take,
    .hints = hints,
};
