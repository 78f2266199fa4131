#include "upstream/feeds.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "telemetry/metrics.h"
#include "upstream/backend.h"

struct feed {
    struct feed *next;
    struct feeds *home;
    const struct upstream_class *class;
    struct backend *backend;
    struct upstream_args args;
    struct upstream_feed_state *state; /* NULL where each answer is whole */
    struct upstream_plan plan;
    struct backend_ask *ask; /* on its way */
    int64_t due_ms;          /* monotonic */
    struct answer *last;     /* what a newcomer gets: the last result, or the error */
    struct ticket_list followers;
    uint64_t lost;
};

struct feeds {
    struct metrics *metrics;
    struct feed *first;
    size_t count;
};

struct feeds *feeds_new(struct metrics *metrics)
{
    struct feeds *feeds = xcalloc(1, sizeof *feeds);
    feeds->metrics = metrics;
    return feeds;
}

static void feed_free(struct feed *feed)
{
    if (feed->ask)
        backend_cancel(feed->ask);
    ticket_list_clear(&feed->followers);
    if (feed->state)
        feed->class->feed_free(feed->state);
    answer_unref(feed->last);
    upstream_plan_release(&feed->plan);
    args_release(&feed->args);
    feed->home->count--;
    free(feed);
}

void feeds_free(struct feeds *feeds)
{
    if (!feeds)
        return;
    while (feeds->first) {
        struct feed *feed = feeds->first;
        feeds->first = feed->next;
        feed_free(feed);
    }
    free(feeds);
}

/* ---- answers ---- */

static void remember(struct feed *feed, struct answer *answer)
{
    answer_unref(feed->last);
    feed->last = answer;
}

static bool is_same_text(const struct answer *a, const struct answer *b)
{
    return a && a->view.kind == b->view.kind && a->view.len == b->view.len &&
           memcmp(a->text, b->text, a->view.len) == 0;
}

/* Tells the followers what is new; an error that stays is told once. */
static void tell(struct feed *feed, struct answer *answer)
{
    const bool was_error = feed->last && feed->last->view.kind == UPSTREAM_ERROR;
    const bool is_error = answer->view.kind == UPSTREAM_ERROR;
    if (!is_same_text(feed->last, answer) && !(was_error && is_error))
        ticket_list_deliver(&feed->followers, answer);
    remember(feed, answer);
}

static void tell_gap(struct feed *feed)
{
    if (feed->lost == 0)
        return;
    struct answer *gap = answer_gap(feed->lost);
    ticket_list_deliver(&feed->followers, gap);
    answer_unref(gap);
    feed->lost = 0;
}

/* An empty text is "nothing new"; it still ends an error. */
static void take_result(struct feed *feed, struct strbuf *text)
{
    const bool was_error = feed->last && feed->last->view.kind == UPSTREAM_ERROR;
    tell_gap(feed);
    if (text->len > 0 || was_error)
        tell(feed, answer_result(text));
}

static void on_done(void *data, enum upstream_verdict verdict, struct strbuf *text,
                    int64_t retry_ms)
{
    struct feed *feed = data;
    int64_t pause_ms = feed->plan.period_ms;
    feed->ask = NULL;
    switch (verdict) {
    case UPSTREAM_GOOD: take_result(feed, text); break;
    case UPSTREAM_REFUSED: /* the same question would be refused again */
        tell(feed, answer_bad_request(strbuf_text(text)));
        ticket_list_clear(&feed->followers);
        break;
    case UPSTREAM_BAD:
        tell(feed, answer_unavailable(feed->class->name, strbuf_text(text), retry_ms));
        pause_ms = MAX_OF(retry_ms, (int64_t)FEEDS_RETRY_MS);
        break;
    }
    feed->due_ms = clock_mono_ms() + pause_ms;
}

static enum upstream_verdict on_reply(void *data, const struct upstream_reply *reply,
                                      struct strbuf *ret_text)
{
    struct feed *feed = data;
    if (feed->state)
        return feed->class->feed_digest(feed->state, &feed->plan, reply, ret_text,
                                        &feed->lost);
    return feed->class->digest(&feed->args, &feed->plan, reply, ret_text);
}

/* ---- questions ---- */

static int make_plan(struct feed *feed, struct strbuf *ret_error)
{
    upstream_plan_release(&feed->plan);
    upstream_plan_init(&feed->plan);
    const int64_t now_ms = clock_wall_ms();
    if (feed->state)
        return feed->class->feed_plan(feed->state, now_ms, &feed->plan, ret_error);
    return feed->class->plan(&feed->args, now_ms, &feed->plan, ret_error);
}

