#include "once_text.h"

#include <string.h>

#include "ui/text.h"

void once_add_clean(struct strbuf *out, const char *text, int width, bool right)
{
    int pad = width - text_width(text);
    if (right && pad > 0)
        strbuf_addf(out, "%*s", pad, "");
    for (const char *c = text; *c != '\0'; c++)
        strbuf_add_char(out, (unsigned char)*c < 0x20 || *c == 0x7F ? '?' : *c);
    if (!right && pad > 0)
        strbuf_addf(out, "%*s", pad, "");
}

void once_end_line(struct strbuf *out)
{
    size_t n = out->len;
    while (n > 0 && out->data[n - 1] == ' ')
        n--;
    strbuf_truncate(out, n);
    strbuf_add_char(out, '\n');
}

void once_add_csv(struct strbuf *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        strbuf_add_text(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            strbuf_add_char(out, '"');
        strbuf_add_char(out, *c);
    }
    strbuf_add_char(out, '"');
}
