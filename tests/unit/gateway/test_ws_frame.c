/* Frames as a client sends them, and what the decoder makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "gateway/ws_frame.h"

enum { MESSAGE_MAX = 16384, FINAL = 0x80, MASKED = 0x80 };

/* What came out, as text: "text:hello ping:x close:1000 fail:1002 ". */
static bool note(void *data, const struct ws_event *event)
{
    struct strbuf *out = data;
    static const char *const names[] = {"text", "ping", "pong", "close", "fail"};
    strbuf_addf(out, "%s:", names[event->kind]);
    if (event->kind == WS_EVENT_CLOSE || event->kind == WS_EVENT_FAIL)
        strbuf_addf(out, "%u ", (unsigned)event->code);
    else
        strbuf_addf(out, "%.*s ", (int)event->len, event->data);
    return true;
}

/* A frame of a client, masked. */
static void add_frame(struct strbuf *out, uint8_t first, const char *payload,
                      size_t len)
{
    static const uint8_t mask[4] = {0x11, 0xfe, 0x00, 0x80};
    uint8_t head[14] = {first, (uint8_t)(MASKED | (len < 126 ? len : 126))};
    size_t n = 2;
    if (len >= 126) {
        head[n++] = (uint8_t)(len >> 8);
        head[n++] = (uint8_t)len;
    }
    memcpy(head + n, mask, sizeof mask);
    strbuf_add(out, head, n + sizeof mask);
    for (size_t i = 0; i < len; i++)
        strbuf_add_char(out, (char)((uint8_t)payload[i] ^ mask[i & 3]));
}

/* Decodes the bytes in steps of `step`; the events as text in `out`. */
static void decode(const char *bytes, size_t n, size_t step, struct strbuf *out)
{
    struct ws_decoder decoder;
    ws_decoder_init(&decoder, MESSAGE_MAX);
    strbuf_clear(out);
    for (size_t at = 0; at < n; at += step)
        ws_decoder_feed(&decoder, (const uint8_t *)bytes + at, MIN_OF(step, n - at),
                        note, out);
    ws_decoder_release(&decoder);
}

static void assert_decodes(const char *bytes, size_t n, const char *events)
{
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    static const size_t steps[] = {1, 2, 3, 7, 1 << 20};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        decode(bytes, n, steps[i], &out);
        assert_string_equal(strbuf_text(&out), events);
    }
    strbuf_release(&out);
}

struct piece {
    uint8_t first;
    const char *payload;
};