static void poll(struct feed *feed)
{
    struct strbuf error;
    strbuf_init(&error, UPSTREAM_MESSAGE_MAX);
    int64_t retry_ms = 0;
    const struct backend_question question = {
        .plan = &feed->plan, .digest = on_reply, .done = on_done, .data = feed};
    if (make_plan(feed, &error) != 0)
        on_done(feed, UPSTREAM_REFUSED, &error, 0);
    else
        feed->ask = backend_ask(feed->backend, &question, &retry_ms);
    if (retry_ms > 0) {
        strbuf_add_text(&error, backend_trouble(feed->backend));
        on_done(feed, UPSTREAM_BAD, &error, retry_ms);
    }
    strbuf_release(&error);
}

void feeds_tick(struct feeds *feeds, int64_t now_ms)
{
    struct feed **link = &feeds->first;
    while (*link) {
        struct feed *feed = *link;
        if (!feed->followers.first) {
            *link = feed->next;
            feed_free(feed);
            continue;
        }
        if (!feed->ask && now_ms >= feed->due_ms)
            poll(feed);
        link = &feed->next;
    }
}

/* ---- followers ---- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static struct feed *find(const struct feeds *feeds, const struct upstream_class *class,
                         const struct upstream_args *args)
{
    for (struct feed *feed = feeds->first; feed; feed = feed->next) {
        bool same = feed->class == class;
        for (size_t i = 0; same && i < UPSTREAM_ARG_COUNT; i++)
            same = same_text(feed->args.text[i], args->text[i]);
        if (same)
            return feed;
    }
    return NULL;
}

static struct feed *feed_new(struct feeds *feeds, const struct upstream_class *class,
                             struct backend *backend, const struct upstream_args *args)
{
    struct feed *feed = xcalloc(1, sizeof *feed);
    feed->home = feeds;
    feed->class = class;
    feed->backend = backend;
    args_copy(args, &feed->args);
    upstream_plan_init(&feed->plan);
    if (class->feed_new)
        feed->state = class->feed_new(args);
    feed->next = feeds->first;
    feeds->first = feed;
    feeds->count++;
    return feed;
}

/* Brings a newcomer to where the others are. */
static void catch_up(const struct feed *feed, struct upstream_ticket *ticket)
{
    const bool failed = feed->last && feed->last->view.kind == UPSTREAM_ERROR;
    metrics_add_to(feed->home->metrics, METRIC_UPSTREAM_SHARED, feed->class->name, 1);
    if (failed || !feed->state) {
        if (feed->last)
            ticket_deliver(ticket, feed->last);
        return;
    }
    struct strbuf text;
    strbuf_init(&text, UPSTREAM_RESULT_MAX);
    feed->class->feed_catch_up(feed->state, &text);
    if (text.len > 0) {
        struct answer *answer = answer_result(&text);
        ticket_deliver(ticket, answer);
        answer_unref(answer);
    }
    strbuf_release(&text);
}

/* The arguments of a subscription are checked as those of a question are. */
static struct answer *objection(const struct feeds *feeds,
                                const struct upstream_class *class,
                                const struct upstream_args *args, bool is_new)
{
    struct answer *answer = NULL;
    struct strbuf error;
    struct upstream_plan plan;
    strbuf_init(&error, UPSTREAM_MESSAGE_MAX);
    upstream_plan_init(&plan);
    if (class->plan(args, clock_wall_ms(), &plan, &error) != 0)
        answer = answer_bad_request(strbuf_text(&error));
    else if (is_new && feeds->count >= FEEDS_MAX)
        answer = answer_unavailable(class->name, "too many different questions", 1000);
    upstream_plan_release(&plan);
    strbuf_release(&error);
    return answer;
}

void feeds_join(struct feeds *feeds, const struct upstream_class *class,
                struct backend *backend, struct upstream_ticket *ticket)
{
    struct feed *feed = find(feeds, class, &ticket->args);
    struct answer *answer = objection(feeds, class, &ticket->args, !feed);
    if (answer) {
        ticket_deliver(ticket, answer);
        answer_unref(answer);
        ticket_unref(ticket);
        return;
    }
    if (feed)
        catch_up(feed, ticket);
    else
        feed = feed_new(feeds, class, backend, &ticket->args);
    ticket_list_add(&feed->followers, ticket);
    if (!feed->ask && clock_mono_ms() >= feed->due_ms)
        poll(feed);
}
