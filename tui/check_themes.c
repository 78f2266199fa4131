#include "check_themes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "ui/ini_file.h"
#include "ui/theme.h"
#include "ui/theme_check.h"

#define CONTRAST_MAX 21.0

struct checking {
    const char *file, *text;
    struct theme theme;
    int faults;
    double worst_text, worst_graphic;
};

/* The line that begins with a word in [roles]; that of [roles] when none does. */
static int line_of(const char *text, const char *word)
{
    int section = 1;
    bool inside = false;
    for (int line = 1; *text != '\0'; line++) {
        size_t n = strcspn(text, "\n");
        size_t name = strcspn(text, " =\t\n");
        if (text[0] == '[') {
            inside = strncmp(text, "[roles]", strlen("[roles]")) == 0;
            section = inside ? line : section;
        } else if (inside && name == strlen(word) && memcmp(text, word, name) == 0) {
            return line;
        }
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    return section;
}

static void complain(struct checking *c, enum role role, const char *what)
{
    fprintf(stderr, "%s:%d: %s: %s\n", c->file, line_of(c->text, role_name(role)),
            role_name(role), what);
    c->faults++;
}

static void check_contrast(struct checking *c, enum role role, bool marked)
{
    bool graphic = theme_role_is_graphic(role);
    double least = graphic ? THEME_CONTRAST_GRAPHICS : THEME_CONTRAST_TEXT;
    double contrast = theme_role_contrast(&c->theme, role, marked);
    char what[96];
    if (contrast < 1)
        return; /* the terminal's own colours */
    double *worst = graphic ? &c->worst_graphic : &c->worst_text;
    *worst = contrast < *worst ? contrast : *worst;
    if (contrast >= least)
        return;
    snprintf(what, sizeof what, "contrast %.2f:1%s, less than %.1f:1 for %s", contrast,
             marked ? " on the selection" : "", least, graphic ? "graphics" : "text");
    complain(c, role, what);
}

static void check_role(struct checking *c, enum role role)
{
    /* What a list puts on the selection's background. */
    bool marked = role == ROLE_TEXT || role == ROLE_ACCENT || role == ROLE_STRONG;
    if (!c->theme.named[role])
        complain(c, role, "this role is missing");
    if (role != ROLE_SELECTION)
        check_contrast(c, role, false);
    if (marked)
        check_contrast(c, role, true);
    if (!theme_role_is_visible_16(&c->theme, role))
        complain(c, role, "with 16 colours it is invisible; say it in [roles.16]");
}

static void print_worst(const struct checking *c)
{
    printf("%s: %d roles", c->file, (int)ROLE_COUNT);
    if (c->worst_text < CONTRAST_MAX)
        printf("; lowest contrast of text %.1f:1, of graphics %.1f:1", c->worst_text,
               c->worst_graphic);
    putchar('\n');
}

static int check_text(const char *file, const char *text)
{
    struct checking c = {.file = file,
                         .text = text,
                         .worst_text = CONTRAST_MAX,
                         .worst_graphic = CONTRAST_MAX};
    struct strbuf error;
    strbuf_init(&error, 1024);
    theme_init(&c.theme);
    if (theme_read(&c.theme, file, text, &error) != 0) {
        fprintf(stderr, "%s\n", strbuf_text(&error));
        c.faults++;
    }
    for (int role = 0; role < ROLE_COUNT; role++)
        check_role(&c, (enum role)role);
    if (c.faults == 0)
        print_worst(&c);
    strbuf_release(&error);
    return c.faults;
}

static int check_file(const char *path)
{
    char *text;
    int rc = ini_file_load(path, &text);
    if (rc != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(-rc));
        return 1;
    }
    int faults = check_text(path, text);
    free(text);
    return faults;
}

int check_themes_run(const char *const *files, size_t count)
{
    int faults = 0;
    const char *name;
    size_t len;
    for (size_t i = 0; i < count; i++)
        faults += check_file(files[i]);
    for (size_t i = 0; count == 0 && (name = theme_builtin_name(i)) != NULL; i++)
        faults += check_text(name, theme_builtin_text(i, &len));
    return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