static void sequences_of_frames_become_events(void **state)
{
    (void)state;
    static const struct {
        struct piece pieces[4];
        const char *events;
    } rows[] = {
        {{{FINAL | WS_TEXT, "hello"}}, "text:hello "},
        {{{FINAL | WS_TEXT, ""}}, "text: "},
        {{{WS_TEXT, "a"}, {WS_CONTINUATION, "b"}, {FINAL | WS_CONTINUATION, "c"}},
         "text:abc "},
        {{{WS_TEXT, "a"}, {FINAL | WS_PING, "p"}, {FINAL | WS_CONTINUATION, "b"}},
         "ping:p text:ab "},
        {{{FINAL | WS_PONG, ""}, {FINAL | WS_TEXT, "x"}}, "pong: text:x "},
        {{{WS_TEXT, "\xc3"}, {FINAL | WS_CONTINUATION, "\xa9"}}, "text:\xc3\xa9 "},
        {{{FINAL | WS_CLOSE, ""}}, "close:1005 "},
        {{{FINAL | WS_CLOSE, "\x03\xe8why"}}, "close:1000 "},
        {{{FINAL | WS_CLOSE, "\x0f\xa8"}, {FINAL | WS_TEXT, "late"}}, "close:4008 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf bytes;
        strbuf_init(&bytes, 1 << 20);
        for (const struct piece *p = rows[i].pieces; p->payload != NULL; p++)
            add_frame(&bytes, p->first, p->payload, strlen(p->payload));
        assert_decodes(strbuf_text(&bytes), bytes.len, rows[i].events);
        strbuf_release(&bytes);
    }
}

static void what_the_protocol_forbids_fails_with_its_code(void **state)
{
    (void)state;
    static const struct {
        struct piece pieces[3];
        const char *events;
    } rows[] = {
        {{{FINAL | WS_BINARY, "x"}}, "fail:1003 "},
        {{{FINAL | 3, "x"}}, "fail:1002 "},
        {{{FINAL | 11, "x"}}, "fail:1002 "},
        {{{FINAL | 0x40 | WS_TEXT, "x"}}, "fail:1002 "},
        {{{FINAL | WS_CONTINUATION, "x"}}, "fail:1002 "},
        {{{WS_TEXT, "x"}, {FINAL | WS_TEXT, "y"}}, "fail:1002 "},
        {{{WS_PING, "x"}}, "fail:1002 "},
        {{{FINAL | WS_TEXT, "\xff"}}, "fail:1007 "},
        {{{FINAL | WS_TEXT, "\xc3"}}, "fail:1007 "},
        {{{FINAL | WS_TEXT, "\xed\xa0\x80"}}, "fail:1007 "},
        {{{FINAL | WS_TEXT, "\xc0\xaf"}}, "fail:1007 "},
        {{{FINAL | WS_CLOSE, "\x03"}}, "fail:1002 "},
        {{{FINAL | WS_CLOSE, "\x03\xed"}}, "fail:1002 "},
        {{{FINAL | WS_CLOSE, "\x03\xe8\xff"}}, "fail:1007 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf bytes;
        strbuf_init(&bytes, 1 << 20);
        for (const struct piece *p = rows[i].pieces; p->payload != NULL; p++)
            add_frame(&bytes, p->first, p->payload, strlen(p->payload));
        assert_decodes(strbuf_text(&bytes), bytes.len, rows[i].events);
        strbuf_release(&bytes);
    }
}

static void headers_alone_are_enough_to_refuse(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *events;
    } rows[] = {
        {"\x81\x05", 2, "fail:1002 "},                 /* no mask */
        {"\x89\x80", 2, ""},                           /* not yet */
        {"\x89\xfe", 2, "fail:1002 "},                 /* long ping */
        {"\x81\xfe\x40\x01\0\0\0\0", 8, "fail:1009 "}, /* 16,385 */
        {"\x81\xfe\x40\x00\0\0\0\0", 8, ""},           /* 16,384 */
        {"\x81\xff\0\0\0\0\x7f\xff\xff\xff\0\0\0\0", 14, "fail:1009 "},
        {"\x81\xff\x80\0\0\0\0\0\0\x01\0\0\0\0", 14, "fail:1002 "}, /* bit 63 */
        {"\x81\xfe\x00\x05\0\0\0\0", 8, "fail:1002 "},              /* not shortest */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_decodes(rows[i].bytes, rows[i].n, rows[i].events);
}

static void a_message_in_pieces_has_the_ceiling_of_one(void **state)
{
    (void)state;
    struct strbuf bytes;
    strbuf_init(&bytes, 1 << 20);
    char payload[1000];
    memset(payload, 'x', sizeof payload);
    add_frame(&bytes, WS_TEXT, payload, sizeof payload);
    for (int i = 1; i < 17; i++)
        add_frame(&bytes, WS_CONTINUATION, payload, sizeof payload);
    assert_decodes(strbuf_text(&bytes), bytes.len, "fail:1009 ");
    strbuf_release(&bytes);
}

static void frames_of_ours_have_the_shortest_header(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 65535, 65536, 200000};
    static const size_t headers[] = {2, 2, 2, 4, 4, 10, 10};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct strbuf out;
        strbuf_init(&out, 1 << 20);
        size_t mark = ws_begin(&out);
        for (size_t n = 0; n < lengths[i]; n++)
            strbuf_add_char(&out, 'x');
        ws_end(&out, mark, WS_TEXT);
        assert_int_equal(out.len, headers[i] + lengths[i]);
        assert_int_equal(ws_frame_size(out.data, out.len), out.len);
        assert_int_equal((uint8_t)out.data[0], FINAL | WS_TEXT);
        strbuf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_of_frames_become_events),
        cmocka_unit_test(what_the_protocol_forbids_fails_with_its_code),
        cmocka_unit_test(headers_alone_are_enough_to_refuse),
        cmocka_unit_test(a_message_in_pieces_has_the_ceiling_of_one),
        cmocka_unit_test(frames_of_ours_have_the_shortest_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
