/*
 * The server runs on a thread of its own with a handful of routes; the tests
 * talk to it through plain sockets, byte by byte where that matters.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/auth.h"
#include "gateway/route.h"
#include "gateway/web_server.h"
#include "net/thread.h"
#include "telemetry/metrics.h"
#include "web_client.h"

#define TOKEN "0123456789abcdef"
enum { LARGE = 8 << 20 };

/* Routes. */

static _Atomic(struct exchange_token *) kept_token;

static void say_hello(struct http_exchange *x)
{
    exchange_reply(x, 200, "text/plain", "hello", 5);
}

static void say_what_you_said(struct http_exchange *x)
{
    const char *name = exchange_param(x, "name");
    const char *query = exchange_param(x, "q");
    const char *agent = exchange_header(x, "user-agent");
    size_t len;
    const char *body = exchange_body(x, &len);
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    strbuf_addf(&out, "%s %s name=%s q=%s agent=%s body=%zu:%.10s peer=%s",
                exchange_method(x), exchange_path(x), name, query ? query : "-",
                agent ? agent : "-", len, body, exchange_peer(x));
    exchange_reply(x, 200, "text/plain", strbuf_text(&out), out.len);
    strbuf_release(&out);
}

static void say_much(struct http_exchange *x)
{
    char *body = xmalloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        body[i] = (char)('a' + i % 23);
    exchange_set_header(x, "ETag", "\"large\"");
    exchange_reply_take(x, 200, "text/plain", body, LARGE);
}

static void say_later(struct http_exchange *x)
{
    atomic_store(&kept_token, exchange_defer(x));
}

static void say_nothing(struct http_exchange *x)
{
    (void)x;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/hello", .handle = say_hello, .flags = ROUTE_PUBLIC},
    {.method = "GET", .path = "/echo/{name}", .handle = say_what_you_said},
    {.method = "POST", .path = "/echo/{name}", .handle = say_what_you_said},
    {.method = "GET", .path = "/large", .handle = say_much},
    {.method = "GET", .path = "/later", .handle = say_later},
    {.method = "GET", .path = "/nothing", .handle = say_nothing},
};

/* The server. */

static struct loop *loop;
static struct thread *thread;
static struct metrics *metrics;
static struct web_server *server;
static struct auth *auth;
static uint16_t port;
static struct answer answer;

static const char *const origins[] = {"https://map.example"};

static struct web_config base_config(void)
{
    return (struct web_config){
        .address = "127.0.0.1",
        .origins = origins,
        .origin_count = ARRAY_LEN(origins),
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .context = {.metrics = metrics},
        .loops = &loop,
        .loop_count = 1,
        .websocket = false,
    };
}

static void start_with(const struct web_config *config)
{
    struct strbuf error;
    strbuf_init(&error, 1024);
    server = web_server_new(config, &error);
    if (server == NULL)
        fail_msg("%s", strbuf_text(&error));
    strbuf_release(&error);
    port = web_server_port(server);
    thread = thread_start("web", NULL, NULL, NULL, loop);
}

static int start(void **state)
{
    (void)state;
    loop = loop_new();
    metrics = metrics_new();
    struct web_config config = base_config();
    start_with(&config);
    return 0;
}

static int make_parts(void **state)
{
    (void)state;
    loop = loop_new();
    metrics = metrics_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    thread_stop(thread);
    thread = NULL;
    web_server_free(server);
    server = NULL;
    auth_free(auth);
    auth = NULL;
    loop_free(loop);
    metrics_free(metrics);
    free(answer.body);
    memset(&answer, 0, sizeof answer);
    return 0;
}

enum { PATIENCE_MS = 10000 };

static struct exchange_token *take_kept_token(void)
{
    struct exchange_token *token = NULL;
    for (int i = 0; i < PATIENCE_MS && token == NULL; i++) {
        token = atomic_exchange(&kept_token, NULL);
        poll(NULL, 0, token == NULL);
    }
    assert_non_null(token);
    return token;
}

static void wait_for_clients(unsigned count)
{
    for (int i = 0; i < PATIENCE_MS && web_server_clients(server) != count; i++)
        poll(NULL, 0, 1);
    assert_int_equal(web_server_clients(server), count);
}

/* Tests. */

static void a_request_gets_its_answer(void **state)
{
    (void)state;
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "hello");
    assert_true(answer_says(&answer, "Content-Type", "text/plain"));
    assert_true(answer_says(&answer, "X-Content-Type-Options", "nosniff"));
    assert_true(answer_says(&answer, "Cache-Control", "no-store"));
    assert_true(answer_says(&answer, "Connection", "keep-alive"));
    assert_non_null(answer_header(&answer, "Date"));
}

