/*
 * The names of what views keep begin with the view's own and a dot. A history is
 * kept oldest first, one note an entry. The filter is not kept between sessions:
 * one that is forgotten would hide flights; it is in the link.
 */
#include "dashboard_keep.h"

#include <stdio.h>
#include <string.h>

#include "dashboard_state.h"
#include "views/views.h"

enum { NOTE_NAME_SIZE = 64 };

/* ---- keeping --------------------------------------------------------------------- */

struct prefixed {
    const char *prefix;
    view_note_fn note;
    void *data;
};

static void note_prefixed(void *data, const char *name, const char *text)
{
    const struct prefixed *p = data;
    char full[NOTE_NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", p->prefix, name);
    p->note(p->data, full, text);
}

static void keep_history(const struct line_input *line, const char *name,
                         view_note_fn note, void *data)
{
    for (size_t i = 0; i < line->history_count; i++)
        note(data, name, line->history[i]);
}

static void sort_text(const struct app *app, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s%s", app->list.reverse ? "-" : "",
             flight_column_info(app->list.sort)->name);
}

/* The marks of `*`, one note each. */
static void keep_marks(const struct flight_watch *watch, view_note_fn note, void *data)
{
    for (size_t i = 0; i < watch->mark_count; i++) {
        char hex[FLIGHT_HEX_SIZE];
        flight_format_hex(watch->marks[i], hex);
        note(data, "mark", hex);
    }
}

static bool take_mark(struct app *app, const char *text)
{
    uint32_t icao;
    return flight_parse_hex(text, strlen(text), &icao) &&
           flight_watch_mark(&app->watch, icao);
}

void dashboard_keep(const struct dashboard *d, view_note_fn note, void *data)
{
    char sort[COLUMN_TEXT_SIZE];
    sort_text(d->app, sort, sizeof sort);
    note(data, "view", view_at(d->current)->name);
    note(data, "sort", sort);
    note(data, "columns", d->app->columns);
    keep_marks(&d->app->watch, note, data);
    note(data, "units", unit_system_name(d->app->units));
    note(data, "theme", d->picker.name);
    for (size_t i = 0; i < view_count(); i++) {
        struct prefixed p = {view_at(i)->name, note, data};
        if (view_at(i)->keep != NULL)
            view_at(i)->keep(d->states[i], d->app, note_prefixed, &p);
    }
    keep_history(&d->command, "history.command", note, data);
    keep_history(&d->line, "history.line", note, data);
    keep_history(&d->file, "history.file", note, data);
}

/* ---- taking -----------------------------------------------------------------------
 */

static bool take_view(struct dashboard *d, const char *text)
{
    size_t view = view_by_name(text);
    if (view == view_count())
        return false;
    d->current = view;
    return true;
}

static bool take_sort(struct app *app, const char *text)
{
    bool reverse = text[0] == '-';
    const char *name = text + (reverse ? 1 : 0);
    enum flight_column column = flight_column_by_name(name, strlen(name));
    if (column == COLUMN_COUNT)
        return false;
    flight_list_sort_by(&app->list, column, reverse);
    return true;
}

bool dashboard_set_columns(struct app *app, const char *text)
{
    char columns[sizeof app->columns];
    snprintf(columns, sizeof columns, "%s", text);
    for (char *c = columns; *c != '\0'; c++)
        *c = *c == ',' ? ' ' : *c;
    for (const char *at = columns; *at != '\0';) {
        size_t n = strcspn(at, " ");
        if (n > 0 && flight_column_by_name(at, n) == COLUMN_COUNT)
            return false;
        at += n + (at[n] != '\0' ? 1 : 0);
    }
    memcpy(app->columns, columns, sizeof columns);
    return true;
}

static bool take_theme(struct dashboard *d, const char *text)
{
    struct strbuf error;
    strbuf_init(&error, 512);
    bool ok = theme_picker_use(&d->picker, text, &error) == 0;
    strbuf_release(&error);
    return ok;
}

