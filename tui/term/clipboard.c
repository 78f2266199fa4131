/*
 * tmux takes OSC 52 itself when `set-clipboard on` is set, and passes what is
 * wrapped in its DCS on when `allow-passthrough on` is set; either alone does, and
 * where both are set the second only repeats the first. GNU screen passes a DCS
 * on, but not one longer than SCREEN_PIECE.
 */
#include "term/clipboard.h"

#include <string.h>

#include "base/macros.h"
#include "base/strbuf.h"

enum { SCREEN_PIECE = 240, SEQUENCE_MAX = CLIPBOARD_MAX * 2 };

enum clipboard_way clipboard_way_of(const char *term, const char *tmux, const char *sty)
{
    static const char *const without[] = {"linux", "vt", "ansi", "dumb", "cons"};
    term = term != NULL ? term : "";
    for (size_t i = 0; i < ARRAY_LEN(without); i++) {
        if (strncmp(term, without[i], strlen(without[i])) == 0)
            return CLIPBOARD_NONE;
    }
    if (tmux != NULL && tmux[0] != '\0')
        return CLIPBOARD_TMUX;
    return sty != NULL && sty[0] != '\0' ? CLIPBOARD_SCREEN : CLIPBOARD_PLAIN;
}

/* RFC 4648, section 4. */
static void add_base64(struct strbuf *out, const unsigned char *bytes, size_t n)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)bytes[i] << 16;
        v |= i + 1 < n ? (unsigned)bytes[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned)bytes[i + 2] : 0;
        strbuf_add_char(out, digits[v >> 18 & 63]);
        strbuf_add_char(out, digits[v >> 12 & 63]);
        strbuf_add_char(out, (char)(i + 1 < n ? digits[v >> 6 & 63] : '='));
        strbuf_add_char(out, (char)(i + 2 < n ? digits[v & 63] : '='));
    }
}

static void add_pieces(struct strbuf *out, const char *text, size_t n)
{
    for (size_t at = 0; at < n; at += SCREEN_PIECE) {
        strbuf_add_text(out, "\033P");
        strbuf_add(out, text + at, MIN_OF(n - at, (size_t)SCREEN_PIECE));
        strbuf_add_text(out, "\033\\");
    }
}

bool clipboard_encode(const char *text, size_t len, enum clipboard_way way,
                      struct strbuf *out)
{
    struct strbuf sequence;
    if (len > CLIPBOARD_MAX || way == CLIPBOARD_NONE)
        return false;
    strbuf_init(&sequence, SEQUENCE_MAX);
    strbuf_add_text(&sequence, "\033]52;c;");
    add_base64(&sequence, (const unsigned char *)text, len);
    strbuf_add_char(&sequence, '\a');
    if (way == CLIPBOARD_SCREEN)
        add_pieces(out, sequence.data, sequence.len);
    else
        strbuf_add(out, sequence.data, sequence.len);
    if (way == CLIPBOARD_TMUX) {
        strbuf_add_text(out, "\033Ptmux;\033");
        strbuf_add(out, sequence.data, sequence.len);
        strbuf_add_text(out, "\033\\");
    }
    strbuf_release(&sequence);
    return !out->overflowed;
}
