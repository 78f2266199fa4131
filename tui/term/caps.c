#include "term/caps.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <term.h>

#include "base/macros.h"

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

static const char *text_capability(const char *name)
{
    const char *text = tigetstr(name);
    return text != (const char *)-1 ? text : NULL;
}

/* The entry's colours are those that true_colour.h can replace. */
static bool says_colours_as_xterm(void)
{
    const char *fg = text_capability("setaf");
    const char *bg = text_capability("setab");
    return fg != NULL && bg != NULL && strcmp(tparm(fg, 16L), "\033[38;5;16m") == 0 &&
           strcmp(tparm(bg, 16L), "\033[48;5;16m") == 0;
}

/* RGB may be a flag, a number or a text. */
static bool says_true_colour(void)
{
    return tigetflag("Tc") > 0 || tigetflag("RGB") > 0 || tigetnum("RGB") > 0 ||
           text_capability("RGB") != NULL;
}

/* What the entry can say, and what of it is known. */
static void find_colours(struct caps *caps)
{
    int colours = tigetnum("colors");
    caps->direct = colours > 256 && says_true_colour();
    caps->depth = colours >= 256  ? DEPTH_256
                  : colours >= 16 ? DEPTH_16
                  : colours >= 8  ? DEPTH_8
                                  : DEPTH_MONO;
    bool possible = caps->direct || (colours == 256 && says_colours_as_xterm());
    caps->depth_max = possible ? DEPTH_TRUE : caps->depth;
    if (possible && says_true_colour())
        caps->depth = DEPTH_TRUE;
}

/* Is there such an entry, and can it address the cursor? */
static bool try_entry(struct caps *caps, const char *name, int fd)
{
    int error = 0;
    if (setupterm(name, fd, &error) != OK)
        return false;
    bool usable = text_capability("cup") != NULL;
    if (usable) {
        snprintf(caps->term, sizeof caps->term, "%s", name);
        find_colours(caps);
        /* user7 asks for the cursor's place, by convention of ncurses' terminfo. */
        const char *ask = text_capability("u7");
        caps->answers = ask != NULL && strcmp(ask, "\033[6n") == 0;
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

/* GNU screen hands COLORTERM on, but not every version of it true colour. */
static bool environment_says_true_colour(void)
{
    const char *value = getenv("COLORTERM");
    return value != NULL && !is_set("STY") &&
           (strcmp(value, "truecolor") == 0 || strcmp(value, "24bit") == 0);
}

static void choose_depth(struct caps *caps, int colours)
{
    if (colours != CAPS_COLOURS_AUTO)
        caps->depth = MIN_OF((enum colour_depth)colours, caps->depth_max);
    else if (is_set("NO_COLOR"))
        caps->depth = DEPTH_MONO;
    else if (environment_says_true_colour())
        caps->depth = caps->depth_max;
}

void caps_find(struct caps *caps, int fd, int colours, bool ascii)
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
    caps->console = strncmp(caps->term, "linux", 5) == 0;
    choose_depth(caps, colours);
}
