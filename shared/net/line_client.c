/*
 * One state at a time: waiting (retry timer), resolving, connecting to one of
 * the addresses, reading. A libuv request outlives the client when it is freed
 * or gives up meanwhile; each attempt therefore lives in its own allocation
 * (struct attempt), which forgets the client then.
 *
 * The delay starts over only after a line has come: a server that accepts and
 * closes at once must not be asked every second.
 */
#include "net/line_client.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/macros.h"
#include "net/loop.h"

enum { PLACE_MAX = 300, KEEPALIVE_S = 30 };

struct attempt {
    uv_getaddrinfo_t resolve;
    uv_connect_t connect;
    uv_tcp_t tcp;
    struct line_client *client; /* NULL = given up */
    struct addrinfo *addresses;
    struct addrinfo *next; /* address to try after this one */
    bool tcp_open;
    bool resolving;
};

struct line_client {
    struct loop *loop;
    struct line_handler handler;
    struct line_client_config config;
    char *host;
    char place[PLACE_MAX]; /* host:port for texts */
    struct backoff backoff;
    struct loop_timer *timer; /* retry, connect or idle time-out */
    struct attempt *attempt;
    bool skipping; /* inside a line that is too long */
    size_t len;
    char buffer[LINE_MAX_BYTES + 2]; /* one line with its newline, and the NUL */
};

static void begin(void *data);
static void try_next_address(struct attempt *attempt);

static void free_attempt(struct attempt *attempt)
{
    uv_freeaddrinfo(attempt->addresses);
    free(attempt);
}

static void closed(uv_handle_t *handle)
{
    struct attempt *attempt = CONTAINER_OF(handle, struct attempt, tcp);
    attempt->tcp_open = false;
    if (attempt->client == NULL)
        free_attempt(attempt);
    else
        try_next_address(attempt);
}

/* Ends the attempt in whatever state it is; its memory goes when libuv is done. */
static void give_up(struct line_client *client)
{
    struct attempt *attempt = client->attempt;
    if (attempt == NULL)
        return;
    client->attempt = NULL;
    attempt->client = NULL;
    if (attempt->resolving)
        uv_cancel((uv_req_t *)&attempt->resolve); /* resolved() frees */
    else if (!attempt->tcp_open)
        free_attempt(attempt);
    else if (!uv_is_closing((uv_handle_t *)&attempt->tcp))
        uv_close((uv_handle_t *)&attempt->tcp, closed);
}

static void down(struct line_client *client, const char *why)
{
    char text[PLACE_MAX + 200];
    give_up(client);
    if (client->len > 0 && !client->skipping)
        client->handler.on_drop(client->handler.data, LINE_CUT_OFF);
    client->len = 0;
    client->skipping = false;
    int64_t delay_ms = backoff_next_ms(&client->backoff);
    loop_timer_free(client->timer);
    client->timer = loop_after_ms(client->loop, delay_ms, begin, client);
    snprintf(text, sizeof text, "%s: %s", client->place, why);
    client->handler.on_down(client->handler.data, text, delay_ms);
}

static void went_idle(void *data)
{
    struct line_client *client = data;
    char why[64];
    snprintf(why, sizeof why, "no line for %lld s",
             (long long)(client->config.idle_ms / 1000));
    down(client, why);
}

static void wait_at_most(struct line_client *client, int64_t ms, loop_fn fn)
{
    loop_timer_free(client->timer);
    client->timer = loop_after_ms(client->loop, ms, fn, client);
}

static void take_line(struct line_client *client, char *line, size_t len)
{
    if (client->skipping) {
        client->skipping = false;
        return;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    backoff_reset(&client->backoff);
    client->handler.on_line(client->handler.data, line, len);
}

/* Hands over every whole line of the buffer and keeps the rest at its start. Only a
 * whole line proves the server alive: one byte a second does not. */
static void split_lines(struct line_client *client)
{
    char *at = client->buffer;
    char *end = client->buffer + client->len;
    char *newline;
    while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        take_line(client, at, (size_t)(newline - at));
        at = newline + 1;
    }
    if (at != client->buffer)
        loop_timer_arm(client->timer, client->config.idle_ms);
    client->len = (size_t)(end - at);
    memmove(client->buffer, at, client->len);
    if (client->len <= LINE_MAX_BYTES)
        return;
    client->len = 0;
    if (!client->skipping)
        client->handler.on_drop(client->handler.data, LINE_TOO_LONG);
    client->skipping = true;
}

