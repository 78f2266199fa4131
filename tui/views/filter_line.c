#include "views/filter_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "flight/filter.h"

const char *filter_line_prompt(const void *state)
{
    (void)state;
    return "filter ";
}

const char *filter_line_text(const void *state, const struct app *app)
{
    (void)state;
    return app->list.filter_text;
}

bool filter_line_take(void *state, struct app *app, const char *text, bool done,
                      struct strbuf *error)
{
    (void)state;
    (void)done;
    if (!flight_list_set_filter(&app->list, text, error))
        return false;
    app_update_list(app); /* the count beside the text is of this filter */
    return true;
}

void filter_line_note(const void *state, const struct app *app,
                      char ret_note[VIEW_NOTE_SIZE])
{
    (void)state;
    ret_note[0] = '\0';
    if (app->list.filter != NULL)
        snprintf(ret_note, VIEW_NOTE_SIZE, "%zu of %zu match", app->list.count,
                 flight_table_count(app->flights));
}

/* ---- completion ----------------------------------------------------------------- */

static bool begins(const char *name, const char *word, size_t n)
{
    return strncmp(name, word, n) == 0;
}

/* What all the fields that begin so have in common; its length, 0 = there is none. */
static size_t common_of(const char *word, size_t n, const char **ret_name)
{
    size_t common = 0;
    const char *name;
    *ret_name = NULL;
    for (size_t i = 0; (name = filter_field_name(i)) != NULL; i++) {
        if (!begins(name, word, n))
            continue;
        if (*ret_name == NULL) {
            *ret_name = name;
            common = strlen(name);
        }
        while (strncmp(*ret_name, name, common) != 0)
            common--;
    }
    return common;
}

bool filter_line_complete(const char *text, struct strbuf *ret_text)
{
    size_t end = strlen(text);
    size_t at = end;
    const char *name;
    while (at > 0 && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '_'))
        at--;
    size_t common = at < end ? common_of(text + at, end - at, &name) : 0;
    if (common <= end - at)
        return false;
    strbuf_addf(ret_text, "%.*s%.*s", (int)at, text, (int)common, name);
    return true;
}
