/*
 * Many WebSocket clients in one process, one epoll loop: the benchmarks' load.
 *
 *   ws_load --port P [--clients N] [--seconds S] [--viewports DEGREES] [--raw]
 *           [--subscribe JSON]
 *
 * All clients connect, shake hands and subscribe; "connected N" is printed when
 * each had its first delta (--raw: its first bytes), then "measuring", then after
 * S seconds "measured" with one JSON object of what arrived meanwhile. It stays
 * connected until stdin ends. --viewports gives every client a bbox of its own, so
 * many degrees wide and three quarters of that high; --raw neither shakes hands nor
 * looks into the bytes (the peer is raw_fanout).
 *
 * A delta is late by the time between its tick and its arrival at the client's
 * socket, as the kernel stamps it (SO_TIMESTAMPNS): a thousand clients in one
 * process must wait for each other to be read, which a thousand programs on as
 * many machines would not. read_p99_ms counts that waiting too. For the same reason
 * it is nice: the server's processors are not the clients'.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum {
    HEAD_SIZE = 14,      /* longest frame header */
    LOOK_SIZE = 200,     /* start of a message: type, tick, time */
    READ_SIZE = 1 << 18, /* of the one buffer that all clients share */
    CONNECTING_MAX = 64, /* handshakes under way at a time */
    NICENESS = 10,
    STEP_US = 50, /* of the latency histogram */
    STEPS = 40000 /* 2 s */
};

enum phase { SHAKING, WAITING, STREAMING };

struct client {
    int fd;
    enum phase phase;
    unsigned char head[HEAD_SIZE];
    unsigned char head_len;
    unsigned char look_len;
    char look[LOOK_SIZE + 1];
    uint64_t left;      /* payload bytes of the frame that are still to come */
    int64_t arrived_us; /* wall clock of the newest bytes that were read */
};

struct latencies {
    uint32_t steps[STEPS];
};

struct counts {
    uint64_t frames, bytes, deltas, delta_bytes;
    struct latencies arrival;
    struct latencies reading;
};

struct load {
    int epoll, port, clients, seconds;
    double viewport_deg; /* width of each; 0 = none */
    bool raw, measuring;
    const char *subscribe;
    struct client *client;
    int started, shaking, streaming;
    struct counts counts;
};

