#include "term/caps.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <term.h>

/* The language settings name UTF-8, whether or not that locale is installed. */
static bool wants_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && value[0] != '\0')
            return strcasestr(value, "utf-8") != NULL ||
                   strcasestr(value, "utf8") != NULL;
    }
    return false;
}

static bool find_utf8(void)
{
    if (setlocale(LC_CTYPE, "") == NULL && wants_utf8())
        setlocale(LC_CTYPE, "C.UTF-8");
    return strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Is there such an entry, and can it address the cursor? */
static bool try_entry(struct caps *caps, const char *name, int fd)
{
    int error = 0;
    if (setupterm(name, fd, &error) != OK)
        return false;
    const char *cup = tigetstr("cup");
    int colours = tigetnum("colors");
    bool usable = cup != NULL && cup != (const char *)-1;
    if (usable) {
        snprintf(caps->term, sizeof caps->term, "%s", name);
        caps->depth = colours >= 256 ? DEPTH_256 : colours >= 8 ? DEPTH_16 : DEPTH_MONO;
        /* user7 asks for the cursor's place, by convention of ncurses' terminfo. */
        const char *ask = tigetstr("u7");
        caps->answers =
            ask != NULL && ask != (const char *)-1 && strcmp(ask, "\033[6n") == 0;
    }
    del_curterm(cur_term);
    return usable;
}

/* xterm-kitty-2 -> xterm-kitty -> xterm */
static bool try_prefixes(struct caps *caps, const char *term, int fd)
{
    char name[CAPS_TERM_SIZE];
    snprintf(name, sizeof name, "%s", term);
    for (;;) {
        if (try_entry(caps, name, fd))
            return true;
        char *cut = strrchr(name, '-');
        cut = cut != NULL ? cut : strrchr(name, '.');
        if (cut == NULL || cut == name)
            return false;
        *cut = '\0';
    }
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

void caps_find(struct caps *caps, int fd, bool no_color, bool ascii)
{
    const char *term = getenv("TERM");
    memset(caps, 0, sizeof *caps);
    caps->utf8 = find_utf8() && !ascii;
    if (term == NULL || strcmp(term, "dumb") == 0)
        return;
    caps->full_screen = term[0] != '\0' && try_prefixes(caps, term, fd);
    if (!caps->full_screen || strcmp(caps->term, term) != 0) {
        caps->term_is_a_guess = true;
        if (!caps->full_screen)
            caps->full_screen =
                try_entry(caps, "xterm-256color", fd) || try_entry(caps, "ansi", fd);
    }
    caps->multiplexed = is_set("TMUX") || is_set("STY") ||
                        strncmp(term, "tmux", 4) == 0 ||
                        strncmp(term, "screen", 6) == 0;
    if (no_color || is_set("NO_COLOR"))
        caps->depth = DEPTH_MONO;
}
