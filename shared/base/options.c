/*
 * getopt_long reads the command line from an option array made of the rows;
 * libinih reads the file. Its Debian build does not tell the handler the line and
 * takes none of more than 199 bytes, so the reader callback counts the lines and
 * keeps the value of a long one for the handler.
 */
#include "base/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ini.h>

#include "base/alloc.h"
#include "base/strbuf.h"

enum {
    OPTIONS_LIST_MAX = 64,
    OPTIONS_ERROR_MAX = 1024,
    OPTIONS_FIRST_CODE = 256,
    FILE_LINE_MAX = 16386 /* with its newline and the end of the text */
};

struct option_value {
    char **items; /* one for scalars, several for lists */
    size_t count;
    int64_t number;
    enum option_origin origin;
    char *where;
};

struct options {
    const struct options_class *class;
    struct option_value *values;
    const char **positional;
    size_t positional_count;
    char *file;
};

static void value_clear(struct option_value *v)
{
    for (size_t i = 0; i < v->count; i++)
        free(v->items[i]);
    free(v->items);
    free(v->where);
    *v = (struct option_value){0};
}

static bool parse_bool(const char *text, int64_t *ret_value)
{
    static const char *const words[] = {"no", "yes", "false", "true",
                                        "0",  "1",   "off",   "on"};
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *ret_value = i % 2;
            return true;
        }
    }
    return false;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    for (const char *at = choices; len > 0 && at != NULL;) {
        size_t word = strcspn(at, "|");
        if (word == len && strncmp(at, text, len) == 0)
            return true;
        at = at[word] == '|' ? at + word + 1 : NULL;
    }
    return false;
}

/* Checks text against the row; the error names the place `where`. */
static int check_value(const struct option_row *row, const char *text,
                       const char *where, int64_t *ret_number, struct strbuf *error)
{
    if (row->kind == OPTION_FLAG && !parse_bool(text, ret_number)) {
        strbuf_addf(error, "%s: \"%s\" is neither yes nor no", where, text);
        return -EINVAL;
    }
    if (row->kind == OPTION_CHOICE && !is_choice(row->choices, text)) {
        strbuf_addf(error, "%s: \"%s\" is not one of %s", where, text, row->choices);
        return -EINVAL;
    }
    if (row->kind != OPTION_INT)
        return 0;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number < row->min ||
        number > row->max) {
        strbuf_addf(error, "%s: \"%s\" is not a number from %lld to %lld", where, text,
                    (long long)row->min, (long long)row->max);
        return -EINVAL;
    }
    *ret_number = number;
    return 0;
}

/* Stores one value of an origin; a higher origin replaces, a list's own adds. */
static int store(struct options *o, int index, const char *text,
                 enum option_origin origin, const char *where, struct strbuf *error)
{
    const struct option_row *row = &o->class->rows[index];
    struct option_value *v = &o->values[index];
    int64_t number = 0;
    int rc = check_value(row, text, where, &number, error);
    if (rc != 0)
        return rc;
    if (row->kind != OPTION_LIST || v->origin != origin)
        value_clear(v);
    if (v->count >= OPTIONS_LIST_MAX) {
        strbuf_addf(error, "%s: more than %d values", where, OPTIONS_LIST_MAX);
        return -EINVAL;
    }
    v->items = xreallocarray(v->items, v->count + 1, sizeof *v->items);
    v->items[v->count++] = xstrdup(text);
    v->number = number;
    v->origin = origin;
    free(v->where);
    v->where = xstrdup(where);
    return 0;
}

struct options *options_new(const struct options_class *class)
{
    struct options *o = xcalloc(1, sizeof *o);
    o->class = class;
    o->values = xcalloc(class->row_count, sizeof *o->values);
    struct strbuf error;
    strbuf_init(&error, OPTIONS_ERROR_MAX);
    for (size_t i = 0; i < class->row_count; i++) {
        const struct option_row *row = &class->rows[i];
        int rc = row->initial == NULL ? 0
                                      : store(o, (int)i, row->initial,
                                              OPTION_FROM_DEFAULT, "default", &error);
        assert(rc == 0);
        (void)rc;
    }
    strbuf_release(&error);
    return o;
}

