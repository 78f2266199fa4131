#include "web_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"

static int try_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval patience = {.tv_sec = CLIENT_PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } at = {.v4 = {.sin_family = AF_INET,
                   .sin_port = htons(port),
                   .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}}};
    if (connect(fd, &at.any, sizeof at.v4) == 0)
        return fd;
    close(fd);
    return -1;
}

int client_connect(uint16_t port)
{
    int fd = try_connect(port);
    assert_true(fd >= 0);
    return fd;
}

bool client_may_connect(uint16_t port)
{
    int fd = try_connect(port);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void client_send(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        n -= (size_t)sent;
    }
}

void client_say(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

/* recv, but for interruptions: newer kernels interrupt it for io_uring of libuv. */
static ssize_t receive(int fd, void *to, size_t len)
{
    ssize_t n;
    do
        n = recv(fd, to, len, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

static bool read_byte(int fd, char *ret_byte)
{
    return receive(fd, ret_byte, 1) == 1;
}

static bool read_head(int fd, struct answer *answer)
{
    size_t len = 0;
    while (len + 1 < sizeof answer->head && read_byte(fd, &answer->head[len])) {
        answer->head[++len] = '\0';
        if (len >= 4 && memcmp(answer->head + len - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

void client_read(int fd, bool head_only, struct answer *ret_answer)
{
    free(ret_answer->body);
    memset(ret_answer, 0, sizeof *ret_answer);
    ret_answer->body = xcalloc(1, 1);
    if (!read_head(fd, ret_answer))
        return;
    ret_answer->status = (int)strtol(ret_answer->head + strlen("HTTP/1.1 "), NULL, 10);
    const char *length = answer_header(ret_answer, "Content-Length");
    size_t want = length != NULL && !head_only ? strtoul(length, NULL, 10) : 0;
    ret_answer->body = xreallocarray(ret_answer->body, want + 1, 1);
    while (ret_answer->body_len < want) {
        ssize_t n = receive(fd, ret_answer->body + ret_answer->body_len,
                            want - ret_answer->body_len);
        if (n <= 0)
            break;
        ret_answer->body_len += (size_t)n;
    }
    ret_answer->body[ret_answer->body_len] = '\0';
}

bool client_closed(int fd)
{
    char byte;
    return receive(fd, &byte, 1) <= 0;
}

void client_ask(uint16_t port, const char *request, struct answer *ret_answer)
{
    int fd = client_connect(port);
    client_say(fd, request);
    client_read(fd, strncmp(request, "HEAD", 4) == 0, ret_answer);
    close(fd);
}

const char *answer_header(const struct answer *answer, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strcasestr(answer->head, line);
    return at == NULL ? NULL : at + strlen(line);
}

bool answer_says(const struct answer *answer, const char *name, const char *value)
{
    const char *at = answer_header(answer, name);
    size_t len = strlen(value);
    return at != NULL && strncmp(at, value, len) == 0 && at[len] == '\r';
}
