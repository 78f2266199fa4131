/*
 * Probes: what counts as an answer, when a change counts, and talks with real
 * sockets.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "monitor/probe_kind.h"
#include "monitor/probe_state.h"
#include "monitor/prober.h"
#include "monitor/service_health.h"
#include "monitor/talk.h"
#include "net/loop.h"
#include "telemetry/metrics.h"

enum { DEADLINE_MS = 10000 };

static void a_change_counts_when_confirmed(void **state)
{
    (void)state;
    static const struct {
        enum health_status result;
        bool changed;
        enum health_status then;
        int64_t since_ms;
    } rows[] = {
        {HEALTH_PASS, true, HEALTH_PASS, 1000},
        {HEALTH_FAIL, false, HEALTH_PASS, 1000},
        {HEALTH_PASS, false, HEALTH_PASS, 1000},
        {HEALTH_FAIL, false, HEALTH_PASS, 1000},
        {HEALTH_FAIL, true, HEALTH_FAIL, 4000},
        {HEALTH_WARN, false, HEALTH_FAIL, 4000},
        {HEALTH_PASS, false, HEALTH_FAIL, 4000},
        {HEALTH_PASS, true, HEALTH_PASS, 7000},
    };
    struct probe_state probe = {.known = false};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int64_t now_ms = ((int64_t)i + 1) * 1000;
        assert_int_equal(probe_state_take(&probe, rows[i].result, now_ms),
                         rows[i].changed);
        assert_int_equal(probe.status, rows[i].then);
        assert_int_equal(probe.since_ms, rows[i].since_ms);
    }
    assert_false(probe_state_doubts(&probe));
}

static void an_http_answer_speaks_for_the_service(void **state)
{
    (void)state;
    static const struct {
        int http_status;
        const char *body;
        enum health_status status;
        const char *output;
    } rows[] = {
        {200, "{\"status\":\"pass\"}", HEALTH_PASS, ""},
        {200,
         "{\"status\":\"warn\",\"checks\":{\"redis\":[{\"status\":\"fail\",\"output\":"
         "\"refused\"}],"
         "\"state\":[{\"status\":\"pass\"}]}}",
         HEALTH_WARN, "redis: refused"},
        {503, "{\"status\":\"fail\",\"checks\":{}}", HEALTH_FAIL, ""},
        {200, "OK", HEALTH_PASS, ""},
        {204, "", HEALTH_PASS, ""},
        {500, "<html>", HEALTH_FAIL, "answered 500"},
        {404, "{\"status\":\"fine\"}", HEALTH_FAIL, "answered 404"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct strbuf output;
        strbuf_init(&output, 200);
        assert_int_equal(probe_http_verdict(rows[i].http_status, rows[i].body,
                                            strlen(rows[i].body), &output),
                         rows[i].status);
        assert_string_equal(strbuf_text(&output), rows[i].output);
        strbuf_release(&output);
    }
}

static void beginnings_of_answers_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        const char *bytes;
        size_t len;
        bool is_answer;
    } rows[] = {
        {"redis", "+PONG\r\n", 7, true},
        {"redis", "-NOAUTH Authentication required.\r\n", 34, true},
        {"redis", "+PO", 3, false},
        {"redis", "HTTP/1.1 400 Bad Request\r\n", 26, false},
        {"kafka", "\0\0\1\0\0\0\0\1\0\0", 10, true},
        {"kafka", "\0\0\1\0\0\0", 6, false},
        {"kafka", "HTTP/1.1 400", 12, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(
            probe_kind_find(rows[i].kind)->is_answer(rows[i].bytes, rows[i].len),
            rows[i].is_answer);
    assert_null(probe_kind_find("carrier pigeon"));
}

/* ---- talks ---- */

struct end {
    struct loop *loop;
    int calls;
    enum health_status status;
    char output[256];
};

static void on_end(void *data, enum health_status status, const char *output)
{
    struct end *end = data;
    end->calls++;
    end->status = status;
    snprintf(end->output, sizeof end->output, "%s", output);
    loop_stop(end->loop);
}

