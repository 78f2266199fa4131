/* Which key does what, by default and by file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "ui/keymap.h"

static enum action action_of(const struct keymap *map, enum context context,
                             const char *name)
{
    struct key key;
    assert_true(key_by_name(name, strlen(name), &key));
    return keymap_find(map, context, key);
}

static void every_default_is_a_key_and_no_two_collide(void **state)
{
    (void)state;
    struct keymap map;
    keymap_init(&map);
    for (size_t i = 0; i < map.count; i++) {
        enum context context = action_row(map.rows[i].action)->context;
        assert_int_equal(keymap_find(&map, context, map.rows[i].key),
                         map.rows[i].action);
    }
    for (int i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        char name[KEY_NAME_SIZE];
        keymap_key_name(&map, (enum action)i, name);
        assert_string_not_equal(name, "");
    }
}

static void a_view_hides_what_lies_below(void **state)
{
    (void)state;
    struct keymap map;
    keymap_init(&map);
    assert_int_equal(action_of(&map, CONTEXT_FLIGHTS, "s"), ACTION_SORT);
    assert_int_equal(action_of(&map, CONTEXT_LOGS, "f"), ACTION_TAIL);
    assert_int_equal(action_of(&map, CONTEXT_SERVICES, "f"), ACTION_NONE);
    assert_int_equal(action_of(&map, CONTEXT_LOGS, "q"), ACTION_QUIT);
    assert_int_equal(action_of(&map, CONTEXT_LOGS, "j"), ACTION_DOWN);
}

static void a_file_replaces_an_actions_keys(void **state)
{
    (void)state;
    struct keymap map;
    struct strbuf error;
    strbuf_init(&error, 256);
    keymap_init(&map);
    assert_int_equal(keymap_read(&map, "k", "[keys]\nquit = Q F10\n", &error), 0);
    assert_int_equal(action_of(&map, CONTEXT_LOGS, "q"), ACTION_NONE);
    assert_int_equal(action_of(&map, CONTEXT_LOGS, "F10"), ACTION_QUIT);
    assert_true(keymap_read(&map, "k", "[keys]\nquit = Hyper-q\n", &error) < 0);
    assert_string_equal(strbuf_text(&error), "k:2: \"Hyper-q\" is no key");
    strbuf_clear(&error);
    assert_true(keymap_read(&map, "k", "[keys]\nfly = q\n", &error) < 0);
    assert_string_equal(strbuf_text(&error), "k:2: no action is called \"fly\"");
    strbuf_release(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_a_key_and_no_two_collide),
        cmocka_unit_test(a_view_hides_what_lies_below),
        cmocka_unit_test(a_file_replaces_an_actions_keys),
    };
    return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
