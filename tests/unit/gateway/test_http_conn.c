/* An HTTP connection without its socket: bytes and time go in, bytes come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/exchange.h"
#include "gateway/http_conn.h"
#include "gateway/http_site.h"
#include "gateway/route.h"
#include "gateway/route_context.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

enum { T0 = 1000000 };

static struct exchange_token *kept;

static void say_hello(struct http_exchange *x)
{
    exchange_reply(x, 200, "text/plain", "hello", 5);
}

static void say_later(struct http_exchange *x)
{
    kept = exchange_defer(x);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/hello", .handle = say_hello},
    {.method = "POST", .path = "/hello", .handle = say_hello},
    {.method = "GET", .path = "/later", .handle = say_later},
};

struct fixture {
    struct loop *loop;
    struct metrics *metrics;
    struct route_context context;
    struct http_site site;
    struct http_conn conn;
    unsigned wakes;
    struct strbuf sent;
};

static struct fixture f;

static void count_wake(void *transport)
{
    ((struct fixture *)transport)->wakes++;
}

static int begin(void **state)
{
    (void)state;
    memset(&f, 0, sizeof f);
    f.loop = loop_new();
    f.metrics = metrics_new();
    f.context = (struct route_context){.loop = f.loop, .metrics = f.metrics};
    f.site = (struct http_site){
        .context = &f.context,
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .metrics = f.metrics,
        .date = "Thu, 01 Jan 1970 00:00:00 GMT",
    };
    strbuf_init(&f.sent, 1 << 20);
    http_conn_init(&f.conn, &f.site, "192.0.2.1", &f, count_wake, T0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    http_conn_release(&f.conn);
    strbuf_release(&f.sent);
    loop_free(f.loop);
    metrics_free(f.metrics);
    return 0;
}

static void feed(const char *text, int64_t now_ms)
{
    http_conn_feed(&f.conn, text, strlen(text), now_ms);
}

/* Takes what there is to send, `step` bytes at a time. */
static const char *take(size_t step, int64_t now_ms)
{
    strbuf_clear(&f.sent);
    const char *data;
    size_t len;
    while ((data = http_conn_peek(&f.conn, &len)) != NULL) {
        size_t n = MIN_OF(len, step);
        strbuf_add(&f.sent, data, n);
        http_conn_sent(&f.conn, n, now_ms);
    }
    return strbuf_text(&f.sent);
}

#define HELLO "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_reply_is_whole_however_it_is_taken(void **state)
{
    (void)state;
    feed(HELLO, T0);
    char whole[1024];
    snprintf(whole, sizeof whole, "%s", take(1000, T0));
    assert_non_null(strstr(whole, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(whole, "\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
    assert_non_null(strstr(whole, "\r\n\r\nhello"));
    feed(HELLO, T0);
    assert_string_equal(take(1, T0), whole);
    assert_int_equal(f.conn.state, HTTP_READING);
}

static void what_takes_too_long_ends(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int64_t after_ms;
        const char *answer;
        enum http_state state;
    } rows[] = {
        {"", HTTP_IDLE_MS, "", HTTP_READING},
        {"", HTTP_IDLE_MS + 1, "", HTTP_DEAD},
        {"GET / HT", HTTP_HEAD_MS, "", HTTP_READING},
        {"GET / HT", HTTP_HEAD_MS + 1, "HTTP/1.1 408 ", HTTP_LINGERING},
        {"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1", HTTP_BODY_MS,
         "", HTTP_READING},
        {"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1",
         HTTP_BODY_MS + 1, "HTTP/1.1 408 ", HTTP_LINGERING},
        {"GET /later HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_DEFER_MS, "", HTTP_ANSWERING},
        {"GET /later HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_DEFER_MS + 1,
         "HTTP/1.1 504 Gateway Timeout", HTTP_READING},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin(NULL);
        kept = NULL;
        feed(rows[i].bytes, T0);
        http_conn_tick(&f.conn, T0 + rows[i].after_ms);
        const char *answer = take(4096, T0 + rows[i].after_ms);
        assert_int_equal(strncmp(answer, rows[i].answer, strlen(rows[i].answer)), 0);
        assert_int_equal(answer[0] == '\0', rows[i].answer[0] == '\0');
        assert_int_equal(f.conn.state, rows[i].state);
        if (kept != NULL && rows[i].state == HTTP_READING)
            assert_null(exchange_resume(kept)); /* too late, and no harm */
        else if (kept != NULL)
            exchange_error(exchange_resume(kept), 503, "internal", "", 0);
        end(NULL);
    }
}

static void a_trickle_of_bytes_does_not_win_time(void **state)
{
    (void)state;
    int64_t now_ms = T0;
    for (int i = 0; i < 20 && f.conn.state == HTTP_READING; i++, now_ms += 1000) {
        feed("X", now_ms);
        http_conn_tick(&f.conn, now_ms);
    }
    assert_int_equal(strncmp(take(4096, now_ms), "HTTP/1.1 408 ", 13), 0);
}

static void a_reply_that_nobody_takes_ends_the_connection(void **state)
{
    (void)state;
    feed(HELLO, T0);
    http_conn_tick(&f.conn, T0 + HTTP_STUCK_MS);
    assert_int_equal(f.conn.state, HTTP_ANSWERING);
    http_conn_tick(&f.conn, T0 + HTTP_STUCK_MS + 1);
    assert_int_equal(f.conn.state, HTTP_DEAD);
}

static void requests_without_end_and_without_reading_end_it_too(void **state)
{
    (void)state;
    feed(HELLO, T0);
    for (int i = 0; i < 2000 && f.conn.state != HTTP_DEAD; i++)
        feed(HELLO, T0);
    assert_int_equal(f.conn.state, HTTP_DEAD);
}

static void a_drain_lets_the_reply_out_and_then_ends(void **state)
{
    (void)state;
    feed("GET /later HTTP/1.1\r\nHost: x\r\n\r\n", T0);
    f.site.draining = true;
    http_conn_drain(&f.conn);
    unsigned wakes = f.wakes;
    exchange_reply(exchange_resume(kept), 200, "text/plain", "late", 4);
    assert_int_equal(f.wakes, wakes + 1);
    assert_non_null(strstr(take(4096, T0), "\r\nConnection: close\r\n"));
    assert_int_equal(f.conn.state, HTTP_LINGERING);
    http_conn_tick(&f.conn, T0 + HTTP_LINGER_MS + 1);
    assert_int_equal(f.conn.state, HTTP_DEAD);
}

static void an_idle_connection_is_drained_at_once(void **state)
{
    (void)state;
    http_conn_drain(&f.conn);
    assert_int_equal(f.conn.state, HTTP_DEAD);
}

static void an_answer_to_nobody_is_dropped(void **state)
{
    (void)state;
    feed("GET /later HTTP/1.1\r\nHost: x\r\n\r\n", T0);
    http_conn_release(&f.conn);
    exchange_token_reply(kept, 200, "text/plain", "late", 4);
    loop_run_once(f.loop, false);
    http_conn_init(&f.conn, &f.site, "192.0.2.1", &f, count_wake, T0);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_reply_is_whole_however_it_is_taken),
        cmocka_unit_test(what_takes_too_long_ends),
        ROW(a_trickle_of_bytes_does_not_win_time),
        ROW(a_reply_that_nobody_takes_ends_the_connection),
        ROW(requests_without_end_and_without_reading_end_it_too),
        ROW(a_drain_lets_the_reply_out_and_then_ends),
        ROW(an_idle_connection_is_drained_at_once),
        ROW(an_answer_to_nobody_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