void options_free(struct options *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->class->row_count; i++)
        value_clear(&o->values[i]);
    free(o->values);
    free(o->positional);
    free(o->file);
    free(o);
}

static int row_by_name(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->class->row_count; i++)
        if (strcmp(o->class->rows[i].name, name) == 0)
            return (int)i;
    return -1;
}

struct file_reading {
    struct options *o;
    FILE *in;
    const char *path;
    char *whole;            /* the line, FILE_LINE_MAX bytes */
    bool *for_all;          /* by row: its value stands before any section */
    const char *long_value; /* of a line that libinih gets without its value */
    bool too_long;
    int line;
    int failed_line;
    struct strbuf *error;
};

/* Without blanks around it and a comment behind it, as libinih takes a value. */
static const char *strip_value(char *value)
{
    bool blank = false;
    size_t n = 0;
    for (; value[n] != '\0' && !(blank && value[n] == ';'); n++)
        blank = isspace((unsigned char)value[n]);
    while (n > 0 && isspace((unsigned char)value[n - 1]))
        n--;
    value[n] = '\0';
    while (isspace((unsigned char)*value))
        value++;
    return value;
}

/* What libinih gets of a line that it would not take whole. */
static void shorten(struct file_reading *reading, char *text, int size)
{
    char *whole = reading->whole;
    char *equals = strpbrk(whole, "=:");
    snprintf(text, (size_t)size, "%s", "#\n");
    if (whole[0] == '#' || whole[0] == ';')
        return;
    if (isspace((unsigned char)whole[0])) { /* goes on with the value before */
        snprintf(text, (size_t)size, " -\n");
        reading->long_value = strip_value(whole);
    } else if (equals != NULL && equals - whole < size - 4) {
        snprintf(text, (size_t)size, "%.*s= -\n", (int)(equals - whole), whole);
        reading->long_value = strip_value(equals + 1);
    } else {
        snprintf(text, (size_t)size, "?\n"); /* neither section nor key */
    }
}

static char *read_line(char *text, int size, void *data)
{
    struct file_reading *reading = data;
    reading->long_value = NULL;
    if (fgets(reading->whole, FILE_LINE_MAX, reading->in) == NULL)
        return NULL;
    reading->line++;
    size_t len = strlen(reading->whole);
    reading->too_long = len == FILE_LINE_MAX - 1 && reading->whole[len - 1] != '\n';
    if (reading->too_long)
        return NULL;
    if (len < (size_t)size)
        memcpy(text, reading->whole, len + 1);
    else
        shorten(reading, text, size);
    return text;
}

/* A section may say otherwise than what stands before all sections; none twice. */
static bool is_repeated(const struct file_reading *reading, int row,
                        const char *section)
{
    const struct options *o = reading->o;
    return o->class->rows[row].kind != OPTION_LIST &&
           o->values[row].origin == OPTION_FROM_FILE &&
           !(reading->for_all[row] && section[0] != '\0');
}

/* libinih: 1 = go on, 0 = stop with an error. */
static int take_ini_key(void *data, const char *section, const char *key,
                        const char *value)
{
    struct file_reading *reading = data;
    struct options *o = reading->o;
    const struct options_class *class = o->class;
    if (section[0] != '\0' && strcmp(section, class->program) != 0)
        return 1; /* the other program's part of a shared file */
    if (reading->long_value != NULL)
        value = reading->long_value;
    char where[512];
    snprintf(where, sizeof where, "%s:%d", reading->path, reading->line);
    reading->failed_line = reading->line;
    size_t prefix = class->prefix_key != NULL ? strlen(class->prefix_key) : 0;
    if (prefix > 0 && strncmp(key, class->prefix_key, prefix) == 0) {
        struct strbuf pair;
        strbuf_init(&pair, FILE_LINE_MAX);
        strbuf_addf(&pair, "%s=%s", key + prefix, value);
        int rc = store(o, class->prefix_row, strbuf_text(&pair), OPTION_FROM_FILE,
                       where, reading->error);
        strbuf_release(&pair);
        return rc == 0;
    }
    int row = row_by_name(o, key);
    if (row < 0 || (class->rows[row].flags & OPTION_ACTION) ||
        row == class->config_row) {
        strbuf_addf(reading->error, "%s: unknown key \"%s\"; see %s --help", where, key,
                    class->program);
        return 0;
    }
    if (is_repeated(reading, row, section)) {
        strbuf_addf(reading->error, "%s: \"%s\" is given again; %s has it already",
                    where, key, o->values[row].where);
        return 0;
    }
    reading->for_all[row] = section[0] == '\0';
    return store(o, row, value, OPTION_FROM_FILE, where, reading->error) == 0;
}

