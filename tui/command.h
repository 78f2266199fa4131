/*
 * The commands of `:`: a view's name goes there, an action's name does it, and
 * the rows of command.c take an argument. Reading and completing only; who runs
 * them is dashboard.c. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ui/action.h"

struct strbuf;

enum command_kind {
    COMMAND_NONE, /* nothing was typed */
    COMMAND_VIEW,
    COMMAND_ACTION,
    COMMAND_FILTER,
    COMMAND_SORT,
    COMMAND_COLUMNS,
    COMMAND_THEME,
    COMMAND_UNITS,
    COMMAND_SELECT,
    COMMAND_WATCH,
    COMMAND_CENTRE,
    COMMAND_ZOOM,
    COMMAND_LINK,
    COMMAND_WRITE,
    COMMAND_COPY,
    COMMAND_SEEK,
    COMMAND_SPEED
};

struct command {
    enum command_kind kind;
    size_t view;          /* of COMMAND_VIEW */
    enum action action;   /* of COMMAND_ACTION */
    const char *name;     /* static */
    const char *argument; /* in the text that was parsed; "" = none */
};

/*
 * Reads a typed line. False with a sentence in ret_error when no command is meant
 * or its argument is missing.
 */
bool command_parse(const char *text, struct command *ret_command,
                   struct strbuf *ret_error);

/*
 * The words that may stand where the text ends, each followed by a blank, and the
 * help of the command when only one is left. Returns how many words.
 */
size_t command_offers(const char *text, struct strbuf *ret_words,
                      const char **ret_help);

/* The text with as much more as all that may follow have in common. */
void command_complete(const char *text, struct strbuf *ret_text);

/* One line per command that is no view and no action, for help: name and help. */
bool command_row(size_t i, const char **ret_name, const char **ret_argument,
                 const char **ret_help);