static void every_kind_of_refusal_has_its_status(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
        const char *header;
        const char *value;
    } rows[] = {
        {"GET /none HTTP/1.1\r\nHost: x\r\n\r\n", 404, NULL, NULL},
        {"DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Allow",
         "GET, HEAD, OPTIONS"},
        {"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, "Allow",
         "GET, HEAD, OPTIONS"},
        {"POST /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Connection", "keep-alive"},
        {"POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", 405,
         "Connection", "keep-alive"},
        {"PUT /none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", 404,
         "Connection", "keep-alive"},
        {"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", 413,
         "Connection", "close"},
        {"POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5,5\r\n\r\n", 400,
         "Connection", "close"},
        {"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411,
         "Connection", "close"},
        {"GET /hello HTTP/1.1\r\n\r\n", 400, "Connection", "close"},
        {"GET /echo/%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL, NULL},
        {"GET /echo/a?q=%c3%28 HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL, NULL},
        {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 500, NULL, NULL},
        {"GET /hello HTTP/1.0\r\n\r\n", 200, "Connection", "close"},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200,
         "Connection", "close"},
        {"GET /echo/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL, NULL},
        {"BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Allow", "GET, HEAD, OPTIONS"},
        {"GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505, NULL, NULL},
        {"GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL, NULL},
        {"GET /hello\r\n\r\n", 400, NULL, NULL},
        {"GET /echo/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        client_ask(port, rows[i].request, &answer);
        if (answer.status != rows[i].status)
            fail_msg("%s-> %d, not %d", rows[i].request, answer.status, rows[i].status);
        if (rows[i].header != NULL)
            assert_true(answer_says(&answer, rows[i].header, rows[i].value));
    }
}

static void errors_are_json(void **state)
{
    (void)state;
    client_ask(port, "GET /none HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_true(answer_says(&answer, "Content-Type", "application/json"));
    assert_non_null(strstr(answer.body, "\"code\":\"not_found\""));
}

static void parameters_arrive_decoded(void **state)
{
    (void)state;
    client_ask(port,
               "GET /echo/a%20b?x=1&q=alt+%3E+3%26%3D&empty HTTP/1.1\r\nHost: x\r\n"
               "User-Agent: probe/1\r\n\r\n",
               &answer);
    assert_string_equal(answer.body, "GET /echo/a b name=a b q=alt > 3&= agent=probe/1 "
                                     "body=0: peer=127.0.0.1");
}

static void a_body_arrives_whole_in_pieces_or_not(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd,
               "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12345");
    client_say(fd, "6789");
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "body=9:123456789 "));
    char *body = xmalloc(HTTP_BODY_MAX);
    memset(body, 'x', HTTP_BODY_MAX);
    client_say(fd, "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n");
    client_send(fd, body, HTTP_BODY_MAX);
    client_read(fd, false, &answer);
    assert_non_null(strstr(answer.body, "body=65536:xxxxxxxxxx "));
    free(body);
    close(fd);
}

static void who_expects_100_is_told_to_go_on(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd, "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                   "Expect: 100-continue\r\n\r\n");
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 100);
    client_say(fd, "ok");
    client_read(fd, false, &answer);
    assert_non_null(strstr(answer.body, "body=2:ok "));
    close(fd);
}

static void head_has_the_length_and_no_body(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd, "HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 200);
    assert_true(answer_says(&answer, "Content-Length", "8388608"));
    assert_true(answer_says(&answer, "ETag", "\"large\""));
    client_say(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(fd, false, &answer);
    assert_string_equal(answer.body, "hello");
    close(fd);
}

static void requests_in_one_packet_are_answered_in_order(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd, "GET /echo/1 HTTP/1.1\r\nHost: x\r\n\r\n"
                   "HEAD /echo/2 HTTP/1.1\r\nHost: x\r\n\r\n"
                   "POST /echo/3 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                   "GET /echo/4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                   "GET /echo/never HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(fd, false, &answer);
    assert_non_null(strstr(answer.body, "name=1 "));
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 200);
    client_read(fd, false, &answer);
    assert_non_null(strstr(answer.body, "name=3 "));
    assert_non_null(strstr(answer.body, "body=3:abc "));
    client_read(fd, false, &answer);
    assert_non_null(strstr(answer.body, "name=4 "));
    assert_true(client_closed(fd));
    close(fd);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    static const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    int fd = client_connect(port);
    for (size_t i = 0; i < sizeof request - 1; i++)
        client_send(fd, request + i, 1);
    client_read(fd, false, &answer);
    assert_string_equal(answer.body, "hello");
    close(fd);
}

static void a_large_answer_arrives_whole_at_a_slow_reader(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    struct answer other = {0};
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &other);
    assert_string_equal(other.body, "hello");
    free(other.body);
    client_read(fd, false, &answer);
    assert_int_equal(answer.body_len, LARGE);
    for (size_t i = 0; i < LARGE; i++)
        if (answer.body[i] != (char)('a' + i % 23))
            fail_msg("byte %zu is wrong", i);
    client_read(fd, false, &answer);
    assert_string_equal(answer.body, "hello");
    close(fd);
}

