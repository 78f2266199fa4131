/*
 * The list of themes to choose from, each applied while one passes over it, and
 * the watch over the file of the theme in use: saved means shown. The theme is
 * changed in place. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/theme.h"

struct strbuf;

enum { THEME_PICKER_MAX = 64, THEME_PICKER_NAME = 256 };

struct theme_picker {
    struct theme *theme;            /* borrowed */
    char folder[1024];              /* of the user's themes; "" = none */
    char name[THEME_PICKER_NAME];   /* of the theme in use, as theme_load takes it */
    char before[THEME_PICKER_NAME]; /* when the list was opened */
    char names[THEME_PICKER_MAX][THEME_PICKER_NAME];
    size_t count, at;
    int64_t file_stamp; /* of the file in use; 0 = built in */
};

/* name and folder as for theme_load; folder NULL = none. */
void theme_picker_init(struct theme_picker *p, struct theme *theme, const char *name,
                       const char *folder);

/* Makes the list: those compiled in, then those of the folder by name. */
void theme_picker_open(struct theme_picker *p);

enum theme_picker_event { PICKER_NOTHING, PICKER_CHANGED, PICKER_DONE, PICKER_BACK };

/* Takes a key while the list is open. CHANGED and BACK: the theme is another. */
enum theme_picker_event theme_picker_key(struct theme_picker *p, struct key key);

/* Draws the list at the right side of an area. */
void theme_picker_draw(const struct theme_picker *p, struct canvas *canvas,
                       struct rect area);

/* Uses a theme by name or path. 0, or negative errno with a sentence: the old stays. */
int theme_picker_use(struct theme_picker *p, const char *name,
                     struct strbuf *ret_error);

/*
 * Looks whether the file in use was saved since: 1 when it was read anew, 0 when
 * not, negative errno with a sentence when it is wrong now (the old look stays).
 */
int theme_picker_check(struct theme_picker *p, struct strbuf *ret_error);
