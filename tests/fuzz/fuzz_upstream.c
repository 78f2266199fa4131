/*
 * Whatever another server answers: what we make of it is good JSON or a message,
 * never a crash. The first byte chooses who is said to have answered and how.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "monitor/probe_kind.h"
#include "monitor/service_health.h"
#include "upstream/elasticsearch.h"
#include "upstream/prometheus.h"
#include "upstream/upstream_class.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t NOW_MS = INT64_C(1700000000000);

static void must(bool claim)
{
    if (!claim)
        abort();
}

/* text is the members of an object. */
static void must_be_members(const struct strbuf *text)
{
    struct strbuf object;
    strbuf_init(&object, UPSTREAM_RESULT_MAX + 16);
    strbuf_addf(&object, "{%s}", strbuf_text(text));
    json_t *root = json_loadb(object.data, object.len, 0, NULL);
    must(json_is_object(root));
    json_decref(root);
    strbuf_release(&object);
}

static void ask_once(const struct upstream_class *class,
                     const struct upstream_reply *reply)
{
    const struct upstream_args args = {
        {[UPSTREAM_ARG_QUERY] = "up", [UPSTREAM_ARG_END] = "1700000000"}};
    struct upstream_plan plan;
    struct strbuf text;
    upstream_plan_init(&plan);
    strbuf_init(&text, UPSTREAM_RESULT_MAX);
    must(class->plan(&args, NOW_MS, &plan, &text) == 0);
    if (class->digest(&args, &plan, reply, &text) == UPSTREAM_GOOD)
        must_be_members(&text);
    else
        must(text.len > 0);
    strbuf_release(&text);
    upstream_plan_release(&plan);
}

/* The same page twice: the second time nothing in it is new. */
static void follow(const struct upstream_reply *reply)
{
    const struct upstream_args args = {{NULL}};
    struct upstream_feed_state *feed = elasticsearch_class.feed_new(&args);
    for (int i = 0; i < 2; i++) {
        struct upstream_plan plan;
        struct strbuf text;
        uint64_t lost = 0;
        upstream_plan_init(&plan);
        strbuf_init(&text, UPSTREAM_RESULT_MAX);
        must(elasticsearch_class.feed_plan(feed, NOW_MS, &plan, &text) == 0);
        const enum upstream_verdict verdict =
            elasticsearch_class.feed_digest(feed, &plan, reply, &text, &lost);
        must(verdict != UPSTREAM_GOOD || i == 0 || text.len == 0);
        strbuf_release(&text);
        upstream_plan_release(&plan);
    }
    elasticsearch_class.feed_free(feed);
}

/* A health object that is taken is written as one that is taken. */
static void read_health(const char *json, size_t len)
{
    struct service_health health;
    struct service_health again;
    struct strbuf out;
    struct strbuf error;
    strbuf_init(&out, UPSTREAM_RESULT_MAX);
    strbuf_init(&error, 256);
    if (service_health_parse(json, len, &health, &error) == 0) {
        service_health_write(&health, &out);
        must(service_health_parse(out.data, out.len, &again, &error) == 0);
        must(again.status == health.status && again.since_ms == health.since_ms);
        must(again.depends_count == health.depends_count);
    }
    strbuf_clear(&out);
    probe_http_verdict(200, json, len, &out);
    strbuf_release(&error);
    strbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *body = malloc(size);
    if (body == NULL)
        return 0;
    memcpy(body, data + 1, size - 1);
    body[size - 1] = '\0';
    const unsigned way = data[0] % 8;
    const struct upstream_reply reply = {.status = way & 1 ? 400 : 200,
                                         .content_type = "application/json",
                                         .product = "Elasticsearch",
                                         .body = body,
                                         .len = size - 1};
    if (way < 2)
        ask_once(&prometheus_class, &reply);
    else if (way < 4)
        ask_once(&elasticsearch_class, &reply);
    else if (way < 6)
        follow(&reply);
    else
        read_health(body, size - 1);
    free(body);
    return 0;
}
