/*
 * Any text after `:`: it is a command or told why not; Tab only ever adds to what
 * is certain, and what it made can be completed again without a change.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "command.h"
#include "views/views.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void check_parse(const char *text)
{
    struct command c;
    struct strbuf error;
    strbuf_init(&error, 65536 * 2);
    bool ok = command_parse(text, &c, &error);
    must(ok == (error.len == 0));
    if (ok) {
        must(c.kind != COMMAND_VIEW || c.view < view_count());
        must(c.kind != COMMAND_ACTION || c.action != ACTION_NONE);
        must(c.argument != NULL);
    }
    strbuf_release(&error);
}

static void check_completion(const char *text)
{
    struct strbuf words, once, twice;
    const char *help;
    strbuf_init(&words, 65536);
    strbuf_init(&once, 65536 * 2);
    strbuf_init(&twice, 65536 * 2);
    must((command_offers(text, &words, &help) == 0) == (words.len == 0));
    command_complete(text, &once);
    must(strncmp(strbuf_text(&once), text, strlen(text)) == 0);
    command_complete(strbuf_text(&once), &twice);
    must(strncmp(strbuf_text(&twice), strbuf_text(&once), once.len) == 0);
    strbuf_release(&words);
    strbuf_release(&once);
    strbuf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_parse(text);
    check_completion(text);
    free(text);
    return 0;
}
