#include "app/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "wire/wire_decode.h"

enum { FLUSH_MS = 1000, CHUNK = 65536, LINE_MAX_BYTES = WIRE_FRAME_MAX + 32 };

struct record {
    FILE *file;
    ZSTD_CCtx *zstd;
    int64_t first_ms, flushed_ms;
    bool begun;
    char out[CHUNK];
};

struct record *record_open(const char *path)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL)
        return NULL;
    struct record *r = xcalloc(1, sizeof *r);
    r->file = file;
    r->zstd = ZSTD_createCCtx();
    if (r->zstd == NULL)
        abort(); /* out of memory */
    return r;
}

static int compress(struct record *r, const char *bytes, size_t n,
                    ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {bytes, n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {r->out, sizeof r->out, 0};
        left = ZSTD_compressStream2(r->zstd, &out, &in, end);
        if (ZSTD_isError(left) || fwrite(r->out, 1, out.pos, r->file) != out.pos)
            return -EIO;
    } while (in.pos < in.size || (end != ZSTD_e_continue && left > 0));
    return end != ZSTD_e_continue && fflush(r->file) != 0 ? -errno : 0;
}

int record_add(struct record *r, int64_t mono_ms, const char *frame, size_t len)
{
    char time[32];
    if (!r->begun)
        r->first_ms = r->flushed_ms = mono_ms;
    r->begun = true;
    bool flush = mono_ms - r->flushed_ms >= FLUSH_MS;
    int n = snprintf(time, sizeof time, "%lld ", (long long)(mono_ms - r->first_ms));
    int rc = compress(r, time, (size_t)n, ZSTD_e_continue);
    rc = rc != 0 ? rc : compress(r, frame, len, ZSTD_e_continue);
    rc = rc != 0 ? rc : compress(r, "\n", 1, flush ? ZSTD_e_flush : ZSTD_e_continue);
    r->flushed_ms = flush ? mono_ms : r->flushed_ms;
    return rc;
}

void record_close(struct record *r)
{
    if (r == NULL)
        return;
    compress(r, "", 0, ZSTD_e_end);
    fclose(r->file);
    ZSTD_freeCCtx(r->zstd);
    free(r);
}

/* ---- reading -------------------------------------------------------------------- */

struct replay {
    FILE *file;
    ZSTD_DCtx *zstd;
    struct strbuf text; /* decompressed; taken up to `at` */
    size_t at;
    bool end;
    char in[CHUNK];
    char out[CHUNK];
};

struct replay *replay_open(const char *path)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return NULL;
    struct replay *r = xcalloc(1, sizeof *r);
    r->file = file;
    r->zstd = ZSTD_createDCtx();
    if (r->zstd == NULL)
        abort(); /* out of memory */
    strbuf_init(&r->text, (size_t)2 * LINE_MAX_BYTES);
    return r;
}

void replay_close(struct replay *r)
{
    if (r == NULL)
        return;
    fclose(r->file);
    ZSTD_freeDCtx(r->zstd);
    strbuf_release(&r->text);
    free(r);
}

/* Reads and decompresses one more piece of the file. */
static void read_more(struct replay *r)
{
    size_t n = fread(r->in, 1, sizeof r->in, r->file);
    ZSTD_inBuffer in = {r->in, n, 0};
    r->end = n == 0;
    while (in.pos < in.size && !r->end) {
        ZSTD_outBuffer out = {r->out, sizeof r->out, 0};
        size_t rc = ZSTD_decompressStream(r->zstd, &out, &in);
        r->end = ZSTD_isError(rc) || !strbuf_add(&r->text, r->out, out.pos);
    }
}

static void forget_taken(struct replay *r)
{
    size_t left = r->text.len - r->at;
    if (left > 0)
        memmove(r->text.data, r->text.data + r->at, left);
    strbuf_truncate(&r->text, left);
    r->at = 0;
}

bool replay_next(struct replay *r, int64_t *ret_ms, const char **ret_frame,
                 size_t *ret_len)
{
    char *newline;
    while ((newline = r->text.len > r->at
                          ? memchr(r->text.data + r->at, '\n', r->text.len - r->at)
                          : NULL) == NULL) {
        if (r->end)
            return false;
        forget_taken(r);
        read_more(r);
    }
    char *line = r->text.data + r->at;
    char *frame;
    *newline = '\0';
    *ret_ms = strtoll(line, &frame, 10);
    if (frame == line || *frame != ' ')
        return false;
    *ret_frame = frame + 1;
    *ret_len = (size_t)(newline - frame - 1);
    r->at = (size_t)(newline + 1 - r->text.data);
    return true;
}
