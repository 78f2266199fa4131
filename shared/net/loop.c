/*
 * Handles are freed in libuv's close callback, so that a timer may free itself.
 * loop_free walks what is left. Posts are a locked list drained by one
 * uv_async_t: libuv joins several wake-ups into one, the list does not lose any.
 */
#include "net/loop.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/macros.h"

struct post {
    struct post *next;
    loop_fn fn;
    void *data;
};

struct hook {
    loop_fn fn;
    void *data;
};

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t prepare;
    pthread_mutex_t lock; /* guards first, last */
    struct post *first;
    struct post *last;
    atomic_bool stop;
    struct hook hooks[LOOP_HOOKS_MAX];
    unsigned hook_count;
};

struct loop_timer {
    uv_timer_t uv;
    loop_fn fn;
    void *data;
};

struct loop_fd {
    uv_poll_t uv;
    int fd;
    loop_fd_fn fn;
    void *data;
};

struct loop_signal {
    uv_signal_t uv;
    loop_signal_fn fn;
    void *data;
};

static void drain_posts(uv_async_t *async)
{
    struct loop *loop = async->data;
    pthread_mutex_lock(&loop->lock);
    struct post *list = loop->first;
    loop->first = loop->last = NULL;
    pthread_mutex_unlock(&loop->lock);
    while (list != NULL) {
        struct post *post = list;
        list = post->next;
        post->fn(post->data);
        free(post);
    }
    if (atomic_load(&loop->stop))
        uv_stop(&loop->uv);
}

static void run_hooks(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    for (unsigned i = 0; i < loop->hook_count; i++)
        loop->hooks[i].fn(loop->hooks[i].data);
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    int rc = uv_loop_init(&loop->uv);
    rc |= uv_async_init(&loop->uv, &loop->wake, drain_posts);
    rc |= uv_prepare_init(&loop->uv, &loop->prepare);
    if (rc != 0)
        abort(); /* no descriptors left at start: nothing can run */
    loop->wake.data = loop;
    loop->prepare.data = loop;
    pthread_mutex_init(&loop->lock, NULL);
    return loop;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_left_over(uv_handle_t *handle, void *data)
{
    struct loop *loop = data;
    if (uv_is_closing(handle))
        return;
    bool own =
        handle == (uv_handle_t *)&loop->wake || handle == (uv_handle_t *)&loop->prepare;
    uv_close(handle, own ? NULL : free_handle);
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    uv_walk(&loop->uv, close_left_over, loop);
    while (uv_loop_close(&loop->uv) == UV_EBUSY)
        uv_run(&loop->uv, UV_RUN_ONCE);
    while (loop->first != NULL) {
        struct post *post = loop->first;
        loop->first = post->next;
        free(post);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    if (!atomic_load(&loop->stop))
        uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_run_once(struct loop *loop, bool wait)
{
    uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stop, true);
    uv_async_send(&loop->wake);
}

int64_t loop_now_ms(const struct loop *loop)
{
    return (int64_t)uv_now(&loop->uv);
}

void loop_update_time(struct loop *loop)
{
    uv_update_time(&loop->uv);
}

static void fire_timer(uv_timer_t *uv)
{
    struct loop_timer *timer = CONTAINER_OF(uv, struct loop_timer, uv);
    timer->fn(timer->data);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *data)
{
    struct loop_timer *timer = xcalloc(1, sizeof *timer);
    timer->fn = fn;
    timer->data = data;
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    return timer;
}

void loop_timer_arm(struct loop_timer *timer, int64_t delay_ms)
{
    assert(delay_ms >= 0);
    uv_timer_start(&timer->uv, fire_timer, (uint64_t)delay_ms, 0);
}

void loop_timer_disarm(struct loop_timer *timer)
{
    uv_timer_stop(&timer->uv);
}

bool loop_timer_armed(const struct loop_timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->uv) != 0;
}

struct loop_timer *loop_after_ms(struct loop *loop, int64_t delay_ms, loop_fn fn,
                                 void *data)
{
    struct loop_timer *timer = loop_timer_new(loop, fn, data);
    loop_timer_arm(timer, delay_ms);
    return timer;
}

struct loop_timer *loop_every_ms(struct loop *loop, int64_t period_ms, loop_fn fn,
                                 void *data)
{
    assert(period_ms > 0);
    struct loop_timer *timer = loop_timer_new(loop, fn, data);
    uv_timer_start(&timer->uv, fire_timer, (uint64_t)period_ms, (uint64_t)period_ms);
    return timer;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer != NULL)
        uv_close((uv_handle_t *)&timer->uv, free_handle);
}

static void fire_fd(uv_poll_t *uv, int status, int uv_events)
{
    struct loop_fd *watch = CONTAINER_OF(uv, struct loop_fd, uv);
    unsigned events = 0;
    if (status < 0 || (uv_events & UV_DISCONNECT))
        events |= LOOP_HANGUP;
    if (status >= 0 && (uv_events & UV_READABLE))
        events |= LOOP_READABLE;
    if (status >= 0 && (uv_events & UV_WRITABLE))
        events |= LOOP_WRITABLE;
    watch->fn(watch->data, watch->fd, events);
}

struct loop_fd *loop_watch_fd(struct loop *loop, int fd, unsigned events, loop_fd_fn fn,
                              void *data)
{
    struct loop_fd *watch = xcalloc(1, sizeof *watch);
    watch->fd = fd;
    watch->fn = fn;
    watch->data = data;
    if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->uv.data = watch;
    loop_fd_change(watch, events);
    return watch;
}

void loop_fd_change(struct loop_fd *watch, unsigned events)
{
    int uv_events = UV_DISCONNECT;
    if (events & LOOP_READABLE)
        uv_events |= UV_READABLE;
    if (events & LOOP_WRITABLE)
        uv_events |= UV_WRITABLE;
    uv_poll_start(&watch->uv, uv_events, fire_fd);
}

void loop_fd_free(struct loop_fd *watch)
{
    if (watch != NULL)
        uv_close((uv_handle_t *)&watch->uv, free_handle);
}

static void fire_signal(uv_signal_t *uv, int signum)
{
    struct loop_signal *watch = CONTAINER_OF(uv, struct loop_signal, uv);
    watch->fn(watch->data, signum);
}

struct loop_signal *loop_on_signal(struct loop *loop, int signum, loop_signal_fn fn,
                                   void *data)
{
    struct loop_signal *watch = xcalloc(1, sizeof *watch);
    watch->fn = fn;
    watch->data = data;
    uv_signal_init(&loop->uv, &watch->uv);
    watch->uv.data = watch;
    uv_signal_start(&watch->uv, fire_signal, signum);
    return watch;
}

void loop_signal_free(struct loop_signal *watch)
{
    if (watch != NULL)
        uv_close((uv_handle_t *)&watch->uv, free_handle);
}

void loop_post(struct loop *loop, loop_fn fn, void *data)
{
    struct post *post = xcalloc(1, sizeof *post);
    *post = (struct post){.fn = fn, .data = data};
    pthread_mutex_lock(&loop->lock);
    if (loop->last != NULL)
        loop->last->next = post;
    else
        loop->first = post;
    loop->last = post;
    pthread_mutex_unlock(&loop->lock);
    uv_async_send(&loop->wake);
}

void loop_before_sleep(struct loop *loop, loop_fn fn, void *data)
{
    assert(loop->hook_count < LOOP_HOOKS_MAX);
    if (loop->hook_count == 0)
        uv_prepare_start(&loop->prepare, run_hooks);
    loop->hooks[loop->hook_count++] = (struct hook){.fn = fn, .data = data};
}

void *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
