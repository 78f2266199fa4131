/*
 * sock_diag(7): one request for one TCP socket by its addresses, one answer with
 * what was written and not acknowledged yet (idiag_wqueue). Any user may ask.
 */
#include "term/line_queue.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"

enum { ADDRESS_SIZE = 64, PORT_SIZE = 6, ANSWER_MAX = 4096 };

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
};

struct line_queue {
    int tty;
    int diag; /* netlink socket; -1 = there is no connection to ask for */
    struct question question;
};

static bool set_address(struct inet_diag_req_v2 *body, const char *text, void *ret)
{
    body->sdiag_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    return inet_pton(body->sdiag_family, text, ret) == 1;
}

/* The server's end is the local one. */
static bool set_question(struct question *q, const char *ssh_connection)
{
    char client[ADDRESS_SIZE], server[ADDRESS_SIZE];
    char client_port[PORT_SIZE], server_port[PORT_SIZE];
    if (sscanf(ssh_connection, "%63s %5s %63s %5s", client, client_port, server,
               server_port) != 4)
        return false;
    q->header = (struct nlmsghdr){.nlmsg_len = sizeof *q,
                                  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                                  .nlmsg_flags = NLM_F_REQUEST};
    q->body.sdiag_protocol = IPPROTO_TCP;
    q->body.idiag_states = UINT32_MAX;
    q->body.id.idiag_sport = htons((uint16_t)strtoul(server_port, NULL, 10));
    q->body.id.idiag_dport = htons((uint16_t)strtoul(client_port, NULL, 10));
    q->body.id.idiag_cookie[0] = q->body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return set_address(&q->body, client, q->body.id.idiag_dst) &&
           set_address(&q->body, server, q->body.id.idiag_src);
}

struct line_queue *line_queue_new(int tty, const char *ssh_connection)
{
    struct line_queue *q = xcalloc(1, sizeof *q);
    q->tty = tty;
    q->diag = -1;
    if (ssh_connection != NULL && set_question(&q->question, ssh_connection))
        q->diag = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                         NETLINK_SOCK_DIAG);
    return q;
}

void line_queue_free(struct line_queue *q)
{
    if (q == NULL)
        return;
    if (q->diag >= 0)
        close(q->diag);
    free(q);
}

/* The kernel answers within send: nothing is waited for. */
static int64_t ask_socket(const struct line_queue *q)
{
    union {
        struct nlmsghdr header;
        char bytes[ANSWER_MAX];
    } answer;
    if (q->diag < 0 ||
        send(q->diag, &q->question, sizeof q->question, 0) != sizeof q->question)
        return -1;
    ssize_t n = recv(q->diag, &answer, sizeof answer, 0);
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) ||
        answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
        return -1; /* no such connection (any more) */
    struct inet_diag_msg message;
    memcpy(&message, NLMSG_DATA(&answer.header), sizeof message);
    return message.idiag_wqueue;
}

int64_t line_queue_unsent(struct line_queue *q)
{
    int queued = 0;
    if (ioctl(q->tty, TIOCOUTQ, &queued) == 0 && queued > 0)
        return queued;
    return ask_socket(q);
}
