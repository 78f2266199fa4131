/*
 * The keys and the three ways to write a colour ("#RRGGBB", "#GG" for grey,
 * "R G B" in decimal) are those that btop's own files explain at their top.
 * Gradients run from good to bad: their ends are our states and heights.
 */
#include "ui/theme_btop.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/strbuf.h"

enum { KEYS_MAX = 96, KEY_SIZE = 32, VALUE_SIZE = 48 };

struct key_value {
    char key[KEY_SIZE];
    unsigned rgb;
};

struct btop_theme {
    struct key_value rows[KEYS_MAX];
    size_t count;
};

/* A role of ours and where its colours come from; the first key that is there. */
static const struct {
    const char *role, *fg, *fg_else, *bg, *attrs;
} roles[] = {
    {"text", "main_fg", NULL, "main_bg", ""},
    {"dim", "graph_text", "inactive_fg", NULL, ""},
    {"strong", "main_fg", NULL, NULL, "bold"},
    {"accent", "hi_fg", "title", NULL, "bold"},
    {"heading", "title", "main_fg", NULL, ""},
    {"rule", "div_line", "inactive_fg", NULL, ""},
    {"selection", "selected_fg", NULL, "selected_bg", ""},
    {"input", "main_fg", NULL, NULL, ""},
    {"match", "hi_fg", "title", NULL, "underline"},
    {"ok", "temp_start", "cpu_start", NULL, ""},
    {"warn", "temp_mid", "cpu_mid", NULL, ""},
    {"fail", "temp_end", "cpu_end", NULL, ""},
    {"emergency", "main_bg", NULL, "temp_end", "bold"},
    {"stale", "inactive_fg", NULL, NULL, ""},
    {"banner", "main_bg", NULL, "temp_mid", ""},
    {"alt-ground", "inactive_fg", NULL, NULL, ""},
    {"alt-low", "used_end", "temp_mid", NULL, ""},
    {"alt-mid", "free_end", "temp_start", NULL, ""},
    {"alt-high", "cached_end", "title", NULL, ""},
    {"alt-top", "main_fg", NULL, NULL, ""},
    {"graph-1", "cpu_start", "proc_misc", NULL, ""},
    {"graph-2", "download_start", "used_start", NULL, ""},
    {"graph-3", "upload_start", "cached_start", NULL, ""},
    {"graph-4", "free_start", "available_start", NULL, ""},
    {"coast", "net_box", "proc_box", NULL, ""},
    {"border", "div_line", "inactive_fg", NULL, ""},
    {"night", "div_line", "inactive_fg", NULL, ""},
    {"airport", "graph_text", "inactive_fg", NULL, ""},
    {"trail", "proc_misc", "inactive_fg", NULL, ""},
    {"ring", "div_line", "inactive_fg", NULL, ""},
};

static const char *line_start(const char *text)
{
    return strncmp(text, "theme[", 6) == 0 ? text : NULL;
}

bool theme_btop_is(const char *text)
{
    while (text != NULL && *text != '\0') {
        if (line_start(text) != NULL)
            return true;
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return false;
}

/* ---- colours --------------------------------------------------------------------- */

static bool parse_hex(const char *digits, size_t n, unsigned *ret)
{
    unsigned v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isxdigit((unsigned char)digits[i]))
            return false;
        int c = tolower((unsigned char)digits[i]);
        v = v << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = v;
    return true;
}

static bool parse_decimal(const char *text, unsigned *ret)
{
    unsigned v = 0;
    for (int i = 0; i < 3; i++) {
        char *end;
        long part = strtol(text, &end, 10);
        if (end == text || part < 0 || part > 255)
            return false;
        v = v << 8 | (unsigned)part;
        text = end;
    }
    *ret = v;
    return text[strspn(text, " ")] == '\0';
}

static bool parse_colour(const char *text, unsigned *ret)
{
    size_t n = strlen(text);
    unsigned grey;
    if (text[0] != '#')
        return parse_decimal(text, ret);
    if (n == 3 && parse_hex(text + 1, 2, &grey)) {
        *ret = grey << 16 | grey << 8 | grey;
        return true;
    }
    return n == 7 && parse_hex(text + 1, 6, ret);
}

/* ---- lines ----------------------------------------------------------------------- */

/* The value between quotes, or the first word; false when it is too long. */
static bool cut_value(const char *text, char ret_value[VALUE_SIZE])
{
    text += strspn(text, " \t");
    char quote = *text == '"' || *text == '\'' ? *text++ : '\0';
    size_t n = quote != '\0' ? strcspn(text, quote == '"' ? "\"\n" : "'\n")
                             : strcspn(text, " \t\r\n");
    if (n >= VALUE_SIZE)
        return false;
    snprintf(ret_value, VALUE_SIZE, "%.*s", (int)n, text);
    return true;
}

/* What is wrong with a line that begins with "theme[", NULL when nothing is. */
static const char *take_line(struct btop_theme *t, const char *line)
{
    char value[VALUE_SIZE];
    struct key_value row;
    const char *key = line + strlen("theme[");
    size_t n = strcspn(key, "]\n");
    const char *rest = key + n + 1;
    if (key[n] != ']' || n == 0 || n >= KEY_SIZE)
        return "not theme[key]=\"colour\"";
    rest += strspn(rest, " \t");
    if (*rest != '=' || !cut_value(rest + 1, value))
        return "not theme[key]=\"colour\"";
    if (value[0] == '\0')
        return NULL; /* the terminal's own */
    snprintf(row.key, sizeof row.key, "%.*s", (int)n, key);
    if (!parse_colour(value, &row.rgb))
        return "no colour: #RRGGBB, #GG or R G B";
    if (t->count == KEYS_MAX)
        return "more keys than btop has";
    t->rows[t->count++] = row;
    return NULL;
}

static const struct key_value *find(const struct btop_theme *t, const char *key)
{
    for (size_t i = t->count; key != NULL && i-- > 0;) {
        if (strcmp(t->rows[i].key, key) == 0)
            return &t->rows[i];
    }
    return NULL;
}

static void write_roles(const struct btop_theme *t, struct strbuf *out)
{
    strbuf_add_text(out, "[roles]\n");
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        const struct key_value *fg = find(t, roles[i].fg);
        const struct key_value *bg = find(t, roles[i].bg);
        fg = fg != NULL ? fg : find(t, roles[i].fg_else);
        if (fg == NULL && bg == NULL)
            continue;
        strbuf_addf(out, "%s =", roles[i].role);
        if (fg != NULL)
            strbuf_addf(out, " #%06x", fg->rgb);
        if (bg != NULL)
            strbuf_addf(out, " on #%06x", bg->rgb);
        strbuf_addf(out, " %s\n", roles[i].attrs);
    }
}

int theme_btop_translate(const char *name, const char *text, struct strbuf *ret_ini,
                         struct strbuf *ret_error)
{
    struct btop_theme t = {.count = 0};
    for (int line = 1; text != NULL && *text != '\0'; line++) {
        const char *what = line_start(text) != NULL ? take_line(&t, text) : NULL;
        if (what != NULL) {
            strbuf_addf(ret_error, "%s:%d: %s", name, line, what);
            return -EINVAL;
        }
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    write_roles(&t, ret_ini);
    return 0;
}
