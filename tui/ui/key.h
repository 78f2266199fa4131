/*
 * One key press as a value, its name in keymap files and help, and the parser
 * that makes keys of a terminal's bytes (UTF-8, CSI, SS3, SGR mouse). Pure; one
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_code {
    K_NONE = 0,
    K_TAB = '\t',
    K_ENTER = '\r',
    K_ESC = 0x1B,
    K_BACKSPACE = 0x7F,
    K_FIRST_SPECIAL = 0x110000, /* above Unicode */
    K_UP = K_FIRST_SPECIAL,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_INSERT,
    K_DELETE,
    K_BACKTAB,
    K_F1,
    K_F12 = K_F1 + 11,
    K_MOUSE_DOWN, /* x, y say where; button 0 left, 1 middle, 2 right */
    K_MOUSE_DRAG, /* moved with the button down */
    K_MOUSE_UP,
    K_WHEEL_UP,
    K_WHEEL_DOWN,
    K_CURSOR_REPORT, /* the terminal's answer to DSR 6; y, x its place */
    K_STATUS_REPORT, /* its answer to DSR 5 */
    K_MODE_REPORT,   /* its answer to DECRQM; x the mode, y what of it */
    K_IGNORED        /* understood as a sequence, of no interest */
};

enum key_mods { K_SHIFT = 1, K_ALT = 2, K_CTRL = 4 };

struct key {
    uint32_t code; /* a code point or enum key_code */
    uint8_t mods;  /* set of enum key_mods; Ctrl-C is {'c', K_CTRL} */
    uint8_t button;
    int16_t x, y; /* mouse: cell, from 0 */
};

/*
 * Takes one key off the n bytes at s. Returns the bytes used, or 0 when the
 * sequence is not complete (call again with more; when no more comes within the
 * escape delay, with `final`, which gives up on a sequence and takes ESC alone).
 */
size_t key_parse(const char *s, size_t n, bool final, struct key *ret_key);

/* "q", "C-c", "M-x", "PgUp", "F5", "Space"; false when the name is none. */
bool key_by_name(const char *name, size_t n, struct key *ret_key);

enum { KEY_NAME_SIZE = 24 };
void key_name(struct key key, char ret_name[KEY_NAME_SIZE]);

static inline bool key_same(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}
