/*
 * The first word is matched against three tables in this order: commands that
 * want an argument (only when one is given, so that `:theme` is still what `t`
 * does), views, actions. Arguments are completed from the list their kind has;
 * in a list with commas or with a leading `-` only the last name counts.
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "app/flight_column.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "ui/theme.h"
#include "views/views.h"

enum { NAME_MAX_BYTES = 40 };

enum argument { ARGUMENT_NONE, ARGUMENT_MAY, ARGUMENT_MUST };

struct row {
    const char *name;
    enum command_kind kind;
    enum argument needs;
    const char *argument, *help;
    const char *(*offer)(size_t i); /* what the argument may be; NULL = anything */
};

/* ---- what arguments may be ---------------------------------------------------------
 */

static const char *offer_column(size_t i)
{
    return i < COLUMN_COUNT ? flight_column_info((enum flight_column)i)->name : NULL;
}

static const char *offer_theme(size_t i)
{
    return theme_builtin_name(i);
}

static const char *offer_units(size_t i)
{
    return i < UNITS_COUNT ? unit_system_name((enum unit_system)i) : NULL;
}

static const char *offer_view(size_t i)
{
    return i < view_count() ? view_at(i)->name : NULL;
}

static const struct row rows[] = {
    {"view", COMMAND_VIEW, ARGUMENT_MUST, "NAME", "Go to a view", offer_view},
    {"filter", COMMAND_FILTER, ARGUMENT_MUST, "EXPR",
     "Show only the flights that match, - for all", NULL},
    {"sort", COMMAND_SORT, ARGUMENT_MUST, "[-]COLUMN",
     "Sort by a column, - turns the order round", offer_column},
    {"columns", COMMAND_COLUMNS, ARGUMENT_MUST, "NAME,...",
     "The columns of the list, - for all that fit", offer_column},
    {"theme", COMMAND_THEME, ARGUMENT_MUST, "NAME|FILE", "Use a theme", offer_theme},
    {"units", COMMAND_UNITS, ARGUMENT_MUST, "SYSTEM", "Use a system of units",
     offer_units},
    {"select", COMMAND_SELECT, ARGUMENT_MUST, "HEX|CALLSIGN",
     "Select an aircraft, in every view", NULL},
    {"watch", COMMAND_WATCH, ARGUMENT_MUST, "EXPR",
     "Tell when aircraft that match come, are near or leave, - for none", NULL},
    {"centre", COMMAND_CENTRE, ARGUMENT_MUST, "LAT,LON|PLACE",
     "Show a place on the map: an airport, a country, or degrees", NULL},
    {"zoom", COMMAND_ZOOM, ARGUMENT_MUST, "0..24", "How close the map is, as web maps",
     NULL},
    {"link", COMMAND_LINK, ARGUMENT_NONE, "",
     "Show the command line that shows this screen again", NULL},
    {"write", COMMAND_WRITE, ARGUMENT_MUST, "FILE",
     "Write the screen (.txt .ansi .svg) or the data (.csv .json .ndjson)", NULL},
    {"copy", COMMAND_COPY, ARGUMENT_MUST, "COLUMN",
     "Copy one value of the selected flight", offer_column},
    {"seek", COMMAND_SEEK, ARGUMENT_MUST, "[+|-][M:]SECONDS",
     "Go to a time of the recording; in the past: so long ago", NULL},
    {"speed", COMMAND_SPEED, ARGUMENT_MUST, "X",
     "Replay so many times as fast, 0.1 to 1000", NULL},
};

bool command_row(size_t i, const char **ret_name, const char **ret_argument,
                 const char **ret_help)
{
    if (i >= ARRAY_LEN(rows))
        return false;
    *ret_name = rows[i].name;
    *ret_argument = rows[i].argument;
    *ret_help = rows[i].help;
    return true;
}

static const struct row *row_by_name(const char *name, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
            return &rows[i];
    }
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------
 */

static bool parse_row(const struct row *row, const char *argument,
                      struct command *ret_command, struct strbuf *ret_error)
{
    struct command c = {.kind = row->kind, .name = row->name, .argument = argument};
    if (row->kind == COMMAND_VIEW) {
        c.view = view_by_name(argument);
        if (c.view == view_count()) {
            strbuf_addf(ret_error, "no view is called \"%s\"", argument);
            return false;
        }
    }
    *ret_command = c;
    return true;
}

