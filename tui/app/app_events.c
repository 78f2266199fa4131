#include "app/app_events.h"

#include <stdio.h>
#include <string.h>

#include "app/app.h"

/* ", 11 250 ft, 41 nm at 087" */
static void add_place(const struct app *app, const struct flight *f, struct strbuf *out)
{
    const struct flight_view_context context = app_view_context(app);
    static const enum flight_column columns[] = {COLUMN_ALT, COLUMN_DIST};
    char text[COLUMN_TEXT_SIZE];
    for (size_t i = 0; f != NULL && i < ARRAY_LEN(columns); i++) {
        bool ground = columns[i] == COLUMN_ALT && flight_on_ground(f);
        flight_column_text(columns[i], f, &context, text);
        if (ground)
            strbuf_add_text(out, ", on the ground");
        else if (text[0] != '\0')
            strbuf_addf(out, ", %s %s", text,
                        flight_column_info(columns[i])->unit[context.units]);
    }
    text[0] = '\0';
    if (f != NULL)
        flight_column_text(COLUMN_BEARING, f, &context, text);
    if (text[0] != '\0')
        strbuf_addf(out, " at %s", text);
}

static void add_what(const struct app *app, const struct flight_news *news,
                     struct strbuf *out)
{
    switch (news->kind) {
    case NEWS_EMERGENCY:
        strbuf_add_text(out, flight_emergency_text(news->flight));
        if (flight_has(news->flight, FLIGHT_SQUAWK))
            strbuf_addf(out, ", squawk %04d", news->flight->v.num[FLIGHT_SQUAWK]);
        break;
    case NEWS_ENTERED:
        strbuf_add_text(out, news->at_start ? "is here" : "appeared");
        break;
    case NEWS_NEAR: strbuf_addf(out, "is nearer than %g nm", app->watch.near_nm); break;
    case NEWS_LEFT: strbuf_add_text(out, "left"); return;
    }
    add_place(app, news->flight, out);
}

/* Emergencies come from the server; what only this viewer waits for is told here. */
static void keep(struct app *app, const struct flight_news *news, const char *text)
{
    char hex[FLIGHT_HEX_SIZE];
    struct alert_row row = {.local = true, .since_ms = news->since_ms};
    bool near = news->kind == NEWS_NEAR;
    flight_format_hex(news->icao, hex);
    snprintf(row.icao24, sizeof row.icao24, "%s", hex);
    snprintf(row.kind, sizeof row.kind, "%s", near ? "near" : "watch");
    snprintf(row.service, sizeof row.service, "%s", news->name); /* who it was */
    snprintf(row.severity, sizeof row.severity, "info");
    snprintf(row.text, sizeof row.text, "%s", text);
    if (near)
        row.since_ms = row.until_ms = app_server_now_ms(app);
    if (news->kind == NEWS_LEFT)
        row.until_ms = app_server_now_ms(app);
    snprintf(row.id, sizeof row.id, "%s:%s:%lld", row.kind, hex,
             (long long)row.since_ms);
    alert_list_tell(&app->alerts, &row);
}

static void on_news(void *data, const struct flight_news *news)
{
    struct app *app = data;
    struct strbuf text;
    strbuf_init(&text, sizeof app->notice);
    add_what(app, news, &text);
    if (news->kind != NEWS_EMERGENCY)
        keep(app, news, strbuf_text(&text));
    /* Nothing less than an emergency takes the line from one. */
    if (news->kind == NEWS_EMERGENCY || !app->notice_is_alarm ||
        app->notice[0] == '\0') {
        app_notice(app, "%s%s%s %s",
                   news->kind == NEWS_EMERGENCY ? "" : "watched: ", news->name,
                   news->kind == NEWS_EMERGENCY ? ":" : "", strbuf_text(&text));
        app->notice_is_alarm = news->kind == NEWS_EMERGENCY;
    }
    if (news->kind != NEWS_LEFT && (news->kind == NEWS_EMERGENCY || !news->at_start))
        app->bells++;
    strbuf_release(&text);
}

void app_look_for_events(struct app *app)
{
    const struct flight_view_context context = app_view_context(app);
    app_update_list(app);
    bool idle = app->watched_version == app->flights_version &&
                app->mono_ms - app->watched_at_ms < 1000;
    if (!app->has_snapshot || app->link.state == LINK_DOWN || idle)
        return;
    app->watched_version = app->flights_version;
    app->watched_at_ms = app->mono_ms;
    flight_watch_update(&app->watch, app->flights, &app->list, &context, on_news, app);
}

void app_toggle_watch(struct app *app)
{
    const struct flight *f = flight_table_find(app->flights, app->selected);
    const struct flight_view_context context = app_view_context(app);
    char name[COLUMN_TEXT_SIZE];
    if (f == NULL) {
        app_notice(app, "select an aircraft first");
        return;
    }
    flight_column_text(COLUMN_CALLSIGN, f, &context, name);
    int marked = flight_watch_toggle(&app->watch, f->icao);
    if (marked < 0)
        app_notice(app, "%d aircraft are watched already", WATCH_MARKS_MAX);
    else if (marked > 0)
        app_notice(app, "watching %s: you are told when it comes and goes", name);
    else
        app_notice(app, "not watching %s any more", name);
}