static void offer_room(uv_handle_t *handle, size_t wanted, uv_buf_t *ret_room)
{
    (void)wanted;
    struct attempt *attempt = CONTAINER_OF(handle, struct attempt, tcp);
    struct line_client *client = attempt->client;
    *ret_room = uv_buf_init(client->buffer + client->len,
                            (unsigned)(LINE_MAX_BYTES + 1 - client->len));
}

static void received(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
    (void)room;
    struct attempt *attempt = CONTAINER_OF(stream, struct attempt, tcp);
    struct line_client *client = attempt->client;
    if (n < 0) {
        down(client, n == UV_EOF ? "closed by the server" : uv_strerror((int)n));
        return;
    }
    if (n == 0)
        return;
    client->len += (size_t)n;
    split_lines(client);
}

static void connected(uv_connect_t *request, int status)
{
    struct attempt *attempt = CONTAINER_OF(request, struct attempt, connect);
    struct line_client *client = attempt->client;
    if (client == NULL || uv_is_closing((uv_handle_t *)&attempt->tcp))
        return; /* timed out or freed: closed() goes on */
    if (status != 0 && attempt->next != NULL) {
        uv_close((uv_handle_t *)&attempt->tcp, closed);
        return;
    }
    if (status != 0) {
        down(client, uv_strerror(status));
        return;
    }
    uv_tcp_keepalive(&attempt->tcp, 1, KEEPALIVE_S);
    wait_at_most(client, client->config.idle_ms, went_idle);
    client->handler.on_up(client->handler.data);
    uv_read_start((uv_stream_t *)&attempt->tcp, offer_room, received);
}

static void connect_timed_out(void *data)
{
    struct line_client *client = data;
    struct attempt *attempt = client->attempt;
    if (attempt->next != NULL)
        uv_close((uv_handle_t *)&attempt->tcp, closed);
    else
        down(client, "no answer to connect");
}

static void try_next_address(struct attempt *attempt)
{
    struct line_client *client = attempt->client;
    struct addrinfo *address = attempt->next;
    assert(address != NULL);
    attempt->next = address->ai_next;
    uv_tcp_init(loop_uv(client->loop), &attempt->tcp);
    attempt->tcp_open = true;
    wait_at_most(client, client->config.connect_ms, connect_timed_out);
    int rc =
        uv_tcp_connect(&attempt->connect, &attempt->tcp, address->ai_addr, connected);
    if (rc == 0)
        return;
    if (attempt->next != NULL)
        uv_close((uv_handle_t *)&attempt->tcp, closed);
    else
        down(client, uv_strerror(rc));
}

static void resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
    struct attempt *attempt = CONTAINER_OF(request, struct attempt, resolve);
    struct line_client *client = attempt->client;
    attempt->resolving = false;
    attempt->addresses = addresses;
    if (client == NULL) {
        free_attempt(attempt);
        return;
    }
    if (status != 0) {
        down(client, uv_strerror(status));
        return;
    }
    attempt->next = addresses;
    try_next_address(attempt);
}

static void begin(void *data)
{
    struct line_client *client = data;
    assert(client->attempt == NULL);
    struct attempt *attempt = xcalloc(1, sizeof *attempt);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    char port[16];
    snprintf(port, sizeof port, "%d", client->config.port);
    attempt->client = client;
    attempt->resolving = true;
    client->attempt = attempt;
    int rc = uv_getaddrinfo(loop_uv(client->loop), &attempt->resolve, resolved,
                            client->host, port, &hints);
    if (rc == 0)
        return;
    attempt->resolving = false;
    down(client, uv_strerror(rc));
}

struct line_client *line_client_new(struct loop *loop,
                                    const struct line_client_config *config,
                                    const struct line_handler *handler)
{
    struct line_client *client = xcalloc(1, sizeof *client);
    client->loop = loop;
    client->handler = *handler;
    client->config = *config;
    client->host = xstrdup(config->host);
    client->config.host = NULL;
    if (client->config.idle_ms <= 0)
        client->config.idle_ms = LINE_IDLE_MS;
    if (client->config.connect_ms <= 0)
        client->config.connect_ms = LINE_CONNECT_MS;
    int64_t backoff_ms = config->backoff_ms > 0 ? config->backoff_ms : LINE_BACKOFF_MS;
    backoff_init(&client->backoff, backoff_ms, LINE_BACKOFF_MAX_MS, config->seed);
    bool v6 = strchr(config->host, ':') != NULL;
    snprintf(client->place, sizeof client->place, v6 ? "[%s]:%d" : "%s:%d",
             config->host, config->port);
    client->timer = loop_after_ms(loop, 0, begin, client);
    return client;
}

void line_client_free(struct line_client *client)
{
    if (client == NULL)
        return;
    give_up(client);
    loop_timer_free(client->timer);
    free(client->host);
    free(client);
}
