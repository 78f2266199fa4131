#include "upstream/ticket.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "net/loop.h"

/* An answer on its way to an asker's loop. */
struct delivery {
    struct upstream_ticket *ticket;
    struct answer *answer;
};

void args_copy(const struct upstream_args *args, struct upstream_args *ret_copy)
{
    for (size_t i = 0; i < UPSTREAM_ARG_COUNT; i++)
        ret_copy->text[i] = args->text[i] ? xstrdup(args->text[i]) : NULL;
}

void args_release(struct upstream_args *args)
{
    for (size_t i = 0; i < UPSTREAM_ARG_COUNT; i++) {
        free((char *)(uintptr_t)args->text[i]); /* ours: args_copy made it */
        args->text[i] = NULL;
    }
}

struct upstream_ticket *ticket_new(struct upstream *upstream,
                                   enum upstream_target target, bool follow,
                                   const struct upstream_args *args)
{
    struct upstream_ticket *ticket = xcalloc(1, sizeof *ticket);
    atomic_init(&ticket->refs, 1);
    ticket->upstream = upstream;
    ticket->target = target;
    ticket->follow = follow;
    args_copy(args, &ticket->args);
    return ticket;
}

struct upstream_ticket *ticket_ref(struct upstream_ticket *ticket)
{
    atomic_fetch_add_explicit(&ticket->refs, 1, memory_order_relaxed);
    return ticket;
}

void ticket_unref(struct upstream_ticket *ticket)
{
    if (!ticket || atomic_fetch_sub(&ticket->refs, 1) != 1)
        return;
    args_release(&ticket->args);
    free(ticket);
}

static void on_delivery(void *data)
{
    struct delivery *delivery = data;
    struct upstream_ticket *ticket = delivery->ticket;
    if (!ticket->dropped)
        ticket->fn(ticket->data, &delivery->answer->view);
    answer_unref(delivery->answer);
    ticket_unref(ticket);
    free(delivery);
}

void ticket_deliver(struct upstream_ticket *ticket, struct answer *answer)
{
    struct delivery *delivery = xcalloc(1, sizeof *delivery);
    delivery->ticket = ticket_ref(ticket);
    delivery->answer = answer_ref(answer);
    loop_post(ticket->loop, on_delivery, delivery);
}

void ticket_list_add(struct ticket_list *list, struct upstream_ticket *ticket)
{
    ticket->list = list;
    ticket->previous = NULL;
    ticket->next = list->first;
    if (list->first)
        list->first->previous = ticket;
    list->first = ticket;
}

void ticket_list_remove(struct upstream_ticket *ticket)
{
    if (ticket->previous)
        ticket->previous->next = ticket->next;
    else
        ticket->list->first = ticket->next;
    if (ticket->next)
        ticket->next->previous = ticket->previous;
    ticket->list = NULL;
}

void ticket_list_deliver(const struct ticket_list *list, struct answer *answer)
{
    for (struct upstream_ticket *t = list->first; t; t = t->next)
        ticket_deliver(t, answer);
}

size_t ticket_list_clear(struct ticket_list *list)
{
    size_t n = 0;
    struct upstream_ticket *next = NULL;
    for (struct upstream_ticket *ticket = list->first; ticket; ticket = next) {
        next = ticket->next;
        ticket->list = NULL;
        ticket_unref(ticket);
        n++;
    }
    list->first = NULL;
    return n;
}
