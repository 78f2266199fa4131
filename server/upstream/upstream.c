#include "upstream/upstream.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "upstream/backend.h"
#include "upstream/feeds.h"
#include "upstream/questions.h"
#include "upstream/upstream_class.h"
#include "upstream/upstream_classes.h"

enum { TICK_MS = 200 };

static const char *const target_names[] = {
#define X(id, name) [UPSTREAM_##id] = (name),
    UPSTREAM_TARGETS(X)
#undef X
};

static const char *const arg_names[] = {
#define X(id, name) [UPSTREAM_ARG_##id] = (name),
    UPSTREAM_ARGS(X)
#undef X
};

struct upstream {
    struct loop *loop;
    struct http_client *http;
    struct loop_timer *timer;
    struct backend *backends[UPSTREAM_TARGET_COUNT]; /* NULL = not configured */
    struct questions *questions;
    struct feeds *feeds;
    _Atomic int tickets;
};

const char *upstream_target_name(enum upstream_target target)
{
    return target_names[target];
}

bool upstream_target_parse(const char *name, enum upstream_target *ret_target)
{
    for (size_t i = 0; i < ARRAY_LEN(target_names); i++) {
        if (strcmp(target_names[i], name) == 0) {
            *ret_target = (enum upstream_target)i;
            return true;
        }
    }
    return false;
}

const char *upstream_arg_name(enum upstream_arg arg)
{
    return arg_names[arg];
}

bool upstream_configured(const struct upstream *u, enum upstream_target target)
{
    return u && u->backends[target];
}

const char *upstream_absence(enum upstream_target target)
{
    return upstream_class_of(target) != NULL ? "not configured"
                                             : "not asked by this version";
}

struct loop *upstream_loop(const struct upstream *u)
{
    return u->loop;
}

static const char *too_long(const struct upstream_args *args)
{
    for (size_t i = 0; i < UPSTREAM_ARG_COUNT; i++)
        if (args->text[i] && strlen(args->text[i]) > UPSTREAM_ARG_MAX)
            return arg_names[i];
    return NULL;
}

bool upstream_check(enum upstream_target target, const struct upstream_args *args,
                    struct strbuf *ret_error)
{
    const struct upstream_class *class = upstream_class_of(target);
    const char *name = too_long(args);
    struct upstream_plan plan;
    if (name) {
        strbuf_addf(ret_error, "%s: too long", name);
        return false;
    }
    if (!class)
        return true;
    upstream_plan_init(&plan);
    const bool usable = class->plan(args, clock_wall_ms(), &plan, ret_error) == 0;
    upstream_plan_release(&plan);
    return usable;
}

static void on_tick(void *data)
{
    struct upstream *u = data;
    const int64_t now_ms = clock_mono_ms();
    questions_sweep(u->questions, now_ms);
    feeds_tick(u->feeds, now_ms);
    for (size_t i = 0; i < UPSTREAM_TARGET_COUNT; i++)
        if (u->backends[i])
            backend_tick(u->backends[i], now_ms);
}

/* False, with a line in ret_error, when a backend cannot be used as configured. */
static bool open_backends(struct upstream *u, const struct upstream_config *config,
                          const struct backend_deps *deps, struct strbuf *ret_error)
{
    for (size_t i = 0; i < UPSTREAM_TARGET_COUNT; i++) {
        const struct upstream_class *class = upstream_class_of((enum upstream_target)i);
        const char *url = config->backends[i].url;
        if (!class)
            continue;
        if (!url || !url[0]) {
            health_set(deps->board, class->name, HEALTH_PASS, HEALTH_NO_LATENCY,
                       "not configured");
            continue;
        }
        u->backends[i] = backend_new(class, &config->backends[i], deps, ret_error);
        if (!u->backends[i])
            return false;
    }
    return true;
}

