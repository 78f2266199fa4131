#include "once_overview.h"

#include <stdio.h>
#include <string.h>

#include "app/flight_counts.h"
#include "base/alloc.h"
#include "once_text.h"

enum { NUMBER_SIZE = 16, SAYS_SIZE = SERVICE_TEXT_SIZE + 16, FEET_OF_BAND = 10000 };

/* Where lines go, and how. */
struct lines {
    enum once_format format;
    struct strbuf *out;
    size_t count;
};

static void add_member(struct strbuf *out, const char *name, const char *text)
{
    strbuf_addf(out, "\"%s\":", name);
    strbuf_add_json(out, text, strlen(text));
}

static void write_object(struct lines *lines, const char *const cells[4])
{
    struct strbuf *out = lines->out;
    if (lines->format == FORMAT_JSON && lines->count > 0)
        strbuf_add_text(out, ",\n");
    strbuf_add_char(out, '{');
    add_member(out, "what", cells[0]);
    strbuf_add_char(out, ',');
    add_member(out, "name", cells[1]);
    if (cells[2][0] != '\0')
        strbuf_addf(out, ",\"count\":%s", cells[2]);
    if (cells[3][0] != '\0') {
        strbuf_add_char(out, ',');
        add_member(out, "says", cells[3]);
    }
    strbuf_add_text(out, lines->format == FORMAT_NDJSON ? "}\n" : "}");
}

static void write_cells(struct lines *lines, const char *const cells[4])
{
    struct strbuf *out = lines->out;
    if (lines->format == FORMAT_CSV) {
        for (size_t i = 0; i < 4; i++) {
            strbuf_add_text(out, i > 0 ? "," : "");
            once_add_csv(out, cells[i]);
        }
        strbuf_add_char(out, '\n');
        return;
    }
    once_add_clean(out, cells[0], 9, false);
    strbuf_add_text(out, "  ");
    once_add_clean(out, cells[1], 24, false);
    strbuf_add_text(out, "  ");
    once_add_clean(out, cells[2], 6, true);
    strbuf_add_text(out, "  ");
    once_add_clean(out, cells[3], 0, false);
    once_end_line(out);
}

static void write_line(struct lines *lines, const char *what, const char *name,
                       const char *count, const char *says)
{
    const char *const cells[4] = {what, name, count, says};
    if (lines->format == FORMAT_JSON || lines->format == FORMAT_NDJSON)
        write_object(lines, cells);
    else
        write_cells(lines, cells);
    lines->count++;
}

static void write_count(struct lines *lines, const char *what, const char *name,
                        unsigned count)
{
    char number[NUMBER_SIZE];
    snprintf(number, sizeof number, "%u", count);
    write_line(lines, what, name, number, "");
}

static void write_traffic(struct lines *lines, const struct flight_counts *c)
{
    const struct {
        const char *name;
        unsigned count;
    } rows[] = {{"total", c->total},
                {"climb", c->climbing},
                {"level", c->level},
                {"descent", c->descending},
                {"ground", c->ground},
                {"military", c->military},
                {"no position", c->total - c->positioned},
                {"not heard 15 s", c->stale}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        write_count(lines, "flights", rows[i].name, rows[i].count);
}

static void write_altitudes(struct lines *lines, const struct flight_counts *c)
{
    for (int band = COUNTS_BANDS - 1; band >= 0; band--) {
        char name[32];
        int from_ft = band * FEET_OF_BAND;
        if (band == COUNTS_BANDS - 1)
            snprintf(name, sizeof name, "from %d ft", from_ft);
        else if (band == 0)
            snprintf(name, sizeof name, "below %d ft", FEET_OF_BAND);
        else
            snprintf(name, sizeof name, "%d-%d ft", from_ft, from_ft + FEET_OF_BAND);
        write_count(lines, "altitude", name, c->bands[band]);
    }
}

static void write_top(struct lines *lines, const char *what,
                      const struct count_row rows[COUNTS_TOP])
{
    for (size_t i = 0; i < COUNTS_TOP && rows[i].name[0] != '\0'; i++)
        write_count(lines, what, rows[i].name, rows[i].count);
}

static void write_urgent(struct lines *lines, const struct app *app,
                         const struct flight_counts *c)
{
    const struct flight_view_context context = app_view_context(app);
    for (size_t i = 0; i < COUNTS_URGENT && c->urgent[i] != 0; i++) {
        const struct flight *f = flight_table_find(app->flights, c->urgent[i]);
        char callsign[COLUMN_TEXT_SIZE], squawk[COLUMN_TEXT_SIZE];
        char hex[FLIGHT_HEX_SIZE], says[SAYS_SIZE];
        const char *text = f != NULL ? flight_emergency_text(f) : NULL;
        if (text == NULL)
            continue;
        flight_format_hex(f->icao, hex);
        flight_column_text(COLUMN_CALLSIGN, f, &context, callsign);
        flight_column_text(COLUMN_SQUAWK, f, &context, squawk);
        snprintf(says, sizeof says, "%s%s%s%s%s", callsign,
                 callsign[0] != '\0' ? " " : "", squawk, squawk[0] != '\0' ? " " : "",
                 text);
        write_line(lines, "emergency", hex, "", says);
    }
}

static void write_services(struct lines *lines, const struct app *app)
{
    for (size_t i = 0; i < app->services.count; i++) {
        const struct service *s = &app->services.rows[i];
        char says[SAYS_SIZE];
        snprintf(says, sizeof says, "%s%s%s", service_status_text(s->status),
                 s->says[0] != '\0' ? ": " : "", s->says);
        write_line(lines, "service", s->name, "", says);
    }
}

static void write_lines(struct lines *lines, const struct app *app)
{
    struct flight_counts *counts = xcalloc(1, sizeof *counts);
    const struct flight_view_context context = app_view_context(app);
    flight_counts_take(counts, app->flights, &context);
    write_traffic(lines, counts);
    write_urgent(lines, app, counts);
    write_altitudes(lines, counts);
    write_top(lines, "source", counts->sources);
    write_top(lines, "country", counts->countries);
    write_top(lines, "operator", counts->operators);
    write_top(lines, "type", counts->types);
    write_services(lines, app);
    free(counts);
}

void once_overview(const struct app *app, enum once_format format, struct strbuf *out)
{
    int64_t now_ms = app_server_now_ms(app);
    struct lines lines = {.format = format, .out = out};
    if (format == FORMAT_TABLE)
        write_cells(&lines, (const char *const[]){"WHAT", "NAME", "COUNT", "SAYS"});
    else if (format == FORMAT_CSV)
        strbuf_add_text(out, "what,name,count,says\n");
    else if (format == FORMAT_JSON)
        strbuf_addf(out, "{\"now\":%lld.%03lld,\"tick\":%u,\"overview\":[",
                    (long long)(now_ms / 1000), (long long)(now_ms % 1000),
                    app->link.tick);
    write_lines(&lines, app);
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "]}\n");
}