/* A word alone: a view, an action, or q. */
static bool parse_word(const char *name, struct command *ret_command)
{
    struct command c = {.argument = ""};
    c.view = view_by_name(name);
    c.action = strcmp(name, "q") == 0 ? ACTION_QUIT : action_by_name(name);
    if (c.view == view_count() && name[0] != '\0' && name[1] == '\0')
        c.view = view_by_key(name[0]);
    if (c.view < view_count()) {
        c.kind = COMMAND_VIEW;
        c.name = view_at(c.view)->name;
    } else if (c.action != ACTION_NONE) {
        c.kind = COMMAND_ACTION;
        c.name = action_row(c.action)->name;
    } else {
        return false;
    }
    *ret_command = c;
    return true;
}

bool command_parse(const char *text, struct command *ret_command,
                   struct strbuf *ret_error)
{
    char name[NAME_MAX_BYTES];
    text += strspn(text, " ");
    size_t n = strcspn(text, " ");
    const char *argument = text + n + strspn(text + n, " ");
    snprintf(name, sizeof name, "%.*s", (int)MIN_OF(n, sizeof name - 1), text);
    const struct row *row = row_by_name(name, strlen(name));
    if (name[0] == '\0') {
        *ret_command = (struct command){.kind = COMMAND_NONE, .argument = ""};
        return true;
    }
    if (row != NULL && (argument[0] != '\0' || row->needs != ARGUMENT_MUST))
        return parse_row(row, argument, ret_command, ret_error);
    if (argument[0] == '\0' && parse_word(name, ret_command))
        return true;
    if (row != NULL)
        strbuf_addf(ret_error, "%s wants %s", row->name, row->argument);
    else if (argument[0] != '\0' && parse_word(name, ret_command))
        strbuf_addf(ret_error, "%s takes no argument", name);
    else
        strbuf_addf(ret_error, "no command is called \"%s\"; Tab lists them", name);
    return false;
}

/* ---- completing ---------------------------------------------------------------------
 */

struct offers {
    const char *typed; /* the word so far */
    size_t n;
    struct strbuf *words;
    char common[NAME_MAX_BYTES]; /* what all of them begin with */
    size_t count;
    const char *help; /* of the last one */
};

static void offer(struct offers *o, const char *word, const char *help)
{
    if (strncmp(word, o->typed, o->n) != 0)
        return;
    size_t same = 0;
    while (o->common[same] != '\0' && o->common[same] == word[same])
        same++;
    if (o->count == 0)
        snprintf(o->common, sizeof o->common, "%s", word);
    else
        o->common[same] = '\0';
    o->count++;
    o->help = help;
    if (o->words != NULL)
        strbuf_addf(o->words, "%s ", word);
}

static void offer_names(struct offers *o)
{
    for (size_t i = 0; i < view_count(); i++)
        offer(o, view_at(i)->name, "Go to this view");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        offer(o, rows[i].name, rows[i].help);
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        const struct action_row *row = action_row((enum action)i);
        if (row_by_name(row->name, strlen(row->name)) == NULL)
            offer(o, row->name, row->help);
    }
}

/* Finds what the end of the text may become; the word's first byte in the text. */
static size_t find_offers(const char *text, struct offers *o)
{
    size_t n = strcspn(text, " ");
    const struct row *row = row_by_name(text, n);
    size_t start = 0;
    if (text[n] == '\0') {
        o->typed = text;
        o->n = n;
        offer_names(o);
        return 0;
    }
    if (row == NULL)
        return strlen(text);
    start = n + strspn(text + n, " ");
    if (row->kind == COMMAND_SORT && text[start] == '-')
        start++;
    for (const char *comma = strchr(text + start, ',');
         row->kind == COMMAND_COLUMNS && comma != NULL;
         comma = strchr(text + start, ','))
        start = (size_t)(comma + 1 - text);
    o->typed = text + start;
    o->n = strlen(o->typed);
    for (size_t i = 0; row->offer != NULL && row->offer(i) != NULL; i++)
        offer(o, row->offer(i), row->help);
    if (o->help == NULL)
        o->help = row->help;
    return start;
}

size_t command_offers(const char *text, struct strbuf *ret_words, const char **ret_help)
{
    struct offers o = {.words = ret_words};
    find_offers(text, &o);
    *ret_help = o.count <= 1 ? o.help : NULL;
    return o.count;
}

void command_complete(const char *text, struct strbuf *ret_text)
{
    struct offers o = {.words = NULL};
    size_t start = find_offers(text, &o);
    if (o.count == 0) {
        strbuf_add_text(ret_text, text);
        return;
    }
    strbuf_addf(ret_text, "%.*s%s", (int)start, text, o.common);
    const struct row *row = row_by_name(o.common, strlen(o.common));
    if (o.count == 1 && start == 0 && row != NULL && row->needs == ARGUMENT_MUST)
        strbuf_add_char(ret_text, ' ');
}
