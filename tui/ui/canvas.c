#include "ui/canvas.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/text.h"

struct canvas {
    int width, height;
    bool ascii;
    enum canvas_dots dots;
    int cursor_x, cursor_y;
    bool cursor_visible;
    struct cell *cells;
};

static int bounded(int v, int max)
{
    return v < 1 ? 1 : v > max ? max : v;
}

struct canvas *canvas_new(int width, int height, bool ascii)
{
    struct canvas *c = xcalloc(1, sizeof *c);
    c->ascii = ascii;
    canvas_resize(c, width, height);
    return c;
}

void canvas_free(struct canvas *c)
{
    if (c == NULL)
        return;
    free(c->cells);
    free(c);
}

void canvas_resize(struct canvas *c, int width, int height)
{
    c->width = bounded(width, CANVAS_MAX_WIDTH);
    c->height = bounded(height, CANVAS_MAX_HEIGHT);
    c->cells =
        xreallocarray(c->cells, (size_t)c->width * (size_t)c->height, sizeof *c->cells);
    canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
    static const struct cell blank = {.text = " ", .role = ROLE_TEXT};
    int n = c->width * c->height;
    for (int i = 0; i < n; i++)
        c->cells[i] = blank;
    canvas_set_cursor(c, -1, -1, false);
}

int canvas_width(const struct canvas *c)
{
    return c->width;
}

int canvas_height(const struct canvas *c)
{
    return c->height;
}

bool canvas_is_ascii(const struct canvas *c)
{
    return c->ascii;
}

void canvas_set_dots(struct canvas *c, enum canvas_dots dots)
{
    c->dots = dots;
}

enum canvas_dots canvas_dots(const struct canvas *c)
{
    return c->ascii ? CANVAS_ASCII : c->dots;
}

struct rect canvas_rect(const struct canvas *c)
{
    return (struct rect){0, 0, c->width, c->height};
}

static struct cell *cell_at(struct canvas *c, int x, int y)
{
    assert(x >= 0 && x < c->width && y >= 0 && y < c->height);
    return &c->cells[y * c->width + x];
}

const struct cell *canvas_cell(const struct canvas *c, int x, int y)
{
    assert(x >= 0 && x < c->width && y >= 0 && y < c->height);
    return &c->cells[y * c->width + x];
}

void canvas_copy(struct canvas *c, const struct canvas *from, struct rect area)
{
    struct rect r = rect_clip(rect_clip(area, canvas_rect(c)), canvas_rect(from));
    for (int y = r.y; y < r.y + r.h; y++)
        memcpy(cell_at(c, r.x, y), canvas_cell(from, r.x, y),
               (size_t)r.w * sizeof(struct cell));
}

void canvas_set_cursor(struct canvas *c, int x, int y, bool visible)
{
    bool inside = x >= 0 && x < c->width && y >= 0 && y < c->height;
    c->cursor_x = inside ? x : -1;
    c->cursor_y = inside ? y : -1;
    c->cursor_visible = inside && visible;
}

void canvas_cursor(const struct canvas *c, int *ret_x, int *ret_y, bool *ret_visible)
{
    *ret_x = c->cursor_x;
    *ret_y = c->cursor_y;
    *ret_visible = c->cursor_visible;
}

void canvas_to_text(const struct canvas *c, struct strbuf *out)
{
    for (int y = 0; y < c->height; y++) {
        size_t line = out->len;
        size_t end = line;
        for (int x = 0; x < c->width; x++) {
            const struct cell *cell = canvas_cell(c, x, y);
            strbuf_add_text(out, cell->text);
            if (strcmp(cell->text, " ") != 0)
                end = out->len;
        }
        strbuf_truncate(out, end);
        strbuf_add_char(out, '\n');
    }
}

struct rect rect_clip(struct rect r, struct rect outer)
{
    int x0 = MAX_OF(r.x, outer.x);
    int y0 = MAX_OF(r.y, outer.y);
    int x1 = MIN_OF(r.x + r.w, outer.x + outer.w);
    int y1 = MIN_OF(r.y + r.h, outer.y + outer.h);
    return (struct rect){x0, y0, MAX_OF(x1 - x0, 0), MAX_OF(y1 - y0, 0)};
}

/* ---- pen ------------------------------------------------------------------ */

struct pen pen_on(struct canvas *c, struct rect area)
{
    return (struct pen){.canvas = c, .area = area};
}

void pen_to(struct pen *pen, int x, int y)
{
    pen->x = x;
    pen->y = y;
}

/* Half of a wide character that is about to be overwritten becomes a blank. */
static void part_wide(struct canvas *c, int x, int y)
{
    if (x < 0 || x >= c->width)
        return;
    struct cell *cell = cell_at(c, x, y);
    if (cell->text[0] == '\0')
        memcpy(cell->text, " ", 2);
}

static void put(struct pen *pen, enum role role, uint32_t cp, int columns)
{
    struct rect area = rect_clip(pen->area, canvas_rect(pen->canvas));
    int x = pen->area.x + pen->x;
    int y = pen->area.y + pen->y;
    pen->x += columns;
    if (x < area.x || x + columns > area.x + area.w || y < area.y ||
        y >= area.y + area.h)
        return;
    struct cell *cell = cell_at(pen->canvas, x, y);
    if (cell->text[0] == '\0' && x > 0)
        memcpy(cell_at(pen->canvas, x - 1, y)->text, " ", 2);
    text_encode(cp, cell->text);
    cell->role = (uint8_t)role;
    cell->marked = pen->marked;
    if (columns == 2) {
        struct cell *second = cell + 1;
        *second = *cell;
        second->text[0] = '\0';
    }
    part_wide(pen->canvas, x + columns, y);
}

/* Writes at most max columns of a text. */
static void put_text(struct pen *pen, enum role role, const char *text, int max)
{
    size_t n = strlen(text);
    int used = 0;
    for (size_t i = 0; i < n;) {
        uint32_t cp;
        i += text_decode(text + i, n - i, &cp);
        int columns = text_columns(cp);
        if (columns == 0)
            continue;
        if (columns < 0 || (pen->canvas->ascii && cp > 0x7E)) {
            cp = (uint32_t)(columns < 0 ? '?' : text_ascii(cp));
            columns = 1;
        }
        if (used + columns > max)
            break;
        put(pen, role, cp, columns);
        used += columns;
    }
}

void pen_text(struct pen *pen, enum role role, const char *text)
{
    put_text(pen, role, text, CANVAS_MAX_WIDTH);
}

void pen_textf(struct pen *pen, enum role role, const char *fmt, ...)
{
    char line[CANVAS_MAX_WIDTH * 4 + 1];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    pen_text(pen, role, line);
}

void pen_repeat(struct pen *pen, enum role role, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        pen_text(pen, role, text);
}

void pen_left(struct pen *pen, enum role role, int width, const char *text)
{
    int start = pen->x;
    if (width <= 0)
        return;
    if (text_width(text) <= width) {
        put_text(pen, role, text, width);
    } else {
        put_text(pen, role, text, width - 1);
        pen_text(pen, role, "…");
    }
    pen_repeat(pen, role, " ", start + width - pen->x);
}

void pen_right(struct pen *pen, enum role role, int width, const char *text)
{
    int need = text_width(text);
    if (need < width)
        pen_repeat(pen, role, " ", width - need);
    pen_left(pen, role, MIN_OF(need, width), text);
}

void pen_end_line(struct pen *pen, enum role role)
{
    pen_repeat(pen, role, " ", pen->area.w - pen->x);
}
