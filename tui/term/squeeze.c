#include "term/squeeze.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

enum { SGR_MAX = 128, PARAMETERS_MAX = 24, ATTRIBUTES_END = 12 };

#define SHIFT_OUT '\016'
#define SHIFT_IN  '\017'

void squeeze_init(struct squeeze *q, bool has_defaults)
{
    memset(q, 0, sizeof *q);
    q->has_defaults = has_defaults;
}

void squeeze_forget(struct squeeze *q)
{
    squeeze_init(q, q->has_defaults);
}

static bool same_look(const struct look *a, const struct look *b)
{
    return strcmp(a->fg, b->fg) == 0 && strcmp(a->bg, b->bg) == 0 &&
           a->attributes == b->attributes;
}

/* ---- saying a look --------------------------------------------------------------- */

struct sgr {
    char text[SGR_MAX];
    size_t len;
};

static void add_parameter(struct sgr *sgr, const char *parameter)
{
    int n = snprintf(sgr->text + sgr->len, sizeof sgr->text - sgr->len, "%s%s",
                     sgr->len > 0 ? ";" : "", parameter);
    sgr->len += (size_t)n;
}

static void add_difference(struct sgr *sgr, const struct look *from,
                           const struct look *to)
{
    /* Dim before bold: where one ends the other, bold is what ncurses ends with. */
    static const unsigned order[] = {2, 1, 3, 4, 5, 6, 7, 8, 9, 11};
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char number[4];
        if (((to->attributes & ~from->attributes) >> order[i] & 1U) == 0)
            continue;
        snprintf(number, sizeof number, "%u", order[i]);
        add_parameter(sgr, number);
    }
    if (strcmp(from->fg, to->fg) != 0)
        add_parameter(sgr, to->fg[0] != '\0' ? to->fg : "39");
    if (strcmp(from->bg, to->bg) != 0)
        add_parameter(sgr, to->bg[0] != '\0' ? to->bg : "49");
}

/* What can only be taken back by a reset. */
static bool needs_reset(const struct squeeze *q)
{
    const struct look *from = &q->actual;
    const struct look *to = &q->wanted;
    bool loses_colour = (from->fg[0] != '\0' && to->fg[0] == '\0') ||
                        (from->bg[0] != '\0' && to->bg[0] == '\0');
    return (from->attributes & ~to->attributes) != 0 ||
           (loses_colour && !q->has_defaults);
}

/* Before something is drawn. */
static void say_look(struct squeeze *q, struct strbuf *out)
{
    static const struct look plain = {.attributes = 0};
    struct sgr after_reset = {.len = 0};
    struct sgr onwards = {.len = 0};
    if (!q->sure || same_look(&q->actual, &q->wanted))
        return;
    if (!same_look(&plain, &q->wanted))
        add_parameter(&after_reset, "0");
    add_difference(&after_reset, &plain, &q->wanted);
    add_difference(&onwards, &q->actual, &q->wanted);
    bool reset = needs_reset(q) || after_reset.len < onwards.len;
    strbuf_addf(out, "\033[%sm", reset ? after_reset.text : onwards.text);
    q->actual = q->wanted;
}

/* ---- understanding one ----------------------------------------------------------- */

/* The parameters of a sequence: numbers with where they stand in the text. */
struct parameters {
    const char *text; /* behind ESC [ */
    unsigned numbers[PARAMETERS_MAX];
    size_t starts[PARAMETERS_MAX + 1];
    size_t count;
};

/* n bytes of digits and semicolons. False when it is something else. */
static bool read_parameters(struct parameters *p, const char *text, size_t n)
{
    *p = (struct parameters){.text = text, .count = 1};
    for (size_t i = 0; i < n; i++) {
        unsigned *number = &p->numbers[p->count - 1];
        if (text[i] == ';' && p->count < PARAMETERS_MAX)
            p->starts[p->count++] = i + 1;
        else if (text[i] >= '0' && text[i] <= '9' && *number < 10000)
            *number = *number * 10 + (unsigned)(text[i] - '0');
        else
            return false;
    }
    p->starts[p->count] = n + 1;
    return true;
}

/* The text of `used` parameters from i on is the colour; 39 and 49 are the default. */
static bool keep_colour(char *colour, const struct parameters *p, size_t i, size_t used)
{
    if (p->numbers[i] % 10 == 9 && p->numbers[i] < 50) {
        colour[0] = '\0';
        return true;
    }
    if (i + used > p->count)
        return false;
    size_t n = p->starts[i + used] - 1 - p->starts[i];
    if (n >= LOOK_COLOUR_SIZE)
        return false;
    memcpy(colour, p->text + p->starts[i], n);
    colour[n] = '\0';
    return true;
}

/* 38;5;N and 38;2;R;G;B have three and five parameters. 0: neither. */
static size_t colour_parameters(const struct parameters *p, size_t i)
{
    unsigned number = p->numbers[i];
    bool extended = number == 38 || number == 48;
    unsigned kind = extended && i + 1 < p->count ? p->numbers[i + 1] : 0;
    return !extended ? 1 : kind == 5 ? 3 : kind == 2 ? 5 : 0;
}

