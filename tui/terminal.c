/*
 * One frame per wake at most, drawn just before the loop sleeps, when the pace
 * allows it: what asked for it (keys, data, a new size) only leaves a note. A
 * second's timer moves the clock, ages and the watch over the link.
 */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/replay_link.h"
#include "app/server_link.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "dashboard.h"
#include "feed.h"
#include "net/loop.h"
#include "set_up.h"
#include "term/caps.h"
#include "term/clipboard.h"
#include "term/input.h"
#include "term/line_queue.h"
#include "term/pace.h"
#include "term/screen.h"

enum {
    SECOND_MS = 1000,
    DRAWN_LATELY_MS = 100,
    QUIET_SECONDS = 10,        /* a slow line sees the clock move so often */
    ANSWER_IN_PIECES_MS = 250, /* wait for the rest of one that is due */
    GOODBYE_MS = 5000,         /* wait for the last answers */
    GOODBYE_UNSURE_MS = 2500   /* of a terminal that has not answered yet */
};

enum { MODE_SYNCHRONIZED = 2026, MODE_SET = 1, MODE_RESET = 2 };

struct terminal {
    struct settings *settings;
    struct loop *loop;
    struct app app;
    struct dashboard *dashboard;
    struct feed feed;
    struct screen *screen;
    struct input *input;
    struct canvas *canvas;
    struct pace pace;
    struct line_queue *line;        /* NULL: the terminal's answers tell more */
    struct loop_timer *frame_timer; /* when to ask the pace again */
    struct loop_timer *escape_timer;
    uint64_t rung; /* app.bells that were heard */
    int64_t drawn_at_ms;
    bool dirty;   /* something to draw, when its time has come */
    bool urgent;  /* somebody waits for it */
    bool resized; /* the next frame looks for the size first */
    bool away;    /* stopped: the terminal is the shell's */
    bool quitting;
    int status;
};

static void quit(struct terminal *t, int status)
{
    t->status = t->quitting ? t->status : status;
    t->quitting = true;
    loop_stop(t->loop);
}

/* ---- drawing ------------------------------------------------------------------- */

/* However many sizes a window went through, the last one counts. */
static void take_size(struct terminal *t)
{
    int width, height;
    t->resized = false;
    screen_size(t->screen, &width, &height);
    canvas_resize(t->canvas, width, height);
    screen_resize(t->screen, width, height);
}

static void tell_viewer(struct terminal *t, int64_t now_ms)
{
    enum pace_level level = pace_level(&t->pace, now_ms);
    t->app.viewer = (struct viewer){
        .busy = level >= PACE_BUSY,
        .slow = level >= PACE_SLOW,
        .bytes_per_s = pace_bytes_per_s(&t->pace, now_ms),
        .delay_ms = pace_delay_ms(&t->pace, now_ms),
    };
}

static void draw_now(struct terminal *t)
{
    uint64_t before = screen_bytes(t->screen);
    if (t->resized)
        take_size(t);
    feed_set_time(&t->feed);
    tell_viewer(t, clock_mono_ms());
    dashboard_draw(t->dashboard, t->canvas);
    if (t->app.bells != t->rung && settings_flag(t->settings, SETTING_BELL))
        screen_ring(t->screen);
    t->rung = t->app.bells;
    screen_ask(t->screen, pace_wants_answer(&t->pace));
    if (screen_present(t->screen, t->canvas) != 0)
        quit(t, EXIT_FAILURE);
    t->drawn_at_ms = clock_mono_ms();
    uint64_t bytes = screen_bytes(t->screen) - before;
    pace_sent(&t->pace, bytes, bytes > 0 && pace_wants_answer(&t->pace),
              t->drawn_at_ms);
    t->dirty = t->urgent = false;
    loop_timer_disarm(t->frame_timer);
    if (t->feed.replay != NULL)
        replay_link_drawn(t->feed.replay);
}

static void before_sleep(void *data)
{
    struct terminal *t = data;
    if (t->quitting || t->away || !t->dirty)
        return;
    int64_t now_ms = clock_mono_ms();
    if (t->line != NULL)
        pace_unsent(&t->pace, line_queue_unsent(t->line), now_ms);
    int64_t wait_ms = pace_wait_ms(&t->pace, t->urgent, now_ms);
    if (wait_ms <= 0)
        draw_now(t);
    else
        loop_timer_arm(t->frame_timer, wait_ms);
}

static void on_frame_time(void *data)
{
    (void)data; /* the loop woke up: the hook that runs next draws */
}

