/*
 * One asker's place in a question or a feed: the bridge between its loop and the
 * upstream loop. Two holders: the asker (until upstream_drop) and the upstream
 * side (until it has no more to say). Lists of tickets belong to the upstream
 * loop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "upstream/answer.h"

struct ticket_list;

struct upstream_ticket {
    _Atomic uint32_t refs;
    struct upstream *upstream;
    enum upstream_target target;
    bool follow;               /* a subscription */
    struct upstream_args args; /* own copies */

    struct loop *loop; /* the asker's */
    upstream_answer_fn fn;
    void *data;
    bool dropped; /* asker's thread only */

    struct ticket_list *list; /* upstream's thread only */
    struct upstream_ticket *previous;
    struct upstream_ticket *next;
};

struct ticket_list {
    struct upstream_ticket *first;
};

struct upstream_ticket *ticket_new(struct upstream *upstream,
                                   enum upstream_target target, bool follow,
                                   const struct upstream_args *args);
struct upstream_ticket *ticket_ref(struct upstream_ticket *ticket);
void ticket_unref(struct upstream_ticket *ticket);

/* Posts an answer to the asker's loop; counts its own references. */
void ticket_deliver(struct upstream_ticket *ticket, struct answer *answer);

/* The list takes over the upstream side's reference; removing gives it back. */
void ticket_list_add(struct ticket_list *list, struct upstream_ticket *ticket);
void ticket_list_remove(struct upstream_ticket *ticket);
void ticket_list_deliver(const struct ticket_list *list, struct answer *answer);

/* Lets go of all: nobody of them hears any more. Returns how many they were. */
size_t ticket_list_clear(struct ticket_list *list);

/* Deep copies of arguments, and their end. */
void args_copy(const struct upstream_args *args, struct upstream_args *ret_copy);
void args_release(struct upstream_args *args);