static void die(const char *what)
{
    fprintf(stderr, "ws_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* One masked text frame; the mask is zero, which is a mask like any other. */
static void send_text(struct client *c, const char *text)
{
    unsigned char frame[2048] = {0x81};
    size_t len = strlen(text);
    size_t at = 2;
    frame[1] = (unsigned char)(0x80 | (len < 126 ? len : 126));
    if (len >= 126) {
        frame[2] = (unsigned char)(len >> 8);
        frame[3] = (unsigned char)len;
        at = 4;
    }
    at += 4;
    if (at + len > sizeof frame) {
        errno = EMSGSIZE;
        die("subscribe");
    }
    memcpy(frame + at, text, len);
    if (write(c->fd, frame, at + len) != (ssize_t)(at + len))
        die("write");
}

static void subscribe(struct load *load, struct client *c)
{
    char text[1024];
    long i = c - load->client;
    send_text(c, "{\"type\":\"hello\",\"version\":1,\"client\":\"ws_load\"}");
    if (load->viewport_deg > 0) { /* no two alike, where much flies */
        double west = -100.0 + (double)(i % 8) * 15.0 + (double)i * 0.003;
        double south = 30.0 + (double)(i % 5) * 4.0 + (double)i * 0.001;
        snprintf(text, sizeof text,
                 "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"flights\","
                 "\"bbox\":[%.3f,%.3f,%.3f,%.3f]}",
                 west, south, west + load->viewport_deg,
                 south + load->viewport_deg * 0.75);
        send_text(c, text);
    } else {
        send_text(c, load->subscribe);
    }
    c->phase = WAITING;
}

static void start_client(struct load *load, struct client *c)
{
    static const char request[] =
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Protocol: flightdash.v1.json\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)load->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
    if (!load->raw && write(c->fd, request, sizeof request - 1) < 0)
        die("write");
    int one = 1;
    setsockopt(c->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->phase = load->raw ? WAITING : SHAKING;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        die("epoll_ctl");
    load->started++;
    load->shaking++;
}

static void now_streaming(struct load *load, struct client *c)
{
    if (c->phase == STREAMING)
        return;
    c->phase = STREAMING;
    load->streaming++;
    load->shaking--;
}

static void note_latency(struct latencies *l, int64_t late_us)
{
    int64_t step = late_us < 0 ? 0 : late_us / STEP_US;
    l->steps[step < STEPS ? step : STEPS - 1]++;
}

/* A message has come whole; c->look is how it begins. */
static void take_message(struct load *load, struct client *c, uint64_t bytes)
{
    bool delta = strstr(c->look, "\"type\":\"delta\"") != NULL;
    const char *time = strstr(c->look, "\"time\":");
    /* Nobody asked for anything but flights: a snapshot or tick shows it works. */
    if (delta || strstr(c->look, "\"type\":\"snapshot\"") != NULL)
        now_streaming(load, c);
    if (strstr(c->look, "\"type\":\"error\"") != NULL) {
        fprintf(stderr, "ws_load: %s\n", c->look);
        exit(1);
    }
    if (!load->measuring)
        return;
    load->counts.frames++;
    load->counts.bytes += bytes;
    if (!delta || time == NULL)
        return;
    load->counts.deltas++;
    load->counts.delta_bytes += bytes;
    int64_t tick_us = (int64_t)(strtod(time + 7, NULL) * 1e6);
    note_latency(&load->counts.arrival, c->arrived_us - tick_us);
    note_latency(&load->counts.reading, now_us(CLOCK_REALTIME) - tick_us);
}

/* Length of the payload, or -1 while the header is not whole. */
static int64_t payload_len(const struct client *c)
{
    if (c->head_len < 2)
        return -1;
    unsigned len = c->head[1] & 0x7f;
    size_t more = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (c->head_len < 2 + more)
        return -1;
    uint64_t value = more == 0 ? len : 0;
    for (size_t i = 0; i < more; i++)
        value = value << 8 | c->head[2 + i];
    return (int64_t)value;
}

static void end_frame(struct load *load, struct client *c)
{
    int64_t len = payload_len(c);
    c->look[c->look_len] = '\0';
    if ((c->head[0] & 0x0f) == 8) {
        fprintf(stderr, "ws_load: closed by the server with %d\n",
                (unsigned char)c->look[0] << 8 | (unsigned char)c->look[1]);
        exit(1);
    }
    if ((c->head[0] & 0x0f) == 9) { /* a ping wants a pong */
        unsigned char pong[6] = {0x8a, 0x80};
        if (write(c->fd, pong, sizeof pong) < 0)
            die("write");
    } else {
        take_message(load, c, (uint64_t)len + c->head_len);
    }
    c->head_len = 0;
    c->look_len = 0;
}

static void take_bytes(struct load *load, struct client *c, const char *data,
                       size_t len)
{
    while (len > 0) {
        int64_t payload = payload_len(c);
        if (payload < 0) {
            c->head[c->head_len++] = (unsigned char)*data++;
            len--;
            payload = payload_len(c);
            if (payload < 0)
                continue;
            c->left = (uint64_t)payload;
        } else {
            size_t n = len < c->left ? len : (size_t)c->left;
            size_t room = (size_t)LOOK_SIZE - c->look_len;
            size_t keep = n < room ? n : room;
            memcpy(c->look + c->look_len, data, keep);
            c->look_len = (unsigned char)(c->look_len + keep);
            data += n;
            len -= n;
            c->left -= n;
        }
        if (c->left == 0)
            end_frame(load, c);
    }
}

static void take_raw(struct load *load, struct client *c, size_t len)
{
    now_streaming(load, c);
    if (load->measuring)
        load->counts.bytes += len;
}

/* When the kernel got the newest of the bytes; now where it does not say. */
static int64_t arrival_us(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
         c = CMSG_NXTHDR(message, c)) {
        struct timespec t;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
    }
    return now_us(CLOCK_REALTIME);
}

static ssize_t read_stamped(struct client *c, char *buffer)
{
    _Alignas(struct cmsghdr) char control[256];
    struct iovec piece = {.iov_base = buffer, .iov_len = READ_SIZE};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t n = recvmsg(c->fd, &message, 0);
    if (n > 0)
        c->arrived_us = arrival_us(&message);
    return n;
}

static void read_client(struct load *load, struct client *c, char *buffer)
{
    ssize_t n = read_stamped(c, buffer);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        die("read");
    char *data = buffer;
    if (load->raw) {
        take_raw(load, c, (size_t)n);
        return;
    }
    if (c->phase == SHAKING) { /* the answer is short: it comes in one piece */
        buffer[n < READ_SIZE ? n : READ_SIZE - 1] = '\0';
        if (strncmp(buffer, "HTTP/1.1 101", 12) != 0) {
            fprintf(stderr, "ws_load: answered %.60s\n", buffer);
            exit(1);
        }
        data = strstr(buffer, "\r\n\r\n") + 4;
        subscribe(load, c);
    }
    take_bytes(load, c, data, (size_t)(buffer + n - data));
}

/* Milliseconds under which that share of the deltas stayed. */
static double percentile_ms(const struct latencies *l, uint64_t count, double share)
{
    uint64_t passed = 0;
    int step = 0;
    while (step < STEPS - 1 &&
           (double)(passed += l->steps[step]) < share * (double)count)
        step++;
    return (step + 1) * STEP_US / 1000.0;
}

static void report(const struct load *load, int64_t measured_us)
{
    const struct counts *n = &load->counts;
    printf("measured {\"clients\":%d,\"seconds\":%.3f,\"frames\":%llu,\"bytes\":%llu,"
           "\"deltas\":%llu,\"delta_bytes\":%llu,\"p50_ms\":%.2f,\"p99_ms\":%.2f,"
           "\"max_ms\":%.2f,\"read_p99_ms\":%.2f}\n",
           load->streaming, (double)measured_us / 1e6, (unsigned long long)n->frames,
           (unsigned long long)n->bytes, (unsigned long long)n->deltas,
           (unsigned long long)n->delta_bytes,
           percentile_ms(&n->arrival, n->deltas, 0.5),
           percentile_ms(&n->arrival, n->deltas, 0.99),
           percentile_ms(&n->arrival, n->deltas, 1),
           percentile_ms(&n->reading, n->deltas, 0.99));
    fflush(stdout);
}

/* Reads what is there, 100 ms at most; false when stdin has ended. */
static bool turn(struct load *load, char *buffer)
{
    struct epoll_event events[512];
    int n = epoll_wait(load->epoll, events, 512, 100);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == NULL)
            return false;
        read_client(load, events[i].data.ptr, buffer);
    }
    return true;
}

