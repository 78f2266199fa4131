#include "monitor/talk.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "monitor/probe_kind.h"
#include "net/loop.h"
#include "net/name_lookup.h"

enum { OUTPUT_MAX = 240, ADDRESS_MAX = 256 };

struct talk {
    struct loop *loop;
    const struct probe_kind *kind;
    char *addresses;
    const char *next;          /* in addresses: what to try after this one */
    char address[ADDRESS_MAX]; /* the one that is tried now */
    int64_t timeout_ms;
    struct name_lookup *lookup;
    struct addrinfo *found; /* what the name stands for */
    struct addrinfo *candidate;
    int fd;
    struct loop_fd *watch;
    struct loop_timer *timer;
    size_t said;
    char answer[PROBE_ANSWER_MAX];
    size_t answered;
    struct strbuf output;
    talk_done_fn done;
    void *data;
};

static void try_next(void *data);
static bool try_candidate(struct talk *talk);

static void hang_up(struct talk *talk)
{
    loop_fd_free(talk->watch);
    talk->watch = NULL;
    if (talk->fd >= 0)
        close(talk->fd);
    talk->fd = -1;
}

static void forget_name(struct talk *talk)
{
    name_lookup_cancel(talk->lookup);
    name_lookup_release(talk->found);
    talk->lookup = NULL;
    talk->found = NULL;
    talk->candidate = NULL;
}

void talk_cancel(struct talk *talk)
{
    if (!talk)
        return;
    hang_up(talk);
    forget_name(talk);
    loop_timer_free(talk->timer);
    strbuf_release(&talk->output);
    free(talk->addresses);
    free(talk);
}

static void finish(struct talk *talk, enum health_status status)
{
    talk->done(talk->data, status, strbuf_text(&talk->output));
    talk_cancel(talk);
}

static void note(struct talk *talk, const char *why)
{
    strbuf_addf(&talk->output, "%s%s: %s", talk->output.len ? "; " : "", talk->address,
                why);
}

/* This address is no good: says why and tries the next. */
static void give_up_address(struct talk *talk, const char *why)
{
    note(talk, why);
    hang_up(talk);
    forget_name(talk);
    try_next(talk);
}

/* So is this one of what the name stands for. */
static void fail(struct talk *talk, const char *why)
{
    hang_up(talk);
    if (!try_candidate(talk))
        give_up_address(talk, why);
}

static void succeed(struct talk *talk)
{
    finish(talk, talk->output.len ? HEALTH_WARN : HEALTH_PASS);
}

static void on_timeout(void *data)
{
    give_up_address(data, "no answer in time");
}

static void listen_for_answer(struct talk *talk)
{
    const ssize_t n = recv(talk->fd, talk->answer + talk->answered,
                           sizeof talk->answer - talk->answered, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        talk->answered += (size_t)n;
    if (talk->kind->is_answer(talk->answer, talk->answered))
        succeed(talk);
    else if (n == 0)
        fail(talk, "closed the connection");
    else if (n < 0)
        fail(talk, strerror(errno));
    else if (talk->answered == sizeof talk->answer)
        fail(talk, "answers something else");
}

static void say(struct talk *talk)
{
    const ssize_t n = send(talk->fd, talk->kind->say + talk->said,
                           talk->kind->say_len - talk->said, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        fail(talk, strerror(errno));
        return;
    }
    talk->said += n > 0 ? (size_t)n : 0;
    if (talk->said == talk->kind->say_len)
        loop_fd_change(talk->watch, LOOP_READABLE);
}

static void on_fd(void *data, int fd, unsigned events)
{
    struct talk *talk = data;
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error != 0)
        fail(talk, strerror(error));
    else if (!talk->kind->say)
        succeed(talk);
    else if (talk->said < talk->kind->say_len)
        say(talk);
    else if (events)
        listen_for_answer(talk);
}

/* "host:port" or "[v6]:port" into its two parts; false when it is neither. */
static bool split(char *address, char **ret_host, char **ret_port)
{
    char *colon = strrchr(address, ':');
    if (!colon || !colon[1] || colon == address)
        return false;
    *colon = '\0';
    *ret_port = colon + 1;
    *ret_host = address;
    const size_t len = strlen(address);
    if (address[0] == '[' && address[len - 1] == ']') {
        address[len - 1] = '\0';
        *ret_host = address + 1;
    }
    return true;
}

/* A socket that connects; -1 with errno. */
static int connect_to(const struct addrinfo *address)
{
    const int fd =
        socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, address->ai_addr, address->ai_addrlen) == 0 ||
        errno == EINPROGRESS)
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Tries what the name stands for, one after the other; false at their end. */
static bool try_candidate(struct talk *talk)
{
    talk->said = 0;
    talk->answered = 0;
    while (talk->candidate != NULL && talk->fd < 0) {
        talk->fd = connect_to(talk->candidate);
        talk->candidate = talk->candidate->ai_next;
    }
    if (talk->fd < 0)
        return false;
    talk->watch = loop_watch_fd(talk->loop, talk->fd, LOOP_WRITABLE, on_fd, talk);
    return true;
}

static void on_found(void *data, struct addrinfo *found, const char *error_text)
{
    struct talk *talk = data;
    talk->lookup = NULL;
    talk->found = found;
    talk->candidate = found;
    if (!try_candidate(talk))
        give_up_address(talk, found != NULL ? strerror(errno) : error_text);
}

/* Takes the next address of the list; false at its end. */
static bool take_address(struct talk *talk)
{
    const size_t len = strcspn(talk->next, ",");
    if (*talk->next == '\0')
        return false;
    snprintf(talk->address, sizeof talk->address, "%.*s", (int)len, talk->next);
    talk->next += len;
    if (*talk->next == ',')
        talk->next++;
    return true;
}

static void try_next(void *data)
{
    struct talk *talk = data;
    char copy[ADDRESS_MAX];
    char *host = NULL;
    char *port = NULL;
    loop_timer_free(talk->timer);
    talk->timer = NULL;
    if (!take_address(talk)) {
        finish(talk, HEALTH_FAIL);
        return;
    }
    snprintf(copy, sizeof copy, "%s", talk->address);
    if (!split(copy, &host, &port)) {
        note(talk, "host:port expected");
        talk->timer = loop_after_ms(talk->loop, 0, try_next, talk);
        return;
    }
    talk->lookup = name_lookup_start(talk->loop, host, port, on_found, talk);
    talk->timer = loop_after_ms(talk->loop, talk->timeout_ms, on_timeout, talk);
}

struct talk *talk_start(struct loop *loop, const struct probe_kind *kind,
                        const char *addresses, int64_t timeout_ms, talk_done_fn done,
                        void *data)
{
    struct talk *talk = xcalloc(1, sizeof *talk);
    talk->loop = loop;
    talk->kind = kind;
    talk->addresses = xstrdup(addresses);
    talk->next = talk->addresses;
    talk->timeout_ms = timeout_ms;
    talk->fd = -1;
    talk->done = done;
    talk->data = data;
    strbuf_init(&talk->output, OUTPUT_MAX);
    /* Not at once: done must not be called before the caller has the talk. */
    talk->timer = loop_after_ms(loop, 0, try_next, talk);
    return talk;
}
