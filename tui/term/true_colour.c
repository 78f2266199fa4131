#include "term/true_colour.h"

#include <stdio.h>
#include <string.h>

#include "ui/theme.h"

/* ESC [ 3 8 ; 5 ; N m, with 4 for the background; N has two or three digits. */
enum { LEAD = 7, DIGITS_MAX = 3, TEXT_MAX = 24 };

void true_colour_clear(struct true_colour *t)
{
    t->count = 0;
}

int true_colour_number(struct true_colour *t, int colour)
{
    if (colour < TRUE_COLOUR_FIRST)
        return colour;
    for (int i = 0; i < t->count; i++) {
        if (t->colours[i] == colour)
            return TRUE_COLOUR_FIRST + i;
    }
    if (t->count == TRUE_COLOUR_MAX)
        return COLOUR_DEFAULT;
    t->colours[t->count] = colour;
    return TRUE_COLOUR_FIRST + t->count++;
}

/* The length of a colour's sequence at the beginning of a text, or 0. */
static size_t sequence_at(const char *text, size_t n, int *ret_number)
{
    if (n < LEAD || (memcmp(text, "\033[38;5;", LEAD) != 0 &&
                     memcmp(text, "\033[48;5;", LEAD) != 0))
        return 0;
    int number = 0;
    size_t i = LEAD;
    for (; i < n && i < LEAD + DIGITS_MAX && text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (text[i] - '0');
    if (i == LEAD || i == n || text[i] != 'm')
        return 0;
    *ret_number = number;
    return i + 1;
}

/* ground: '3' or '4'. */
static size_t put_colour(char ground, int colour, char *out)
{
    char text[TEXT_MAX];
    int n;
    if (colour >= COLOUR_RGB)
        n = snprintf(text, sizeof text, "\033[%c8;2;%d;%d;%dm", ground,
                     colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF);
    else
        n = snprintf(text, sizeof text, "\033[%c8;5;%dm", ground, colour);
    memcpy(out, text, (size_t)n);
    return (size_t)n;
}

size_t true_colour_translate(const struct true_colour *t, const char *frame, size_t n,
                             char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        int number = 0;
        size_t used = frame[i] == '\033' ? sequence_at(frame + i, n - i, &number) : 0;
        int slot = number - TRUE_COLOUR_FIRST;
        if (used > 0 && slot >= 0 && slot < t->count) {
            len += put_colour(frame[i + 2], t->colours[slot], out + len);
            i += used;
        } else {
            out[len++] = frame[i++];
        }
    }
    return len;
}
