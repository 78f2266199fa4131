/* What a character becomes where a terminal has fewer of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "ui/text.h"

static void the_console_gets_what_its_fonts_have(void **state)
{
    (void)state;
    static const struct {
        uint32_t cp, expected;
    } rows[] = {
        {'A', 'A'},       {0xE9, 0xE9},   {0xB0, 0xB0},     {0x2191, 0x2191},
        {0x2197, '/'},    {0x2196, '\\'}, {0x25CF, 0x2022}, {0x25AA, 0x25A0},
        {0x2716, 'x'},    {0x2581, '_'},  {0x2586, 0x2588}, {0x2502, 0x2502},
        {0x2026, '~'},    {0x28FF, '#'},  {0x0416, 0x0416}, {0x258F, 0x2502},
        {0x25B2, 0x25B2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(text_console(rows[i].cp), rows[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_console_gets_what_its_fonts_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
