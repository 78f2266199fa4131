/*
 * A theme gives each role one style for 256 colours and more; what it does not say
 * for 16 colours follows by the nearest palette entry, and for none by the
 * attributes of theme_roles.def. Sections [roles], [roles.16] and [roles.mono]
 * hold lines such as
 *     emergency = white on red bold
 */
#include "ui/theme.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "ui/ini_file.h"
#include "ui/theme_btop.h"

/* Of a channel: less than so much between them is grey; from so much on bright. */
enum { HUE_MIN = 40, BRIGHT_MIN = 0xD0 };

enum { PLAIN = 0, BOLD = ATTR_BOLD, DIM = ATTR_DIM };
enum { UNDERLINE = ATTR_UNDERLINE, REVERSE = ATTR_REVERSE };

static const unsigned mono_attrs[ROLE_COUNT] = {
#define ROLE(id, name, mono, help) [ROLE_##id] = (mono),
#include "ui/theme_roles.def"
#undef ROLE
};

static const char *const colour_names[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white",
};

static const unsigned palette16[] = {
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
};

/* ---- colours -------------------------------------------------------------- */

unsigned colour_rgb(int colour)
{
    static const unsigned steps[] = {0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};
    if (colour >= COLOUR_RGB)
        return (unsigned)colour & 0xFFFFFF;
    if (colour < 16)
        return palette16[colour];
    if (colour >= 232) {
        unsigned grey = 8U + 10U * (unsigned)(colour - 232);
        return grey << 16 | grey << 8 | grey;
    }
    unsigned i = (unsigned)colour - 16U;
    return steps[i / 36] << 16 | steps[i / 6 % 6] << 8 | steps[i % 6];
}

