/* What bytes a terminal sends and which keys they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "ui/key.h"

static void sequences_become_keys(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const char *name;
    } rows[] = {
        {"q", "q"},          {"\x03", "C-c"},       {"\r", "Enter"},
        {"\t", "Tab"},       {"\x7f", "Backspace"}, {"\x08", "Backspace"},
        {"\033[A", "Up"},    {"\033OA", "Up"},      {"\033[1;5C", "C-Right"},
        {"\033[5~", "PgUp"}, {"\033[H", "Home"},    {"\033[1~", "Home"},
        {"\033[7~", "Home"}, {"\033OP", "F1"},      {"\033[[A", "F1"},
        {"\033[11~", "F1"},  {"\033[24~", "F12"},   {"\033[Z", "BackTab"},
        {"\033x", "M-x"},    {"\xc3\xa9", "é"},     {" ", "Space"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key key;
        char name[KEY_NAME_SIZE];
        size_t n = strlen(rows[i].bytes);
        assert_int_equal(key_parse(rows[i].bytes, n, false, &key), n);
        key_name(key, name);
        assert_string_equal(name, rows[i].name);
    }
}

static void a_beginning_waits_for_the_rest(void **state)
{
    (void)state;
    static const char *const rows[] = {"\033", "\033[", "\033[1;", "\033O", "\xe2\x86"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key key;
        size_t n = strlen(rows[i]);
        assert_int_equal(key_parse(rows[i], n, false, &key), 0);
        assert_true(key_parse(rows[i], n, true, &key) > 0); /* and then gives up */
    }
}

static void names_and_keys_agree(void **state)
{
    (void)state;
    static const char *const names[] = {"q", "C-c", "M-x", "PgDn", "F12", "Space", "é"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct key key;
        char name[KEY_NAME_SIZE];
        assert_true(key_by_name(names[i], strlen(names[i]), &key));
        key_name(key, name);
        assert_string_equal(name, names[i]);
    }
    struct key key;
    assert_false(key_by_name("F13", 3, &key));
    assert_false(key_by_name("Nope", 4, &key));
    assert_false(key_by_name("", 0, &key));
}

static void mouse_and_reports(void **state)
{
    (void)state;
    struct key key;
    assert_int_equal(key_parse("\033[<0;10;5M", 10, false, &key), 10);
    assert_int_equal(key.code, K_MOUSE_DOWN);
    assert_int_equal(key.x, 9);
    assert_int_equal(key.y, 4);
    key_parse("\033[<64;1;1M", 10, false, &key);
    assert_int_equal(key.code, K_WHEEL_UP);
    key_parse("\033[<32;3;1M", 10, false, &key);
    assert_int_equal(key.code, K_MOUSE_DRAG);
    assert_int_equal(key.button, 0);
    key_parse("\033[<0;3;1m", 9, false, &key);
    assert_int_equal(key.code, K_MOUSE_UP);
    key_parse("\033[<35;3;1M", 10, false, &key); /* no button is down */
    assert_int_equal(key.code, K_IGNORED);
    key_parse("\033[24;80R", 8, false, &key);
    assert_int_equal(key.code, K_CURSOR_REPORT);
    key_parse("\033[?62;1c", 8, false, &key); /* a terminal that tells what it is */
    assert_int_equal(key.code, K_IGNORED);
}

/* Any bytes: the parser makes progress and never reads past the end. */
static void random_bytes_are_survived(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[12];
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * 1103515245U + 12345U;
            bytes[i] = (random >> 16 & 3) == 0 ? '\033' : (char)(random >> 16);
        }
        for (size_t at = 0; at < sizeof bytes;) {
            struct key key;
            size_t used = key_parse(bytes + at, sizeof bytes - at, true, &key);
            assert_in_range(used, 1, sizeof bytes - at);
            at += used;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_become_keys),
        cmocka_unit_test(a_beginning_waits_for_the_rest),
        cmocka_unit_test(names_and_keys_agree),
        cmocka_unit_test(mouse_and_reports),
        cmocka_unit_test(random_bytes_are_survived),
    };
    return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
