#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/record.h"
#include "app/replay_link.h"
#include "app/server_link.h"
#include "base/clock.h"
#include "base/strbuf.h"

static bool complain(const char *path, struct strbuf *error)
{
    strbuf_addf(error, "%s: %s", path, strerror(errno));
    return false;
}

static bool open_replay(struct feed *feed, struct loop *loop,
                        const struct settings *settings, struct feed_listener listener,
                        struct strbuf *error)
{
    const struct replay_config config = {
        .path = settings_text(settings, SETTING_REPLAY),
        .speed = settings->speed,
        .on_frame = listener.on_frame,
        .data = listener.data,
    };
    feed->replay = replay_link_new(loop, feed->app, &config);
    if (feed->replay == NULL)
        return complain(config.path, error);
    snprintf(feed->app->link.url, sizeof feed->app->link.url, "%.255s", config.path);
    return true;
}

static bool open_server(struct feed *feed, struct loop *loop,
                        const struct settings *settings, struct feed_listener listener,
                        struct strbuf *error)
{
    const char *path = settings_text(settings, SETTING_RECORD);
    feed->record = path != NULL ? record_open(path) : NULL;
    if (path != NULL && feed->record == NULL)
        return complain(path, error);
    const struct server_link_config config = {
        .url = settings->url,
        .ca_file = settings_text(settings, SETTING_CA_FILE),
        .token = settings->token,
        .on_frame = listener.on_frame,
        .record = feed->record,
        .data = listener.data,
    };
    feed->link = server_link_new(loop, feed->app, &config, error);
    return feed->link != NULL;
}

bool feed_open(struct feed *feed, struct loop *loop, struct app *app,
               const struct settings *settings, struct feed_listener listener,
               struct strbuf *ret_error)
{
    *feed = (struct feed){.app = app};
    if (settings_text(settings, SETTING_REPLAY) != NULL)
        return open_replay(feed, loop, settings, listener, ret_error);
    return open_server(feed, loop, settings, listener, ret_error);
}

void feed_close(struct feed *feed)
{
    server_link_free(feed->link);
    replay_link_free(feed->replay);
    record_close(feed->record);
    *feed = (struct feed){.app = NULL};
}

void feed_set_time(const struct feed *feed)
{
    if (feed->replay != NULL)
        app_set_time(feed->app, replay_link_now_ms(feed->replay),
                     feed->app->server_time_ms);
    else
        app_set_time(feed->app, clock_mono_ms(), clock_wall_ms());
}

void feed_check(const struct feed *feed)
{
    if (feed->link != NULL)
        server_link_check(feed->link);
}
