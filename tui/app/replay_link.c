/*
 * The app's wall clock is taken from the recording as well, so that nothing that
 * is shown depends on when the replay is. Going back reads the file anew: frames
 * build on each other.
 */
#include "app/replay_link.h"

#include <stdlib.h>

#include "app/record.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "wire/wire_decode.h"

enum { START_MONO_MS = 1000000 };

struct replay_link {
    struct app *app;
    struct replay *replay;
    char *path;
    struct loop_timer *timer; /* NULL without a loop */
    double speed;
    int64_t at_ms;         /* shown: since the recording's first frame */
    int64_t said_ms;       /* of the last frame */
    int64_t next_ms;       /* of the frame that waits */
    int64_t stepped_at_ms; /* our clock: the last step */
    const char *frame;
    size_t len;
    bool ended, paused;
    bool drawn; /* the last step was */
    void (*on_frame)(void *data);
    void *data;
};

int64_t replay_link_now_ms(const struct replay_link *link)
{
    return START_MONO_MS + link->at_ms;
}

int64_t replay_link_at_ms(const struct replay_link *link)
{
    return link->at_ms;
}

bool replay_link_ended(const struct replay_link *link)
{
    return link->ended;
}

bool replay_link_paused(const struct replay_link *link)
{
    return link->paused;
}

double replay_link_speed(const struct replay_link *link)
{
    return link->speed;
}

/* ---- saying ---------------------------------------------------------------------- */

static void set_time(struct replay_link *link, int64_t at_ms)
{
    app_set_time(link->app, START_MONO_MS + at_ms, link->app->server_time_ms);
}

static void say(struct replay_link *link)
{
    struct wire_message m;
    struct strbuf error;
    strbuf_init(&error, 256);
    set_time(link, link->next_ms);
    if (wire_decode(link->frame, link->len, &m, &error) == 0) {
        app_apply(link->app, &m, link->len);
        wire_message_release(&m);
    }
    strbuf_release(&error);
    link->said_ms = link->next_ms;
    link->ended = !replay_next(link->replay, &link->next_ms, &link->frame, &link->len);
}

/* Says all up to a time. */
static void advance(struct replay_link *link, int64_t at_ms)
{
    bool ended = link->ended;
    while (!link->ended && link->next_ms <= at_ms)
        say(link);
    link->at_ms = link->ended ? MAX_OF(link->said_ms, link->at_ms) : at_ms;
    link->app->replay_at_ms = link->at_ms;
    set_time(link, link->at_ms);
    if (link->ended && !ended)
        app_notice(link->app, "the recording ends here");
    link->on_frame(link->data);
}

static void arm(struct replay_link *link)
{
    if (link->timer == NULL || link->ended || link->paused || !link->drawn)
        return;
    int64_t wait_ms = link->stepped_at_ms + REPLAY_STEP_MS - clock_mono_ms();
    loop_timer_arm(link->timer, MAX_OF(wait_ms, (int64_t)0));
}

static void on_time(void *data)
{
    struct replay_link *link = data;
    link->stepped_at_ms = clock_mono_ms();
    link->drawn = false;
    advance(link, link->at_ms + (int64_t)(REPLAY_STEP_MS * link->speed));
}

void replay_link_drawn(struct replay_link *link)
{
    if (link->drawn)
        return;
    link->drawn = true;
    arm(link);
}

/* ---- being told -------------------------------------------------------------------
 */

void replay_link_pause(struct replay_link *link, bool paused)
{
    link->paused = link->app->replay_paused = paused;
    if (link->timer != NULL)
        loop_timer_disarm(link->timer);
    arm(link);
    link->app->changes++;
}

void replay_link_step(struct replay_link *link)
{
    replay_link_pause(link, true);
    if (!link->ended)
        advance(link, MAX_OF(link->next_ms, link->at_ms));
}

static void begin_again(struct replay_link *link)
{
    struct replay *again = replay_open(link->path);
    if (again == NULL)
        return; /* the file is gone: the old reader goes on */
    replay_close(link->replay);
    link->replay = again;
    link->at_ms = 0;
    app_forget(link->app);
    link->ended = !replay_next(link->replay, &link->next_ms, &link->frame, &link->len);
}

void replay_link_seek(struct replay_link *link, int64_t at_ms)
{
    at_ms = MAX_OF(at_ms, (int64_t)0);
    if (at_ms < link->at_ms)
        begin_again(link);
    advance(link, at_ms);
    arm(link);
}

void replay_link_skip(struct replay_link *link, int64_t ms)
{
    replay_link_seek(link, link->at_ms + ms);
}

bool replay_speed_parse(const char *text, double *ret_speed)
{
    char *end;
    double speed = strtod(text, &end);
    if (end == text || *end != '\0' || !(speed >= 0.1 && speed <= 1000))
        return false;
    *ret_speed = speed;
    return true;
}

void replay_link_set_speed(struct replay_link *link, double speed)
{
    link->speed = speed;
}

void replay_link_do(struct replay_link *link, enum replay_verb verb, int64_t amount)
{
    switch (verb) {
    case REPLAY_PAUSE: replay_link_pause(link, !link->paused); break;
    case REPLAY_STEP: replay_link_step(link); break;
    case REPLAY_SKIP: replay_link_skip(link, amount); break;
    case REPLAY_SEEK: replay_link_seek(link, amount); break;
    case REPLAY_SPEED: replay_link_set_speed(link, (double)amount / 100); break;
    }
}

/* ---- life -------------------------------------------------------------------------
 */

struct replay_link *replay_link_new(struct loop *loop, struct app *app,
                                    const struct replay_config *config)
{
    struct replay *replay = replay_open(config->path);
    if (replay == NULL)
        return NULL;
    struct replay_link *link = xcalloc(1, sizeof *link);
    link->app = app;
    app->replaying = true;
    link->replay = replay;
    link->path = xstrdup(config->path);
    link->speed = config->speed;
    link->on_frame = config->on_frame;
    link->data = config->data;
    link->timer = loop != NULL ? loop_timer_new(loop, on_time, link) : NULL;
    link->stepped_at_ms = clock_mono_ms();
    link->ended = !replay_next(replay, &link->next_ms, &link->frame, &link->len);
    advance(link, 0); /* the first look is already at the recording */
    return link;
}

void replay_link_free(struct replay_link *link)
{
    if (link == NULL)
        return;
    loop_timer_free(link->timer);
    replay_close(link->replay);
    free(link->path);
    free(link);
}