static void a_client_may_leave_in_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = client_connect(port);
        client_say(fd, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        client_read(fd, true, &answer);
        close(fd);
    }
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
}

static void oversized_requests_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t filler;
        const char *after;
        int status;
    } rows[] = {
        {"GET /hello?q=", 4000, " HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"GET /hello?q=", 4200, " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        {"GET /", 9000, " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nUser-Agent: ", 8000, "\r\n\r\n", 200},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nUser-Agent: ", 20000, "\r\n\r\n", 431},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nX-Own: ", 100000, "\r\n\r\n", 431},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf request;
        strbuf_init(&request, 1 << 20);
        strbuf_add_text(&request, rows[i].before);
        for (size_t n = 0; n < rows[i].filler; n++)
            strbuf_add_char(&request, 'a');
        strbuf_add_text(&request, rows[i].after);
        client_ask(port, strbuf_text(&request), &answer);
        if (answer.status != rows[i].status)
            fail_msg("row %zu: %d, not %d", i, answer.status, rows[i].status);
        strbuf_release(&request);
    }
}

static void an_answer_may_come_from_another_thread(void **state)
{
    (void)state;
    int fd = client_connect(port);
    for (int i = 0; i < 3; i++) {
        client_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        exchange_token_reply(take_kept_token(), 200, "text/plain", "late", 4);
        client_read(fd, false, &answer);
        assert_string_equal(answer.body, "late");
    }
    client_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    exchange_token_error(take_kept_token(), 503, "backend_unavailable", "no", 1500);
    client_read(fd, false, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(answer_says(&answer, "Retry-After", "2"));
    close(fd);
}

static void a_client_may_leave_before_the_answer(void **state)
{
    (void)state;
    int fd = client_connect(port);
    client_say(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    struct exchange_token *token = take_kept_token();
    close(fd);
    wait_for_clients(0);
    exchange_token_reply(token, 200, "text/plain", "late", 4);
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
}

static void allowed_origins_get_cors(void **state)
{
    (void)state;
    client_ask(port,
               "OPTIONS /echo/a HTTP/1.1\r\nHost: x\r\nOrigin: https://map.example\r\n"
               "Access-Control-Request-Method: POST\r\n\r\n",
               &answer);
    assert_int_equal(answer.status, 204);
    assert_true(
        answer_says(&answer, "Access-Control-Allow-Origin", "https://map.example"));
    assert_true(answer_says(&answer, "Access-Control-Allow-Methods",
                            "GET, HEAD, POST, OPTIONS"));
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\nOrigin: https://x\r\n\r\n",
               &answer);
    assert_int_equal(answer.status, 200);
    assert_null(answer_header(&answer, "Access-Control-Allow-Origin"));
    assert_true(answer_says(&answer, "Vary", "Origin"));
}

static void tokens_are_asked_where_the_route_is_not_public(void **state)
{
    (void)state;
    char file[] = "/tmp/flightdash-web-XXXXXX";
    int fd = mkstemp(file);
    assert_int_equal(write(fd, TOKEN "\n", 17), 17);
    close(fd);
    struct strbuf error;
    strbuf_init(&error, 1024);
    auth = auth_new(file, &error);
    unlink(file);
    assert_non_null(auth);
    strbuf_release(&error);
    struct web_config config = base_config();
    config.auth = auth;
    start_with(&config);
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    client_ask(port, "GET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 401);
    assert_non_null(answer_header(&answer, "WWW-Authenticate"));
    client_ask(port,
               "GET /echo/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n",
               &answer);
    assert_int_equal(answer.status, 401);
    client_ask(port,
               "GET /echo/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " TOKEN
               "\r\n\r\n",
               &answer);
    assert_int_equal(answer.status, 200);
}

static void connections_over_the_ceiling_hear_503(void **state)
{
    (void)state;
    struct web_config config = base_config();
    config.connections_max = 2;
    start_with(&config);
    int first = client_connect(port);
    int second = client_connect(port);
    wait_for_clients(2);
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 503);
    assert_non_null(answer_header(&answer, "Retry-After"));
    close(first);
    close(second);
    wait_for_clients(0);
    client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(metrics_sum(metrics, METRIC_CLIENT_REFUSED) > 0);
}

static void a_port_in_use_is_told(void **state)
{
    (void)state;
    struct loop *other = loop_new();
    struct web_config config = base_config();
    struct strbuf error;
    strbuf_init(&error, 1024);
    config.loops = &other;
    config.port = port;
    assert_null(web_server_new(&config, &error));
    char want[64];
    snprintf(want, sizeof want, "127.0.0.1:%u: Address already in use", (unsigned)port);
    assert_non_null(strstr(strbuf_text(&error), want));
    strbuf_release(&error);
    loop_free(other);
}

static void requests_are_counted(void **state)
{
    (void)state;
    client_ask(port, "GET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
    wait_for_clients(0);
    struct metric_cell *cell =
        metrics_cell_of(metrics, METRIC_HTTP_REQUESTS, "/echo/{name}", "200");
    assert_true(metric_value(cell) > 0.5);
    assert_true(metrics_value(metrics, METRIC_HTTP_BYTES) > 100);
}

static void threads_share_the_port(void **state)
{
    (void)state;
    struct loop *loops[2] = {loop, loop_new()};
    struct web_config config = base_config();
    config.loops = loops;
    config.loop_count = 2;
    start_with(&config);
    struct thread *second = thread_start("web-2", NULL, NULL, NULL, loops[1]);
    for (int i = 0; i < 40; i++) {
        client_ask(port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
        assert_string_equal(answer.body, "hello");
    }
    struct strbuf error;
    strbuf_init(&error, 1024);
    struct loop *others[2] = {loop_new(), loop_new()};
    config.loops = others;
    config.port = port;
    assert_null(web_server_new(&config, &error));
    assert_non_null(strstr(strbuf_text(&error), "Address already in use"));
    strbuf_release(&error);
    loop_free(others[0]);
    loop_free(others[1]);
    thread_stop(second);
    thread_stop(thread);
    thread = NULL;
    web_server_free(server);
    server = NULL;
    loop_free(loops[1]);
}

static void count_call(void *data)
{
    ++*(int *)data;
}

static void what_is_posted_is_seen_when_all_threads_have_it(void **state)
{
    (void)state;
    int calls = 0;
    struct strbuf error;
    struct loop *loops[2] = {loop, loop_new()};
    struct web_config config = base_config();
    config.loops = loops;
    config.loop_count = 2;
    strbuf_init(&error, 1024);
    server = web_server_new(&config, &error);
    assert_non_null(server);
    web_server_when_seen(server, count_call, &calls);
    loop_run_once(loops[1], false);
    assert_int_equal(calls, 0);
    loop_run_once(loops[0], false);
    assert_int_equal(calls, 1);
    web_server_free(server);
    server = NULL;
    loop_free(loops[1]);
    strbuf_release(&error);
}

static void a_drain_ends_listening_and_idle_connections(void **state)
{
    (void)state;
    int idle = client_connect(port);
    client_say(idle, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(idle, false, &answer);
    int busy = client_connect(port);
    client_say(busy, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    struct exchange_token *token = take_kept_token();
    web_server_drain(server, "restart");
    assert_true(client_closed(idle));
    close(idle);
    exchange_token_reply(token, 200, "text/plain", "late", 4);
    client_read(busy, false, &answer);
    assert_string_equal(answer.body, "late");
    assert_true(answer_says(&answer, "Connection", "close"));
    assert_true(client_closed(busy));
    close(busy);
    wait_for_clients(0);
    assert_false(client_may_connect(port));
}

#define UPGRADE                                                                        \
    "Host: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"             \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void start_websocket(void)
{
    struct web_config config = base_config();
    config.websocket = true;
    config.epoch = "0123456789abcdef";
    config.tick_ms = 250;
    start_with(&config);
}

static void handshakes_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", 426},
        {"GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 12\r\n\r\n", 426},
        {"GET /ws HTTP/1.1\r\n" UPGRADE "\r\n", 426},
        {"GET /hello HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n", 200},
        {"GET /none HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n", 404},
        {"GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Protocol: chat\r\n\r\n",
         400},
        {"GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n"
         "Origin: https://evil.example\r\n\r\n",
         403},
        {"GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n"
         "Origin: https://map.example\r\n"
         "Sec-WebSocket-Protocol: chat, flightdash.v1.json\r\n\r\n",
         101},
    };
    start_websocket();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        client_ask(port, rows[i].request, &answer);
        if (answer.status != rows[i].status)
            fail_msg("row %zu: %d, not %d", i, answer.status, rows[i].status);
    }
    assert_true(answer_says(&answer, "Sec-WebSocket-Accept", /* RFC 6455, 1.3 */
                            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_true(answer_says(&answer, "Sec-WebSocket-Protocol", "flightdash.v1.json"));
    assert_null(answer_header(&answer, "Sec-WebSocket-Extensions"));
}

/* Reads frames until the server closes; the code of its close frame, 0 = none. */
static unsigned read_close_code(int fd)
{
    unsigned char head[2];
    unsigned char payload[65536];
    unsigned code = 0;
    while (recv(fd, head, 2, MSG_WAITALL) == 2) {
        size_t len = head[1] & 0x7f;
        unsigned char more[2];
        if (len == 126 && recv(fd, more, 2, MSG_WAITALL) == 2)
            len = (size_t)(more[0] << 8 | more[1]);
        if (len > 0 && recv(fd, payload, len, MSG_WAITALL) != (ssize_t)len)
            return 0;
        if (head[0] == 0x88 && len >= 2)
            code = (unsigned)(payload[0] << 8 | payload[1]);
    }
    return code;
}

static void broken_frames_are_answered_with_their_close_code(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        unsigned code;
    } rows[] = {
        {"\x81\x02hi", 4, 1002},                    /* no mask */
        {"\x82\x81\0\0\0\0x", 7, 1003},             /* binary */
        {"\x81\x81\0\0\0\0\xff", 7, 1007},          /* not UTF-8 */
        {"\x81\xfe\x40\x01\0\0\0\0", 8, 1009},      /* 16,385 bytes */
        {"\x88\x82\0\0\0\0\x03\xe8", 8, 1000},      /* close */
        {"\x81\x82\0\0\0\0{}\x81\x02hi", 12, 1002}, /* the second frame */
    };
    start_websocket();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = client_connect(port);
        client_say(fd,
                   "GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n");
        client_read(fd, true, &answer);
        assert_int_equal(answer.status, 101);
        client_send(fd, rows[i].bytes, rows[i].n);
        unsigned code = read_close_code(fd);
        if (code != rows[i].code)
            fail_msg("row %zu: %u, not %u", i, code, rows[i].code);
        close(fd);
    }
    wait_for_clients(0);
}

static void a_drain_closes_websockets_with_1012(void **state)
{
    (void)state;
    start_websocket();
    int fd = client_connect(port);
    client_say(fd, "GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n");
    client_read(fd, true, &answer);
    assert_int_equal(answer.status, 101);
    web_server_drain(server, "restart");
    assert_int_equal(read_close_code(fd), 1012);
    close(fd);
    wait_for_clients(0);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_PARTS(test)  cmocka_unit_test_setup_teardown(test, make_parts, stop)

/* An argument picks tests by name, "*" and "?" allowed. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(a_request_gets_its_answer),
        WITH_SERVER(every_kind_of_refusal_has_its_status),
        WITH_SERVER(errors_are_json),
        WITH_SERVER(parameters_arrive_decoded),
        WITH_SERVER(a_body_arrives_whole_in_pieces_or_not),
        WITH_SERVER(who_expects_100_is_told_to_go_on),
        WITH_SERVER(head_has_the_length_and_no_body),
        WITH_SERVER(requests_in_one_packet_are_answered_in_order),
        WITH_SERVER(a_request_may_come_byte_by_byte),
        WITH_SERVER(a_large_answer_arrives_whole_at_a_slow_reader),
        WITH_SERVER(a_client_may_leave_in_the_middle),
        WITH_SERVER(oversized_requests_are_refused),
        WITH_SERVER(an_answer_may_come_from_another_thread),
        WITH_SERVER(a_client_may_leave_before_the_answer),
        WITH_SERVER(allowed_origins_get_cors),
        WITH_PARTS(tokens_are_asked_where_the_route_is_not_public),
        WITH_PARTS(connections_over_the_ceiling_hear_503),
        WITH_SERVER(a_port_in_use_is_told),
        WITH_SERVER(requests_are_counted),
        WITH_PARTS(threads_share_the_port),
        WITH_PARTS(what_is_posted_is_seen_when_all_threads_have_it),
        WITH_SERVER(a_drain_ends_listening_and_idle_connections),
        WITH_PARTS(handshakes_are_checked),
        WITH_PARTS(broken_frames_are_answered_with_their_close_code),
        WITH_PARTS(a_drain_closes_websockets_with_1012),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