struct upstream *upstream_new(const struct upstream_config *config, struct loop *loop,
                              struct metrics *metrics, struct health_board *board,
                              struct strbuf *ret_error)
{
    const struct http_limits limits = {.per_host = 4, .total = 16};
    struct upstream *u = xcalloc(1, sizeof *u);
    u->loop = loop;
    u->http = http_client_new(loop, &limits);
    u->questions = questions_new(metrics);
    u->feeds = feeds_new(metrics);
    const struct backend_deps deps = {.http = u->http,
                                      .metrics = metrics,
                                      .board = board,
                                      .timeout_ms = config->timeout_ms};
    if (!open_backends(u, config, &deps, ret_error)) {
        upstream_free(u);
        return NULL;
    }
    u->timer = loop_every_ms(loop, TICK_MS, on_tick, u);
    return u;
}

void upstream_free(struct upstream *u)
{
    if (!u)
        return;
    loop_timer_free(u->timer);
    feeds_free(u->feeds);
    questions_free(u->questions);
    for (size_t i = 0; i < UPSTREAM_TARGET_COUNT; i++)
        backend_free(u->backends[i]);
    http_client_free(u->http);
    free(u);
}

/* ---- askers ---- */

static void answer_now(struct upstream_ticket *ticket, struct answer *answer)
{
    ticket_deliver(ticket, answer);
    answer_unref(answer);
    ticket_unref(ticket);
}

/* On the upstream loop: the ticket's question begins. */
static void start(void *data)
{
    struct upstream_ticket *ticket = data;
    struct upstream *u = ticket->upstream;
    const struct upstream_class *class = upstream_class_of(ticket->target);
    struct backend *backend = u->backends[ticket->target];
    if (ticket->follow)
        feeds_join(u->feeds, class, backend, ticket);
    else
        questions_ask(u->questions, class, backend, ticket);
}

/* On the upstream loop: the asker has left; its reference comes with it. */
static void stop(void *data)
{
    struct upstream_ticket *ticket = data;
    struct upstream *u = ticket->upstream;
    if (ticket->list) {
        ticket_list_remove(ticket);
        ticket_unref(ticket);
    }
    atomic_fetch_sub(&u->tickets, 1);
    ticket_unref(ticket);
}

/* An answer that needs no upstream thread; NULL when the question may be asked. */
static struct answer *refusal(struct upstream *u, enum upstream_target target,
                              const struct upstream_args *args)
{
    char message[64];
    const char *name = too_long(args);
    if (!upstream_configured(u, target))
        return answer_unavailable(target_names[target], upstream_absence(target), 0);
    if (atomic_load(&u->tickets) > UPSTREAM_TICKETS_MAX)
        return answer_unavailable(target_names[target], "too many askers", 1000);
    if (!name)
        return NULL;
    snprintf(message, sizeof message, "%s: too long", name);
    return answer_bad_request(message);
}

static struct upstream_ticket *ask(struct upstream *u, struct upstream_ticket *ticket)
{
    struct answer *answer = refusal(u, ticket->target, &ticket->args);
    atomic_fetch_add(&u->tickets, 1);
    ticket_ref(ticket);
    if (answer)
        answer_now(ticket, answer);
    else
        loop_post(u->loop, start, ticket);
    return ticket;
}

struct upstream_ticket *upstream_query(struct upstream *u, enum upstream_target target,
                                       const struct upstream_args *args,
                                       struct loop *loop, upstream_answer_fn fn,
                                       void *data)
{
    struct upstream_ticket *ticket = ticket_new(u, target, false, args);
    ticket->loop = loop;
    ticket->fn = fn;
    ticket->data = data;
    return ask(u, ticket);
}

struct upstream_ticket *upstream_subscribe(struct upstream *u,
                                           enum upstream_target target,
                                           const struct upstream_args *args,
                                           struct loop *loop, upstream_answer_fn fn,
                                           void *data)
{
    struct upstream_ticket *ticket = ticket_new(u, target, true, args);
    ticket->loop = loop;
    ticket->fn = fn;
    ticket->data = data;
    return ask(u, ticket);
}

void upstream_drop(struct upstream_ticket *ticket)
{
    if (!ticket)
        return;
    ticket->dropped = true;
    loop_post(ticket->upstream->loop, stop, ticket);
}
