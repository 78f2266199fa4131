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

/* EastAsianWidth W and F of Unicode 14 (UAX #11), assigned characters only. */
static const struct span wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x23F0, 0x23F0},   {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x2E99},
    {0x2E9B, 0x2EF3},   {0x2F00, 0x2FD5},   {0x2FF0, 0x2FFB},   {0x3000, 0x3029},
    {0x3030, 0x303E},   {0x3041, 0x3096},   {0x309B, 0x30FF},   {0x3105, 0x312F},
    {0x3131, 0x318E},   {0x3190, 0x31E3},   {0x31F0, 0x321E},   {0x3220, 0x3247},
    {0x3250, 0x4DBF},   {0x4E00, 0xA48C},   {0xA490, 0xA4C6},   {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFA6D},   {0xFA70, 0xFAD9},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE52},   {0xFE54, 0xFE66},   {0xFE68, 0xFE6B},   {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x16FE3}, {0x17000, 0x187F7}, {0x18800, 0x18CD5},
    {0x18D00, 0x18D08}, {0x1AFF0, 0x1AFF3}, {0x1AFF5, 0x1AFFB}, {0x1AFFD, 0x1AFFE},
    {0x1B000, 0x1B122}, {0x1B150, 0x1B152}, {0x1B164, 0x1B167}, {0x1B170, 0x1B2FB},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
    {0x1F200, 0x1F202}, {0x1F210, 0x1F23B}, {0x1F240, 0x1F248}, {0x1F250, 0x1F251},
    {0x1F260, 0x1F265}, {0x1F300, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C},
    {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0},
    {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC},
    {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A},
    {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5},
    {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6D7}, {0x1F6DD, 0x1F6DF},
    {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0},
    {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FA74},
    {0x1FA78, 0x1FA7C}, {0x1FA80, 0x1FA86}, {0x1FA90, 0x1FAAC}, {0x1FAB0, 0x1FABA},
    {0x1FAC0, 0x1FAC5}, {0x1FAD0, 0x1FAD9}, {0x1FAE0, 0x1FAE7}, {0x1FAF0, 0x1FAF6},
    {0x20000, 0x2A6DF}, {0x2A700, 0x2B738}, {0x2B740, 0x2B81D}, {0x2B820, 0x2CEA1},
    {0x2CEB0, 0x2EBE0}, {0x2F800, 0x2FA1D}, {0x30000, 0x3134A},
};

/* The spans are in order. */
static bool in_spans(const struct span *spans, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n && cp >= spans[i].first; i++) {
        if (cp <= spans[i].last)
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

uint32_t text_console(uint32_t cp)
{
    static const uint32_t there[] = {
        0x2190, 0x2191, 0x2192, 0x2193, 0x2022, 0x25A0, 0x25B2, 0x25BA, 0x25BC, 0x25C4,
        0x25CB, 0x2580, 0x2584, 0x2588, 0x258C, 0x2590, 0x2591, 0x2592, 0x2593, 0x2500,
        0x2502, 0x250C, 0x2510, 0x2514, 0x2518, 0x251C, 0x2524, 0x252C, 0x2534, 0x253C,
    };
    /* What is not there, but its like is: discs, squares, bars of eighths. */
    static const uint32_t like[][2] = {
        {0x25CF, 0x2022}, {0x25AA, 0x25A0}, {0x25B6, 0x25BA}, {0x25C0, 0x25C4},
        {0x2583, 0x2584}, {0x2585, 0x2584}, {0x2586, 0x2588}, {0x2587, 0x2588},
        {0x2589, 0x2588}, {0x258A, 0x2588}, {0x258B, 0x258C}, {0x258D, 0x258C},
        {0x258E, 0x2502}, {0x258F, 0x2502},
    };
    if (cp < 0x100)
        return cp;
    for (size_t i = 0; i < ARRAY_LEN(there); i++) {
        if (there[i] == cp)
            return cp;
    }
    for (size_t i = 0; i < ARRAY_LEN(like); i++) {
        if (like[i][0] == cp)
            return like[i][1];
    }
    char ascii = text_ascii(cp);
    return ascii != '?' ? (uint32_t)ascii : cp;
}
