/*
 * A text for the clipboard of the person in front of the terminal, also over ssh:
 * OSC 52 (xterm's ctlseqs, "Manipulate Selection Data"). Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

/* Terminals stop at different lengths; this much fits in all that take it. */
enum { CLIPBOARD_MAX = 8192 };

/* Who stands between us and the terminal. */
enum clipboard_way {
    CLIPBOARD_NONE,  /* the terminal would show the bytes */
    CLIPBOARD_PLAIN, /* nobody */
    CLIPBOARD_TMUX,  /* tmux: plain for set-clipboard, wrapped for allow-passthrough */
    CLIPBOARD_SCREEN /* GNU screen: in pieces that it passes on */
};

/* From the values of TERM, TMUX and STY; NULL = not set. */
enum clipboard_way clipboard_way_of(const char *term, const char *tmux,
                                    const char *sty);

/* Adds the bytes to send. False when the text is too long. */
bool clipboard_encode(const char *text, size_t len, enum clipboard_way way,
                      struct strbuf *out);
