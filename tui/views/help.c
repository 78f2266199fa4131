#include "views/help.h"

#include <stdio.h>

enum { HELP_KEYS = 16, HELP_COMMANDS = 24 };

static int draw_context(const struct keymap *map, enum context context, struct pen *pen,
                        int y)
{
    bool titled = false;
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        const struct action_row *row = action_row((enum action)i);
        struct strbuf keys;
        if (row->context != context)
            continue;
        if (!titled) {
            pen_to(pen, 0, y);
            if (y >= 0)
                pen_text(pen, ROLE_HEADING, context_name(context));
            titled = true;
            y++;
        }
        strbuf_init(&keys, 256);
        keymap_key_names(map, (enum action)i, &keys);
        pen_to(pen, 0, y);
        if (y >= 0) {
            pen_left(pen, ROLE_ACCENT, HELP_KEYS, strbuf_text(&keys));
            pen_text(pen, ROLE_TEXT, " ");
            pen_text(pen, ROLE_TEXT, row->help);
        }
        y++;
        strbuf_release(&keys);
    }
    return y + (titled ? 1 : 0);
}

static int draw_commands(const struct help_line *commands, struct pen *pen, int y)
{
    pen_to(pen, 0, y);
    if (y >= 0)
        pen_text(pen, ROLE_HEADING, "Commands, after :");
    for (y++; commands->name != NULL; commands++, y++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", commands->name, commands->argument);
        pen_to(pen, 0, y);
        if (y < 0)
            continue;
        pen_left(pen, ROLE_ACCENT, HELP_COMMANDS, text);
        pen_text(pen, ROLE_TEXT, " ");
        pen_text(pen, ROLE_TEXT, commands->help);
    }
    return y;
}

static int draw_all(const struct keymap *map, enum context context,
                    const struct help_line *commands, struct pen *pen, int y)
{
    if (context != CONTEXT_GLOBAL && context != CONTEXT_LIST)
        y = draw_context(map, context, pen, y);
    y = draw_context(map, CONTEXT_LIST, pen, y);
    y = draw_context(map, CONTEXT_GLOBAL, pen, y);
    return draw_commands(commands, pen, y);
}

int help_draw(const struct keymap *map, enum context context,
              const struct help_line *commands, int *top, struct canvas *canvas,
              struct rect area)
{
    struct rect nowhere = {area.x, area.y, 0, 0};
    struct pen measure = pen_on(canvas, nowhere);
    int lines = draw_all(map, context, commands, &measure, 0);
    *top = MAX_OF(MIN_OF(*top, lines - area.h), 0);
    struct pen pen =
        pen_on(canvas, (struct rect){area.x + 1, area.y, area.w - 2, area.h});
    draw_all(map, context, commands, &pen, -*top);
    return area.h;
}