static void say(const char *word, int number)
{
    printf("%s %d\n", word, number);
    fflush(stdout);
}

static void run(struct load *load)
{
    char *buffer = xmalloc(READ_SIZE + 1);
    struct epoll_event end = {.events = EPOLLIN | EPOLLHUP, .data.ptr = NULL};
    bool going = epoll_ctl(load->epoll, EPOLL_CTL_ADD, 0, &end) == 0;
    while (going && load->streaming < load->clients) {
        while (load->started < load->clients && load->shaking < CONNECTING_MAX)
            start_client(load, &load->client[load->started]);
        going = turn(load, buffer);
    }
    say("connected", load->streaming);
    int64_t begin_us = now_us(CLOCK_MONOTONIC) + 1500000; /* let the snapshots drain */
    while (going && now_us(CLOCK_MONOTONIC) < begin_us)
        going = turn(load, buffer);
    say("measuring", load->seconds);
    load->measuring = true;
    begin_us = now_us(CLOCK_MONOTONIC);
    while (going && now_us(CLOCK_MONOTONIC) < begin_us + load->seconds * 1000000LL)
        going = turn(load, buffer);
    load->measuring = false;
    report(load, now_us(CLOCK_MONOTONIC) - begin_us);
    while (going)
        going = turn(load, buffer);
    free(buffer);
}

static void parse(int argc, char **argv, struct load *load)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"clients", required_argument, NULL, 'n'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"subscribe", required_argument, NULL, 'j'},
                                            {"viewports", required_argument, NULL, 'v'},
                                            {"raw", no_argument, NULL, 'r'},
                                            {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'p': load->port = (int)strtol(optarg, NULL, 10); break;
        case 'n': load->clients = (int)strtol(optarg, NULL, 10); break;
        case 's': load->seconds = (int)strtol(optarg, NULL, 10); break;
        case 'j': load->subscribe = optarg; break;
        case 'v': load->viewport_deg = strtod(optarg, NULL); break;
        case 'r': load->raw = true; break;
        default: exit(2);
        }
    }
}

int main(int argc, char **argv)
{
    struct load load = {
        .clients = 1000,
        .seconds = 10,
        .subscribe = "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"flights\"}"};
    parse(argc, argv, &load);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    load.client = xcalloc((size_t)load.clients, sizeof *load.client);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    errno = 0; /* a nice value may be -1 */
    if (nice(NICENESS) == -1 && errno != 0)
        die("nice");
    run(&load);
    for (int i = 0; i < load.started; i++)
        close(load.client[i].fd);
    close(load.epoll);
    free(load.client);
    return 0;
}