static int load_file(struct options *o, const char *path, bool must_exist,
                     struct strbuf *error)
{
    FILE *in = fopen(path, "re");
    struct stat info;
    /* A folder opens, and reads as an empty file. */
    if (in != NULL && fstat(fileno(in), &info) == 0 && S_ISDIR(info.st_mode)) {
        fclose(in);
        in = NULL;
        errno = EISDIR;
    }
    if (in == NULL) {
        if (!must_exist && errno == ENOENT)
            return 0;
        strbuf_addf(error, "%s: cannot read the configuration: %s", path,
                    strerror(errno));
        return -EINVAL;
    }
    struct file_reading reading = {.o = o, .in = in, .path = path, .error = error};
    reading.whole = xmalloc(FILE_LINE_MAX);
    reading.for_all = xcalloc(o->class->row_count, sizeof *reading.for_all);
    int rc = ini_parse_stream(read_line, &reading, take_ini_key, &reading);
    free(reading.whole);
    free(reading.for_all);
    fclose(in);
    if (reading.too_long) {
        strbuf_addf(error, "%s:%d: the line has more than %d bytes", path, reading.line,
                    FILE_LINE_MAX - 2);
        return -EINVAL;
    }
    if (rc == 0) {
        free(o->file);
        o->file = xstrdup(path);
        return 0;
    }
    if (error->len == 0)
        strbuf_addf(error, "%s:%d: neither a [section] nor key = value", path, rc);
    return -EINVAL;
}

/* FLIGHTDASH_KAFKA_PROPERTY for kafka-property. */
static void env_name(const char *option, char *ret_name, size_t size)
{
    size_t n = (size_t)snprintf(ret_name, size, "FLIGHTDASH_%s", option);
    for (size_t i = 0; i < n && i < size; i++)
        ret_name[i] =
            ret_name[i] == '-' ? '_' : (char)toupper((unsigned char)ret_name[i]);
}

