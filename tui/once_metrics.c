#include "once_metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "once_text.h"

enum { NUMBER_SIZE = 32 };

static bool is_asked(const struct metric_graph *g)
{
    return g->panel[0] != '\0' || g->query[0] != '\0';
}

static void number_text(double v, char ret_text[NUMBER_SIZE])
{
    snprintf(ret_text, NUMBER_SIZE, "%.10g", v);
}

/* ---- table ------------------------------------------------------------------------
 */

static void write_line(const struct metric_graph *g, const struct metric_series *s,
                       struct strbuf *out)
{
    char cells[3][NUMBER_SIZE] = {"", "", ""};
    char count[NUMBER_SIZE];
    double low = s->count > 0 ? s->values[0] : 0;
    double high = low;
    for (size_t i = 0; i < s->count; i++) {
        low = MIN_OF(low, s->values[i]);
        high = MAX_OF(high, s->values[i]);
    }
    if (s->count > 0) {
        number_text(low, cells[0]);
        number_text(high, cells[1]);
        number_text(s->values[s->count - 1], cells[2]);
    }
    snprintf(count, sizeof count, "%zu", s->count);
    once_add_clean(out, g->title, 20, false);
    strbuf_add_text(out, "  ");
    once_add_clean(out, g->unit, 5, false);
    strbuf_add_text(out, "  ");
    once_add_clean(out, count, 6, true);
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        strbuf_add_text(out, "  ");
        once_add_clean(out, cells[i], 14, true);
    }
    strbuf_add_text(out, "  ");
    once_add_clean(out, s->label, 0, false);
    once_end_line(out);
}

static void write_table(const struct app *app, struct strbuf *out)
{
    strbuf_addf(out, "%-20s  %-5s  %6s  %14s  %14s  %14s  %s\n", "GRAPH", "UNIT",
                "POINTS", "LEAST", "MOST", "LAST", "SERIES");
    for (size_t i = 0; i < app->graph_count; i++) {
        const struct metric_graph *g = &app->graphs[i];
        for (size_t k = 0; k < g->series_count; k++)
            write_line(g, &g->series[k], out);
    }
}

/* ---- a line a point ---------------------------------------------------------------
 */

static void add_member(struct strbuf *out, const char *name, const char *text)
{
    strbuf_addf(out, "\"%s\":", name);
    strbuf_add_json(out, text, strlen(text));
}

static void write_point(const struct metric_graph *g, const struct metric_series *s,
                        size_t i, bool csv, struct strbuf *out)
{
    char value[NUMBER_SIZE];
    char time[CLOCK_ISO8601_SIZE];
    number_text(s->values[i], value);
    clock_iso8601(s->times_ms[i], time);
    if (csv) {
        const char *const cells[] = {time, g->title, g->unit, s->label, value};
        for (size_t k = 0; k < ARRAY_LEN(cells); k++) {
            strbuf_add_text(out, k > 0 ? "," : "");
            once_add_csv(out, cells[k]);
        }
        strbuf_add_char(out, '\n');
        return;
    }
    strbuf_addf(out, "{\"time\":\"%s\",", time);
    add_member(out, "graph", g->title);
    strbuf_add_char(out, ',');
    add_member(out, "series", s->label);
    strbuf_addf(out, ",\"value\":%s}\n", value);
}

static void write_points(const struct app *app, bool csv, struct strbuf *out)
{
    if (csv)
        strbuf_add_text(out, "time,graph,unit,series,value\n");
    for (size_t i = 0; i < app->graph_count; i++) {
        const struct metric_graph *g = &app->graphs[i];
        for (size_t k = 0; k < g->series_count; k++) {
            for (size_t n = 0; n < g->series[k].count; n++)
                write_point(g, &g->series[k], n, csv, out);
        }
    }
}

/* ---- JSON -------------------------------------------------------------------------
 */

static void write_series(const struct metric_series *s, struct strbuf *out)
{
    char value[NUMBER_SIZE];
    strbuf_add_char(out, '{');
    add_member(out, "label", s->label);
    strbuf_add_text(out, ",\"points\":[");
    for (size_t i = 0; i < s->count; i++) {
        number_text(s->values[i], value);
        strbuf_add_text(out, i > 0 ? ",[" : "[");
        strbuf_add_fixed(out, s->times_ms[i], 3);
        strbuf_addf(out, ",%s]", value);
    }
    strbuf_add_text(out, "]}");
}

static void write_graph(const struct metric_graph *g, struct strbuf *out)
{
    strbuf_add_char(out, '{');
    add_member(out, "title", g->title);
    strbuf_add_char(out, ',');
    if (g->panel[0] != '\0')
        add_member(out, "panel", g->panel);
    else
        add_member(out, "query", g->query);
    strbuf_add_char(out, ',');
    add_member(out, "unit", g->unit);
    strbuf_addf(out, ",\"range_s\":%lld", (long long)g->range_s);
    if (g->problem[0] != '\0') {
        strbuf_add_char(out, ',');
        add_member(out, "problem", g->problem);
    }
    strbuf_add_text(out, ",\"series\":[");
    for (size_t i = 0; i < g->series_count; i++) {
        strbuf_add_text(out, i > 0 ? ",\n" : "");
        write_series(&g->series[i], out);
    }
    strbuf_add_text(out, "]}");
}

static void write_json(const struct app *app, struct strbuf *out)
{
    const char *gap = "";
    strbuf_add_text(out, "{\"graphs\":[");
    for (size_t i = 0; i < app->graph_count; i++) {
        if (!is_asked(&app->graphs[i]))
            continue;
        strbuf_add_text(out, gap);
        write_graph(&app->graphs[i], out);
        gap = ",\n";
    }
    strbuf_add_text(out, "]}\n");
}

void once_metrics(const struct app *app, enum once_format format, struct strbuf *out)
{
    switch (format) {
    case FORMAT_TABLE: write_table(app, out); break;
    case FORMAT_JSON: write_json(app, out); break;
    case FORMAT_CSV: write_points(app, true, out); break;
    case FORMAT_NDJSON: write_points(app, false, out); break;
    }
}
