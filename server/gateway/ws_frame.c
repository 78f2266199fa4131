#include "gateway/ws_frame.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"

enum { CLOSE_PROTOCOL_ERROR = 1002, CLOSE_BINARY = 1003, CLOSE_NO_CODE = 1005 };
enum { CLOSE_NOT_UTF8 = 1007, CLOSE_TOO_LARGE = 1009 };
enum {
    HEAD_ROOM = 4, /* header of a payload of 126 to 65535 bytes: nothing moves then */
    HEAD_MAX = 10
};

/* --- UTF-8 (RFC 3629, table 3-7 of Unicode) ------------------------------ */

/* Takes a lead byte; false when none begins with it. */
static bool utf8_lead(struct utf8_state *state, uint8_t byte)
{
    state->low = 0x80;
    state->high = 0xbf;
    if (byte < 0x80)
        return true;
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    state->need = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte == 0xe0)
        state->low = 0xa0; /* shorter forms exist */
    else if (byte == 0xed)
        state->high = 0x9f; /* surrogates */
    else if (byte == 0xf0)
        state->low = 0x90;
    else if (byte == 0xf4)
        state->high = 0x8f; /* beyond U+10FFFF */
    return true;
}

bool utf8_check(struct utf8_state *state, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (state->need == 0) {
            if (!utf8_lead(state, bytes[i]))
                return false;
            continue;
        }
        if (bytes[i] < state->low || bytes[i] > state->high)
            return false;
        state->need--;
        state->low = 0x80;
        state->high = 0xbf;
    }
    return true;
}

/* --- encoding ----------------------------------------------------------- */

size_t ws_begin(struct strbuf *out)
{
    static const char room[HEAD_ROOM] = {0};
    size_t mark = out->len;
    strbuf_add(out, room, sizeof room);
    return mark;
}

static size_t write_header(uint8_t *header, enum ws_opcode opcode, size_t len)
{
    header[0] = (uint8_t)(0x80u | opcode);
    if (len < 126) {
        header[1] = (uint8_t)len;
        return 2;
    }
    size_t bytes = len <= UINT16_MAX ? 2 : 8;
    header[1] = bytes == 2 ? 126 : 127;
    for (size_t i = 0; i < bytes; i++)
        header[2 + i] = (uint8_t)((uint64_t)len >> (8 * (bytes - 1 - i)));
    return 2 + bytes;
}

void ws_end(struct strbuf *out, size_t mark, enum ws_opcode opcode)
{
    if (out->overflowed || out->len < mark + HEAD_ROOM)
        return;
    uint8_t header[HEAD_MAX];
    size_t len = out->len - mark - HEAD_ROOM;
    size_t header_len = write_header(header, opcode, len);
    if (header_len > HEAD_ROOM && !strbuf_reserve(out, header_len - HEAD_ROOM))
        return;
    if (header_len != HEAD_ROOM)
        memmove(out->data + mark + header_len, out->data + mark + HEAD_ROOM, len);
    memcpy(out->data + mark, header, header_len);
    out->len = mark + header_len + len;
    out->data[out->len] = '\0';
}

void ws_add(struct strbuf *out, enum ws_opcode opcode, const void *data, size_t len)
{
    uint8_t header[HEAD_MAX];
    size_t header_len = write_header(header, opcode, len);
    if (strbuf_reserve(out, header_len + len)) {
        strbuf_add(out, header, header_len);
        strbuf_add(out, data, len);
    }
}

void ws_add_close(struct strbuf *out, uint16_t code, const char *reason)
{
    uint8_t payload[WS_CONTROL_MAX];
    size_t len = strnlen(reason, sizeof payload - 2);
    payload[0] = (uint8_t)(code >> 8);
    payload[1] = (uint8_t)code;
    memcpy(payload + 2, reason, len);
    ws_add(out, WS_CLOSE, payload, code == CLOSE_NO_CODE ? 0 : len + 2);
}

