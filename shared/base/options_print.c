#include "base/options_print.h"

#include <string.h>

#include "base/macros.h"

enum { HELP_COLUMN = 34, HELP_WIDTH = 79 };

/* Writes text from HELP_COLUMN on, wrapped at blanks. */
static void print_wrapped(const char *text, FILE *out)
{
    size_t room = HELP_WIDTH - HELP_COLUMN;
    while (strlen(text) > room) {
        size_t cut = room;
        while (cut > 0 && text[cut] != ' ')
            cut--;
        if (cut == 0)
            cut = room;
        fprintf(out, "%.*s\n%*s", (int)cut, text, HELP_COLUMN, "");
        text += cut + (text[cut] == ' ');
    }
    fprintf(out, "%s", text);
}

static void print_row(const struct option_row *row, FILE *out)
{
    int width = fprintf(out, "  --%s%s%s", row->name, row->argument[0] ? " " : "",
                        row->argument);
    if (width >= HELP_COLUMN)
        width = fprintf(out, "\n") - 1;
    fprintf(out, "%*s", HELP_COLUMN - width, "");
    print_wrapped(row->help, out);
    if (row->initial != NULL && row->initial[0] != '\0' && row->kind != OPTION_FLAG)
        fprintf(out, "\n%*s[%s]", HELP_COLUMN, "", row->initial);
    fputc('\n', out);
}

void options_print_help(const struct options_class *class, FILE *out)
{
    fprintf(out, "Usage: %s [OPTION]...%s%s\n%s\n\n", class->program,
            class->positional != NULL ? " " : "",
            class->positional != NULL ? class->positional : "", class->summary);
    for (size_t i = 0; i < class->row_count; i++)
        print_row(&class->rows[i], out);
    fprintf(out,
            "\nEach option is also a key of the configuration file and, in capitals "
            "with\nFLIGHTDASH_ before it, an environment variable.\n");
}

/* Keys of librdkafka whose values are secrets, or point into them. */
static bool is_secret_key(const char *key, size_t len)
{
    static const char *const words[] = {"password", "secret", "jaas", "key.pem",
                                        "token"};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (memmem(key, len, words[i], strlen(words[i])) != NULL)
            return true;
    return false;
}

/* Writes a value; what stands for a secret is shown as ***. */
static void print_value(const struct option_row *row, const char *text, FILE *out)
{
    const char *equals = strchr(text, '=');
    if ((row->flags & OPTION_SECRET) && equals != NULL &&
        is_secret_key(text, (size_t)(equals - text))) {
        fprintf(out, "%.*s=***", (int)(equals - text), text);
        return;
    }
    const char *scheme = strstr(text, "://");
    const char *at = scheme != NULL ? strchr(scheme, '@') : NULL;
    const char *path = scheme != NULL ? strchr(scheme + 3, '/') : NULL;
    if (at != NULL && (path == NULL || at < path)) {
        const char *colon = memchr(scheme + 3, ':', (size_t)(at - scheme - 3));
        if (colon != NULL) {
            fprintf(out, "%.*s:***%s", (int)(colon - text), text, at);
            return;
        }
    }
    fputs(text, out);
}

static void print_config_row(const struct options_class *class, const struct options *o,
                             int index, FILE *out)
{
    const struct option_row *row = &class->rows[index];
    if ((row->flags & OPTION_ACTION) || index == class->config_row)
        return;
    size_t count;
    const char *const *items = options_list(o, index, &count);
    if (count == 0)
        fprintf(out, "# %s =\n", row->name);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s = ", row->name);
        print_value(row, items[i], out);
        fprintf(out, "    ; %s\n", options_origin_text(o, index));
    }
}

void options_print_config(const struct options_class *class, const struct options *o,
                          FILE *out)
{
    const char *file = options_file(o);
    fprintf(out, "# configuration file: %s\n[%s]\n", file != NULL ? file : "none read",
            class->program);
    for (size_t i = 0; i < class->row_count; i++)
        print_config_row(class, o, (int)i, out);
}
