/*
 * Which key does what: the defaults of actions.def, changed by a keymap file
 * ([keys] action = key key ...). One thread.
 */
#pragma once

#include "base/strbuf.h"
#include "ui/action.h"
#include "ui/key.h"

enum { KEYMAP_KEYS_MAX = 256 };

struct keymap {
    struct {
        struct key key;
        enum action action;
    } rows[KEYMAP_KEYS_MAX];
    size_t count;
};

/* The defaults. */
void keymap_init(struct keymap *map);

/*
 * Reads a keymap's text over the one given: an action named there loses its
 * other keys. 0, or -EINVAL with "NAME:LINE: what" in ret_error.
 */
int keymap_read(struct keymap *map, const char *name, const char *text,
                struct strbuf *ret_error);

/* What a key does in a view's context: its own keys, then LIST's, then GLOBAL's. */
enum action keymap_find(const struct keymap *map, enum context context, struct key key);

/* The first key of an action as text, "" when it has none. */
void keymap_key_name(const struct keymap *map, enum action action,
                     char ret_name[KEY_NAME_SIZE]);

/* All keys of an action, separated by blanks. */
void keymap_key_names(const struct keymap *map, enum action action, struct strbuf *out);
