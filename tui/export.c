/*
 * Colours leave as the 256-colour palette has them, so that a capture looks as
 * the terminal did. In the picture each run of equal cells is one <text> whose
 * length is given: fonts differ in width, the columns must not.
 */
#include "export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "once_format.h"
#include "ui/canvas.h"
#include "ui/theme.h"

enum { CELL_W = 9, CELL_H = 18, BASELINE = 14, RUN_MAX = 4096 };

bool export_kind_of(const char *path, enum export_kind *ret_kind)
{
    static const struct {
        const char *ending;
        enum export_kind kind;
    } rows[] = {
        {".txt", EXPORT_TEXT}, {".ansi", EXPORT_ANSI}, {".svg", EXPORT_SVG},
        {".csv", EXPORT_CSV},  {".json", EXPORT_JSON}, {".ndjson", EXPORT_NDJSON},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < ARRAY_LEN(rows); i++) {
        if (strcmp(dot, rows[i].ending) == 0) {
            *ret_kind = rows[i].kind;
            return true;
        }
    }
    return false;
}

/* ---- ANSI ------------------------------------------------------------------------ */

static bool same_look(struct theme_style a, struct theme_style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static struct theme_style look_of(const struct theme *theme, const struct cell *cell)
{
    return theme_style(theme, (enum role)cell->role, DEPTH_256, cell->marked);
}

static void add_sgr(struct strbuf *out, struct theme_style style)
{
    static const struct {
        unsigned attr;
        const char *code;
    } attrs[] = {{ATTR_BOLD, ";1"},
                 {ATTR_DIM, ";2"},
                 {ATTR_UNDERLINE, ";4"},
                 {ATTR_REVERSE, ";7"}};
    strbuf_add_text(out, "\033[0");
    for (size_t i = 0; i < ARRAY_LEN(attrs); i++)
        strbuf_add_text(out, style.attrs & attrs[i].attr ? attrs[i].code : "");
    if (style.fg >= 0)
        strbuf_addf(out, ";38;5;%d", style.fg);
    if (style.bg >= 0)
        strbuf_addf(out, ";48;5;%d", style.bg);
    strbuf_add_char(out, 'm');
}

static void add_ansi(const struct canvas *canvas, const struct theme *theme,
                     struct strbuf *out)
{
    for (int y = 0; y < canvas_height(canvas); y++) {
        struct theme_style now = {COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
        for (int x = 0; x < canvas_width(canvas); x++) {
            const struct cell *cell = canvas_cell(canvas, x, y);
            struct theme_style style = look_of(theme, cell);
            if (!same_look(style, now))
                add_sgr(out, style);
            now = style;
            strbuf_add_text(out, cell->text);
        }
        strbuf_add_text(out, "\033[0m\n");
    }
}

/* ---- SVG ------------------------------------------------------------------------- */

/* The colours as they are seen: what follows the terminal is light on dark. */
static void seen_colours(struct theme_style style, unsigned *ret_fg, unsigned *ret_bg)
{
    unsigned fg = style.fg >= 0 ? colour_rgb(style.fg) : 0xD0D0D0;
    unsigned bg = style.bg >= 0 ? colour_rgb(style.bg) : 0x1C1C1C;
    bool swap = (style.attrs & ATTR_REVERSE) != 0;
    *ret_fg = swap ? bg : fg;
    *ret_bg = swap ? fg : bg;
}

static void add_xml(struct strbuf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '<')
            strbuf_add_text(out, "&lt;");
        else if (*c == '&')
            strbuf_add_text(out, "&amp;");
        else
            strbuf_add_char(out, *c);
    }
}

/* One run of cells of one look; blank ones leave only their background. */
static void add_run(struct strbuf *out, struct rect run, struct theme_style style,
                    const char *text, unsigned paper)
{
    unsigned fg, bg;
    seen_colours(style, &fg, &bg);
    if (bg != paper) {
        strbuf_addf(out,
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                    "fill=\"#%06x\"/>\n",
                    run.x * CELL_W, run.y * CELL_H, run.w * CELL_W, CELL_H, bg);
    }
    if (text[strspn(text, " ")] == '\0')
        return;
    strbuf_addf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"#%06x\"%s%s%s>",
                run.x * CELL_W, run.y * CELL_H + BASELINE, run.w * CELL_W, fg,
                style.attrs & ATTR_BOLD ? " font-weight=\"bold\"" : "",
                style.attrs & ATTR_DIM ? " opacity=\"0.6\"" : "",
                style.attrs & ATTR_UNDERLINE ? " text-decoration=\"underline\"" : "");
    add_xml(out, text);
    strbuf_add_text(out, "</text>\n");
}

static void add_svg_line(const struct canvas *canvas, const struct theme *theme, int y,
                         unsigned paper, struct strbuf *out)
{
    struct strbuf text;
    int width = canvas_width(canvas);
    strbuf_init(&text, RUN_MAX);
    for (int x = 0; x < width;) {
        struct theme_style style = look_of(theme, canvas_cell(canvas, x, y));
        int end = x;
        strbuf_clear(&text);
        while (end < width &&
               same_look(style, look_of(theme, canvas_cell(canvas, end, y))))
            strbuf_add_text(&text, canvas_cell(canvas, end++, y)->text);
        add_run(out, (struct rect){x, y, end - x, 1}, style, strbuf_text(&text), paper);
        x = end;
    }
    strbuf_release(&text);
}

static void add_svg(const struct canvas *canvas, const struct theme *theme,
                    struct strbuf *out)
{
    unsigned fg, paper;
    int w = canvas_width(canvas) * CELL_W;
    int h = canvas_height(canvas) * CELL_H;
    seen_colours(theme_style(theme, ROLE_TEXT, DEPTH_256, false), &fg, &paper);
    strbuf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" xml:space=\"preserve\" font-size=\"15\" "
                "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#%06x\"/>\n",
                w, h, w, h, paper);
    for (int y = 0; y < canvas_height(canvas); y++)
        add_svg_line(canvas, theme, y, paper, out);
    strbuf_add_text(out, "</svg>\n");
}

void export_screen(const struct canvas *canvas, const struct theme *theme,
                   enum export_kind kind, struct strbuf *out)
{
    if (kind == EXPORT_SVG)
        add_svg(canvas, theme, out);
    else if (kind == EXPORT_ANSI)
        add_ansi(canvas, theme, out);
    else
        canvas_to_text(canvas, out);
}

/* ---- data and file -----------------------------------------------------------------
 */

bool export_data(const struct app *app, const char *view, enum export_kind kind,
                 struct strbuf *out)
{
    enum once_format format = kind == EXPORT_CSV    ? FORMAT_CSV
                              : kind == EXPORT_JSON ? FORMAT_JSON
                                                    : FORMAT_NDJSON;
    return once_write(app, view, format, out);
}

int export_save(const char *path, const struct strbuf *content, bool overwrite)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (overwrite ? O_TRUNC : O_EXCL),
                  0666);
    if (fd < 0)
        return -errno;
    int rc = content->overflowed ? -EFBIG : 0;
    const char *at = strbuf_text(content);
    for (size_t left = content->len; rc == 0 && left > 0;) {
        ssize_t n = write(fd, at, left);
        if (n < 0 && errno != EINTR)
            rc = -errno;
        at += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    return close(fd) != 0 && rc == 0 ? -errno : rc;
}
