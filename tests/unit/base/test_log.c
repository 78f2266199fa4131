#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/log.h"

/* A log in a folder of its own; what was written is read back by read_log. */
struct fixture {
    char folder[64];
    char path[96];
    char text[65536];
};

static int make_folder(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/flightdash-log.XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return -1;
    snprintf(f->path, sizeof f->path, "%s/log", f->folder);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    struct fixture *f = *state;
    log_close();
    unlink(f->path);
    rmdir(f->folder);
    free(f);
    return 0;
}

static void open_log(struct fixture *f, enum log_format format, enum log_level level)
{
    const struct log_config config = {
        .format = format, .level = level, .file = f->path, .service = "tested"};
    assert_int_equal(log_open(&config), 0);
}

static const char *read_log(struct fixture *f)
{
    FILE *file = fopen(f->path, "r");
    size_t n = file != NULL ? fread(f->text, 1, sizeof f->text - 1, file) : 0;
    f->text[n] = '\0';
    if (file != NULL)
        fclose(file);
    return f->text;
}

static void a_text_line_is_one_line(void **state)
{
    struct fixture *f = *state;
    open_log(f, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    log_warn("bus", "lost %s\nand\tfound", "it");
    const char *text = read_log(f);
    assert_non_null(strstr(text, " warn  bus: lost it and found\n"));
    assert_int_equal(text[4], '-');
    assert_non_null(strstr(text, "Z "));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void an_ecs_line_is_json_whatever_it_says(void **state)
{
    struct fixture *f = *state;
    open_log(f, LOG_FORMAT_ECS, LOG_LEVEL_DEBUG);
    log_debug("redis", "quote \" backslash \\ newline \n byte \x01");
    json_t *line = json_loads(read_log(f), 0, NULL);
    assert_non_null(line);
    static const char *const rows[][2] = {
        {"log.level", "debug"},
        {"log.logger", "redis"},
        {"message", "quote \" backslash \\ newline \n byte \x01"},
        {"service.name", "tested"},
        {"ecs.version", "8.11.0"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(json_string_value(json_object_get(line, rows[i][0])),
                            rows[i][1]);
    assert_int_equal(json_integer_value(json_object_get(line, "process.pid")),
                     getpid());
    assert_non_null(json_object_get(line, "@timestamp"));
    json_decref(line);
}

static void levels_below_the_chosen_are_silent(void **state)
{
    struct fixture *f = *state;
    open_log(f, LOG_FORMAT_TEXT, LOG_LEVEL_WARN);
    log_info("x", "quiet");
    log_error("x", "loud");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("x", "now heard");
    const char *text = read_log(f);
    assert_null(strstr(text, "quiet"));
    assert_non_null(strstr(text, "loud"));
    assert_non_null(strstr(text, "now heard"));
}

static void one_call_site_cannot_flood(void **state)
{
    struct fixture *f = *state;
    open_log(f, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    uint64_t written = log_lines_written();
    uint64_t held_back = log_lines_suppressed();
    for (int i = 0; i < LOG_SITE_BURST + 25; i++)
        log_info("x", "again %d", i);
    log_info("x", "another site");
    assert_int_equal(log_lines_written() - written, LOG_SITE_BURST + 1);
    assert_int_equal(log_lines_suppressed() - held_back, 25);
    assert_non_null(strstr(read_log(f), "another site"));
}

static void a_long_line_is_cut(void **state)
{
    struct fixture *f = *state;
    open_log(f, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    char *large = malloc(100000);
    memset(large, 'a', 99999);
    large[99999] = '\0';
    log_info("x", "%s", large);
    free(large);
    size_t length = strlen(read_log(f));
    assert_in_range(length, 1000, LOG_LINE_MAX);
    assert_int_equal(f->text[length - 1], '\n');
}

static void a_rotated_file_is_opened_anew(void **state)
{
    struct fixture *f = *state;
    char old[128];
    snprintf(old, sizeof old, "%s.1", f->path);
    open_log(f, LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    log_info("x", "before");
    assert_int_equal(rename(f->path, old), 0);
    log_info("x", "still to the old one");
    assert_int_equal(log_reopen(), 0);
    log_info("x", "after");
    assert_null(strstr(read_log(f), "before"));
    assert_non_null(strstr(f->text, "after"));
    unlink(old);
}

static void a_file_that_cannot_be_opened_is_told(void **state)
{
    (void)state;
    const struct log_config config = {.file = "/nonexistent/folder/log"};
    assert_int_equal(log_open(&config), -ENOENT);
    assert_int_equal(log_reopen(), 0); /* stderr has nothing to open again */
}

static void levels_have_names(void **state)
{
    (void)state;
    enum log_level level = LOG_LEVEL_INFO;
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_false(log_level_parse("loud", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_text_line_is_one_line, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(an_ecs_line_is_json_whatever_it_says,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(levels_below_the_chosen_are_silent, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(one_call_site_cannot_flood, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_rotated_file_is_opened_anew, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_told),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
