#include "dashboard_jump.h"

#include <stdio.h>
#include <string.h>

#include "dashboard_command.h"
#include "dashboard_state.h"
#include "views/views.h"

void dashboard_enter(struct dashboard *d, size_t view)
{
    d->current = view;
    d->back.active = false;
    d->help = false;
    dashboard_choose_app(d);
    if (view_at(view)->open != NULL)
        view_at(view)->open(d->states[view], d->app);
    d->app->changes++;
}

void dashboard_jump(struct dashboard *d)
{
    const struct app_jump jump = d->app->jump;
    size_t from = d->current;
    size_t view = jump.view != NULL ? view_by_name(jump.view) : view_count();
    d->app->jump.view = NULL;
    if (view == view_count())
        return;
    snprintf(d->back.filter, sizeof d->back.filter, "%s", d->app->list.filter_text);
    dashboard_enter(d, view);
    const struct view_class *class = view_at(view);
    if (class->select != NULL)
        class->select(d->states[view], d->app, jump.what);
    if (jump.detail)
        class->act(d->states[view], d->app, ACTION_DETAIL);
    d->back.filtered = strcmp(d->back.filter, d->app->list.filter_text) != 0;
    d->back.view = from;
    d->back.detail = jump.detail;
    d->back.active = true;
}

bool dashboard_jump_back(struct dashboard *d, bool done)
{
    struct strbuf error;
    const char *filter = d->app->list.filter_text;
    bool cleared = d->back.filtered && filter[0] == '\0';
    if (!d->back.active || (done && !d->back.detail && !cleared))
        return false;
    strbuf_init(&error, 256);
    if (strcmp(filter, d->back.filter) != 0)
        flight_list_set_filter(&d->app->list, d->back.filter, &error);
    strbuf_release(&error);
    dashboard_enter(d, d->back.view);
    return true;
}
