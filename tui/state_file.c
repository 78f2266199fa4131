/*
 * One line an entry, "name text", after a line that says what it is. It is not
 * INI: what people type into histories holds `;` and `=`. Saving writes a
 * neighbour, syncs it and renames it over the old one.
 */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define STATE_HEAD "flightdash state 1"

enum { STATE_NAME_MAX = 63 };

char *state_file_path(void)
{
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    struct strbuf path;
    strbuf_init(&path, PATH_MAX);
    if (base != NULL && base[0] == '/')
        strbuf_addf(&path, "%s/flightdash/state", base);
    else if (home != NULL && home[0] == '/')
        strbuf_addf(&path, "%s/.local/state/flightdash/state", home);
    if (path.len > 0 && !path.overflowed)
        return strbuf_detach(&path);
    strbuf_release(&path);
    return NULL;
}

/* ---- reading -----------------------------------------------------------------------
 */

static bool is_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
            return false;
    }
    return true;
}

/* What is wrong with a line, NULL when nothing is. */
static const char *fault(const char *line, size_t n, int number)
{
    const char *blank = memchr(line, ' ', n);
    if (number == 1)
        return n == strlen(STATE_HEAD) && memcmp(line, STATE_HEAD, n) == 0
                   ? NULL
                   : "this is no state of flightdash";
    if (!is_text(line, n))
        return "control characters";
    if (blank == NULL || blank == line || blank - line > STATE_NAME_MAX)
        return "neither a name nor a text after it";
    return NULL;
}

static void give(const char *line, size_t n, state_take_fn take, void *data)
{
    char name[STATE_NAME_MAX + 1];
    size_t name_len = strcspn(line, " ");
    char *text = xstrndup(line + name_len + 1, n - name_len - 1);
    snprintf(name, sizeof name, "%.*s", (int)name_len, line);
    take(data, name, text);
    free(text);
}

/* Goes over all lines; with take NULL only to look. */
static int walk(const char *path, const char *text, size_t len, state_take_fn take,
                void *data, struct strbuf *error)
{
    int number = 0;
    for (size_t at = 0; at < len || number == 0;) {
        const char *end = at < len ? memchr(text + at, '\n', len - at) : NULL;
        size_t n = end != NULL ? (size_t)(end - text) - at : len - at;
        const char *what = fault(text + at, n, ++number);
        if (what != NULL) {
            strbuf_addf(error, "%s:%d: %s", path, number, what);
            return -EINVAL;
        }
        if (take != NULL && number > 1)
            give(text + at, n, take, data);
        at += n + 1;
    }
    return 0;
}

int state_file_read(const char *path, const char *text, size_t len, state_take_fn take,
                    void *data, struct strbuf *ret_error)
{
    int rc = walk(path, text, len, NULL, NULL, ret_error);
    return rc != 0 ? rc : walk(path, text, len, take, data, ret_error);
}

int state_file_load(const char *path, state_take_fn take, void *data,
                    struct strbuf *ret_error)
{
    FILE *f = fopen(path, "re");
    if (f == NULL && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    int rc = f != NULL ? 0 : -errno;
    char *text = xmalloc(STATE_FILE_MAX + 1);
    size_t n = f != NULL ? fread(text, 1, STATE_FILE_MAX + 1, f) : 0;
    if (f != NULL && ferror(f))
        rc = -EIO;
    if (f != NULL)
        fclose(f);
    if (rc == 0 && n > STATE_FILE_MAX)
        rc = -EFBIG;
    if (rc != 0)
        strbuf_addf(ret_error, "%s: %s", path, strerror(-rc));
    else
        rc = state_file_read(path, text, n, take, data, ret_error);
    free(text);
    return rc;
}

/* ---- writing -----------------------------------------------------------------------
 */

void state_file_begin(struct strbuf *out)
{
    strbuf_add_text(out, STATE_HEAD "\n");
}

void state_file_add(struct strbuf *out, const char *name, const char *text)
{
    if (is_text(text, strlen(text)))
        strbuf_addf(out, "%s %s\n", name, text);
}

/* Makes the folders that a path stands in. */
static void make_folders(const char *path)
{
    char *folder = xstrdup(path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    free(folder);
}

static int write_whole(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, text, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -errno;
        text += w;
        n -= (size_t)w;
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

int state_file_save(const char *path, const struct strbuf *content)
{
    char beside[PATH_MAX];
    int n = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof beside)
        return -ENAMETOOLONG;
    if (content->overflowed)
        return -EFBIG;
    make_folders(path);
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int rc = write_whole(fd, strbuf_text(content), content->len);
    close(fd);
    if (rc == 0 && rename(beside, path) != 0)
        rc = -errno;
    if (rc != 0)
        unlink(beside);
    return rc;
}
