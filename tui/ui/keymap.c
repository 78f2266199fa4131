#include "ui/keymap.h"

#include <errno.h>
#include <string.h>

#include "ui/ini_file.h"

static void forget(struct keymap *map, enum action action)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (map->rows[i].action != action)
            map->rows[kept++] = map->rows[i];
    }
    map->count = kept;
}

/* Adds the keys of a blank-separated list; NULL, or the word that is no key. */
static const char *add_keys(struct keymap *map, enum action action, const char *keys)
{
    while (*keys != '\0') {
        keys += strspn(keys, " \t");
        size_t n = strcspn(keys, " \t");
        if (n == 0)
            break;
        if (map->count == KEYMAP_KEYS_MAX ||
            !key_by_name(keys, n, &map->rows[map->count].key))
            return keys;
        map->rows[map->count++].action = action;
        keys += n;
    }
    return NULL;
}

void keymap_init(struct keymap *map)
{
    map->count = 0;
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
        add_keys(map, (enum action)i, action_row((enum action)i)->keys);
}

static bool take_setting(void *data, const char *section, const char *key,
                         const char *value, struct strbuf *error)
{
    struct keymap *map = data;
    if (strcmp(section, "keys") != 0) {
        strbuf_addf(error, "unknown section [%s]; keys are in [keys]", section);
        return false;
    }
    enum action action = action_by_name(key);
    if (action == ACTION_NONE) {
        strbuf_addf(error, "no action is called \"%s\"", key);
        return false;
    }
    forget(map, action);
    const char *bad = add_keys(map, action, value);
    if (bad != NULL)
        strbuf_addf(error, "\"%.*s\" is no key", (int)strcspn(bad, " \t"), bad);
    return bad == NULL;
}

int keymap_read(struct keymap *map, const char *name, const char *text,
                struct strbuf *ret_error)
{
    return ini_text_read(name, text, take_setting, map, ret_error);
}

static enum action find_in(const struct keymap *map, enum context context,
                           struct key key)
{
    for (size_t i = map->count; i-- > 0;) {
        enum action action = map->rows[i].action;
        if (key_same(map->rows[i].key, key) && action_row(action)->context == context)
            return action;
    }
    return ACTION_NONE;
}

enum action keymap_find(const struct keymap *map, enum context context, struct key key)
{
    const enum context order[] = {context, CONTEXT_LIST, CONTEXT_GLOBAL};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum action action = find_in(map, order[i], key);
        if (action != ACTION_NONE)
            return action;
    }
    return ACTION_NONE;
}

void keymap_key_name(const struct keymap *map, enum action action,
                     char ret_name[KEY_NAME_SIZE])
{
    ret_name[0] = '\0';
    for (size_t i = 0; i < map->count; i++) {
        if (map->rows[i].action == action) {
            key_name(map->rows[i].key, ret_name);
            return;
        }
    }
}

void keymap_key_names(const struct keymap *map, enum action action, struct strbuf *out)
{
    const char *gap = "";
    for (size_t i = 0; i < map->count; i++) {
        char name[KEY_NAME_SIZE];
        if (map->rows[i].action != action)
            continue;
        key_name(map->rows[i].key, name);
        strbuf_addf(out, "%s%s", gap, name);
        gap = " ";
    }
}
