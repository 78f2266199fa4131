/*
 * A recording is a row of texts: the lines of a file, or whole files. Each text
 * is one record or one document of many. Which form it is, is seen once per
 * text by the array it holds; plain lines (the usual case) skip that look.
 */
#include "sources/replay_reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/macros.h"
#include "base/strbuf.h"
#include "sources/decode_opensky.h"
#include "sources/decode_readsb.h"
#include "sources/decode_sbs.h"
#include "sources/decode_trace.h"
#include "sources/replay_file.h"

enum { SBS_NO_TIME_MS = 1000 }; /* all at once: the lines of old dump1090 */

enum text_form { FORM_UNKNOWN, FORM_RECORD, FORM_SBS, FORM_ROWS, FORM_TRACE };

struct replay_part {
    char *path;
    int64_t now_ms;
};

struct replay_reader {
    struct replay_part *parts; /* files to read, in order */
    size_t part_count;
    size_t part; /* the next one */
    struct replay_file *file;
    bool by_line;
    enum text_form line_form; /* of every line, once seen */
    int64_t sbs_ms;           /* of the last BaseStation line that told its time */
    struct strbuf text;
    enum text_form form; /* of text */
    bool taken;          /* the one record in it was handed out */
    const struct document_format *format;
    struct document document;
    struct trace trace;
};

static const struct document_format trace_probe = {.rows_keys = {"trace"},
                                                   .now_key = "timestamp"};

static int by_time(const void *a, const void *b)
{
    const struct replay_part *x = a;
    const struct replay_part *y = b;
    if (x->now_ms != y->now_ms)
        return x->now_ms < y->now_ms ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* The formats that hold rows. NULL when text is none of them. */
static const struct document_format *rows_format(const struct strbuf *text,
                                                 struct document *ret_document)
{
    static const struct document_format *const formats[] = {&decode_readsb_format,
                                                            &decode_opensky_format};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct strbuf ignored;
        strbuf_init(&ignored, 1024);
        bool good = document_open(strbuf_text(text), text->len, formats[i],
                                  ret_document, &ignored);
        strbuf_release(&ignored);
        if (good)
            return formats[i];
    }
    return NULL;
}

static bool read_whole(const char *path, struct strbuf *ret_text,
                       struct strbuf *ret_error)
{
    struct replay_file *file = replay_file_open(path, ret_error);
    if (file == NULL)
        return false;
    enum replay_read read = replay_file_rest(file, ret_text, ret_error);
    replay_file_close(file);
    return read == REPLAY_READ;
}

static void add_part(struct replay_reader *r, const char *path, int64_t now_ms)
{
    r->parts = xreallocarray(r->parts, r->part_count + 1, sizeof *r->parts);
    r->parts[r->part_count++] =
        (struct replay_part){.path = xstrdup(path), .now_ms = now_ms};
}

/* Takes a file of a folder when it holds rows and a time. */
static void consider(struct replay_reader *r, const char *path)
{
    struct strbuf text;
    struct strbuf ignored;
    struct document document;
    strbuf_init(&text, REPLAY_DOCUMENT_MAX);
    strbuf_init(&ignored, 1024);
    if (read_whole(path, &text, &ignored) && rows_format(&text, &document) != NULL &&
        document.now_ms != 0)
        add_part(r, path, document.now_ms);
    strbuf_release(&text);
    strbuf_release(&ignored);
}

static bool list_folder(struct replay_reader *r, const char *path,
                        struct strbuf *ret_error)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        strbuf_addf(ret_error, "%s: %s", path, strerror(errno));
        return false;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL && r->part_count < REPLAY_FILES_MAX) {
        struct strbuf name;
        strbuf_init(&name, 4096);
        strbuf_addf(&name, "%s/%s", path, entry->d_name);
        if (strstr(entry->d_name, ".json") != NULL)
            consider(r, strbuf_text(&name));
        strbuf_release(&name);
    }
    closedir(dir);
    if (r->part_count == 0) {
        strbuf_addf(ret_error, "%s: no aircraft.json or history_N.json in this folder",
                    path);
        return false;
    }
    qsort(r->parts, r->part_count, sizeof *r->parts, by_time);
    return true;
}

struct replay_reader *replay_reader_open(const char *path, struct strbuf *ret_error)
{
    struct replay_reader *r = xcalloc(1, sizeof *r);
    struct stat info;
    bool good = true;
    strbuf_init(&r->text, REPLAY_DOCUMENT_MAX);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        good = list_folder(r, path, ret_error);
    } else {
        r->file = replay_file_open(path, ret_error);
        good = r->file != NULL;
        add_part(r, path, 0);
        r->part = 1;
    }
    if (good)
        return r;
    replay_reader_close(r);
    return NULL;
}

void replay_reader_close(struct replay_reader *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->part_count; i++)
        free(r->parts[i].path);
    free(r->parts);
    replay_file_close(r->file);
    strbuf_release(&r->text);
    free(r);
}

static const char *current_path(const struct replay_reader *r)
{
    return r->parts[r->part - 1].path;
}

/* True for {...} on a line of its own, a comma behind it or not. */
static bool is_line_of_its_own(const struct strbuf *text)
{
    struct json_slice line = json_slice_trim(strbuf_text(text), text->len);
    if (line.len > 0 && line.at[line.len - 1] == ',')
        line = json_slice_trim(line.at, line.len - 1);
    return line.len >= 2 && line.at[0] == '{' && line.at[line.len - 1] == '}';
}

