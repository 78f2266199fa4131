#include "ui/ini_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <ini.h>

#include "base/alloc.h"

struct reading {
    ini_setting_fn fn;
    void *data;
    struct strbuf error; /* of the first refused setting */
    bool refused;
};

static int take_setting(void *user, const char *section, const char *key,
                        const char *value)
{
    struct reading *r = user;
    struct strbuf error;
    strbuf_init(&error, 512);
    bool ok = r->fn(r->data, section, key, value, &error);
    if (!ok && !r->refused) {
        strbuf_add_text(&r->error, strbuf_text(&error));
        r->refused = true;
    }
    strbuf_release(&error);
    return ok ? 1 : 0;
}

int ini_text_read(const char *name, const char *text, ini_setting_fn fn, void *data,
                  struct strbuf *ret_error)
{
    struct reading r = {.fn = fn, .data = data};
    strbuf_init(&r.error, 512);
    int line = ini_parse_string(text, take_setting, &r);
    if (line != 0) {
        const char *what = r.refused ? strbuf_text(&r.error)
                                     : "neither [section], key = value nor # comment";
        strbuf_addf(ret_error, "%s:%d: %s", name, line, what);
    }
    strbuf_release(&r.error);
    return line == 0 ? 0 : -EINVAL;
}

int ini_file_load(const char *path, char **ret_text)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return -errno;
    char *text = xmalloc(INI_FILE_MAX + 1);
    size_t n = fread(text, 1, INI_FILE_MAX + 1, f);
    int rc = ferror(f) ? -EIO : n > INI_FILE_MAX ? -EFBIG : 0;
    fclose(f);
    if (rc != 0) {
        free(text);
        return rc;
    }
    text[n] = '\0';
    *ret_text = text;
    return 0;
}
