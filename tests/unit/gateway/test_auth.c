#include <errno.h>
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
#include "base/strbuf.h"
#include "gateway/auth.h"

#define TOKEN "0123456789abcdef"
#define OTHER "fedcba9876543210"

static char file[64];

static void write_file(const char *text, mode_t mode)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    chmod(file, mode);
}

static int make_name(void **state)
{
    (void)state;
    snprintf(file, sizeof file, "/tmp/flightdash-auth-XXXXXX");
    int fd = mkstemp(file);
    close(fd);
    return fd < 0;
}

static int remove_file(void **state)
{
    (void)state;
    unlink(file);
    return 0;
}

static void tokens_of_the_file_are_accepted(void **state)
{
    (void)state;
    struct strbuf error;
    strbuf_init(&error, 256);
    write_file("# who\n\n" TOKEN "\r\n" OTHER, 0600);
    struct auth *auth = auth_new(file, &error);
    assert_non_null(auth);
    assert_true(auth_check(auth, TOKEN, 16));
    assert_true(auth_check(auth, OTHER, 16));
    assert_false(auth_check(auth, TOKEN "x", 17));
    assert_false(auth_check(auth, TOKEN, 15));
    assert_false(auth_check(auth, "# who", 5));
    assert_true(auth_check_header(auth, "Bearer " TOKEN));
    assert_true(auth_check_header(auth, "bearer  " TOKEN));
    assert_false(auth_check_header(auth, "Basic " TOKEN));
    assert_false(auth_check_header(auth, TOKEN));
    assert_false(auth_check_header(auth, "Bearer "));
    assert_false(auth_check_header(auth, NULL));
    auth_free(auth);
    strbuf_release(&error);
}

static void unusable_files_are_refused_with_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mode_t mode;
        const char *error;
    } rows[] = {
        {"", 0600, "there is no token"},
        {"# only a remark\n", 0600, "there is no token"},
        {TOKEN "\nshort\n", 0600, ":2: a token has at least 16"},
        {"0123456789\001abcdef\n", 0600, ":1: a token is printable"},
        {TOKEN "\n", 0644, "chmod o-r"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 256);
        write_file(rows[i].text, rows[i].mode);
        assert_null(auth_new(file, &error));
        assert_non_null(strstr(strbuf_text(&error), rows[i].error));
        assert_non_null(strstr(strbuf_text(&error), file));
        strbuf_release(&error);
    }
}

static void a_failed_reload_keeps_the_old_tokens(void **state)
{
    (void)state;
    struct strbuf error;
    strbuf_init(&error, 256);
    write_file(TOKEN "\n", 0600);
    struct auth *auth = auth_new(file, &error);
    assert_non_null(auth);
    write_file("short\n", 0600);
    assert_int_equal(auth_reload(auth, &error), -EINVAL);
    assert_true(auth_check(auth, TOKEN, 16));
    write_file(OTHER "\n", 0600);
    assert_int_equal(auth_reload(auth, &error), 0);
    assert_false(auth_check(auth, TOKEN, 16));
    assert_true(auth_check(auth, OTHER, 16));
    auth_free(auth);
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tokens_of_the_file_are_accepted, make_name,
                                        remove_file),
        cmocka_unit_test_setup_teardown(unusable_files_are_refused_with_the_place,
                                        make_name, remove_file),
        cmocka_unit_test_setup_teardown(a_failed_reload_keeps_the_old_tokens, make_name,
                                        remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
