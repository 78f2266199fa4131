/*
 * ECMA-48 sequences as xterm, tmux, screen, rxvt, the Linux console and PuTTY
 * send them; which terminal it is does not matter, as the forms do not collide.
 */
#include "ui/key.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "ui/text.h"

struct named_key {
    const char *name;
    uint32_t code;
};

static const struct named_key named[] = {
    {"Up", K_UP},         {"Down", K_DOWN},      {"Left", K_LEFT},
    {"Right", K_RIGHT},   {"Home", K_HOME},      {"End", K_END},
    {"PgUp", K_PAGE_UP},  {"PgDn", K_PAGE_DOWN}, {"Insert", K_INSERT},
    {"Delete", K_DELETE}, {"Tab", K_TAB},        {"BackTab", K_BACKTAB},
    {"Enter", K_ENTER},   {"Esc", K_ESC},        {"Backspace", K_BACKSPACE},
    {"Space", ' '},
};

/* ---- names ---------------------------------------------------------------- */

static bool code_by_name(const char *name, size_t n, uint32_t *ret_code)
{
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (strlen(named[i].name) == n && strncasecmp(named[i].name, name, n) == 0) {
            *ret_code = named[i].code;
            return true;
        }
    }
    if (n >= 2 && n <= 3 && (name[0] == 'F' || name[0] == 'f')) {
        unsigned number = 0;
        for (size_t i = 1; i < n && name[i] >= '0' && name[i] <= '9'; i++)
            number = number * 10 + (unsigned)(name[i] - '0');
        *ret_code = K_F1 + number - 1;
        return number >= 1 && number <= 12;
    }
    uint32_t cp;
    if (n == 0 || text_decode(name, n, &cp) != n || text_columns(cp) < 1)
        return false;
    *ret_code = cp;
    return true;
}

bool key_by_name(const char *name, size_t n, struct key *ret_key)
{
    struct key key = {0};
    while (n > 2 && name[1] == '-') {
        if (name[0] == 'C')
            key.mods |= K_CTRL;
        else if (name[0] == 'M')
            key.mods |= K_ALT;
        else if (name[0] == 'S')
            key.mods |= K_SHIFT;
        else
            break;
        name += 2;
        n -= 2;
    }
    if (!code_by_name(name, n, &key.code))
        return false;
    *ret_key = key;
    return true;
}

void key_name(struct key key, char ret_name[KEY_NAME_SIZE])
{
    char base[8];
    const char *text = base;
    text_encode(key.code < K_FIRST_SPECIAL ? key.code : '?', base);
    if (key.code >= K_F1 && key.code <= K_F12)
        snprintf(base, sizeof base, "F%u", key.code - K_F1 + 1);
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (named[i].code == key.code)
            text = named[i].name;
    }
    snprintf(ret_name, KEY_NAME_SIZE, "%s%s%s%s", key.mods & K_CTRL ? "C-" : "",
             key.mods & K_ALT ? "M-" : "", key.mods & K_SHIFT ? "S-" : "", text);
}

/* ---- bytes ---------------------------------------------------------------- */

enum { CSI_PARAMS = 6, CSI_MAX = 64 };

struct csi {
    char prefix; /* '<', '?' or 0 */
    char final;
    int params[CSI_PARAMS];
    int count;
};

/* Reads a CSI after ESC [. Bytes used; 0 = not complete yet. */
static size_t read_csi(const char *s, size_t n, struct csi *ret_csi)
{
    struct csi csi = {0};
    size_t i = 0;
    if (i < n && s[i] >= '<' && s[i] <= '?')
        csi.prefix = s[i++];
    for (; i < n && i < CSI_MAX; i++) {
        char c = s[i];
        if (c >= '0' && c <= '9' && csi.count < CSI_PARAMS) {
            int *p = &csi.params[csi.count];
            *p = *p < 10000 ? *p * 10 + (c - '0') : *p;
        } else if (c == ';' || c == ':') {
            csi.count += csi.count < CSI_PARAMS ? 1 : 0;
        } else if (c >= 0x40 && c <= 0x7E) {
            csi.final = c;
            *ret_csi = csi;
            return i + 1;
        }
    }
    return i >= CSI_MAX ? i : 0;
}

static uint32_t tilde_code(int number)
{
    static const struct {
        int number;
        uint32_t code;
    } rows[] = {
        {1, K_HOME},    {2, K_INSERT},    {3, K_DELETE},   {4, K_END},
        {5, K_PAGE_UP}, {6, K_PAGE_DOWN}, {7, K_HOME},     {8, K_END},
        {11, K_F1},     {12, K_F1 + 1},   {13, K_F1 + 2},  {14, K_F1 + 3},
        {15, K_F1 + 4}, {17, K_F1 + 5},   {18, K_F1 + 6},  {19, K_F1 + 7},
        {20, K_F1 + 8}, {21, K_F1 + 9},   {23, K_F1 + 10}, {24, K_F12},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].number == number)
            return rows[i].code;
    }
    return K_IGNORED;
}

