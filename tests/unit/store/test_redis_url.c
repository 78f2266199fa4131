#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/strbuf.h"
#include "store/redis_link.h"
#include "store/redis_url.h"

static void good_urls_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        struct redis_url is;
    } rows[] = {
        {"redis://localhost", {.host = "localhost", .port = 6379}},
        {"redis://h:7000/3", {.host = "h", .port = 7000, .db = 3}},
        {"redis://me@h/", {.host = "h", .port = 6379, .user = "me"}},
        {"redis://[::1]:7000", {.host = "::1", .port = 7000}},
        {"redis://a%40b@h?password_file=/run/a%20b",
         {.host = "h", .port = 6379, .user = "a@b", .password_file = "/run/a b"}},
        {"rediss://h?ca_file=/c&password_file=/p",
         {.tls = true,
          .host = "h",
          .port = 6379,
          .password_file = "/p",
          .ca_file = "/c"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct redis_url url;
        struct strbuf error;
        strbuf_init(&error, 1024);
        assert_int_equal(redis_url_parse(rows[i].url, &url, &error), 0);
        assert_string_equal(url.host, rows[i].is.host);
        assert_int_equal(url.port, rows[i].is.port);
        assert_int_equal(url.db, rows[i].is.db);
        assert_int_equal(url.tls, rows[i].is.tls);
        assert_string_equal(url.user, rows[i].is.user);
        assert_string_equal(url.password_file, rows[i].is.password_file);
        assert_string_equal(url.ca_file, rows[i].is.ca_file);
        strbuf_release(&error);
    }
}

static void bad_urls_are_explained(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *says;
    } rows[] = {
        {"http://h", "unknown scheme"},
        {"redis://", "no host"},
        {"redis://:6379", "no host"},
        {"redis://h:99999", "bad port"},
        {"redis://h:", "bad port"},
        {"redis://h:1x", "bad port"},
        {"redis://h/x", "database"},
        {"redis://me:secret@h", "put it into a file"},
        {"redis://h?colour=red", "unknown parameter"},
        {"redis://h?password_file=%zz", "bad file name"},
        {"redis://[::1", "no ]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf error;
        strbuf_init(&error, 1024);
        assert_int_equal(redis_url_check(rows[i].url, &error), -EINVAL);
        assert_non_null(strstr(strbuf_text(&error), rows[i].says));
        assert_null(strstr(strbuf_text(&error), "secret"));
        strbuf_release(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_read),
        cmocka_unit_test(bad_urls_are_explained),
    };
    return cmocka_run_group_tests_name("redis_url", tests, NULL, NULL);
}
