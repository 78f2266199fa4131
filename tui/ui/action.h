/*
 * What the program can be told to do, by key or by name: the rows of
 * actions.def. Pure; any thread.
 */
#pragma once

#include <stddef.h>

enum action {
    ACTION_NONE,
#define ACTION(id, ...) ACTION_##id,
#include "ui/actions.def"
#undef ACTION
    ACTION_COUNT
};

/* Where keys mean something; a view's context comes first, then LIST, then GLOBAL. */
enum context {
    CONTEXT_GLOBAL,
    CONTEXT_LIST,
    CONTEXT_OVERVIEW,
    CONTEXT_FLIGHTS,
    CONTEXT_MAP,
    CONTEXT_SERVICES,
    CONTEXT_METRICS,
    CONTEXT_LOGS,
    CONTEXT_ALERTS,
    CONTEXT_CHOOSER, /* of columns, over the flights */
    CONTEXT_COUNT
};

struct action_row {
    const char *name;
    enum context context;
    const char *keys; /* defaults, separated by blanks */
    const char *hint; /* "" = not in the bottom line */
    const char *help;
};

/* The row of an action (not ACTION_NONE). */
const struct action_row *action_row(enum action action);

/* The action of a name, or ACTION_NONE. */
enum action action_by_name(const char *name);

/* The context's name as help shows it. */
const char *context_name(enum context context);
