#include "widgets/table.h"

#include <stdint.h>

#include "ui/text.h"

static int total_width(const struct table_column *columns, size_t n)
{
    int width = 0;
    for (size_t i = 0; i < n; i++)
        width += columns[i].width + (i > 0 ? TABLE_GAP : 0);
    return width;
}

static size_t least_important(const struct table_column *columns, size_t n)
{
    size_t worst = 0;
    for (size_t i = 1; i < n; i++) {
        if (columns[i].priority >= columns[worst].priority)
            worst = i;
    }
    return worst;
}

size_t table_fit(const struct table_column *columns, size_t count, int width,
                 struct table_column *ret_columns)
{
    size_t n = MIN_OF(count, (size_t)TABLE_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++)
        ret_columns[i] = columns[i];
    while (n > 1 && total_width(ret_columns, n) > width) {
        size_t worst = least_important(ret_columns, n);
        if (ret_columns[worst].priority == 0)
            break;
        n--;
        for (size_t i = worst; i < n; i++)
            ret_columns[i] = ret_columns[i + 1];
    }
    int left = width - total_width(ret_columns, n);
    for (size_t i = 0; i < n && left != 0; i++) {
        if (ret_columns[i].grows) {
            ret_columns[i].width = MAX_OF(ret_columns[i].width + left, 1);
            left = 0;
        }
    }
    return n;
}

void scroll_fit(struct scroll *scroll, size_t count, int visible)
{
    size_t page = visible > 0 ? (size_t)visible : 1;
    if (count == 0) {
        *scroll = (struct scroll){0, 0};
        return;
    }
    if (scroll->selected >= count)
        scroll->selected = count - 1;
    if (scroll->top > scroll->selected)
        scroll->top = scroll->selected;
    if (scroll->selected >= scroll->top + page)
        scroll->top = scroll->selected - page + 1;
    if (scroll->top + page > count)
        scroll->top = count > page ? count - page : 0;
}

static void draw_title(struct pen *pen, const struct table_column *c)
{
    char title[64];
    enum role role = c->sorted ? ROLE_ACCENT : ROLE_HEADING;
    bool room = c->width >= text_width(c->title) + text_width(c->unit) + 1;
    bool mark = c->sorted && c->width > text_width(c->title);
    const char *arrow = mark ? (c->reverse ? "▾" : "▴") : "";
    if (mark && c->width < text_width(c->title) + text_width(c->unit) + 2)
        room = false;
    snprintf(title, sizeof title, "%s%s%s%s", c->title, arrow,
             room && c->unit[0] != '\0' ? " " : "", room ? c->unit : "");
    if (c->right)
        pen_right(pen, role, c->width, title);
    else
        pen_left(pen, role, c->width, title);
}

static void draw_header(const struct table *t, struct pen *pen)
{
    pen_to(pen, t->draw_mark != NULL ? 2 : 0, 0);
    for (size_t i = 0; i < t->column_count; i++) {
        if (i > 0)
            pen_repeat(pen, ROLE_HEADING, " ", TABLE_GAP);
        draw_title(pen, &t->columns[i]);
    }
}

static void draw_row(const struct table *t, struct pen *pen, int y, size_t row)
{
    bool selected = row == t->scroll->selected;
    pen_to(pen, 0, y);
    pen->marked = selected;
    if (t->draw_mark != NULL) {
        t->draw_mark(t->data, row, selected, pen);
        pen_text(pen, ROLE_TEXT, " ");
    }
    for (size_t i = 0; i < t->column_count; i++) {
        if (i > 0)
            pen_repeat(pen, ROLE_TEXT, " ", TABLE_GAP);
        t->draw_cell(t->data, row, &t->columns[i], pen);
        pen->marked = false; /* a whole row would cost 160 cells a move */
    }
    pen->marked = false;
    if (selected) /* a screen reader follows the cursor */
        canvas_set_cursor(pen->canvas, pen->area.x, pen->area.y + y, false);
}

int table_draw(const struct table *table, struct canvas *canvas, struct rect area)
{
    struct pen pen = pen_on(canvas, area);
    draw_header(table, &pen);
    for (int y = 1; y < area.h; y++) {
        size_t row = table->scroll->top + (size_t)y - 1;
        if (row >= table->rows)
            break;
        draw_row(table, &pen, y, row);
    }
    return area.h - 1;
}