static bool take_history(struct dashboard *d, const char *name, const char *text)
{
    struct line_input *line = strcmp(name, "command") == 0 ? &d->command
                              : strcmp(name, "line") == 0  ? &d->line
                              : strcmp(name, "file") == 0  ? &d->file
                                                           : NULL;
    if (line == NULL || strlen(text) > LINE_INPUT_MAX)
        return false;
    line_input_set(line, text);
    line_input_remember(line);
    line_input_set(line, "");
    return true;
}

/* "map.zoom": the part before the dot is a view, or "history". */
static bool take_part(struct dashboard *d, const char *name, const char *text)
{
    const char *dot = strchr(name, '.');
    char part[NOTE_NAME_SIZE];
    if (dot == NULL)
        return false;
    snprintf(part, sizeof part, "%.*s", (int)(dot - name), name);
    if (strcmp(part, "history") == 0)
        return take_history(d, dot + 1, text);
    size_t view = view_by_name(part);
    return view < view_count() && view_at(view)->take != NULL &&
           view_at(view)->take(d->states[view], d->app, dot + 1, text);
}

bool dashboard_take(struct dashboard *d, const char *name, const char *text)
{
    d->app->changes++;
    if (strcmp(name, "view") == 0)
        return take_view(d, text);
    if (strcmp(name, "sort") == 0)
        return take_sort(d->app, text);
    if (strcmp(name, "columns") == 0)
        return dashboard_set_columns(d->app, text);
    if (strcmp(name, "mark") == 0)
        return take_mark(d->app, text);
    if (strcmp(name, "units") == 0)
        return unit_system_parse(text, &d->app->units);
    if (strcmp(name, "theme") == 0)
        return take_theme(d, text);
    return take_part(d, name, text);
}

/* ---- the link ---------------------------------------------------------------------
 */

/* A word as a shell takes it. */
static void add_word(struct strbuf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=.,:/@%~";
    if (word[0] != '\0' && word[0] != '~' && word[strspn(word, plain)] == '\0') {
        strbuf_add_text(out, word);
        return;
    }
    strbuf_add_char(out, '\'');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'')
            strbuf_add_text(out, "'\\''");
        else
            strbuf_add_char(out, *c);
    }
    strbuf_add_char(out, '\'');
}

static void add_option(struct strbuf *out, const char *name, const char *value)
{
    strbuf_addf(out, " \\\n  --%s ", name);
    add_word(out, value);
}

/* Of the map's notes these are options, by the same names. */
static void note_option(void *data, const char *name, const char *text)
{
    if (strcmp(name, "centre") == 0 || strcmp(name, "zoom") == 0)
        add_option(data, name, text);
}

static void add_columns(struct strbuf *out, const char *names)
{
    char columns[sizeof((struct app *)NULL)->columns];
    snprintf(columns, sizeof columns, "%s", names);
    for (char *c = columns; *c != '\0'; c++)
        *c = *c == ' ' ? ',' : *c;
    add_option(out, "columns", columns);
}

void dashboard_link(const struct dashboard *d, struct strbuf *out)
{
    const struct app *app = d->app;
    char text[COLUMN_TEXT_SIZE];
    size_t map = view_by_name("map");
    strbuf_addf(out, "flightdash%s", d->fixed);
    add_option(out, "view", view_at(d->current)->name);
    if (app->list.filter != NULL)
        add_option(out, "filter", app->list.filter_text);
    sort_text(app, text, sizeof text);
    add_option(out, "sort", text);
    add_columns(out, app->columns);
    add_option(out, "units", unit_system_name(app->units));
    add_option(out, "theme", d->picker.name);
    if (map < view_count() && view_at(map)->keep != NULL)
        view_at(map)->keep(d->states[map], app, note_option, out);
    if (app->selected != 0) {
        char hex[FLIGHT_HEX_SIZE];
        flight_format_hex(app->selected, hex);
        add_option(out, "select", hex);
    }
    if (!app->replaying) {
        strbuf_add_text(out, " \\\n  ");
        add_word(out, app->link.url);
    }
}
