/*
 * The client against a server that answers each path with prepared bytes, true
 * or not. The server is a thread that handles one connection at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "net/http_client.h"
#include "net/loop.h"

#define CRLF "\r\n"
#define OK   "HTTP/1.1 200 OK" CRLF "Connection: close" CRLF

enum { MAX_BODY = 1000 };

static const struct reply {
    const char *path;
    const char *bytes; /* NULL = read the request, answer nothing */
} replies[] = {
    {"/plain", OK "Content-Length: 5" CRLF "X-Left: 17" CRLF CRLF "hello"},
    {"/length-over", OK "Content-Length: 1001" CRLF CRLF "hello"},
    {"/chunked-over", OK "Transfer-Encoding: chunked" CRLF CRLF "3e9" CRLF},
    {"/cut", OK "Content-Length: 50" CRLF CRLF "half"},
    {"/not-http", "SSH-2.0-OpenSSH_9.2" CRLF},
    {"/empty", ""},
    {"/hang", NULL},
    {"/busy", "HTTP/1.1 429 Too Many Requests" CRLF "Retry-After: 7" CRLF
              "Content-Length: 0" CRLF CRLF},
    {"/moved", "HTTP/1.1 302 Found" CRLF "Location: /plain" CRLF
               "Content-Length: 0" CRLF "Connection: close" CRLF CRLF},
    {"/elsewhere", "HTTP/1.1 302 Found" CRLF "Location: http://example.org/x" CRLF
                   "Content-Length: 0" CRLF "Connection: close" CRLF CRLF},
    {"/other-port", "HTTP/1.1 301 Gone" CRLF "Location: http://127.0.0.1:1/x" CRLF
                    "Content-Length: 0" CRLF "Connection: close" CRLF CRLF},
    {"/circle", "HTTP/1.1 302 Found" CRLF "Location: /circle" CRLF
                "Content-Length: 0" CRLF "Connection: close" CRLF CRLF},
};

struct server {
    int fd;
    int port;
    int held; /* the connection of a hanging answer */
    pthread_t thread;
    char request[4096]; /* the last one */
};

static const char *bytes_for(const char *request)
{
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        const char *path = strchr(request, ' ') + 1;
        size_t n = strlen(replies[i].path);
        if (strncmp(path, replies[i].path, n) == 0 &&
            (path[n] == ' ' || path[n] == '?'))
            return replies[i].bytes;
    }
    return "HTTP/1.1 404 Not Found" CRLF "Content-Length: 0" CRLF CRLF;
}

static void *serve(void *data)
{
    struct server *s = data;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        size_t len = 0;
        s->request[0] = '\0';
        while (strstr(s->request, CRLF CRLF) == NULL && len < sizeof s->request - 1) {
            ssize_t n = read(fd, s->request + len, sizeof s->request - 1 - len);
            if (n <= 0)
                break;
            len += (size_t)n;
            s->request[len] = '\0';
        }
        const char *bytes = len > 0 ? bytes_for(s->request) : "";
        if (bytes == NULL) {
            s->held = fd;
            continue;
        }
        if (write(fd, bytes, strlen(bytes)) < 0)
            perror("write");
        for (int i = 0; strstr(bytes, "3e9") != NULL && i < 1001; i++)
            if (write(fd, "x", 1) < 0)
                break;
        close(fd);
    }
}

static int start_server(void **state)
{
    struct server *s = *state = calloc(1, sizeof *s);
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    s->held = -1;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(s->fd, (struct sockaddr *)&addr, sizeof addr) != 0 ||
        listen(s->fd, 8) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&addr, &len) != 0)
        return -1;
    s->port = ntohs(addr.sin_port);
    pthread_create(&s->thread, NULL, serve, s);
    return 0;
}

static int stop_server(void **state)
{
    struct server *s = *state;
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    if (s->held >= 0)
        close(s->held);
    free(s);
    return 0;
}

/* What a test keeps of a result after the callback. */
struct answer {
    struct loop *loop;
    int calls;
    int error;
    int status;
    int64_t retry_after_ms;
    char text[512];
    char body[MAX_BODY + 1];
    char left[16];
};

static void keep(void *data, const struct http_result *result)
{
    struct answer *a = data;
    const char *left = http_result_header(result, "x-left");
    a->calls++;
    a->error = result->error;
    a->status = result->status;
    a->retry_after_ms = result->retry_after_ms;
    snprintf(a->text, sizeof a->text, "%s", result->error_text);
    snprintf(a->body, sizeof a->body, "%s", result->body);
    snprintf(a->left, sizeof a->left, "%s", left != NULL ? left : "");
    loop_stop(a->loop);
}

static struct answer ask_url(const char *url, struct http_request request)
{
    struct loop *loop = loop_new();
    struct answer a = {.loop = loop};
    struct http_client *client = http_client_new(loop, NULL);
    request.url = url;
    request.max_body = MAX_BODY;
    http_client_start(client, &request, keep, &a);
    loop_run(loop);
    http_client_free(client);
    loop_free(loop);
    return a;
}

