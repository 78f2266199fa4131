#include "term/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/alloc.h"

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
