#include "once_format.h"

#include <string.h>

#include "base/clock.h"
#include "flight/flight_encode.h"
#include "flight/flight_fields.h"
#include "once_metrics.h"
#include "once_overview.h"
#include "once_text.h"

enum { ONCE_CELL_SIZE = COLUMN_TEXT_SIZE };

enum once_format once_format_by_name(const char *name)
{
    static const char *const names[] = {"table", "json", "csv", "ndjson"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum once_format)i;
    }
    return FORMAT_TABLE;
}

/* ---- flights ------------------------------------------------------------------ */

static size_t table_columns(const struct app *app, enum flight_column *ret_columns)
{
    static const enum flight_column usual[] = {
        COLUMN_CALLSIGN, COLUMN_HEX, COLUMN_REG,   COLUMN_TYPE,  COLUMN_COUNTRY,
        COLUMN_ALT,      COLUMN_GS,  COLUMN_TRACK, COLUMN_VRATE, COLUMN_SQUAWK,
        COLUMN_LAT,      COLUMN_LON, COLUMN_AGE};
    size_t n = 0;
    const char *at = app->columns;
    while (*at != '\0' && n < COLUMN_COUNT) {
        size_t len = strcspn(at, " ");
        enum flight_column column = flight_column_by_name(at, len);
        if (column != COLUMN_COUNT)
            ret_columns[n++] = column;
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    if (n > 0)
        return n;
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        ret_columns[n++] = usual[i];
    if (app->has_home) {
        ret_columns[n++] = COLUMN_DIST;
        ret_columns[n++] = COLUMN_BEARING;
    }
    return n;
}

static void write_table_row(const struct app *app, const struct flight *f,
                            const enum flight_column *columns, size_t n,
                            struct strbuf *out)
{
    const struct flight_view_context context = app_view_context(app);
    for (size_t i = 0; i < n; i++) {
        const struct flight_column_info *info = flight_column_info(columns[i]);
        char text[COLUMN_TEXT_SIZE];
        if (f != NULL)
            flight_column_text(columns[i], f, &context, text);
        strbuf_add_text(out, i > 0 ? "  " : "");
        once_add_clean(out, f != NULL ? text : info->title, info->width, info->right);
    }
    once_end_line(out);
}

static void write_csv_flight(const struct flight *f, int64_t now_ms, struct strbuf *out)
{
    struct strbuf value;
    char hex[FLIGHT_HEX_SIZE];
    strbuf_init(&value, 1024);
    flight_format_hex(f->icao, hex);
    strbuf_add_text(out, hex);
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++) {
        strbuf_clear(&value);
        flight_encode_fields(&value, f, FLIGHT_BIT(field));
        const char *text = strchr(strbuf_text(&value), ':');
        text = text != NULL ? text + 1 : "";
        size_t n = strlen(text);
        bool quoted = n >= 2 && text[0] == '"';
        strbuf_add_char(out, ',');
        if (quoted) {
            value.data[value.len - 1] = '\0';
            once_add_csv(out, text + 1);
        } else {
            once_add_csv(out, text);
        }
    }
    strbuf_add_char(out, ',');
    strbuf_add_fixed(out, (now_ms - f->heard_at_ms) / 100, 1);
    strbuf_add_char(out, '\n');
    strbuf_release(&value);
}

static void write_csv_header(struct strbuf *out)
{
    strbuf_add_text(out, "hex");
    for (int field = 0; field < FLIGHT_FIELD_COUNT; field++)
        strbuf_addf(out, ",%s", flight_field_info[field].key);
    strbuf_add_text(out, ",seen\n");
}

static void write_flights(const struct app *app, enum once_format format,
                          struct strbuf *out)
{
    enum flight_column columns[COLUMN_COUNT + 2];
    size_t n = table_columns(app, columns);
    int64_t now_ms = app_server_now_ms(app);
    if (format == FORMAT_TABLE)
        write_table_row(app, NULL, columns, n, out);
    else if (format == FORMAT_CSV)
        write_csv_header(out);
    else if (format == FORMAT_JSON)
        strbuf_addf(out, "{\"now\":%lld.%03lld,\"tick\":%u,\"total\":%zu,\"flights\":[",
                    (long long)(now_ms / 1000), (long long)(now_ms % 1000),
                    app->link.tick, flight_table_count(app->flights));
    for (size_t i = 0; i < app->list.count; i++) {
        const struct flight *f =
            flight_table_find(app->flights, app->list.entries[i].icao);
        if (format == FORMAT_TABLE) {
            write_table_row(app, f, columns, n, out);
        } else if (format == FORMAT_CSV) {
            write_csv_flight(f, now_ms, out);
        } else {
            strbuf_add_text(out, format == FORMAT_JSON && i > 0 ? ",\n" : "");
            flight_encode_flight(out, f, FLIGHT_ALL_FIELDS, now_ms);
            strbuf_add_text(out, format == FORMAT_NDJSON ? "\n" : "");
        }
    }
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "]}\n");
}

