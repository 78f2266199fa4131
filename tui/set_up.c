#include "set_up.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "dashboard.h"
#include "dashboard_keep.h"
#include "state_file.h"
#include "views/views.h"

enum { FIXED_MAX = 4096 };

void dashboard_set_up(struct dashboard *d, const struct settings *settings)
{
    const char *theme = settings_text(settings, SETTING_THEME);
    const char *centre = settings_text(settings, SETTING_CENTRE);
    const char *zoom = settings_text(settings, SETTING_ZOOM);
    struct strbuf fixed;
    strbuf_init(&fixed, FIXED_MAX);
    settings_fixed_text(settings, &fixed);
    dashboard_set_looks(d, theme != NULL ? theme : "default", settings->theme_folder,
                        strbuf_text(&fixed));
    strbuf_release(&fixed);
    if (centre != NULL)
        dashboard_take(d, "map.centre", centre);
    if (zoom != NULL)
        dashboard_take(d, "map.zoom", zoom);
    dashboard_show(d, settings->view);
}

/* ---- the kept state
 * ------------------------------------------------------------------ */

struct restoring {
    struct dashboard *dashboard;
    const struct settings *settings;
};

/* A setting that was said wins over what was kept. */
static bool is_said(const struct settings *s, const char *name)
{
    static const struct {
        const char *name;
        enum setting option;
    } rows[] = {
        {"view", SETTING_VIEW},       {"sort", SETTING_SORT},
        {"columns", SETTING_COLUMNS}, {"units", SETTING_UNITS},
        {"theme", SETTING_THEME},     {"map.centre", SETTING_CENTRE},
        {"map.zoom", SETTING_CENTRE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return settings_is_set(s, rows[i].option);
    }
    return false;
}

/* What means nothing any more (another version kept it) is passed over. */
static void take(void *data, const char *name, const char *text)
{
    const struct restoring *r = data;
    if (is_said(r->settings, name))
        return;
    if (strcmp(name, "view") == 0 && view_by_name(text) < view_count())
        dashboard_show(r->dashboard, view_by_name(text));
    else
        dashboard_take(r->dashboard, name, text);
}

/* NULL = nowhere. */
static char *path_of(const struct settings *s)
{
    const char *said = settings_text(s, SETTING_STATE);
    if (said != NULL)
        return strcmp(said, "none") == 0 ? NULL : xstrdup(said);
    return state_file_path();
}

/* The reason matters more than the folders before it, and both may not fit. */
static void tell_broken(struct dashboard *d, const char *what)
{
    char text[256];
    const char *slash = strrchr(what, '/');
    snprintf(text, sizeof text, "what was kept is left out: %s",
             slash != NULL ? slash + 1 : what);
    dashboard_notice(d, text);
}

void state_restore(struct dashboard *d, const struct settings *settings)
{
    struct restoring r = {d, settings};
    struct strbuf error;
    char *path = path_of(settings);
    strbuf_init(&error, 1024);
    if (path != NULL && state_file_load(path, take, &r, &error) != 0)
        tell_broken(d, strbuf_text(&error));
    strbuf_release(&error);
    free(path);
}

static void add(void *data, const char *name, const char *text)
{
    state_file_add(data, name, text);
}

int state_keep(const struct dashboard *d, const struct settings *settings,
               struct strbuf *ret_error)
{
    struct strbuf content;
    char *path = path_of(settings);
    int rc = 0;
    strbuf_init(&content, STATE_FILE_MAX);
    state_file_begin(&content);
    dashboard_keep(d, add, &content);
    if (path != NULL)
        rc = state_file_save(path, &content);
    if (rc != 0)
        strbuf_addf(ret_error, "%s was not kept: %s", path, strerror(-rc));
    strbuf_release(&content);
    free(path);
    return rc;
}
