#include "term/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/macros.h"

enum { INPUT_MAX = 4096 };

struct input {
    int fd;
    int poll_fd;
    size_t len;
    char bytes[INPUT_MAX];
};

struct input *input_new(int fd)
{
    struct input *input = xcalloc(1, sizeof *input);
    struct epoll_event event = {.events = EPOLLIN | EPOLLHUP | EPOLLERR};
    input->fd = fd;
    input->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (input->poll_fd < 0 ||
        epoll_ctl(input->poll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        input_free(input);
        return NULL;
    }
    return input;
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
    if (input->poll_fd >= 0)
        close(input->poll_fd);
    free(input);
}

int input_watch_fd(const struct input *input)
{
    return input->poll_fd;
}

int input_read(struct input *input)
{
    if (input->len == INPUT_MAX)
        input->len = 0; /* nobody types 4 KiB of one key */
    ssize_t n = read(input->fd, input->bytes + input->len, INPUT_MAX - input->len);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    if (n == 0)
        return -EPIPE;
    input->len += (size_t)n;
    return 0;
}

bool input_next(struct input *input, bool final, struct key *ret_key)
{
    if (input->len == 0)
        return false;
    size_t used = key_parse(input->bytes, input->len, final, ret_key);
    input->len -= used;
    memmove(input->bytes, input->bytes + used, input->len);
    return used > 0;
}

bool input_pending(const struct input *input)
{
    return input->len > 0;
}

/* Takes what is there; the answers among it. */
static unsigned count_answers(struct input *input)
{
    unsigned n = 0;
    struct key key;
    while (input_next(input, false, &key))
        n += key.code == K_STATUS_REPORT ? 1 : 0;
    return n;
}

unsigned input_drain(struct input *input, unsigned answers, int64_t timeout_ms)
{
    int64_t end_ms = clock_mono_ms() + timeout_ms;
    unsigned found = count_answers(input);
    while (found < answers) {
        struct pollfd p = {.fd = input->fd, .events = POLLIN};
        int64_t left_ms = end_ms - clock_mono_ms();
        if (left_ms <= 0 || poll(&p, 1, (int)left_ms) == 0)
            break;
        if (input_read(input) != 0)
            return 0; /* the terminal is gone: nobody is left to answer to */
        found += count_answers(input);
    }
    return found < answers ? answers - found : 0;
}
