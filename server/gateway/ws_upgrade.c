#include "gateway/ws_upgrade.h"

#include <string.h>

#include "base/strbuf.h"
#include "gateway/auth.h"
#include "gateway/exchange.h"
#include "gateway/http_site.h"
#include "gateway/route.h"
#include "telemetry/metrics.h"

#define WS_PROTOCOL "flightdash.v1.json"
enum { KEY_LENGTH = 24 }; /* 16 bytes in base64 */

struct refusal {
    int status;
    const char *code;
    const char *message;
    const char *reason; /* of the counter */
};

static const struct refusal bad_method = {405, "bad_request", "GET is wanted",
                                          "method"};
static const struct refusal no_upgrade = {426, "bad_request",
                                          "a WebSocket is served here", "no_upgrade"};
static const struct refusal bad_version = {426, "unsupported_version",
                                           "WebSocket version 13 is wanted", "version"};
static const struct refusal bad_key = {400, "bad_request", "Sec-WebSocket-Key is wrong",
                                       "key"};
static const struct refusal bad_protocol = {
    400, "bad_request", "the subprotocol " WS_PROTOCOL " or none is wanted",
    "subprotocol"};
static const struct refusal bad_origin = {403, "forbidden",
                                          "this Origin is not allowed", "origin"};
static const struct refusal bad_token = {401, "unauthorized", "the token is not valid",
                                         "token"};
static const struct refusal too_many = {503, "limit", "too many clients", "too_many"};
static const struct refusal going = {503, "backend_unavailable", "restarting",
                                     "draining"};

static bool key_is_valid(const char *key)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key != NULL && strlen(key) == KEY_LENGTH &&
           strspn(key, alphabet) == KEY_LENGTH - 2 &&
           strcmp(key + KEY_LENGTH - 2, "==") == 0;
}

static bool asks_for_websocket(const struct http_request *r)
{
    return http_header_has(http_request_header(r, "upgrade"), "websocket") &&
           http_header_has(http_request_header(r, "connection"), "upgrade");
}

/* NULL when the request may become a WebSocket. */
static const struct refusal *check(const struct http_site *site,
                                   const struct http_request *r)
{
    const char *version = http_request_header(r, "sec-websocket-version");
    const char *protocols = http_request_header(r, "sec-websocket-protocol");
    const char *token = http_request_header(r, "authorization");
    if (strcmp(r->method, "GET") != 0)
        return &bad_method;
    if (!asks_for_websocket(r))
        return &no_upgrade;
    if (version == NULL || strcmp(version, "13") != 0)
        return &bad_version;
    if (!key_is_valid(http_request_header(r, "sec-websocket-key")) || r->body_len > 0)
        return &bad_key;
    if (!http_origin_allowed(site, http_request_header(r, "origin")))
        return &bad_origin;
    if (protocols != NULL && !http_header_has(protocols, WS_PROTOCOL))
        return &bad_protocol;
    if (site->auth != NULL && token != NULL && !auth_check_header(site->auth, token))
        return &bad_token;
    if (site->draining)
        return &going;
    return *site->client_count >= site->client_max ? &too_many : NULL;
}

bool ws_upgrade(const struct http_site *site, struct http_exchange *x,
                bool *ret_authorized, struct strbuf *ret_reply)
{
    const struct http_request *r = &x->request;
    const struct refusal *refusal = check(site, r);
    if (refusal != NULL) {
        metrics_add_to(site->metrics, METRIC_CLIENT_REFUSED, refusal->reason, 1);
        if (refusal->status == 426)
            exchange_set_header(x, "Sec-WebSocket-Version", "13");
        if (refusal->status == 405)
            exchange_set_header(x, "Allow", "GET");
        x->request.keep_alive = false;
        exchange_error(x, refusal->status, refusal->code, refusal->message,
                       refusal->status == 503 ? 2000 : 0);
        return false;
    }
    char accept[32];
    site->accept_key(http_request_header(r, "sec-websocket-key"), accept);
    strbuf_addf(ret_reply,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
                accept);
    if (http_request_header(r, "sec-websocket-protocol") != NULL)
        strbuf_add_text(ret_reply, "Sec-WebSocket-Protocol: " WS_PROTOCOL "\r\n");
    strbuf_add_text(ret_reply, "\r\n");
    *ret_authorized =
        site->auth == NULL || http_request_header(r, "authorization") != NULL;
    return true;
}
