/*
 * The theme files themselves, put into the program by the assembler, so that a
 * program without its data files looks the same. Paths are from the top of the
 * tree, where make runs.
 */
#include "base/macros.h"
#include "ui/theme.h"

#define THEME(symbol, name)                                                            \
    __asm__(".section .rodata\n"                                                       \
            ".global theme_file_" #symbol "\n"                                         \
            "theme_file_" #symbol ":\n"                                                \
            ".incbin \"themes/" name ".theme\"\n"                                      \
            ".global theme_file_" #symbol "_end\n"                                     \
            "theme_file_" #symbol "_end:\n"                                            \
            ".byte 0\n"                                                                \
            ".previous\n");                                                            \
    extern const char theme_file_##symbol[];                                           \
    extern const char theme_file_##symbol##_end[];
#include "ui/themes.def"
#undef THEME

struct builtin {
    const char *name, *first, *end;
};

static const struct builtin builtins[] = {
#define THEME(symbol, name) {name, theme_file_##symbol, theme_file_##symbol##_end},
#include "ui/themes.def"
#undef THEME
};

const char *theme_builtin_name(size_t i)
{
    return i < ARRAY_LEN(builtins) ? builtins[i].name : NULL;
}

const char *theme_builtin_text(size_t i, size_t *ret_len)
{
    if (i >= ARRAY_LEN(builtins))
        return NULL;
    *ret_len = (size_t)(builtins[i].end - builtins[i].first);
    return builtins[i].first;
}
