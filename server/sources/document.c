#include "sources/document.h"

#include <math.h>
#include <string.h>

#include "base/macros.h"
#include "base/strbuf.h"

#define LAST_MS 250e12 /* in the year 9892 */

enum { QUOTED_MAX = 60 };

/* The beginning of a text that is not what it should be, made printable. */
static void add_quoted(struct strbuf *out, const char *text, size_t n)
{
    struct json_slice piece = json_slice_trim(text, n);
    size_t len = MIN_OF(piece.len, (size_t)QUOTED_MAX);
    strbuf_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        char c = piece.at[i];
        strbuf_add_char(out, (char)(c >= ' ' && c < 0x7f && c != '"' ? c : ' '));
    }
    strbuf_add_text(out, len < piece.len ? "...\"" : "\"");
}

static void explain_syntax(struct strbuf *out, const char *text, size_t n, size_t at)
{
    char kind = json_slice_kind(json_slice_trim(text, n));
    if (kind == 0) {
        strbuf_add_text(out, "an empty answer");
    } else if (kind == '<') {
        strbuf_add_text(out, "a web page, not JSON: ");
        add_quoted(out, text, n);
    } else if (kind != '{' && kind != '[') {
        strbuf_add_text(out, "not JSON: ");
        add_quoted(out, text, n);
    } else if (at >= n) {
        strbuf_addf(out, "half a document: it ends in the middle, after %zu bytes", n);
    } else {
        strbuf_addf(out, "not JSON at byte %zu: ", at);
        add_quoted(out, text + at, n - at);
    }
}

/* What services answer instead of rows: {"message": "..."} and its kin. */
static bool find_message(struct json_slice top, struct json_slice *ret_text)
{
    static const char *const keys[] = {"message", "msg", "error", "detail"};
    struct json_slice value;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (json_slice_find(top, keys[i], &value) && json_slice_string(value, ret_text))
            return true;
    return false;
}

void document_message(struct strbuf *out, const char *text, size_t n)
{
    size_t error_at;
    struct json_slice message;
    if (!json_cursor_check(text, n, &error_at) ||
        !find_message(json_slice_trim(text, n), &message))
        return;
    strbuf_add_text(out, "; the service says ");
    add_quoted(out, message.at, message.len);
}

static void explain_missing(struct strbuf *out, struct json_slice top,
                            const struct document_format *format)
{
    struct json_slice text;
    if (find_message(top, &text)) {
        strbuf_add_text(out, "the service says ");
        add_quoted(out, text.at, text.len);
        return;
    }
    strbuf_addf(out, "no \"%s\" in it: ", format->rows_keys[0]);
    add_quoted(out, top.at, top.len);
}

int64_t document_time_ms(double number)
{
    double ms = number > 1e11 ? number : number * 1000;
    return ms >= 1 && ms <= LAST_MS ? llround(ms) : 0;
}

static bool find_rows(struct json_slice top, const struct document_format *format,
                      struct json_slice *ret_rows)
{
    for (size_t i = 0; format->rows_keys[i] != NULL; i++)
        if (json_slice_find(top, format->rows_keys[i], ret_rows))
            return json_slice_kind(*ret_rows) == '[' ||
                   json_slice_is(*ret_rows, "null");
    return false;
}

bool document_open(const char *text, size_t n, const struct document_format *format,
                   struct document *ret_document, struct strbuf *ret_error)
{
    size_t error_at = 0;
    struct json_slice rows;
    struct json_slice now;
    double number = 0;
    if (!json_cursor_check(text, n, &error_at)) {
        explain_syntax(ret_error, text, n, error_at);
        return false;
    }
    struct json_slice top = json_slice_trim(text, n);
    if (!find_rows(top, format, &rows)) {
        explain_missing(ret_error, top, format);
        return false;
    }
    if (json_slice_find(top, format->now_key, &now))
        json_slice_number(now, &number);
    if (json_slice_is(rows, "null"))
        rows = (struct json_slice){"[]", 2};
    ret_document->now_ms = document_time_ms(number);
    ret_document->rows = json_cursor_open(rows);
    return true;
}