static bool take_attribute(struct look *look, unsigned number)
{
    static const unsigned ended[] = {
        [2] = 1U << 1 | 1U << 2, [3] = 1U << 3, [4] = 1U << 4, [5] = 1U << 5 | 1U << 6,
        [7] = 1U << 7,           [8] = 1U << 8, [9] = 1U << 9};
    if (number == 0)
        *look = (struct look){.attributes = 0};
    else if (number == 10)
        look->attributes &= ~(1U << 11);
    else if (number < ATTRIBUTES_END)
        look->attributes |= 1U << number;
    else if (number >= 22 && number <= 29 && ended[number - 20] != 0)
        look->attributes &= ~ended[number - 20];
    else
        return false;
    return true;
}

static bool is_colour(unsigned number, unsigned ground)
{
    return number / 10 == ground || number / 10 == ground + 6;
}

/* One parameter, or a colour's few; how many were used, 0: not understood. */
static size_t take_parameter(struct look *look, const struct parameters *p, size_t i)
{
    unsigned number = p->numbers[i];
    size_t used = colour_parameters(p, i);
    bool ok;
    if (used == 0)
        return 0;
    if (is_colour(number, 3))
        ok = keep_colour(look->fg, p, i, used);
    else if (is_colour(number, 4))
        ok = keep_colour(look->bg, p, i, used);
    else
        ok = take_attribute(look, number);
    return ok ? used : 0;
}

/* SGR, with ESC [ and m. */
static void take_sgr(struct squeeze *q, const char *whole, size_t whole_n,
                     struct strbuf *out)
{
    struct parameters p;
    struct look look = q->wanted;
    bool ok = read_parameters(&p, whole + 2, whole_n - 3);
    bool resets = ok && p.numbers[0] == 0;
    size_t used = 1;
    for (size_t i = 0; ok && i < p.count; i += used) {
        used = take_parameter(&look, &p, i);
        ok = used > 0;
    }
    if (ok && q->sure) {
        q->wanted = look;
        return;
    }
    say_look(q, out);
    strbuf_add(out, whole, whole_n);
    q->sure = ok && resets;
    q->wanted = q->actual = look;
}

/* ---- a frame -----------------------------------------------------------------------
 */

/* The length of the escape sequence at the beginning; n when it does not end. */
static size_t sequence_length(const char *text, size_t n)
{
    size_t i = 1;
    if (n < 2)
        return n;
    if (text[1] != '[') {
        while (i < n && text[i] >= 0x20 && text[i] <= 0x2F)
            i++;
        return i < n ? i + 1 : n;
    }
    for (i = 2; i < n && (text[i] < 0x40 || text[i] > 0x7E);)
        i++;
    return i < n ? i + 1 : n;
}

enum effect { MOVES, DRAWS, UNKNOWN };

/* Modes that have nothing to do with the look: insert, wrap, blinking and visible
 * cursor, synchronized. */
static bool is_harmless_mode(const char *parameters, size_t n)
{
    static const char *const modes[] = {"4", "?7", "?12", "?25", "?12;25", "?2026"};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (strlen(modes[i]) == n && memcmp(modes[i], parameters, n) == 0)
            return true;
    }
    return false;
}

static enum effect effect_of(const char *text, size_t n)
{
    char final = text[n - 1];
    if (n == 2)
        return final == 'M' || final == 'D' || final == 'E' ? DRAWS : UNKNOWN;
    if (text[1] != '[')
        return UNKNOWN;
    if (final == 'h' || final == 'l')
        return is_harmless_mode(text + 2, n - 3) ? MOVES : UNKNOWN;
    if (strchr("ABCDEFGHIZdfr`", final) != NULL)
        return MOVES;
    return strchr("JKX@PLMSTb", final) != NULL ? DRAWS : UNKNOWN;
}

static void take_sequence(struct squeeze *q, const char *text, size_t n,
                          struct strbuf *out)
{
    if (n > 2 && text[1] == '[' && text[n - 1] == 'm') {
        take_sgr(q, text, n, out);
        return;
    }
    if (n == 3 && text[1] == '(') {
        if (q->charset != text[2])
            strbuf_add(out, text, n);
        q->charset = text[2];
        return;
    }
    enum effect effect = n > 1 ? effect_of(text, n) : UNKNOWN;
    if (effect != MOVES)
        say_look(q, out);
    strbuf_add(out, text, n);
    if (effect == UNKNOWN)
        squeeze_forget(q);
}

/* A control character. */
static void take_control(struct squeeze *q, char c, struct strbuf *out)
{
    bool shifts = c == SHIFT_IN || c == SHIFT_OUT;
    if (shifts && q->shift == c)
        return;
    if (shifts)
        q->shift = c;
    else if (c != '\r' && c != '\b' && c != '\t' && c != '\0' && c != '\a')
        say_look(q, out);
    strbuf_add_char(out, c);
}

static bool is_text(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7F;
}

void squeeze_frame(struct squeeze *q, const char *frame, size_t n, struct strbuf *out)
{
    for (size_t i = 0; i < n;) {
        size_t used = 1;
        if (is_text(frame[i])) {
            while (i + used < n && is_text(frame[i + used]))
                used++;
            say_look(q, out);
            strbuf_add(out, frame + i, used);
        } else if (frame[i] == '\033') {
            used = sequence_length(frame + i, n - i);
            take_sequence(q, frame + i, used, out);
        } else {
            take_control(q, frame[i], out);
        }
        i += used;
    }
    say_look(q, out);
}
