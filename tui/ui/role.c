#include "ui/role.h"

#include <string.h>

static const char *const names[ROLE_COUNT] = {
#define ROLE(id, name, ...) [ROLE_##id] = name,
#include "ui/theme_roles.def"
#undef ROLE
};

const char *role_name(enum role role)
{
    return names[role];
}

enum role role_by_name(const char *name)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum role)i;
    }
    return ROLE_COUNT;
}