static int distance(unsigned a, unsigned b)
{
    int red = (int)(a >> 16 & 0xFF) - (int)(b >> 16 & 0xFF);
    int green = (int)(a >> 8 & 0xFF) - (int)(b >> 8 & 0xFF);
    int blue = (int)(a & 0xFF) - (int)(b & 0xFF);
    return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

/* Of 16 colours the hue matters most: a pale red is red, not the grey of its depth. */
static int hue_of_16(unsigned rgb)
{
    unsigned red = rgb >> 16 & 0xFF;
    unsigned green = rgb >> 8 & 0xFF;
    unsigned blue = rgb & 0xFF;
    unsigned most = MAX_OF(red, MAX_OF(green, blue));
    unsigned least = MIN_OF(red, MIN_OF(green, blue));
    unsigned middle = (most + least) / 2;
    if (most - least < HUE_MIN)
        return 0;
    int hue =
        (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
    return most >= BRIGHT_MIN ? hue + 8 : hue;
}

int colour_nearest(unsigned rgb, enum colour_depth depth)
{
    /* The first 16 of 256 are what the user's terminal made of them: not guessed. */
    int first = depth == DEPTH_256 ? 16 : 0;
    int last = depth == DEPTH_256 ? 255 : 15;
    int hue = depth == DEPTH_256 ? 0 : hue_of_16(rgb);
    int best = first;
    int best_distance = INT_MAX;
    if (hue != 0)
        return hue;
    for (int i = first; i <= last; i++) {
        int d = distance(rgb, colour_rgb(i));
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

static bool parse_number(const char *word, int base, long max, long *ret)
{
    char *end;
    long v = strtol(word, &end, base);
    if (end == word || *end != '\0' || v < 0 || v > max)
        return false;
    *ret = v;
    return true;
}

static bool parse_colour(const char *word, int *ret_colour)
{
    long v;
    for (size_t i = 0; i < ARRAY_LEN(colour_names); i++) {
        if (strcmp(word, colour_names[i]) == 0) {
            *ret_colour = (int)i;
            return true;
        }
    }
    if (strcmp(word, "default") == 0) {
        *ret_colour = COLOUR_DEFAULT;
    } else if (word[0] == '#' && strlen(word) == 7 &&
               parse_number(word + 1, 16, 0xFFFFFF, &v)) {
        *ret_colour = COLOUR_RGB | (int)v;
    } else if (word[0] >= '0' && word[0] <= '9' && parse_number(word, 10, 255, &v)) {
        *ret_colour = (int)v;
    } else {
        return false;
    }
    return true;
}

/* ---- one line ------------------------------------------------------------- */

static bool parse_attr(const char *word, unsigned *attrs)
{
    static const struct {
        const char *word;
        unsigned attr;
    } rows[] = {
        {"bold", ATTR_BOLD},       {"dim", ATTR_DIM}, {"underline", ATTR_UNDERLINE},
        {"reverse", ATTR_REVERSE}, {"plain", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(word, rows[i].word) == 0) {
            *attrs |= rows[i].attr;
            return true;
        }
    }
    return false;
}

static bool parse_style(char *text, struct theme_style *ret_style, struct strbuf *error)
{
    struct theme_style style = {COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
    bool background = false;
    char *rest = text;
    for (char *word = strtok_r(text, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        if (strcmp(word, "on") == 0) {
            background = true;
        } else if (parse_attr(word, &style.attrs)) {
            continue;
        } else if (parse_colour(word, background ? &style.bg : &style.fg)) {
            background = false;
        } else {
            strbuf_addf(error, "\"%s\" is no colour and no attribute", word);
            return false;
        }
    }
    *ret_style = style;
    return true;
}

static struct theme_style for_16(struct theme_style style)
{
    int *colours[] = {&style.fg, &style.bg};
    for (size_t i = 0; i < ARRAY_LEN(colours); i++) {
        int c = *colours[i];
        if (c > 15)
            *colours[i] = colour_nearest(colour_rgb(c), DEPTH_16);
    }
    return style;
}

struct theme_reading {
    struct theme *theme;
    bool own_16[ROLE_COUNT]; /* said in [roles.16]: not derived any more */
};

static bool take_role(struct theme_reading *r, const char *section, enum role role,
                      struct theme_style style)
{
    if (strcmp(section, "roles") == 0) {
        r->theme->styles[SHEET_FULL][role] = style;
        r->theme->named[role] = true;
        if (!r->own_16[role])
            r->theme->styles[SHEET_16][role] = for_16(style);
    } else if (strcmp(section, "roles.16") == 0) {
        r->theme->styles[SHEET_16][role] = for_16(style);
        r->own_16[role] = true;
    } else {
        r->theme->styles[SHEET_MONO][role] =
            (struct theme_style){COLOUR_DEFAULT, COLOUR_DEFAULT, style.attrs};
    }
    return true;
}

static bool take_setting(void *data, const char *section, const char *key,
                         const char *value, struct strbuf *error)
{
    struct theme_reading *r = data;
    if (strcmp(section, "theme") == 0) {
        if (strcmp(key, "name") == 0)
            snprintf(r->theme->name, sizeof r->theme->name, "%s", value);
        if (strcmp(key, "background") != 0 ||
            parse_colour(value, &r->theme->background))
            return true;
        strbuf_addf(error, "\"%s\" is no colour", value);
        return false;
    }
    if (strcmp(section, "roles") != 0 && strcmp(section, "roles.16") != 0 &&
        strcmp(section, "roles.mono") != 0) {
        strbuf_addf(error, "unknown section [%s]", section);
        return false;
    }
    enum role role = role_by_name(key);
    if (role == ROLE_COUNT) {
        strbuf_addf(error, "unknown role \"%s\"", key);
        return false;
    }
    struct theme_style style;
    char *text = xstrdup(value);
    bool ok = parse_style(text, &style, error);
    free(text);
    return ok && take_role(r, section, role, style);
}

/* ---- whole themes --------------------------------------------------------- */

void theme_init(struct theme *theme)
{
    memset(theme, 0, sizeof *theme);
    theme->background = COLOUR_DEFAULT;
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct theme_style style = {COLOUR_DEFAULT, COLOUR_DEFAULT, mono_attrs[role]};
        for (int sheet = 0; sheet < SHEET_COUNT; sheet++)
            theme->styles[sheet][role] = style;
    }
}

int theme_read(struct theme *theme, const char *name, const char *text,
               struct strbuf *ret_error)
{
    struct theme_reading r = {.theme = theme};
    struct strbuf ini;
    if (!theme_btop_is(text))
        return ini_text_read(name, text, take_setting, &r, ret_error);
    strbuf_init(&ini, INI_FILE_MAX);
    int rc = theme_btop_translate(name, text, &ini, ret_error);
    if (rc == 0)
        rc = ini_text_read(name, strbuf_text(&ini), take_setting, &r, ret_error);
    strbuf_release(&ini);
    return rc;
}

static const char *find_builtin(const char *name)
{
    for (size_t i = 0; theme_builtin_name(i) != NULL; i++) {
        size_t len;
        if (strcmp(theme_builtin_name(i), name) == 0)
            return theme_builtin_text(i, &len);
    }
    return NULL;
}

static int load_file(struct theme *theme, const char *path, struct strbuf *ret_error)
{
    char *text;
    int rc = ini_file_load(path, &text);
    if (rc != 0) {
        strbuf_addf(ret_error, "theme %s: %s", path, strerror(-rc));
        return rc;
    }
    rc = theme_read(theme, path, text, ret_error);
    free(text);
    return rc;
}

bool theme_path(const char *name, const char *folder, char *ret_path, size_t size)
{
    if (find_builtin(name) != NULL)
        return false;
    if (strchr(name, '/') != NULL)
        snprintf(ret_path, size, "%s", name);
    else if (folder != NULL)
        snprintf(ret_path, size, "%s/%s.theme", folder, name);
    else
        return false;
    return strchr(name, '/') != NULL || access(ret_path, F_OK) == 0;
}

int theme_load(struct theme *theme, const char *name, const char *folder,
               struct strbuf *ret_error)
{
    char path[PATH_MAX];
    theme_init(theme);
    snprintf(theme->name, sizeof theme->name, "%s", name);
    const char *builtin = find_builtin(name);
    if (builtin != NULL)
        return theme_read(theme, name, builtin, ret_error);
    if (theme_path(name, folder, path, sizeof path))
        return load_file(theme, path, ret_error);
    strbuf_addf(ret_error, "no theme is called \"%s\"; there are", name);
    for (size_t i = 0; theme_builtin_name(i) != NULL; i++)
        strbuf_addf(ret_error, "%s %s", i > 0 ? "," : "", theme_builtin_name(i));
    return -ENOENT;
}

enum { BLACK = 0, WHITE = 7, GREY = 8, BRIGHT_WHITE = 15 };

static bool is_dark(int colour)
{
    return colour == BLACK || colour == 1 || colour == 4 || colour == 5 ||
           colour == GREY;
}

/* What was rounded to its background's colour must be seen all the same. */
static struct theme_style seen_on_16(struct theme_style style)
{
    if (style.fg >= 0 && style.fg == style.bg)
        style.fg = is_dark(style.bg) ? BRIGHT_WHITE : BLACK;
    return style;
}

/*
 * Terminals of eight colours make the bright ones with bold, but for grey: bold black
 * is black on many. A grey background is told by reverse.
 */
static struct theme_style for_8(struct theme_style style)
{
    if (style.bg == GREY)
        style.attrs ^= ATTR_REVERSE;
    style.bg = style.bg >= 8 ? style.bg - 8 : style.bg;
    if (style.fg == GREY) {
        style.fg = style.bg < 0 ? COLOUR_DEFAULT : is_dark(style.bg) ? WHITE : BLACK;
        style.attrs |= style.bg < 0 ? ATTR_DIM : 0U;
    } else if (style.fg >= 8) {
        style.fg -= 8;
        style.attrs |= ATTR_BOLD;
    }
    if (style.fg >= 0 && style.fg == style.bg)
        style.fg = is_dark(style.bg) ? WHITE : BLACK;
    return style;
}

static struct theme_style for_256(struct theme_style style)
{
    if (style.fg >= COLOUR_RGB)
        style.fg = colour_nearest(colour_rgb(style.fg), DEPTH_256);
    if (style.bg >= COLOUR_RGB)
        style.bg = colour_nearest(colour_rgb(style.bg), DEPTH_256);
    return style;
}

struct theme_style theme_style(const struct theme *theme, enum role role,
                               enum colour_depth depth, bool marked)
{
    static const enum theme_sheet sheets[] = {SHEET_MONO, SHEET_16, SHEET_16,
                                              SHEET_FULL, SHEET_FULL};
    const struct theme_style *styles = theme->styles[sheets[depth]];
    const struct theme_style *selection = &styles[ROLE_SELECTION];
    struct theme_style style = styles[role];
    if (marked && (style.bg == COLOUR_DEFAULT || role == ROLE_TEXT)) {
        style.bg = selection->bg;
        style.fg = selection->fg != COLOUR_DEFAULT ? selection->fg : style.fg;
    }
    if (marked)
        style.attrs |= selection->attrs;
    if (style.bg == COLOUR_DEFAULT)
        style.bg = styles[ROLE_TEXT].bg;
    return depth == DEPTH_8     ? for_8(seen_on_16(style))
           : depth == DEPTH_16  ? seen_on_16(style)
           : depth == DEPTH_256 ? for_256(style)
                                : style;
}
