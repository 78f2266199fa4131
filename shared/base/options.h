/*
 * The options of a program: one table of rows gives the command line, the
 * FLIGHTDASH_* environment, the configuration file, --help, --print-config and
 * shell completion. Later origins win: default, file, environment, command
 * line; a list given by one origin replaces the list of a lower one.
 *
 * A row's index in the table is its number everywhere. Built and read by main
 * before threads start; afterwards read-only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf;

enum option_kind {
    OPTION_FLAG,   /* no argument; in files and environment yes|no */
    OPTION_TEXT,   /* any text */
    OPTION_INT,    /* min..max */
    OPTION_CHOICE, /* one of choices, "a|b|c" */
    OPTION_LIST    /* may be repeated; in the environment separated by blanks */
};

enum option_flags {
    OPTION_ACTION = 1, /* --help, --check, ...: command line only, no config key */
    OPTION_SECRET = 2, /* a K=V list whose values --print-config hides by key */
    OPTION_RELOAD = 4  /* SIGHUP takes the new value */
};

enum option_origin {
    OPTION_FROM_DEFAULT,
    OPTION_FROM_FILE,
    OPTION_FROM_ENVIRONMENT,
    OPTION_FROM_COMMAND_LINE
};

struct option_row {
    const char *name; /* long option without "--", and configuration key */
    enum option_kind kind;
    const char *argument; /* shown in --help: "URL"; "" for flags */
    const char *initial;  /* default as text; NULL = none */
    int64_t min;
    int64_t max;
    const char *choices; /* of OPTION_TEXT: words that completion offers */
    unsigned flags;
    const char *help;
};

struct options_class {
    const char *program;      /* "flightdashd"; also the file's section */
    const char *summary;      /* one line for --help */
    const char *positional;   /* shown after the options, NULL = none allowed */
    const char *const *files; /* default configuration files, NULL-terminated */
    int config_row;           /* the row that names another file */
    const char *prefix_key;   /* file keys "kafka.x" add "x=..." to ... */
    int prefix_row;           /* ... this list; -1 = none */
    int folder_row;           /* completion offers for this row too ... */
    const char *folder;       /* ... what lies in this one below XDG_CONFIG_HOME */
    const char *suffix;       /* ... with this ending (".x"); NULL folder = none */
    const struct option_row *rows;
    size_t row_count;
};

struct options;

struct options *options_new(const struct options_class *class);
void options_free(struct options *o);

/*
 * Reads file, environment (`env` as environ) and argv. 0, or -EINVAL with one
 * line in ret_error: what, where (--flag, FLIGHTDASH_X, file:line), what to do.
 */
int options_load(struct options *o, int argc, char **argv, char **env,
                 struct strbuf *ret_error);

/* Values; text is NULL when unset and without default. Borrowed from o. */
const char *options_text(const struct options *o, int row);
int64_t options_int(const struct options *o, int row);
bool options_flag(const struct options *o, int row);
const char *const *options_list(const struct options *o, int row, size_t *ret_count);
enum option_origin options_origin(const struct options *o, int row);

/* Where the value came from: "default", "/path:12", "FLIGHTDASH_X", "--x". */
const char *options_origin_text(const struct options *o, int row);

/* Whether an option has another value in b than in a; both of one class. */
bool options_differ(const struct options *a, const struct options *b, int row);

/* Sets a value as if it came from the command line (tests, roles). */
int options_set(struct options *o, int row, const char *value,
                struct strbuf *ret_error);

/* The arguments that are not options. */
const char *const *options_positional(const struct options *o, size_t *ret_count);

/* The configuration file that was read, NULL when none. */
const char *options_file(const struct options *o);
