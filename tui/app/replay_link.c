#include "app/replay_link.h"

#include <stdlib.h>

#include "app/record.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "wire/wire_decode.h"

struct replay_link {
    struct loop *loop;
    struct app *app;
    struct replay *replay;
    struct loop_timer *timer;
    double speed;
    int64_t start_ms; /* monotonic: when the replay began */
    int64_t next_ms;  /* of the frame that waits, since the recording's first */
    const char *frame;
    size_t len;
    bool ended;
    void (*on_frame)(void *data);
    void *data;
};

int64_t replay_link_now_ms(const struct replay_link *link)
{
    return link->start_ms +
           (int64_t)((double)(clock_mono_ms() - link->start_ms) * link->speed);
}

bool replay_link_ended(const struct replay_link *link)
{
    return link->ended;
}

static void say(struct replay_link *link)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    app_set_time(link->app, link->start_ms + link->next_ms, clock_wall_ms());
    if (wire_decode(link->frame, link->len, &m, &error) == 0) {
        app_apply(link->app, &m, link->len);
        wire_message_release(&m);
    }
    strbuf_release(&error);
}

static void on_time(void *data)
{
    struct replay_link *link = data;
    int64_t at_ms = replay_link_now_ms(link) - link->start_ms;
    while (!link->ended && link->next_ms <= at_ms) {
        say(link);
        link->ended =
            !replay_next(link->replay, &link->next_ms, &link->frame, &link->len);
    }
    if (link->ended)
        app_notice(link->app, "the recording ends here");
    else
        loop_timer_arm(link->timer,
                       (int64_t)((double)(link->next_ms - at_ms) / link->speed) + 1);
    link->on_frame(link->data);
}

struct replay_link *replay_link_new(struct loop *loop, struct app *app,
                                    const struct replay_config *config)
{
    struct replay *replay = replay_open(config->path);
    if (replay == NULL)
        return NULL;
    struct replay_link *link = xcalloc(1, sizeof *link);
    link->loop = loop;
    link->app = app;
    app->replaying = true;
    link->replay = replay;
    link->speed = config->speed;
    link->on_frame = config->on_frame;
    link->data = config->data;
    link->start_ms = clock_mono_ms();
    link->timer = loop_timer_new(loop, on_time, link);
    link->ended = !replay_next(replay, &link->next_ms, &link->frame, &link->len);
    loop_timer_arm(link->timer, 0);
    return link;
}

void replay_link_free(struct replay_link *link)
{
    if (link == NULL)
        return;
    loop_timer_free(link->timer);
    replay_close(link->replay);
    free(link);
}
