/* The state comes back as it went, and a broken file is left out whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "state_file.h"

static void take(void *data, const char *name, const char *text)
{
    strbuf_addf(data, "%s=%s|", name, text);
}

static void read_text(const char *text, struct strbuf *ret_taken,
                      struct strbuf *ret_error)
{
    state_file_read("f", text, strlen(text), take, ret_taken, ret_error);
}

static void what_is_kept_comes_back(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_state_XXXXXX";
    char path[64];
    struct strbuf content, taken, error;
    strbuf_init(&content, STATE_FILE_MAX);
    strbuf_init(&taken, 1024);
    strbuf_init(&error, 1024);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b/state", folder);
    assert_int_equal(state_file_load(path, take, &taken, &error), 0); /* none yet */
    state_file_begin(&content);
    state_file_add(&content, "columns", "");
    state_file_add(&content, "history.command", "filter callsign ~ \"A;B=*\"");
    state_file_add(&content, "bad", "two\nlines");
    assert_int_equal(state_file_save(path, &content), 0);
    assert_int_equal(state_file_save(path, &content), 0); /* over the old one */
    assert_int_equal(state_file_load(path, take, &taken, &error), 0);
    assert_string_equal(strbuf_text(&taken),
                        "columns=|history.command=filter callsign ~ \"A;B=*\"|");
    assert_string_equal(strbuf_text(&error), "");
    unlink(path);
    snprintf(path, sizeof path, "%s/a/b", folder);
    assert_int_equal(rmdir(path), 0); /* nothing was left beside it */
    snprintf(path, sizeof path, "%s/a", folder);
    rmdir(path);
    rmdir(folder);
    strbuf_release(&content);
    strbuf_release(&taken);
    strbuf_release(&error);
}

static void a_broken_file_is_left_out_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "f:1: this is no state of flightdash"},
        {"[view]\n", "f:1: this is no state of flightdash"},
        {"flightdash state 1\nview map\nmap\n",
         "f:3: neither a name nor a text after it"},
        {"flightdash state 1\nview map\nsort a\001lt\n", "f:3: control characters"},
        {"flightdash state 1\nview map\n\n", "f:3: neither a name nor a text after it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf taken, error;
        strbuf_init(&taken, 1024);
        strbuf_init(&error, 1024);
        read_text(rows[i].text, &taken, &error);
        assert_string_equal(strbuf_text(&error), rows[i].error);
        assert_string_equal(strbuf_text(&taken), "");
        strbuf_release(&taken);
        strbuf_release(&error);
    }
}

static void a_folder_that_cannot_be_made_is_an_error(void **state)
{
    (void)state;
    struct strbuf content;
    strbuf_init(&content, 64);
    state_file_begin(&content);
    assert_true(state_file_save("/proc/nothing/state", &content) < 0);
    strbuf_release(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_comes_back),
        cmocka_unit_test(a_broken_file_is_left_out_whole),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
