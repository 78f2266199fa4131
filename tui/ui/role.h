/*
 * What a cell means; the theme says how a meaning looks. Rows of
 * theme_roles.def. Pure; any thread.
 */
#pragma once

enum role {
#define ROLE(id, ...) ROLE_##id,
#include "ui/theme_roles.def"
#undef ROLE
    ROLE_COUNT
};

/* The role's name in a theme file. */
const char *role_name(enum role role);

/* The role of a name, or ROLE_COUNT. */
enum role role_by_name(const char *name);
