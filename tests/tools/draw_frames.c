/*
 * Random frames by seed through the real screen on the terminal that is its
 * standard output; what each is to look like goes to a file, so that the bytes
 * can be replayed through a terminal that is not ours (tests/tui/test_wire.py).
 *
 *     draw_frames SEED FRAMES WIDTHxHEIGHT EXPECTED
 *
 * EXPECTED has, for each frame, `frame BYTES WIDTH HEIGHT X Y VISIBLE` (bytes sent
 * up to then, the cursor) and one line a cell, row by row: `fg bg attributes text`,
 * colours -1, a palette index or 0x1000000 | 0xRRGGBB, no text in the second column
 * of a wide character.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "term/caps.h"
#include "term/screen.h"
#include "ui/canvas.h"
#include "ui/text.h"
#include "ui/theme.h"

static const char *const samples[] = {
    "SWR14A",
    "    11 250",
    "─────────────────────",
    "⠁⠂⠄⡀⢀⣿⣷⡷⠶",
    "▁▂▃▄▅▆▇█ ●○▲✖ ↑↓→",
    "日本語サービス",
    "Zürich–Genève",
    "\033[31mred\033]0;owned\007",
    "a\xcc\x81-combining\xe2\x80\xae-gnirts\xe2\x81\xa6",
    "\xff\xfe broken \xc3",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "                                                             ",
    "\xf0\x9f\x9b\xa9 \xf0\x9f\x87\xa8\xf0\x9f\x87\xad \xe2\x9c\x88\xef\xb8\x8f",
    "\t\n\r\b\x7f\xc2\x9b;31m",
};

struct painter {
    uint64_t state;
    struct canvas *canvas;
    struct theme theme;
    struct screen *screen;
    struct caps caps;
    FILE *expected;
};

/* xorshift64: the same frames everywhere. */
static int roll(struct painter *p, int sides)
{
    p->state ^= p->state << 13;
    p->state ^= p->state >> 7;
    p->state ^= p->state << 17;
    if (sides < 1)
        return 0;
    return (int)(p->state % (uint64_t)sides);
}

static void draw_text(struct painter *p)
{
    int w = canvas_width(p->canvas), h = canvas_height(p->canvas);
    struct rect area = {roll(p, w), roll(p, h), 1 + roll(p, w), 1 + roll(p, h)};
    struct pen pen = pen_on(p->canvas, area);
    enum role role = (enum role)roll(p, ROLE_COUNT);
    pen.marked = roll(p, 4) == 0;
    pen_to(&pen, roll(p, area.w + 2) - 1, roll(p, area.h));
    pen_text(&pen, role, samples[roll(p, (int)ARRAY_LEN(samples))]);
    if (roll(p, 3) == 0)
        pen_end_line(&pen, role);
}

/* Everything one line up or down: what tempts a terminal library to scroll. */
static void shift(struct painter *p)
{
    int w = canvas_width(p->canvas), h = canvas_height(p->canvas);
    int by = roll(p, 2) == 0 ? 1 : -1;
    struct canvas *copy = canvas_new(w, h, canvas_is_ascii(p->canvas));
    canvas_copy(copy, p->canvas, canvas_rect(p->canvas));
    for (int y = 0; y < h; y++) {
        struct pen pen = pen_on(p->canvas, (struct rect){0, y, w, 1});
        int from = (y + by + h) % h;
        for (int x = 0; x < w; x++) {
            const struct cell *cell = canvas_cell(copy, x, from);
            pen.marked = cell->marked;
            pen_to(&pen, x, 0);
            pen_text(&pen, (enum role)cell->role, cell->text);
        }
    }
    canvas_free(copy);
}

static void change_size(struct painter *p)
{
    int w = 20 + roll(p, 100), h = 5 + roll(p, 40);
    canvas_resize(p->canvas, w, h);
    screen_resize(p->screen, w, h);
}

static void change_theme(struct painter *p)
{
    struct strbuf error;
    strbuf_init(&error, 256);
    size_t n = 0;
    while (theme_builtin_name(n) != NULL)
        n++;
    const char *name = theme_builtin_name((size_t)roll(p, (int)n));
    if (theme_load(&p->theme, name, NULL, &error) == 0)
        screen_set_theme(p->screen, &p->theme);
    strbuf_release(&error);
}

static void draw_frame(struct painter *p)
{
    if (roll(p, 40) == 0)
        change_size(p);
    if (roll(p, 60) == 0)
        change_theme(p);
    if (roll(p, 30) == 0)
        canvas_clear(p->canvas);
    if (roll(p, 10) == 0)
        shift(p);
    if (roll(p, 50) == 0)
        screen_redraw(p->screen);
    for (int n = roll(p, 12); n > 0; n--)
        draw_text(p);
    canvas_set_cursor(p->canvas, roll(p, canvas_width(p->canvas)),
                      roll(p, canvas_height(p->canvas)), roll(p, 2) == 0);
}

static void tell_cell(struct painter *p, const struct cell *cell)
{
    struct theme_style style =
        theme_style(&p->theme, (enum role)cell->role, p->caps.depth, cell->marked);
    char text[5];
    uint32_t cp = 0;
    if (cell->text[0] != '\0')
        text_decode(cell->text, strlen(cell->text), &cp);
    bool other = p->caps.console && cp != 0 && text_columns(cp) == 1;
    text_encode(other ? text_console(cp) : cp, text);
    fprintf(p->expected, "%d %d %u %s\n", style.fg, style.bg, style.attrs, text);
}

static void tell_frame(struct painter *p)
{
    int w = canvas_width(p->canvas), h = canvas_height(p->canvas), x, y;
    bool visible;
    canvas_cursor(p->canvas, &x, &y, &visible);
    fprintf(p->expected, "frame %llu %d %d %d %d %d\n",
            (unsigned long long)screen_bytes(p->screen), w, h, x, y, visible);
    for (int i = 0; i < w * h; i++)
        tell_cell(p, canvas_cell(p->canvas, i % w, i / w));
}

static void paint(struct painter *p, int frames)
{
    for (int i = 0; i < frames; i++) {
        draw_frame(p);
        if (screen_present(p->screen, p->canvas) != 0)
            exit(1);
        tell_frame(p);
    }
}

int main(int argc, char **argv)
{
    struct painter p = {0};
    const char *times = argc == 5 ? strchr(argv[3], 'x') : NULL;
    if (times == NULL)
        return 2;
    int width = (int)strtol(argv[3], NULL, 10);
    int height = (int)strtol(times + 1, NULL, 10);
    p.state = strtoull(argv[1], NULL, 10) * UINT64_C(2654435761) + 1;
    p.expected = fopen(argv[4], "w");
    if (p.expected == NULL)
        return 1;
    theme_init(&p.theme);
    caps_find(&p.caps, STDOUT_FILENO, CAPS_COLOURS_AUTO, false);
    struct strbuf error;
    strbuf_init(&error, 256);
    theme_load(&p.theme, "default", NULL, &error);
    strbuf_release(&error);
    p.screen = screen_open(STDOUT_FILENO, &p.caps, &p.theme, false);
    p.canvas = canvas_new(width, height, !p.caps.utf8);
    if (p.screen == NULL)
        return 1;
    screen_synchronize(p.screen);
    screen_ask(p.screen, p.caps.answers);
    paint(&p, (int)strtol(argv[2], NULL, 10));
    screen_close(p.screen);
    canvas_free(p.canvas);
    return fclose(p.expected) == 0 ? 0 : 1;
}
