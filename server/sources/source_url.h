/*
 * The argument of --source, taken apart: kind, what it points at, and the
 * parameters. `name` and `poll_s` (and those of the kind itself) are for us and
 * are not sent on; everything else stays part of a web URL, and is a mistake
 * elsewhere. Owned by who parsed it; read-only then.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source_class;
struct strbuf;

enum { SOURCE_NAME_SIZE = 24, SOURCE_PARAMETERS_MAX = 16, SOURCE_POLL_MAX_S = 86400 };

struct source_parameter {
    char *key;
    char *value; /* percent-decoded */
};

struct source_url {
    const struct source_class *kind;
    char *text;                  /* as given, for messages */
    char *target;                /* web URL, path of a file, host name; may be "" */
    int port;                    /* of a TCP source */
    char name[SOURCE_NAME_SIZE]; /* `src` of its records */
    bool named;                  /* by name=, not by default */
    int64_t poll_ms;
    struct source_parameter parameters[SOURCE_PARAMETERS_MAX];
    size_t parameter_count;
};

/*
 * Takes text apart; kind is what its scheme names, NULL when nothing does. NULL
 * with one line in ret_error: what is wrong, where, and what is wanted.
 */
struct source_url *source_url_parse(const char *text, const struct source_class *kind,
                                    struct strbuf *ret_error);
void source_url_free(struct source_url *url); /* accepts NULL */

/* The value of a parameter, NULL when it is not given. */
const char *source_url_value(const struct source_url *url, const char *key);

struct source_range {
    double min;
    double max;
    double fallback; /* when the parameter is not given */
};

/*
 * A number of that range. False with a line in ret_error when it is none.
 */
bool source_url_number(const struct source_url *url, const char *key,
                       struct source_range range, double *ret_value,
                       struct strbuf *ret_error);

/* False with a line in ret_error when the parameter names a file we cannot read. */
bool source_url_check_file(const struct source_url *url, const char *key,
                           struct strbuf *ret_error);
