#include "gateway/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"

enum { BACKLOG = 4096 };

static void set_option(int fd, int level, int option, int value)
{
    /* None of these is a reason not to serve. */
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

static int bind_and_listen(const struct addrinfo *at, bool shared)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (shared)
        set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (at->ai_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, LISTENER_SEND_BUFFER);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, LISTENER_UNSENT_MAX);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int listener_open(const char *address, uint16_t port, bool shared,
                  struct strbuf *ret_error)
{
    char host[PEER_SIZE];
    char service[8];
    size_t n = strlen(address);
    bool brackets = n > 1 && address[0] == '[' && address[n - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(brackets ? n - 2 : n),
             address + (brackets ? 1 : 0));
    snprintf(service, sizeof service, "%u", (unsigned)port);
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(host, service, &hints, &found);
    if (rc != 0) {
        strbuf_addf(ret_error, "cannot listen on %s: %s", address, gai_strerror(rc));
        return -1;
    }
    int fd = bind_and_listen(found, shared);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        strbuf_addf(ret_error, "cannot listen on %s:%u: %s%s", address, (unsigned)port,
                    strerror(error),
                    error == EADDRINUSE ? "; choose another with --listen" : "");
    return fd;
}

uint16_t listener_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = {.v6 = {.sin6_family = AF_UNSPEC}};
    socklen_t n = sizeof at;
    if (getsockname(fd, &at.any, &n) != 0)
        return 0;
    return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

void peer_address(int fd, char ret_text[PEER_SIZE])
{
    struct sockaddr_storage at = {0};
    socklen_t n = sizeof at;
    if (getpeername(fd, (struct sockaddr *)&at, &n) != 0 ||
        getnameinfo((struct sockaddr *)&at, n, ret_text, PEER_SIZE, NULL, 0,
                    NI_NUMERICHOST) != 0)
        snprintf(ret_text, PEER_SIZE, "unknown");
}
