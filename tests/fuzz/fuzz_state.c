/*
 * Any bytes as the kept state: refused whole with a place, or given entry by entry,
 * and then what is written from the entries is read as the same entries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "state_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static void again(void *data, const char *name, const char *text)
{
    state_file_add(data, name, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf first, second, error;
    strbuf_init(&first, STATE_FILE_MAX);
    strbuf_init(&second, STATE_FILE_MAX);
    strbuf_init(&error, 4096);
    state_file_begin(&first);
    int rc = state_file_read("s", (const char *)data, size, again, &first, &error);
    must((rc != 0) == (error.len > 0));
    if (rc == 0 && !first.overflowed) {
        state_file_begin(&second);
        must(state_file_read("s", first.data, first.len, again, &second, &error) == 0);
        must(first.len == second.len &&
             memcmp(first.data, second.data, first.len) == 0);
    }
    strbuf_release(&first);
    strbuf_release(&second);
    strbuf_release(&error);
    return 0;
}