/* ---- services ----------------------------------------------------------------- */

static void write_service_json(const struct service *s, struct strbuf *out)
{
    strbuf_add_text(out, "{\"service\":");
    strbuf_add_json(out, s->name, strlen(s->name));
    strbuf_addf(out, ",\"status\":\"%s\"", service_status_text(s->status));
    if (s->since_ms > 0) {
        strbuf_add_text(out, ",\"since\":");
        strbuf_add_fixed(out, s->since_ms, 3);
    }
    if (s->latency_ms >= 0)
        strbuf_addf(out, ",\"latency_ms\":%g", s->latency_ms);
    strbuf_add_text(out, ",\"output\":");
    strbuf_add_json(out, s->says, strlen(s->says));
    strbuf_add_char(out, '}');
}

static void write_service_line(const struct service *s, int64_t now_ms, bool csv,
                               struct strbuf *out)
{
    char latency[32] = "";
    char since[32] = "";
    if (s->latency_ms >= 0)
        snprintf(latency, sizeof latency, "%.1f", s->latency_ms);
    if (s->since_ms > 0)
        snprintf(since, sizeof since, "%lld", (long long)(now_ms - s->since_ms) / 1000);
    if (csv) {
        const char *const cells[] = {
            service_status_text(s->status), s->name, latency, since, s->needs, s->says};
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            strbuf_add_text(out, i > 0 ? "," : "");
            once_add_csv(out, cells[i]);
        }
        strbuf_add_char(out, '\n');
        return;
    }
    strbuf_addf(out, "%-6s  ", service_status_text(s->status));
    once_add_clean(out, s->name, 20, false);
    strbuf_addf(out, "  %10s  %7s  ", latency, since);
    once_add_clean(out, s->says, 0, false);
    once_end_line(out);
}

static void write_services(const struct app *app, enum once_format format,
                           struct strbuf *out)
{
    int64_t now_ms = app_server_now_ms(app);
    if (format == FORMAT_TABLE)
        strbuf_addf(out, "%-6s  %-20s  %10s  %7s  %s\n", "STATUS", "SERVICE",
                    "LATENCY ms", "SINCE s", "SAYS");
    else if (format == FORMAT_CSV)
        strbuf_add_text(out, "status,service,latency_ms,since_s,needs,says\n");
    else if (format == FORMAT_JSON)
        strbuf_add_text(out, "{\"services\":[");
    for (size_t i = 0; i < app->services.count; i++) {
        const struct service *s = &app->services.rows[i];
        if (format == FORMAT_TABLE || format == FORMAT_CSV) {
            write_service_line(s, now_ms, format == FORMAT_CSV, out);
            continue;
        }
        strbuf_add_text(out, format == FORMAT_JSON && i > 0 ? ",\n" : "");
        write_service_json(s, out);
        strbuf_add_text(out, format == FORMAT_NDJSON ? "\n" : "");
    }
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "]}\n");
}

/* ---- logs --------------------------------------------------------------------- */

static const char *mark_name(enum log_mark mark)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    return names[mark];
}

static void write_log(const struct log_line *line, enum once_format format,
                      struct strbuf *out)
{
    char time[CLOCK_ISO8601_SIZE];
    clock_iso8601(line->time_ms, time);
    if (format == FORMAT_TABLE) {
        strbuf_addf(out, "%s  %-5s  ", time, mark_name(line->mark));
        once_add_clean(out, line->service, 16, false);
        strbuf_add_text(out, "  ");
        once_add_clean(out, line->message, 0, false);
        once_end_line(out);
    } else if (format == FORMAT_CSV) {
        strbuf_addf(out, "%s,%s,", time, mark_name(line->mark));
        once_add_csv(out, line->service);
        strbuf_add_char(out, ',');
        once_add_csv(out, line->message);
        strbuf_add_char(out, '\n');
    } else {
        strbuf_addf(out, "{\"time\":\"%s\",\"level\":\"%s\",\"service\":", time,
                    mark_name(line->mark));
        strbuf_add_json(out, line->service, strlen(line->service));
        strbuf_add_text(out, ",\"message\":");
        strbuf_add_json(out, line->message, strlen(line->message));
        strbuf_add_text(out, format == FORMAT_NDJSON ? "}\n" : "}");
    }
}

