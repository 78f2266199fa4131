#include "upstream/elasticsearch.h"

#include <errno.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"
#include "net/http_client.h"
#include "upstream/log_hit.h"
#include "upstream/log_tail.h"
#include "upstream/time_text.h"
#include "upstream/upstream_class.h"

#define SEARCH_PATH                                                                    \
    "/logs-flightdash-*/_search?ignore_unavailable=true&allow_no_indices=true"

/* Numbers as texts and one clock for date and date_nanos, so that paging works. */
#define SORT_FORMAT                                                                    \
    "\"sort\":[{\"@timestamp\":{\"order\":\"%s\",\"format\":\"epoch_millis\","         \
    "\"numeric_type\":\"date\",\"unmapped_type\":\"date\"}}]"

enum {
    RANGE_DEFAULT_MS = 15 * 60 * 1000,
    FRESH_MS = 2000,
    TAIL_PERIOD_MS = 1000,
    TAIL_BEHIND_PERIOD_MS = 200,
    TAIL_START_MS = 15 * 60 * 1000, /* a tail begins with the lines of so long ago */
    LEVELS_TEXT_MAX = 256
};

static const char *const levels[] = {"error", "warn", "info", "debug"};

/* ---- the question ---- */

static void add_match(struct strbuf *body, const char *field, const char *text,
                      size_t len)
{
    strbuf_addf(body, "{\"match_phrase\":{\"%s\":", field);
    strbuf_add_json(body, text, len);
    strbuf_add_text(body, "}}");
}

/* level=error,warn: any of them. */
static void add_levels(struct strbuf *body, const char *text)
{
    strbuf_add_text(body, ",{\"bool\":{\"minimum_should_match\":1,\"should\":[");
    for (const char *p = text; *p;) {
        const size_t len = strcspn(p, ",");
        add_match(body, "log.level", p, len);
        p += len;
        if (*p == ',' && *++p)
            strbuf_add_char(body, ',');
    }
    strbuf_add_text(body, "]}}");
}

/* The query part, shared by searches and tails. */
static void add_query(struct strbuf *body, const struct upstream_args *args,
                      int64_t since_ms, int64_t until_ms)
{
    const char *query = upstream_arg_text(args, UPSTREAM_ARG_QUERY);
    const char *level = upstream_arg_text(args, UPSTREAM_ARG_LEVEL);
    const char *service = upstream_arg_text(args, UPSTREAM_ARG_SERVICE);
    strbuf_addf(body,
                "\"query\":{\"bool\":{\"filter\":[{\"range\":{\"@timestamp\":{"
                "\"format\":\"epoch_millis\",\"gte\":%lld",
                (long long)since_ms);
    if (until_ms > 0)
        strbuf_addf(body, ",\"lte\":%lld", (long long)until_ms);
    strbuf_add_text(body, "}}}");
    if (level)
        add_levels(body, level);
    if (service) {
        strbuf_add_char(body, ',');
        add_match(body, "service.name", service, strlen(service));
    }
    if (query) {
        strbuf_add_text(body, ",{\"query_string\":{\"lenient\":true,"
                              "\"analyze_wildcard\":true,\"query\":");
        strbuf_add_json(body, query, strlen(query));
        strbuf_add_text(body, "}}");
    }
    strbuf_add_text(body, "]}}");
}

/* A round interval that gives about ELASTICSEARCH_BUCKETS buckets. */
static int64_t interval_ms_of(int64_t range_ms)
{
    static const int64_t seconds[] = {1,   5,    10,   15,    30,    60,   300,
                                      600, 1800, 3600, 10800, 43200, 86400};
    for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
        if (range_ms / (seconds[i] * 1000) <= ELASTICSEARCH_BUCKETS)
            return seconds[i] * 1000;
    const int64_t days = range_ms / 86400000 / ELASTICSEARCH_BUCKETS + 1;
    return days * 86400000;
}

