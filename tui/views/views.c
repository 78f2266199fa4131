#include "views/views.h"

#include <string.h>

#include "base/macros.h"

#define VIEW(symbol) extern const struct view_class view_##symbol;
#include "views/views.def"
#undef VIEW

static const struct view_class *const rows[] = {
#define VIEW(symbol) &view_##symbol,
#include "views/views.def"
#undef VIEW
};

size_t view_count(void)
{
    return ARRAY_LEN(rows);
}

const struct view_class *view_at(size_t i)
{
    return i < ARRAY_LEN(rows) ? rows[i] : NULL;
}

size_t view_by_name(const char *name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && strcmp(rows[i]->name, name) != 0)
        i++;
    return i;
}

size_t view_by_key(char key)
{
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && rows[i]->key != key)
        i++;
    return i;
}
