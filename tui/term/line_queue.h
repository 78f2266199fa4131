/*
 * How many bytes the line to the viewer has not taken yet, where somebody other
 * than the viewer's terminal answers questions (a multiplexer), or nobody does:
 * the queue of a serial line, and that of the TCP connection that SSH_CONNECTION
 * names. A pseudo-terminal itself tells nothing. Main thread.
 */
#pragma once

#include <stdint.h>

struct line_queue;

/* ssh_connection: "CLIENT-IP PORT SERVER-IP PORT", or NULL. tty stays the caller's. */
struct line_queue *line_queue_new(int tty, const char *ssh_connection);
void line_queue_free(struct line_queue *q); /* accepts NULL */

/* Bytes on their way; -1 when nobody can tell. */
int64_t line_queue_unsent(struct line_queue *q);
