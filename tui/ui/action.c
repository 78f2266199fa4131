#include "ui/action.h"

#include <assert.h>
#include <string.h>

static const struct action_row rows[ACTION_COUNT] = {
#define ACTION(id, name, context, keys, hint, help)                                    \
    [ACTION_##id] = {name, CONTEXT_##context, keys, hint, help},
#include "ui/actions.def"
#undef ACTION
};

const struct action_row *action_row(enum action action)
{
    assert(action > ACTION_NONE && action < ACTION_COUNT);
    return &rows[action];
}

enum action action_by_name(const char *name)
{
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return (enum action)i;
    }
    return ACTION_NONE;
}

const char *context_name(enum context context)
{
    static const char *const names[CONTEXT_COUNT] = {
        [CONTEXT_GLOBAL] = "Everywhere", [CONTEXT_LIST] = "Moving",
        [CONTEXT_OVERVIEW] = "Overview", [CONTEXT_FLIGHTS] = "Flights",
        [CONTEXT_MAP] = "Map",           [CONTEXT_SERVICES] = "Services",
        [CONTEXT_METRICS] = "Metrics",   [CONTEXT_LOGS] = "Logs",
        [CONTEXT_ALERTS] = "Alerts",     [CONTEXT_CHOOSER] = "Columns",
    };
    return names[context];
}