static uint32_t letter_code(char final)
{
    switch (final) {
    case 'A': return K_UP;
    case 'B': return K_DOWN;
    case 'C': return K_RIGHT;
    case 'D': return K_LEFT;
    case 'F': return K_END;
    case 'H': return K_HOME;
    case 'M': return K_ENTER;
    case 'P': return K_F1;
    case 'Q': return K_F1 + 1;
    case 'R': return K_F1 + 2;
    case 'S': return K_F1 + 3;
    case 'Z': return K_BACKTAB;
    default: return K_IGNORED;
    }
}

/* What xterm adds to the button's number while the mouse moves. */
enum { MOTION = 32 };

static struct key mouse_key(const struct csi *csi)
{
    struct key key = {.code = K_IGNORED};
    int button = csi->params[0];
    key.x = (int16_t)(csi->params[1] - 1);
    key.y = (int16_t)(csi->params[2] - 1);
    if (button == 64)
        key.code = K_WHEEL_UP;
    else if (button == 65)
        key.code = K_WHEEL_DOWN;
    else if (csi->final == 'M' && button <= 2)
        key.code = K_MOUSE_DOWN;
    else if (csi->final == 'M' && button >= MOTION && button <= MOTION + 2)
        key.code = K_MOUSE_DRAG;
    else if (csi->final == 'm' && button <= 2)
        key.code = K_MOUSE_UP;
    key.button = (uint8_t)(button & 3);
    return key;
}

static struct key csi_key(const struct csi *csi)
{
    struct key key = {.code = K_IGNORED};
    if (csi->prefix == '<')
        return mouse_key(csi);
    if (csi->prefix == '?' && csi->final == 'y') {
        key.code = K_MODE_REPORT;
        key.x = (int16_t)csi->params[0];
        key.y = (int16_t)csi->params[1];
    }
    if (csi->prefix != 0)
        return key;
    if (csi->final == 'n') {
        key.code = K_STATUS_REPORT;
        return key;
    }
    if (csi->final == 'R' && csi->count == 1 && csi->params[0] > 1) {
        key.code = K_CURSOR_REPORT;
        key.y = (int16_t)csi->params[0];
        key.x = (int16_t)csi->params[1];
        return key;
    }
    key.code = csi->final == '~' ? tilde_code(csi->params[0]) : letter_code(csi->final);
    /* xterm's modifier is 1 + a set of shift 1, alt 2, ctrl 4 */
    if (csi->count >= 1 && csi->params[1] > 1 && csi->params[1] <= 8)
        key.mods = (uint8_t)(csi->params[1] - 1);
    return key;
}

static size_t parse_escape(const char *s, size_t n, bool final, struct key *ret_key)
{
    struct csi csi = {0};
    *ret_key = (struct key){.code = K_ESC};
    if (n == 1)
        return final ? 1 : 0;
    if (s[1] == '[' && n >= 3 && s[2] == '[') { /* Linux console: ESC [ [ A is F1 */
        bool f = n >= 4 && s[3] >= 'A' && s[3] <= 'E';
        ret_key->code = f ? K_F1 + (uint32_t)(s[3] - 'A') : K_IGNORED;
        return n >= 4 ? 4 : final ? n : 0;
    }
    if (s[1] == '[') {
        size_t used = read_csi(s + 2, n - 2, &csi);
        if (used == 0) {
            ret_key->code = K_IGNORED;
            return final ? n : 0;
        }
        *ret_key = csi_key(&csi);
        return used + 2;
    }
    if (s[1] == 'O' && n >= 3) {
        ret_key->code = letter_code(s[2]);
        return 3;
    }
    if (s[1] == 'O' && !final)
        return 0;
    if (s[1] == 0x1B)
        return 1;
    size_t used = key_parse(s + 1, n - 1, final, ret_key);
    ret_key->mods |= K_ALT;
    return used > 0 ? used + 1 : 0;
}

/* The whole length that a lead byte asks for. */
static size_t utf8_length(unsigned char lead)
{
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
}

size_t key_parse(const char *s, size_t n, bool final, struct key *ret_key)
{
    unsigned char c = (unsigned char)s[0];
    *ret_key = (struct key){.code = c};
    if (c == K_ESC)
        return parse_escape(s, n, final, ret_key);
    if (c == '\n' || c == '\r' || c == '\t' || c == K_BACKSPACE) {
        ret_key->code = c == '\n' ? K_ENTER : c;
    } else if (c == 0x08) {
        ret_key->code = K_BACKSPACE;
    } else if (c < 0x20) {
        ret_key->code = c == 0 ? ' ' : c + 0x60U;
        ret_key->mods = K_CTRL;
    } else if (c >= 0x80) {
        if (utf8_length(c) > n && !final)
            return 0;
        size_t used = text_decode(s, n, &ret_key->code);
        ret_key->code = ret_key->code == TEXT_BAD ? K_IGNORED : ret_key->code;
        return used;
    }
    return 1;
}
