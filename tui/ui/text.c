/*
 * Widths are our own short table rather than wcwidth(), which depends on the
 * locale of the process and knows nothing in the C locale. Combining marks and
 * format controls are not shown at all: no cell can then be wider than it says.
 */
#include "ui/text.h"

#include <stdbool.h>
#include <string.h>

#include "base/macros.h"

struct span {
    uint32_t first, last;
};

static const struct span not_shown[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},     {0x61C, 0x61C},
    {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

static const struct span combining[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},
    {0x64B, 0x65F},   {0x6D6, 0x6DC},   {0x900, 0x903},   {0x93A, 0x94F},
    {0xE31, 0xE31},   {0xE34, 0xE3A},   {0xE47, 0xE4E},   {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static const struct span wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},
    {0x2705, 0x2705},   {0x274C, 0x274C},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool in_spans(const struct span *spans, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n; i++) {
        if (cp >= spans[i].first && cp <= spans[i].last)
            return true;
    }
    return false;
}

/* Length of the sequence that a lead byte announces and its value bits; 0 = no lead. */
static size_t lead_length(unsigned char b, uint32_t *ret_bits)
{
    if (b >= 0xC2 && b <= 0xDF) {
        *ret_bits = b & 0x1FU;
        return 2;
    }
    if (b >= 0xE0 && b <= 0xEF) {
        *ret_bits = b & 0x0FU;
        return 3;
    }
    if (b >= 0xF0 && b <= 0xF4) {
        *ret_bits = b & 0x07U;
        return 4;
    }
    return 0;
}

size_t text_decode(const char *s, size_t n, uint32_t *ret_cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char b = (unsigned char)s[0];
    uint32_t cp = b;
    *ret_cp = b < 0x80 ? cp : TEXT_BAD;
    if (b < 0x80)
        return 1;
    size_t length = lead_length(b, &cp);
    if (length == 0 || length > n)
        return 1;
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c & 0xC0U) != 0x80U)
            return 1;
        cp = cp << 6 | (c & 0x3FU);
    }
    if (cp < least[length] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return 1;
    *ret_cp = cp;
    return length;
}

size_t text_encode(uint32_t cp, char ret_utf8[5])
{
    size_t n = 0;
    if (cp < 0x80) {
        ret_utf8[n++] = (char)cp;
    } else if (cp < 0x800) {
        ret_utf8[n++] = (char)(0xC0 | cp >> 6);
        ret_utf8[n++] = (char)(0x80 | (cp & 0x3F));
    } else if (cp < 0x10000) {
        ret_utf8[n++] = (char)(0xE0 | cp >> 12);
        ret_utf8[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
        ret_utf8[n++] = (char)(0x80 | (cp & 0x3F));
    } else {
        ret_utf8[n++] = (char)(0xF0 | cp >> 18);
        ret_utf8[n++] = (char)(0x80 | (cp >> 12 & 0x3F));
        ret_utf8[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
        ret_utf8[n++] = (char)(0x80 | (cp & 0x3F));
    }
    ret_utf8[n] = '\0';
    return n;
}

int text_columns(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7F)
        return 1;
    if (in_spans(not_shown, ARRAY_LEN(not_shown), cp))
        return -1;
    if (in_spans(combining, ARRAY_LEN(combining), cp))
        return 0;
    return in_spans(wide, ARRAY_LEN(wide), cp) ? 2 : 1;
}

int text_width(const char *s)
{
    size_t n = strlen(s);
    int width = 0;
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        i += text_decode(s + i, n - i, &cp);
        int columns = text_columns(cp);
        width += columns > 0 ? columns : 0;
    }
    return width;
}

struct plain {
    uint32_t cp;
    char ascii;
};

static const struct plain plain_forms[] = {
    {0xB0, 'o'},   {0xB1, '+'},    {0xB7, '.'},    {0xD7, 'x'},    {0x2013, '-'},
    {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'},  {0x201D, '"'},
    {0x2022, '*'}, {0x2026, '~'},  {0x2190, '<'},  {0x2191, '^'},  {0x2192, '>'},
    {0x2193, 'v'}, {0x2196, '\\'}, {0x2197, '/'},  {0x2198, '\\'}, {0x2199, '/'},
    {0x2212, '-'}, {0x25B2, '!'},  {0x25B4, '^'},  {0x25B6, '>'},  {0x25B8, '>'},
    {0x25BC, 'v'}, {0x25BE, 'v'},  {0x25C0, '<'},  {0x25C6, '#'},  {0x25CB, 'o'},
    {0x25AA, 'o'}, {0x25CF, '*'},  {0x2605, '*'},  {0x2715, 'x'},  {0x2716, 'x'},
    {0x2717, 'x'}, {0x2713, 'v'},  {0x2500, '-'},  {0x2502, '|'},  {0x2504, '-'},
    {0x2506, '|'}, {0x2574, '-'},  {0x2577, '|'},
};

/* Latin-1 letters without their accents, from U+00C0. */
static const char latin1[] =
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

/* Blocks by height, braille by the number of dots: the darker, the more. */
static char shade(uint32_t cp)
{
    if (cp >= 0x2581 && cp <= 0x2588)
        return "_..-=+##"[cp - 0x2581];
    if (cp >= 0x2589 && cp <= 0x2590)
        return '#';
    static const char by_dots[] = " ..::+*##";
    return by_dots[__builtin_popcount((unsigned)(cp & 0xFF))];
}

char text_ascii(uint32_t cp)
{
    if (cp < 0x7F)
        return cp >= 0x20 ? (char)cp : '?';
    for (size_t i = 0; i < ARRAY_LEN(plain_forms); i++) {
        if (plain_forms[i].cp == cp)
            return plain_forms[i].ascii;
    }
    if (cp >= 0xC0 && cp <= 0xFF)
        return latin1[cp - 0xC0];
    if ((cp >= 0x2800 && cp <= 0x28FF) || (cp >= 0x2581 && cp <= 0x2590))
        return shade(cp);
    if (cp >= 0x250C && cp <= 0x257F)
        return '+';
    return '?';
}
