/*
 * Questions to Elasticsearch, its answers, and the live tail that neither shows
 * a line twice nor leaves out one that arrived late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "upstream/elasticsearch.h"
#include "upstream/log_tail.h"
#include "upstream/upstream_class.h"

static const int64_t NOW_MS = INT64_C(1700000007000);

#define ARG(name) UPSTREAM_ARG_##name

static struct upstream_plan plan;
static struct strbuf text;

static int setup(void **state)
{
    (void)state;
    upstream_plan_init(&plan);
    strbuf_init(&text, UPSTREAM_RESULT_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    upstream_plan_release(&plan);
    strbuf_release(&text);
    return 0;
}

static void a_question_becomes_a_search(void **state)
{
    (void)state;
    static const struct {
        struct upstream_args args;
        const char *part; /* of the body, or the error */
    } rows[] = {
        {{{NULL}}, "\"gte\":1699999108000,\"lte\":1700000008000"},
        {{{[ARG(SINCE)] = "1h", [ARG(UNTIL)] = "1700000000"}},
         "\"gte\":1699996400000,\"lte\":1700000000000"},
        {{{[ARG(SINCE)] = "2023-11-14T22:00:00Z"}}, "\"gte\":1699999200000,"},
        {{{[ARG(QUERY)] = "message:\"a b\""}}, "\"query\":\"message:\\\"a b\\\"\"}}"},
        {{{[ARG(LEVEL)] = "warn,error"}},
         "[{\"match_phrase\":{\"log.level\":\"warn\"}},{\"match_phrase\":{\"log."
         "level\":\"error\"}}]"},
        {{{[ARG(SERVICE)] = "flightdashd"}},
         "{\"match_phrase\":{\"service.name\":\"flightdashd\"}}"},
        {{{[ARG(LIMIT)] = "7"}}, "{\"size\":7,"},
        {{{[ARG(LIMIT)] = "1001"}}, "limit: 0 to 1000 expected"},
        {{{[ARG(LIMIT)] = "many"}}, "limit: 0 to 1000 expected"},
        {{{[ARG(SINCE)] = "soon"}},
         "since: a duration, epoch seconds or RFC 3339 expected"},
        {{{[ARG(UNTIL)] = "soon"}}, "until: epoch seconds or RFC 3339 expected"},
        {{{[ARG(SINCE)] = "1700000000", [ARG(UNTIL)] = "1600000000"}},
         "since: it is after until"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        teardown(NULL);
        setup(NULL);
        const int rc = elasticsearch_class.plan(&rows[i].args, NOW_MS, &plan, &text);
        const char *said = rc == 0 ? strbuf_text(&plan.body) : strbuf_text(&text);
        assert_non_null(strstr(said, rows[i].part));
        if (rc != 0)
            continue;
        json_t *body =
            json_loads(strbuf_text(&plan.body), JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(body);
        json_decref(body);
    }
}

#define HIT(id, ms, source)                                                            \
    "{\"_index\":\"logs\",\"_id\":\"" id "\",\"_source\":" source ",\"sort\":[\"" ms   \
    "\"]}"

static enum upstream_verdict digest(int status, const char *product, const char *body)
{
    static const struct upstream_args args = {{NULL}};
    const struct upstream_reply reply = {.status = status,
                                         .content_type = "application/json",
                                         .product = product,
                                         .body = body,
                                         .len = strlen(body)};
    strbuf_clear(&text);
    return elasticsearch_class.digest(&args, &plan, &reply, &text);
}

static void hits_are_flattened_whichever_way_they_were_nested(void **state)
{
    (void)state;
    assert_int_equal(digest(200, "Elasticsearch",
                            "{\"hits\":{\"total\":{\"value\":2},\"hits\":[" HIT(
                                "a", "1700000000123",
                                "{\"log.level\":\"warn\",\"message\":\"m\",\"process."
                                "pid\":7}") "," HIT("b", "1700000000000",
                                                    "{\"log\":{\"level\":\"info\"},"
                                                    "\"service\":{\"name\":\"s\"},"
                                                    "\"tags\":[1,2]}") "]}}"),
                     UPSTREAM_GOOD);
    assert_non_null(strstr(
        strbuf_text(&text),
        "\"hits\":[{\"id\":\"a\",\"index\":\"logs\",\"time\":1700000000.123,\"level\":"
        "\"warn\",\"message\":\"m\","
        "\"fields\":{\"log.level\":\"warn\",\"message\":\"m\",\"process.pid\":7}},"
        "{\"id\":\"b\",\"index\":\"logs\",\"time\":1700000000,\"level\":\"info\","
        "\"service\":\"s\","
        "\"fields\":{\"log.level\":\"info\",\"service.name\":\"s\",\"tags\":\"[1,2]\"}}"
        "]"));
    assert_non_null(strstr(strbuf_text(&text), "\"total\":2,"));
}

static void what_is_no_answer_is_a_plain_error(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *product;
        const char *body;
        enum upstream_verdict verdict;
        const char *part;
    } rows[] = {
        {400, "Elasticsearch",
         "{\"error\":{\"root_cause\":[{\"type\":\"query_shard_exception\",\"reason\":"
         "\"Failed to parse query [((]\"}]}}",
         UPSTREAM_REFUSED, "Failed to parse query [((]"},
        {401, "Elasticsearch", "{\"error\":{\"reason\":\"missing authentication\"}}",
         UPSTREAM_BAD, "answered 401: missing authentication"},
        {200, "", "{\"hits\":{\"hits\":[]}}", UPSTREAM_BAD,
         "no X-elastic-product header"},
        {500, "", "boom", UPSTREAM_BAD, "answered 500"},
        {200, "Elasticsearch", "{\"took\":3}", UPSTREAM_BAD,
         "its answer is not Elasticsearch's JSON"},
        {200, "Elasticsearch", "{\"hits\":", UPSTREAM_BAD,
         "its answer is not Elasticsearch's JSON"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(digest(rows[i].status, rows[i].product, rows[i].body),
                         rows[i].verdict);
        assert_non_null(strstr(strbuf_text(&text), rows[i].part));
    }
}

static void a_hit_that_is_none_is_left_out(void **state)
{
    (void)state;
    assert_int_equal(
        digest(200, "Elasticsearch",
               "{\"hits\":{\"hits\":[{\"_id\":\"x\"},7," HIT("a", "5", "{}") "]}}"),
        UPSTREAM_GOOD);
    assert_non_null(strstr(strbuf_text(&text), "\"hits\":[{\"id\":\"a\","));
}

static void a_kibana_link_names_the_same_window(void **state)
{
    (void)state;
    const struct upstream_args args = {
        {[ARG(QUERY)] = "it's", [ARG(UNTIL)] = "1700000000"}};
    teardown(NULL);
    setup(NULL);
    plan.link_url = "http://kibana:5601";
    assert_int_equal(elasticsearch_class.plan(&args, NOW_MS, &plan, &text), 0);
    static const char body[] = "{\"hits\":{\"hits\":[]}}";
    const struct upstream_reply reply = {.status = 200,
                                         .content_type = "",
                                         .product = "Elasticsearch",
                                         .body = body,
                                         .len = sizeof body - 1};
    elasticsearch_class.digest(&args, &plan, &reply, &text);
    assert_non_null(strstr(strbuf_text(&text),
                           "\"kibana\":\"http://kibana:5601/app/discover#/"
                           "?_g=(time:(from:'2023-11-14T21:58:20.000Z'"));
    assert_non_null(strstr(strbuf_text(&text), "it%21%27s"));
}

/* ---- the tail ---- */

/* The lines a page of hits adds to a tail. */
static const char *page(struct upstream_feed_state *feed, const char *hits)
{
    static char body[4096];
    uint64_t lost = 0;
    snprintf(body, sizeof body, "{\"hits\":{\"hits\":[%s]}}", hits);
    const struct upstream_reply reply = {.status = 200,
                                         .content_type = "",
                                         .product = "Elasticsearch",
                                         .body = body,
                                         .len = strlen(body)};
    struct strbuf error;
    strbuf_init(&error, UPSTREAM_MESSAGE_MAX);
    teardown(NULL);
    setup(NULL);
    assert_int_equal(elasticsearch_class.feed_plan(feed, NOW_MS, &plan, &error), 0);
    assert_int_equal(elasticsearch_class.feed_digest(feed, &plan, &reply, &text, &lost),
                     UPSTREAM_GOOD);
    strbuf_release(&error);
    return strbuf_text(&text);
}

static size_t lines_of(const char *p)
{
    size_t n = 0;
    for (; *p; p++)
        n += *p == '\n';
    return n;
}

static void a_tail_shows_each_line_once_also_late_ones(void **state)
{
    (void)state;
    const struct upstream_args args = {{NULL}};
    struct upstream_feed_state *feed = elasticsearch_class.feed_new(&args);
    const char *said =
        page(feed, HIT("b", "1700000002000", "{}") "," HIT("a", "1700000001000", "{}"));
    assert_int_equal(lines_of(said), 2);
    assert_true(strstr(said, "\"id\":\"a\"") < strstr(said, "\"id\":\"b\""));
    assert_non_null(strstr(strbuf_text(&plan.body), "\"order\":\"desc\""));
    said =
        page(feed, HIT("a", "1700000001000", "{}") "," HIT("b", "1700000002000", "{}"));
    assert_int_equal(lines_of(said), 0);
    assert_non_null(
        strstr(strbuf_text(&plan.body), "\"search_after\":[\"1699999992000\"]"));
    said = page(feed,
                HIT("late", "1700000001500", "{}") "," HIT("b", "1700000002000", "{}"));
    assert_int_equal(lines_of(said), 1);
    assert_non_null(strstr(said, "\"id\":\"late\""));
    struct strbuf recent;
    strbuf_init(&recent, UPSTREAM_RESULT_MAX);
    elasticsearch_class.feed_catch_up(feed, &recent);
    assert_int_equal(lines_of(strbuf_text(&recent)), 3);
    strbuf_release(&recent);
    elasticsearch_class.feed_free(feed);
}

static void a_tail_is_bounded(void **state)
{
    (void)state;
    struct log_tail *tail = log_tail_new();
    for (int i = 0; i < LOG_TAIL_IDS_MAX + 100; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        assert_true(log_tail_offer(tail, id, NOW_MS + i, "{}", 2));
    }
    strbuf_clear(&text);
    log_tail_write_recent(tail, &text);
    assert_int_equal(lines_of(strbuf_text(&text)), LOG_TAIL_RECENT_MAX);
    /* Where the memory of shown lines ends, reading begins: no line comes again. */
    assert_int_equal(log_tail_cursor_ms(tail), NOW_MS + 100);
    log_tail_free(tail);
}

static void a_full_page_goes_on_where_it_ended(void **state)
{
    (void)state;
    struct log_tail *tail = log_tail_new();
    log_tail_page_done(tail, true, 5000);
    assert_true(log_tail_is_behind(tail));
    assert_int_equal(log_tail_cursor_ms(tail), 4999);
    log_tail_page_done(tail, true, 5000); /* a page full of one millisecond */
    assert_int_equal(log_tail_cursor_ms(tail), 5000);
    log_tail_page_done(tail, false, 6000);
    assert_false(log_tail_is_behind(tail));
    log_tail_free(tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_becomes_a_search),
        cmocka_unit_test(hits_are_flattened_whichever_way_they_were_nested),
        cmocka_unit_test(what_is_no_answer_is_a_plain_error),
        cmocka_unit_test(a_hit_that_is_none_is_left_out),
        cmocka_unit_test(a_kibana_link_names_the_same_window),
        cmocka_unit_test(a_tail_shows_each_line_once_also_late_ones),
        cmocka_unit_test(a_tail_is_bounded),
        cmocka_unit_test(a_full_page_goes_on_where_it_ended),
    };
    return cmocka_run_group_tests_name("elasticsearch", tests, setup, teardown);
}
