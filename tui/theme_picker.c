/*
 * A saved file is known by its time and size; looking once a second costs one
 * stat(2) and needs no descriptor to be watched. An editor that writes in two
 * steps is seen twice; the first look, at half a file, keeps the old theme.
 */
#include "theme_picker.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macros.h"
#include "base/strbuf.h"

enum { LIST_WIDTH = 24 };

static const char *folder_of(const struct theme_picker *p)
{
    return p->folder[0] != '\0' ? p->folder : NULL;
}

/* A number that changes when the file of a theme is saved; 0 = it has none. */
static int64_t stamp_of(const struct theme_picker *p, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    if (!theme_path(name, folder_of(p), path, sizeof path) || stat(path, &st) != 0)
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec +
           (int64_t)st.st_size;
}

void theme_picker_init(struct theme_picker *p, struct theme *theme, const char *name,
                       const char *folder)
{
    memset(p, 0, sizeof *p);
    p->theme = theme;
    snprintf(p->folder, sizeof p->folder, "%s", folder != NULL ? folder : "");
    snprintf(p->name, sizeof p->name, "%s", name);
    p->file_stamp = stamp_of(p, name);
}

int theme_picker_use(struct theme_picker *p, const char *name, struct strbuf *ret_error)
{
    struct theme theme;
    int rc = theme_load(&theme, name, folder_of(p), ret_error);
    if (rc != 0)
        return rc;
    *p->theme = theme;
    snprintf(p->name, sizeof p->name, "%s", name);
    p->file_stamp = stamp_of(p, name);
    return 0;
}

int theme_picker_check(struct theme_picker *p, struct strbuf *ret_error)
{
    char name[THEME_PICKER_NAME];
    int64_t stamp = stamp_of(p, p->name);
    if (stamp == 0 || stamp == p->file_stamp)
        return 0;
    p->file_stamp = stamp;
    snprintf(name, sizeof name, "%s", p->name);
    int rc = theme_picker_use(p, name, ret_error);
    return rc != 0 ? rc : 1;
}

/* ---- the list -----------------------------------------------------------------------
 */

static void add(struct theme_picker *p, const char *name, size_t n)
{
    if (p->count == THEME_PICKER_MAX || n >= THEME_PICKER_NAME)
        return;
    snprintf(p->names[p->count++], THEME_PICKER_NAME, "%.*s", (int)n, name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void add_folder(struct theme_picker *p)
{
    static const char ending[] = ".theme";
    size_t first = p->count;
    DIR *dir = p->folder[0] != '\0' ? opendir(p->folder) : NULL;
    for (const struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
        size_t n = strlen(e->d_name);
        size_t tail = sizeof ending - 1;
        if (n > tail && strcmp(e->d_name + n - tail, ending) == 0)
            add(p, e->d_name, n - tail);
    }
    if (dir != NULL)
        closedir(dir);
    qsort(p->names[first], p->count - first, sizeof p->names[0], by_name);
}

void theme_picker_open(struct theme_picker *p)
{
    const char *name;
    p->count = 0;
    for (size_t i = 0; (name = theme_builtin_name(i)) != NULL; i++)
        add(p, name, strlen(name));
    add_folder(p);
    p->at = 0;
    while (p->at < p->count && strcmp(p->names[p->at], p->name) != 0)
        p->at++;
    if (p->at == p->count) { /* a path: it is on the list as long as it is in use */
        add(p, p->name, strlen(p->name));
        p->at = p->count - 1;
    }
    snprintf(p->before, sizeof p->before, "%s", p->name);
}

/* A theme of the list that is wrong is passed over without a change. */
static enum theme_picker_event go(struct theme_picker *p, size_t to)
{
    struct strbuf error;
    p->at = MIN_OF(to, p->count - 1);
    strbuf_init(&error, 512);
    theme_picker_use(p, p->names[p->at], &error);
    strbuf_release(&error);
    return PICKER_CHANGED;
}

enum theme_picker_event theme_picker_key(struct theme_picker *p, struct key key)
{
    struct strbuf error;
    if (p->count == 0)
        return PICKER_DONE;
    switch (key.code) {
    case K_UP:
    case 'k': return go(p, p->at > 0 ? p->at - 1 : p->count - 1);
    case K_DOWN:
    case 'j':
    case 't': return go(p, p->at + 1 < p->count ? p->at + 1 : 0);
    case K_HOME: return go(p, 0);
    case K_END: return go(p, p->count - 1);
    case K_ENTER:
    case ' ': return PICKER_DONE;
    case 'q':
    case K_ESC:
        strbuf_init(&error, 512);
        theme_picker_use(p, p->before, &error);
        strbuf_release(&error);
        return PICKER_BACK;
    default: return PICKER_NOTHING;
    }
}

void theme_picker_draw(const struct theme_picker *p, struct canvas *canvas,
                       struct rect area)
{
    int w = MIN_OF((int)LIST_WIDTH, area.w);
    int h = MIN_OF((int)p->count + 1, area.h);
    int top = MAX_OF(MIN_OF((int)p->at - h / 2, (int)p->count - (h - 1)), 0);
    struct pen pen = pen_on(canvas, (struct rect){area.x + area.w - w, area.y, w, h});
    pen_left(&pen, ROLE_HEADING, w, " Theme");
    for (int y = 1; y < h; y++) {
        size_t i = (size_t)(top + y - 1);
        bool here = i == p->at;
        pen_to(&pen, 0, y);
        pen.marked = here;
        pen_text(&pen, here ? ROLE_ACCENT : ROLE_DIM, here ? " > " : "   ");
        pen_left(&pen, here ? ROLE_STRONG : ROLE_TEXT, w - 3, p->names[i]);
        pen.marked = false;
        if (here) /* a screen reader follows the cursor */
            canvas_set_cursor(canvas, area.x + area.w - w, area.y + y, false);
    }
}
