#include "widgets/line_input.h"

#include <stdio.h>
#include <string.h>

#include "ui/text.h"

void line_input_set(struct line_input *line, const char *text)
{
    snprintf(line->text, sizeof line->text, "%s", text);
    line->len = line->cursor = strlen(line->text);
    line->history_at = line->history_count;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0U) == 0x80U;
}

static size_t before(const struct line_input *line, size_t at)
{
    do {
        at -= at > 0 ? 1 : 0;
    } while (at > 0 && is_continuation(line->text[at]));
    return at;
}

static size_t after(const struct line_input *line, size_t at)
{
    do {
        at += at < line->len ? 1 : 0;
    } while (at < line->len && is_continuation(line->text[at]));
    return at;
}

/* Takes out the bytes from..to and leaves the cursor at `from`. */
static enum line_event cut(struct line_input *line, size_t from, size_t to)
{
    if (from == to)
        return LINE_NOTHING;
    memmove(line->text + from, line->text + to, line->len - to + 1);
    line->len -= to - from;
    line->cursor = from;
    return LINE_CHANGED;
}

static size_t word_start(const struct line_input *line)
{
    size_t at = line->cursor;
    while (at > 0 && line->text[at - 1] == ' ')
        at--;
    while (at > 0 && line->text[at - 1] != ' ')
        at--;
    return at;
}

static enum line_event insert(struct line_input *line, uint32_t cp)
{
    char utf8[5];
    size_t n = text_encode(cp, utf8);
    if (line->len + n > LINE_INPUT_MAX || text_columns(cp) < 1)
        return LINE_NOTHING;
    memmove(line->text + line->cursor + n, line->text + line->cursor,
            line->len - line->cursor + 1);
    memcpy(line->text + line->cursor, utf8, n);
    line->len += n;
    line->cursor += n;
    return LINE_CHANGED;
}

void line_input_remember(struct line_input *line)
{
    if (line->len == 0 ||
        (line->history_count > 0 &&
         strcmp(line->history[line->history_count - 1], line->text) == 0))
        return;
    if (line->history_count == LINE_HISTORY_MAX) {
        line->history_count--;
        memmove(line->history[0], line->history[1],
                line->history_count * sizeof line->history[0]);
    }
    memcpy(line->history[line->history_count++], line->text, sizeof line->text);
    line->history_at = line->history_count;
}

static enum line_event recall(struct line_input *line, int step)
{
    size_t at = line->history_at + (size_t)step;
    if ((step < 0 && line->history_at == 0) || at > line->history_count)
        return LINE_NOTHING;
    line_input_set(line, at < line->history_count ? line->history[at] : "");
    line->history_at = at;
    return LINE_CHANGED;
}

static enum line_event control_key(struct line_input *line, uint32_t code)
{
    switch (code) {
    case 'a': line->cursor = 0; return LINE_NOTHING;
    case 'e': line->cursor = line->len; return LINE_NOTHING;
    case 'u': return cut(line, 0, line->cursor);
    case 'k': return cut(line, line->cursor, line->len);
    case 'w': return cut(line, word_start(line), line->cursor);
    case 'c':
    case 'g': return LINE_CANCELLED;
    case 'p': return recall(line, -1);
    case 'n': return recall(line, 1);
    default: return LINE_NOTHING;
    }
}

enum line_event line_input_key(struct line_input *line, struct key key)
{
    if (key.mods & K_CTRL)
        return control_key(line, key.code);
    switch (key.code) {
    case K_ENTER: line_input_remember(line); return LINE_DONE;
    case K_ESC: return LINE_CANCELLED;
    case K_TAB: return LINE_COMPLETE;
    case K_LEFT: line->cursor = before(line, line->cursor); return LINE_NOTHING;
    case K_RIGHT: line->cursor = after(line, line->cursor); return LINE_NOTHING;
    case K_HOME: line->cursor = 0; return LINE_NOTHING;
    case K_END: line->cursor = line->len; return LINE_NOTHING;
    case K_UP: return recall(line, -1);
    case K_DOWN: return recall(line, 1);
    case K_BACKSPACE: return cut(line, before(line, line->cursor), line->cursor);
    case K_DELETE: return cut(line, line->cursor, after(line, line->cursor));
    default:
        return key.code < K_FIRST_SPECIAL && key.mods == 0 ? insert(line, key.code)
                                                           : LINE_NOTHING;
    }
}

/* Columns of the first n bytes. */
static int columns_until(const char *text, size_t n)
{
    char part[LINE_INPUT_MAX + 1];
    memcpy(part, text, n);
    part[n] = '\0';
    return text_width(part);
}

void line_input_draw(const struct line_input *line, const char *prompt, struct pen *pen,
                     int width)
{
    pen_text(pen, ROLE_ACCENT, prompt);
    int room = MAX_OF(width - text_width(prompt) - 1, 1);
    size_t start = 0;
    while (start < line->cursor &&
           columns_until(line->text + start, line->cursor - start) > room)
        start = after(line, start);
    int x =
        pen->area.x + pen->x + columns_until(line->text + start, line->cursor - start);
    pen_left(pen, ROLE_INPUT, room + 1, line->text + start);
    canvas_set_cursor(pen->canvas, x, pen->area.y + pen->y, true);
}
