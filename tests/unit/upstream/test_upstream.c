/*
 * The whole of upstream on one loop against a stub of Prometheus in a thread:
 * sharing, breaker, subscriptions, leaving.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "net/loop.h"
#include "net/thread.h"
#include "telemetry/health.h"
#include "telemetry/metrics.h"
#include "upstream/upstream.h"

#define GOOD_BODY                                                                      \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["         \
    "{\"metric\":{},\"value\":[1700000000,\"7\"]}]}}"

enum { DEADLINE_MS = 10000 };

struct stub {
    int fd;
    int port;
    pthread_t thread;
    atomic_int requests;
    atomic_int status; /* of the answers */
};

struct world {
    struct stub stub;
    struct loop *loop;
    struct metrics *metrics;
    struct health_board *board;
    struct upstream *upstream;
};

/* What an asker remembers. */
struct heard {
    int results;
    int errors;
    int64_t retry_ms;
    char text[512];
    char code[32];
};

static void answer_one(struct stub *stub, int fd)
{
    char request[8192];
    char answer[1024];
    if (read(fd, request, sizeof request) <= 0)
        return;
    atomic_fetch_add(&stub->requests, 1);
    const int n = snprintf(answer, sizeof answer,
                           "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                           atomic_load(&stub->status), strlen(GOOD_BODY), GOOD_BODY);
    if (write(fd, answer, (size_t)n) < 0)
        perror("write");
}

static void *serve(void *data)
{
    struct stub *stub = data;
    for (;;) {
        const int fd = accept(stub->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        answer_one(stub, fd);
        close(fd);
    }
}

static void stub_start(struct stub *stub)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    stub->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(stub->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(stub->fd, 64), 0);
    assert_int_equal(getsockname(stub->fd, (struct sockaddr *)&address, &len), 0);
    stub->port = ntohs(address.sin_port);
    atomic_store(&stub->status, 200);
    pthread_create(&stub->thread, NULL, serve, stub);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct strbuf error;
    char url[64];
    strbuf_init(&error, 512);
    stub_start(&w->stub);
    w->loop = loop_new();
    w->metrics = metrics_new();
    w->board = health_board_new();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", w->stub.port);
    const struct upstream_config config = {
        .backends = {[UPSTREAM_METRICS] = {.url = url}}, .timeout_ms = 2000};
    w->upstream = upstream_new(&config, w->loop, w->metrics, w->board, &error);
    assert_non_null(w->upstream);
    strbuf_release(&error);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 10; i++)
        loop_run_once(w->loop, false);
    upstream_free(w->upstream);
    loop_free(w->loop);
    metrics_free(w->metrics);
    health_board_free(w->board);
    shutdown(w->stub.fd, SHUT_RDWR);
    pthread_join(w->stub.thread, NULL);
    close(w->stub.fd);
    free(w);
    return 0;
}

static void on_answer(void *data, const struct upstream_answer *answer)
{
    struct heard *heard = data;
    heard->results += answer->kind == UPSTREAM_RESULT;
    heard->errors += answer->kind == UPSTREAM_ERROR;
    heard->retry_ms = answer->retry_ms;
    snprintf(heard->text, sizeof heard->text, "%s", answer->text);
    snprintf(heard->code, sizeof heard->code, "%s", answer->code);
}

/* Runs the loop until *count reaches n, or the deadline. */
static void run_until(struct world *w, const int *count, int n)
{
    const int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
    while (*count < n && clock_mono_ms() < end_ms)
        loop_run_once(w->loop, true);
    assert_true(*count >= n);
}

static struct upstream_ticket *ask(struct world *w, const char *query,
                                   struct heard *heard)
{
    const struct upstream_args args = {
        {[UPSTREAM_ARG_QUERY] = query, [UPSTREAM_ARG_END] = "1700000000"}};
    return upstream_query(w->upstream, UPSTREAM_METRICS, &args, w->loop, on_answer,
                          heard);
}

static void many_askers_share_one_request(void **state)
{
    struct world *w = *state;
    enum { ASKERS = 50 };
    struct heard heard = {0};
    struct upstream_ticket *tickets[ASKERS];
    for (int i = 0; i < ASKERS; i++)
        tickets[i] = ask(w, "one_and_the_same", &heard);
    run_until(w, &heard.results, ASKERS);
    for (int i = 0; i < ASKERS; i++)
        upstream_drop(tickets[i]);
    /* One question, and at most one ping of the health row. */
    assert_in_range(atomic_load(&w->stub.requests), 1, 2);
    assert_int_equal((int)metrics_sum(w->metrics, METRIC_UPSTREAM_SHARED), ASKERS - 1);
    assert_non_null(strstr(heard.text, "\"points\":[[1700000000,7]]"));
}

static void a_failing_server_is_left_alone_and_found_again(void **state)
{
    struct world *w = *state;
    struct heard heard = {0};
    struct health_entry entry;
    atomic_store(&w->stub.status, 500);
    for (int i = 0; i < 6; i++) {
        char query[16];
        snprintf(query, sizeof query, "q%d", i);
        struct upstream_ticket *ticket = ask(w, query, &heard);
        run_until(w, &heard.errors, i + 1);
        upstream_drop(ticket);
    }
    assert_string_equal(heard.code, "backend_unavailable");
    assert_string_equal(heard.text, "prometheus: answered 500");
    assert_true(heard.retry_ms > 0);
    assert_in_range(atomic_load(&w->stub.requests), 3, 5);
    assert_true(health_find(w->board, "prometheus", &entry));
    assert_int_equal(entry.status, HEALTH_FAIL);

    atomic_store(&w->stub.status, 200);
    const int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
    while (entry.status != HEALTH_PASS && clock_mono_ms() < end_ms) {
        loop_run_once(w->loop, true);
        health_find(w->board, "prometheus", &entry);
    }
    assert_int_equal(entry.status, HEALTH_PASS);
}