size_t ws_frame_size(const char *data, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)data;
    assert(len >= 2);
    size_t payload = bytes[1] & 0x7f;
    size_t more = payload == 126 ? 2 : payload == 127 ? 8 : 0;
    if (more == 0)
        return 2 + payload;
    payload = 0;
    for (size_t i = 0; i < more; i++)
        payload = payload << 8 | bytes[2 + i];
    return 2 + more + payload;
}

/* --- decoding ----------------------------------------------------------- */

void ws_decoder_init(struct ws_decoder *d, size_t message_max)
{
    *d = (struct ws_decoder){.message_max = message_max};
    strbuf_init(&d->message, message_max);
}

void ws_decoder_release(struct ws_decoder *d)
{
    strbuf_release(&d->message);
}

/* Bytes of the header, as far as its second byte tells; a mask is always there. */
static size_t header_size(const struct ws_decoder *d)
{
    if (d->header_have < 2)
        return 2;
    unsigned len = d->header[1] & 0x7f;
    return 2 + (len == 126 ? 2u : len == 127 ? 8u : 0u) + 4;
}

static bool fail(struct ws_decoder *d, uint16_t code, ws_event_fn fn, void *data)
{
    struct ws_event event = {.kind = WS_EVENT_FAIL, .data = "", .code = code};
    d->failed = true;
    fn(data, &event);
    return false;
}

/* What the first two bytes alone forbid; 0 when all is well. */
static uint16_t check_start(const struct ws_decoder *d)
{
    uint8_t opcode = d->header[0] & 0x0f;
    bool final = (d->header[0] & 0x80) != 0;
    bool control = (opcode & 8) != 0;
    if ((d->header[0] & 0x70) != 0 || (d->header[1] & 0x80) == 0)
        return CLOSE_PROTOCOL_ERROR; /* an extension or no mask */
    if (opcode > WS_PONG || (opcode > WS_BINARY && opcode < WS_CLOSE))
        return CLOSE_PROTOCOL_ERROR;
    if (control && (!final || (d->header[1] & 0x7f) > WS_CONTROL_MAX))
        return CLOSE_PROTOCOL_ERROR;
    if (!control && (opcode == WS_CONTINUATION) != d->in_message)
        return CLOSE_PROTOCOL_ERROR;
    return opcode == WS_BINARY ? CLOSE_BINARY : 0;
}

/* The header is complete: 0, or why the frame is refused. */
static uint16_t take_header(struct ws_decoder *d)
{
    size_t size = header_size(d);
    uint64_t len = d->header[1] & 0x7f;
    if (len >= 126) {
        len = 0;
        for (size_t i = 2; i < size - 4; i++)
            len = len << 8 | d->header[i];
        if (len >> 63 != 0 || len <= (size == 8 ? 125u : UINT16_MAX))
            return CLOSE_PROTOCOL_ERROR; /* not the shortest form */
    }
    memcpy(d->mask, d->header + size - 4, 4);
    d->mask_at = 0;
    d->opcode = d->header[0] & 0x0f;
    d->final = (d->header[0] & 0x80) != 0;
    d->payload_left = len;
    d->header_have = 0;
    d->in_payload = true;
    d->control_len = 0;
    if (d->opcode & 8)
        return 0;
    if (d->opcode == WS_TEXT)
        d->utf8 = (struct utf8_state){0};
    d->in_message = true;
    return len > d->message_max - d->message.len ? CLOSE_TOO_LARGE : 0;
}

static bool close_code_valid(uint16_t code)
{
    if (code < 1000 || code >= 5000)
        return false;
    if (code >= 3000)
        return true;
    return code <= 1003 || (code >= 1007 && code <= 1014);
}

