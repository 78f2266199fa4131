/* Places on a network as people write them into options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/host_port.h"
#include "base/macros.h"

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"h", true},
        {"example.org:9092", true},
        {"127.0.0.1:1", true},
        {"[::1]", true},
        {"[::1]:65535", true},
        {"me:pw@h:80", true},
        {"me:p@w@h:80", true},
        {"", false},
        {":80", false},
        {"me@", false},
        {"me@:80", false},
        {"h:", false},
        {"h:0", false},
        {"h:65536", false},
        {"h:99999999999", false},
        {"h:8o", false},
        {"h:-1", false},
        {"h: 80", false},
        {"[::1]:x", false},
        {"a b", false},
        {"h:80:80", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (host_port_valid(rows[i].text, strlen(rows[i].text)) != rows[i].valid)
            fail_msg("\"%s\"", rows[i].text);
    }
    assert_true(host_port_valid("h:80/path", 4)); /* only len bytes are looked at */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
    };
    return cmocka_run_group_tests_name("host_port", tests, NULL, NULL);
}