/* match instead of terms: a level that was mapped as text works as well. */
static void add_histogram(struct strbuf *body, const struct upstream_plan *plan)
{
    strbuf_addf(
        body,
        ",\"aggs\":{\"histogram\":{\"date_histogram\":{\"field\":\"@timestamp\","
        "\"fixed_interval\":\"%llds\",\"min_doc_count\":1},"
        "\"aggs\":{\"levels\":{\"filters\":{\"filters\":{",
        (long long)(plan->step_ms / 1000));
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        strbuf_addf(body, "%s\"%s\":{\"match\":{\"log.level\":\"%s\"}}",
                    i > 0 ? "," : "", levels[i], levels[i]);
    strbuf_add_text(body, "}}}}}}");
}

static int read_window(const struct upstream_args *args, int64_t now_ms,
                       struct upstream_plan *plan, struct strbuf *ret_error)
{
    const char *since = upstream_arg_text(args, UPSTREAM_ARG_SINCE);
    const char *until = upstream_arg_text(args, UPSTREAM_ARG_UNTIL);
    int64_t range_ms = RANGE_DEFAULT_MS;
    plan->end_ms = now_ms - now_ms % 1000 + 1000;
    if (until && !time_text_moment(until, &plan->end_ms))
        return upstream_refuse(ret_error, "until: epoch seconds or RFC 3339 expected");
    plan->start_ms = plan->end_ms - range_ms;
    if (since && time_text_duration(since, &range_ms))
        plan->start_ms = plan->end_ms - range_ms; /* "1h" */
    else if (since && !time_text_moment(since, &plan->start_ms))
        return upstream_refuse(ret_error,
                               "since: a duration, epoch seconds or RFC 3339 expected");
    if (plan->start_ms > plan->end_ms)
        return upstream_refuse(ret_error, "since: it is after until");
    plan->step_ms = interval_ms_of(plan->end_ms - plan->start_ms);
    return 0;
}

static int read_limit(const struct upstream_args *args, struct upstream_plan *plan,
                      struct strbuf *ret_error)
{
    const char *text = upstream_arg_text(args, UPSTREAM_ARG_LIMIT);
    plan->limit = ELASTICSEARCH_HITS_DEFAULT;
    if (!text)
        return 0;
    char *end = NULL;
    const long n = strtol(text, &end, 10);
    if (*end || n < 0 || n > ELASTICSEARCH_HITS_MAX)
        return upstream_refuse(ret_error, "limit: 0 to 1000 expected");
    plan->limit = (size_t)n;
    return 0;
}

static int check_level(const struct upstream_args *args, struct strbuf *ret_error)
{
    const char *level = upstream_arg_text(args, UPSTREAM_ARG_LEVEL);
    if (level && (strlen(level) > LEVELS_TEXT_MAX || level[0] == ','))
        return upstream_refuse(ret_error, "level: names joined by commas expected");
    return 0;
}

static int elasticsearch_plan(const struct upstream_args *args, int64_t now_ms,
                              struct upstream_plan *ret_plan, struct strbuf *ret_error)
{
    int rc = read_window(args, now_ms, ret_plan, ret_error);
    if (rc == 0)
        rc = read_limit(args, ret_plan, ret_error);
    if (rc == 0)
        rc = check_level(args, ret_error);
    if (rc != 0)
        return rc;
    struct strbuf *body = &ret_plan->body;
    strbuf_add_text(&ret_plan->path, SEARCH_PATH);
    strbuf_addf(body, "{\"size\":%zu,\"track_total_hits\":true,\"timeout\":\"5s\",",
                ret_plan->limit);
    add_query(body, args, ret_plan->start_ms, ret_plan->end_ms);
    strbuf_addf(body, "," SORT_FORMAT, "desc");
    add_histogram(body, ret_plan);
    strbuf_add_char(body, '}');
    ret_plan->fresh_ms = FRESH_MS;
    ret_plan->period_ms = TAIL_PERIOD_MS;
    if (body->overflowed)
        return upstream_refuse(ret_error, "query: too long");
    return 0;
}