static void write_logs(const struct app *app, enum once_format format,
                       struct strbuf *out)
{
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "{\"logs\":[");
    if (format == FORMAT_CSV)
        strbuf_add_text(out, "time,level,service,message\n");
    for (size_t i = 0; i < app->logs.count; i++) {
        strbuf_add_text(out, format == FORMAT_JSON && i > 0 ? ",\n" : "");
        write_log(log_ring_at(&app->logs, i), format, out);
    }
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "]}\n");
}

/* ---- alerts ------------------------------------------------------------------- */

static const char *alert_state(const struct alert_row *a)
{
    return a->until_ms != 0 ? "over" : a->acked ? "seen" : "open";
}

static void write_alert_json(const struct alert_row *a, struct strbuf *out)
{
    const char *const members[][2] = {{"id", a->id},
                                      {"kind", a->kind},
                                      {"severity", a->severity},
                                      {"state", alert_state(a)},
                                      {"icao24", a->icao24},
                                      {"service", a->service},
                                      {"text", a->text}};
    strbuf_add_text(out, "{\"since\":");
    strbuf_add_fixed(out, a->since_ms, 3);
    if (a->until_ms != 0) {
        strbuf_add_text(out, ",\"until\":");
        strbuf_add_fixed(out, a->until_ms, 3);
    }
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        if (members[i][1][0] == '\0')
            continue;
        strbuf_addf(out, ",\"%s\":", members[i][0]);
        strbuf_add_json(out, members[i][1], strlen(members[i][1]));
    }
    strbuf_add_char(out, '}');
}

static void write_alert(const struct alert_row *a, enum once_format format,
                        struct strbuf *out)
{
    char since[CLOCK_ISO8601_SIZE];
    const char *about = a->service[0] != '\0' ? a->service : a->icao24;
    clock_iso8601(a->since_ms, since);
    if (format == FORMAT_CSV) {
        const char *const cells[] = {alert_state(a), since, a->kind,
                                     a->severity,    about, a->text};
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            strbuf_add_text(out, i > 0 ? "," : "");
            once_add_csv(out, cells[i]);
        }
        strbuf_add_char(out, '\n');
    } else if (format == FORMAT_TABLE) {
        strbuf_addf(out, "%-5s  %s  %-9s  ", alert_state(a), since, a->kind);
        once_add_clean(out, about, 16, false);
        strbuf_add_text(out, "  ");
        once_add_clean(out, a->text, 0, false);
        once_end_line(out);
    } else {
        write_alert_json(a, out);
        strbuf_add_text(out, format == FORMAT_NDJSON ? "\n" : "");
    }
}

static void write_alerts(const struct app *app, enum once_format format,
                         struct strbuf *out)
{
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "{\"alerts\":[");
    else if (format == FORMAT_CSV)
        strbuf_add_text(out, "state,since,kind,severity,about,text\n");
    else if (format == FORMAT_TABLE)
        strbuf_addf(out, "%-5s  %-24s  %-9s  %-16s  %s\n", "STATE", "SINCE", "KIND",
                    "ABOUT", "TEXT");
    for (size_t i = 0; i < app->alerts.count; i++) {
        strbuf_add_text(out, format == FORMAT_JSON && i > 0 ? ",\n" : "");
        write_alert(&app->alerts.rows[i], format, out);
    }
    if (format == FORMAT_JSON)
        strbuf_add_text(out, "]}\n");
}

bool once_write(const struct app *app, const char *view, enum once_format format,
                struct strbuf *out)
{
    static const struct {
        const char *view;
        void (*write)(const struct app *app, enum once_format format,
                      struct strbuf *out);
    } rows[] = {
        {"overview", once_overview}, {"flights", write_flights},
        {"map", write_flights},      {"services", write_services},
        {"logs", write_logs},        {"alerts", write_alerts},
        {"metrics", once_metrics},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].view, view) == 0) {
            rows[i].write(app, format, out);
            return true;
        }
    }
    return false;
}