static void on_data(void *data)
{
    struct terminal *t = data;
    t->dirty = true;
}

static void on_second(void *data)
{
    struct terminal *t = data;
    feed_check(&t->feed);
    dashboard_second(t->dashboard);
    /* Data that was drawn a moment ago moved the clock as well. */
    int64_t period_ms = t->app.viewer.slow ? QUIET_SECONDS * SECOND_MS : SECOND_MS;
    t->dirty |= clock_mono_ms() - t->drawn_at_ms > period_ms - DRAWN_LATELY_MS;
}

/* ---- keys ---------------------------------------------------------------------- */

/* What the terminal says by itself; false when it is a key of somebody's. */
static bool take_answer(struct terminal *t, struct key key)
{
    if (key.code == K_STATUS_REPORT)
        pace_answered(&t->pace, clock_mono_ms());
    else if (key.code == K_MODE_REPORT && key.x == MODE_SYNCHRONIZED &&
             (key.y == MODE_SET || key.y == MODE_RESET))
        screen_synchronize(t->screen);
    return key.code >= K_CURSOR_REPORT;
}

static void take_keys(struct terminal *t, bool final)
{
    struct key key;
    while (!t->quitting && input_next(t->input, final, &key)) {
        if (take_answer(t, key))
            continue;
        dashboard_key(t->dashboard, key);
        t->dirty = t->urgent = true;
    }
    if (input_pending(t->input))
        loop_timer_arm(t->escape_timer,
                       t->pace.due > 0 ? ANSWER_IN_PIECES_MS : INPUT_ESCAPE_MS);
}

static void on_escape_time(void *data)
{
    take_keys(data, true);
}

static void on_input(void *data, int fd, unsigned events)
{
    struct terminal *t = data;
    (void)fd;
    (void)events;
    loop_timer_disarm(t->escape_timer);
    if (input_read(t->input) != 0) {
        quit(t, EXIT_SUCCESS); /* nobody is there any more */
        return;
    }
    feed_set_time(&t->feed);
    take_keys(t, false);
}

/* ---- signals ------------------------------------------------------------------- */

static void on_quit_signal(void *data, int signum)
{
    (void)signum;
    quit(data, EXIT_SUCCESS);
}

static void on_resize(void *data, int signum)
{
    struct terminal *t = data;
    (void)signum;
    t->resized = t->dirty = t->urgent = true;
}

/* ---- what the dashboard asks for ------------------------------------------------- */

static void do_quit(void *data)
{
    quit(data, EXIT_SUCCESS);
}

static void do_redraw(void *data)
{
    struct terminal *t = data;
    screen_redraw(t->screen);
}

/* No answer may reach the shell: they are waited for, the mouse's words too. */
static void leave(struct terminal *t)
{
    unsigned due = t->pace.due + (screen_leave(t->screen) ? 1 : 0);
    int64_t patience_ms = t->pace.answers ? GOODBYE_MS : GOODBYE_UNSURE_MS;
    bool flush = due > 0 && input_drain(t->input, due, patience_ms) > 0;
    screen_give_back(t->screen, flush);
}

static void take_back(struct terminal *t)
{
    t->away = false;
    pace_forget(&t->pace);
    screen_return(t->screen);
    on_resize(t, SIGWINCH);
}

static void do_suspend(void *data)
{
    struct terminal *t = data;
    leave(t);
    t->away = true;
    raise(SIGSTOP); /* what ends it is SIGCONT */
}

static void on_stop_signal(void *data, int signum)
{
    (void)signum;
    do_suspend(data);
}

/* After a stop, ours or one that nobody asked us about: the shell had the terminal. */
static void on_continue_signal(void *data, int signum)
{
    (void)signum;
    take_back(data);
}

static void do_reconnect(void *data)
{
    struct terminal *t = data;
    if (t->feed.link != NULL)
        server_link_reconnect(t->feed.link);
}

static void do_theme(void *data)
{
    struct terminal *t = data;
    screen_set_theme(t->screen, &t->settings->theme);
}

static void do_copy(void *data, const char *text, size_t len)
{
    struct terminal *t = data;
    struct strbuf bytes;
    enum clipboard_way way =
        clipboard_way_of(getenv("TERM"), getenv("TMUX"), getenv("STY"));
    strbuf_init(&bytes, (size_t)CLIPBOARD_MAX * 8);
    if (way == CLIPBOARD_NONE)
        app_notice(&t->app, "this terminal has no clipboard; w writes a file");
    else if (!clipboard_encode(text, len, way, &bytes))
        app_notice(&t->app, "more than %d bytes are not copied; w writes a file",
                   CLIPBOARD_MAX);
    else
        screen_send(t->screen, strbuf_text(&bytes), bytes.len);
    strbuf_release(&bytes);
}

