#include "upstream/questions.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "telemetry/metrics.h"
#include "upstream/backend.h"

struct question {
    struct question *next;
    struct questions *home;
    const struct upstream_class *class;
    struct backend *backend;
    struct upstream_args args;
    struct upstream_plan plan;
    struct backend_ask *ask; /* NULL once answered */
    struct answer *answer;
    int64_t expires_ms;
    struct ticket_list waiting;
};

struct questions {
    struct metrics *metrics;
    struct question *first;
    size_t count;
    size_t bytes; /* of the answers kept */
};

struct questions *questions_new(struct metrics *metrics)
{
    struct questions *q = xcalloc(1, sizeof *q);
    q->metrics = metrics;
    return q;
}

static void question_free(struct question *question)
{
    if (question->ask)
        backend_cancel(question->ask);
    if (question->answer)
        question->home->bytes -= question->answer->view.len;
    question->home->count--;
    metrics_add(question->home->metrics, METRIC_UPSTREAM_ASKERS,
                -(int64_t)ticket_list_clear(&question->waiting));
    answer_unref(question->answer);
    upstream_plan_release(&question->plan);
    args_release(&question->args);
    free(question);
}

void questions_free(struct questions *q)
{
    if (!q)
        return;
    while (q->first) {
        struct question *question = q->first;
        q->first = question->next;
        question_free(question);
    }
    free(q);
}

/* True for what can go: answered, and stale (or anything answered, when pressed). */
static bool may_go(const struct question *question, int64_t now_ms, bool pressed)
{
    return question->answer && (pressed || now_ms >= question->expires_ms);
}

static void sweep(struct questions *q, int64_t now_ms, bool pressed)
{
    struct question **link = &q->first;
    while (*link) {
        struct question *question = *link;
        if (may_go(question, now_ms, pressed)) {
            *link = question->next;
            question_free(question);
        } else {
            link = &question->next;
        }
    }
}

void questions_sweep(struct questions *q, int64_t now_ms)
{
    sweep(q, now_ms, q->bytes > QUESTIONS_BYTES_MAX);
}

/* ---- one question ---- */

static void settle(struct question *question, struct answer *answer, int64_t fresh_ms)
{
    struct questions *q = question->home;
    question->answer = answer;
    question->expires_ms = clock_mono_ms() + fresh_ms;
    q->bytes += answer->view.len;
    ticket_list_deliver(&question->waiting, answer);
    metrics_add(q->metrics, METRIC_UPSTREAM_ASKERS,
                -(int64_t)ticket_list_clear(&question->waiting));
}

static enum upstream_verdict on_reply(void *data, const struct upstream_reply *reply,
                                      struct strbuf *ret_text)
{
    const struct question *question = data;
    return question->class->digest(&question->args, &question->plan, reply, ret_text);
}

static void on_done(void *data, enum upstream_verdict verdict, struct strbuf *text,
                    int64_t retry_ms)
{
    struct question *question = data;
    question->ask = NULL;
    switch (verdict) {
    case UPSTREAM_GOOD:
        settle(question, answer_result(text), question->plan.fresh_ms);
        break;
    case UPSTREAM_REFUSED:
        settle(question, answer_bad_request(strbuf_text(text)),
               question->plan.fresh_ms);
        break;
    case UPSTREAM_BAD:
        settle(question,
               answer_unavailable(question->class->name, strbuf_text(text), retry_ms),
               QUESTIONS_ERROR_FRESH_MS);
        break;
    }
}

static bool is_same(const struct question *question, const struct upstream_class *class,
                    const struct upstream_plan *plan)
{
    return question->class == class &&
           strcmp(strbuf_text(&question->plan.path), strbuf_text(&plan->path)) == 0 &&
           strcmp(strbuf_text(&question->plan.body), strbuf_text(&plan->body)) == 0;
}

static struct question *find(const struct questions *q,
                             const struct upstream_class *class,
                             const struct upstream_plan *plan, int64_t now_ms)
{
    for (struct question *question = q->first; question; question = question->next)
        if (is_same(question, class, plan) && !may_go(question, now_ms, false))
            return question;
    return NULL;
}

static void wait_for(struct question *question, struct upstream_ticket *ticket)
{
    ticket_list_add(&question->waiting, ticket);
    metrics_add(question->home->metrics, METRIC_UPSTREAM_ASKERS, 1);
}

/* Joins an equal question: its answer, or the wait for it. */
static void join(struct question *question, struct upstream_ticket *ticket)
{
    metrics_add_to(question->home->metrics, METRIC_UPSTREAM_SHARED,
                   question->class->name, 1);
    if (!question->answer) {
        wait_for(question, ticket);
        return;
    }
    ticket_deliver(ticket, question->answer);
    ticket_unref(ticket);
}

static void answer_now(struct upstream_ticket *ticket, struct answer *answer)
{
    ticket_deliver(ticket, answer);
    answer_unref(answer);
    ticket_unref(ticket);
}

/* Sends a new question; takes over the plan. */
static void send(struct questions *q, const struct upstream_class *class,
                 struct backend *backend, struct upstream_plan *plan,
                 struct upstream_ticket *ticket)
{
    struct question *question = xcalloc(1, sizeof *question);
    question->home = q;
    question->class = class;
    question->backend = backend;
    question->plan = *plan;
    args_copy(&ticket->args, &question->args);
    question->next = q->first;
    q->first = question;
    q->count++;
    const struct backend_question asked = {
        .plan = &question->plan, .digest = on_reply, .done = on_done, .data = question};
    int64_t retry_ms = 0;
    wait_for(question, ticket);
    question->ask = backend_ask(backend, &asked, &retry_ms);
    if (!question->ask)
        settle(question,
               answer_unavailable(class->name, backend_trouble(backend), retry_ms), 0);
}

void questions_ask(struct questions *q, const struct upstream_class *class,
                   struct backend *backend, struct upstream_ticket *ticket)
{
    struct upstream_plan plan;
    struct strbuf error;
    strbuf_init(&error, UPSTREAM_MESSAGE_MAX);
    upstream_plan_init(&plan);
    plan.link_url = backend_link_url(backend);
    const int64_t now_ms = clock_mono_ms();
    const int rc = class->plan(&ticket->args, clock_wall_ms(), &plan, &error);
    struct question *same = rc == 0 ? find(q, class, &plan, now_ms) : NULL;
    if (q->count >= UPSTREAM_QUESTIONS_MAX || q->bytes > QUESTIONS_BYTES_MAX)
        sweep(q, now_ms, !same);
    if (rc != 0) {
        answer_now(ticket, answer_bad_request(strbuf_text(&error)));
    } else if (same) {
        join(same, ticket);
    } else if (q->count >= UPSTREAM_QUESTIONS_MAX) {
        answer_now(ticket, answer_unavailable(class->name, "too many questions", 1000));
    } else {
        send(q, class, backend, &plan, ticket);
        strbuf_release(&error);
        return;
    }
    strbuf_release(&error);
    upstream_plan_release(&plan);
}
