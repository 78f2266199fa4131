/*
 * Words of choices end up inside single quotes: they hold letters, digits and "-".
 * The folder is looked into when Tab is pressed, not when the script is made.
 */
#include "base/options_completion.h"

#include <string.h>

#include "base/macros.h"

static bool takes_file(const struct option_row *row)
{
    return row->kind != OPTION_CHOICE && strstr(row->argument, "FILE") != NULL;
}

static bool has_folder(const struct options_class *class, size_t row)
{
    return class->folder != NULL && (size_t) class->folder_row == row;
}

static void print_words(const char *choices, FILE *out)
{
    for (const char *c = choices; c != NULL && *c != '\0'; c++) {
        fputc(*c == '|' ? ' ' : *c, out);
    }
}

/* ---- bash ------------------------------------------------------------------------
 */

static void print_bash_row(const struct options_class *class, size_t i, FILE *out)
{
    const struct option_row *row = &class->rows[i];
    fprintf(out, "    --%s)", row->name);
    if (row->choices != NULL) {
        fprintf(out, " words='");
        print_words(row->choices, out);
        fputc('\'', out);
    }
    if (has_folder(class, i)) {
        fprintf(out,
                "\n        for f in \"${XDG_CONFIG_HOME:-$HOME/.config}\"/%s/*%s; do\n"
                "            [[ -e $f ]] && f=${f##*/} && words+=\" ${f%%%s}\"\n"
                "        done\n       ",
                class->folder, class->suffix, class->suffix);
    }
    if (row->choices != NULL) {
        fprintf(out, " COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))");
    }
    if (takes_file(row)) {
        fprintf(out, "%s _%s_files", row->choices != NULL ? ";" : "", class->program);
    }
    fprintf(out, "%sreturn ;;\n", row->choices != NULL || takes_file(row) ? "; " : " ");
}

static void print_bash(const struct options_class *class, FILE *out)
{
    fprintf(out,
            "_%s_files() {\n"
            "    [[ ${#COMPREPLY[@]} -eq 0 ]] || return\n"
            "    compopt -o filenames 2>/dev/null\n"
            "    COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
            "_%s() {\n"
            "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
            "    local words f\n    COMPREPLY=()\n"
            "    [[ $cur == = ]] && cur= || { [[ $prev == = ]] &&"
            " prev=${COMP_WORDS[COMP_CWORD-2]}; }\n"
            "    case $prev in\n",
            class->program, class->program);
    for (size_t i = 0; i < class->row_count; i++) {
        if (class->rows[i].kind != OPTION_FLAG) {
            print_bash_row(class, i, out);
        }
    }
    fprintf(out, "    esac\n    COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < class->row_count; i++) {
        fprintf(out, "--%s ", class->rows[i].name);
    }
    fprintf(out, "' -- \"$cur\"))\n}\ncomplete -F _%s %s\n", class->program,
            class->program);
}

/* ---- zsh -------------------------------------------------------------------------
 */

/* Text inside single quotes of a shell. */
static void print_quoted(const char *text, FILE *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else if (*text == '[' || *text == ']' || *text == ':') {
            fprintf(out, "\\%c", *text);
        } else {
            fputc(*text, out);
        }
    }
}

/* What offers words and files alike needs a function of its own. */
static bool has_function(const struct option_row *row)
{
    return row->choices != NULL && takes_file(row);
}

static void print_zsh_function(const struct options_class *class, size_t i, FILE *out)
{
    fprintf(out, "_%s_%s() {\n  local -a words=(", class->program, class->rows[i].name);
    print_words(class->rows[i].choices, out);
    if (has_folder(class, i)) {
        fprintf(out, " ${XDG_CONFIG_HOME:-$HOME/.config}/%s/*%s(N:t:r)", class->folder,
                class->suffix);
    }
    fprintf(out, ")\n  compadd \"$@\" -a words || _files\n}\n");
}

static void print_zsh_action(const struct options_class *class, size_t i, FILE *out)
{
    const struct option_row *row = &class->rows[i];
    if (has_function(row)) {
        fprintf(out, "_%s_%s", class->program, row->name);
    } else if (row->choices != NULL) {
        fputc('(', out);
        print_words(row->choices, out);
        fputc(')', out);
    } else {
        fputs(takes_file(row) ? "_files" : " ", out);
    }
}

static void print_zsh(const struct options_class *class, FILE *out)
{
    fprintf(out, "#compdef %s\n", class->program);
    for (size_t i = 0; i < class->row_count; i++) {
        if (has_function(&class->rows[i])) {
            print_zsh_function(class, i, out);
        }
    }
    fprintf(out, "_arguments \\\n");
    for (size_t i = 0; i < class->row_count; i++) {
        const struct option_row *row = &class->rows[i];
        fprintf(out, "  '%s--%s[", row->kind == OPTION_LIST ? "*" : "", row->name);
        print_quoted(row->help, out);
        fputc(']', out);
        if (row->kind != OPTION_FLAG) {
            fputc(':', out);
            print_quoted(row->argument, out);
            fputc(':', out);
            print_zsh_action(class, i, out);
        }
        fprintf(out, "' \\\n");
    }
    fprintf(out, "  '*:: :'\n");
}

/* ---- fish ------------------------------------------------------------------------
 */

static void print_fish_row(const struct options_class *class, size_t i, FILE *out)
{
    const struct option_row *row = &class->rows[i];
    fprintf(out, "complete -c %s -l %s", class->program, row->name);
    if (row->kind != OPTION_FLAG) {
        fputs(takes_file(row) ? " -r -F" : " -x", out);
    }
    if (row->choices != NULL) {
        fputs(" -a '", out);
        print_words(row->choices, out);
        if (has_folder(class, i)) {
            fprintf(out,
                    " (set -l d $XDG_CONFIG_HOME ~/.config; for f in $d[1]/%s/*%s;"
                    " string replace -ra \".*/|\\\\%s\\$\" \"\" $f; end)",
                    class->folder, class->suffix, class->suffix);
        }
        fputc('\'', out);
    }
    fprintf(out, " -d '");
    for (const char *c = row->help; *c != '\0'; c++) {
        *c == '\'' ? fputs("\\'", out) : fputc(*c, out);
    }
    fprintf(out, "'\n");
}

static void print_fish(const struct options_class *class, FILE *out)
{
    for (size_t i = 0; i < class->row_count; i++) {
        print_fish_row(class, i, out);
    }
}

bool options_print_completion(const struct options_class *class, const char *shell,
                              FILE *out)
{
    static const struct {
        const char *shell;
        void (*print)(const struct options_class *, FILE *);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (unsigned i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(shell, shells[i].shell) == 0) {
            shells[i].print(class, out);
            return true;
        }
    }
    return false;
}
