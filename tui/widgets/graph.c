#include "widgets/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "widgets/dots.h"

enum { AXIS_WIDTH = 7 };

struct plot {
    struct rect area; /* where the lines go */
    double low, high;
    int64_t from_ms, to_ms;
};

void graph_number(double v, char ret_text[GRAPH_NUMBER_SIZE])
{
    static const struct {
        double from, unit;
        const char *suffix;
    } scales[] = {{1e9, 1e9, "G"}, {1e6, 1e6, "M"}, {1e4, 1e3, "k"}, {0, 1, ""}};
    size_t i = 0;
    while (fabs(v) < scales[i].from)
        i++;
    double n = v / scales[i].unit;
    int decimals = fabs(n) >= 100 || fabs(n - round(n)) < 1e-9 ? 0
                   : fabs(n) >= 10                             ? 1
                                                               : 2;
    if (fabs(n) < 0.1 && fabs(n) > 0)
        snprintf(ret_text, GRAPH_NUMBER_SIZE, "%.1e", v);
    else
        snprintf(ret_text, GRAPH_NUMBER_SIZE, "%.*f%s", decimals, n, scales[i].suffix);
}

double graph_round_up(double v)
{
    double unit = pow(10, floor(log10(v)));
    double n = v / unit;
    return (n <= 1 ? 1 : n <= 2 ? 2 : n <= 5 ? 5 : 10) * unit;
}

/* The scale starts at zero unless values are negative; it is round. */
static void find_scale(const struct graph *g, struct plot *p)
{
    p->low = 0;
    p->high = 0;
    for (size_t i = 0; i < g->line_count; i++) {
        for (size_t k = 0; k < g->lines[i].count; k++) {
            p->low = fmin(p->low, g->lines[i].values[k]);
            p->high = fmax(p->high, g->lines[i].values[k]);
        }
    }
    p->high = p->high > 0 ? graph_round_up(p->high) : p->low < 0 ? 0 : 1;
    p->low = p->low < 0 ? -graph_round_up(-p->low) : 0;
}

static double dot_x(const struct plot *p, int64_t t_ms)
{
    double part = (double)(t_ms - p->from_ms) / (double)(p->to_ms - p->from_ms);
    return part * (p->area.w * DOTS_ACROSS - 1);
}

static double dot_y(const struct plot *p, double v)
{
    double part = (v - p->low) / (p->high - p->low);
    return (1 - part) * (p->area.h * DOTS_DOWN - 1);
}

static void draw_line(struct dots *dots, const struct plot *p,
                      const struct graph_line *line, int64_t gap_ms, enum role role)
{
    double last[2] = {0, 0};
    bool joined = false;
    for (size_t i = 0; i < line->count; i++) {
        int64_t t = line->times_ms[i];
        if (t < p->from_ms || t > p->to_ms)
            continue;
        double here[2] = {dot_x(p, t), dot_y(p, line->values[i])};
        joined = joined && t - line->times_ms[i - 1] <= gap_ms;
        dots_line(dots, role, joined ? last : here, here);
        memcpy(last, here, sizeof last);
        joined = true;
    }
}

static void draw_axis(const struct graph *g, struct canvas *c, struct rect area,
                      const struct plot *p)
{
    struct pen pen = pen_on(c, area);
    int rows = p->area.h;
    for (int i = 0; i < 3; i++) {
        char text[GRAPH_NUMBER_SIZE];
        int y = i * (rows - 1) / 2;
        if (i > 0 && y == (i - 1) * (rows - 1) / 2)
            continue;
        graph_number(p->high - (p->high - p->low) * i / 2, text);
        pen_to(&pen, 0, y);
        pen_right(&pen, ROLE_HEADING, AXIS_WIDTH - 1, text);
    }
    for (int y = 0; y < rows; y++) {
        pen_to(&pen, AXIS_WIDTH - 1, y);
        pen_text(&pen, ROLE_RULE, "│");
    }
    int64_t span_s = (g->to_ms - g->from_ms) / 1000;
    char text[32];
    snprintf(text, sizeof text, "-%lld%s",
             (long long)(span_s >= 7200  ? span_s / 3600
                         : span_s >= 120 ? span_s / 60
                                         : span_s),
             span_s >= 7200  ? " h"
             : span_s >= 120 ? " min"
                             : " s");
    pen_to(&pen, AXIS_WIDTH, rows);
    pen_text(&pen, ROLE_HEADING, text);
    pen_to(&pen, area.w - 3, rows);
    pen_text(&pen, ROLE_HEADING, "now");
}

void graph_draw(const struct graph *graph, struct canvas *canvas, struct rect area)
{
    static const enum role roles[] = {ROLE_GRAPH_1, ROLE_GRAPH_2, ROLE_GRAPH_3,
                                      ROLE_GRAPH_4};
    if (area.w < AXIS_WIDTH + 4 || area.h < 2 || graph->to_ms <= graph->from_ms)
        return;
    struct plot p = {
        .area = {area.x + AXIS_WIDTH, area.y, area.w - AXIS_WIDTH, area.h - 1},
        .from_ms = graph->from_ms,
        .to_ms = graph->to_ms};
    struct dots dots = {0};
    dots_resize(&dots, p.area.w, p.area.h);
    find_scale(graph, &p);
    draw_axis(graph, canvas, area, &p);
    for (size_t i = graph->line_count; i-- > 0;)
        draw_line(&dots, &p, &graph->lines[i], graph->gap_ms, roles[i % 4]);
    dots_paint(&dots, canvas, p.area);
    dots_release(&dots);
}
