#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/options.h"
#include "base/options_completion.h"
#include "base/options_print.h"
#include "base/strbuf.h"

enum { ROW_TICK, ROW_SOURCE, ROW_LOG, ROW_PROPERTY, ROW_CONFIG, ROW_QUIET, ROW_COUNT };

static const struct option_row rows[ROW_COUNT] = {
    [ROW_TICK] = {"tick-ms", OPTION_INT, "N", "250", 20, 5000, NULL, 0, "tick"},
    [ROW_SOURCE] = {"source", OPTION_LIST, "URL", NULL, 0, 0, NULL, 0, "source"},
    [ROW_LOG] = {"log-format", OPTION_CHOICE, "F", "text", 0, 0, "ecs|text", 0, "log"},
    [ROW_PROPERTY] = {"kafka-property", OPTION_LIST, "K=V", NULL, 0, 0, NULL,
                      OPTION_SECRET, "property"},
    [ROW_CONFIG] = {"config", OPTION_TEXT, "FILE", NULL, 0, 0, NULL, 0, "file"},
    [ROW_QUIET] = {"quiet", OPTION_FLAG, "", "no", 0, 0, NULL, 0, "quiet"},
};
static const char *const no_files[] = {NULL};
static const struct options_class class = {
    .program = "prog",
    .summary = "A program.",
    .files = no_files,
    .config_row = ROW_CONFIG,
    .prefix_key = "kafka.",
    .prefix_row = ROW_PROPERTY,
    .rows = rows,
    .row_count = ROW_COUNT,
};

/* Loads a configuration text, environment and arguments; returns the error text. */
static char *load(struct options *o, const char *config, char **env, int argc,
                  char **argv)
{
    char path[] = "/tmp/flightdash-test-options-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, config, strlen(config)), (ssize_t)strlen(config));
    close(fd);
    char *full[16] = {(char *)(uintptr_t) "prog", (char *)(uintptr_t) "--config", path};
    for (int i = 0; i < argc; i++)
        full[3 + i] = argv[i];
    struct strbuf error;
    strbuf_init(&error, 512);
    options_load(o, argc + 3, full, env, &error);
    unlink(path);
    char *text = strdup(strbuf_text(&error));
    strbuf_release(&error);
    return text;
}

static void later_origins_win_and_lists_are_replaced(void **state)
{
    (void)state;
    struct options *o = options_new(&class);
    char env0[] = "FLIGHTDASH_TICK_MS=100";
    char env1[] = "FLIGHTDASH_SOURCE=sim: replay:x";
    char *env[] = {env0, env1, NULL};
    char arg0[] = "--tick-ms=50";
    char *argv[] = {arg0};
    char *error = load(o,
                       "[prog]\ntick-ms = 75\nsource = a\nlog-format = ecs\n"
                       "kafka.sasl.password = hush\n[other]\nnot = ours\n",
                       env, 1, argv);
    assert_string_equal(error, "");
    free(error);
    assert_int_equal(options_int(o, ROW_TICK), 50);
    assert_string_equal(options_origin_text(o, ROW_TICK), "--tick-ms");
    size_t count;
    const char *const *sources = options_list(o, ROW_SOURCE, &count);
    assert_int_equal(count, 2);
    assert_string_equal(sources[1], "replay:x");
    assert_string_equal(options_text(o, ROW_LOG), "ecs");
    assert_string_equal(options_text(o, ROW_PROPERTY), "sasl.password=hush");
    char *printed = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&printed, &size);
    options_print_config(&class, o, out);
    fclose(out);
    assert_non_null(strstr(printed, "kafka-property = sasl.password=***"));
    assert_null(strstr(printed, "hush"));
    free(printed);
    options_free(o);
}

/* A line of the file: begin, n times 'x', end. */
static void add_long_line(struct strbuf *text, const char *begin, size_t n,
                          const char *end)
{
    strbuf_add_text(text, begin);
    for (size_t i = 0; i < n; i++)
        strbuf_add_char(text, 'x');
    strbuf_add_text(text, end);
}

static void lines_may_be_long(void **state)
{
    (void)state;
    struct options *o = options_new(&class);
    struct strbuf text;
    strbuf_init(&text, 65536);
    add_long_line(&text, "# ", 500, " = 1\n");
    add_long_line(&text, "source = ", 1000, "  ; why\n");
    add_long_line(&text, "  ", 300, "\n");
    strbuf_add_text(&text, "tick-ms = 75\n");
    add_long_line(&text, "kafka.sasl.password = ", 9000, "");
    char *error = load(o, strbuf_text(&text), NULL, 0, NULL);
    assert_string_equal(error, "");
    free(error);
    size_t count;
    const char *const *sources = options_list(o, ROW_SOURCE, &count);
    assert_int_equal(count, 2);
    assert_int_equal(strlen(sources[0]), 1000);
    assert_int_equal(strlen(sources[1]), 300);
    assert_int_equal(options_int(o, ROW_TICK), 75);
    assert_int_equal(strlen(options_text(o, ROW_PROPERTY)), 9000 + 14);
    strbuf_clear(&text);
    add_long_line(&text, "\nsource = ", 16385, "\n");
    error = load(o, strbuf_text(&text), NULL, 0, NULL);
    assert_non_null(strstr(error, ":2: the line has more than 16384 bytes"));
    free(error);
    strbuf_release(&text);
    options_free(o);
}

static void errors_name_the_place_and_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        const char *argument;
        const char *expected;
    } cases[] = {
        {"tick-ms = soon\n", NULL, ":1: \"soon\" is not a number from 20 to 5000"},
        {"\n\nlog-format = xml\n", NULL, ":3: \"xml\" is not one of ecs|text"},
        {"colour = red\n", NULL, ":1: unknown key \"colour\""},
        {"what\n", NULL, ":1: "},
        {"tick-ms = 20\ntick-ms = 30\n", NULL, ":2: \"tick-ms\" is given again; "},
        {"[prog]\ntick-ms = 20\n[other]\nx = 1\n[prog]\ntick-ms = 20\n", NULL,
         ":2 has it already"},
        {"", "--tick-ms=1", "--tick-ms: \"1\" is not a number from 20 to 5000"},
        {"", "--nonsense", "--nonsense: no such option"},
        {"", "--source", "--source: needs a value"},
        {"", "stray", "stray: unexpected argument"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options *o = options_new(&class);
        char argument[64] = "";
        char *argv[] = {argument};
        if (cases[i].argument != NULL)
            snprintf(argument, sizeof argument, "%s", cases[i].argument);
        char *error = load(o, cases[i].config, NULL, cases[i].argument != NULL, argv);
        if (strstr(error, cases[i].expected) == NULL)
            fail_msg("case %zu: \"%s\" lacks \"%s\"", i, error, cases[i].expected);
        free(error);
        options_free(o);
    }
}

static void completion_knows_every_row(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t s = 0; s < ARRAY_LEN(shells); s++) {
        char *printed = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&printed, &size);
        assert_true(options_print_completion(&class, shells[s], out));
        fclose(out);
        for (size_t i = 0; i < ROW_COUNT; i++)
            assert_non_null(strstr(printed, rows[i].name));
        free(printed);
    }
    assert_false(options_print_completion(&class, "csh", stdout));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_origins_win_and_lists_are_replaced),
        cmocka_unit_test(lines_may_be_long),
        cmocka_unit_test(errors_name_the_place_and_the_reason),
        cmocka_unit_test(completion_knows_every_row),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
