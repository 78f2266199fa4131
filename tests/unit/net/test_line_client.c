/*
 * The client and its server share one loop: the server plays one prepared
 * connection after another.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
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

#include "base/strbuf.h"
#include "net/line_client.h"
#include "net/loop.h"

enum { TEXT_MAX = 4096 };

struct play {
    const char *bytes;
    size_t len; /* 0 = strlen(bytes) */
    bool keep_open;
};

/* A server, a client, and what the client said: "up;a;b;cut;down;". */
struct scene {
    struct loop *loop;
    int listener;
    int held;
    const struct play *plays;
    size_t play_count;
    size_t played;
    struct strbuf said;
    char down_text[300];
    const char *stop_at; /* ends the loop when `said` ends like this */
};

static void say(struct scene *s, const char *text)
{
    strbuf_add_text(&s->said, text);
    strbuf_add_char(&s->said, ';');
    size_t n = strlen(s->stop_at);
    if (s->said.len >= n && strcmp(s->said.data + s->said.len - n, s->stop_at) == 0)
        loop_stop(s->loop);
}

static void on_line(void *data, const char *line, size_t len)
{
    char text[64];
    if (len < sizeof text)
        snprintf(text, sizeof text, "%s", line);
    else
        snprintf(text, sizeof text, "%zu bytes", len);
    say(data, text);
}

static void on_drop(void *data, enum line_drop why)
{
    say(data, why == LINE_TOO_LONG ? "long" : "cut");
}

static void on_up(void *data)
{
    say(data, "up");
}

static void on_down(void *data, const char *text, int64_t retry_ms)
{
    struct scene *s = data;
    assert_in_range(retry_ms, 1, LINE_BACKOFF_MAX_MS);
    snprintf(s->down_text, sizeof s->down_text, "%s", text);
    say(s, "down");
}

static void on_accept(void *data, int listener, unsigned events)
{
    (void)events;
    struct scene *s = data;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || s->played >= s->play_count)
        return;
    const struct play *play = &s->plays[s->played++];
    size_t len = play->len > 0 ? play->len : strlen(play->bytes);
    size_t sent = 0; /* the client reads on this loop too: never wait for it here */
    int room = 1 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    while (sent < len) {
        ssize_t n = write(fd, play->bytes + sent, len - sent);
        assert_true(n > 0);
        sent += (size_t)n;
    }
    if (play->keep_open)
        s->held = fd;
    else
        close(fd);
}

static int listen_somewhere(int *ret_port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    *ret_port = ntohs(addr.sin_port);
    return fd;
}

/* Plays the connections until the client's sayings end with stop_at. */
static void run_scene(struct scene *s, int64_t idle_ms, bool answer)
{
    const struct line_handler handler = {on_line, on_drop, on_up, on_down, s};
    struct line_client_config config = {
        .host = "127.0.0.1", .idle_ms = idle_ms, .backoff_ms = 2, .seed = 1};
    s->loop = loop_new();
    s->held = -1;
    strbuf_init(&s->said, TEXT_MAX);
    s->listener = listen_somewhere(&config.port);
    struct loop_fd *watch = NULL;
    if (answer)
        watch = loop_watch_fd(s->loop, s->listener, LOOP_READABLE, on_accept, s);
    else
        close(s->listener);
    struct line_client *client = line_client_new(s->loop, &config, &handler);
    loop_run(s->loop);
    line_client_free(client);
    loop_fd_free(watch);
    loop_free(s->loop);
    if (answer)
        close(s->listener);
    if (s->held >= 0)
        close(s->held);
}

static void lines_come_one_by_one(void **state)
{
    (void)state;
    static const struct play plays[] = {{"a\r\n\nb,c\nend\n", 0, true}};
    struct scene s = {.plays = plays, .play_count = 1, .stop_at = "end;"};
    run_scene(&s, 0, true);
    assert_string_equal(strbuf_text(&s.said), "up;a;;b,c;end;");
    strbuf_release(&s.said);
}

