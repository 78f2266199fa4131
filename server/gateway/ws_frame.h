/*
 * WebSocket framing (RFC 6455) in both directions, without a socket. We frame
 * ourselves, on libwebsockets' raw role, because version 4.1 accepts unmasked
 * frames and hides frame headers from its user, and because frames that go to
 * many clients are built once and kept.
 *
 * The decoder is strict: what the RFC forbids, what is not UTF-8 and what is
 * larger than its limit ends in one WS_FAIL with the close code to send. It
 * never holds more than one message. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum ws_opcode {
    WS_CONTINUATION = 0,
    WS_TEXT = 1,
    WS_BINARY = 2,
    WS_CLOSE = 8,
    WS_PING = 9,
    WS_PONG = 10
};

enum { WS_HEADER_MAX = 14, WS_CONTROL_MAX = 125 };

/* Where a continuation byte of UTF-8 must lie; zero-initialised = between characters.
 */
struct utf8_state {
    uint8_t need; /* bytes still missing */
    uint8_t low;
    uint8_t high;
};

/* Checks n more bytes; false as soon as they cannot be UTF-8. */
bool utf8_check(struct utf8_state *state, const uint8_t *bytes, size_t n);

/* --- encoding ----------------------------------------------------------- */

/* Begins a frame whose payload is then added to out; returns the mark for ws_end. */
size_t ws_begin(struct strbuf *out);

/* Puts the header before the payload that was added since ws_begin. */
void ws_end(struct strbuf *out, size_t mark, enum ws_opcode opcode);

/* A whole frame. */
void ws_add(struct strbuf *out, enum ws_opcode opcode, const void *data, size_t len);

/* A close frame; reason is cut to what fits. */
void ws_add_close(struct strbuf *out, uint16_t code, const char *reason);

/* Bytes of the unmasked frame (header and payload) that begins at data. */
size_t ws_frame_size(const char *data, size_t len);

/* --- decoding ----------------------------------------------------------- */

enum ws_event_kind {
    WS_EVENT_TEXT,
    WS_EVENT_PING,
    WS_EVENT_PONG,
    WS_EVENT_CLOSE,
    WS_EVENT_FAIL
};

/* CLOSE: code is 1005 when the peer gave none. FAIL: code is what to close with. */
struct ws_event {
    enum ws_event_kind kind;
    const char *data; /* borrowed during the callback */
    size_t len;
    uint16_t code;
};

/* False = stop decoding (the connection is being closed). */
typedef bool (*ws_event_fn)(void *data, const struct ws_event *event);

struct ws_decoder {
    size_t message_max;
    uint8_t header[WS_HEADER_MAX];
    uint8_t header_have;
    bool in_payload;
    bool in_message; /* between the first fragment and the last */
    bool failed;
    uint8_t opcode; /* of this frame */
    bool final;
    uint8_t mask_at;
    uint8_t mask[4];
    uint64_t payload_left;
    struct utf8_state utf8;
    uint8_t control_len;
    uint8_t control[WS_CONTROL_MAX];
    struct strbuf message;
};

void ws_decoder_init(struct ws_decoder *d, size_t message_max);
void ws_decoder_release(struct ws_decoder *d);

/* Decodes n bytes; nothing more comes after a FAIL, a CLOSE or a false from fn. */
void ws_decoder_feed(struct ws_decoder *d, const uint8_t *bytes, size_t n,
                     ws_event_fn fn, void *data);
