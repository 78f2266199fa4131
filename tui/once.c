/*
 * --once ends as soon as what it prints is whole; what the server does not tell
 * within ANSWER_MS after the connection is taken as not there.
 */
#include "once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/replay_link.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "feed.h"
#include "net/loop.h"
#include "once_format.h"
#include "views/views.h"

enum { CONNECT_MS = 5000, ANSWER_MS = 3000, OUTPUT_MAX = 256 << 20 };

struct once {
    const struct settings *settings;
    const char *view;
    void *state; /* of that view, which asks for what it needs */
    struct loop *loop;
    struct app app;
    struct feed feed;
    bool connected;
    int64_t connected_ms;
    struct loop_timer *deadline;
};

/* Why a graph is empty; NULL when one of them is not. */
static const char *graphs_problem(const struct app *app)
{
    const char *problem = app->replaying ? "this recording has no metrics"
                                         : "the server answers no question for metrics";
    for (size_t i = 0; i < app->graph_count; i++) {
        const struct metric_graph *g = &app->graphs[i];
        if (g->problem[0] != '\0')
            problem = g->problem;
        if (g->answered_ms > 0 && g->problem[0] == '\0')
            return NULL;
    }
    return problem;
}

static bool graphs_are_whole(const struct app *app)
{
    for (size_t i = 0; i < app->graph_count; i++) {
        const struct metric_graph *g = &app->graphs[i];
        bool asked = g->panel[0] != '\0' || g->query[0] != '\0';
        if (asked && g->answered_ms == 0 && g->problem[0] == '\0')
            return false;
    }
    return app->graph_count > 0;
}

/* Everything that the view needs has come. */
static bool is_whole(const struct once *o)
{
    if (o->app.link.state != LINK_UP || !o->app.has_snapshot)
        return false;
    if (strcmp(o->view, "services") == 0 || strcmp(o->view, "overview") == 0)
        return o->app.services.told;
    if (strcmp(o->view, "logs") == 0)
        return o->app.logs.told;
    if (strcmp(o->view, "alerts") == 0)
        return o->app.alerts.told;
    if (strcmp(o->view, "metrics") == 0)
        return graphs_are_whole(&o->app);
    return true;
}

static void on_data(void *data)
{
    struct once *o = data;
    if (o->app.replaying)
        return; /* it is read to its end at once */
    if (o->app.link.state == LINK_UP && !o->connected) {
        o->connected = true;
        loop_timer_arm(o->deadline, ANSWER_MS);
        const struct view_class *view = view_at(o->settings->view);
        if (view->open != NULL)
            view->open(o->state, &o->app);
    }
    if (is_whole(o))
        loop_stop(o->loop);
}

static void on_deadline(void *data)
{
    struct once *o = data;
    loop_stop(o->loop);
}

static int print(struct once *o)
{
    enum once_format format =
        once_format_by_name(settings_text(o->settings, SETTING_FORMAT));
    struct strbuf out;
    strbuf_init(&out, OUTPUT_MAX);
    app_update_list(&o->app);
    once_write(&o->app, o->view, format, &out);
    size_t written = out.len > 0 ? fwrite(out.data, 1, out.len, stdout) : 0;
    bool ok = written == out.len && fflush(stdout) == 0;
    strbuf_release(&out);
    return ok ? 0 : -1;
}

/* What the exit status says of a view that was printed. */
static int judge(const struct once *o)
{
    bool services = strcmp(o->view, "services") == 0;
    enum service_status worst = service_list_worst(&o->app.services);
    if (services && worst == SERVICE_FAIL)
        return ONCE_CRITICAL;
    if (services && (worst == SERVICE_WARN || !o->app.services.told))
        return ONCE_WARNING;
    if (strcmp(o->view, "logs") == 0 && o->app.logs.problem[0] != '\0') {
        fprintf(stderr, "flightdash: %s\n", o->app.logs.problem);
        return ONCE_WARNING;
    }
    if (strcmp(o->view, "metrics") == 0 && graphs_problem(&o->app) != NULL) {
        fprintf(stderr, "flightdash: %s\n", graphs_problem(&o->app));
        return ONCE_WARNING;
    }
    if (strcmp(o->view, "alerts") == 0 && alert_list_open(&o->app.alerts) > 0)
        return ONCE_WARNING;
    if (o->settings->select != 0 && o->app.list.count == 0) {
        fprintf(stderr, "flightdash: no such flight is known\n");
        return ONCE_WARNING;
    }
    if (o->app.link.stale_since_ms > 0) {
        fprintf(stderr, "flightdash: the server's data is old: %s is silent\n",
                o->app.link.stale_source);
        return ONCE_WARNING;
    }
    return ONCE_OK;
}

static int finish(struct once *o)
{
    feed_set_time(&o->feed);
    if (!o->connected || !o->app.has_snapshot) {
        fprintf(stderr, "flightdash: %s: %s\n", o->settings->url,
                o->app.link.problem[0] != '\0' ? o->app.link.problem : "no answer");
        return ONCE_UNREACHABLE;
    }
    if (print(o) != 0)
        return ONCE_WARNING;
    return judge(o);
}

/* --select: that flight and no other. */
static void select_one(struct once *o)
{
    char hex[FLIGHT_HEX_SIZE];
    char filter[32];
    struct strbuf error;
    if (o->settings->select == 0)
        return;
    strbuf_init(&error, 256);
    flight_format_hex(o->settings->select, hex);
    snprintf(filter, sizeof filter, "hex = \"%s\"", hex);
    flight_list_set_filter(&o->app.list, filter, &error);
    strbuf_release(&error);
}

/* Each view of today has lines to print; one of tomorrow may have none. */
static bool can_print(const char *view)
{
    struct app app;
    struct strbuf out;
    app_init(&app);
    strbuf_init(&out, 4096);
    bool can = once_write(&app, view, FORMAT_TABLE, &out);
    strbuf_release(&out);
    app_release(&app);
    if (!can)
        fprintf(stderr, "flightdash: --once has nothing to print of the view %s\n",
                view);
    return can;
}

int once_run(const struct settings *settings)
{
    struct once o = {.settings = settings, .view = view_at(settings->view)->name};
    struct strbuf error;
    int status = ONCE_USAGE;
    if (!can_print(o.view))
        return ONCE_USAGE;
    o.state = xcalloc(1, view_at(settings->view)->state_size + 1);
    strbuf_init(&error, 512);
    o.loop = loop_new();
    app_init(&o.app);
    app_set_time(&o.app, clock_mono_ms(), clock_wall_ms());
    settings_apply(settings, &o.app);
    select_one(&o);
    if (!feed_open(&o.feed, o.loop, &o.app, settings,
                   (struct feed_listener){on_data, &o}, &error)) {
        fprintf(stderr, "flightdash: %s\n", strbuf_text(&error));
    } else if (o.feed.replay != NULL) { /* all of it: what it ends with */
        replay_link_seek(o.feed.replay, INT64_MAX / 2);
        o.connected = o.app.link.state == LINK_UP;
        status = finish(&o);
    } else {
        o.deadline = loop_after_ms(o.loop, CONNECT_MS, on_deadline, &o);
        loop_run(o.loop);
        status = finish(&o);
    }
    feed_close(&o.feed);
    loop_free(o.loop);
    app_release(&o.app);
    if (view_at(settings->view)->release != NULL)
        view_at(settings->view)->release(o.state);
    free(o.state);
    strbuf_release(&error);
    return status;
}
