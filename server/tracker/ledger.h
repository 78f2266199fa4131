/*
 * Which offsets may be committed: those up to which everything that followed from
 * the records is confirmed by Kafka. Results are sent in generations (about one
 * a second), each with a ticket and, when it is closed, the positions reached;
 * a generation is good for a commit when it and all before it are confirmed. One
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct group_consumer;
struct ledger;
struct producer_ticket;

enum { LEDGER_GENERATIONS = 8 };

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l); /* accepts NULL */

/* No generation is free: Kafka does not confirm; send nothing more for now. */
bool ledger_full(const struct ledger *l);

/* The ticket for the results that are sent now. */
struct producer_ticket *ledger_ticket(struct ledger *l);

/* Ends the generation: its results cover the consumer's positions. */
void ledger_close(struct ledger *l, const struct group_consumer *group,
                  const int32_t *partitions, size_t count);

/*
 * Commits what can be (wait: with the broker's answer). True when results were
 * lost since the last call: the caller must send everything again; nothing that
 * depends on them is committed.
 */
bool ledger_settle(struct ledger *l, struct group_consumer *group, bool wait);

/* Generations that are not confirmed. */
size_t ledger_open(const struct ledger *l);

/* Forgets all generations: the partitions are gone. */
void ledger_clear(struct ledger *l);
