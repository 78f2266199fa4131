/*
 * Any text as a theme, ours or btop's, and as a keymap: it is read or refused with
 * a place; what was read gives colours that a terminal has and keys that mean
 * something. Both are INI, so this is the fuzzer of ini_file as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ui/keymap.h"
#include "ui/theme.h"
#include "ui/theme_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void check_theme(const char *text)
{
    struct theme theme;
    struct strbuf error;
    strbuf_init(&error, 4096);
    theme_init(&theme);
    int rc = theme_read(&theme, "t", text, &error);
    must((rc != 0) == (error.len > 0));
    must(rc == 0 || strncmp(strbuf_text(&error), "t:", 2) == 0);
    for (int role = 0; role < ROLE_COUNT; role++) {
        for (int depth = DEPTH_MONO; depth <= DEPTH_TRUE; depth++) {
            static const int lasts[] = {-1, 7, 15, 255, COLOUR_RGB | 0xFFFFFF};
            int last = lasts[depth];
            struct theme_style style =
                theme_style(&theme, (enum role)role, (enum colour_depth)depth, true);
            must(style.fg >= -1 && style.fg <= last);
            must(style.bg >= -1 && style.bg <= last);
        }
        double contrast = theme_role_contrast(&theme, (enum role)role, false);
        must(contrast >= 0 && contrast <= 21.001);
    }
    strbuf_release(&error);
}

static void check_keymap(const char *text)
{
    struct keymap map;
    struct strbuf error;
    strbuf_init(&error, 4096);
    keymap_init(&map);
    int rc = keymap_read(&map, "k", text, &error);
    must((rc != 0) == (error.len > 0));
    must(map.count <= KEYMAP_KEYS_MAX);
    for (size_t i = 0; i < map.count; i++) {
        enum context context = action_row(map.rows[i].action)->context;
        must(keymap_find(&map, context, map.rows[i].key) != ACTION_NONE);
    }
    strbuf_release(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_theme(text);
    check_keymap(text);
    free(text);
    return 0;
}
