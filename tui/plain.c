/*
 * --plain: one sentence per change that a person would want read out. Values that
 * change every second are not among them; a count is told once a minute.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/replay_link.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "feed.h"
#include "net/loop.h"
#include "once.h"
#include "views/age_text.h"

enum { SUMMARY_MS = 60000, GATHER_MS = 1000 };

struct known {
    uint32_t icao;
    bool emergency;
    char name[COLUMN_TEXT_SIZE];
};

struct plain {
    struct loop *loop;
    struct app app;
    struct feed feed;
    struct known *known; /* sorted by address */
    size_t known_count;
    bool told_first;
    enum link_state told_link;
    enum service_status told_services[SERVICES_MAX];
    char told_names[SERVICES_MAX][64];
    size_t told_service_count;
    int64_t summary_ms;
    int status;
};

static void say(struct plain *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct plain *p, const char *fmt, ...)
{
    char clock[AGE_TEXT_SIZE];
    va_list args;
    clock_text(app_server_now_ms(&p->app), clock);
    printf("%s ", clock);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    if (fflush(stdout) != 0) { /* nobody reads any more */
        p->status = EXIT_SUCCESS;
        loop_stop(p->loop);
    }
}

/* ---- flights ------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
    const struct known *x = a;
    const struct known *y = b;
    return x->icao < y->icao ? -1 : x->icao > y->icao;
}

static struct known *find(struct known *rows, size_t n, uint32_t icao)
{
    struct known key = {.icao = icao};
    return n > 0 ? bsearch(&key, rows, n, sizeof *rows, by_address) : NULL;
}

static void describe(const struct plain *p, const struct flight *f, struct strbuf *out)
{
    static const struct {
        enum flight_column column;
        const char *before;
    } parts[] = {{COLUMN_TYPE, ", type "},
                 {COLUMN_OPERATOR, ", "},
                 {COLUMN_ALT, ", altitude "},
                 {COLUMN_GS, ", speed "},
                 {COLUMN_DIST, ", distance "}};
    const struct flight_view_context context = app_view_context(&p->app);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char text[COLUMN_TEXT_SIZE];
        enum flight_column column = parts[i].column;
        flight_column_text(column, f, &context, text);
        if (text[0] != '\0')
            strbuf_addf(out, "%s%s %s", parts[i].before, text,
                        flight_column_info(column)->unit[context.units]);
    }
}

static void tell_flight(struct plain *p, const struct known *old,
                        const struct known *now, const struct flight *f)
{
    struct strbuf text;
    strbuf_init(&text, 512);
    describe(p, f, &text);
    if (now->emergency && (old == NULL || !old->emergency))
        say(p, "EMERGENCY %s: %s%s.", now->name, flight_emergency_text(f),
            strbuf_text(&text));
    else if (old != NULL && old->emergency && !now->emergency)
        say(p, "%s: emergency ended.", now->name);
    else if (old == NULL && p->told_first)
        say(p, "%s appeared%s.", now->name, strbuf_text(&text));
    strbuf_release(&text);
}

static void tell_flights(struct plain *p)
{
    struct app *app = &p->app;
    const struct flight_view_context context = app_view_context(app);
    app_update_list(app);
    struct known *now = xcalloc(app->list.count + 1, sizeof *now);
    size_t n = 0;
    for (size_t i = 0; i < app->list.count; i++) {
        const struct flight *f =
            flight_table_find(app->flights, app->list.entries[i].icao);
        struct known *k = &now[n++];
        k->icao = f->icao;
        k->emergency = flight_emergency_text(f) != NULL;
        flight_column_text(COLUMN_CALLSIGN, f, &context, k->name);
        tell_flight(p, find(p->known, p->known_count, f->icao), k, f);
    }
    if (n > 0)
        qsort(now, n, sizeof *now, by_address);
    for (size_t i = 0; i < p->known_count; i++) {
        if (find(now, n, p->known[i].icao) == NULL)
            say(p, "%s is gone.", p->known[i].name);
    }
    free(p->known);
    p->known = now;
    p->known_count = n;
    if (!p->told_first || app->mono_ms - p->summary_ms >= SUMMARY_MS) {
        say(p, "%zu flights.", n);
        p->summary_ms = app->mono_ms;
    }
    p->told_first = true;
}

/* ---- services and link ----------------------------------------------------------- */

static void tell_service(struct plain *p, const struct service *s)
{
    size_t i = 0;
    while (i < p->told_service_count && strcmp(p->told_names[i], s->name) != 0)
        i++;
    if (i == SERVICES_MAX)
        return;
    bool fresh = i == p->told_service_count;
    bool changed = fresh ? s->status != SERVICE_PASS : p->told_services[i] != s->status;
    if (fresh) {
        p->told_service_count++;
        memcpy(p->told_names[i], s->name, sizeof s->name);
    }
    p->told_services[i] = s->status;
    if (changed)
        say(p, "Service %s: %s%s%s.", s->name, service_status_text(s->status),
            s->says[0] != '\0' ? ", " : "", s->says);
}

static void tell_link(struct plain *p)
{
    enum link_state state = p->app.link.state;
    if (state == p->told_link || state == LINK_CONNECTING)
        return;
    if (state == LINK_UP)
        say(p, "Connected to %s.", p->app.link.url);
    else
        say(p, "Connection lost: %s. Trying again.", p->app.link.problem);
    p->told_link = state;
}

/* Changes are gathered (see on_second); a recording may go on. */
static void on_data(void *data)
{
    struct plain *p = data;
    if (p->feed.replay != NULL)
        replay_link_drawn(p->feed.replay);
}

static void on_second(void *data)
{
    struct plain *p = data;
    feed_check(&p->feed);
    feed_set_time(&p->feed);
    tell_link(p);
    if (p->app.has_snapshot && p->app.link.state == LINK_UP)
        tell_flights(p);
    for (size_t i = 0; i < p->app.services.count; i++)
        tell_service(p, &p->app.services.rows[i]);
    on_data(p); /* the first step of a recording came before there was one */
    if (p->feed.replay != NULL && replay_link_ended(p->feed.replay)) {
        say(p, "The recording ends here.");
        loop_stop(p->loop);
    }
}

static void on_signal(void *data, int signum)
{
    struct plain *p = data;
    (void)signum;
    loop_stop(p->loop);
}

int plain_run(const struct settings *settings)
{
    struct plain *p = xcalloc(1, sizeof *p);
    struct strbuf error;
    strbuf_init(&error, 512);
    p->loop = loop_new();
    p->told_link = LINK_NONE;
    app_init(&p->app);
    app_set_time(&p->app, clock_mono_ms(), clock_wall_ms());
    settings_apply(settings, &p->app);
    signal(SIGPIPE, SIG_IGN);
    if (feed_open(&p->feed, p->loop, &p->app, settings,
                  (struct feed_listener){on_data, p}, &error)) {
        static const int quits[] = {SIGTERM, SIGINT, SIGHUP};
        for (size_t i = 0; i < ARRAY_LEN(quits); i++)
            loop_on_signal(p->loop, quits[i], on_signal, p);
        loop_every_ms(p->loop, GATHER_MS, on_second, p);
        loop_run(p->loop);
    } else {
        fprintf(stderr, "flightdash: %s\n", strbuf_text(&error));
        p->status = ONCE_USAGE;
    }
    int status = p->status;
    feed_close(&p->feed);
    loop_free(p->loop);
    app_release(&p->app);
    free(p->known);
    free(p);
    strbuf_release(&error);
    return status;
}
