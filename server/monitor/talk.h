/*
 * One probe over TCP: connects to the first address that answers, says a few
 * bytes, waits for the beginning of an answer. On the loop's thread; a host name
 * is looked up there and may block it, so give the prober a thread of its own.
 */
#pragma once

#include <stdint.h>

#include "telemetry/health.h"

struct loop;
struct probe_kind;
struct talk;

/*
 * Called once, not after talk_cancel. PASS: the first address answered; WARN:
 * another did; FAIL: none. output: what happened, "" for pass.
 */
typedef void (*talk_done_fn)(void *data, enum health_status status, const char *output);

/* addresses: "host:port[,host:port...]", "[::1]:port" too; each gets timeout_ms. */
struct talk *talk_start(struct loop *loop, const struct probe_kind *kind,
                        const char *addresses, int64_t timeout_ms, talk_done_fn done,
                        void *data);
void talk_cancel(struct talk *talk); /* accepts NULL */