static void a_loss_drops_half_a_line_and_reconnects(void **state)
{
    (void)state;
    static const struct play plays[] = {
        {"a\nhalf", 0, false}, {"", 0, false}, {"b\n", 0, true}};
    struct scene s = {.plays = plays, .play_count = 3, .stop_at = "b;"};
    run_scene(&s, 0, true);
    assert_string_equal(strbuf_text(&s.said), "up;a;cut;down;up;down;up;b;");
    assert_non_null(strstr(s.down_text, ": closed by the server"));
    strbuf_release(&s.said);
}

static void a_line_over_the_ceiling_is_dropped_once(void **state)
{
    (void)state;
    enum { OVER = LINE_MAX_BYTES + 1, LONG = 3 * LINE_MAX_BYTES };
    char *bytes = malloc(LINE_MAX_BYTES + OVER + LONG + 16);
    size_t n = 0;
    memset(bytes, 'x', LINE_MAX_BYTES + OVER + LONG + 16);
    bytes[n += LINE_MAX_BYTES] = '\n';
    bytes[n += OVER + 1] = '\n';
    bytes[n += LONG + 1] = '\n';
    snprintf(bytes + n + 1, 5, "end\n");
    const struct play plays[] = {{bytes, n + 5, true}};
    struct scene s = {.plays = plays, .play_count = 1, .stop_at = "end;"};
    run_scene(&s, 0, true);
    assert_string_equal(strbuf_text(&s.said), "up;65536 bytes;long;long;end;");
    strbuf_release(&s.said);
    free(bytes);
}

static void no_whole_line_is_a_loss(void **state)
{
    (void)state;
    static const struct play plays[] = {{"a\nhalf", 0, true}};
    struct scene s = {.plays = plays, .play_count = 1, .stop_at = "down;"};
    run_scene(&s, 50, true);
    assert_string_equal(strbuf_text(&s.said), "up;a;cut;down;");
    assert_non_null(strstr(s.down_text, ": no line for 0 s"));
    strbuf_release(&s.said);
}

static void a_refusal_is_told_with_its_place(void **state)
{
    (void)state;
    struct scene s = {.stop_at = "down;down;"};
    run_scene(&s, 0, false);
    assert_ptr_equal(strstr(s.down_text, "127.0.0.1:"), s.down_text);
    assert_non_null(strstr(s.down_text, "connection refused"));
    strbuf_release(&s.said);
}

static void a_name_that_does_not_resolve_is_told(void **state)
{
    (void)state;
    struct scene s = {.stop_at = "down;"};
    const struct line_handler handler = {on_line, on_drop, on_up, on_down, &s};
    const struct line_client_config config = {.host = "no-such-host.invalid",
                                              .port = 1};
    s.loop = loop_new();
    strbuf_init(&s.said, TEXT_MAX);
    struct line_client *client = line_client_new(s.loop, &config, &handler);
    loop_run(s.loop);
    assert_ptr_equal(strstr(s.down_text, "no-such-host.invalid:1: "), s.down_text);
    line_client_free(client);
    loop_free(s.loop);
    strbuf_release(&s.said);
}

static void wake(void *data)
{
    (void)data;
}

static void freeing_at_any_time_is_safe(void **state)
{
    (void)state;
    for (int rounds = 0; rounds < 6; rounds++) {
        struct scene s = {.stop_at = "never"};
        const struct line_handler handler = {on_line, on_drop, on_up, on_down, &s};
        struct line_client_config config = {.host = "127.0.0.1"};
        s.loop = loop_new();
        strbuf_init(&s.said, TEXT_MAX);
        int listener = listen_somewhere(&config.port);
        struct line_client *client = line_client_new(s.loop, &config, &handler);
        loop_every_ms(s.loop, 1, wake, NULL);
        for (int i = 0; i < rounds; i++)
            loop_run_once(s.loop, true);
        line_client_free(client);
        loop_free(s.loop);
        close(listener);
        strbuf_release(&s.said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_one_by_one),
        cmocka_unit_test(a_loss_drops_half_a_line_and_reconnects),
        cmocka_unit_test(a_line_over_the_ceiling_is_dropped_once),
        cmocka_unit_test(no_whole_line_is_a_loss),
        cmocka_unit_test(a_refusal_is_told_with_its_place),
        cmocka_unit_test(a_name_that_does_not_resolve_is_told),
        cmocka_unit_test(freeing_at_any_time_is_safe),
    };
    return cmocka_run_group_tests_name("line_client", tests, NULL, NULL);
}
