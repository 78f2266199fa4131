/*
 * A few panels of flightdash's own and one free query, as graphs. Two or three
 * large ones rather than nine stamps: what does not fit is scrolled to.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "views/age_text.h"
#include "views/empty.h"
#include "views/view.h"
#include "widgets/graph.h"

enum { FREE_GRAPH = 0, GRAPH_MIN_HEIGHT = 8, WIDE = 120 };

struct metrics_state {
    bool opened;
    bool zoomed;
    size_t selected;
    size_t range;
    char query[512];
};

static const int64_t ranges_s[] = {300, 900, 3600, 21600, 86400};

/* Panels that the server knows by name (its upstream/panels.def). */
static const struct app_graph_question panels[] = {
    {"Aircraft", "flights", NULL, "", 0},
    {"Records consumed", "record-rate", NULL, "/s", 0},
    {"Tick duration, p99", "tick-duration", NULL, "s", 0},
    {"Memory", "memory", NULL, "bytes", 0},
};

static void ask_all(struct metrics_state *st, struct app *app)
{
    for (size_t i = 0; i < ARRAY_LEN(panels); i++) {
        struct app_graph_question q = panels[i];
        q.range_s = ranges_s[st->range];
        app_ask_graph(app, i + 1, &q);
    }
    const struct app_graph_question q = {st->query, NULL, st->query, "",
                                         ranges_s[st->range]};
    app_ask_graph(app, FREE_GRAPH, &q);
}

static void open(void *state, struct app *app)
{
    struct metrics_state *st = state;
    if (!st->opened) {
        st->range = 1;
        st->selected = 1;
        ask_all(st, app);
        app_want_metrics(app);
    }
    st->opened = true;
}

/* ---- one graph ------------------------------------------------------------------ */

static void draw_legend(const struct metric_graph *g, struct pen *pen)
{
    static const enum role roles[] = {ROLE_GRAPH_1, ROLE_GRAPH_2, ROLE_GRAPH_3,
                                      ROLE_GRAPH_4};
    for (size_t i = 0; i < g->series_count && pen->x < pen->area.w - 8; i++) {
        const struct metric_series *s = &g->series[i];
        char value[GRAPH_NUMBER_SIZE] = "·";
        if (s->count > 0)
            graph_number(s->values[s->count - 1], value);
        pen_textf(pen, roles[i % 4], "  %s", value);
        if (s->label[0] != '\0')
            pen_textf(pen, ROLE_DIM, " %s", s->label);
    }
    if (g->more > 0)
        pen_textf(pen, ROLE_DIM, "  and %zu more", g->more);
}

static void draw_lines(const struct metric_graph *g, struct canvas *canvas,
                       struct rect area)
{
    struct graph_line lines[METRIC_SERIES_MAX];
    for (size_t i = 0; i < g->series_count; i++) {
        const struct metric_series *s = &g->series[i];
        lines[i] = (struct graph_line){s->label, s->times_ms, s->values, s->count};
    }
    int64_t step_ms = g->range_s * 1000 / 120;
    const struct graph graph = {
        .lines = lines,
        .line_count = g->series_count,
        .to_ms = g->answered_ms,
        .from_ms = g->answered_ms - g->range_s * 1000,
        .gap_ms = MAX_OF(step_ms, 5000) * 3,
        .unit = g->unit,
    };
    graph_draw(&graph, canvas, area);
}

static void draw_one(const struct app *app, const struct metric_graph *g, bool selected,
                     struct canvas *canvas, struct rect area)
{
    struct pen pen = pen_on(canvas, area);
    char age[AGE_TEXT_SIZE];
    pen_text(&pen, selected ? ROLE_ACCENT : ROLE_HEADING, g->title);
    if (g->unit[0] != '\0')
        pen_textf(&pen, ROLE_DIM, " %s", g->unit);
    if (g->problem[0] != '\0') {
        pen_to(&pen, 0, 1);
        pen_text(&pen, ROLE_WARN, g->problem);
        return;
    }
    if (g->answered_ms == 0) {
        pen_to(&pen, 0, 1);
        pen_text(&pen, ROLE_DIM,
                 app->replaying ? "not in this recording" : "asked, no answer yet");
        return;
    }
    draw_legend(g, &pen);
    int64_t old_ms = app_server_now_ms(app) - g->answered_ms;
    if (old_ms > g->range_s * 1000 / 20 + 15000) {
        age_text(old_ms, age);
        pen_textf(&pen, ROLE_STALE, "  %s old", age);
    }
    struct rect plot = {area.x, area.y + 1, area.w, area.h - 1};
    if (g->series_count == 0) {
        pen_to(&pen, 0, 1);
        pen_text(&pen, ROLE_DIM, "no data in this time");
    } else {
        draw_lines(g, canvas, plot);
    }
}