static void wrong_arguments_and_missing_servers_are_answers(void **state)
{
    struct world *w = *state;
    struct heard heard = {0};
    const struct upstream_args nothing = {{NULL}};
    struct upstream_ticket *first = upstream_query(
        w->upstream, UPSTREAM_METRICS, &nothing, w->loop, on_answer, &heard);
    run_until(w, &heard.errors, 1);
    assert_string_equal(heard.code, "bad_request");
    struct upstream_ticket *second = upstream_query(
        w->upstream, UPSTREAM_TRACES, &nothing, w->loop, on_answer, &heard);
    run_until(w, &heard.errors, 2);
    assert_string_equal(heard.text, "traces: not asked by this version");
    upstream_drop(first);
    upstream_drop(second);
}

static void followers_share_a_feed_and_hear_of_trouble_once(void **state)
{
    struct world *w = *state;
    struct heard first = {0};
    struct heard second = {0};
    const struct upstream_args args = {{[UPSTREAM_ARG_QUERY] = "f",
                                        [UPSTREAM_ARG_RANGE] = "10s",
                                        [UPSTREAM_ARG_STEP] = "1s"}};
    struct upstream_ticket *a = upstream_subscribe(w->upstream, UPSTREAM_METRICS, &args,
                                                   w->loop, on_answer, &first);
    run_until(w, &first.results, 1);
    struct upstream_ticket *b = upstream_subscribe(w->upstream, UPSTREAM_METRICS, &args,
                                                   w->loop, on_answer, &second);
    run_until(w, &second.results, 1);
    assert_string_equal(first.text, second.text);
    const int before = atomic_load(&w->stub.requests);
    atomic_store(&w->stub.status, 503);
    run_until(w, &first.errors, 1);
    assert_in_range(atomic_load(&w->stub.requests) - before, 1, 2);
    upstream_drop(a);
    upstream_drop(b);
}

static void one_who_left_hears_nothing(void **state)
{
    struct world *w = *state;
    struct heard gone = {0};
    struct heard stayed = {0};
    struct upstream_ticket *a = ask(w, "leave", &gone);
    struct upstream_ticket *b = ask(w, "leave", &stayed);
    upstream_drop(a);
    run_until(w, &stayed.results, 1);
    assert_int_equal(gone.results + gone.errors, 0);
    upstream_drop(b);
}

/* The upstream on a thread of its own, as in the server; askers come and go. */
static void askers_live_on_another_thread(void **state)
{
    struct world *w = *state;
    enum { ASKERS = 100 };
    struct heard stayed = {0};
    struct heard gone = {0};
    struct upstream_ticket *tickets[ASKERS];
    struct loop *own_loop = loop_new();
    struct thread *thread = thread_start("upstream", NULL, NULL, NULL, w->loop);
    for (int i = 0; i < ASKERS; i++) {
        char query[16];
        snprintf(query, sizeof query, "q%d", i % 10);
        const struct upstream_args args = {{[UPSTREAM_ARG_QUERY] = query}};
        struct heard *heard = i % 2 ? &gone : &stayed;
        tickets[i] = upstream_query(w->upstream, UPSTREAM_METRICS, &args, own_loop,
                                    on_answer, heard);
        if (i % 2)
            upstream_drop(tickets[i]);
    }
    const int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
    while (stayed.results + stayed.errors < ASKERS / 2 && clock_mono_ms() < end_ms)
        loop_run_once(own_loop, true);
    for (int i = 0; i < ASKERS; i += 2)
        upstream_drop(tickets[i]);
    assert_int_equal(stayed.results, ASKERS / 2);
    assert_int_equal(gone.results + gone.errors, 0);
    thread_stop(thread);
    for (int i = 0; i < 10; i++)
        loop_run_once(own_loop, false);
    loop_free(own_loop);
}

static void an_unusable_url_is_said_at_the_start(void **state)
{
    struct world *w = *state;
    struct strbuf error;
    strbuf_init(&error, 512);
    const struct upstream_config config = {
        .backends = {[UPSTREAM_LOGS] = {.url = "ftp://somewhere"}}};
    assert_null(upstream_new(&config, w->loop, w->metrics, w->board, &error));
    assert_string_equal(strbuf_text(&error),
                        "elasticsearch: http://HOST[:PORT] expected");
    strbuf_release(&error);
}

int main(void)
{
#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORLD(many_askers_share_one_request),
        WITH_WORLD(a_failing_server_is_left_alone_and_found_again),
        WITH_WORLD(wrong_arguments_and_missing_servers_are_answers),
        WITH_WORLD(followers_share_a_feed_and_hear_of_trouble_once),
        WITH_WORLD(one_who_left_hears_nothing),
        WITH_WORLD(askers_live_on_another_thread),
        WITH_WORLD(an_unusable_url_is_said_at_the_start),
    };
    return cmocka_run_group_tests_name("upstream", tests, NULL, NULL);
}
