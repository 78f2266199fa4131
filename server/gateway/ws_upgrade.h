/*
 * The decision whether a request becomes a WebSocket (RFC 6455, 4.2), with all
 * that is ours to refuse: methods, versions, keys, subprotocols, origins,
 * tokens, too many clients, a server on its way out. Io thread.
 */
#pragma once

#include <stdbool.h>

struct http_exchange;
struct http_site;
struct strbuf;

/*
 * True with the 101 in ret_reply; ret_authorized tells whether a valid token came
 * along. False: the exchange has been answered with the refusal.
 */
bool ws_upgrade(const struct http_site *site, struct http_exchange *x,
                bool *ret_authorized, struct strbuf *ret_reply);
