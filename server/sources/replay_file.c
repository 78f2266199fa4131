/* zlib's gzread passes plain text through, so two readers make three formats. */
#include "sources/replay_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/strbuf.h"

enum { CHUNK = 65536 };

struct replay_file {
    char *path;
    gzFile gz; /* NULL when zstd */
    FILE *raw; /* of zstd */
    ZSTD_DStream *zstd;
    ZSTD_inBuffer packed;
    size_t zstd_left; /* 0 = a frame is complete */
    char packed_bytes[CHUNK];
    char bytes[CHUNK]; /* unpacked */
    size_t at;
    size_t len;
};

static bool is_zstd(FILE *file)
{
    static const unsigned char magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
    unsigned char head[4] = {0};
    size_t n = fread(head, 1, sizeof head, file);
    rewind(file);
    return n == sizeof head && memcmp(head, magic, sizeof magic) == 0;
}

struct replay_file *replay_file_open(const char *path, struct strbuf *ret_error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        strbuf_addf(ret_error, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct replay_file *f = xcalloc(1, sizeof *f);
    f->path = xstrdup(path);
    if (is_zstd(file)) {
        f->raw = file;
        f->zstd = ZSTD_createDStream();
        return f;
    }
    fclose(file);
    f->gz = gzopen(path, "re");
    if (f->gz != NULL)
        return f;
    strbuf_addf(ret_error, "%s: %s", path, strerror(errno));
    replay_file_close(f);
    return NULL;
}

void replay_file_close(struct replay_file *f)
{
    if (f == NULL)
        return;
    if (f->gz != NULL)
        gzclose(f->gz);
    if (f->raw != NULL)
        fclose(f->raw);
    ZSTD_freeDStream(f->zstd);
    free(f->path);
    free(f);
}

static bool failed(struct replay_file *f, const char *why, struct strbuf *ret_error)
{
    strbuf_addf(ret_error, "%s: %s", f->path, why);
    return false;
}

static bool fill_from_gz(struct replay_file *f, struct strbuf *ret_error)
{
    int n = gzread(f->gz, f->bytes, CHUNK);
    int code = Z_OK;
    const char *why = gzerror(f->gz, &code);
    if (n < 0 || code == Z_BUF_ERROR)
        return failed(f, n < 0 ? why : "the gzip data ends in the middle", ret_error);
    f->len = (size_t)n;
    return true;
}

static bool fill_from_zstd(struct replay_file *f, struct strbuf *ret_error)
{
    ZSTD_outBuffer out = {f->bytes, CHUNK, 0};
    while (out.pos == 0) {
        if (f->packed.pos == f->packed.size) {
            size_t n = fread(f->packed_bytes, 1, CHUNK, f->raw);
            f->packed = (ZSTD_inBuffer){f->packed_bytes, n, 0};
            if (n == 0)
                return f->zstd_left == 0 ||
                       failed(f, "the zstd data ends in the middle", ret_error);
        }
        f->zstd_left = ZSTD_decompressStream(f->zstd, &out, &f->packed);
        if (ZSTD_isError(f->zstd_left))
            return failed(f, ZSTD_getErrorName(f->zstd_left), ret_error);
    }
    f->len = out.pos;
    return true;
}

/* More unpacked bytes; true with len 0 at the end. */
static bool fill(struct replay_file *f, struct strbuf *ret_error)
{
    f->at = f->len = 0;
    return f->gz != NULL ? fill_from_gz(f, ret_error) : fill_from_zstd(f, ret_error);
}

enum replay_read replay_file_line(struct replay_file *f, struct strbuf *ret_line,
                                  struct strbuf *ret_error)
{
    bool any = false;
    for (;;) {
        if (f->at == f->len && !fill(f, ret_error))
            return REPLAY_FAILED;
        if (f->len == 0)
            return any ? REPLAY_READ : REPLAY_END;
        any = true;
        const char *from = f->bytes + f->at;
        const char *newline = memchr(from, '\n', f->len - f->at);
        size_t n = newline != NULL ? (size_t)(newline - from) : f->len - f->at;
        strbuf_add(ret_line, from, n);
        f->at += n + (newline != NULL);
        if (newline != NULL)
            return REPLAY_READ;
    }
}

enum replay_read replay_file_rest(struct replay_file *f, struct strbuf *ret_text,
                                  struct strbuf *ret_error)
{
    for (;;) {
        if (f->at == f->len && !fill(f, ret_error))
            return REPLAY_FAILED;
        if (f->len == 0)
            return REPLAY_READ;
        if (!strbuf_add(ret_text, f->bytes + f->at, f->len - f->at)) {
            failed(f, "too large for one document", ret_error);
            return REPLAY_FAILED;
        }
        f->at = f->len;
    }
}