static const char *env_find(char **env, const char *name)
{
    size_t len = strlen(name);
    for (; env != NULL && *env != NULL; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return *env + len + 1;
    return NULL;
}

/* Stores each blank-separated word of a list, or the whole text. */
static int store_env(struct options *o, int row, const char *text, const char *where,
                     struct strbuf *error)
{
    if (o->class->rows[row].kind != OPTION_LIST)
        return store(o, row, text, OPTION_FROM_ENVIRONMENT, where, error);
    int rc = 0;
    char *copy = xstrdup(text);
    char *save = NULL;
    for (char *word = strtok_r(copy, " \t\n", &save); word != NULL && rc == 0;
         word = strtok_r(NULL, " \t\n", &save))
        rc = store(o, row, word, OPTION_FROM_ENVIRONMENT, where, error);
    free(copy);
    return rc;
}

static int load_environment(struct options *o, char **env, struct strbuf *error)
{
    for (size_t i = 0; i < o->class->row_count; i++) {
        if (o->class->rows[i].flags & OPTION_ACTION)
            continue;
        char name[80];
        env_name(o->class->rows[i].name, name, sizeof name);
        const char *text = env_find(env, name);
        if (text == NULL || text[0] == '\0')
            continue;
        int rc = store_env(o, (int)i, text, name, error);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static struct option *getopt_rows(const struct options *o)
{
    const struct options_class *class = o->class;
    struct option *rows = xcalloc(class->row_count + 1, sizeof *rows);
    for (size_t i = 0; i < class->row_count; i++) {
        rows[i].name = class->rows[i].name;
        rows[i].has_arg =
            class->rows[i].kind == OPTION_FLAG ? no_argument : required_argument;
        rows[i].val = OPTIONS_FIRST_CODE + (int)i;
    }
    return rows;
}

static int take_argument(struct options *o, int code, const char *text,
                         const char *shown, struct strbuf *error)
{
    if (code == '?' || code == ':') {
        strbuf_addf(error, "%s: %s; see %s --help", shown,
                    code == ':' ? "needs a value" : "no such option",
                    o->class->program);
        return -EINVAL;
    }
    int row = code - OPTIONS_FIRST_CODE;
    char where[80];
    snprintf(where, sizeof where, "--%s", o->class->rows[row].name);
    return store(o, row, text != NULL ? text : "yes", OPTION_FROM_COMMAND_LINE, where,
                 error);
}

static int load_arguments(struct options *o, int argc, char **argv,
                          struct strbuf *error)
{
    struct option *rows = getopt_rows(o);
    int rc = 0;
    opterr = 0;
    optind = 0;
    while (rc == 0) {
        int before = optind > 0 ? optind : 1;
        int code = getopt_long(argc, argv, ":", rows, NULL);
        if (code == -1)
            break;
        const char *shown = argv[before < argc ? before : argc - 1];
        rc = take_argument(o, code, optarg, shown, error);
    }
    free(rows);
    if (rc != 0)
        return rc;
    if (optind < argc && o->class->positional == NULL) {
        strbuf_addf(error, "%s: unexpected argument; see %s --help", argv[optind],
                    o->class->program);
        return -EINVAL;
    }
    for (; optind < argc; optind++) {
        o->positional = xreallocarray(o->positional, o->positional_count + 1,
                                      sizeof *o->positional);
        o->positional[o->positional_count++] = argv[optind];
    }
    return 0;
}

int options_load(struct options *o, int argc, char **argv, char **env,
                 struct strbuf *ret_error)
{
    int rc = load_environment(o, env, ret_error);
    if (rc == 0)
        rc = load_arguments(o, argc, argv, ret_error);
    if (rc != 0)
        return rc;
    /* The file ranks below both, but they may name it: read it now, keep theirs. */
    struct options *low = options_new(o->class);
    const char *named = options_text(o, o->class->config_row);
    if (named != NULL && named[0] != '\0')
        rc = load_file(low, named, true, ret_error);
    for (const char *const *path = o->class->files;
         named == NULL && rc == 0 && low->file == NULL && *path != NULL; path++)
        rc = load_file(low, *path, false, ret_error);
    for (size_t i = 0; rc == 0 && i < o->class->row_count; i++) {
        if (o->values[i].origin <= OPTION_FROM_FILE &&
            low->values[i].origin == OPTION_FROM_FILE) {
            struct option_value swap = o->values[i];
            o->values[i] = low->values[i];
            low->values[i] = swap;
        }
    }
    free(o->file);
    o->file = low->file;
    low->file = NULL;
    options_free(low);
    return rc;
}

const char *options_text(const struct options *o, int row)
{
    const struct option_value *v = &o->values[row];
    return v->count > 0 ? v->items[v->count - 1] : NULL;
}

int64_t options_int(const struct options *o, int row)
{
    return o->values[row].number;
}

bool options_flag(const struct options *o, int row)
{
    return o->values[row].number != 0;
}

const char *const *options_list(const struct options *o, int row, size_t *ret_count)
{
    *ret_count = o->values[row].count;
    return (const char *const *)o->values[row].items;
}

enum option_origin options_origin(const struct options *o, int row)
{
    return o->values[row].origin;
}

const char *options_origin_text(const struct options *o, int row)
{
    return o->values[row].where != NULL ? o->values[row].where : "unset";
}

bool options_differ(const struct options *a, const struct options *b, int row)
{
    const struct option_value *x = &a->values[row];
    const struct option_value *y = &b->values[row];
    bool differ = x->count != y->count;
    for (size_t i = 0; !differ && i < x->count; i++)
        differ = strcmp(x->items[i], y->items[i]) != 0;
    return differ;
}

int options_set(struct options *o, int row, const char *value, struct strbuf *ret_error)
{
    char where[80];
    snprintf(where, sizeof where, "--%s", o->class->rows[row].name);
    return store(o, row, value, OPTION_FROM_COMMAND_LINE, where, ret_error);
}

const char *const *options_positional(const struct options *o, size_t *ret_count)
{
    *ret_count = o->positional_count;
    return o->positional;
}

const char *options_file(const struct options *o)
{
    return o->file;
}