static void elasticsearch_ping(struct upstream_plan *ret_plan)
{
    strbuf_add_text(&ret_plan->path, SEARCH_PATH);
    strbuf_add_text(&ret_plan->body, "{\"size\":0,\"track_total_hits\":false}");
}

/* ---- the answer ---- */

/* The reason of an error answer, as deep as it is told. */
static const char *reason_of(const json_t *root)
{
    const json_t *error = json_object_get(root, "error");
    const json_t *cause = json_array_get(json_object_get(error, "root_cause"), 0);
    const char *reason = json_string_value(json_object_get(cause, "reason"));
    if (!reason)
        reason = json_string_value(json_object_get(error, "reason"));
    return reason ? reason : json_string_value(error);
}

/* hits.hits of a good answer; else NULL with verdict and message. */
static const json_t *hits_of(const json_t *root, const struct upstream_reply *reply,
                             enum upstream_verdict *ret_verdict,
                             struct strbuf *ret_text)
{
    const json_t *hits = json_object_get(json_object_get(root, "hits"), "hits");
    const char *reason = reason_of(root);
    *ret_verdict = UPSTREAM_BAD;
    if (strcmp(reply->product, "Elasticsearch") != 0) {
        upstream_reply_explain(reply, "Elasticsearch's JSON", ret_text);
        strbuf_add_text(ret_text, " (no X-elastic-product header)");
        return NULL;
    }
    if (reply->status == 200 && json_is_array(hits))
        return hits;
    if (reply->status == 400 && reason)
        *ret_verdict = UPSTREAM_REFUSED;
    if (reason)
        strbuf_addf(ret_text, "answered %d: %.300s", reply->status, reason);
    else
        upstream_reply_explain(reply, "Elasticsearch's JSON", ret_text);
    return NULL;
}

static void write_hits(const json_t *hits, struct strbuf *out)
{
    strbuf_add_text(out, ",\"hits\":[");
    bool first = true;
    for (size_t i = 0; i < json_array_size(hits); i++) {
        const size_t before = out->len;
        strbuf_add_text(out, first ? "" : ",");
        if (log_hit_write(json_array_get(hits, i), out))
            first = false;
        else
            strbuf_truncate(out, before);
    }
    strbuf_add_char(out, ']');
}

static void write_bucket(const json_t *bucket, struct strbuf *out)
{
    const json_t *filters =
        json_object_get(json_object_get(bucket, "levels"), "buckets");
    strbuf_add_text(out, "{\"time\":");
    strbuf_add_fixed(out, json_integer_value(json_object_get(bucket, "key")), 3);
    strbuf_addf(out, ",\"count\":%lld,\"levels\":{",
                (long long)json_integer_value(json_object_get(bucket, "doc_count")));
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        const json_t *level = json_object_get(filters, levels[i]);
        const long long n = json_integer_value(json_object_get(level, "doc_count"));
        strbuf_addf(out, "%s\"%s\":%lld", i > 0 ? "," : "", levels[i], n);
    }
    strbuf_add_text(out, "}}");
}

static void write_histogram(const json_t *root, int64_t step_ms, struct strbuf *out)
{
    const json_t *aggs = json_object_get(root, "aggregations");
    const json_t *buckets =
        json_object_get(json_object_get(aggs, "histogram"), "buckets");
    strbuf_add_text(out, ",\"histogram\":{\"interval\":");
    strbuf_add_fixed(out, step_ms, 3);
    strbuf_add_text(out, ",\"buckets\":[");
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        if (i > 0)
            strbuf_add_char(out, ',');
        write_bucket(json_array_get(buckets, i), out);
    }
    strbuf_add_text(out, "]}");
}

/* text in Rison, which Kibana's addresses are written in: ! before ! and '. */
static void add_rison(struct strbuf *out, const char *text)
{
    strbuf_add_char(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '!' || *p == '\'')
            strbuf_add_char(out, '!');
        strbuf_add_char(out, *p);
    }
    strbuf_add_char(out, '\'');
}