static bool finish_close(struct ws_decoder *d, ws_event_fn fn, void *data)
{
    struct utf8_state utf8 = {0};
    struct ws_event event = {.kind = WS_EVENT_CLOSE, .data = "", .code = CLOSE_NO_CODE};
    if (d->control_len == 1)
        return fail(d, CLOSE_PROTOCOL_ERROR, fn, data);
    if (d->control_len >= 2) {
        event.code = (uint16_t)(d->control[0] << 8 | d->control[1]);
        if (!close_code_valid(event.code))
            return fail(d, CLOSE_PROTOCOL_ERROR, fn, data);
        if (!utf8_check(&utf8, d->control + 2, d->control_len - 2u) || utf8.need != 0)
            return fail(d, CLOSE_NOT_UTF8, fn, data);
    }
    d->failed = true; /* nothing may follow */
    fn(data, &event);
    return false;
}

static bool finish_control(struct ws_decoder *d, ws_event_fn fn, void *data)
{
    if (d->opcode == WS_CLOSE)
        return finish_close(d, fn, data);
    struct ws_event event = {
        .kind = d->opcode == WS_PING ? WS_EVENT_PING : WS_EVENT_PONG,
        .data = (const char *)d->control,
        .len = d->control_len,
    };
    return fn(data, &event);
}

/* The frame's last byte was taken; false = stop. */
static bool finish_frame(struct ws_decoder *d, ws_event_fn fn, void *data)
{
    d->in_payload = false;
    if (d->opcode & 8)
        return finish_control(d, fn, data);
    if (!d->final)
        return true;
    if (d->utf8.need != 0)
        return fail(d, CLOSE_NOT_UTF8, fn, data);
    d->in_message = false;
    struct ws_event event = {
        .kind = WS_EVENT_TEXT, .data = strbuf_text(&d->message), .len = d->message.len};
    bool go_on = fn(data, &event);
    strbuf_release(&d->message); /* an idle client holds no buffer */
    return go_on;
}

/* Takes payload bytes; returns how many, or 0 after a failure. */
static size_t take_payload(struct ws_decoder *d, const uint8_t *bytes, size_t n,
                           ws_event_fn fn, void *data)
{
    uint8_t plain[256];
    size_t take = MIN_OF((uint64_t)MIN_OF(n, sizeof plain), d->payload_left);
    for (size_t i = 0; i < take; i++)
        plain[i] = bytes[i] ^ d->mask[d->mask_at++ & 3];
    d->payload_left -= take;
    if (d->opcode & 8) {
        memcpy(d->control + d->control_len, plain, take);
        d->control_len = (uint8_t)(d->control_len + take);
        return take;
    }
    if (!utf8_check(&d->utf8, plain, take)) {
        fail(d, CLOSE_NOT_UTF8, fn, data);
        return 0;
    }
    strbuf_add(&d->message, plain, take);
    return take;
}

/* Takes one header byte; false after a failure. */
static bool take_header_byte(struct ws_decoder *d, uint8_t byte, ws_event_fn fn,
                             void *data)
{
    d->header[d->header_have++] = byte;
    uint16_t code = 0;
    if (d->header_have == 2)
        code = check_start(d);
    if (code == 0 && d->header_have >= 2 && d->header_have == header_size(d))
        code = take_header(d);
    return code == 0 || fail(d, code, fn, data);
}

void ws_decoder_feed(struct ws_decoder *d, const uint8_t *bytes, size_t n,
                     ws_event_fn fn, void *data)
{
    size_t at = 0;
    while (!d->failed && (at < n || (d->in_payload && d->payload_left == 0))) {
        if (!d->in_payload) {
            if (!take_header_byte(d, bytes[at++], fn, data))
                return;
        } else if (d->payload_left > 0) {
            size_t taken = take_payload(d, bytes + at, n - at, fn, data);
            if (taken == 0)
                return;
            at += taken;
        }
        if (d->in_payload && d->payload_left == 0 && !finish_frame(d, fn, data)) {
            d->failed = true;
            return;
        }
    }
}