/* A listening socket; what connects is answered only when the test accepts it. */
static int listen_on(int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* Answers without waiting for the question: both ends share one thread. */
static void answer_pong(void *data, int fd, unsigned events)
{
    (void)events;
    int *peer = data;
    *peer = accept(fd, NULL, NULL);
    assert_true(send(*peer, "+PONG\r\n", 7, 0) == 7);
}

static struct end talk_to(const char *addresses, int answering_fd, int64_t timeout_ms)
{
    struct end end = {.loop = loop_new()};
    struct loop_fd *watch = NULL;
    int peer = -1;
    if (answering_fd >= 0)
        watch =
            loop_watch_fd(end.loop, answering_fd, LOOP_READABLE, answer_pong, &peer);
    talk_start(end.loop, probe_kind_find("redis"), addresses, timeout_ms, on_end, &end);
    loop_run(end.loop);
    loop_fd_free(watch);
    loop_free(end.loop);
    if (peer >= 0)
        close(peer);
    assert_int_equal(end.calls, 1);
    return end;
}

static void a_server_that_answers_passes(void **state)
{
    (void)state;
    int port = 0;
    char addresses[64];
    const int fd = listen_on(&port);
    snprintf(addresses, sizeof addresses, "127.0.0.1:%d", port);
    const struct end end = talk_to(addresses, fd, DEADLINE_MS);
    assert_int_equal(end.status, HEALTH_PASS);
    assert_string_equal(end.output, "");
    close(fd);
}

static void a_silent_server_fails_in_time(void **state)
{
    (void)state;
    int port = 0;
    char addresses[64];
    const int fd = listen_on(&port); /* connects, but nobody reads */
    snprintf(addresses, sizeof addresses, "127.0.0.1:%d", port);
    const struct end end = talk_to(addresses, -1, 50);
    assert_int_equal(end.status, HEALTH_FAIL);
    assert_non_null(strstr(end.output, "no answer in time"));
    close(fd);
}

static void the_next_address_is_tried_and_the_loss_is_told(void **state)
{
    (void)state;
    int port = 0;
    int closed_port = 0;
    char addresses[128];
    close(listen_on(&closed_port));
    const int fd = listen_on(&port);
    snprintf(addresses, sizeof addresses, "127.0.0.1:%d,nonsense,127.0.0.1:%d",
             closed_port, port);
    const struct end end = talk_to(addresses, fd, DEADLINE_MS);
    assert_int_equal(end.status, HEALTH_WARN);
    assert_non_null(strstr(end.output, "Connection refused"));
    assert_non_null(strstr(end.output, "nonsense: host:port expected"));
    close(fd);
}

static void every_address_of_a_name_is_tried(void **state)
{
    (void)state;
    int port = 0;
    char addresses[64];
    const int fd = listen_on(&port); /* not on ::1, which localhost may be too */
    snprintf(addresses, sizeof addresses, "localhost:%d", port);
    const struct end end = talk_to(addresses, fd, DEADLINE_MS);
    assert_int_equal(end.status, HEALTH_PASS);
    close(fd);
}

static void a_name_that_nobody_knows_is_told(void **state)
{
    (void)state;
    /* RFC 6761: never a name, so that a resolver answers at once, if at all. */
    const struct end end = talk_to("nowhere.invalid:1", -1, DEADLINE_MS);
    assert_int_equal(end.status, HEALTH_FAIL);
    assert_non_null(strstr(end.output, "nowhere.invalid:1: "));
}

static void a_talk_is_cancelled_while_the_name_is_looked_up(void **state)
{
    (void)state;
    struct end end = {.loop = loop_new()};
    struct talk *talk = talk_start(end.loop, probe_kind_find("redis"), "localhost:1",
                                   DEADLINE_MS, on_end, &end);
    loop_run_once(end.loop, true); /* the look-up begins */
    talk_cancel(talk);
    loop_free(end.loop);
    assert_int_equal(end.calls, 0);
}

/* ---- the prober ---- */

struct told {
    struct loop *loop;
    struct service_health health;
};

static void on_health(void *data, const struct service_health *health)
{
    struct told *told = data;
    told->health = *health;
    loop_stop(told->loop);
}

static void a_service_that_refuses_is_told_with_its_dependencies(void **state)
{
    (void)state;
    int port = 0;
    char url[64];
    struct strbuf error;
    struct told told = {.loop = loop_new()};
    struct metrics *m = metrics_new();
    strbuf_init(&error, 256);
    close(listen_on(&port));
    snprintf(url, sizeof url, "http://127.0.0.1:%d/healthz", port);
    const struct probe_config service = {.service = "tracker",
                                         .kind = "http",
                                         .address = url,
                                         .depends_on = "kafka,redis"};
    const struct prober_config config = {.services = &service,
                                         .service_count = 1,
                                         .on_health = on_health,
                                         .data = &told};
    struct prober *prober = prober_new(&config, told.loop, m, &error);
    assert_non_null(prober);
    loop_run(told.loop);
    assert_string_equal(told.health.service, "tracker");
    assert_int_equal(told.health.status, HEALTH_FAIL);
    assert_int_equal(told.health.depends_count, 2);
    assert_true(told.health.output[0] != '\0');
    prober_free(prober);
    loop_free(told.loop);
    metrics_free(m);
    strbuf_release(&error);
}

static void an_unknown_kind_is_refused(void **state)
{
    (void)state;
    struct strbuf error;
    struct loop *loop = loop_new();
    struct metrics *m = metrics_new();
    strbuf_init(&error, 256);
    const struct probe_config service = {
        .service = "x", .kind = "smoke", .address = "y"};
    const struct prober_config config = {.services = &service, .service_count = 1};
    assert_null(prober_new(&config, loop, m, &error));
    assert_string_equal(strbuf_text(&error), "probe of x: no such kind of probe");
    strbuf_release(&error);
    loop_free(loop);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_counts_when_confirmed),
        cmocka_unit_test(an_http_answer_speaks_for_the_service),
        cmocka_unit_test(beginnings_of_answers_are_known),
        cmocka_unit_test(a_server_that_answers_passes),
        cmocka_unit_test(a_silent_server_fails_in_time),
        cmocka_unit_test(the_next_address_is_tried_and_the_loss_is_told),
        cmocka_unit_test(every_address_of_a_name_is_tried),
        cmocka_unit_test(a_name_that_nobody_knows_is_told),
        cmocka_unit_test(a_talk_is_cancelled_while_the_name_is_looked_up),
        cmocka_unit_test(a_service_that_refuses_is_told_with_its_dependencies),
        cmocka_unit_test(an_unknown_kind_is_refused),
    };
    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