static struct answer ask(struct server *s, const char *path,
                         struct http_request request)
{
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", s->port, path);
    return ask_url(url, request);
}

static void an_answer_comes_whole(void **state)
{
    struct answer a = ask(*state, "/plain", (struct http_request){0});
    assert_int_equal(a.error, 0);
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body, "hello");
    assert_string_equal(a.left, "17");
    assert_int_equal(a.retry_after_ms, -1);
}

static void headers_and_credentials_are_sent(void **state)
{
    struct server *s = *state;
    static const char *const headers[] = {"X-Test: yes", NULL};
    struct answer a =
        ask(s, "/plain", (struct http_request){.headers = headers, .bearer = "t0ken"});
    assert_int_equal(a.error, 0);
    assert_non_null(strstr(s->request, "X-Test: yes"));
    assert_non_null(strstr(s->request, "Authorization: Bearer t0ken"));
    assert_non_null(strstr(s->request, "User-Agent: flightdash/"));
    ask(s, "/plain", (struct http_request){.username = "u", .password = "p"});
    assert_non_null(strstr(s->request, "Authorization: Basic dTpw"));
}

static void what_goes_wrong_has_a_name_and_a_place(void **state)
{
    struct server *s = *state;
    static const struct {
        const char *path;
        int error;
        const char *text;
    } rows[] = {
        {"/length-over", -EMSGSIZE, "larger than 1000 bytes"},
        {"/chunked-over", -EMSGSIZE, "larger than 1000 bytes"},
        {"/cut", -EPROTO, ""},
        {"/not-http", -EPROTO, ""},
        {"/empty", -EPROTO, ""},
        {"/hang", -ETIMEDOUT, "timed out"},
        {"/elsewhere", -EXDEV, "http://example.org:80"},
        {"/other-port", -EXDEV, "http://127.0.0.1:1,"},
    };
    char place[64];
    snprintf(place, sizeof place, "http://127.0.0.1:%d: ", s->port);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer a =
            ask(s, rows[i].path, (struct http_request){.timeout_ms = 300});
        print_message("%s: %s\n", rows[i].path, a.text);
        assert_int_equal(a.error, rows[i].error);
        assert_non_null(strstr(a.text, place));
        assert_non_null(strstr(a.text, rows[i].text));
    }
}

static void a_url_is_http_and_leads_somewhere(void **state)
{
    (void)state;
    struct answer a =
        ask_url("http://127.0.0.1:1/x?key=secret", (struct http_request){0});
    assert_int_equal(a.error, -ECONNREFUSED);
    assert_string_equal(a.text, "http://127.0.0.1:1: Connection refused");
    assert_int_equal(ask_url("file:///etc/passwd", (struct http_request){0}).error,
                     -EINVAL);
}

static void redirects_stay_on_the_host(void **state)
{
    struct answer a = ask(*state, "/moved", (struct http_request){0});
    assert_int_equal(a.error, 0);
    assert_string_equal(a.body, "hello");
    a = ask(*state, "/circle", (struct http_request){0});
    assert_int_equal(a.error, 0);
    assert_int_equal(a.status, 302);
}

static void retry_after_is_told(void **state)
{
    struct answer a = ask(*state, "/busy", (struct http_request){0});
    assert_int_equal(a.status, 429);
    assert_int_equal(a.retry_after_ms, 7000);
}

static void a_cancelled_call_says_nothing(void **state)
{
    struct server *s = *state;
    char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/plain", s->port);
    struct loop *loop = loop_new();
    struct answer a = {.loop = loop};
    struct answer cancelled = {.loop = loop};
    struct http_client *client = http_client_new(loop, NULL);
    const struct http_request request = {.url = url, .max_body = MAX_BODY};
    struct http_call *call = http_client_start(client, &request, keep, &cancelled);
    http_client_start(client, &request, keep, &a);
    http_call_cancel(call);
    loop_run(loop);
    assert_int_equal(a.calls, 1);
    assert_int_equal(cancelled.calls, 0);
    http_client_free(client);
    loop_free(loop);
}

static void a_query_value_is_escaped(void **state)
{
    (void)state;
    char *text = http_escape("a b&c=d/\xc3\xa4");
    assert_string_equal(text, "a%20b%26c%3Dd%2F%C3%A4");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_whole),
        cmocka_unit_test(headers_and_credentials_are_sent),
        cmocka_unit_test(what_goes_wrong_has_a_name_and_a_place),
        cmocka_unit_test(a_url_is_http_and_leads_somewhere),
        cmocka_unit_test(redirects_stay_on_the_host),
        cmocka_unit_test(retry_after_is_told),
        cmocka_unit_test(a_cancelled_call_says_nothing),
        cmocka_unit_test(a_query_value_is_escaped),
    };
    return cmocka_run_group_tests_name("http_client", tests, start_server, stop_server);
}
