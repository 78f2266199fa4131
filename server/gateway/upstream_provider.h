/*
 * The channels `metrics` and `logs` and the message `query` of the WebSocket,
 * answered by server/upstream. What it puts into a channel's feed:
 *   metrics  the whole window, {"query","panel"?,"start","end","step","series"}
 *   logs     one line, the object of upstream/log_hit.h; after lines that were
 *            skipped {"lost":N}
 *   both     {"error":{"code","message","retry_ms"}} once when the server does
 *            not answer; the channel goes on by itself
 * New and free: main, while the upstream loop does not run.
 */
#pragma once

struct provider;
struct upstream;
struct upstream_provider;

struct upstream_provider *upstream_provider_new(struct upstream *upstream);
void upstream_provider_free(struct upstream_provider *provider); /* accepts NULL */

/* Its face for web_config. Borrowed. */
const struct provider *upstream_provider(const struct upstream_provider *provider);