/* The same window and query in Kibana's Discover. */
static void write_kibana(const struct upstream_args *args,
                         const struct upstream_plan *plan, struct strbuf *out)
{
    const char *query = upstream_arg_text(args, UPSTREAM_ARG_QUERY);
    char from[CLOCK_ISO8601_SIZE];
    char to[CLOCK_ISO8601_SIZE];
    struct strbuf rison;
    strbuf_init(&rison, UPSTREAM_REQUEST_MAX);
    clock_iso8601(plan->start_ms, from);
    clock_iso8601(plan->end_ms, to);
    strbuf_add_text(&rison, "(query:(language:lucene,query:");
    add_rison(&rison, query ? query : "");
    strbuf_add_text(&rison, "))");
    char *state = http_escape(strbuf_text(&rison));
    struct strbuf url;
    strbuf_init(&url, UPSTREAM_REQUEST_MAX);
    strbuf_addf(&url,
                "%s/app/discover#/?_g=(time:(from:'%s',to:'%s'))&_a=", plan->link_url,
                from, to);
    strbuf_add_text(&url, state);
    strbuf_add_text(out, ",\"kibana\":");
    strbuf_add_json(out, strbuf_text(&url), url.len);
    strbuf_release(&url);
    strbuf_release(&rison);
    free(state);
}

static void write_answer(const struct upstream_args *args,
                         const struct upstream_plan *plan, const json_t *root,
                         const json_t *hits, struct strbuf *out)
{
    const json_t *total = json_object_get(json_object_get(root, "hits"), "total");
    strbuf_addf(out, "\"total\":%lld,\"since\":",
                (long long)json_integer_value(json_object_get(total, "value")));
    strbuf_add_fixed(out, plan->start_ms, 3);
    strbuf_add_text(out, ",\"until\":");
    strbuf_add_fixed(out, plan->end_ms, 3);
    if (json_is_true(json_object_get(root, "timed_out")))
        strbuf_add_text(out, ",\"partial\":true");
    write_hits(hits, out);
    write_histogram(root, plan->step_ms, out);
    if (plan->link_url)
        write_kibana(args, plan, out);
}

static enum upstream_verdict elasticsearch_digest(const struct upstream_args *args,
                                                  const struct upstream_plan *plan,
                                                  const struct upstream_reply *reply,
                                                  struct strbuf *ret_text)
{
    enum upstream_verdict verdict = UPSTREAM_GOOD;
    json_t *root = json_loadb(reply->body, reply->len, 0, NULL);
    const json_t *hits = hits_of(root, reply, &verdict, ret_text);
    if (hits) {
        write_answer(args, plan, root, hits, ret_text);
        verdict = UPSTREAM_GOOD;
    }
    if (hits && ret_text->overflowed) {
        strbuf_clear(ret_text);
        strbuf_add_text(ret_text, "its answer is too large");
        verdict = UPSTREAM_BAD;
    }
    json_decref(root);
    return verdict;
}

/* ---- the tail ---- */

struct upstream_feed_state {
    struct log_tail *tail;
    struct upstream_args args; /* own copies of what the query needs */
};

static struct upstream_feed_state *tail_new(const struct upstream_args *args)
{
    static const enum upstream_arg kept[] = {UPSTREAM_ARG_QUERY, UPSTREAM_ARG_LEVEL,
                                             UPSTREAM_ARG_SERVICE};
    struct upstream_feed_state *state = xcalloc(1, sizeof *state);
    state->tail = log_tail_new();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (args->text[kept[i]])
            state->args.text[kept[i]] = xstrdup(args->text[kept[i]]);
    return state;
}

static void tail_free(struct upstream_feed_state *state)
{
    for (size_t i = 0; i < UPSTREAM_ARG_COUNT; i++)
        free((char *)(uintptr_t)state->args.text[i]);
    log_tail_free(state->tail);
    free(state);
}

