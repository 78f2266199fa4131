/*
 * One event loop, one owner thread. A thin face on libuv so that server and
 * terminal wait in the same words; libuv itself shows only through loop_uv, for
 * the libraries that must sit on it (libwebsockets, hiredis).
 *
 * loop_post and loop_stop may be called from any thread; all else belongs to
 * the thread that runs the loop (or, before it runs, to its creator).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_signal;

typedef void (*loop_fn)(void *data);
typedef void (*loop_fd_fn)(void *data, int fd, unsigned events);
typedef void (*loop_signal_fn)(void *data, int signum);

enum loop_events { LOOP_READABLE = 1, LOOP_WRITABLE = 2, LOOP_HANGUP = 4 };

struct loop *loop_new(void);

/* Closes every handle that is left and frees the loop. Accepts NULL. */
void loop_free(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);

/* One round: waits at most for one batch of events (or not at all). */
void loop_run_once(struct loop *loop, bool wait);

/* Ends loop_run after the current callback; before loop_run, at once. */
void loop_stop(struct loop *loop);

/* The loop's cached time in monotonic ms, and its refresh after long work. */
int64_t loop_now_ms(const struct loop *loop);
void loop_update_time(struct loop *loop);

/* Calls fn after delay_ms, once / every period_ms. Free with loop_timer_free. */
struct loop_timer *loop_after_ms(struct loop *loop, int64_t delay_ms, loop_fn fn,
                                 void *data);
struct loop_timer *loop_every_ms(struct loop *loop, int64_t period_ms, loop_fn fn,
                                 void *data);

/* A timer that waits to be armed; arming again replaces the old time. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *data);
void loop_timer_arm(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_disarm(struct loop_timer *timer);
bool loop_timer_armed(const struct loop_timer *timer);

/* Accepts NULL. Safe inside the timer's own callback. */
void loop_timer_free(struct loop_timer *timer);

/* Watches a descriptor, which stays the caller's. events: enum loop_events. */
struct loop_fd *loop_watch_fd(struct loop *loop, int fd, unsigned events, loop_fd_fn fn,
                              void *data);
void loop_fd_change(struct loop_fd *watch, unsigned events);
void loop_fd_free(struct loop_fd *watch); /* accepts NULL */

/* Calls fn on the loop when the process gets the signal. */
struct loop_signal *loop_on_signal(struct loop *loop, int signum, loop_signal_fn fn,
                                   void *data);
void loop_signal_free(struct loop_signal *watch); /* accepts NULL */

/*
 * Runs fn(data) on the loop's thread, in order of posting; what is posted
 * before the loop runs is kept. The only way between threads.
 */
void loop_post(struct loop *loop, loop_fn fn, void *data);

/* Called each time just before the loop waits; at most LOOP_HOOKS_MAX. */
enum { LOOP_HOOKS_MAX = 8 };
void loop_before_sleep(struct loop *loop, loop_fn fn, void *data);

/* The uv_loop_t, for libraries that run on libuv. */
void *loop_uv(struct loop *loop);