static void do_replay(void *data, enum replay_verb verb, int64_t amount)
{
    struct terminal *t = data;
    replay_link_do(t->feed.replay, verb, amount);
}

/* ---- life ------------------------------------------------------------------------ */

static bool open_feed(struct terminal *t)
{
    struct strbuf error;
    strbuf_init(&error, 512);
    bool ok = feed_open(&t->feed, t->loop, &t->app, t->settings,
                        (struct feed_listener){on_data, t}, &error);
    if (!ok)
        fprintf(stderr, "flightdash: %s\n", strbuf_text(&error));
    strbuf_release(&error);
    return ok;
}

static bool open_terminal(struct terminal *t, const struct caps *caps)
{
    bool mouse = !settings_flag(t->settings, SETTING_NO_MOUSE);
    int width, height;
    t->input = input_new(STDIN_FILENO);
    t->screen = t->input != NULL
                    ? screen_open(STDOUT_FILENO, caps, &t->settings->theme, mouse)
                    : NULL;
    if (t->screen == NULL) {
        fprintf(stderr, "flightdash: this terminal cannot be used; try --plain\n");
        return false;
    }
    screen_size(t->screen, &width, &height);
    t->canvas = canvas_new(width, height, !caps->utf8);
    canvas_set_dots(t->canvas, settings_dots(t->settings, caps->term));
    return true;
}

static void watch(struct terminal *t)
{
    static const int quits[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(quits); i++)
        loop_on_signal(t->loop, quits[i], on_quit_signal, t);
    loop_on_signal(t->loop, SIGWINCH, on_resize, t);
    loop_on_signal(t->loop, SIGTSTP, on_stop_signal, t);
    loop_on_signal(t->loop, SIGCONT, on_continue_signal, t);
    loop_watch_fd(t->loop, input_watch_fd(t->input), LOOP_READABLE, on_input, t);
    loop_every_ms(t->loop, SECOND_MS, on_second, t);
    t->frame_timer = loop_timer_new(t->loop, on_frame_time, t);
    t->escape_timer = loop_timer_new(t->loop, on_escape_time, t);
    loop_before_sleep(t->loop, before_sleep, t);
}

static void start_pace(struct terminal *t, const struct caps *caps)
{
    pace_init(&t->pace, SECOND_MS / settings_int(t->settings, SETTING_MAX_FPS),
              settings_int(t->settings, SETTING_BUDGET), caps->answers);
    if (caps->multiplexed || !caps->answers)
        t->line = line_queue_new(STDOUT_FILENO, getenv("SSH_CONNECTION"));
}

static void run(struct terminal *t, const struct caps *caps)
{
    const struct dashboard_verbs verbs = {
        t, do_quit, do_suspend, do_redraw, do_reconnect, do_theme, do_copy, do_replay};
    t->dashboard =
        dashboard_new(&t->app, &t->settings->keymap, &t->settings->theme, &verbs);
    dashboard_set_up(t->dashboard, t->settings);
    state_restore(t->dashboard, t->settings);
    if (caps->term_is_a_guess)
        app_notice(&t->app, "TERM=%s is not known here; drawing for %s",
                   getenv("TERM") != NULL ? getenv("TERM") : "", caps->term);
    start_pace(t, caps);
    watch(t);
    draw_now(t);
    loop_run(t->loop);
    leave(t);
    struct strbuf error;
    strbuf_init(&error, 512);
    bool kept = state_keep(t->dashboard, t->settings, &error) == 0;
    screen_close(t->screen);
    t->screen = NULL;
    if (!kept)
        fprintf(stderr, "flightdash: %s\n", strbuf_text(&error));
    strbuf_release(&error);
}

int terminal_run(struct settings *settings, const struct caps *caps)
{
    struct terminal t = {.settings = settings, .status = EXIT_FAILURE};
    t.loop = loop_new();
    app_init(&t.app);
    app_set_time(&t.app, clock_mono_ms(), clock_wall_ms());
    settings_apply(settings, &t.app);
    signal(SIGPIPE, SIG_IGN);
    if (open_feed(&t) && open_terminal(&t, caps))
        run(&t, caps);
    feed_close(&t.feed);
    dashboard_free(t.dashboard);
    canvas_free(t.canvas);
    line_queue_free(t.line);
    input_free(t.input);
    loop_free(t.loop);
    app_release(&t.app);
    return t.status;
}