/* The first page is the newest lines; later ones go forward from the cursor. */
static int tail_plan(struct upstream_feed_state *state, int64_t now_ms,
                     struct upstream_plan *ret_plan, struct strbuf *ret_error)
{
    const bool first = log_tail_is_new(state->tail);
    struct strbuf *body = &ret_plan->body;
    const int64_t start_ms = now_ms - TAIL_START_MS;
    int64_t cursor_ms = log_tail_cursor_ms(state->tail);
    cursor_ms = MAX_OF(cursor_ms, start_ms);
    ret_plan->limit = first ? (size_t)LOG_TAIL_RECENT_MAX : ELASTICSEARCH_TAIL_PAGE;
    ret_plan->period_ms =
        log_tail_is_behind(state->tail) ? TAIL_BEHIND_PERIOD_MS : TAIL_PERIOD_MS;
    strbuf_add_text(&ret_plan->path, SEARCH_PATH);
    strbuf_addf(body, "{\"size\":%zu,\"track_total_hits\":false,\"timeout\":\"5s\",",
                ret_plan->limit);
    add_query(body, &state->args, first ? start_ms : cursor_ms, 0);
    strbuf_addf(body, "," SORT_FORMAT, first ? "desc" : "asc");
    if (!first)
        strbuf_addf(body, ",\"search_after\":[\"%lld\"]", (long long)cursor_ms);
    strbuf_add_char(body, '}');
    return body->overflowed ? upstream_refuse(ret_error, "query: too long") : 0;
}

/* Offers one hit to the tail; writes it, one line, when it is new. */
static void take_hit(struct log_tail *tail, const json_t *hit, struct strbuf *out)
{
    int64_t time_ms = 0;
    struct strbuf line;
    strbuf_init(&line, LOG_TAIL_RECENT_BYTES);
    if (log_hit_time(hit, &time_ms) && log_hit_write(hit, &line) && !line.overflowed &&
        log_tail_offer(tail, log_hit_id(hit), time_ms, strbuf_text(&line), line.len)) {
        strbuf_add_char(&line, '\n');
        strbuf_add(out, strbuf_text(&line), line.len);
    }
    strbuf_release(&line);
}

static void take_page(struct log_tail *tail, const struct upstream_plan *plan,
                      const json_t *hits, struct strbuf *out)
{
    const bool first = log_tail_is_new(tail);
    const size_t n = json_array_size(hits);
    int64_t last_ms = 0;
    for (size_t i = 0; i < n; i++)
        take_hit(tail, json_array_get(hits, first ? n - 1 - i : i), out);
    const bool has_last = n > 0 && log_hit_time(json_array_get(hits, n - 1), &last_ms);
    log_tail_page_done(tail, !first && has_last && n >= plan->limit, last_ms);
}

static enum upstream_verdict tail_digest(struct upstream_feed_state *state,
                                         const struct upstream_plan *plan,
                                         const struct upstream_reply *reply,
                                         struct strbuf *ret_text, uint64_t *ret_lost)
{
    enum upstream_verdict verdict = UPSTREAM_GOOD;
    json_t *root = json_loadb(reply->body, reply->len, 0, NULL);
    const json_t *hits = hits_of(root, reply, &verdict, ret_text);
    *ret_lost = 0;
    if (hits) {
        take_page(state->tail, plan, hits, ret_text);
        verdict = UPSTREAM_GOOD;
    }
    if (hits && ret_text->overflowed) { /* the lines are known now: they are lost */
        *ret_lost = json_array_size(hits);
        strbuf_clear(ret_text);
    }
    json_decref(root);
    return verdict;
}

static void tail_catch_up(const struct upstream_feed_state *state,
                          struct strbuf *ret_text)
{
    log_tail_write_recent(state->tail, ret_text);
}

const struct upstream_class elasticsearch_class = {
    .name = "elasticsearch",
    .target = UPSTREAM_LOGS,
    .ping = elasticsearch_ping,
    .plan = elasticsearch_plan,
    .digest = elasticsearch_digest,
    .feed_new = tail_new,
    .feed_free = tail_free,
    .feed_plan = tail_plan,
    .feed_digest = tail_digest,
    .feed_catch_up = tail_catch_up,
};
