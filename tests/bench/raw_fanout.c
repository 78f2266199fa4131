/*
 * The limit that fan-out is measured against: one epoll loop that sends one
 * prepared buffer to every client at every tick, and does nothing else.
 *
 *   raw_fanout [--bytes N] [--hz N] [--frames-apart]
 *
 * Prints "ready PORT" and runs until stdin ends. With --frames-apart each client
 * has a buffer of its own, as when no two clients see the same.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"

enum { CLIENTS_MAX = 20000 };

struct client {
    int fd;
    size_t left; /* of the present frame, because the socket was full */
};

struct fanout {
    int epoll, listener, timer;
    size_t bytes;
    long hz;
    bool apart;
    char *frame; /* one frame, or one for each client */
    struct client *client;
    int count;
};

static void die(const char *what)
{
    fprintf(stderr, "raw_fanout: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct fanout *f, int fd, uint32_t events, uint64_t id)
{
    struct epoll_event event = {.events = events, .data.u64 = id};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno != EEXIST)
        die("epoll_ctl");
}

static void open_listener(struct fanout *f)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (f->listener < 0 || bind(f->listener, (struct sockaddr *)&at, len) != 0 ||
        listen(f->listener, 4096) != 0 ||
        getsockname(f->listener, (struct sockaddr *)&at, &len) != 0)
        die("listen");
    printf("ready %d\n", ntohs(at.sin_port));
    fflush(stdout);
}

static void open_timer(struct fanout *f)
{
    long period_ns = 1000000000L / f->hz;
    const struct timespec period = {period_ns / 1000000000L, period_ns % 1000000000L};
    const struct itimerspec every = {.it_interval = period, .it_value = period};
    f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    timerfd_settime(f->timer, 0, &every, NULL);
}

static void accept_all(struct fanout *f)
{
    int fd;
    while (f->count < CLIENTS_MAX &&
           (fd = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        f->client[f->count] = (struct client){.fd = fd};
        if (f->apart)
            memset(f->frame + (size_t)f->count * f->bytes, f->count & 0x7f, f->bytes);
        watch(f, fd, EPOLLOUT | EPOLLET | EPOLLRDHUP, (uint64_t)f->count + 2);
        f->count++;
    }
}

static void send_rest(struct fanout *f, struct client *c)
{
    size_t at = f->apart ? (size_t)(c - f->client) * f->bytes : 0;
    if (c->left == 0)
        return;
    ssize_t n = send(c->fd, f->frame + at + f->bytes - c->left, c->left, MSG_NOSIGNAL);
    if (n > 0)
        c->left -= (size_t)n;
}

static void tick(struct fanout *f)
{
    uint64_t passed;
    if (read(f->timer, &passed, sizeof passed) < 0)
        return;
    for (int i = 0; i < f->count; i++) {
        if (f->client[i].left == 0)
            f->client[i].left = f->bytes;
        send_rest(f, &f->client[i]);
    }
}

static void run(struct fanout *f)
{
    enum { STDIN_ID = UINT32_MAX };
    struct epoll_event events[512];
    watch(f, f->listener, EPOLLIN, 0);
    watch(f, f->timer, EPOLLIN, 1);
    watch(f, STDIN_FILENO, EPOLLIN, STDIN_ID);
    for (;;) {
        int n = epoll_wait(f->epoll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            uint64_t id = events[i].data.u64;
            if (id == STDIN_ID)
                return;
            if (id == 0)
                accept_all(f);
            else if (id == 1)
                tick(f);
            else
                send_rest(f, &f->client[id - 2]);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"bytes", required_argument, NULL, 'b'},
                                            {"hz", required_argument, NULL, 'h'},
                                            {"frames-apart", no_argument, NULL, 'a'},
                                            {NULL, 0, NULL, 0}};
    struct fanout f = {.bytes = 8192, .hz = 4};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'b': f.bytes = strtoul(optarg, NULL, 10); break;
        case 'h': f.hz = strtol(optarg, NULL, 10); break;
        case 'a': f.apart = true; break;
        default: return 2;
        }
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    f.client = xcalloc(CLIENTS_MAX, sizeof *f.client);
    f.frame = xcalloc(f.apart ? CLIENTS_MAX : 1, f.bytes);
    f.epoll = epoll_create1(EPOLL_CLOEXEC);
    open_listener(&f);
    open_timer(&f);
    run(&f);
    free(f.frame);
    free(f.client);
    return 0;
}