/* BaseStation lines begin with a word and a comma: MSG,3,... */
static bool is_sbs(const struct strbuf *text)
{
    static const char *const words[] = {"MSG,", "SEL,", "ID,", "AIR,", "STA,", "CLK,"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strncmp(strbuf_text(text), words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

/* Decides what text holds and stands before its first record. */
static bool begin_text(struct replay_reader *r, struct strbuf *ret_error)
{
    struct document probe;
    struct strbuf problem;
    bool trace;
    r->taken = false;
    r->form = r->line_form == FORM_SBS ? FORM_SBS : FORM_RECORD;
    if (r->line_form == FORM_RECORD || r->line_form == FORM_SBS)
        return true;
    r->format = rows_format(&r->text, &r->document);
    r->form = r->format != NULL ? FORM_ROWS : FORM_RECORD;
    if (r->format == NULL) {
        strbuf_init(&problem, 1024);
        trace = document_open(strbuf_text(&r->text), r->text.len, &trace_probe, &probe,
                              &problem);
        strbuf_clear(&problem);
        if (trace && decode_trace_open(r->text.data, r->text.len, &r->trace, &problem))
            r->form = FORM_TRACE;
        strbuf_release(&problem);
    }
    if (r->by_line)
        r->line_form = r->form;
    if (r->by_line || r->form != FORM_RECORD)
        return true;
    strbuf_addf(ret_error,
                "%s: not a recording; wanted: JSON lines, a readsb trace_full, "
                "aircraft.json or history_N.json, BaseStation lines",
                current_path(r));
    return false;
}

static bool is_blank(const struct strbuf *text)
{
    return json_slice_trim(strbuf_text(text), text->len).len == 0;
}

/* The first line says whether the file goes by lines. */
static enum replay_read first_text(struct replay_reader *r, struct strbuf *ret_error)
{
    enum replay_read read = REPLAY_READ;
    while (read == REPLAY_READ && is_blank(&r->text)) {
        strbuf_clear(&r->text);
        read = replay_file_line(r->file, &r->text, ret_error);
    }
    if (read != REPLAY_READ)
        return read;
    if (is_sbs(&r->text))
        r->line_form = FORM_SBS;
    r->by_line = r->line_form == FORM_SBS || is_line_of_its_own(&r->text);
    if (r->by_line)
        return REPLAY_READ;
    strbuf_add_char(&r->text, '\n');
    return replay_file_rest(r->file, &r->text, ret_error);
}

static enum replay_read next_text(struct replay_reader *r, struct strbuf *ret_error)
{
    strbuf_clear(&r->text);
    if (r->by_line) {
        enum replay_read read = replay_file_line(r->file, &r->text, ret_error);
        if (read != REPLAY_END)
            return read;
    }
    if (r->form != FORM_UNKNOWN) { /* this file is done */
        replay_file_close(r->file);
        r->file = NULL;
        r->by_line = false;
        r->line_form = FORM_UNKNOWN;
    }
    if (r->file == NULL) {
        if (r->part >= r->part_count)
            return REPLAY_END;
        r->file = replay_file_open(r->parts[r->part++].path, ret_error);
        if (r->file == NULL)
            return REPLAY_FAILED;
    }
    return first_text(r, ret_error);
}

/* The one record that a line is. */
static enum observation_reason decode_line(struct replay_reader *r,
                                           struct replay_record *ret_record)
{
    const char *line = strbuf_text(&r->text);
    size_t len = r->text.len;
    if (r->text.overflowed)
        return OBSERVATION_TOO_LARGE;
    if (r->form == FORM_RECORD)
        return decode_readsb_line(line, len, 0, &ret_record->obs,
                                  &ret_record->refusals);
    if (!decode_sbs_time(line, len, &r->sbs_ms) && r->sbs_ms == 0)
        r->sbs_ms = SBS_NO_TIME_MS;
    return decode_sbs(line, len, r->sbs_ms, &ret_record->obs, &ret_record->refusals);
}

/* The next record of the text at hand; false when it has no more. */
static bool take_record(struct replay_reader *r, struct replay_record *ret_record)
{
    struct json_slice row;
    ret_record->refusals = (struct flight_refusals){0};
    switch (r->form) {
    case FORM_UNKNOWN: return false;
    case FORM_RECORD:
    case FORM_SBS:
        if (r->taken)
            return false;
        r->taken = true;
        ret_record->reason = decode_line(r, ret_record);
        return ret_record->reason != OBSERVATION_EMPTY;
    case FORM_ROWS:
        if (!json_cursor_element(&r->document.rows, &row))
            return false;
        ret_record->reason = r->format->decode(row, r->document.now_ms,
                                               &ret_record->obs, &ret_record->refusals);
        return true;
    case FORM_TRACE:
        return decode_trace_next(&r->trace, &ret_record->reason, &ret_record->obs,
                                 &ret_record->refusals);
    }
    return false;
}

enum replay_next replay_reader_next(struct replay_reader *r,
                                    struct replay_record *ret_record,
                                    struct strbuf *ret_error)
{
    while (!take_record(r, ret_record)) {
        enum replay_read read = next_text(r, ret_error);
        if (read == REPLAY_END) {
            r->form = FORM_UNKNOWN;
            return REPLAY_NEXT_END;
        }
        if (read == REPLAY_FAILED || !begin_text(r, ret_error)) {
            r->form = FORM_UNKNOWN;
            r->part = r->part_count;
            return REPLAY_NEXT_FAILED;
        }
    }
    return ret_record->reason == OBSERVATION_NONE ? REPLAY_NEXT_RECORD
                                                  : REPLAY_NEXT_REFUSED;
}