static bool is_asked(const struct metric_graph *g)
{
    return g->panel[0] != '\0' || g->query[0] != '\0';
}

static void draw(void *state, const struct app *app, struct canvas *canvas,
                 struct rect area)
{
    struct metrics_state *st = state;
    struct rect inside = {area.x + 1, area.y, area.w - 2, area.h};
    int across = st->zoomed || area.w < WIDE ? 1 : 2;
    int down = st->zoomed ? 1 : MAX_OF(area.h / GRAPH_MIN_HEIGHT, 1);
    size_t page = (size_t)MAX_OF(across * down, 1);
    size_t shown[APP_GRAPHS_MAX];
    size_t n = 0;
    size_t at = 0;
    for (size_t i = 0; i < app->graph_count; i++) {
        at = i == st->selected ? n : at;
        if (is_asked(&app->graphs[i]))
            shown[n++] = i;
    }
    if (n < page) {
        down = MAX_OF(((int)n + across - 1) / across, 1);
        page = (size_t)MAX_OF(across * down, 1);
    }
    page = MAX_OF(page, (size_t)1);
    size_t first = at / page * page;
    first = first + page > n && n > page ? n - page : first;
    for (size_t i = 0; i < page && first + i < n; i++) {
        int w = inside.w / across;
        int h = inside.h / down;
        struct rect r = {inside.x + (int)i % across * w, inside.y + (int)i / across * h,
                         w - (across > 1 ? 2 : 0), h};
        size_t graph = shown[first + i];
        draw_one(app, &app->graphs[graph], graph == st->selected, canvas, r);
    }
}

/* ---- keys ------------------------------------------------------------------------ */

static void select_step(struct metrics_state *st, const struct app *app, int step)
{
    size_t n = app->graph_count;
    for (size_t i = 0; i < n; i++) {
        st->selected = (st->selected + n + (size_t)step) % n;
        if (is_asked(&app->graphs[st->selected]))
            return;
    }
}

static void change_range(struct metrics_state *st, struct app *app, int step)
{
    char text[AGE_TEXT_SIZE];
    int to = (int)st->range + step;
    if (to < 0 || to >= (int)ARRAY_LEN(ranges_s))
        return;
    st->range = (size_t)to;
    ask_all(st, app);
    age_text(ranges_s[st->range] * 1000, text);
    app_notice(app, "the last %s", text);
}

static bool act(void *state, struct app *app, enum action action)
{
    struct metrics_state *st = state;
    switch (action) {
    case ACTION_UP:
    case ACTION_LEFT: select_step(st, app, -1); break;
    case ACTION_DOWN:
    case ACTION_RIGHT: select_step(st, app, 1); break;
    case ACTION_DETAIL: st->zoomed = !st->zoomed; break;
    case ACTION_RANGE: change_range(st, app, 1); break;
    case ACTION_RANGE_LESS: change_range(st, app, -1); break;
    case ACTION_BACK:
        if (!st->zoomed)
            return false;
        st->zoomed = false;
        break;
    default: return false;
    }
    return true;
}

static const char *line_prompt(const void *state)
{
    (void)state;
    return "PromQL ";
}

static const char *line_text(const void *state, const struct app *app)
{
    const struct metrics_state *st = state;
    (void)app;
    return st->query;
}

static bool line_take(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error)
{
    struct metrics_state *st = state;
    (void)error;
    if (!done)
        return true; /* Prometheus is asked once, not with every key */
    snprintf(st->query, sizeof st->query, "%s", text);
    const struct app_graph_question q = {st->query, NULL, st->query, "",
                                         ranges_s[st->range]};
    app_ask_graph(app, FREE_GRAPH, &q);
    st->selected = st->query[0] != '\0' ? FREE_GRAPH : 1;
    return true;
}

static void describe(const void *state, const struct app *app, struct strbuf *out)
{
    const struct metrics_state *st = state;
    char text[AGE_TEXT_SIZE];
    age_text(ranges_s[st->range] * 1000, text);
    char *gap = strstr(text, " 00");
    if (gap != NULL)
        *gap = '\0';
    strbuf_addf(out, "the last %s%s%s", text, st->query[0] != '\0' ? "   PromQL  " : "",
                st->query);
    (void)app;
}

static const enum action hints[] = {ACTION_DETAIL, ACTION_FILTER, ACTION_RANGE,
                                    ACTION_NONE};

extern const struct view_class view_metrics;
const struct view_class view_metrics = {
    .name = "metrics",
    .title = "Metrics",
    .key = '5',
    .context = CONTEXT_METRICS,
    .state_size = sizeof(struct metrics_state),
    .open = open,
    .draw = draw,
    .act = act,
    .line_prompt = line_prompt,
    .line_text = line_text,
    .line_take = line_take,
    .describe = describe,
    .hints = hints,
};
