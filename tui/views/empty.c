#include "views/empty.h"

#include "ui/text.h"

static void centred(struct pen *pen, enum role role, int y, const char *text)
{
    int width = text_width(text);
    pen_to(pen, width < pen->area.w ? (pen->area.w - width) / 2 : 0, y);
    pen_text(pen, role, text);
}

void empty_draw(struct canvas *canvas, struct rect area, const char *what,
                const char *advice)
{
    struct pen pen = pen_on(canvas, area);
    int y = area.h > 6 ? area.h / 3 : 0;
    centred(&pen, ROLE_TEXT, y, what);
    centred(&pen, ROLE_DIM, y + 2, advice);
}
